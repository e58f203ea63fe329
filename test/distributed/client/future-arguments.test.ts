/** Futures among the arguments of collections' functions. */
import { afterAll, beforeAll, expect, expectTypeOf, test } from 'vitest'
import type { Bag } from '../../../collections/bag/bag.js'
import { delayed } from '../../../collections/base/delayed.js'
import type { Item } from '../../../collections/base/item.js'
import { CancelledError, GraphError, TaskError } from '../../../core/base/errors.js'
import { getSync } from '../../../core/run/get-sync.js'
import { getThreads } from '../../../core/run/threads/get-threads.js'
import type { Client } from '../../../distributed/client/client.js'
import type { Future } from '../../../distributed/client/futures/future.js'
import { LocalCluster } from '../../../distributed/processes/local-cluster.js'
import { da, db } from '../../../index.js'

let cluster: LocalCluster
let client: Client
let ten: Future<number>
let names: Future<string[]>

beforeAll(async () => {
  cluster = await LocalCluster.start({ nworkers: 2, nthreads: 1 })
  client = await cluster.client()
  ten = client.submit(() => 10)
  names = client.submit(() => ['zero', 'one', 'two', 'three'])
})

afterAll(async () => {
  await cluster?.close()
})

const bag = db.range(4, { npartitions: 2 })

test('functions of bags receive the results of futures', async () => {
  const get = client.get
  const sums = bag.map((x, y) => x + y, ten)
  expectTypeOf(sums).toEqualTypeOf<Bag<number>>()
  expect(await sums.compute({ get })).toEqual([10, 11, 12, 13])
  expect(await bag.map((x, list) => list[x]!, names).compute({ get })).toEqual([
    ...['zero', 'one', 'two', 'three'],
  ])
  expect(await bag.map('x + y', ten).compute({ get })).toEqual([10, 11, 12, 13])
  expect(await bag.filter((x, y) => x * 5 > y, ten).compute({ get })).toEqual([3])
  expect(await bag.remove((x, y) => x * 5 > y, ten).compute({ get })).toEqual([0, 1, 2])
  const pairs = db.fromSequence([[1, 2] as const, [3, 4] as const])
  expect(await pairs.starmap((x, y, z) => x + y + z, ten).compute({ get })).toEqual([13, 17])
  const parts = bag.mapPartitions((items, y) => [[...items].length + y], ten)
  expect(await parts.compute({ get })).toEqual([12, 12])
  const applied = bag.sum().apply((x, y) => x + y, ten)
  expectTypeOf(applied).toEqualTypeOf<Item<number>>()
  expect(await applied.compute({ get })).toBe(16)
  expect(await client.compute(bag.map((x, y) => x + y, ten)).result()).toEqual([10, 11, 12, 13])
  const kept = client.persist(bag.map((x, y) => x + y, ten))
  expect(await kept.sum().compute({ get })).toBe(46)
})

test('what reads futures is computed on their cluster unless a get is given', async () => {
  expect(await bag.map((x, y) => x + y, ten).compute()).toEqual([10, 11, 12, 13])
  expect(
    await bag
      .map((x, { y }) => x + y, { y: ten })
      .sum()
      .compute(),
  ).toBe(46)
  expect(await delayed((y: number) => y + 1)(ten).compute()).toBe(11)
  const kept = client.persist(bag.map((x) => x * 2))
  expect(await kept.sum().compute()).toBe(12)
  const keptOn = await kept.map((x) => x + 1).persist()
  expect(await keptOn.compute()).toEqual([1, 3, 5, 7])
  const items: number[] = []
  for await (const item of kept) items.push(item)
  expect(items).toEqual([0, 2, 4, 6])
  const array = client.persist(da.ones([4], { chunks: 2 }))
  expect(await array.sum().compute()).toBe(4)
  await expect(kept.compute({ get: getThreads })).rejects.toThrow('kept by a cluster')
})

