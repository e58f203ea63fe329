/** Results on disk, in real processes: what happens when memory is short. */
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { Client } from '../../../../distributed/client/client.js'
import { LocalCluster } from '../../../../distributed/processes/local-cluster.js'
import { Scheduler } from '../../../../distributed/scheduler/scheduler.js'
import { Chest } from '../../../../distributed/storage/chest.js'
import { Worker } from '../../../../distributed/worker/worker.js'
import { isAlive, until } from '../../support.js'

const testFolder = mkdtempSync(path.join(tmpdir(), 'memory-test-'))
afterAll(() => rmSync(testFolder, { recursive: true, force: true }))
let folders = 0
const newFolder = (): string => path.join(testFolder, String(folders++))

const size = 1_000_000
const make = (seed: number): Uint8Array => {
  const bytes = new Uint8Array(1_000_000)
  for (let i = 0; i < bytes.length; i += 997) bytes[i] = (seed * 31 + i) & 255
  return bytes
}
const checksum = (bytes: Uint8Array): number => {
  let sum = 0
  for (let i = 0; i < bytes.length; i += 997) sum = (sum * 7 + bytes[i]!) % 1_000_003
  return sum
}
const add = (...numbers: number[]): number => numbers.reduce((sum, n) => sum + n, 0)

/** Blocks that must all exist before the first of them is read for the last time. */
function blocks(count: number): { graph: Record<string, unknown>; answer: number } {
  const graph: Record<string, unknown> = {}
  const all = Array.from({ length: count }, (_, i) => i)
  let answer = 0
  const length = (bytes: Uint8Array): number => bytes.length
  const after = (bytes: Uint8Array, _gate: number): number => {
    let sum = 0
    for (let i = 0; i < bytes.length; i += 997) sum = (sum * 7 + bytes[i]!) % 1_000_003
    return sum
  }
  for (const i of all) {
    graph[`block-${i}`] = [make, i]
    graph[`length-${i}`] = [length, `block-${i}`]
    graph[`sum-${i}`] = [after, `block-${i}`, 'gate']
    answer += checksum(make(i))
  }
  graph.gate = [add, ...all.map((i) => `length-${i}`)]
  graph.total = [add, ...all.map((i) => `sum-${i}`)]
  return { graph, answer }
}

function filesBelow(folder: string): string[] {
  return existsSync(folder) ? (readdirSync(folder, { recursive: true }) as string[]) : []
}

test.each([
  [1, 1],
  [2, 2],
])(
  'data four times the memory of %i workers with %i threads each comes out right, and leaves nothing on disk',
  async (nworkers, nthreads) => {
    const localDirectory = newFolder()
    const memoryLimit = '32MB'
    const { graph, answer } = blocks(128 * nworkers)
    await using cluster = await LocalCluster.start({
      nworkers,
      nthreads,
      memoryLimit,
      localDirectory,
    })
    const client = await cluster.client()
    let wasOnDisk = false
    const watch = setInterval(() => {
      wasOnDisk ||= filesBelow(localDirectory).some((file) => file.includes('result-'))
    }, 20)
    expect(await client.get(graph, 'total')).toBe(answer)
    clearInterval(watch)
    expect(wasOnDisk).toBe(true)
    await until('no result is stored', async () =>
      (await client.schedulerInfo()).workers.every(
        ({ memory, status }) =>
          memory.stored < 1000 &&
          memory.spilled === 0 &&
          memory.peak > size &&
          status === 'running',
      ),
    )
    for (const { memory } of (await client.schedulerInfo()).workers) {
      expect(memory.limit).toBe(32_000_000)
      expect(memory.peak).toBeLessThan(48_000_000)
    }
    await cluster.close()
    expect(filesBelow(localDirectory)).toEqual([])
  },
  60_000,
)

test('a result larger than the limit goes to disk and comes back', async () => {
  await using cluster = await LocalCluster.start({
    nworkers: 1,
    memoryLimit: '8MB',
    localDirectory: newFolder(),
  })
  const client = await cluster.client()
  const graph = {
    large: [() => new Float64Array(4_000_000).fill(1.5)],
    small: [() => 1],
    sum: [
      (large: Float64Array, small: number) => large.length * large[3_999_999]! + small,
      'large',
      'small',
    ],
  }
  expect(await client.get(graph, 'sum')).toBe(6_000_001)
  const large = (await client.get(graph, 'large')) as Float64Array
  expect([large.length, large[0], large[3_999_999]]).toEqual([4_000_000, 1.5, 1.5])
})

