/** Copies of data on several workers. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Client } from '../../../distributed/client/client.js'
import { LocalCluster } from '../../../distributed/processes/local-cluster.js'
import { until } from '../support.js'

let cluster: LocalCluster
let client: Client

beforeAll(async () => {
  cluster = await LocalCluster.start({ nworkers: 3, nthreads: 1 })
  client = await cluster.client()
})

afterAll(async () => {
  await cluster?.close()
})

const holders = async (key: string) => {
  const found = await client.whoHas()
  return (found[key] ?? []).length
}

test('broadcast data is copied to all workers, small or large, and stays until it is released', async () => {
  const futures = client.scatter(
    { small: [1, 2], large: new Float64Array(100_000).fill(1) },
    {
      broadcast: true,
    },
  )
  const { small, large } = futures
  for (const { key } of [small, large])
    await until('all workers have it', async () => (await holders(key)) === 3)
  // Other replicas that no task reads are dropped after a few seconds.
  await new Promise((resolve) => setTimeout(resolve, 8000))
  expect([await holders(small.key), await holders(large.key)]).toEqual([3, 3])
  const total = (a: number[], b: Float64Array) => a.length + b.reduce((x, y) => x + y, 0)
  const { workers } = await client.schedulerInfo()
  const sums = workers.map(({ name }) =>
    client.submitWith({ workers: [name], pure: false }, total, small, large),
  )
  expect(await client.gather(sums)).toEqual([100_002, 100_002, 100_002])
  client.release([small, large])
  for (const { key } of [small, large])
    await until('no worker has it', async () => (await holders(key)) === 0)
})

test('results are copied to the named workers', async () => {
  const { workers } = await client.schedulerInfo()
  const future = client.submitWith({ workers: [workers[0]!.name] }, () => new Array(5).fill('x'))
  await client.replicate(future, { workers: [workers[1]!.name] })
  expect(await holders(future.key)).toBe(2)
  await client.replicate([future])
  expect(await holders(future.key)).toBe(3)
  const bad = client.submit((): number => {
    throw new Error('never')
  })
  await expect(client.replicate(bad)).rejects.toThrow('never')
  await expect(client.replicate(5 as never)).rejects.toThrow('replicate: expected a future')
  expect(() => client.scatter([1], { broadcast: 1 as never })).toThrow('broadcast is true or false')
})

test('n workers have copies, those that had the result included', async () => {
  const futures = client.map((i: number) => new Float64Array(1000).fill(i), [1, 2, 3])
  await client.replicate(futures, { n: 2 })
  for (const { key } of futures) expect(await holders(key)).toBe(2)
  // The copies stay.
  await new Promise((resolve) => setTimeout(resolve, 6000))
  for (const { key } of futures) expect(await holders(key)).toBe(2)
  await client.replicate(futures, { n: 2 })
  expect(await holders(futures[0]!.key)).toBe(2)
  await client.replicate(futures, { n: 99 })
  for (const { key } of futures) expect(await holders(key)).toBe(3)
  for (const n of [0, 1.5, '2'])
    await expect(client.replicate(futures, { n: n as number })).rejects.toThrow(
      `n is a whole number from 1 on, got ${n}`,
    )
  client.release(futures)
})

test('run calls a function once on each worker', async () => {
  const workers = await client.workers()
  const found = await client.run((x: number) => [process.pid, x] as const, 5)
  expect(found).toEqual(Object.fromEntries(workers.map(({ name, pid }) => [name, [pid, 5]])))
  await expect(
    client.run(() => {
      throw new RangeError('not here')
    }),
  ).rejects.toThrow('not here')
})

test('waitForWorkers waits until its timeout', async () => {
  await client.waitForWorkers()
  await client.waitForWorkers(3, { timeout: 1000 })
  await expect(client.waitForWorkers(4, { timeout: 300 })).rejects.toThrow(
    'there are 3 workers after 300 ms, and 4 were waited for',
  )
  await expect(client.waitForWorkers(-1)).rejects.toThrow('a whole number of workers, got -1')
  await expect(client.waitForWorkers(1, { timeout: 0 })).rejects.toThrow('timeout is a number')
})

test('a worker that is lost does not block replicate', async () => {
  await using small = await LocalCluster.start({ nworkers: 2, nthreads: 1 })
  const other = await small.client()
  const future = other.submit(() => new Promise<number>((resolve) => setTimeout(resolve, 1500, 7)))
  const copying = other.replicate(future)
  await new Promise((resolve) => setTimeout(resolve, 300))
  const { workers } = await other.schedulerInfo()
  process.kill(workers[1]!.pid, 'SIGKILL')
  await copying
  expect(await future.result()).toBe(7)
})
