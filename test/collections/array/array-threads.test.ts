/** Arrays computed on threads. Needs a build. */
import { expect, test } from 'vitest'
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
