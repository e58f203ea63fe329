/** Every `get` runs copies of a graph's functions and values, and leaves the caller's variables alone. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  type Client,
  closeThreads,
  type Delayed,
  delayed,
  getSync,
  getThreads,
  LocalCluster,
  NotPortableError,
} from '../../../index.js'

let cluster: LocalCluster
let client: Client
beforeAll(async () => {
  cluster = await LocalCluster.start({ nworkers: 1 })
  client = await cluster.client()
})
afterAll(async () => {
  await client.close()
  await cluster.close()
  await closeThreads()
})

const gets = {
  getSync: async (graph: Record<string, unknown>, key: string) => getSync(graph, key),
  getThreads: async (graph: Record<string, unknown>, key: string) => getThreads(graph, key),
  'client.get': async (graph: Record<string, unknown>, key: string) => client.get(graph, key),
}

class Counter {
  static made = 0
  #n: number
  constructor(n: number) {
    Counter.made++
    this.#n = n
  }
  next() {
    return ++this.#n
  }
}

describe.each(Object.entries(gets))('%s', (_, get) => {
  test('leaves a variable that a task assigns alone', async () => {
    let n = 0
    expect(await get({ a: [() => ++n] }, 'a')).toBe(1)
    expect(n).toBe(0)
  })

  test('leaves an object that a task changes alone', async () => {
    const list = [1]
    const push = (x: number) => list.push(x)
    expect(await get({ a: [push, 5] }, 'a')).toBe(2)
    expect(list).toEqual([1])
  })

  test('leaves a variable that a captured function assigns alone', async () => {
    let n = 0
    const next = () => ++n
    expect(await get({ a: [() => next() + next()] }, 'a')).toBe(3)
    expect(n).toBe(0)
  })

  test('leaves a value in the graph, alone or as an argument, alone', async () => {
    const list = [1]
    const array = new Float64Array(4)
    const spoil = (l: number[], a: Float64Array) => {
      l.push(2)
      a[0] = 7
      return [l.length, a[0]]
    }
    expect(await get({ a: [spoil, list, array] }, 'a')).toEqual([2, 7])
    expect(await get({ l: list, x: array, a: [spoil, 'l', 'x'] }, 'a')).toEqual([2, 7])
    expect([list, array[0]]).toEqual([[1], 0])
  })

  test('leaves a function that is an argument, and its variables, alone', async () => {
    let n = 0
    const add = (f: () => number) => f() + 1
    expect(await get({ a: [add, () => (n += 5)] }, 'a')).toBe(6)
    expect(n).toBe(0)
  })

  test('lets the functions of one task share what they captured', async () => {
    const box = { value: 1 }
    const set = (x: number) => (box.value = x)
    const read = (_: number) => box.value
    expect(await get({ a: [read, [set, 5]] }, 'a')).toBe(5)
    expect(box.value).toBe(1)
  })

  test('leaves static fields alone, and results are instances of the class', async () => {
    const made = Counter.made
    const counter = (await get({ a: [(n: number) => new Counter(n), 3] }, 'a')) as Counter
    expect(counter).toBeInstanceOf(Counter)
    expect(counter.next()).toBe(4)
    expect(Counter.made).toBe(made)
  })

  test('instances among the arguments are instances where the task runs', async () => {
    const counter = new Counter(1)
    const next = (c: Counter) => [c instanceof Counter, c.next()]
    expect(await get({ a: [next, counter] }, 'a')).toEqual([true, 2])
    expect(counter.next()).toBe(2)
  })

  test('rejects what cannot be copied, with the path', async () => {
    const map = new WeakMap()
    await expect(get({ a: [() => map.has({})] }, 'a')).rejects.toThrow(NotPortableError)
    await expect(get({ a: [(x: object) => x, map] }, 'a')).rejects.toThrow(/a -> value 1/)
  })
})

test('getSync makes new copies for each call', () => {
  let n = 0
  const graph = { a: [() => ++n] }
  expect([getSync(graph, 'a'), getSync(graph, 'a'), n]).toEqual([1, 1, 0])
})

test('getSync captures a function once, whatever the number of its tasks', () => {
  const scale = { by: 2 }
  const times = (x: number) => x * scale.by
  const graph = Object.fromEntries(Array.from({ length: 20_000 }, (_, i) => [`x${i}`, [times, i]]))
  expect(getSync(graph, 'x7')).toBe(14)
  const before = process.cpuUsage()
  getSync(graph, Object.keys(graph))
  // A tenth of the time of a capture for each task.
  expect(process.cpuUsage(before).user / 1e6).toBeLessThan(3)
})

describe('a result of getSync', () => {
  class Point {
    static made = 0
    constructor(
      readonly x: number,
      readonly y: number,
    ) {
      Point.made++
    }
  }
  const state = globalThis as { lastResult?: unknown }
  const make = (..._: unknown[]) => (state.lastResult = [new Float64Array(4)])
  const makePoint = () => [new Point(1, 2)]
  const compute = (item: Delayed<unknown>) => item.compute({ get: getSync })
  beforeAll(async () => {
    // From now on there is a copy of the class in this thread.
    expect(await compute(delayed(makePoint)())).toEqual([new Point(1, 2)])
  })

  test('is what the task returned, if the task knows no class that was copied', async () => {
    expect(getSync({ a: [make] }, 'a')).toBe(state.lastResult)
    expect(await compute(delayed(make)())).toBe(state.lastResult)
    expect(await compute(delayed(make)(3, [delayed(make)()]))).toBe(state.lastResult)
  })

  test('has instances of the class itself, whether a function or a value brought the copy', async () => {
    const first = (points: unknown[]) => points[0]
    const twice = () => [makePoint(), makePoint()].flat()
    const value = delayed([new Point(1, 2)])
    const results = [
      await compute(delayed(makePoint)()),
      await compute(delayed(twice)()),
      await compute(value),
      await compute(delayed(first)(value)),
      await compute(delayed(first)([new Point(1, 2)])),
      getSync({ a: [makePoint] }, 'a'),
    ]
    for (const point of results.flat()) expect(point).toBeInstanceOf(Point)
    expect(results.flat()).toHaveLength(7)
  })
})
