/**
 * Memory of intermediate blocks is used again by later tasks. Whatever a user can reach must not change:
 * results, arguments of functions, values that functions keep.
 */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import * as da from '../../../../collections/array/index.js'
import { delayed } from '../../../../collections/base/delayed.js'
import { getSync } from '../../../../core/run/get-sync.js'
import { dropTaskMemory } from '../../../../core/run/task-memory.js'
import { get } from '../array-support.js'

/** Blocks of this many elements are large enough to be borrowed. */
const n = 20_000
const options = { chunks: n }

beforeEach(dropTaskMemory)

const numbers = (chunk: da.NDArray): number[] => Array.from(chunk.data as Float64Array, Number)

/** Whether two lists are equal; a difference of long lists takes a minute to print. */
const same = (a: readonly number[], b: readonly number[]) =>
  a.length === b.length && a.every((value, i) => Object.is(value, b[i]))

/** Runs tasks that borrow memory and write all of it. */
async function borrowAndWrite(): Promise<void> {
  for (const dtype of ['float64', 'int32', 'int64', 'float32'] as const) {
    const x = da.full([3 * n], 7, { ...options, dtype }).add(1)
    await x.mul(x.add(2)).reshape(3, n).T.reshape(-1).sum().compute({ get })
    await da.random
      .random([2 * n], options)
      .var()
      .compute({ get })
  }
}

/** Computes an array, lets other tasks run, and expects the elements that it had at first. */
async function expectToLast(array: da.ChunkedArray): Promise<void> {
  const result = (await array.compute({ get })) as da.NDArray
  const before = numbers(result)
  await borrowAndWrite()
  expect(same(numbers(result), before)).toBe(true)
}

const plain = (size: number, fn: (i: number) => number) =>
  Array.from({ length: size }, (_, i) => fn(i))

describe('results', () => {
  const x = da.arange(2 * n, options)
  const single = da.arange(n, options)
  const cases: Record<string, da.ChunkedArray> = {
    'a source': single,
    'random numbers': da.random.normal([n], options),
    'a chain of one block': single.mul(2).add(1),
    'a long chain': plain(200, (i) => i).reduce((y, i) => y.add(i), single as da.ChunkedArray),
    'a shared source': single.mul(single).add(single.sqrt()),
    'a view of one block': single.at('::-1'),
    'a whole block by another shape': single.reshape(100, n / 100),
    'a transposed block': single.mul(2).reshape(100, n / 100).T,
    'a part of a block': single.add(1).at('10:15000'),
    'several blocks': x.sqrt(),
    'rechunked blocks': x.mul(2).rechunk(n / 2 + 1),
    'a reduction with a large result': x.reshape(2, n).add(1).mean(0),
    'a standard deviation with a large result': x.reshape(2, n).add(1).std(0),
    'positions of a large result': x.reshape(2, n).argmax(0),
    'a matrix product of float32': da
      .ones([200, 100], { dtype: 'float32' })
      .matmul(da.ones([100, 200], { dtype: 'float32' })),
    'a unit matrix': da.eye(300, { chunks: 300 }),
    'a converted user block': single.mapBlocks((b) => b, { dtype: 'float32' }),
  }
  test.each(Object.entries(cases))('%s', async (_, array) => expectToLast(array))

  test('are right when memory is used again', async () => {
    await borrowAndWrite()
    const y = x.mul(2).add(1)
    for (let round = 0; round < 2; round++) {
      const odd = numbers((await y.compute({ get })) as da.NDArray)
      expect(
        same(
          odd,
          plain(2 * n, (i) => 2 * i + 1),
        ),
      ).toBe(true)
      const mean = (await y.sqrt().mean().compute({ get })) as number
      expect(mean).toBeCloseTo(
        plain(2 * n, (i) => Math.sqrt(2 * i + 1)).reduce((a, b) => a + b) / (2 * n),
      )
      const eye = (await da.eye(300, { chunks: 300 }).compute({ get })) as da.NDArray
      expect(numbers(eye).reduce((a, b) => a + b)).toBe(300)
      const product = da
        .ones([200, 100], { dtype: 'int32' })
        .matmul(da.ones([100, 200], { dtype: 'int32' }))
      expect(new Set(numbers((await product.compute({ get })) as da.NDArray))).toEqual(
        new Set([100]),
      )
    }
  })
})

test('partial results with many elements', async () => {
  const options = { chunks: [2, n] }
  const x = da
    .arange(6 * n, { chunks: 2 * n })
    .reshape(6, n)
    .rechunk(options.chunks)
  const sum = (await x.astype('int32').sum(0).compute({ get })) as da.NDArray
  expect(
    same(
      numbers(sum),
      plain(n, (i) => 15 * n + 6 * i),
    ),
  ).toBe(true)
  const deviation = (await x.std(0).compute({ get })) as da.NDArray
  const each = n * Math.sqrt(35 / 12)
  expect(numbers(deviation).every((value) => Math.abs(value / each - 1) < 1e-12)).toBe(true)
  const last = (await x.argmax(0).compute({ get })) as da.NDArray
  expect(new Set(numbers(last))).toEqual(new Set([5]))
})

describe('what functions of users keep', () => {
  // A function is sent as a copy of itself; it reaches this test through an event of the process.
  const keep = (block: da.NDArray): da.NDArray => {
    ;(process as NodeJS.EventEmitter).emit('block of a test', block)
    return block
  }
  const kept: { readonly chunk: da.NDArray; readonly before: number[] }[] = []
  const keepBlock = (chunk: da.NDArray) => kept.push({ chunk, before: numbers(chunk) })

  const listenWith = (listener: (block: da.NDArray) => void) => {
    kept.length = 0
    ;(process as NodeJS.EventEmitter).on('block of a test', listener)
  }
  afterEach(() => {
    process.removeAllListeners('block of a test')
  })

  async function expectUnchanged(count: number): Promise<void> {
    await borrowAndWrite()
    expect(kept).toHaveLength(count)
    for (const { chunk, before } of kept) expect(same(numbers(chunk), before)).toBe(true)
  }

  const x = da.arange(2 * n, options).mul(2)

  test('arguments and results of mapBlocks', async () => {
    listenWith(keepBlock)
    const y = x.mapBlocks(keep, { dtype: 'float64' }).add(x)
    expect(await y.sum().compute({ get })).toBe(4 * n * (2 * n - 1))
    await expectUnchanged(2)
  })

  test('arguments and results of asynchronous functions', async () => {
    const later = async (block: da.NDArray) => {
      await null
      return block
    }
    const y = x.add(x.sqrt()).mapBlocks(later, { dtype: 'float64' }).sub(x.sqrt())
    expect(await y.sum().compute()).toBeCloseTo(2 * n * (2 * n - 1), 3)
  })

  test('blocks as delayed values', async () => {
    listenWith(keepBlock)
    for (const block of x.toDelayed()) await delayed(keep)(block).compute({ get })
    await expectUnchanged(2)
  })

  test('arrays that are made, converted and computed within a task', async () => {
    listenWith((block) => {
      const made = da.fromArray(Int32Array.from(numbers(block)), { dtype: 'float64' })
      const sum = made.add(1)
      for (const array of [made, sum]) {
        for (const chunk of getSync(array.optimize(), array.keys) as da.NDArray[]) keepBlock(chunk)
      }
    })
    expect(await x.mapBlocks(keep, { dtype: 'float64' }).add(x).sum().compute({ get })).toBe(
      4 * n * (2 * n - 1),
    )
    await expectUnchanged(4)
  })
})
