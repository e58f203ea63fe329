/** Arguments and options that the cluster's public methods take and refuse, and what its objects print. */
import { inspect } from 'node:util'
import { afterAll, beforeAll, describe, expect, expectTypeOf, test } from 'vitest'
import { NotPortableError, TaskError } from '../../../core/base/errors.js'
import {
  AsCompleted,
  asCompleted,
  Chest,
  Client,
  Future,
  getClient,
  LocalCluster,
  Scheduler,
  Worker,
  wait,
} from '../../../distributed/index.js'
import { da, db } from '../../../index.js'

let cluster: LocalCluster
let client: Client
let future: Future<number>

beforeAll(async () => {
  cluster = await LocalCluster.start({ nworkers: 2, nthreads: 1, memoryLimit: '1GB' })
  client = await cluster.client()
  future = client.submit((x: number) => x + 1, 1)
  await future.result()
})

afterAll(async () => {
  await cluster?.close()
})

/** A public method as JavaScript sees it: with any arguments. */
type Loose = Record<string, (...args: unknown[]) => unknown>

/** Calls a method with arguments that its type does not allow, and waits for the result. */
async function call(on: unknown, method: string, ...args: unknown[]): Promise<unknown> {
  return (on as Loose)[method]!(...args)
}

describe('an argument too many is refused', () => {
  const calls: [method: string, args: unknown[]][] = [
    ['get', [{ x: 1 }, 'x', {}, 1]],
    ['close', [true]],
    ['scatter', [1, {}, 1]],
    ['gather', [[], {}, 1]],
    ['replicate', [[], {}, 1]],
    ['waitForWorkers', [1, {}, 1]],
    ['cancel', [[], 1]],
    ['retry', [[], 1]],
    ['release', [[], 1]],
    ['wait', [[], {}, 1]],
    ['asCompleted', [[], {}, 1]],
    ['compute', [db.range(2), {}, 1]],
    ['persist', [db.range(2), {}, 1]],
    ['setCollection', ['x', db.range(2), {}, 1]],
    ['getCollection', ['x', 1]],
    ['listCollections', ['x']],
    ['deleteCollection', ['x', 1]],
    ['schedulerInfo', [1]],
    ['workers', [1]],
    ['nthreads', [1]],
    ['whoHas', [[], 1]],
    ['hasWhat', [[], 1]],
    ['processing', [[], 1]],
    ['story', ['x', 1]],
    ['dump', [{}, 1]],
  ]
  test.each(calls)('by client.%s', async (method, args) => {
    await expect(call(client, method, ...args)).rejects.toThrow(
      /(takes (no arguments|one argument|\d arguments), as in .*; got \d, surplus: (1|true|"x")$)/,
    )
  })

  test('by functions, and by methods of clusters, schedulers, futures and iterators', async () => {
    const { scheduler } = cluster
    const refusals: [on: unknown, method: string, args: unknown[], message: string][] = [
      [{ wait }, 'wait', [[], {}, 1], 'wait(futures, options)'],
      [{ asCompleted }, 'asCompleted', [[], {}, 1], 'asCompleted(futures, options)'],
      [asCompleted([]), 'add', [future, future], 'completed.add(future)'],
      [Client, 'connect', ['tcp://127.0.0.1:1', {}, 1], 'Client.connect(address, options)'],
      [LocalCluster, 'start', [{}, 2], 'LocalCluster.start(options)'],
      [Scheduler, 'start', [{}, 2], 'Scheduler.start(options)'],
      [Worker, 'start', [{}, 2], 'Worker.start(options)'],
      [cluster, 'client', [{}, 2], 'cluster.client(options)'],
      [cluster, 'close', [1], 'cluster.close()'],
      [scheduler, 'close', [1], 'scheduler.close()'],
      [scheduler, 'info', [1], 'scheduler.info()'],
      [scheduler, 'whoHas', [[], 1], 'scheduler.whoHas(keys)'],
      [scheduler, 'hasWhat', [[], 1], 'scheduler.hasWhat(workers)'],
      [scheduler, 'processing', [[], 1], 'scheduler.processing(workers)'],
      [scheduler, 'story', ['x', 1], 'scheduler.story(key)'],
      [scheduler, 'dump', [{}, 1], 'scheduler.dump({ tasks: 1000 })'],
      [future, 'result', [1000], 'future.result()'],
      [future, 'exception', [1000], 'future.exception()'],
      [future, 'done', [1], 'future.done()'],
      [future, 'cancelled', [1], 'future.cancelled()'],
      [future, 'cancel', [1], 'future.cancel()'],
      [future, 'retry', [1], 'future.retry()'],
      [future, 'release', [1], 'future.release()'],
    ]
    for (const [on, method, args, message] of refusals)
      await expect(call(on, method, ...args), method).rejects.toThrow(`, as in ${message}; got`)
    expect([future.status, await client.nthreads()]).toEqual([
      'finished',
      { 'worker-0': 1, 'worker-1': 1 },
    ])
  })
})

