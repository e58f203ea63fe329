/** Clients in the process of their scheduler receive messages as objects, with values of their own. */
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { CancelledError } from '../../../core/base/errors.js'
import type { Client } from '../../../distributed/client/client.js'
import type { Future } from '../../../distributed/client/futures/future.js'
import { LocalCluster } from '../../../distributed/processes/local-cluster.js'
import { DealerSocket } from '../../../distributed/transport/zmq.js'
import { db } from '../../../index.js'
import { until } from '../support.js'

let cluster: LocalCluster
let client: Client

beforeAll(async () => {
  cluster = await LocalCluster.start({ nworkers: 1 })
  client = await cluster.client()
})

afterAll(async () => {
  await cluster?.close()
})

test('no message is sent through a socket', async () => {
  const send = vi.spyOn(DealerSocket.prototype, 'send')
  const other = await cluster.client()
  expect(await other.submit((x: number) => x + 1, 41).result()).toBe(42)
  await other.close()
  expect(send).not.toHaveBeenCalled()
  send.mockRestore()
})

test.for([
  ['a short array', 4],
  ['a long array', 1e5],
] as const)('who changes a result changes nobody else: %s', async ([, length]) => {
  const other = await cluster.client()
  const made = client.submit((n: number) => new Float64Array(n).fill(7), length)
  await client.setCollection('made', made)
  const again = await other.getCollection<Future<Float64Array>>('made')
  const [mine, theirs] = await Promise.all([made.result(), again.result()])
  mine.fill(0)
  expect(theirs[0]).toBe(7)
  expect(await other.submit((array: Float64Array) => array[0], again).result()).toBe(7)
  await other.close()
})

test('changing a fetched collection does not change the stored one', async () => {
  const block = new Float64Array(1e5).fill(3)
  await client.setCollection('blocks', db.fromSequence([block], { npartitions: 1 }))
  const fetch = async (): Promise<Float64Array> => {
    const bag =
      await client.getCollection<ReturnType<typeof db.fromSequence<Float64Array>>>('blocks')
    return (await bag.compute({ get: client.get }))[0]!
  }
  ;(await fetch()).fill(0)
  expect((await fetch())[0]).toBe(3)
})

test('an argument has the value of the time of the call, also when the call is retried', async () => {
  const given = new Float64Array(1e5).fill(1)
  const seen = client.submitWith(
    { retries: 1, pure: false },
    (array: Float64Array) => array[0],
    given,
  )
  given.fill(2)
  expect(await seen.result()).toBe(1)
})

test('two clients get separate error objects', async () => {
  const other = await cluster.client()
  const fail = (): never => {
    throw Object.assign(new Error('no'), { data: new Float64Array(1e4).fill(1) })
  }
  const [mine, theirs] = await Promise.all(
    [client, other].map(
      (one) => one.submit(fail).exception() as Promise<{ cause: { data: Float64Array } }>,
    ),
  )
  mine!.cause.data.fill(0)
  expect(theirs!.cause.data[0]).toBe(1)
  await other.close()
})

test('a closed client is removed, and a client notices that its scheduler has closed', async () => {
  const own = await LocalCluster.start({ nworkers: 1 })
  const [first, second] = [await own.client(), await own.client()]
  expect(own.scheduler.info().clients).toBe(2)
  await first.close()
  await until('the client is gone', () => own.scheduler.info().clients === 1)
  const waiting = second.submit(() => new Promise<number>(() => {})).result()
  const ended = expect(waiting).rejects.toThrow(CancelledError)
  await own.scheduler.close()
  await ended
  await own.close()
})
