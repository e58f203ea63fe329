import { afterEach, expect, test } from 'vitest'
import { Dealer } from 'zeromq'
import { TaskError } from '../../core/base/errors.js'
import type { StoredValue } from '../../core/graph/stored-value.js'
import { Client } from '../../distributed/client/client.js'
import type { ClientHello } from '../../distributed/protocol/index.js'
import { clientToScheduler, schedulerToClient } from '../../distributed/protocol/message-shapes.js'
import { ownVersions } from '../../distributed/protocol/version.js'
import { Scheduler, type SchedulerOptions } from '../../distributed/scheduler/scheduler.js'
import { fromFrames, toFrames } from '../../distributed/transport/framing.js'
import { DealerSocket, RouterSocket } from '../../distributed/transport/zmq.js'
import { Worker, type WorkerOptions } from '../../distributed/worker/worker.js'
import { until } from './support.js'

/** Everything that a test has started is closed after it, in reverse order. */
const started: { close(): Promise<void> }[] = []

afterEach(async () => {
  for (const thing of started.splice(0).reverse()) await thing.close()
})

function keep<T extends { close(): Promise<void> }>(thing: T): T {
  started.push(thing)
  return thing
}

const startScheduler = async (options?: SchedulerOptions) => keep(await Scheduler.start(options))
const startWorker = async (options: WorkerOptions) => keep(await Worker.start(options))
const connect = async (address: string) => keep(await Client.connect(address))

async function startAll(nworkers = 1, options: Partial<WorkerOptions> = {}) {
  const s = await startScheduler()
  const workers: Worker[] = []
  for (let i = 0; i < nworkers; i++) {
    workers.push(await startWorker({ scheduler: s.addressToWorkers, ...options }))
  }
  return { s, workers, c: await connect(s.addressToClients) }
}

const add = (a: number, b: number) => a + b
const inc = (x: number) => x + 1
const sum = (list: readonly number[]) => list.reduce((total, x) => total + x, 0)

test('the results of a literal graph have the shape of the requested keys', async () => {
  const { s, c } = await startAll(1, { data: new Map(), nthreads: 2 })
  expect(s.addressToWorkers).toMatch(/^tcp:\/\/127\.0\.0\.1:\d+$/)
  expect(await c.get({ x: 1, y: [add, 'x', 2] }, 'y')).toBe(3)
  expect(await c.get({ x: 1, y: [add, 'x', 2] }, ['y', ['x', 'y']])).toEqual([3, [1, 3]])
  expect(await c.get({}, [])).toEqual([])
})

test('results have the same values as locally', async () => {
  const { c } = await startAll(2)
  const same = <T>(value: T) => value
  const big = new Float64Array(300_000).map((_, i) => i)
  const values = [
    undefined,
    null,
    -0,
    Number.NaN,
    10n ** 30n,
    new Date(5),
    new Map([[1, 'x']]),
    big,
  ]
  const graph = Object.fromEntries(values.map((value, i) => [`v${i}`, [same, value]]))
  expect(await c.get(graph, Object.keys(graph))).toEqual(values)
})

test('a task may return a function that another task calls', async () => {
  const { c } = await startAll(2)
  const adder = (n: number) => (x: number) => x + n
  const apply = (f: (x: number) => number, x: number) => f(x)
  expect(await c.get({ f: [adder, 5], y: [apply, 'f', 1] }, 'y')).toBe(6)
  const f = (await c.get({ f: [adder, 7] }, 'f')) as (x: number) => number
  expect(f(1)).toBe(8)
})

test('several clients compute several graphs at once', async () => {
  const { s, c } = await startAll(2)
  const clients = [c, await connect(s.addressToClients), await connect(s.addressToClients)]
  const jobs = clients.flatMap((client, i) =>
    Array.from({ length: 5 }, (_, j) => {
      const graph: Record<string, unknown> = {}
      const keys = Array.from({ length: 40 }, (_, k) => `x${k}`)
      for (const [k, key] of keys.entries()) graph[key] = [add, k, i * 100 + j]
      graph.total = [sum, keys]
      return client.get(graph, 'total')
    }),
  )
  const expected = clients.flatMap((_, i) =>
    Array.from({ length: 5 }, (_, j) => (39 * 40) / 2 + 40 * (i * 100 + j)),
  )
  expect(await Promise.all(jobs)).toEqual(expected)
  await until('the scheduler has forgotten all', () => s.info().runs === 0)
})

test('workers fetch results from each other, and drop those that are not needed', async () => {
  const stores = [new Map<string, StoredValue>(), new Map<string, StoredValue>()]
  const s = await startScheduler()
  for (const data of stores) await startWorker({ scheduler: s.addressToWorkers, data })
  const c = await connect(s.addressToClients)
  await until('both are there', () => s.info().workers.length === 2)
  const make = (n: number) => new Float64Array(20_000).fill(n)
  const last = (list: readonly Float64Array[]) => list.map((part) => part.at(-1))
  const graph: Record<string, unknown> = {}
  const keys = Array.from({ length: 30 }, (_, i) => `part${i}`)
  for (const [i, key] of keys.entries()) graph[key] = [make, i]
  graph.last = [last, keys]
  expect(await c.get(graph, 'last')).toEqual(keys.map((_, i) => i))
  await until('the data is freed', () => stores.every((data) => data.size === 0))
})

