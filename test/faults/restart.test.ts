/** Schedulers that are killed and restarted, and clients that lose their connection. */
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Bag } from '../../collections/bag/index.js'
import * as db from '../../collections/bag/index.js'
import type { Future } from '../../distributed/client/futures/future.js'
import { Cluster, errorOf, Folder, isQuiet, Passage, until } from './support.js'

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

/** A task that leaves a file each time it is computed. */
const counted = async (folder: string, name: string, ms: number, value: number) => {
  const { mkdtempSync } = await import('node:fs')
  mkdtempSync(`${folder}/${name}-`)
  await new Promise((resolve) => setTimeout(resolve, ms))
  return value
}

const sum = (list: readonly number[]) => list.reduce((total, x) => total + x, 0)

/** A graph of slow tasks, and the sum of their results. */
function slowSum(folder: string, width: number, ms: number): Record<string, unknown> {
  const graph: Record<string, unknown> = {}
  const keys = Array.from({ length: width }, (_, i) => `part${i}`)
  for (const [i, key] of keys.entries()) graph[key] = [counted, folder, `of-${key}`, ms, i]
  graph.total = [sum, keys]
  return graph
}

const portOf = (address: string) => Number(address.slice(address.lastIndexOf(':') + 1))

test('computations and futures finish when the scheduler is killed and restarted', async () => {
  const cluster = await Cluster.start(2)
  const client = await cluster.client()
  const other = await cluster.client()
  await cluster.workersAre(client, 2)
  const folder = new Folder()
  const waiting = client.get(slowSum(folder.path, 40, 50), ['total', 'part7'])
  const others = other.get(slowSum(folder.path, 20, 50), 'total')
  const data = client.scatter([1, 2, 3])
  const mapped = client.map((x: number) => x * 10, data)
  const read = client.submit((x: number, y: number) => x + y, mapped[0]!, mapped[2]!)
  expect(await read.result()).toBe(40)
  const never = client.submit((list: readonly number[]) => list.length, mapped as never)
  // A released result is computed again for its dependents.
  mapped[1]!.release()
  data[1]!.release()
  await until('some of the tasks are done', () => folder.names('of-').length >= 10)
  await cluster.kill(cluster.scheduler)
  // Calls made meanwhile are sent when the scheduler is back.
  const late = client.submit((x: number) => x + 1, read)
  const lateGet = client.get({ x: [sum, [1, 2]] }, 'x')
  const names = client.listCollections()
  await cluster.restart()
  expect(await waiting).toEqual([(40 * 39) / 2, 7])
  expect(await others).toBe((20 * 19) / 2)
  expect(await late.result()).toBe(41)
  expect(await lateGet).toBe(3)
  expect(await names).toEqual([])
  expect(await never.result()).toBe(3)
  expect(await mapped[2]!.result()).toBe(30)
  const minus = client.submit((x: number) => -x, mapped[2]!)
  expect(await minus.result()).toBe(-30)
  for (const future of [...data, ...mapped, read, never, late, minus]) future.release()
  await isQuiet(client)
})

test('computations finish when the scheduler is killed repeatedly', async () => {
  const cluster = await Cluster.start(2)
  const client = await cluster.client()
  await cluster.workersAre(client, 2)
  const folder = new Folder()
  const waiting = client.get(slowSum(folder.path, 30, 20), 'total')
  const future = client.submit(counted, folder.path, 'future', 20, 5)
  for (let round = 0; round < 3; round++) {
    const before = folder.names().length
    await until('a task is computed', () => folder.names().length > before)
    await cluster.kill(cluster.scheduler)
    await cluster.restart()
  }
  expect(await waiting).toBe((30 * 29) / 2)
  expect(await future.result()).toBe(5)
  future.release()
  await isQuiet(client)
})

test('a collection that was submitted as layers is submitted again with all that it needs', async () => {
  const cluster = await Cluster.start(0)
  const client = await cluster.client()
  class Cents {
    constructor(readonly amount: number) {}
    double() {
      return this.amount * 2
    }
  }
  const items = Array.from({ length: 300 }, (_, i) => new Cents(i))
  const bag = db.fromSequence(items, { npartitions: 300 }).map((item) => item.double())
  const waiting = bag.compute({ get: client.get })
  await until('the runs are there', async () => (await client.schedulerInfo()).runs === 1)
  await cluster.kill(cluster.scheduler)
  await cluster.restart()
  await cluster.addWorker()
  expect(await waiting).toEqual(items.map(({ amount }) => amount * 2))
})

