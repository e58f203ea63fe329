/** `compute`, `persist`, `optimize` and `visualize` of several lazy values. */
import { describe, expect, expectTypeOf, test } from 'vitest'
import {
  compute,
  da,
  db,
  delayed,
  getSync,
  getThreads,
  LocalCluster,
  optimize,
  persist,
  visualize,
  withGet,
} from '../../../index.js'

const x = da.arange(10, { chunks: 3 })
const bag = db.fromSequence(['a', 'b', 'a'], { npartitions: 2 })

test('a collection that is computed again has the same recipes', () => {
  const sum = x.mul(2).sum()
  expect(sum.optimize()).toBe(sum.optimize())
  expect(sum.optimize()).not.toBe(x.mul(2).sum().optimize())
})

describe('compute', () => {
  test('returns one value per argument, of all kinds of collections', async () => {
    for (const get of [getSync, getThreads]) {
      const values = await compute(x.sum(), bag, delayed(Math.max)(1, 2), bag.count(), { get })
      expect(values).toEqual([45, ['a', 'b', 'a'], 2, 3])
      expectTypeOf(values).toEqualTypeOf<[number, string[], number, number]>()
    }
  })

  test('searches lists and plain objects, and returns plain values as they are', async () => {
    const given = { low: x.min(), more: [x.max(), 'text', 7] as const }
    const values = await compute(given, 1, 'plain', null)
    expect(values).toEqual([{ low: 0, more: [9, 'text', 7] }, 1, 'plain', null])
    expect(given.more[0]).toBeInstanceOf(da.Array)
  })

  test('computes what values share once', async () => {
    let calls = 0
    const count = (get: typeof getSync | typeof getThreads) =>
      withGet(get, async () => {
        const load = delayed(() => `load ${Date.now()}`, { pure: false })()
        const [first, second] = await compute(load, { again: load })
        calls++
        expect(second.again).toBe(first)
      })
    await count(getSync)
    await count(getThreads)
    expect(calls).toBe(2)
    // Not made again for each reader, as `arange` would be.
    const made = x.mapBlocks((block) => block)
    const tasks = [...optimize(made.sum(), made.add(0).sum()).layers].map(({ name }) => name)
    expect(tasks.filter((name) => name.startsWith('mapBlocks'))).toHaveLength(1)
  })

  test('of nothing, and of empty lists', async () => {
    expect(await compute()).toEqual([])
    expect(await compute([], {})).toEqual([[]])
  })

  test('of many values takes time in proportion', async () => {
    const add = delayed((a: number, b: number) => a + b)
    const sums = Array.from({ length: 20_000 }, (_, i) => add(i, 1))
    const [list] = await compute(sums, { get: getSync })
    expect(list).toHaveLength(20_000)
    expect(list[19_999]).toBe(20_000)
  })

  test('refuses options that do not exist', async () => {
    await expect(compute(x.sum(), { gett: getSync })).rejects.toThrow(
      "compute: the last argument contains no lazy value and 'gett' is not an option; the options are get, signal, onProgress, retries",
    )
    await expect(compute(x.sum(), { get: 3 } as never)).rejects.toThrow('get must be a function')
    await expect(compute(da.ones([1e6, 1e6]), 1)).rejects.toThrow(RangeError)
  })

  test('takes an object with lazy values under the names of options as a value', async () => {
    const [record] = await compute({ get: x.sum() })
    expect(record).toEqual({ get: 45 })
  })

  test('rejects with the error of a task that fails', async () => {
    const fail = delayed((): number => {
      throw new Error('no luck')
    })
    await expect(compute(x.sum(), fail())).rejects.toThrow('no luck')
  })
})

describe('persist', () => {
  test('returns the same collections with their blocks computed', async () => {
    const [y, { letters }] = await persist(x.add(1), { letters: bag }, { get: getSync })
    expectTypeOf(letters).toEqualTypeOf<db.Bag<string>>()
    expect(y.layer.dependencies).toEqual([])
    expect(await y.sum().compute()).toBe(55)
    expect(await letters.compute()).toEqual(['a', 'b', 'a'])
  })
})

test('on a cluster', async () => {
  const cluster = await LocalCluster.start({ nworkers: 1, nthreads: 1 })
  try {
    const client = await cluster.client()
    const future = client.submit((n: number) => n + 1, 1)
    const get = client.get
    expect(await compute(x.sum(), { future, bag }, { get })).toEqual([
      45,
      { future: 2, bag: ['a', 'b', 'a'] },
    ])
    const [y, letters] = await persist(x.add(1), bag, { get })
    expect(await compute(y.sum(), letters.count(), { get })).toEqual([55, 3])
    await expect(persist(future, { get })).rejects.toThrow('a future is being computed already')
  } finally {
    await cluster.close()
  }
})

test('visualize draws the graph of all', async () => {
  const dot = await visualize(x.min(), { high: x.max() }, { format: 'dot' })
  expect(dot).toMatch(/min-partial/)
  expect(dot).toMatch(/max-partial/)
  await expect(visualize(x.min(), { size: 3 })).rejects.toThrow(
    "'size' is not an option; the options are filename, format, optimize",
  )
})
