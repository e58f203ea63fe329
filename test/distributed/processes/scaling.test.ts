/** Clusters that change their size: as they are told, and by themselves. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Client } from '../../../distributed/client/client.js'
import { AdaptiveSize, readAdaptOptions } from '../../../distributed/processes/adaptive-size.js'
import { LocalCluster } from '../../../distributed/processes/local-cluster.js'
import { until } from '../support.js'

function sizesOf(options: { minimum?: number; maximum: number; wait?: number }, useful: number[]) {
  const size = new AdaptiveSize(readAdaptOptions(options))
  let current = options.minimum ?? 0
  return useful.map((count) => (current = size.next(current, count)))
}

test('a cluster grows at once and shrinks after some looks, to the most that one asked for', () => {
  expect(sizesOf({ maximum: 4 }, [0, 2, 9, 9, 0, 0, 0])).toEqual([0, 2, 4, 4, 4, 4, 0])
  expect(sizesOf({ maximum: 4 }, [4, 0, 1, 0, 0, 0, 0])).toEqual([4, 4, 4, 1, 1, 1, 0])
  expect(sizesOf({ minimum: 1, maximum: 3, wait: 1 }, [5, 0, 2])).toEqual([3, 1, 2])
})

test('bursts of work do not make it flap', () => {
  const bursts = Array.from({ length: 40 }, (_, i) => (i % 3 === 0 ? 4 : 0))
  expect(new Set(sizesOf({ maximum: 4 }, bursts))).toEqual(new Set([4]))
})

test.each([
  [{ maximum: 0 }, /maximum is a whole number from 1 to 1024, got 0/],
  [{ minimum: 3, maximum: 2 }, /minimum is at most maximum, got 3 and 2/],
  [{ maximum: 2, wait: 0 }, /wait is a whole number from 1/],
  [{ maximum: 2, interval: -1 }, /interval is a number of milliseconds/],
  [{ maximum: 2, most: 3 }, /no option 'most'/],
  [undefined, /options must be an object/],
])('wrong options of adapt: %j', (options, message) => {
  expect(() => readAdaptOptions(options as never)).toThrow(message)
})

let cluster: LocalCluster
let client: Client
beforeAll(async () => {
  cluster = await LocalCluster.start({ nworkers: 2 })
  client = await cluster.client()
})
afterAll(() => cluster.close())

test('scale starts workers, and lets some leave with nothing lost', async () => {
  const values = client.map((n: number) => `${n} ${performance.now()}`, [1, 2, 3, 4, 5, 6], {
    pure: false,
  })
  const before = await client.gather(values)
  await cluster.scale(3)
  expect(await client.workers()).toHaveLength(3)
  expect(cluster.workers).toHaveLength(3)
  await cluster.scale(1)
  expect(await client.workers()).toHaveLength(1)
  expect(await client.gather(values)).toEqual(before)
  await client.retireWorkers(cluster.workers[0]!.name)
  await until('its process has ended', () => cluster.workers.length === 0)
  const waiting = client.submit((n: number) => n + 1, 41)
  await cluster.scale(2)
  expect(await waiting.result()).toBe(42)
  await expect(cluster.scale(-1)).rejects.toThrow(/scale: n is a whole number from 0 to 1024/)
})

test('adapt starts workers for tasks that wait, and lets them leave after them', async () => {
  await cluster.scale(0)
  cluster.adapt({ maximum: 2, interval: 50 })
  const pause = (n: number) => new Promise<number>((resolve) => setTimeout(() => resolve(n), 200))
  const results = await client.gather(client.map(pause, [1, 2, 3, 4, 5, 6, 7, 8]))
  expect(results).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
  await until('all have left', async () => (await client.workers()).length === 0)
  await cluster.scale(1)
  expect(await client.workers()).toHaveLength(1)
})