test('without a writable folder, results that do not fit into memory fail, and the worker continues', async () => {
  const localDirectory = newFolder()
  await using cluster = await LocalCluster.start({
    nworkers: 1,
    memoryLimit: '8MB',
    localDirectory,
  })
  const client = await cluster.client()
  // The folder is removed while the worker runs, and cannot be made again.
  rmSync(localDirectory, { recursive: true })
  writeFileSync(localDirectory, 'a file')
  const { graph } = blocks(32)
  await expect(client.get(graph, 'total')).rejects.toThrow(
    /no memory for the result.*cannot go to disk: .*nothing can be stored in/s,
  )
  expect(await client.get({ x: [add, 1, 2] }, 'x')).toBe(3)
  rmSync(localDirectory)
  const again = blocks(32)
  await until('results fit again', async () => {
    const total = await client.get(again.graph, 'total').catch(() => undefined)
    return total === again.answer
  })
})

test('the files of a killed worker are removed by the worker that replaces it', async () => {
  const localDirectory = newFolder()
  await using cluster = await LocalCluster.start({
    nworkers: 1,
    memoryLimit: '8MB',
    localDirectory,
  })
  const client = await cluster.client()
  const { graph, answer } = blocks(64)
  const total = client.get(graph, 'total')
  await until('a result is on disk', () =>
    filesBelow(localDirectory).some((file) => file.includes('result-')),
  )
  const { pid } = cluster.workers[0]!
  process.kill(pid, 'SIGKILL')
  expect(await total).toBe(answer)
  expect(isAlive(pid)).toBe(false)
  expect(filesBelow(localDirectory).some((file) => file.includes(`~${pid}~`))).toBe(false)
  await cluster.close()
  expect(filesBelow(localDirectory)).toEqual([])
})

test('results are stored in a chest that the user passes', async () => {
  const folder = newFolder()
  await using scheduler = await Scheduler.start({})
  await using data = await Chest.open({ path: folder })
  await using worker = await Worker.start({ scheduler: scheduler.addressToWorkers, data })
  await worker.ready
  await using client = await Client.connect(scheduler.addressToClients)
  const { graph, answer } = blocks(20)
  expect(await client.get(graph, 'total')).toBe(answer)
  await until('the chest is empty', () => data.size === 0)
})

test('invalid memory options throw', async () => {
  const scheduler = 'tcp://127.0.0.1:1'
  const start = (options: object) => Worker.start({ scheduler, ...options })
  await expect(start({ memoryLimit: 'much' })).rejects.toThrow("got 'much'")
  await expect(start({ memoryLimit: -1 })).rejects.toThrow('got -1')
  await expect(start({ memoryLimit: Number.NaN })).rejects.toThrow('got NaN')
  await expect(start({ memoryTarget: 60 })).rejects.toThrow(
    'memoryTarget is a fraction above 0 up to 1, or false; got 60',
  )
  await expect(start({ localDirectory: 5 })).rejects.toThrow(
    "localDirectory is a folder's path, got 5",
  )
  const file = newFolder()
  writeFileSync(file, '')
  await expect(start({ localDirectory: path.join(file, 'x') })).rejects.toThrow(
    'Worker.start: nothing can be stored in',
  )
  await expect(LocalCluster.start({ memoryLimit: '1 parsec' })).rejects.toThrow("got '1 parsec'")
  await expect(LocalCluster.start({ localDirectory: file })).rejects.toThrow(
    'LocalCluster.start: nothing can be stored in',
  )
})

test('root tasks of a tree reduction are computed as their results are used', async () => {
  await using cluster = await LocalCluster.start({ nworkers: 2 })
  const client = await cluster.client()
  const join = (...parts: Uint8Array[]): Uint8Array => {
    const all = new Uint8Array(1_000_000)
    for (const part of parts) all[0]! += part[0]!
    return all
  }
  const graph: Record<string, unknown> = {}
  let level = Array.from({ length: 2000 }, (_, i) => `root-${i}`)
  for (const key of level) graph[key] = [() => new Uint8Array(1_000_000).fill(1)]
  for (let depth = 0; level.length > 1; depth++) {
    const above: string[] = []
    for (let i = 0; i < level.length; i += 8) {
      const key = `sum-${depth}-${i}`
      graph[key] = [join, ...level.slice(i, i + 8)]
      above.push(key)
    }
    level = above
  }
  const sum = (await client.get(graph, level[0]!)) as Uint8Array
  expect(sum[0]).toBe(2000 & 255)
  const peaks = async (): Promise<number[]> =>
    (await client.schedulerInfo()).workers.map(({ memory }) => memory.peak)
  await until('all workers have reported', async () => (await peaks()).every((peak) => peak > size))
  for (const peak of await peaks()) expect(peak).toBeLessThan(40_000_000)
})
