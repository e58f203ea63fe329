/** The number of copies of large arrays that are sent between processes, by the memory they take. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Client, db, LocalCluster } from '../../../index.js'

let cluster: LocalCluster
let client: Client

beforeAll(async () => {
  cluster = await LocalCluster.start({ nworkers: 2, nthreads: 1 })
  client = await cluster.client()
})

afterAll(async () => {
  await client?.close()
  await cluster?.close()
})

const n = 8e6
const size = n * 8

/** The peak memory of each worker process. */
async function peaks(): Promise<number> {
  const found = new Map<number, number>()
  while (found.size < 2) {
    const seen = await db
      .fromSequence([...Array(8).keys()], { npartitions: 8 })
      .map((i) => {
        const end = performance.now() + 5
        while (performance.now() < end);
        return [process.pid, process.resourceUsage().maxRSS * 1024 + i * 0]
      })
      .compute({ get: client.get })
    for (const [pid, peak] of seen as [number, number][]) found.set(pid, peak)
  }
  return [...found.values()].reduce((a, b) => a + b)
}

test('captured arrays are copied once for all threads of a worker', async () => {
  const before = await peaks()
  const array = new Float64Array(n).fill(1)
  const bag = db
    .fromSequence([1, 2, 3, 4, 5, 6, 7, 8], { npartitions: 8 })
    .map((x) => x + array[n - 1]!)
  expect(await bag.compute({ get: client.get })).toEqual([2, 3, 4, 5, 6, 7, 8, 9])
  // The received bytes and their copy in shared memory, on one worker or on both.
  const taken = ((await peaks()) - before) / size
  expect(taken).toBeGreaterThan(1.5)
  expect(taken).toBeLessThan(2 * 2 + 0.6)
})

test('results go from worker to worker with one copy', async () => {
  const before = await peaks()
  const make = (length: number, value: number) =>
    new Float64Array(new SharedArrayBuffer(length * 8)).fill(value)
  const graph = {
    a: [make, n, 1],
    b: [make, n, 2],
    sum: [(a: Float64Array, b: Float64Array) => a[0]! + b[n - 1]!, 'a', 'b'],
  }
  expect(await client.get(graph, 'sum')).toBe(3)
  // Two results, and the received bytes and the shared copy of one of them.
  expect(((await peaks()) - before) / size).toBeLessThan(2 + 2 + 0.6)
})