test('a client whose connection is cut for 10 s loses nothing, and no task is computed twice', async () => {
  const cluster = await Cluster.start(2)
  const passage = await Passage.to(portOf(cluster.addressToClients))
  const observer = await cluster.client()
  cluster.addressToClients = passage.address
  const client = await cluster.client()
  await cluster.workersAre(client, 2)
  const folder = new Folder()
  // One task ends before the connection is back, one after; the third fails meanwhile.
  const early = client.get(slowSum(folder.path, 10, 100), 'total')
  const fail = async () => {
    await new Promise((resolve) => setTimeout(resolve, 500))
    throw new RangeError('too far')
  }
  const failing = client.get({ x: [fail] }, 'x').catch((error: unknown) => error)
  const failed = client.submit(fail)
  const kept = client.submit(counted, folder.path, 'kept', 200, 6)
  const long = client.submit(counted, folder.path, 'long', 12_000, 7)
  const wanted = long.result()
  await until('all are there', async () => (await observer.schedulerInfo()).runs >= 3)
  await until('some of the tasks are done', () => folder.names('of-').length >= 4)
  passage.cut()
  const during = client.get({ y: [sum, [3, 4]] }, 'y')
  await until(
    'the scheduler has removed the client',
    async () => (await observer.schedulerInfo()).clients === 1,
  )
  await sleep(10_000)
  expect(folder.names('of-').length).toBe(10)
  passage.mend()
  expect(await during).toBe(7)
  expect(await early).toBe(45)
  expect(await failing).toMatchObject({ cause: { message: 'too far' } })
  expect(await errorOf(failed.result())).toMatchObject({ cause: { message: 'too far' } })
  expect(await kept.result()).toBe(6)
  expect(await wanted).toBe(7)
  expect(folder.names()).toHaveLength(12)
  for (const future of [failed, kept, long]) future.release()
  await isQuiet(observer)
})

test('a client gets its results over a connection that breaks repeatedly', async () => {
  const cluster = await Cluster.start(1)
  const passage = await Passage.to(portOf(cluster.addressToClients))
  const observer = await cluster.client()
  cluster.addressToClients = passage.address
  const client = await cluster.client()
  const make = (i: number) => new Float64Array(100_000).fill(i)
  const keys = Array.from({ length: 30 }, (_, i) => `x${i}`)
  const graph = Object.fromEntries(keys.map((key, i) => [key, [make, i]]))
  for (let round = 0; round < 6; round++) {
    const waiting = client.get(graph, keys)
    const futures = client.map(make, [1, 2, 3])
    await sleep(round * 15)
    passage.cut()
    passage.mend()
    const results = (await waiting) as Float64Array[]
    expect(results.map((result) => result[99_999])).toEqual(keys.map((_, i) => i))
    expect((await client.gather(futures)).map((result) => result[0])).toEqual([1, 2, 3])
    for (const future of futures) future.release()
  }
  await isQuiet(observer)
})

test('a client that was stopped and removed continues its runs', async () => {
  const cluster = await Cluster.start(1, '--client-timeout', '2000')
  const passage = await Passage.to(portOf(cluster.addressToClients))
  const observer = await cluster.client()
  cluster.addressToClients = passage.address
  const client = await cluster.client()
  const folder = new Folder()
  const waiting = client.submit(counted, folder.path, 'task', 100, 5)
  await until('it runs', () => folder.names('task').length === 1)
  passage.cut()
  await until('the client is removed', async () => (await observer.schedulerInfo()).runs === 0)
  passage.mend()
  expect(await waiting.result()).toBe(5)
  waiting.release()
  await isQuiet(observer)
})

test('computations are rejected when the scheduler does not come back within the timeout', async () => {
  const cluster = await Cluster.start(1)
  const client = await cluster.client({ schedulerTimeout: 3000 })
  const waiting = client.get({ x: [sleep, 60_000] }, 'x')
  const future = client.submit(sleep, 60_000).result()
  await until('the runs are there', async () => (await client.schedulerInfo()).runs === 2)
  await cluster.kill(cluster.scheduler)
  const asked = client.listCollections()
  const start = performance.now()
  for (const promise of [waiting, future, asked])
    expect(await errorOf(promise)).toMatchObject({ code: 'CANCELLED' })
  expect(performance.now() - start).toBeLessThan(10_000)
  expect(await errorOf(client.get({ x: 1 }, 'x'))).toMatchObject({ code: 'CONNECTION' })
  // Then the scheduler comes back.
  await cluster.restart()
  await until('the client is connected', async () => {
    return client.get({ x: [sum, [1, 2]] }, 'x').then(
      (value) => value === 3,
      () => false,
    )
  })
})

