/** Partitions by key: `repartition({ by })` and `distinct({ npartitions })`, against plain loops. */
import { describe, expect, test } from 'vitest'
import { db, getSync, getThreads } from '../../../index.js'

interface Visit {
  user: string
  at: number
}
const visits = Array.from({ length: 2000 }, (_, i): Visit => {
  // Half of the visits have one key.
  return { user: i % 2 === 0 ? 'hot' : `user ${(i * 7919) % 300}`, at: i }
})
const bag = db.fromSequence(visits, { npartitions: 7 })

/** Returns the items of each partition. */
const partitionsOf = async (items: { mapPartitions: typeof bag.mapPartitions }, get = getSync) =>
  (await items
    .mapPartitions((part: Iterable<unknown>) => [[...part]])
    .compute({ get })) as Visit[][]

describe.each([
  ['sync', getSync],
  ['threads', getThreads],
] as const)('with %s', (_, get) => {
  test('items with equal keys are in one partition, in their order', async () => {
    for (const by of ['user', (visit: Visit) => [visit.user, 1]] as const) {
      const moved = bag.repartition({ npartitions: 5, by })
      expect(moved.npartitions).toBe(5)
      const parts = await partitionsOf(moved, get)
      const owner = new Map<string, number>()
      for (const [i, part] of parts.entries()) {
        expect(part.map(({ at }) => at)).toEqual(part.map(({ at }) => at).toSorted((a, b) => a - b))
        for (const { user } of part) expect(owner.set(user, owner.get(user) ?? i).get(user)).toBe(i)
      }
      expect(owner.size).toBe(new Set(visits.map(({ user }) => user)).size)
      expect(parts.flat().toSorted((a, b) => a.at - b.at)).toEqual(visits)
    }
  })

  test('distinct items of several partitions are the first of each key', async () => {
    const firsts = new Map<string, Visit>()
    for (const visit of visits) if (!firsts.has(visit.user)) firsts.set(visit.user, visit)
    const found = bag.distinct('user', { npartitions: 4 })
    expect(found.npartitions).toBe(4)
    const items = await found.compute({ get })
    expect(items.toSorted((a, b) => a.at - b.at)).toEqual([...firsts.values()])
    const users = await bag.pluck('user').distinct({ npartitions: 4 }).compute({ get })
    expect(users.toSorted()).toEqual([...firsts.keys()].toSorted())
    expect(await db.range(0).distinct({ npartitions: 3 }).compute({ get })).toEqual([])
  })
})

test('options that make no sense are refused at the call', () => {
  expect(() => bag.distinct({ npartitions: 2, splitEvery: 2 })).toThrow(
    /either splitEvery or npart/,
  )
  expect(() => bag.distinct({ npartitions: 0 })).toThrow(RangeError)
  expect(() => bag.distinct({ partitions: 2 } as never)).toThrow(/partitions/)
  expect(() => bag.repartition({ partitionSize: 2, by: 'user' } as never)).toThrow(
    /npartitions with by/,
  )
  expect(() => bag.repartition({ by: 'user' } as never)).toThrow(/either npartitions or/)
  expect(() => bag.repartition({ npartitions: 2, by: 5.5 } as never)).toThrow(/by/)
})
