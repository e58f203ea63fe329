/** Workers that are killed, stopped, or restarted at various points of their work. */
import { expect, test } from 'vitest'
import { getSync } from '../../core/run/get-sync.js'
import type { Client } from '../../distributed/client/client.js'
import { Cluster, Folder, footprint, freePort, isQuiet, Passage, until } from './support.js'

const add = (a: number, b: number) => a + b

/** A task that writes where it runs, and waits until the test lets it continue. */
const gated = async (folder: string, name: string, gate: string) => {
  const fs = await import('node:fs')
  fs.writeFileSync(`${folder}/${name}-${process.pid}`, '')
  while (!fs.existsSync(`${folder}/${gate}`)) await new Promise((r) => setTimeout(r, 5))
  return process.pid
}

/** The process in which a gated task has started. */
async function begun(folder: Folder, name: string, other?: number): Promise<number> {
  const pids = () => folder.names(`${name}-`).map((file) => Number(file.split('-').at(-1)))
  await until(`${name} has begun`, () => pids().some((pid) => pid !== other))
  return pids().find((pid) => pid !== other)!
}

/** Sums of sums: every sum reads results of all workers. */
function allToAll(width: number): Record<string, unknown> {
  const graph: Record<string, unknown> = {}
  const sum = (list: readonly number[]) => list.reduce((total, x) => total + x, 0)
  const scaled = (i: number, j: number) => i * 100 + j
  const columns: string[] = []
  for (let j = 0; j < width; j++) {
    const keys: string[] = []
    for (let i = 0; i < width; i++) {
      graph[`x${i},${j}`] = [scaled, i, j]
      keys.push(`x${i},${j}`)
    }
    graph[`row${j}`] = [sum, keys]
    columns.push(`row${j}`)
  }
  for (let j = 0; j < width; j++) graph[`all${j}`] = [sum, columns]
  return graph
}

async function answersWell(client: Client): Promise<void> {
  const keys = Array.from({ length: 8 }, (_, j) => `all${j}`)
  expect(await client.get(allToAll(8), keys)).toEqual(getSync(allToAll(8), keys))
  await isQuiet(client)
}

test('the loss of an idle worker is noticed at once', async () => {
  const cluster = await Cluster.start(2)
  const client = await cluster.client()
  await cluster.workersAre(client, 2)
  await cluster.kill(cluster.workers[0]!)
  await cluster.workersAre(client, 1)
  await answersWell(client)
})

test('a task whose worker is killed runs on another worker', async () => {
  const cluster = await Cluster.start(2)
  const client = await cluster.client()
  const folder = new Folder()
  const computing = client.get({ x: [gated, folder.path, 'in-x', 'go'], y: [add, 'x', 1] }, 'y')
  const first = await begun(folder, 'in-x')
  await cluster.kill(cluster.worker(first))
  const second = await begun(folder, 'in-x', first)
  folder.write('go')
  expect(await computing).toBe(second + 1)
  await answersWell(client)
})

/** Two workers of which one sends the other a large result that stalls on the way. */
async function stalledTransfer() {
  const cluster = await Cluster.start(0)
  const ports = [await freePort(), await freePort()]
  const passages = [await Passage.to(ports[0]!, 200_000), await Passage.to(ports[1]!, 200_000)]
  for (const [i, port] of ports.entries()) {
    await cluster.addWorker('--port', `${port}`, '--contact-address', passages[i]!.address)
  }
  const client = await cluster.client()
  await cluster.workersAre(client, 2)
  const folder = new Folder()
  // Both start before either ends, so each worker has one.
  const large = async (folder: string, n: number) => {
    const fs = await import('node:fs')
    fs.writeFileSync(`${folder}/large${n}`, '')
    while (!fs.existsSync(`${folder}/large${1 - n}`)) await new Promise((r) => setTimeout(r, 5))
    return new Float64Array(1_000_000).fill(n + 1)
  }
  const total = (a: Float64Array, b: Float64Array) => a.length * a[0]! + b.length * b[0]!
  const graph = { a: [large, folder.path, 0], b: [large, folder.path, 1], c: [total, 'a', 'b'] }
  const computing = client.get(graph, 'c')
  await until('the transfer has stalled', () => passages.some((passage) => passage.isStalled))
  const sender = passages.findIndex((passage) => passage.isStalled)
  return {
    cluster,
    client,
    computing,
    sender: cluster.workers[sender]!,
    receiver: cluster.workers[1 - sender]!,
  }
}