test('options that do not exist are refused by name', async () => {
  const unknown: [method: string, args: unknown[], message: string][] = [
    ['asCompleted', [[], { raiseErrors: false }], "no option 'raiseErrors'; there are withResults"],
    ['asCompleted', [[], { withResults: 1 }], 'asCompleted: withResults is true or false, got num'],
    ['asCompleted', [[], true], 'asCompleted: options must be an object with withResults'],
    ['cancel', [future, { force: true }], "cancel: there is no option 'force' here"],
    ['wait', [[], { returnwhen: 'ALL_COMPLETED' }], "wait: there is no option 'returnwhen'"],
    ['gather', [[], { direct: true }], "gather: there is no option 'direct'"],
    ['scatter', [[], { hash: true }], "there is no 'hash'"],
    ['compute', [db.range(2), { sync: true }], "compute: there is no option 'sync'"],
    ['persist', [db.range(2), { optimizeGraph: true }], "persist: there is no option 'optimizeGr"],
    ['run', [() => 1, { worker: 'worker-0' }], "run: there is no option 'worker'; there are work"],
    ['run', [(x = 1) => x, 2, { wait: false }], "run: there is no option 'wait'"],
    ['dump', [{ exclude: [] }], "dump: there is no option 'exclude'"],
  ]
  for (const [method, args, message] of unknown)
    await expect(call(client, method, ...args), method).rejects.toThrow(message)
  await expect(call(future, 'result', { timeout: 1 })).rejects.toThrow(
    "result: there is no option 'timeout' here; write future.result()",
  )
  const { scheduler } = cluster
  await expect(call(scheduler, 'dump', { limit: 1 })).rejects.toThrow("no option 'limit'")
  await expect(call(scheduler, 'dump', { tasks: -1 })).rejects.toThrow('got -1')
  await expect(call(scheduler, 'hasWhat', 'worker-0')).rejects.toThrow('got "worker-0"')
  await expect(call(scheduler, 'story', future)).rejects.toThrow(/the key of a task, got Future</)
})

test('options after the arguments of submit are refused, and arguments are not', async () => {
  const submit = (...args: unknown[]) => call(client, 'submit', ...args)
  const message =
    /has no parameter for an object \{ retries \}; options come first: client\.submitW/
  await expect(submit((x: number) => x, 1, { retries: 2 })).rejects.toThrow(message)
  await expect(submit((x = 1) => x, 1, { retries: 2 })).rejects.toThrow(message)
  await expect(call(client, 'submitWith', {}, () => 1, { retries: 2 })).rejects.toThrow(message)
  const optional = (x: number, { by = 1 } = {}) => x * by
  expect(await client.submit(optional, 2, { by: 3 }).result()).toBe(6)
  expect(await client.submit((...all: unknown[]) => all.length, 1, {}).result()).toBe(2)
  expect(await client.submit((x: number) => x, 1, ...([5] as unknown as [])).result()).toBe(1)
})