test('results are stored by key in the given mapping, and its other entries stay', async () => {
  const data = new Map<string, StoredValue>([['x', 'mine']])
  const seen: string[] = []
  const watched = {
    get: (key: string) => data.get(key),
    has: (key: string) => data.has(key),
    delete: (key: string) => data.delete(key),
    set: (key: string, value: StoredValue) => {
      seen.push(key)
      data.set(key, value)
    },
  }
  const s = await startScheduler()
  await startWorker({ scheduler: s.addressToWorkers, data: watched })
  const c = await connect(s.addressToClients)
  expect(await c.get({ x: [inc, 1], y: [inc, 'x'] }, 'y')).toBe(3)
  expect(seen).toEqual(['x (2)', 'y'])
  await until('only what was there is there', () => data.size === 1)
  expect(data.get('x')).toBe('mine')
})

test('a worker may start before its scheduler', async () => {
  const probe = await Scheduler.start()
  const port = Number(probe.addressToWorkers.split(':').at(-1))
  await probe.close()
  const worker = await startWorker({ scheduler: `tcp://127.0.0.1:${port}` })
  expect(worker.isConnected).toBe(false)
  const s = await startScheduler({ portToWorkers: port })
  const c = await connect(s.addressToClients)
  expect(await c.get({ x: [inc, 1] }, 'x')).toBe(2)
})

test('a worker connects to a new scheduler at the same address', async () => {
  const first = await Scheduler.start()
  const port = Number(first.addressToWorkers.split(':').at(-1))
  const worker = await startWorker({ scheduler: first.addressToWorkers })
  await until('the worker is in', () => worker.isConnected)
  await first.close()
  const s = await startScheduler({ portToWorkers: port })
  const c = await connect(s.addressToClients)
  expect(await c.get({ x: [inc, 1] }, 'x')).toBe(2)
})

test('a computation waits for the first worker', async () => {
  const s = await startScheduler()
  const c = await connect(s.addressToClients)
  const waiting = c.get({ x: [inc, 1] }, 'x')
  await until('the computation is there', () => s.info().runs === 1)
  await startWorker({ scheduler: s.addressToWorkers })
  expect(await waiting).toBe(2)
})

test("a task's error is the one that a local get gives, with the user's line", async () => {
  const { c } = await startAll()
  const fail = (x: number) => {
    throw new RangeError(`no ${x}`)
  }
  const error = await c.get({ x: 1, y: [fail, 'x'] }, 'y').catch((e: unknown) => e)
  expect(error).toBeInstanceOf(TaskError)
  expect(error).toMatchObject({ key: 'y', step: 0, operation: 'fail' })
  expect((error as TaskError).cause).toBeInstanceOf(RangeError)
  expect(((error as TaskError).cause as Error).message).toBe('no 1')
  // A failed computation does not affect the next one.
  expect(await c.get({ y: [inc, 1] }, 'y')).toBe(2)
})

test('invalid graphs and keys are errors at the call', async () => {
  const { c } = await startAll()
  await expect(c.get({ x: [inc, 'y'], y: [inc, 'x'] }, 'x')).rejects.toMatchObject({
    code: 'CYCLE',
  })
  await expect(c.get({ x: 1 }, 'z')).rejects.toMatchObject({ code: 'MISSING_KEY' })
  await expect(c.get({ x: [inc, new WeakMap()] }, 'x')).rejects.toThrow(/cannot|Cannot/)
})

test('a computation can be cancelled, with its tasks', async () => {
  const { s, c } = await startAll()
  const controller = new AbortController()
  const forever = () => new Promise(() => {})
  const waiting = c.get({ x: [forever] }, 'x', { signal: controller.signal })
  await until('it runs', () => s.info().runs === 1)
  controller.abort(new Error('enough'))
  await expect(waiting).rejects.toMatchObject({ code: 'CANCELLED' })
  await until('the scheduler has forgotten it', () => s.info().runs === 0)
})

test('progress is reported until the end', async () => {
  const { c } = await startAll()
  const told: number[] = []
  const graph: Record<string, unknown> = {}
  const keys = Array.from({ length: 50 }, (_, i) => `x${i}`)
  for (const key of keys) graph[key] = [inc, 1]
  await c.get(graph, keys, { onProgress: ({ done, total }) => told.push(done / total) })
  expect(told.at(-1)).toBe(1)
  expect(told).toEqual([...told].sort((a, b) => a - b))
})

