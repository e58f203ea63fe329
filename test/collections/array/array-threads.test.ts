/** Arrays computed on threads. Needs a build. */
import { describe, expect, test } from 'vitest'
import * as da from '../../../collections/array/index.js'
import { getSync } from '../../../core/run/get-sync.js'
import { get, matrix } from './array-support.js'

test('threads compute what getSync computes', async () => {
  const scale = 3
  const x = da.fromArray(matrix(20, 30), { chunks: 7 })
  const y = da.evaluate('sqrt(x^2 + 1)', { x })
  const arrays: da.ChunkedArray<da.Dtype, unknown>[] = [
    x,
    y.mean(),
    y.std({ axis: 0 }),
    y.argmax(1),
    x.at('::-2', [3, 0, 29]),
    x.matmul(x.T),
    x.reshape(3, -1).astype('int64').sum(0),
    x.mapBlocks((block) => block.data.map((v) => v * scale)),
    da.random.normal([50], { seed: 1, chunks: 20 }),
    da.histogram(y, { bins: 4, range: [0, 600] })[0],
  ]
  for (const array of arrays) {
    const plain = (value: unknown) => (value instanceof da.NDArray ? value.toArray() : value)
    expect(plain(await array.compute())).toEqual(plain(await array.compute({ get })))
  }
})

test('an array that was persisted on threads can be used further', async () => {
  const persisted = await da.arange(10, { chunks: 3 }).mul(2).persist()
  expect(await persisted.add(1).sum().compute()).toBe(100)
  expect(await persisted.sum().compute({ get: getSync })).toBe(90)
})

describe('memory that is used again', () => {
  // Blocks of 80 kB, which are used again.
  const n = 100
  const x = () =>
    da
      .arange(n * n * 9)
      .reshape([3 * n, 3 * n])
      .rechunk(n)
  const arrays: Record<string, () => da.ChunkedArray<da.Dtype, unknown>> = {
    rechunked: () => x().mul(2).rechunk(150).add(1),
    'rechunked twice': () =>
      x()
        .mul(2)
        .rechunk(150)
        .rechunk([n, 3 * n])
        .rechunk(n)
        .sub(1),
    transposed: () => x().mul(2).add(x().T),
    sliced: () => x().mul(2).at('::2', '::-1').rechunk(70),
    views: () => da.concatenate([x().mul(2).at(`:${n}`), x().mul(2).at(`${n}:`)]).add(x().mul(2)),
    centred: () => x().mul(2).sub(x().mul(2).mean(0)),
    product: () => x().mul(2).matmul(x().rechunk(n)),
    'views that outlive their sources': () => {
      const y = x().mul(2)
      return da.concatenate([y.T, y.add(1)])
    },
    'blocks that code of the user has returned': () => {
      const y = x().mul(2)
      return da.concatenate([y.mapBlocks((block) => block), y.add(1)])
    },
  }
  test.each(Object.keys(arrays))('leaves the values of %s', async (name) => {
    const array = arrays[name]!()
    const expected = (array.sum(0) as da.ChunkedArray<da.Dtype, unknown>).compute({ get })
    const whole = (await array.compute({ get })) as da.NDArray
    for (let round = 0; round < 3; round++) {
      expect(((await array.compute()) as da.NDArray).toArray()).toEqual(whole.toArray())
      expect(await array.sum(0).compute()).toEqual(await expected)
    }
  })
})
