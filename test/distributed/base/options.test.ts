import { expect, test } from 'vitest'
import { Client, LocalCluster, Scheduler, Worker } from '../../../distributed/index.js'

const address = 'tcp://127.0.0.1:4444'

test.each<[string, () => Promise<unknown>, RegExp]>([
  [
    'null for a scheduler',
    () => Scheduler.start(null as never),
    /Scheduler\.start: options must be an object/,
  ],
  [
    'a misspelt port',
    () => Scheduler.start({ portToWorker: 1 } as never),
    /no option 'portToWorker'/,
  ],
  [
    'nothing for a worker',
    () => Worker.start(undefined as never),
    /Worker\.start: options must be an object/,
  ],
  [
    'a misspelt number of threads',
    () => Worker.start({ scheduler: address, nthread: 2 } as never),
    /no option 'nthread'/,
  ],
  [
    'a name that is not a string',
    () => Worker.start({ scheduler: address, name: 5 } as never),
    /name is a string, got number/,
  ],
  [
    'a number for a cluster',
    () => LocalCluster.start(5 as never),
    /LocalCluster\.start: options must be an object/,
  ],
  [
    'a misspelt number of workers',
    () => LocalCluster.start({ workers: 2 } as never),
    /no option 'workers'/,
  ],
  [
    'null for a client',
    () => Client.connect(address, null as never),
    /Client\.connect: options must be an object/,
  ],
  [
    'a timeout without end',
    () => Client.connect(address, { timeout: Infinity }),
    /timeout is a number of milliseconds/,
  ],
])('%s is refused at the call', async (_, start, message) => {
  await expect(start()).rejects.toThrow(message)
})
