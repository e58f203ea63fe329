/** The array rows in Skein. Arrays in memory are persisted where the row runs. */
import { da, type Get } from 'skein'
import { matrixOf, vectorOf } from './elements.js'
import { type Rows, type Size, weightedSum, work } from './work.js'

const number = (x: number): number => x
type Reduced = { compute(options: { get: Get }): Promise<unknown> }

export function arrayRows(get: Get): Rows {
  const vector = (n: number, chunk: number, period: number) =>
    da.fromArray(vectorOf(n, period), { chunks: chunk }).persist({ get })
  const matrix = (rows: number, columns: number, chunks: readonly [number, number]) =>
    da.fromArray(matrixOf(rows, columns), { shape: [rows, columns], chunks }).persist({ get })
  const scalar = (x: Reduced) =>
    work<number>({ run: () => x.compute({ get }) as Promise<number>, value: number })
  const elements = (x: Reduced) =>
    work<{ data: Float64Array }>({
      run: () => x.compute({ get }) as Promise<{ data: Float64Array }>,
      value: ({ data }) => weightedSum(data),
    })
  const chain = ({ n, chunk }: Size) =>
    scalar(da.arange(n, { chunks: chunk }).mul(2).add(1).sqrt().mean())
  const product = async ({ rows, columns, chunk }: Size) => {
    const x = await matrix(rows, columns, [chunk, chunk])
    return elements(x.matmul(x))
  }

  return {
    elementwise: async ({ n, chunk }) => {
      const x = await vector(n, chunk, 1000)
      const y = await vector(n, chunk, 777)
      return scalar(x.mul(x).add(y.mul(y)).sqrt().mul(2).add(1).sum())
    },

    'generated-chain': chain,
    'memory-chain': chain,
    'memory-long-chain': chain,

    ones: ({ n, chunk }) => scalar(da.ones(n, { chunks: chunk }).sum()),

    linspace: ({ n, chunk }) => scalar(da.linspace(0, 1, n, { chunks: chunk }).sum()),

    'memory-random': ({ n, chunk }) =>
      scalar(da.random.uniform(n, { chunks: chunk, seed: 1 }).mul(2).mean()),

    'memory-rechunk': ({ n, chunk, to }) =>
      scalar(da.arange(n, { chunks: chunk }).rechunk(to).mul(2).mean()),

    'written-twice': ({ n, chunk }) => {
      const x = () => da.arange(n, { chunks: chunk })
      const y = () => da.arange(1, n + 1, { chunks: chunk })
      const [a, b] = [x(), y()]
      const shared = a.mul(a).add(b.mul(b)).sqrt().sum()
      const twice = x().mul(x()).add(y().mul(y())).sqrt().sum()
      const timed = async (array: Reduced): Promise<[number, number]> => {
        const start = performance.now()
        const sum = (await array.compute({ get })) as number
        return [performance.now() - start, sum]
      }
      return work({
        run: async () => ({ shared: await timed(shared), twice: await timed(twice) }),
        figure: (_, times) => times.twice[0] / times.shared[0],
        value: ({ shared: [, sum], twice: [, other] }) => sum / other,
      })
    },

    'reduce-all': async ({ rows, columns, chunk }) =>
      scalar((await matrix(rows, columns, [chunk, columns])).std()),

    'reduce-rows': async ({ rows, columns, chunk }) =>
      elements((await matrix(rows, columns, [chunk, columns])).sum(0)),

    'reduce-columns': async ({ rows, columns, chunk }) =>
      elements((await matrix(rows, columns, [chunk, columns])).max(1)),

    matmul: product,
    'matmul-large': product,

    rechunk: async ({ rows, columns, chunk, to }) =>
      scalar((await matrix(rows, columns, [chunk, columns])).rechunk([rows, to]).sum()),

    slicing: async ({ rows, columns, chunk }) =>
      scalar((await matrix(rows, columns, [chunk, columns])).at('::2', '100:-100:3').sum()),

    transpose: async ({ rows, columns, chunk }) => {
      const x = await matrix(rows, columns, [chunk, chunk])
      return elements(x.add(x.T).sum(0))
    },

    random: ({ n, chunk }) => scalar(da.random.uniform(n, { chunks: chunk }).mean()),

    'random-normal': ({ n, chunk }) => scalar(da.random.normal(n, { chunks: chunk }).std()),
  }
}
