import { mkdtempSync, statSync } from 'node:fs'
import { readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, expect, test, vi } from 'vitest'
import { Client } from '../../../../distributed/client/client.js'
import { LocalCluster } from '../../../../distributed/processes/local-cluster.js'
import type { Engine } from '../../../../distributed/scheduler/engine/engine.js'
import { Scheduler } from '../../../../distributed/scheduler/scheduler.js'
import { Worker } from '../../../../distributed/worker/worker.js'
import { db } from '../../../../index.js'
import { Command, until } from '../../support.js'

const add = (a: number, b: number) => a + b

/** For dumps: another violation may follow from the first. */
const room = mkdtempSync(join(tmpdir(), 'skein-'))
afterAll(() => {
  vi.unstubAllEnvs()
  return rm(room, { recursive: true })
})

/** Returns what is written to stderr while a function runs. */
async function told(what: () => Promise<void>): Promise<string> {
  let text = ''
  const spy = vi.spyOn(process.stderr, 'write').mockImplementation((part) => {
    text += String(part)
    return true
  })
  try {
    await what()
  } finally {
    spy.mockRestore()
  }
  return text
}

test('a cluster with validation computes the same results', async () => {
  await using cluster = await LocalCluster.start({ nworkers: 2, validate: true })
  const client = await cluster.client()
  const futures = client.map((x: number) => x + 1, [1, 2, 3])
  expect(await client.gather(client.map(add, futures, [10, 20, 30]))).toEqual([12, 23, 34])
  const bag = db.fromSequence([...Array(50).keys()], { npartitions: 10 })
  expect(
    await bag
      .map((x: number) => x * 2)
      .sum()
      .compute({ get: client.get }),
  ).toBe(2450)
  const bad = client.submit(() => {
    throw new RangeError('no')
  })
  await expect(bad.result()).rejects.toThrow('no')
  expect((await client.dump()).options).toMatchObject({ validate: true })
})

test('a violated invariant fails all computations, and is logged with a dump', async () => {
  vi.stubEnv('TMPDIR', room)
  await using cluster = await LocalCluster.start({ nworkers: 1, validate: true })
  const client = await cluster.client()
  const { engine } = cluster.scheduler as unknown as { engine: Engine }
  const held = client.submitWith({ key: 'held' }, add, 1, 2)
  await held.result()
  const errors = await told(async () => {
    engine.state.tasks.neededBy[0]!++
    await expect(client.submit(add, 3, 4).result()).rejects.toThrow(
      /The scheduler failed: its state broke a rule after 'submit': .*task 0 \(memory\) is needed by 1, not 2/,
    )
    await until('the log names the dump', () => true)
  })
  const file = /a dump is in (\S+\.json)/.exec(errors)?.[1]
  expect(errors).toContain("the scheduler's state broke a rule after 'submit'")
  const dump = JSON.parse(await readFile(file!, 'utf8'))
  expect(dump.tasks).toContainEqual(expect.objectContaining({ key: 'held', neededBy: 2 }))
  expect(statSync(file!).mode & 0o777).toBe(0o600)
  expect(statSync(dirname(file!)).mode & 0o777).toBe(0o700)
})

test('validate must be a boolean', async () => {
  await expect(Scheduler.start({ validate: 1 as never })).rejects.toThrow(
    'Scheduler.start: validate is true or false, got number',
  )
  const scheduler = 'tcp://127.0.0.1:1'
  await expect(Worker.start({ scheduler, validate: 'yes' as never })).rejects.toThrow(
    'Worker.start: validate is true or false, got string',
  )
  await expect(LocalCluster.start({ nworkers: 1, validate: 0 as never })).rejects.toThrow(
    'validate is true or false, got number',
  )
})

test('processes log events as JSON, and tasks that cannot run', async () => {
  process.env.SKEIN_LOG = 'json'
  process.env.SKEIN_LOG_LEVEL = 'info'
  const scheduler = new Command('scheduler', '--validate')
  delete process.env.SKEIN_LOG
  delete process.env.SKEIN_LOG_LEVEL
  const [, toWorkers, toClients] = await scheduler.waitForOutput(
    /workers at (\S+), clients at (\S+)/,
  )
  const worker = new Command('worker', toWorkers!, '--name', 'alice', '--validate')
  const client = await Client.connect(toClients!)
  const graph = { 'log-a': [add, 1, 2], 'log-b': [add, 'log-a', 3] }
  expect(await client.get(graph, 'log-b')).toBe(6)
  await expect(
    client.get(
      {
        'log-c': [
          () => {
            throw new Error('no')
          },
        ],
      },
      'log-c',
    ),
  ).rejects.toThrow('no')
  const stuck = client.submitWith({ workers: ['bob'], key: 'stuck' }, add, 1, 2)
  await until('the stuck task is logged', () => scheduler.errors.includes('cannot run'))
  stuck.cancel()
  await client.close()
  await worker.stop('SIGTERM')
  await until('the leaving worker is logged', () => scheduler.errors.includes('worker left'))
  await scheduler.stop('SIGTERM')
  const lines = scheduler.errors
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  const find = (text: string) => lines.find(({ msg }) => msg.startsWith(text))
  expect(find('worker joined')).toMatchObject({ who: 'scheduler', level: 30, worker: 'alice' })
  expect(find('client joined')).toMatchObject({ client: expect.any(String) })
  const { run, client: name } = find('computation submitted')
  expect(find('computation submitted')).toMatchObject({ tasks: 2, targets: 1 })
  expect(find('computation done')).toMatchObject({ run, client: name, ms: expect.any(Number) })
  expect(find('computation failed')).toMatchObject({ key: 'log-c', kind: 'erred' })
  expect(find("task 'stuck', and all tasks with the same restrictions, cannot run")).toMatchObject({
    level: 40,
    key: 'stuck',
    why: "it is to run at 'bob', and no such worker is there; there are 'alice'",
  })
  expect(find('computation released')).toBeDefined()
  expect(find('client left')).toMatchObject({ client: name })
  expect(find('worker left')).toMatchObject({ worker: 'alice' })
})