describe('client.run', () => {
  const pid = () => process.pid

  test('runs on the workers that are named, by name or address', async () => {
    const [first, second] = await client.workers()
    const everywhere = { [first!.name]: first!.pid, [second!.name]: second!.pid }
    expect(await client.run(pid)).toEqual(everywhere)
    expect(await client.run(pid, {})).toEqual(everywhere)
    const one = { [second!.name]: second!.pid }
    expect(await client.run(pid, { workers: [second!.name] })).toEqual(one)
    expect(await client.run(pid, { workers: second!.address })).toEqual(one)
    const twice = [second!.name, second!.address]
    expect(await client.run(pid, { workers: twice })).toEqual(one)
    const sum = await client.run((x: number, y: number) => x + y, 1, 2, { workers: second!.name })
    expectTypeOf(sum).toEqualTypeOf<Record<string, number>>()
    expect(sum).toEqual({ [second!.name]: 3 })
  })

  test('refuses workers that do not exist', async () => {
    await expect(client.run(pid, { workers: ['worker-0', 'worker-7'] })).rejects.toThrow(
      /^run: there is no worker 'worker-7'; the workers are worker-\d, worker-\d$/,
    )
    await expect(client.replicate(future, { workers: ['worker-7'] })).rejects.toThrow(
      "replicate: there is no worker 'worker-7'",
    )
    await expect(client.run(pid, { workers: [1] as never })).rejects.toThrow('got an array of 1')
  })

  test('takes an object as an argument where the function has a parameter for it', async () => {
    const workers = ['worker-0']
    const count = (x: { workers: string[] }) => x.workers.length
    expect(Object.values(await client.run(count, { workers: ['a', 'b'] }))).toEqual([2, 2])
    expect(await client.run(count, { workers: ['a', 'b'] }, { workers })).toEqual({ 'worker-0': 2 })
    const rest = (...all: unknown[]) => all.length
    expect(Object.values(await client.run(rest, 1, { a: 1 }))).toEqual([2, 2])
    expect(await client.run(rest, 1, { workers })).toEqual({ 'worker-0': 1 })
    const byDefault = ({ by = 1 } = {}) => by
    expect(Object.values(await client.run(byDefault, { by: 4 }))).toEqual([4, 4])
  })
})

describe('asCompleted with results', () => {
  test('gives pairs in the order in which they are done', async () => {
    const nap = (ms: number) => new Promise<number>((resolve) => setTimeout(resolve, ms, ms))
    const futures = client.map(nap, [300, 2], { pure: false })
    const found: [Future<number>, number][] = []
    for await (const [one, result] of client.asCompleted(futures, { withResults: true })) {
      expectTypeOf(one).toEqualTypeOf<Future<number>>()
      expectTypeOf(result).toEqualTypeOf<number>()
      found.push([one, result])
    }
    expect(found).toEqual([
      [futures[1], 2],
      [futures[0], 300],
    ])
    for await (const one of asCompleted(futures, { withResults: false })) {
      expectTypeOf(one).toEqualTypeOf<Future<number>>()
      expect(one).toBeInstanceOf(Future)
    }
  })

  test('throws the error of a failed future, and goes on', async () => {
    const bad = client.submit((x: number): number => {
      throw new RangeError(`no ${x}`)
    }, 1)
    await wait([bad])
    const iterator = asCompleted([bad, future], { withResults: true })
    expect(iterator.toString()).toBe('AsCompleted<2 futures to come>')
    await expect(iterator.next()).rejects.toThrow(TaskError)
    expect(await iterator.next()).toEqual({ done: false, value: [future, 2] })
    expect(await iterator.next()).toEqual({ done: true, value: undefined })
  })

  test('serves several calls of next at once', async () => {
    const futures = client.map((x: number) => x * 2, [1, 2], { pure: false })
    const iterator = asCompleted(futures, { withResults: true })
    const results = await Promise.all([iterator.next(), iterator.next(), iterator.next()])
    expect(results.map(({ value }) => value?.[1] ?? 0).sort()).toEqual([0, 2, 4])
  })
})

test('a future that is used as a plain value throws an error that says what to write', () => {
  const value = future as unknown as number & unknown[]
  const instead =
    /Future<task-\w+, finished> is not the result itself; write await future\.result\(\)/
  const uses: [use: () => unknown, problem: RegExp][] = [
    [() => `${value}`, /^a future cannot be used as a string: /],
    [() => String(value), /^a future cannot be used as a string: /],
    [() => [value].join(), /^a future cannot be used as a string: /],
    [() => +value, /^a future cannot be used as a number: /],
    [() => value > 1, /^a future cannot be used as a number: /],
    [() => value + 1, /^a future cannot be used as a number: /],
    [() => Math.max(value, 1), /^a future cannot be used as a number: /],
    [() => JSON.stringify(value), /^a future cannot be written as JSON: /],
    [() => JSON.stringify({ value: [value] }), /^a future cannot be written as JSON: /],
    [() => value.length, /^a future has no length: /],
    [() => value[0], /^a future has no element \[0\]: /],
    [() => Array.from(value), /^a future is not iterable: /],
    [() => [...value], /^a future is not iterable: /],
  ]
  for (const [use, problem] of uses) {
    expect(use).toThrow(problem)
    expect(use).toThrow(instead)
  }
  expect([future]).toEqual([future])
  expect(inspect([future])).toMatch(/^\[ Future<task-\w+, finished> \]$/)
})