test('a client that is closed, or whose scheduler closes, rejects what it waits for', async () => {
  const s = await Scheduler.start()
  const [first, second] = [await connect(s.addressToClients), await connect(s.addressToClients)]
  const waiting = [first, second].map((c) => c.get({ x: [inc, 1] }, 'x').catch((e: unknown) => e))
  await until('both are there', () => s.info().runs === 2)
  await first.close()
  expect(await waiting[0]).toMatchObject({ code: 'CANCELLED' })
  await until('what the client wanted is forgotten', () => s.info().runs === 1)
  await s.close()
  expect(await waiting[1]).toMatchObject({ code: 'CANCELLED' })
  expect(((await waiting[1]) as Error).message).toMatch(/the scheduler was closed/)
  await expect(second.get({ x: 1 }, 'x')).rejects.toMatchObject({ code: 'CONNECTION' })
})

test('connecting to an address without a scheduler fails after the timeout and names the address', async () => {
  await expect(Client.connect('tcp://127.0.0.1:9', { timeout: 100 })).rejects.toMatchObject({
    code: 'CONNECTION',
    message: expect.stringContaining('tcp://127.0.0.1:9'),
  })
})

test.each(['127.0.0.1:5555', 'tcp://127.0.0.1', 'tcp://127.0.0.1:99999', 5555])(
  'the address %s is refused at the call',
  async (address) => {
    await expect(Client.connect(address as string)).rejects.toThrow(TypeError)
    await expect(Worker.start({ scheduler: address as string })).rejects.toThrow(TypeError)
  },
)

test('invalid options are refused at the call', async () => {
  await expect(Scheduler.start({ hostname: '0.0.0.0' })).rejects.toThrow(/insecure/)
  await expect(Scheduler.start({ portToWorkers: 70_000 })).rejects.toThrow(RangeError)
  const scheduler = 'tcp://127.0.0.1:4444'
  await expect(Worker.start({ scheduler, nthreads: 0 })).rejects.toThrow(RangeError)
  await expect(Worker.start({ scheduler, data: [] as never })).rejects.toThrow(TypeError)
})

test('a port in use is a clear error', async () => {
  const s = await startScheduler()
  const portToWorkers = Number(s.addressToWorkers.split(':').at(-1))
  await expect(Scheduler.start({ portToWorkers })).rejects.toMatchObject({
    code: 'BIND',
    message: expect.stringMatching(new RegExp(`${portToWorkers}.*another program`)),
  })
})

test('a scheduler of another version is an error that names both versions', async () => {
  const versions = { protocol: 999, skein: '9.9.9', node: 'v99.0.0' }
  const scheduler = await RouterSocket.bind('tcp://127.0.0.1:*', {
    onMessage: (frames, peer) => {
      const hello = fromFrames<ClientHello>(frames, clientToScheduler)?.messages[0]
      const refused = { op: 'refused', nonce: hello?.nonce, versions }
      scheduler.send(peer, toFrames({ session: '', number: 0, messages: [refused] }))
    },
    onError: (error) => {
      throw error
    },
  })
  keep(scheduler)
  await expect(Client.connect(scheduler.bound)).rejects.toMatchObject({
    code: 'VERSION_MISMATCH',
    message: expect.stringMatching(/skein 9\.9\.9 .*skein \d+\.\d+\.\d+ /),
  })
})

test('a scheduler refuses workers and clients of another version', async () => {
  const s = await startScheduler()
  const versions = { protocol: 999, skein: '9.9.9', node: 'v99.0.0' }
  const hello = { op: 'hello', versions, nonce: 'n', pid: 1, hostname: 'h' }
  const answers: unknown[] = []
  const client = new DealerSocket(s.addressToClients, 'client', {
    onMessage: (frames) => answers.push(fromFrames(frames, schedulerToClient)?.messages[0]),
    onError: (error) => {
      throw error
    },
  })
  keep(client)
  client.send(toFrames({ session: '', number: 0, messages: [hello] }))
  await until('it is answered', () => answers.length > 0)
  expect(answers).toEqual([{ op: 'refused', nonce: 'n', versions: ownVersions() }])
})

test('hostname may be a name of this machine', async () => {
  const s = await startScheduler({ hostname: 'localhost' })
  await startWorker({ scheduler: s.addressToWorkers, hostname: 'localhost' })
  const c = await connect(s.addressToClients)
  expect(await c.get({ x: [inc, 1] }, 'x')).toBe(2)
})

test('invalid frames on the sockets are counted and dropped', async () => {
  const { s, c } = await startAll()
  for (const address of [s.addressToWorkers, s.addressToClients]) {
    const socket = new Dealer({ linger: 1000 })
    socket.connect(address)
    await socket.send(['noise', Buffer.alloc(1000, 7)])
    await socket.send('')
    socket.close()
  }
  await until('it was counted', () => s.info().dropped === 4)
  expect((await c.schedulerInfo()).dropped).toBe(4)
  expect(await c.get({ x: [inc, 1] }, 'x')).toBe(2)
})
