/** A function that 10,000 tasks call is sent once over every connection. */
import { Worker as Thread } from 'node:worker_threads'
import { afterAll, afterEach, expect, test, vi } from 'vitest'
import type { ToExecutor } from '../../../core/run/threads/executor-protocol.js'
import { Client } from '../../../distributed/client/client.js'
import { Scheduler } from '../../../distributed/scheduler/scheduler.js'
import { DealerSocket, RouterSocket } from '../../../distributed/transport/zmq.js'
import { Worker } from '../../../distributed/worker/worker.js'
import { closeThreads, db, getThreads } from '../../../index.js'

afterEach(() => vi.restoreAllMocks())
afterAll(closeThreads)

const npartitions = 10_000

/** Computes a sum with a function whose source code and captured value can be found in the sent bytes. */
function makeBag(marker: string) {
  const table = { marker, factor: 2 }
  return db
    .fromSequence([...Array(npartitions).keys()], { npartitions })
    .map((x: number) => (table.marker.length > 0 ? x * table.factor : 0))
    .sum()
}

const expected = npartitions * (npartitions - 1)

function countIn(pieces: readonly Uint8Array[], marker: string): number {
  let count = 0
  for (const bytes of pieces) {
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    for (let at = buffer.indexOf(marker); at >= 0; at = buffer.indexOf(marker, at + 1)) count++
  }
  return count
}

/** Counts what is sent to each executor thread. */
function watchThreads(marker: string): Map<object, number> {
  const counts = new Map<object, number>()
  const post = Thread.prototype.postMessage
  vi.spyOn(Thread.prototype, 'postMessage').mockImplementation(function (this: Thread, message) {
    const sent = message as ToExecutor
    if ('kind' in sent && sent.kind === 'run') {
      const heads = [...sent.bundles, ...sent.recipes].map(([, bytes]) => bytes.head)
      counts.set(this, (counts.get(this) ?? 0) + countIn(heads, marker))
    }
    post.call(this, message)
  })
  return counts
}

test('a function is sent once to each thread', async () => {
  const marker = 'once-to-each-thread'
  const counts = watchThreads(marker)
  expect(await makeBag(marker).compute({ get: getThreads })).toBe(expected)
  expect(counts.size).toBeGreaterThan(0)
  for (const count of counts.values()) expect(count).toBe(1)
  // The same bag again: all threads have the function.
  expect(await makeBag(marker).compute({ get: getThreads })).toBe(expected)
  for (const count of counts.values()) expect(count).toBe(1)
})

test('a function is sent once to the scheduler, to each worker, and to each of its threads', async () => {
  const marker = 'once-through-the-cluster'
  const scheduler = await Scheduler.start()
  const workers = [
    await Worker.start({ scheduler: scheduler.addressToWorkers, nthreads: 2 }),
    await Worker.start({ scheduler: scheduler.addressToWorkers, nthreads: 1 }),
  ]
  const client = await Client.connect(scheduler.addressToClients)
  const counts = watchThreads(marker)
  const bytes = { dealers: 0, routers: 0 }
  const fromDealers: string[] = []
  const fromRouters: string[] = []
  const { send: dealerSend } = DealerSocket.prototype
  vi.spyOn(DealerSocket.prototype, 'send').mockImplementation(function (
    this: DealerSocket,
    frames,
  ) {
    for (const frame of frames) bytes.dealers += frame.byteLength
    for (let n = countIn(frames, marker); n > 0; n--) fromDealers.push(this.address)
    dealerSend.call(this, frames)
  })
  const { send: routerSend } = RouterSocket.prototype
  vi.spyOn(RouterSocket.prototype, 'send').mockImplementation(function (
    this: RouterSocket,
    peer,
    frames,
  ) {
    for (const frame of frames) bytes.routers += frame.byteLength
    for (let n = countIn(frames, marker); n > 0; n--) fromRouters.push(peer)
    routerSend.call(this, peer, frames)
  })
  expect(await makeBag(marker).compute({ get: client.get })).toBe(expected)
  expect(fromDealers).toEqual([scheduler.addressToClients])
  // A worker that ran none of the tasks needs no function.
  expect(fromRouters.length).toBe(new Set(fromRouters).size)
  expect(fromRouters.length).toBeGreaterThan(0)
  for (const count of counts.values()) expect(count).toBeLessThanOrEqual(1)
  // Apart from the function, a task takes its parameters and some numbers.
  expect(bytes.dealers / npartitions).toBeLessThan(150)
  expect(bytes.routers / npartitions).toBeLessThan(250)
  expect(await makeBag(marker).compute({ get: client.get })).toBe(expected)
  expect(fromRouters.length).toBe(new Set(fromRouters).size)
  await client.close()
  for (const worker of workers) await worker.close()
  await scheduler.close()
})

test('a function is sent again after more than a thousand others were used', async () => {
  const scheduler = await Scheduler.start()
  const worker = await Worker.start({ scheduler: scheduler.addressToWorkers })
  const client = await Client.connect(scheduler.addressToClients)
  const fromClient: string[] = []
  const { send } = DealerSocket.prototype
  vi.spyOn(DealerSocket.prototype, 'send').mockImplementation(function (
    this: DealerSocket,
    frames,
  ) {
    if (this.address === scheduler.addressToClients)
      for (let n = countIn(frames, 'the first of many'); n > 0; n--) fromClient.push(this.address)
    send.call(this, frames)
  })
  const name = 'the first of many'
  const first = (x: number) => (name.length > 0 ? x : 0)
  expect(await client.submit(first, 1).result()).toBe(1)
  expect(await client.submit(first, 2).result()).toBe(2)
  expect(fromClient.length).toBe(1)
  const others = Array.from({ length: 1100 }, (_, i) => (x: number) => x + i)
  const sums = await Promise.all(others.map((other) => client.submit(other, 1).result()))
  expect(sums).toEqual(others.map((_, i) => i + 1))
  expect(await client.submit(first, 3).result()).toBe(3)
  expect(fromClient.length).toBe(2)
  await client.close()
  await worker.close()
  await scheduler.close()
})