test('what belongs to this process is refused in closures and arguments, with getClient', async () => {
  const { scheduler } = cluster
  const { get } = client
  const completed = asCompleted([future])
  const refused: [fn: () => unknown, message: string][] = [
    [() => client.submit(() => 1), 'it is a Client'],
    [() => client.address, 'it is a Client'],
    [() => get({ x: 1 }, 'x'), 'it is the session of a Client'],
    [() => cluster.close(), 'it is a LocalCluster'],
    [() => scheduler.info(), 'it is a Scheduler'],
    [() => completed.next(), 'it is an iterator over futures'],
  ]
  for (const [fn, message] of refused) {
    for (const use of [
      () => client.submit(fn),
      () => db.range(2).map(fn),
      () => client.get({ x: [fn] }, 'x'),
    ]) {
      const error = await Promise.resolve()
        .then(use)
        .catch((thrown: unknown) => thrown)
      expect(error).toBeInstanceOf(NotPortableError)
      expect((error as Error).message).toContain(message)
      expect((error as Error).message).toContain(
        'gets a client of the cluster that it runs on by getClient()',
      )
    }
  }
  expect(() => client.submit((x: unknown) => x, { deep: [client] })).toThrow(
    'task -> argument 1 -> deep -> 0 to another thread or process: it is a Client, which',
  )
  expect(() => client.submit(() => future.result())).toThrow(
    'it is a future, whose result a cluster keeps; pass it as an argument, such as client.submit(',
  )
})

test('constructors say what to write', () => {
  const make = (Class: unknown, ...args: unknown[]) =>
    new (Class as new (...args: unknown[]) => unknown)(...args)
  const expected: [Class: unknown, args: unknown[], message: string][] = [
    [
      Client,
      ['tcp://127.0.0.1:5555'],
      'a Client is not made with new; write await Client.connect(',
    ],
    [LocalCluster, [], 'a LocalCluster is not made with new; write await LocalCluster.start('],
    [LocalCluster, [{ nworkers: 2 }], '; got an object { nworkers }'],
    [Scheduler, [{}], 'a Scheduler is not made with new; write await Scheduler.start('],
    [
      Worker,
      [{ scheduler: 'tcp://127.0.0.1:1' }],
      'a Worker is not made with new; write await Wor',
    ],
    [Future, [1], 'a Future is not made with new; write client.submit(fn, ...args); got 1'],
    [AsCompleted, [5], 'asCompleted: expected a future or a list of futures, got 5'],
    [db.Bag, [[1, 2]], 'a lazy bag is not made with new; write db.fromSequence(list)'],
    [da.Array, [[1, 2]], 'an array is not made with new; write da.fromArray(values)'],
  ]
  for (const [Class, args, message] of expected) expect(() => make(Class, ...args)).toThrow(message)
})

test('every public object prints one short line', async () => {
  await using scheduler = await Scheduler.start()
  const { addressToWorkers, addressToClients } = scheduler
  const worker = await Worker.start({
    ...{ scheduler: addressToWorkers, name: 'alice', memoryLimit: '2GB' },
  })
  await worker.ready
  const other = await Client.connect(addressToClients)
  expect(inspect(other)).toBe(`Client<${addressToClients}, connected>`)
  await other.workers()
  expect(inspect(other)).toBe(`Client<${addressToClients}, connected, 1 worker, 1 thread, 2 GB>`)
  expect(inspect(scheduler)).toBe(
    `Scheduler<workers at ${addressToWorkers}, clients at ${addressToClients}, 1 worker, 1 thread, 2 GB, 1 client>`,
  )
  expect(inspect(worker)).toBe(`Worker<alice at ${worker.address}, 1 thread, 2 GB, connected>`)
  await other.close()
  expect(inspect(other)).toBe(`Client<${addressToClients}, closed>`)
  await worker.close()
  expect(inspect(worker)).toBe(`Worker<alice at ${worker.address}, 1 thread, 2 GB, closed>`)
  await using chest = await Chest.open()
  const address = cluster.scheduler.addressToClients
  const workers = '2 workers, 2 threads, 2 GB'
  const lines: [object: unknown, line: RegExp | string][] = [
    [cluster, `LocalCluster<${address}, ${workers}>`],
    [client, `Client<${address}, connected, ${workers}>`],
    [future, /^Future<task-\w+, finished>$/],
    [asCompleted([future]), 'AsCompleted<1 future to come>'],
    [chest, /^Chest<.*>$/],
    [db.range(3, { npartitions: 2 }), /^Bag<range-\w+, 2 partitions>$/],
    [db.range(3).sum(), /^Item<sum-\w+>$/],
    [da.ones([2, 2]), 'ChunkedArray<float64, shape [2, 2], chunks [[2], [2]]>'],
    [db.range(9, { npartitions: 3 }).sum().graph, /^LayerGraph<\d layers, \d+ tasks>$/],
  ]
  for (const [object, line] of lines) {
    if (typeof line === 'string') expect(inspect(object)).toBe(line)
    else expect(inspect(object)).toMatch(line)
    expect(inspect({ object }, { depth: 5 }).split('\n').length).toBeLessThanOrEqual(4)
  }
})

