/** Shuffles on threads and on a cluster whose workers are killed while it runs: the same items as in this thread. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import * as db from '../../../collections/bag/index.js'
import { compute } from '../../../collections/base/compute-together.js'
import type { Get } from '../../../core/graph/get.js'
import { getSync } from '../../../core/run/get-sync.js'
import { getThreads } from '../../../core/run/threads/get-threads.js'
import { LocalCluster } from '../../../distributed/index.js'

const count = 2000

/** Records, half of which have the same key. */
const records = (npartitions: number) =>
  db.range(count, { npartitions }).map((i) => ({
    key: i % 2 === 0 ? 'often' : `k${(i * 31) % 97}`,
    rank: (i * 7919) % count,
  }))

/** Waits a moment for each partition, so that a worker can be killed while the shuffle runs. */
const slow = (npartitions: number) =>
  records(npartitions).mapPartitions(async (items) => {
    await new Promise((resolve) => setTimeout(resolve, 40))
    return items
  })

/** The results of shuffles of each kind. */
function shuffles(bag: db.Bag<{ key: string; rank: number }>) {
  const others = records(6).filter(({ rank }) => rank % 400 === 1)
  return [
    bag.groupby('key', { npartitions: 20 }).map(([key, items]) => [key, items.map((r) => r.rank)]),
    bag.sort('rank', { npartitions: 5 }).pluck('rank'),
    bag.sort('key', { descending: true, npartitions: 18 }),
    bag.join(others, 'key', { how: 'outer', npartitions: 7 }),
    bag.distinct('key'),
    bag.distinct('key', { npartitions: 4 }),
    bag.repartition({ npartitions: 5, by: 'key' }),
    bag.foldby('key', (ranks, { rank }) => [...ranks.slice(-2), rank], [] as number[]),
  ] as const
}

let expected: unknown
let cluster: LocalCluster
beforeAll(async () => {
  expected = await compute(...shuffles(records(12)), { get: getSync })
  cluster = await LocalCluster.start({ nworkers: 3 })
}, 60_000)
afterAll(() => cluster.close())

test('on threads', async () => {
  expect(await compute(...shuffles(slow(12)), { get: getThreads })).toEqual(expected)
}, 60_000)

test('on a cluster', async () => {
  const { get } = await cluster.client()
  expect(await compute(...shuffles(slow(12)), { get: get as Get })).toEqual(expected)
}, 60_000)

test('on a cluster of which two workers are killed in the middle', async () => {
  const { get } = await cluster.client()
  const done: number[] = []
  const result = compute(...shuffles(slow(24)), { get: get as Get })
  for (const [number, wait] of [
    [0, 350],
    [1, 500],
  ] as const) {
    await new Promise((resolve) => setTimeout(resolve, wait))
    process.kill(cluster.workers[number]!.pid, 'SIGKILL')
    done.push(number)
  }
  const inOrder = await compute(...shuffles(records(24)), { get: getSync })
  expect(await result).toEqual(inOrder)
  expect(done).toEqual([0, 1])
}, 60_000)
