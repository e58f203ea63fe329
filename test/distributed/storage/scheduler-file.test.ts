import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { ConnectionError } from '../../../distributed/base/errors.js'
import { Client } from '../../../distributed/client/client.js'
import { Scheduler } from '../../../distributed/scheduler/scheduler.js'
import {
  awaitSchedulerFile,
  writeSchedulerFile,
} from '../../../distributed/storage/scheduler-file.js'
import { Worker } from '../../../distributed/worker/worker.js'
import { makeFolder } from '../../support/folders.js'
import { until } from '../support.js'

const addresses = {
  addressToWorkers: 'tcp://127.0.0.1:4444',
  addressToClients: 'tcp://127.0.0.1:5555',
}
const fileName = (): string => path.join(makeFolder('scheduler-file'), 'scheduler.json')

test('workers and clients wait for the file of a scheduler, which removes it at its end', async () => {
  const schedulerFile = fileName()
  const starting = Worker.start({ schedulerFile, nthreads: 1 })
  const connecting = Client.connect({ schedulerFile })
  await new Promise((resolve) => setTimeout(resolve, 200))
  const scheduler = await Scheduler.start({ schedulerFile })
  const written = JSON.parse(readFileSync(schedulerFile, 'utf8')) as Record<string, unknown>
  expect(written).toMatchObject({
    addressToWorkers: scheduler.addressToWorkers,
    addressToClients: scheduler.addressToClients,
    pid: process.pid,
  })
  const [worker, client] = await Promise.all([starting, connecting])
  expect(await client.submit((x: number) => x + 1, 41).result()).toBe(42)
  await client.close()
  await worker.close()
  await scheduler.close()
  expect(existsSync(schedulerFile)).toBe(false)
})

test('a worker with exitWithScheduler closes when the scheduler does, another one waits', async () => {
  const schedulerFile = fileName()
  const scheduler = await Scheduler.start({ schedulerFile })
  const [ending, waiting] = await Promise.all([
    Worker.start({ schedulerFile, exitWithScheduler: true }),
    Worker.start({ schedulerFile }),
  ])
  await Promise.all([ending.ready, waiting.ready])
  await scheduler.close()
  await ending.finished
  expect(String(ending)).toContain('closed')
  await until('the other one is not connected', () => String(waiting).includes('not connected'))
  await waiting.close()
})

test('a worker with exitWithScheduler closes when no scheduler has answered in time', async () => {
  const worker = await Worker.start({
    scheduler: 'tcp://127.0.0.1:1',
    exitWithScheduler: true,
    schedulerTimeout: 2000,
  })
  await worker.finished
  expect(String(worker)).toContain('closed')
})

test('a scheduler removes only its own file', () => {
  const file = fileName()
  const remove = writeSchedulerFile(file, addresses)
  writeSchedulerFile(file, { ...addresses, addressToClients: 'tcp://127.0.0.1:6666' })
  remove()
  expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({
    addressToClients: 'tcp://127.0.0.1:6666',
  })
})

test('files that are none, that do not come and that cannot be written are errors', async () => {
  const file = fileName()
  await expect(awaitSchedulerFile(file, { timeout: 50 })).rejects.toThrow(
    /There is no scheduler file '.*scheduler.json' after 50 ms/,
  )
  const late = Client.connect({ schedulerFile: file, timeout: 50 })
  await expect(late).rejects.toBeInstanceOf(ConnectionError)
  for (const text of ['', '{', 'null', '[]', '{ "addressToWorkers": "tcp://127.0.0.1:4444" }']) {
    writeFileSync(file, text)
    await expect(awaitSchedulerFile(file)).rejects.toThrow(/is no scheduler file/)
  }
  writeFileSync(file, JSON.stringify({ ...addresses, serverKey: 'short' }))
  await expect(awaitSchedulerFile(file)).rejects.toThrow(/serverKey .* is not 40 characters/)
  const unwritable = path.join(path.dirname(file), 'missing', 'scheduler.json')
  await expect(Scheduler.start({ schedulerFile: unwritable })).rejects.toThrow(
    /the scheduler file '.*missing.*' cannot be written: ENOENT/,
  )
})

test('wrong arguments are errors at the call, before the file is there', async () => {
  const schedulerFile = fileName()
  const start = (options: object) => Worker.start({ schedulerFile, ...options })
  await expect(start({ nthreads: 0 })).rejects.toThrow(/nthreads is a whole number/)
  await expect(start({ scheduler: 'tcp://127.0.0.1:1' })).rejects.toThrow(/one of them suffices/)
  await expect(start({ keys: '/nowhere' })).rejects.toThrow(/no keys at/)
  await expect(Worker.start({ schedulerFile: '' })).rejects.toThrow(/path of a file/)
  await expect(Worker.start({})).rejects.toThrow(/scheduler: an address looks like/)
  await expect(Client.connect({ schedulerFile, retries: 1 } as never)).rejects.toThrow(
    /no option 'retries'/,
  )
  await expect(Client.connect({ schedulerFile: 5 as never })).rejects.toThrow(/path of a file/)
})