test('futures may be in lists and plain objects, with other lazy values', async () => {
  const get = client.get
  const config = { by: ten, labels: [names, { more: ten }], plain: 1 } as const
  const nested = bag.map((x, { by, labels: [list, { more }], plain }) => {
    expectTypeOf(list).toEqualTypeOf<string[]>()
    return `${list[x]} ${x * by + more + plain}`
  }, config)
  expectTypeOf(nested).toEqualTypeOf<Bag<string>>()
  expect(await nested.compute({ get })).toEqual(['zero 11', 'one 21', 'two 31', 'three 41'])
  const mixed = bag.map((x, [a, b]) => x + a + b, [ten, bag.sum()] as const)
  expect(await mixed.compute({ get })).toEqual([16, 17, 18, 19])
  // Without futures, lazy items in lists and objects are computed anywhere.
  const items = bag.map((x, { total }) => x / total, { total: bag.sum() })
  expect(await items.compute({ get: getSync })).toEqual([0, 1 / 6, 2 / 6, 3 / 6])
  const calls = bag.map((x, list) => x + list[0]!, [delayed(() => 5)()])
  expect(await calls.compute({ get: getThreads })).toEqual([5, 6, 7, 8])
})

test('equal arguments give equal names, and other futures other ones', () => {
  const add = (x: number, y: number) => x + y
  const other = client.submit((x: number) => x, 11)
  expect(bag.map(add, ten).name).toBe(bag.map(add, ten).name)
  expect(bag.map(add, ten).name).not.toBe(bag.map(add, other).name)
  const get = (x: number, { y }: { y: number }) => x + y
  expect(bag.map(get, { y: ten }).name).toBe(bag.map(get, { y: ten }).name)
  expect(bag.map(get, { y: ten }).name).not.toBe(bag.map(get, { y: other }).name)
})

test('a failed or released future fails the computation', async () => {
  const bad = client.submit((): number => {
    throw new RangeError('no ten')
  })
  const sums = bag.map((x, y) => x + y, bad)
  const error = await sums.compute({ get: client.get }).catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(TaskError)
  expect((error as Error).message).toContain('no ten')
  const released = client.submit(() => 12)
  await released.result()
  released.release()
  await client.schedulerInfo()
  await expect(bag.map((x, y) => x + y, released).compute({ get: client.get })).rejects.toThrow(
    CancelledError,
  )
})

test('other ways to compute, and other clusters, are refused clearly', async () => {
  for (const use of [ten, { ten }, [[ten]]]) {
    const sums = bag.map((x: number, y: unknown) => [x, y], use as unknown)
    expect(() => sums.optimize()).not.toThrow()
    for (const get of [getSync, getThreads]) {
      const error = await sums.compute({ get }).catch((thrown: unknown) => thrown)
      expect(error).toBeInstanceOf(GraphError)
      expect((error as Error).message).toContain('compute it there, with { get: client.get }')
    }
  }
  // Another client of the cluster can use it.
  const second = await cluster.client()
  const sums = bag.map((x, y) => x + y, ten)
  expect(await sums.compute({ get: second.get })).toEqual([10, 11, 12, 13])
  await using elsewhere = await LocalCluster.start({ nworkers: 1, nthreads: 1 })
  const stranger = await elsewhere.client()
  const message =
    /not kept any more: .*; or another cluster keeps it, whose results cannot be used here/
  await expect(sums.compute({ get: stranger.get })).rejects.toThrow(message)
  await expect(stranger.submit((x: number) => x, ten).result()).rejects.toThrow(message)
})

test('futures are refused where arrays and other arguments of bags are expected', () => {
  const x = da.ones([2])
  const wrong = ten as never
  expect(() => x.add(wrong)).toThrow(/a future/)
  expect(() => da.mapBlocks((a) => a, [x, wrong])).toThrow(/a future/)
  expect(() => bag.join(wrong, (y) => y)).toThrow(/future|Future</i)
  expect(() => bag.fold((a: number, b: number) => a + b, wrong)).toThrow('it is a future, whose')
})
