/** `delayed`: calls, data, types and errors, by every `get`. */
import { afterAll, beforeAll, describe, expect, expectTypeOf, test } from 'vitest'
import { NotPortableError, TaskError } from '../../../core/base/errors.js'
import { annotate } from '../../../core/graph/annotate.js'
import { getSync } from '../../../core/run/get-sync.js'
import { getThreads } from '../../../core/run/threads/get-threads.js'
import type { Client } from '../../../distributed/client/client.js'
import { LocalCluster } from '../../../distributed/processes/local-cluster.js'
import { type Delayed, da, db, delayed } from '../../../index.js'

let cluster: LocalCluster
let client: Client

beforeAll(async () => {
  cluster = await LocalCluster.start({ nworkers: 2, nthreads: 1 })
  client = await cluster.client()
})

afterAll(async () => {
  await cluster?.close()
})

const add = delayed((a: number, b: number) => a + b, { name: 'add' })
const double = delayed((x: number) => 2 * x)

describe.each([
  ['getSync', () => getSync],
  ['getThreads', () => getThreads],
  ['client.get', () => client.get],
] as const)('by %s', (_, get) => {
  const run = <T>(value: { compute(options: object): Promise<T> }): Promise<T> =>
    value.compute({ get: get() })

  test('calls take the results of other calls', async () => {
    expect(await run(add(add(1, 2), double(add(3, 4))))).toBe(17)
    const one = double(1)
    expect(await run(add(one, one))).toBe(4)
  })

  test('lazy values may be anywhere in lists and objects, which keep sharing and cycles', async () => {
    const shape = delayed((value: { list: (number | { x: number })[]; same: unknown }) => [
      value.list,
      value.same === value.list,
    ])
    const list = [double(1), 7, { x: double(4) }]
    expect(await run(shape({ list, same: list }))).toEqual([[2, 7, { x: 8 }], true])
    const ring: { me?: unknown; x: unknown } = { x: double(5) }
    ring.me = ring
    const walk = delayed((r: { me?: { me?: { x: number } } }) => r.me?.me?.x)
    expect(await run(walk(ring as never))).toBe(10)
  })

  test('bags, items and arrays are passed as their values', async () => {
    const bag = db.fromSequence([1, 2, 3], { npartitions: 2 }).map((x) => x * 10)
    const total = delayed((list: number[], sum: number) => [list.length, sum])
    expect(await run(total(bag, bag.sum()))).toEqual([3, 60])
    const size = delayed((chunk: da.NDArray<'float64'>) => chunk.toArray())
    expect(await run(size(da.ones([2, 2], { chunks: 1 }).add(1)))).toEqual([
      [2, 2],
      [2, 2],
    ])
    expect(await run(double(da.arange(5, { chunks: 2 }).sum()))).toBe(20)
    // A delayed value as an argument of a bag.
    const scaled = bag.map((x: number, by: number) => x * by, double(2))
    expect(await run(scaled)).toEqual([40, 80, 120])
  })

  test('data may contain lazy values', async () => {
    expect(await run(delayed([1, 2]))).toEqual([1, 2])
    expect(await run(delayed({ a: [double(1), 5], b: double(2) }))).toEqual({ a: [2, 5], b: 4 })
    expect(await run(double(delayed(21)))).toBe(42)
    expect(await run(delayed(db.range(4)))).toEqual([0, 1, 2, 3])
  })

  test('at and apply make lazy values of parts of a value', async () => {
    const load = delayed(() => ({ rows: [10, 20], name: 'x' }))
    expect(await run(load().at('rows').at(1))).toBe(20)
    expect(await run(load().apply((value) => value.name))).toBe('x')
  })

  test('bags and arrays are made of delayed calls and become delayed values', async () => {
    const rows = delayed((n: number) => Array.from({ length: n }, (_, i) => n * 10 + i))
    const bag = db.fromDelayed([rows(1), rows(2), rows(3)])
    expect(bag.npartitions).toBe(3)
    expect(await run(bag.map((x) => x + 1))).toEqual([11, 21, 22, 31, 32, 33])
    const parts = bag.filter((x) => x > 20).toDelayed()
    expect(await run(delayed(parts.map((part) => part.at('length'))))).toEqual([0, 1, 3])
    const image = delayed((x: number) => [
      [x, x],
      [x, x],
    ])
    const blocks = [1, 2].map((x) => da.fromDelayed(image(x), { shape: [2, 2] }))
    expect(await run(da.concatenate(blocks).sum())).toBe(12)
    const cut = da.arange(4, { chunks: 2 }).toDelayed()
    expect(await run(delayed(cut.map((c) => c.apply((x) => x.size))))).toEqual([2, 2])
  })

  test('failures name the call and the line that made it', async () => {
    const fail = delayed((x: number): number => {
      throw new RangeError(`no ${x}`)
    })
    const bad = double(fail(double(2)))
    const error: unknown = await run(bad).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(TaskError)
    expect((error as TaskError).site).toMatch(/delayed\.test\.ts:\d+/)
    expect((error as TaskError).cause).toMatchObject({ name: 'RangeError', message: 'no 4' })
    const wrong = da.fromDelayed(delayed([1, 2, 3]), { shape: [2] })
    await expect(run(wrong)).rejects.toThrow('fromDelayed: the function returned a block of shape')
    await expect(run(db.fromDelayed([double(1) as never]))).rejects.toThrow(
      'fromDelayed: a partition',
    )
  })
})

