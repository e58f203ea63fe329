/** The exchange of results between workers: many small values are sent in one message. */
import { afterEach, expect, test, vi } from 'vitest'
import { Client } from '../../../distributed/client/client.js'
import { Scheduler } from '../../../distributed/scheduler/scheduler.js'
import { DealerSocket, RouterSocket } from '../../../distributed/transport/zmq.js'
import { Worker } from '../../../distributed/worker/worker.js'

afterEach(() => vi.restoreAllMocks())

test('many small values are requested and sent in a few messages', async () => {
  const scheduler = await Scheduler.start()
  const { addressToWorkers } = scheduler
  const from = await Worker.start({ scheduler: addressToWorkers, name: 'from' })
  const to = await Worker.start({ scheduler: addressToWorkers, name: 'to' })
  const client = await Client.connect(scheduler.addressToClients)
  const numbers = Array.from({ length: 5000 }, (_, i) => i)
  const values = client.map((i: number) => `value ${i}`, numbers, { workers: ['from'] })
  await client.wait(values)
  let requests = 0
  let answers = 0
  const { send: ask } = DealerSocket.prototype
  vi.spyOn(DealerSocket.prototype, 'send').mockImplementation(function (
    this: DealerSocket,
    frames,
  ) {
    if (this.address === from.address) requests++
    ask.call(this, frames)
  })
  const { send: answer } = RouterSocket.prototype
  vi.spyOn(RouterSocket.prototype, 'send').mockImplementation(function (
    this: RouterSocket,
    peer,
    frames,
  ) {
    if (this.bound.split(':').at(-1) === from.address.split(':').at(-1)) answers++
    answer.call(this, peer, frames)
  })
  const count = (all: readonly string[]) => all.filter((text) => text.startsWith('value')).length
  expect(await client.submitWith({ workers: ['to'] }, count, values).result()).toBe(5000)
  expect(requests).toBe(1)
  expect(answers).toBe(1)
  await client.close()
  for (const worker of [from, to]) await worker.close()
  await scheduler.close()
})
