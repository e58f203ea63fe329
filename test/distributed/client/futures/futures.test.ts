/** Futures: calls, their arguments and errors, and results that are kept on the cluster. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, expectTypeOf, test } from 'vitest'
import { CancelledError, NotPortableError, TaskError } from '../../../../core/base/errors.js'
import { ExpressionError } from '../../../../core/expressions/errors.js'
import { annotate } from '../../../../core/graph/annotate.js'
import { RemoteValue } from '../../../../core/graph/remote-value.js'
import { getThreads } from '../../../../core/run/threads/get-threads.js'
import { Client } from '../../../../distributed/client/client.js'
import type { Future } from '../../../../distributed/client/futures/future.js'
import { asCompleted, wait } from '../../../../distributed/client/futures/wait.js'
import { LocalCluster } from '../../../../distributed/processes/local-cluster.js'
import { db } from '../../../../index.js'
import { collectGarbage } from '../../../support/garbage.js'
import { until } from '../../support.js'

let cluster: LocalCluster
let client: Client

beforeAll(async () => {
  cluster = await LocalCluster.start({ nworkers: 2, nthreads: 1, resources: { gpu: 1 } })
  client = await cluster.client()
})

afterAll(async () => {
  await cluster?.close()
})

const add = (a: number, b: number) => a + b
const nap = (ms: number) => new Promise<number>((resolve) => setTimeout(resolve, ms, ms))
const loop = (): number => {
  for (;;);
}

test('submit returns a future of the result', async () => {
  const future = client.submit(add, 1, 2)
  expect(future.status).toBe('pending')
  expect(await future.result()).toBe(3)
  expect([future.status, future.done(), await future.exception()]).toEqual([
    'finished',
    true,
    undefined,
  ])
  expect(await client.submit(async (x: number) => x + 1, 1).result()).toBe(2)
})

test('passing a released future throws, and other calls of the turn run', async () => {
  const [released, cancelled] = [client.submit(add, 1, 1), client.submit(nap, 60_000)]
  await released.result()
  released.release()
  cancelled.cancel()
  expect(() => client.submit(add, 1, released)).toThrow(
    /^add: argument 2 is or holds the future 'add-\w+', which was released: .*submit its call again$/,
  )
  expect(() => client.submit((list: number[]) => list, [1, cancelled])).toThrow(CancelledError)
  expect(await client.submit(add, 2, 3).result()).toBe(5)
})

test('futures can be arguments, alone or nested in lists and objects', async () => {
  const a = client.submit(add, 1, 2)
  const b = client.submit(add, a, 10)
  const c = client.submit(
    (list: number[], named: { deep: { x: number }[] }) => [list, named],
    [a, 5, b],
    {
      deep: [{ x: b }],
    },
  )
  expect(await c.result()).toEqual([[3, 5, 13], { deep: [{ x: 13 }] }])
  // A future of an earlier turn, which is finished.
  expect(await client.submit(add, b, a).result()).toBe(16)
})

test('equal calls are one task, unless they are not pure', async () => {
  const random = () => Math.random()
  const [a, b] = [client.submit(random), client.submit(random)]
  const [x, y] = [
    client.submitWith({ pure: false }, random),
    client.submitWith({ pure: false }, random),
  ]
  expect(await a.result()).toBe(await b.result())
  expect(await client.submit(random).result()).toBe(await a.result())
  expect(await x.result()).not.toBe(await y.result())
  a.release()
  expect(await b.result()).toBe(await client.submit(random).result())
})

test('map applies a function to lists, up to the end of the shortest', async () => {
  const squares = client.map((x: number) => x * x, [1, 2, 3])
  expect(await client.gather(squares)).toEqual([1, 4, 9])
  const sums = client.map(add, [1, 2, 3], [10, 20])
  expect(await client.gather(sums)).toEqual([11, 22])
  expect(client.map((x: number) => x, [])).toEqual([])
})

test('gather keeps the form, and leaves failures out on request', async () => {
  const fail = (x: number): number => {
    throw new RangeError(`no ${x}`)
  }
  const good = client.submit(add, 1, 1)
  const bad = client.submit(fail, 1)
  expect(await client.gather({ a: good, b: [good, 7, { c: good }] })).toEqual({
    a: 2,
    b: [2, 7, { c: 2 }],
  })
  await expect(client.gather([good, bad])).rejects.toThrow('no 1')
  expect(await client.gather([good, bad, good], { errors: 'skip' })).toEqual([2, 2])
})

test('an error names the line of the user, and fails the dependents and no other task', async () => {
  const bad = client.submit((x: number): number => {
    throw new RangeError(`no ${x}`)
  }, 7)
  const after = client.submit(add, bad, 1)
  const good = client.submit(add, 20, 22)
  const error = await after.result().catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(TaskError)
  expect((error as TaskError).cause).toBeInstanceOf(RangeError)
  expect((error as TaskError).stack).toContain('futures.test.ts')
  expect([bad.status, after.status, await good.result()]).toEqual(['error', 'error', 42])
  // A later call that reads the failed future fails too.
  await expect(client.submit(add, after, 1).result()).rejects.toThrow('no 7')
})

test('a failed future can be retried', async () => {
  const flag = client.submitWith({ pure: false }, () => 0)
  await flag.result()
  const flaky = client.submitWith({ pure: false }, () => {
    const counter = globalThis as { tries?: number }
    counter.tries = (counter.tries ?? 0) + 1
    if (counter.tries < 4) throw new Error('not yet')
    return 'done'
  })
  const after = client.submit((x: string) => `${x}!`, flaky)
  for (let i = 0; i < 10 && (await after.exception()) !== undefined; i++) after.retry()
  expect(await after.result()).toBe('done!')
})

test('a task is retried as often as its annotation says', async () => {
  const unlucky = () => {
    const counter = globalThis as { attempts?: number }
    counter.attempts = (counter.attempts ?? 0) + 1
    if (counter.attempts < 3) throw new Error('bad luck')
    return counter.attempts
  }
  // The attempts may be spread over two workers.
  expect(await client.submitWith({ retries: 5 }, unlucky).result()).toBe(3)
  const annotated = annotate({ retries: 5 }, () => db.fromSequence([1]).map(unlucky))
  expect(await annotated.compute({ get: client.get })).toHaveLength(1)
})

test('tasks run on the workers and with the resources that their annotations name', async () => {
  const [first, second] = (await client.schedulerInfo()).workers
  const where = () => process.pid
  const pids = await client.gather(
    client.map(where, [1, 2, 3, 4], {
      workers: [second!.name],
      pure: false,
    }),
  )
  expect(new Set(pids)).toEqual(new Set([second!.pid]))
  expect(await client.submitWith({ workers: [first!.name] }, where).result()).toBe(first!.pid)
  expect(await client.submitWith({ resources: { gpu: 1 } }, where).result()).toBeGreaterThan(0)
  const impossible = client.submitWith({ resources: { gpu: 2 }, pure: false }, where)
  const { notDone } = await wait([impossible], { timeout: 100 })
  expect(notDone).toEqual([impossible])
  impossible.cancel()
})

test('cancelling stops a running task and its dependents', async () => {
  const endless = client.submitWith({ pure: false }, loop)
  const after = client.submit(add, endless, 1)
  const others = client.map((x: number) => x + 1, [1, 2, 3])
  await client.gather(others)
  endless.cancel()
  expect([endless.status, after.status]).toEqual(['cancelled', 'cancelled'])
  await expect(after.result()).rejects.toBeInstanceOf(CancelledError)
  // Both threads are free again.
  expect(await client.gather(client.map(nap, [1, 2, 3, 4]))).toEqual([1, 2, 3, 4])
})

test('wait and asCompleted return futures as they are done', async () => {
  const slow = client.submitWith({ pure: false }, nap, 300)
  const fast = client.submitWith({ pure: false }, nap, 1)
  const first = await wait([slow, fast], { returnWhen: 'FIRST_COMPLETED' })
  expect(first.done).toEqual([fast])
  const order: number[] = []
  for await (const future of asCompleted([slow, fast])) order.push(await future.result())
  expect(order).toEqual([1, 300])
  expect((await wait([slow, fast])).notDone).toEqual([])
})

test('scatter returns futures in the form of the values', async () => {
  const [table, factor] = client.scatter([new Float64Array([1, 2, 3]), 2])
  const scaled = client.submit((t: Float64Array, f: number) => t.map((x) => x * f), table, factor)
  expect(await scaled.result()).toEqual(new Float64Array([2, 4, 6]))
  const { x, y } = client.scatter({ x: 1, y: 'two' })
  expect(await client.gather([x, y])).toEqual([1, 'two'])
  expect(await client.scatter(new Map([[1, 2]])).result()).toEqual(new Map([[1, 2]]))
})

test('large data that several clients scatter is one task, named by its content', async () => {
  const other = await cluster.client()
  const data = new Float64Array(1 << 18).fill(1)
  const changed = data.slice()
  changed[100_000] = 2
  const keys = [client, other].map((from) => from.scatter(data).key)
  expect(keys[0]).toMatch(/^data-[0-9a-f]{24}$/)
  expect(keys[1]).toBe(keys[0])
  expect(client.scatter(changed).key).not.toBe(keys[0])
  const length = (array: Float64Array) => array.length
  const calls = [client, other].map((from) => from.submit(length, data).key)
  expect(calls[1]).toBe(calls[0])
  expect(client.submit(length, changed).key).not.toBe(calls[0])
  await other.close()
})

test('persisted and computed collections can be used in other computations', async () => {
  const bag = db.fromSequence([1, 2, 3, 4, 5, 6], { npartitions: 3 }).map((x) => x * x)
  const kept = client.persist(bag)
  expect(await kept.sum().compute({ get: client.get })).toBe(91)
  expect(await client.compute(kept.map((x) => x + 1)).result()).toEqual([2, 5, 10, 17, 26, 37])
  const waited = await bag.persist({ get: client.get })
  expect(await waited.count().compute({ get: client.get })).toBe(6)
  expect(await waited.compute()).toEqual([1, 4, 9, 16, 25, 36])
  await expect(waited.compute({ get: getThreads })).rejects.toThrow('client.get')
  const failing = bag.map((x): number => {
    throw new Error(`never ${x}`)
  })
  await expect(failing.persist({ get: client.get })).rejects.toThrow('never')
  const total = client.compute(bag.sum())
  expect(await client.submit(add, total, 1).result()).toBe(92)
  expect(await client.get({ x: [add, total, 'y'], y: 1 }, 'x')).toBe(92)
})

test('several collections are computed and persisted at once', async () => {
  const bag = db.range(10, { npartitions: 3 }).map((x) => x + 1)
  const futures = client.compute([bag.sum(), bag.map(String)])
  expectTypeOf(futures).toEqualTypeOf<[Future<number>, Future<string[]>]>()
  const [sum, texts] = await client.gather(futures)
  expect(sum).toBe(55)
  expect(texts).toEqual(['1', '2', '3', '4', '5', '6', '7', '8', '9', '10'])
  const [kept, most] = client.persist([bag, bag.max()])
  expectTypeOf(kept).toEqualTypeOf<typeof bag>()
  expect(await kept.count().compute({ get: client.get })).toBe(10)
  expect(await most.compute({ get: client.get })).toBe(10)
  expect(client.compute([])).toEqual([])
  // @ts-expect-error: a number is not a collection
  expect(() => client.compute([bag, 5])).toThrow('compute: number 1 of the list: expected a coll')
  // @ts-expect-error: nor is an object
  expect(() => client.persist({})).toThrow('or a list of them, got an object {  }')
})

test('named persisted data and futures stay when their client is closed', async () => {
  const author = await cluster.client()
  const bag = author.persist(db.fromSequence([1, 2, 3], { npartitions: 2 }).map((x) => x * 10))
  const future = author.submit(add, 40, 2)
  await author.setCollection('kept', bag)
  await author.setCollection('answer', future)
  expect(await author.compute(bag.sum()).result()).toBe(60)
  await author.close()
  const again = await client.getCollection<typeof bag>('kept')
  expect(await again.map((x) => x + 1).compute({ get: client.get })).toEqual([11, 21, 31])
  const answer = await client.getCollection<Future<number>>('answer')
  expect(await answer.result()).toBe(42)
  await client.deleteCollection('kept')
  await client.deleteCollection('answer')
  // A client that holds it keeps it after the name is deleted.
  expect(await again.sum().compute({ get: client.get })).toBe(60)
})

test('an expression can be used as a function', async () => {
  const sum = client.submit('x + y', 1, 2)
  expectTypeOf(sum).toEqualTypeOf<Future<number>>()
  expect(await sum.result()).toBe(3)
  expect(await client.submit('amount * rate', { amount: 3, rate: sum }).result()).toBe(9)
  expect(await client.gather(client.map('x^2', [1, 2, sum], { retries: 1 }))).toEqual([1, 4, 9])
  expect(await client.submitWith<string>({ pure: false }, 'concat(x, "!")', 'a').result()).toBe(
    'a!',
  )
  expect(() => client.submit('x +')).toThrow(ExpressionError)
})

test('cancel, retry, release and wait take several futures', async () => {
  const pending = client.map(nap, [60_000, 60_001])
  client.cancel(pending)
  expect(pending.map((future) => future.status)).toEqual(['cancelled', 'cancelled'])
  const fail = (x: number): number => {
    throw new RangeError(`no ${x}`)
  }
  const failed = client.map(fail, [1, 2])
  const { done } = await client.wait(failed)
  expect(done).toEqual(failed)
  client.retry(failed)
  expect(failed.map((future) => future.status)).toEqual(['pending', 'pending'])
  await client.wait(failed[0]!)
  client.release(new Set(failed))
  await expect(failed[0]!.result()).rejects.toThrow()
  const order: number[] = []
  for await (const future of client.asCompleted(client.map(nap, [200, 1])))
    order.push(await future.result())
  expect(order).toEqual([1, 200])
  expect(() => client.cancel(5 as never)).toThrow('cancel: expected a future or a list of futures')
})

test('the types of futures follow the functions', () => {
  const types = (f: Future<number>[], texts: Future<string>[]) => {
    expectTypeOf(client.submit((x, y) => x + y, 1, 2)).toEqualTypeOf<Future<number>>()
    expectTypeOf(client.submit(async (x: number) => [x], f[0]!)).toEqualTypeOf<Future<number[]>>()
    expectTypeOf(client.submit((x: [number, string]) => x, [f[0]!, 'x'])).toEqualTypeOf<
      Future<[number, string]>
    >()
    expectTypeOf(client.map((x) => x * x, [1, 2])).toEqualTypeOf<Future<number>[]>()
    expectTypeOf(client.map(add, [1], f)).toEqualTypeOf<Future<number>[]>()
    expectTypeOf(client.map((a, b) => `${a}${b}`, [1], f, { pure: false })).toEqualTypeOf<
      Future<string>[]
    >()
    expectTypeOf(client.map(() => 1, [1, 2], { pure: false })).toEqualTypeOf<Future<number>[]>()
    expectTypeOf(client.map((x: { a: number }) => x.a, [{ a: f[0]! }])).toEqualTypeOf<
      Future<number>[]
    >()
    expectTypeOf(client.gather([f, { x: texts[0]! }] as const)).toEqualTypeOf<
      Promise<[number[], { readonly x: string }]>
    >()
    expectTypeOf(client.scatter([1, 'x'])).toEqualTypeOf<[Future<number>, Future<string>]>()
    expectTypeOf(client.scatter([1, 2] as number[])).toEqualTypeOf<Future<number>[]>()
    expectTypeOf(client.scatter({ x: 1 })).toEqualTypeOf<{ x: Future<number> }>()
    expectTypeOf(client.scatter(new Date())).toEqualTypeOf<Future<Date>>()
    expectTypeOf(client.compute(db.range(3).sum())).toEqualTypeOf<Future<number>>()
    // @ts-expect-error: a string is not a number.
    client.submit(add, 1, 'x')
    // @ts-expect-error: nor is the future of a string.
    client.submit(add, 1, texts[0]!)
    // @ts-expect-error: one argument is missing.
    client.submit(add, 1)
    // @ts-expect-error: one list is of strings.
    client.map(add, ['x'], [1])
    // @ts-expect-error: there is no such option.
    client.map(add, [1], [1], { retires: 1 })
    // The compiler points at the argument that is wrong.
    client.map(
      (x: number) => x,
      // @ts-expect-error: the list is of strings.
      ['a'],
    )
    client.submit(
      (x: number) => x,
      // @ts-expect-error: a string is not a number.
      'a',
    )
    client.submitWith(
      { retries: 1 },
      (x: number) => x,
      // @ts-expect-error: a string is not a number.
      'a',
    )
    client.run((x: number) => x, 1, {
      // @ts-expect-error: there is no such option.
      worker: ['worker-0'],
    })
  }
  expect(types).toBeTypeOf('function')
})

test('invalid arguments throw at the call', async () => {
  expect(() => client.submit(7 as never)).toThrow(
    'the first argument is a function, or an expression',
  )
  expect(() => client.submit(client.submit(add, 1, 1) as never, 2)).toThrow('futures are arguments')
  expect(() => client.submit(db.range(2) as never)).toThrow('client.compute(collection)')
  for (const value of [db.range(2), [{ x: db.range(2).sum() }]])
    expect(() => client.submit((x: unknown) => x, value)).toThrow(
      'argument 1 is or holds a collection; pass client.compute(collection)',
    )
  expect(() => client.submitWith(add as never, 1 as never)).toThrow('options come first')
  expect(() => client.map(add, db.range(2) as never, [1])).toThrow('collection.map(fn)')
  expect(() => client.map(add, 'abc' as never, [1])).toThrow('got "abc" as list 1')
  expect(() => (client.map as (fn: unknown) => void)(add)).toThrow('after the function, got none')
  expect(() => client.submitWith({ retires: 2 } as never, add, 1, 2)).toThrow(
    "there is no 'retires'",
  )
  expect(() => client.map(add as never, 5 as never)).toThrow('expected lists of items')
  expect(() => client.submit((x: unknown) => x, new WeakMap())).toThrow(NotPortableError)
  const future = client.submit(add, 1, 2)
  expect(() => client.submit(() => future)).toThrow('pass it as an argument')
  await expect(client.setCollection('x', 5 as never)).rejects.toThrow('or a Future, got 5')
})

test('retrying a failed future finishes it when another client has had its task computed', async () => {
  const file = path.join(mkdtempSync(path.join(tmpdir(), 'skein-retry-')), 'there')
  const look = async (name: string) => (await import('node:fs')).statSync(name).size
  await using other = await Client.connect(cluster.scheduler.addressToClients)
  const ours = client.submit(look, file)
  const theirs = other.submit(look, file)
  await expect(ours.result()).rejects.toThrow(TaskError)
  await expect(theirs.result()).rejects.toThrow(TaskError)
  writeFileSync(file, 'four')
  theirs.retry()
  expect(await theirs.result()).toBe(4)
  ours.retry()
  await wait([ours])
  expect(ours.status).toBe('finished')
  expect(await ours.result()).toBe(4)
  rmSync(path.dirname(file), { recursive: true })
})

test('retrying a task that reads an unknown result fails again', async () => {
  const nowhere = new RemoteValue('nobody/1', 0, 'nothing') as Future<number>
  const sum = client.submit(add, nowhere, 1)
  await expect(sum.result()).rejects.toThrow('is not kept any more')
  sum.retry()
  await expect(sum.result()).rejects.toThrow('is not kept any more')
  expect(sum.status).toBe('error')
})

test('the scheduler forgets all runs when all futures are released', async () => {
  const other = await cluster.client()
  const before = (await client.schedulerInfo()).runs
  const futures = other.map((x: number) => x - 0.5, [1, 2, 3])
  const sum = other.submit(add, futures[0]!, futures[1]!)
  expect(await sum.result()).toBe(2)
  for (const future of [...futures, sum]) future.release()
  const runs = async () => (await client.schedulerInfo()).runs
  await until('all runs are forgotten', async () => (await runs()) <= before)
  await expect(sum.result()).rejects.toThrow('was released')
  const endless = other.submitWith({ pure: false }, loop)
  await other.close()
  await expect(endless.result()).rejects.toBeInstanceOf(CancelledError)
  await until('the run is forgotten', async () => (await runs()) <= before)
})

test('collections that a program persists one after another leave nothing on the cluster', async () => {
  const kept = async () => Object.values(await client.hasWhat()).flat().length
  const before = await kept()
  let bag = await client.persist(db.fromSequence([1, 2], { npartitions: 2 }))
  for (let i = 0; i < 5; i++) bag = await client.persist(bag.map((x) => x + 1))
  for (let i = 0; i < 5; i++) await client.compute(bag.sum()).result()
  // The last collection, and the last future, may still be on the stack.
  await until('dropped results are released', async () => {
    await collectGarbage()
    return (await kept()) <= before + 4
  })
  expect(await bag.compute({ get: client.get })).toEqual([6, 7])
})