test('equal calls are one task unless pure is false', async () => {
  expect(add(1, 2).key).toBe(add(1, 2).key)
  expect(add(1, 2).key).toMatch(/^add-/)
  expect(add(1, 2).key).not.toBe(add(2, 1).key)
  expect(add(double(1), 2).key).toBe(add(double(1), 2).key)
  const list = delayed((...values: unknown[]) => values)
  const [one, two] = [double(1), double(2)]
  expect(list(one, one, two).key).not.toBe(list(one, two, two).key)
  expect(list(one, '0,').key).not.toBe(list('0,', one).key)
  expect(list([one], two).key).not.toBe(list(one, [two]).key)
  expect(list([one, two], one).key).not.toBe(list([one, two], two).key)
  expect(delayed([1]).key).toBe(delayed([1]).key)
  const random = delayed(() => Math.random(), { pure: false, name: 'random' })
  const [a, b] = [random(), random()]
  const [x, y, z] = await delayed([a, b, a]).compute({ get: getSync })
  expect(x).toBe(z)
  expect(x).not.toBe(y)
  expect(delayed([1], { pure: false }).key).not.toBe(delayed([1], { pure: false }).key)
})

test('chains are one task; calls that can run in parallel are several', () => {
  const tasks = (value: Delayed<unknown>) => value.optimize().layers.length
  expect(tasks(double(double(double(1))))).toBe(1)
  expect(tasks(add(double(1), double(2)))).toBe(3)
})

test('calls of one line that differ only in values share a recipe', () => {
  const recipeOf = (value: Delayed<unknown>) => value.layer.node(0).recipe
  const calls = [1, 2].map((x) => double(x))
  expect(recipeOf(calls[1]!)).toBe(recipeOf(calls[0]!))
  const sums = calls.map((x) => add(x, calls[0]!))
  expect(recipeOf(sums[1]!)).not.toEqual(recipeOf(sums[0]!))
  const mixed = [3, double(3)].map((x) => add(x, 2))
  expect(mixed.map((call) => recipeOf(call).inputs)).toEqual([0, 1])
  const annotated = [1, 2].map((n) => annotate({ retries: n }, () => double(n)))
  expect(annotated.map((call) => recipeOf(call).annotations)).toEqual([
    { retries: 1 },
    { retries: 2 },
  ])
  expect(recipeOf(double(1))).not.toEqual(recipeOf(double(1)))
})

test('a chain of 20,000 calls neither recurses nor overflows', async () => {
  let value = delayed(0)
  const more = delayed((x: number) => x + 1)
  for (let i = 0; i < 20_000; i++) value = more(value) as typeof value
  expect(await value.compute({ get: getSync })).toBe(20_000)
})