test('named collections survive a restart, persisted ones too', async () => {
  const folder = new Folder()
  const state = ['--state-dir', join(folder.path, 'state'), '--client-timeout', '3000']
  const cluster = await Cluster.start(2, ...state)
  const author = await cluster.client()
  const reader = await cluster.client()
  await cluster.workersAre(reader, 2)
  const range = db.range(20, { npartitions: 4 })
  const offset = 100
  const twice = [0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30, 32, 34, 36, 38]
  await author.setCollection(
    'graph',
    range.map((x) => x * 2),
  )
  const kept = author.persist(range.map((x) => x + offset))
  await author.setCollection('persisted', kept)
  const first = author.submit((x: number) => x + offset, 1)
  const second = author.submit((x: number) => x * 2, first)
  // The inputs of the named collection are released.
  first.release()
  await author.setCollection('future', second)
  await author.setCollection('deleted', range)
  await author.deleteCollection('deleted')
  const taken = (await reader.getCollection<Bag<number>>('persisted')) as Bag<number>
  const derived = reader.persist(taken.map((x) => -x))
  await reader.setCollection('derived', derived)
  await author.setCollection(
    'replaced',
    range.map((x) => x * 2),
  )
  const before = await reader.getCollection<Future<number>>('future')
  const check = async (client: Awaited<ReturnType<Cluster['client']>>) => {
    const names = ['derived', 'future', 'graph', 'persisted', 'replaced']
    expect(await client.listCollections()).toEqual(names)
    const get = { get: client.get }
    const bag = (name: string) => client.getCollection<Bag<number>>(name)
    expect(await (await bag('graph')).compute(get)).toEqual(twice)
    expect(await (await bag('replaced')).compute(get)).toEqual(twice)
    expect(await (await bag('persisted')).sum().compute(get)).toBe(190 + 20 * offset)
    expect(await (await bag('derived')).sum().compute(get)).toBe(-190 - 20 * offset)
    const future = await client.getCollection<Future<number>>('future')
    expect(await future.result()).toBe(202)
    future.release()
  }
  await check(reader)
  await cluster.kill(cluster.scheduler)
  await cluster.restart()
  await check(reader)
  await check(author)
  expect(await before.result()).toBe(202)
  expect(await second.result()).toBe(202)
  expect(await reader.submit((x: number) => x + 1, before).result()).toBe(203)
  // Names and their data stay without the clients that made them.
  await author.close()
  await reader.close()
  const late = await cluster.client()
  await check(late)
  await late.deleteCollection('persisted')
  await late.close()
  await cluster.kill(cluster.scheduler)
  await cluster.restart()
  const last = await cluster.client()
  expect(await last.listCollections()).toEqual(['derived', 'future', 'graph', 'replaced'])
  // The clients do not come back, and their runs are forgotten.
  await isQuiet(last)
  const found = await last.getCollection<Bag<number>>('derived')
  expect(await found.sum().compute({ get: last.get })).toBe(-190 - 20 * offset)
  for (const name of await last.listCollections()) await last.deleteCollection(name)
})

test('acknowledged names survive, whenever the scheduler is killed', async () => {
  const folder = new Folder()
  const cluster = await Cluster.start(0, '--state-dir', join(folder.path, 'state'))
  const client = await cluster.client()
  const names = new Set<string>()
  for (let round = 0; round < 4; round++) {
    const asked = Array.from({ length: 30 }, (_, i) => {
      const name = `${round}-${i}`
      return client.setCollection(name, db.range(i + 1, { npartitions: 1 })).then(() => name)
    })
    const killed = Promise.race(asked.slice(round * 7)).then(() => cluster.kill(cluster.scheduler))
    await killed
    await cluster.restart()
    // The next scheduler answers the same requests.
    for (const name of await Promise.all(asked)) names.add(name)
    expect(await client.listCollections()).toEqual([...names].sort())
  }
})

test('stopping a scheduler without a state folder rejects what its clients wait for', async () => {
  const cluster = await Cluster.start(1)
  const client = await cluster.client()
  const never = { x: [() => new Promise(() => {})] }
  const waiting = [client.get(never, 'x'), client.submit(sleep, 600_000).result()].map((each) =>
    errorOf(each),
  )
  await until('the runs are there', async () => (await client.schedulerInfo()).runs === 2)
  expect(await cluster.scheduler.stop('SIGTERM')).toEqual({ code: 0, signal: null })
  for (const error of await Promise.all(waiting)) {
    expect(String(error)).toContain('CancelledError')
    expect(String(error)).toContain('is lost: the scheduler was closed')
  }
})

test('clients wait for a stopped scheduler that has a state folder', async () => {
  const folder = new Folder()
  const cluster = await Cluster.start(1, '--state-dir', join(folder.path, 'state'))
  const client = await cluster.client()
  const impatient = await cluster.client({ schedulerTimeout: 2000 })
  const waiting = client.get(slowSum(folder.path, 20, 50), 'total')
  const future = client.submit(counted, folder.path, 'future', 20, 5)
  const rejected = errorOf(impatient.submit(counted, folder.path, 'cancelled', 600_000, 1).result())
  await until('some of the tasks are done', () => folder.names('of-').length >= 3)
  expect(await cluster.scheduler.stop('SIGTERM')).toEqual({ code: 0, signal: null })
  expect(String(await rejected)).toContain('has not come back yet')
  await cluster.restart()
  expect(await waiting).toBe((20 * 19) / 2)
  expect(await future.result()).toBe(5)
})