test('objects of this process print the same line as JSON and in test runners', async () => {
  const objects = [cluster, client, cluster.scheduler, asCompleted([future])]
  for (const object of objects) {
    expect(JSON.stringify({ object })).toBe(JSON.stringify({ object: String(object) }))
    expect(() => expect([object]).toEqual([1])).toThrow('to deeply equal [ 1 ]')
  }
})

test('values of another kind are refused with what to write', async () => {
  const bag = db.range(4, { npartitions: 2 })
  const wrong: [on: unknown, method: string, args: unknown[], message: string][] = [
    [client, 'scatter', [[1], true], 'scatter: options must be an object; got true'],
    [client, 'scatter', [bag], 'client.persist(collection) computes it and keeps it'],
    [
      client,
      'gather',
      [bag],
      'is a collection, which has no result yet; write await client.gather(',
    ],
    [client, 'gather', [{ x: [bag.sum()] }], 'gather: Item<sum-'],
    [
      client,
      'map',
      [(x: unknown) => x, future],
      'as list 1: its result is not known yet; map a list',
    ],
    [client, 'compute', [future], ', finished>; a future is being computed already'],
    [client, 'persist', [() => 1], 'or a list of them, got the function (anonymous)'],
    [client, 'waitForWorkers', [{ timeout: 1 }], 'number of workers, got an object { timeout }'],
    [client, 'wait', [[], { timeout: '5' }], 'wait: timeout is a number of milliseconds'],
    [client, 'hasWhat', ['worker-9'], "hasWhat: there is no worker 'worker-9'; the workers are"],
    [client, 'processing', [['worker-9']], "processing: there is no worker 'worker-9'"],
    [
      Client,
      'connect',
      [cluster],
      ', 2 workers, 2 threads, 2 GB>; for a cluster of this process wri',
    ],
    [Client, 'connect', [], 'got undefined; for a cluster of this process write await cluster.cli'],
    [{ getClient }, 'getClient', [1], 'getClient takes no arguments, as in getClient(); got 1'],
    [Chest, 'open', [{}, 1], 'Chest.open takes one argument, as in Chest.open(options)'],
  ]
  for (const [on, method, args, message] of wrong)
    await expect(call(on, method, ...args), `${method}: ${message}`).rejects.toThrow(message)
})

test('gather takes Sets and Maps, and leaves failures out of them', async () => {
  const same = client.submit(() => 2)
  const bad = client.submit((): number => {
    throw new RangeError('no result')
  })
  const list = await client.gather(new Set([future, same]))
  expectTypeOf(list).toEqualTypeOf<number[]>()
  expect(list).toEqual([2, 2])
  const map = await client.gather({ map: new Map([['a', future]]) })
  expectTypeOf(map).toEqualTypeOf<{ map: Map<string, number> }>()
  expect(map).toEqual({ map: new Map([['a', 2]]) })
  const all = new Map([
    ['bad', bad],
    ['good', same],
  ])
  expect(await client.gather(all, { errors: 'skip' })).toEqual(new Map([['good', 2]]))
  expect(await client.gather(new Set([bad, same]), { errors: 'skip' })).toEqual([2])
  await expect(client.gather(all)).rejects.toThrow('no result')
})

test('a collection in a function that is sent is computed where the function runs', async () => {
  const bag = db.range(4, { npartitions: 2 }).map((x) => x + 1)
  const total = client.submit(async () => bag.sum().compute({ get: getClient().get }))
  expect(await total.result()).toBe(10)
})
