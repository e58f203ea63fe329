/** Every kind of join against a nested loop, with a small side and by a shuffle, and the tasks of a shuffle. */
import { describe, expect, test } from 'vitest'
import * as db from '../../../collections/bag/index.js'
import { getSync } from '../../../core/run/get-sync.js'

const sync = { get: getSync }

interface Sale {
  user: number | string
  amount: number
}
interface User {
  name: number | string
  city: string
}

const sales: Sale[] = Array.from({ length: 60 }, (_, i) => ({
  user: i % 5 === 0 ? `u${i % 7}` : (i * 7) % 23,
  amount: i,
}))
const users: User[] = [
  ...Array.from({ length: 15 }, (_, i) => ({ name: (i * 3) % 31, city: `c${i}` })),
  { name: 'u1', city: 'a' },
  { name: 'u1', city: 'b' },
  { name: 'nobody', city: 'c' },
]

const kinds = ['inner', 'left', 'right', 'outer', 'semi', 'anti'] as const

/** Joins by nested loops. */
function joined(how: (typeof kinds)[number]): unknown[] {
  const pairs: unknown[] = []
  for (const sale of sales) {
    const matches = users.filter(({ name }) => name === sale.user)
    if (how === 'semi' ? matches.length > 0 : how === 'anti' && matches.length === 0)
      pairs.push(sale)
    if (how === 'semi' || how === 'anti') continue
    for (const match of matches) pairs.push([match, sale])
    if (matches.length === 0 && (how === 'left' || how === 'outer')) pairs.push([undefined, sale])
  }
  if (how === 'right' || how === 'outer') {
    const unmatched = users.filter(({ name }) => !sales.some(({ user }) => user === name))
    for (const user of unmatched) pairs.push([user, undefined])
  }
  return pairs
}

const sorted = (items: readonly unknown[]) =>
  items.map((item) => JSON.stringify(item, (_, value) => value ?? null)).sort()

describe.each(kinds)('%s', (how) => {
  test.each([1, 3, 7])('of %i partitions', async (npartitions) => {
    const bag = db.fromSequence(sales, { npartitions })
    for (const broadcast of how === 'right' || how === 'outer' ? [undefined] : [true, false]) {
      for (const others of [1, 4]) {
        const other = db.fromSequence(users, { npartitions: others })
        const result = bag.join(other, 'user', 'name', { how, broadcast, npartitions: 3 })
        expect(sorted(await result.compute(sync))).toEqual(sorted(joined(how)))
        const byFunction = bag.join(
          other,
          (s) => s.user,
          (u) => u.name,
          { how, broadcast },
        )
        expect(sorted(await byFunction.compute(sync))).toEqual(sorted(joined(how)))
      }
    }
    const list = bag.join(users, 'user', 'name', { how })
    expect(sorted(await list.compute(sync))).toEqual(sorted(joined(how)))
    const lazy = db.fromSequence(users).fold<User[]>((all, u) => [...all, u], [])
    const item = bag.join(lazy, 'user', 'name', { how })
    expect(sorted(await item.compute(sync))).toEqual(sorted(joined(how)))
  })

  test('of sides without items', async () => {
    const none = db.fromSequence<Sale>([])
    const noUsers = db.fromSequence<User>([])
    const bag = db.fromSequence(sales, { npartitions: 2 })
    const left = how === 'left' || how === 'outer'
    const right = how === 'right' || how === 'outer'
    expect(await none.join(noUsers, 'user', 'name', { how }).compute(sync)).toEqual([])
    const without = await bag.join(noUsers, 'user', 'name', { how }).compute(sync)
    expect(without).toHaveLength(left || how === 'anti' ? sales.length : 0)
    const others = await none.join(users, 'user', 'name', { how }).compute(sync)
    expect(others).toHaveLength(right ? users.length : 0)
  })
})

test('a join with a small side keeps the order of the items', async () => {
  const bag = db.fromSequence(sales, { npartitions: 4 })
  for (const how of ['inner', 'left', 'semi', 'anti'] as const) {
    expect(await bag.join(users, 'user', 'name', { how }).compute(sync)).toEqual(joined(how))
  }
})

