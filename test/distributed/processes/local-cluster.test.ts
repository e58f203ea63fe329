/** Local clusters: their worker processes, and collections that clients share. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import * as db from '../../../collections/bag/index.js'
import { runnableFile } from '../../../core/base/package-root.js'
import type { Client } from '../../../distributed/client/client.js'
import { LocalCluster } from '../../../distributed/processes/local-cluster.js'
import { isAlive, runProgram, until } from '../support.js'

let cluster: LocalCluster
beforeAll(async () => {
  cluster = await LocalCluster.start({ nworkers: 2, nthreads: 1 })
})
afterAll(() => cluster.close())

const add = (a: number, b: number) => a + b

test('graphs run in worker processes', async () => {
  const client = await cluster.client()
  const pid = () => process.pid
  const pids = new Set(cluster.workers.map((worker) => worker.pid))
  expect(pids.size).toBe(2)
  expect(pids.has((await client.get({ pid: [pid] }, 'pid')) as number)).toBe(true)
  expect(await client.get({ x: 1, y: [add, 'x', 2] }, ['y', ['x', 'y']])).toEqual([3, [1, 3]])
  const info = await client.schedulerInfo()
  expect(new Set(info.workers.map((worker) => worker.pid))).toEqual(pids)
  await client.close()
})

test('killing a worker during a computation does not change the result', async () => {
  const client = await cluster.client()
  const folder = mkdtempSync(join(tmpdir(), 'skein-'))
  const work = (n: number, folder: string) => {
    const fs = process.getBuiltinModule?.('node:fs')
    fs?.writeFileSync(`${folder}/${n}`, '')
    const end = performance.now() + 4
    while (performance.now() < end);
    return n
  }
  const sum = (list: readonly number[]) => list.reduce((total, x) => total + x, 0)
  const graph: Record<string, unknown> = {}
  const groups: string[] = []
  for (let group = 0; group < 15; group++) {
    const keys = Array.from({ length: 20 }, (_, i) => `x${group}-${i}`)
    for (const [i, key] of keys.entries()) graph[key] = [work, group * 20 + i, folder]
    graph[`sum${group}`] = [sum, keys]
    groups.push(`sum${group}`)
  }
  graph.total = [sum, groups]
  writeFileSync(join(folder, 'begun'), '')
  const computing = client.get(graph, 'total')
  const before = new Set(cluster.workers.map((worker) => worker.pid))
  await until('some tasks have run', () => readdirSync(folder).length > 60)
  process.kill(cluster.workers[0]!.pid, 'SIGKILL')
  expect(await computing).toBe((300 * 299) / 2)
  await until('another process has replaced it', async () => {
    const { workers } = await client.schedulerInfo()
    return workers.length === 2 && workers.some((worker) => !before.has(worker.pid))
  })
  await client.close()
})

test('a task that ends its thread fails, and the other tasks are done', async () => {
  const client = await cluster.client()
  const leave = () => process.exit(3)
  await expect(client.get({ x: [leave] }, 'x')).rejects.toMatchObject({ code: 'TASK_FAILED' })
  expect(await client.get({ y: [add, 1, 2] }, 'y')).toBe(3)
  await client.close()
})

test('a task that kills its workers fails', async () => {
  const client = await cluster.client()
  const kill = () => process.kill(process.pid, 'SIGKILL')
  const error = await client.get({ x: [kill] }, 'x').catch((e: unknown) => e)
  expect(error).toMatchObject({
    code: 'TASK_FAILED',
    key: 'x',
    cause: { code: 'KILLED_WORKER', key: 'x', deaths: 3 },
  })
  expect(await client.get({ y: [add, 1, 2] }, 'y')).toBe(3)
  await client.close()
})

test('a client in another process gets a named collection without its code', async () => {
  const client = await cluster.client()
  const offset = 10
  const bag = db.range(5, { npartitions: 2 }).map((x) => x + offset)
  await client.setCollection('mybag', bag)
  expect(await client.listCollections()).toEqual(['mybag'])
  const printed = await runProgram(
    `import { Client } from 'skein'
     const c2 = await Client.connect(process.argv[1])
     const b = await c2.getCollection('mybag')
     const doubled = b.map((x) => x * 2)
     console.log(JSON.stringify([
       b.constructor.name, b.npartitions, await b.compute({ get: c2.get }),
       await doubled.compute({ get: c2.get }),
     ]))
     await c2.close()`,
    cluster.scheduler.addressToClients,
  )
  const answer = [10, 11, 12, 13, 14]
  expect(JSON.parse(printed)).toEqual(['Bag', 2, answer, answer.map((x) => x * 2)])
  await client.deleteCollection('mybag')
  expect(await client.listCollections()).toEqual([])
  await client.close()
})

test('the error for an unknown collection lists the known ones', async () => {
  const client = await cluster.client()
  await client.setCollection('known', db.range(3))
  await expect(client.getCollection('other')).rejects.toMatchObject({
    code: 'UNKNOWN_COLLECTION',
    message: "No collection is stored as 'other'; known names: 'known'",
  })
  await expect(client.deleteCollection('other')).rejects.toMatchObject({
    code: 'UNKNOWN_COLLECTION',
  })
  await expect(client.setCollection('bad', 5 as never)).rejects.toThrow(TypeError)
  await expect(client.getCollection('')).rejects.toThrow(TypeError)
  await client.deleteCollection('known')
  await client.close()
})

test('a collection is stored under a new name only, if that is asked for', async () => {
  const clients = [await cluster.client(), await cluster.client()]
  const bags = clients.map((_, i) => db.range(i + 2, { npartitions: 1 }))
  const stores = clients.map((client, i) =>
    client.setCollection('mine', bags[i]!, { override: false }),
  )
  const outcomes = await Promise.allSettled(stores)
  // The scheduler decides: exactly one of them is the first.
  expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
  const first = outcomes.findIndex(({ status }) => status === 'fulfilled')
  const [client, other] = clients as [Client, Client]
  const kept = await client.getCollection<db.Bag<number>>('mine')
  expect(await kept.count().compute({ get: client.get })).toBe(first + 2)
  await expect(other.setCollection('mine', bags[0]!, { override: false })).rejects.toMatchObject({
    code: 'COLLECTION_EXISTS',
    collection: 'mine',
    message: expect.stringMatching(/^setCollection: a collection is stored as 'mine' already; del/),
  })
  await client.setCollection('mine', bags[1]!, { override: true })
  await client.setCollection('mine', db.range(7, { npartitions: 1 }))
  const last = await other.getCollection<db.Bag<number>>('mine')
  expect(await last.count().compute({ get: other.get })).toBe(7)
  await client.deleteCollection('mine')
  await other.setCollection('mine', bags[0]!, { override: false })
  await other.deleteCollection('mine')
  await expect(
    client.setCollection('mine', bags[0]!, { overwrite: false } as never),
  ).rejects.toThrow("setCollection: there is no option 'overwrite'; there are override")
  await expect(client.setCollection('mine', bags[0]!, { override: 0 } as never)).rejects.toThrow(
    'setCollection: override is true or false, got number',
  )
  await client.close()
  await other.close()
})

test('equal collections of different clients share their results', async () => {
  const clients = [await cluster.client(), await cluster.client()]
  const folder = mkdtempSync(join(tmpdir(), 'skein-'))
  const bags = clients.map(() =>
    db.range(6, { npartitions: 3 }).map((x) => {
      const fs = process.getBuiltinModule?.('node:fs')
      fs?.appendFileSync(`${folder}/${x}`, '.')
      const end = performance.now() + 30
      while (performance.now() < end);
      return x
    }),
  )
  expect(bags[0]!.name).toBe(bags[1]!.name)
  const results = await Promise.all(bags.map((bag, i) => bag.compute({ get: clients[i]!.get })))
  expect(results).toEqual([
    [0, 1, 2, 3, 4, 5],
    [0, 1, 2, 3, 4, 5],
  ])
  for (const client of clients) await client.close()
})

test('invalid numbers throw at the call', async () => {
  await expect(LocalCluster.start({ nworkers: 0 })).rejects.toThrow(RangeError)
  await expect(LocalCluster.start({ nthreads: 1.5 })).rejects.toThrow(RangeError)
})

test.each(['SIGKILL', 'SIGINT', 'SIGTERM'] as const)(
  'a program that ends by %s leaves no worker behind',
  async (signal) => {
    const program = `
      import { LocalCluster } from '${runnableFile('distributed/index').href}'
      const cluster = await LocalCluster.start({ nworkers: 2 })
      const client = await cluster.client()
      console.log(cluster.workers.map((worker) => worker.pid).join(' '))
      await client.get({ x: [() => { for (;;); }] }, 'x')`
    const child = spawn(process.execPath, ['--input-type=module', '-e', program])
    let output = ''
    child.stdout.on('data', (data) => (output += data))
    await until('the pids of the workers are printed', () => output.includes('\n'))
    const pids = output.trim().split(' ').map(Number)
    expect(pids.every(isAlive)).toBe(true)
    child.kill(signal)
    await once(child, 'exit')
    await until('the workers have ended', () => !pids.some(isAlive))
  },
)