test('async functions, persist, visualize and annotations work', async () => {
  const later = delayed(async (x: number) => x + 1)
  expectTypeOf(later(1)).toEqualTypeOf<Delayed<number>>()
  expect(await later(later(1)).compute()).toBe(3)
  const kept = await double(4).persist()
  expect(await double(kept).compute({ get: getSync })).toBe(16)
  expect(await add(double(1), 2).visualize({ format: 'dot' })).toContain('add')
  const flaky = annotate({ retries: 5 }, () =>
    delayed(
      () => {
        const counter = globalThis as { delayedTries?: number }
        counter.delayedTries = (counter.delayedTries ?? 0) + 1
        if (counter.delayedTries < 3) throw new Error('bad luck')
        return 'done'
      },
      { pure: false },
    )(),
  )
  expect(await flaky.compute({ get: client.get })).toBe('done')
})

test('futures are arguments and results, and delayed values can be named on a cluster', async () => {
  const future = client.submit((x: number) => x + 1, 1)
  const sum = add(future, double(3))
  expect(await sum.compute({ get: client.get })).toBe(8)
  await expect(sum.compute({ get: getSync })).rejects.toThrow('client.get')
  expect(await client.compute(sum).result()).toBe(8)
  const kept = client.persist(sum)
  expect(await double(kept).compute({ get: client.get })).toBe(16)
  await client.setCollection('sum', add(double([1, 2].length), delayed({ a: double(1) }).at('a')))
  const again = await client.getCollection<Delayed<number>>('sum')
  expect(await again.compute()).toBe(6)
  expect(await double(again).compute({ get: client.get })).toBe(12)
})

test('arguments are copied when the call is made', async () => {
  const list = [1, 2]
  const length = delayed((items: readonly number[]) => items.length)(list)
  list.push(3)
  expect(await length.compute({ get: getSync })).toBe(2)
  const apply = delayed((fn: (x: number) => number, x: number) => fn(x))
  expect(await apply((x) => x * 3, double(2)).compute()).toBe(12)
})

test('types follow the values', () => {
  expectTypeOf(add(double(1), 2)).toEqualTypeOf<Delayed<number>>()
  expectTypeOf(delayed({ a: double(1), b: 'x' as string })).toMatchTypeOf<
    Delayed<{ a: number; b: string }>
  >()
  interface Row {
    readonly id: number
    readonly tags: string[]
  }
  const row = delayed((r: Row) => r)
  expectTypeOf(row({ id: double(1), tags: ['x'] }).at('tags')).toEqualTypeOf<Delayed<string[]>>()
  expectTypeOf(db.fromDelayed([row({ id: 1, tags: [] }).at('tags')])).toEqualTypeOf<
    db.Bag<string>
  >()
  expectTypeOf(db.range(3).toDelayed()).toEqualTypeOf<Delayed<number[]>[]>()
  // @ts-expect-error: a string is no number.
  add('1', 2)
  // @ts-expect-error: a lazy string is no number either.
  add(delayed('1' as string), 2)
  // @ts-expect-error: one argument is missing.
  add(1)
})

test('wrong arguments fail when the call is made', () => {
  expect(() => delayed((x: number) => x, { purr: true } as never)).toThrow("there is no 'purr'")
  expect(() => delayed((x: number) => x, { pure: 1 } as never)).toThrow('pure is true or false')
  expect(() => delayed((x: number) => x, { name: '' })).toThrow('name must be a string')
  expect(() => delayed(class Dog {} as never)).toThrow('new Dog(x)')
  expect(() => double(new WeakMap() as never)).toThrow(NotPortableError)
  expect(() => db.fromDelayed([])).toThrow('at least one')
  expect(() => db.fromDelayed([5 as never])).toThrow('value 1 must be lazy')
  expect(() => db.fromDelayed(5 as never)).toThrow('a list of lazy values')
  expect(() => da.fromDelayed(5 as never, { shape: [1] })).toThrow('expected a lazy value')
  expect(() => da.fromDelayed(double(1), undefined as never)).toThrow('shape')
})