test('a key of both sides is given once, with or without options', async () => {
  const bag = db.fromSequence([{ id: 1 }, { id: 2 }])
  expect(await bag.join([{ id: 2 }], 'id').compute(sync)).toEqual([[{ id: 2 }, { id: 2 }]])
  expect(await bag.join([{ id: 2 }], 'id', { how: 'anti' }).compute(sync)).toEqual([{ id: 1 }])
})

test('keys may be promised by functions of this bag', async () => {
  const bag = db.fromSequence([1, 2, 3], { npartitions: 1 })
  const result = bag.join(
    [2, 3],
    async (x) => x,
    (y) => y,
  )
  expect(await result.compute()).toEqual([
    [2, 2],
    [3, 3],
  ])
})

test('the sides are shuffled unless one is small', () => {
  const bag = db.range(1000, { npartitions: 6 })
  const operations = (other: db.Bag<number>, options = {}) => {
    const joinedBag = bag.join(
      other,
      (x) => x,
      (x) => x,
      options,
    )
    return joinedBag.graph.layers.map(({ name }) => name.split('-').slice(0, 2).join('-'))
  }
  const unknown = db.range(10, { npartitions: 5 }).filter(() => true)
  expect(operations(unknown)).toContain('join-split')
  expect(operations(db.range(10, { npartitions: 5 }))).not.toContain('join-split')
  expect(operations(db.range(200_000, { npartitions: 5 }))).toContain('join-split')
  expect(operations(db.range(200_000, { npartitions: 5 }), { broadcast: true })).not.toContain(
    'join-split',
  )
  expect(operations(unknown.repartition({ npartitions: 4 }))).not.toContain('join-split')
})

test('the number of tasks of a shuffle grows with the sum of its partitions', () => {
  const bag = db.range(100_000, { npartitions: 200 }).map((x) => x)
  const most = (inputs: number) => 17 * inputs + 300
  expect(bag.groupby((x) => x, { npartitions: 300 }).explain().tasks).toBeLessThanOrEqual(most(200))
  const joinedBag = bag.join(
    bag,
    (x) => x,
    (x) => x,
    { how: 'outer', npartitions: 300 },
  )
  expect(joinedBag.explain().tasks).toBeLessThanOrEqual(most(600))
})

test('a shuffle to many partitions brings each group to one of them', async () => {
  const bag = db.range(2000, { npartitions: 9 })
  for (const npartitions of [1, 2, 15, 16, 17, 40]) {
    const groups = bag.groupby((x) => x % 101, { npartitions })
    expect(groups.npartitions).toBe(npartitions)
    const found = await groups.compute(sync)
    expect(found).toHaveLength(101)
    for (const [key, items] of found) {
      expect(items).toEqual(
        Array.from({ length: 2000 }, (_, i) => i).filter((x) => x % 101 === key),
      )
    }
  }
})

test('wrong arguments are refused at the call', () => {
  const bag = db.range(3) as never as { join(...args: unknown[]): unknown }
  const f = (x: number) => x
  expect(() => bag.join([1], f, f, { how: 'cross' })).toThrow(/how must be one of 'inner', 'left'/)
  expect(() => bag.join([1], f, { how: 'left', on: 1 })).toThrow(/join: there is no option 'on'/)
  expect(() => bag.join([1], f, f, { broadcast: 1 })).toThrow(/broadcast must be true or false/)
  expect(() => bag.join([1], f, f, { how: 'outer', broadcast: true })).toThrow(/always shuffled/)
  expect(() => bag.join([1], f, f, { npartitions: 0 })).toThrow(
    /npartitions must be a whole number/,
  )
  expect(() => bag.join(5, f)).toThrow(/join: the others must be a bag or an iterable/)
  expect(() => bag.join(5, f, f, { how: 'right' })).toThrow(/join: the others must be a bag/)
  expect(() => bag.join([1], f, f, {}, 1)).toThrow(/join takes 4 arguments/)
})
