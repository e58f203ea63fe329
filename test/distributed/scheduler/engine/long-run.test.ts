/**
 * A scheduler over one day of virtual time: graphs, clients, workers and named results come and go, next to
 * clients and workers that stay. The scheduler's tables must not grow.
 */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import type { Encoded } from '../../../../core/codec/index.js'
import type {
  Compute,
  SchedulerToWorker,
  Submit,
  WorkerHello,
} from '../../../../distributed/protocol/index.js'
import { Engine } from '../../../../distributed/scheduler/engine/engine.js'
import { validateEngine } from '../../../../distributed/scheduler/engine/validate-engine.js'
import type { RemoteClient } from '../../../../distributed/scheduler/peers/clients.js'
import type { RemoteWorker } from '../../../../distributed/scheduler/peers/workers.js'
import { StoredCollections } from '../../../../distributed/scheduler/stored-collections.js'
import { below, seeded } from '../../../support/random.js'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

const second = 1000
const hour = 3600 * second
/** Milliseconds between two graphs. */
const pause = 2 * second
const none = new Int32Array(0)
const noExternals = { runs: [], runOf: none, targets: none }

const encoded = (bundles: readonly string[] = []): Encoded => ({
  head: new Uint8Array(40),
  buffers: [],
  bundles,
})

/** A worker that finishes its tasks when `work` is called. */
interface Answering {
  readonly link: RemoteWorker
  readonly inbox: Compute[]
}

interface User {
  readonly link: RemoteClient
  nextRun: number
  readonly holding: number[]
  readonly sent: string[]
}

class Day {
  now = 0
  readonly engine = new Engine({ now: () => this.now, log: () => {} })
  readonly collections = new StoredCollections(this.engine, {
    newRunName: () => `hold/${this.count++}`,
    log: () => {},
  })
  readonly workers: Answering[] = []
  readonly users: User[] = []
  graphs = 0
  private readonly random = seeded(24)
  private count = 0
  private readonly names: string[] = []

  join(): void {
    const n = this.count++
    const inbox: Compute[] = []
    const hello = {
      ...{ op: 'hello', role: 'worker', nthreads: 1, address: `tcp://worker:${n}`, name: `w${n}` },
      ...{ hostname: 'h', resources: {}, pid: n, includeKeys: false, memoryLimit: 0, rss: 0 },
    } as unknown as WorkerHello
    const post = (message: SchedulerToWorker): void => {
      if (message.op === 'compute') inbox.push(message)
    }
    const link = this.engine.addWorker(hello, post)
    this.workers.push({ link, inbox })
    this.engine.startWorker(link)
  }

  leave(): void {
    const [gone] = this.workers.splice(1 + below(this.random, this.workers.length - 1), 1)
    this.engine.removeWorker(gone!.link, 'it is gone')
  }

  come(): void {
    const n = this.count++
    const link = this.engine.addClient({ session: `s${n}`, name: `client-${n}` }, () => {})
    this.users.push({ link, nextRun: 0, holding: [], sent: [] })
  }

  go(): void {
    const [gone] = this.users.splice(1 + below(this.random, this.users.length - 1), 1)
    this.engine.removeClient(gone!.link)
  }

  /** Submits a graph of twenty tasks and one that reads them, with a new function. */
  graph(user: User): void {
    const n = this.graphs++
    const count = 21
    const keeps = n % 2 === 0
    const numbers = Int32Array.from({ length: count }, (_, i) => i)
    const key = (i: number): string => `task-${n}-${i}`
    const fn = `function-${n}`
    const message: Submit = {
      op: 'submit',
      run: user.nextRun++,
      recipeTokens: [`recipe-${n}`],
      recipes: [encoded([fn])],
      bundles: [[fn, encoded()]],
      recipeOf: new Int32Array(count),
      inputStart: Int32Array.from({ length: count + 1 }, (_, i) => (i === count ? count - 1 : 0)),
      inputs: numbers.subarray(0, count - 1),
      ranks: numbers,
      targets: Int32Array.of(count - 1),
      params: Array.from(numbers),
      paramEnd: numbers.map((i) => i + 1),
      keys: {
        joined: Array.from(numbers, key).join(''),
        ends: numbers.map((i) => Array.from(numbers.subarray(0, i + 1), key).join('').length),
      },
      layers: [],
      contentNamed: new Uint8Array(count).fill(n % 3 === 0 ? 1 : 0),
      reportProgress: n % 5 === 0,
      externals: noExternals,
      annotations: n % 7 === 0 ? [{ workers: [`w${this.workers[0]!.link.worker}`, `w${n}`] }] : [],
      holdTargets: keeps,
      deliver: none,
    } as Submit
    this.engine.submit(user.link, message)
    user.sent.push(fn)
    // As a client does with bundles that it has not used for a while.
    if (user.sent.length > 200) user.link.dropBundles(user.sent.splice(0, 100))
    this.work()
    if (keeps) user.holding.push(message.run)
    else this.engine.cancelRun(user.link, message.run)
    if (keeps && n % 50 === 0) this.name(user, message.run)
    while (user.holding.length > 10) this.letGo(user)
  }

