/** Tasks that are restricted to hosts, or prefer them. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { annotate } from '../../../core/graph/annotate.js'
import { Client } from '../../../distributed/client/client.js'
import { Scheduler } from '../../../distributed/scheduler/scheduler.js'
import { Worker } from '../../../distributed/worker/worker.js'

let scheduler: Scheduler
let workers: Worker[]
let client: Client
beforeAll(async () => {
  scheduler = await Scheduler.start()
  const base = { scheduler: scheduler.addressToWorkers }
  workers = await Promise.all([
    Worker.start({ ...base, name: 'a', hostname: '127.0.0.12', hostAliases: ['node7.rack.local'] }),
    Worker.start({ ...base, name: 'b', hostname: '127.0.0.13', hostAliases: ['gpu', 'node8'] }),
  ])
  client = await Client.connect(scheduler.addressToClients)
  await client.waitForWorkers(2)
})
afterAll(async () => {
  await client.close()
  await Promise.all(workers.map((worker) => worker.close()))
  await scheduler.close()
})

const whereIs = async (names: string[], more: object = {}) => {
  const future = client.submitWith({ workers: names, pure: false, ...more }, () => 1)
  await future.result()
  return (await client.whoHas(future))[future.key]
}

test.each([
  ['127.0.0.12', 'a'],
  ['127.0.0.13', 'b'],
  ['node7.rack.local', 'a'],
  ['node7', 'a'],
  ['NODE7', 'a'],
  ['gpu', 'b'],
  ['node8.rack.local', 'b'],
  ['b', 'b'],
])('a task for %s runs at %s', async (host, worker) => {
  expect(await whereIs([host])).toEqual([worker])
  expect(Object.keys(await client.run(() => 1, { workers: [host] }))).toEqual([worker])
})

test('other hosts are waited for, unless other workers are allowed', async () => {
  const options = { workers: ['node7.other.local'], pure: false }
  const waiting = client.submitWith(options, () => 1)
  expect(['a', 'b']).toContain((await whereIs(['node9'], { allowOtherWorkers: true }))![0])
  expect(waiting.status).toBe('pending')
  waiting.cancel()
  expect((await client.story(waiting)).why).not.toContain('finished')
  expect(await whereIs(['gpu'], { allowOtherWorkers: true })).toEqual(['b'])
})

test('a busy worker leaves what prefers it to others', async () => {
  const pause = (n: number) => new Promise<number>((resolve) => setTimeout(() => resolve(n), 300))
  const futures = client.map(pause, [1, 2], { workers: ['gpu'], allowOtherWorkers: true })
  await client.gather(futures)
  const holders = Object.values(await client.whoHas(futures))
  expect(holders.flat().sort()).toEqual(['a', 'b'])
})

test('wrong arguments', async () => {
  expect(() => annotate({ workers: ['a'], allowOtherWorkers: 1 as never }, () => 1)).toThrow(
    /allowOtherWorkers is true or false, got 1/,
  )
  const start = Worker.start({ scheduler: 'tcp://127.0.0.1:1', hostAliases: 'gpu' as never })
  await expect(start).rejects.toThrow(/hostAliases: workers is a list of names/)
})
