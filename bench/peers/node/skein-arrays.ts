/** The array rows in Skein. Arrays in memory are persisted where the row runs. */
import { da, type Get } from 'skein'
import type { Value } from '../row-types.js'
import { everyThousandth, matrixOf, spreadVector, vectorOf } from './elements.js'
import { type Rows, type Size, weightedSum, work } from './work.js'

const number = (x: number): number => x
type Block = { readonly data: Float64Array }
const list = ({ data }: Block): number[] => [...data]
type Reduced = { compute(options: { get: Get }): Promise<unknown> }

export function arrayRows(get: Get): Rows {
  const vector = (n: number, chunk: number, period: number) =>
    da.fromArray(vectorOf(n, period), { chunks: chunk }).persist({ get })
  const matrix = (rows: number, columns: number, chunks: readonly [number, number]) =>
    da.fromArray(matrixOf(rows, columns), { shape: [rows, columns], chunks }).persist({ get })
  const scalar = (x: Reduced) =>
    work<number>({ run: () => x.compute({ get }) as Promise<number>, value: number })
  const elements = (x: Reduced, value: (block: Block) => Value = ({ data }) => weightedSum(data)) =>
    work<Block>({ run: () => x.compute({ get }) as Promise<Block>, value })
  const spread = (n: number, chunk: number) =>
    da.fromArray(spreadVector(n), { chunks: chunk }).persist({ get })
  const spreadMatrix = (rows: number, columns: number, chunks: readonly [number, number]) =>
    da.fromArray(spreadVector(rows * columns), { shape: [rows, columns], chunks }).persist({ get })
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

    'generated-pair': ({ n, chunk }) => {
      const [x, y] = [
        da.random.random(n, { chunks: chunk }),
        da.random.random(n, { chunks: chunk }),
      ]
      return scalar(x.mul(x).add(y.mul(y)).sqrt().sum())
    },

    standardise: async ({ rows, columns, chunk }) =>
      elements(standardised(await matrix(rows, columns, [chunk, columns])).max(1)),

    'generated-standardise': ({ rows, columns, chunk }) =>
      scalar(standardised(da.random.random([rows, columns], { chunks: [chunk, columns] })).max()),

    argmax: async ({ n, chunk }) => scalar((await spread(n, chunk)).argmax().astype('float64')),

    exp: async ({ n, chunk }) => scalar((await spread(n, chunk)).exp().sum()),

    'from-array': ({ n, chunk }) => {
      const values = spreadVector(n)
      return work({
        run: () => da.fromArray(values, { chunks: chunk }).sum().compute({ get }),
        value: number,
      })
    },

    sort: async ({ n, chunk }) =>
      elements(da.sort(await spread(n, chunk)), ({ data }) => weightedSum(everyThousandth(data))),

    percentile: async ({ n, chunk }) =>
      elements(da.percentile(await spread(n, chunk), [5, 50, 95]), list),

    cumsum: async ({ n, chunk }) => scalar((await spread(n, chunk)).cumsum(0).mean()),

    fft: async ({ rows, columns, chunk }) =>
      elements(
        da.fft.fft(await spreadMatrix(rows, columns, [chunk, columns]), { axis: 1 }),
        meanMagnitude,
      ),

    svd: async ({ rows, columns, chunk }) => {
      const [u, s, v] = da.linalg.svd(await spreadMatrix(rows, columns, [chunk, columns]))
      return elements(u.abs().sum(0).add(s).add(v.abs().sum(0)))
    },

    stencil: async ({ rows, columns, chunk }) => {
      const x = await spreadMatrix(rows, columns, [chunk, chunk])
      return scalar(da.mapOverlap(meanOfNeighbours, x, { depth: 1, boundary: 'nearest' }).sum())
    },
  }
}

const standardised = (x: da.ChunkedArray<'float64'>) => x.sub(x.mean(0)).div(x.std(0))

function meanMagnitude({ data }: Block): number {
  let sum = 0
  for (let i = 0; i < data.length; i += 2) sum += Math.hypot(data[i]!, data[i + 1]!)
  return (2 * sum) / data.length
}

function meanOfNeighbours(block: da.NDArray<'float64'>): da.NDArray<'float64'> {
  const [rows, columns] = block.shape as [number, number]
  const { data } = block.contiguous()
  const means = data.slice()
  for (let i = 1; i < rows - 1; i++) {
    for (let at = i * columns + 1; at < (i + 1) * columns - 1; at++) {
      means[at] = (data[at - columns]! + data[at + columns]! + data[at - 1]! + data[at + 1]!) / 4
    }
  }
  return new da.NDArray('float64', means, block.shape)
}
