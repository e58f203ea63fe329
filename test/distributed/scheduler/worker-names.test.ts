/** Workers of one name: only one of them may be connected. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Client } from '../../../distributed/client/client.js'
import { NameConflicts } from '../../../distributed/scheduler/peers/name-conflicts.js'
import { Scheduler } from '../../../distributed/scheduler/scheduler.js'
import { Worker } from '../../../distributed/worker/worker.js'
import { Command, until } from '../support.js'

test('a newcomer is refused when the peer of its name is heard two seconds later', () => {
  const conflicts = new NameConflicts()
  expect(conflicts.decide('a', 100, 100)).toBe('wait')
  // Messages that a dead peer has sent.
  expect(conflicts.decide('a', 1000, 1100)).toBe('wait')
  expect(conflicts.decide('a', 1000, 5000)).toBe('wait')
  expect(conflicts.decide('b', 1000, 5000)).toBe('wait')
  expect(conflicts.decide('a', 5050, 6000)).toBe('refuse')
  expect(conflicts.decide('b', 5050, 6000)).toBe('wait')
})

let scheduler: Scheduler
beforeAll(async () => {
  scheduler = await Scheduler.start()
})
afterAll(() => scheduler.close())

test('a second worker of one name is refused at both sides, and a replacement is not', async () => {
  const address = scheduler.addressToWorkers
  const first = new Command('worker', address, '--name', 'alice', '--no-nanny')
  await until('the first is there', () => scheduler.info().workers.length === 1)
  const second = await Worker.start({ scheduler: address, name: 'alice' })
  const third = new Command('worker', address, '--name', 'alice')
  const others = [
    await Worker.start({ scheduler: address }),
    await Worker.start({ scheduler: address }),
  ]
  await expect(second.ready).rejects.toMatchObject({
    code: 'NAME_TAKEN',
    worker: 'alice',
    message: `The scheduler at ${address} has a worker 'alice' already (process ${first.pid} on ${scheduler.info().workers[0]!.hostname}): give each worker its own name (--name), or none`,
  })
  expect((await third.ended).code).toBe(1)
  expect(third.errors).toContain("has a worker 'alice' already")
  await Promise.all(others.map(({ ready }) => ready))
  await using client = await Client.connect(scheduler.addressToClients)
  expect(Object.keys(await client.nthreads())).toHaveLength(3)

  first.process.kill('SIGKILL')
  const replacement = await Worker.start({ scheduler: address, name: 'alice' })
  await replacement.ready
  expect((await client.workers()).map(({ pid }) => pid)).toContain(process.pid)
  await Promise.all([...others, replacement].map((worker) => worker.close()))
})