test('a graph finishes when a worker is killed while it sends a result to another', async () => {
  const { cluster, client, computing, sender } = await stalledTransfer()
  await cluster.kill(sender)
  expect(await computing).toBe(3_000_000)
  await answersWell(client)
})

test('a graph finishes when a worker is killed while it receives a result from another', async () => {
  const { cluster, client, computing, receiver } = await stalledTransfer()
  await cluster.kill(receiver)
  expect(await computing).toBe(3_000_000)
  await answersWell(client)
})

test('new workers finish a graph when all workers are killed', async () => {
  const cluster = await Cluster.start(2)
  const client = await cluster.client()
  const folder = new Folder()
  const computing = client.get(
    { ...allToAll(6), x: [gated, folder.path, 'in-x', 'go'], z: [add, 'x', 'all0'] },
    ['all0', 'x', 'z'],
  )
  await begun(folder, 'in-x')
  for (const worker of cluster.workers) await cluster.kill(worker)
  await cluster.workersAre(client, 0)
  expect((await client.schedulerInfo()).runs).toBe(1)
  folder.write('go')
  await Promise.all([cluster.addWorker(), cluster.addWorker()])
  const [all, pid, z] = (await computing) as [number, number, number]
  expect(all).toBe(getSync(allToAll(6), 'all0'))
  expect(z).toBe(all + pid)
  expect(cluster.workers.slice(2).map((worker) => worker.pid)).toContain(pid)
  await isQuiet(client)
})

test('a graph finishes while workers join and leave', async () => {
  const cluster = await Cluster.start(2)
  const client = await cluster.client()
  const before = footprint(cluster.scheduler.pid)
  const keys = Array.from({ length: 30 }, (_, j) => `all${j}`)
  const expected = getSync(allToAll(30), keys)
  for (let round = 0; round < 3; round++) {
    const computing = client.get(allToAll(30), keys)
    const joining = cluster.addWorker()
    await cluster.kill(cluster.workers.at(-2)!)
    expect(await computing).toEqual(expected)
    await joining
    const leaving = cluster.workers.at(-1)!
    const again = client.get(allToAll(30), keys)
    await cluster.addWorker()
    expect((await leaving.stop('SIGTERM')).code).toBe(0)
    expect(await again).toEqual(expected)
  }
  await isQuiet(client)
  await until('the scheduler has closed the connections', () => {
    return footprint(cluster.scheduler.pid).files <= before.files + 1
  })
})

test('a worker that continues after it was removed changes nothing', async () => {
  const cluster = await Cluster.start(2, '--worker-timeout', '4000')
  const client = await cluster.client()
  const folder = new Folder()
  const graph = {
    x: [gated, folder.path, 'in-x', 'go-x'],
    y: [gated, folder.path, 'in-y', 'go-y'],
    z: [(x: number, y: number) => [x, y], 'x', 'y'],
  }
  const computing = client.get(graph, ['z', 'x'])
  const stopped = await begun(folder, 'in-x')
  await begun(folder, 'in-y')
  process.kill(stopped, 'SIGSTOP')
  await cluster.workersAre(client, 1)
  // Its tasks run on the other workers, once they have room.
  await cluster.addWorker()
  const second = await begun(folder, 'in-x', stopped)
  folder.write('go-x')
  process.kill(stopped, 'SIGCONT')
  await cluster.workersAre(client, 3)
  folder.write('go-y')
  const [[x], again] = (await computing) as [number[], number]
  expect(x).toBe(second)
  expect(again).toBe(second)
  await answersWell(client)
  expect((await client.schedulerInfo()).workers).toHaveLength(3)
})