  private letGo(user: User): void {
    const run = user.holding.shift()!
    this.engine.releaseTargets(user.link, { op: 'release', run, targets: Int32Array.of(0) })
  }

  /** Stores a result under a name, and deletes the oldest of more than five. */
  private name(user: User, run: number): void {
    const name = `name-${this.graphs}`
    const externals = {
      runs: [user.link.runName(run)],
      runOf: Int32Array.of(0),
      targets: Int32Array.of(0),
    }
    const set = { ...{ request: 0, name, value: encoded(), bundles: [] }, externals }
    const message = {
      op: 'set-collection' as const,
      ...{ externalOf: Int32Array.of(0), keys: ['k'], override: true },
      ...set,
    }
    expect(this.collections.set(message, name)).toBe('stored')
    this.names.push(name)
    if (this.names.length > 5) this.collections.delete(this.names.shift()!)
  }

  /** All workers finish their tasks. */
  private work(): void {
    for (let isAny = true; isAny; ) {
      isAny = false
      for (const { link, inbox } of this.workers) {
        for (const { tasks, attempts, deliver } of inbox.splice(0)) {
          isAny = true
          this.engine.fromWorker(link, {
            ...{ op: 'finished', tasks, attempts, delivered: deliver },
            nbytes: new Float64Array(tasks.length).fill(8),
            durations: new Float32Array(tasks.length).fill(0.1),
            values: Array.from(deliver, () => 1),
            bundles: [],
          })
        }
      }
    }
  }

  async until(time: number): Promise<void> {
    for (; this.now < time; this.now += pause) {
      const at = this.now / pause
      this.graph(this.users[below(this.random, this.users.length)]!)
      // Messages that are sent at the end of a turn are sent.
      if (at % 10 === 0) await Promise.resolve()
      if (at % 150 === 0) {
        this.leave()
        this.join()
      }
      if (at % 300 === 0) {
        this.go()
        this.come()
      }
    }
    for (const user of this.users) while (user.holding.length > 0) this.letGo(user)
    for (const name of this.names.splice(0)) this.collections.delete(name)
    validateEngine(this.engine)
  }
}

/** Returns the sizes of all tables that can be reached from an object, by their paths. */
function sizesOf(root: object): Map<string, number> {
  const sizes = new Map<string, number>()
  const seen = new Set<object>()
  const stack: [string, object][] = [['', root]]
  const add = (path: string, size: number): void => {
    sizes.set(path, (sizes.get(path) ?? 0) + size)
  }
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    const [path, value] = next
    if (seen.has(value)) continue
    seen.add(value)
    if (ArrayBuffer.isView(value)) {
      add(path, value.byteLength)
      continue
    }
    if (value instanceof Map || value instanceof Set || Array.isArray(value)) {
      add(path, 'size' in value ? value.size : value.length)
      for (const entry of value.values()) if (isObject(entry)) stack.push([`${path}[]`, entry])
      continue
    }
    for (const [name, field] of Object.entries(value))
      if (isObject(field)) stack.push([`${path}.${name}`, field])
  }
  return sizes
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

function heap(): number {
  for (let round = 0; round < 3; round++) collect()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

test('after a day of graphs, clients and workers the scheduler’s tables have not grown', async () => {
  const day = new Day()
  for (let i = 0; i < 8; i++) day.join()
  for (let i = 0; i < 4; i++) day.come()
  await day.until(4 * hour)
  const morning = { sizes: sizesOf(day.engine), heap: heap() }
  await day.until(24 * hour)
  const evening = { sizes: sizesOf(day.engine), heap: heap() }
  expect(day.graphs).toBeGreaterThan(40_000)
  // The last thousand lost workers are remembered; there are fewer in a morning.
  const grown = [...evening.sizes].filter(
    ([path, size]) =>
      size > 1.1 * (morning.sizes.get(path) ?? 0) + 8 && !/\.lostWorkers/.test(path),
  )
  expect(
    Object.fromEntries(grown.map(([path, size]) => [path, [morning.sizes.get(path), size]])),
  ).toEqual({})
  expect(evening.heap).toBeLessThan(1.1 * morning.heap)
})
