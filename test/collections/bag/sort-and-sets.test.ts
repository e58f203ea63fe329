/** Sorting, and bags as sets of keys, against plain loops. */
import { describe, expect, test } from 'vitest'
import {
  chooseBorders,
  cutsOfRun,
  sampledBorders,
} from '../../../collections/bag/engine/sorted-items.js'
import * as db from '../../../collections/bag/index.js'
import { getSync } from '../../../core/run/get-sync.js'

const sync = { get: getSync }

/** Pseudorandom whole numbers below a limit. */
function numbers(length: number, limit: number): number[] {
  let state = 12345
  return Array.from({ length }, () => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff
    return Math.floor(state / 7) % limit
  })
}

describe('sort', () => {
  const lists: readonly (readonly [string, unknown[]])[] = [
    ['numbers', numbers(500, 1000)],
    ['few numbers often', numbers(500, 3)],
    ['fractions and infinities', [0.5, -1, Infinity, -Infinity, 3, -0, 0, 1e300]],
    ['strings', numbers(300, 50).map((x) => `s${x}`)],
    ['bigints', numbers(100, 50).map((x) => BigInt(x))],
    ['dates', numbers(50, 50).map((x) => new Date(x))],
    ['lists', numbers(100, 9).map((x, i) => [x, i % 3, `${i}`])],
    ['booleans', [true, false, true]],
    ['one item', [4]],
    ['no items', []],
  ]

  test.each(lists)('%s', async (_, items) => {
    const compare = (a: unknown, b: unknown): number => {
      if (!Array.isArray(a))
        return (a as number) < (b as number)
          ? -1
          : a === b
            ? 0
            : Number((a as number) > (b as number))
      for (let i = 0; i < 3; i++) {
        const order = compare(a[i], (b as unknown[])[i])
        if (order !== 0) return order
      }
      return 0
    }
    const expected = items.toSorted(compare)
    for (const [from, to] of [
      [1, 1],
      [3, 1],
      [1, 4],
      [5, 5],
      [8, 3],
    ] as const) {
      const bag = db.fromSequence(items, { npartitions: from })
      const ascending = bag.sort(undefined, { npartitions: to })
      expect(ascending.npartitions).toBe(to)
      expect(await ascending.compute(sync)).toEqual(expected)
      const descending = bag.sort({ descending: true, npartitions: to })
      expect(await descending.compute(sync)).toEqual(items.toSorted((a, b) => compare(b, a)))
    }
  })

  test('items with equal keys keep their order, in both directions', async () => {
    const items = numbers(1000, 8).map((group, id) => ({ group, id }))
    for (const npartitions of [1, 2, 7]) {
      const bag = db.fromSequence(items, { npartitions: 6 })
      for (const key of ['group' as const, (item: { group: number }) => item.group]) {
        expect(await bag.sort(key, { npartitions }).compute(sync)).toEqual(
          items.toSorted((a, b) => a.group - b.group),
        )
        const options = { descending: true, npartitions }
        expect(await bag.sort(key, options).compute(sync)).toEqual(
          items.toSorted((a, b) => b.group - a.group),
        )
      }
      const byName = bag.sort((item) => `g${item.group}`, { npartitions })
      expect(await byName.compute(sync)).toEqual(items.toSorted((a, b) => a.group - b.group))
    }
  })

  test('NaN comes last', async () => {
    const bag = db.fromSequence([NaN, 2, NaN, -1, 5], { npartitions: 2 })
    expect(await bag.sort().compute(sync)).toEqual([-1, 2, 5, NaN, NaN])
    expect(await bag.sort({ descending: true }).compute(sync)).toEqual([5, 2, -1, NaN, NaN])
    const records = bag.map((x) => ({ x }))
    const sorted = records.sort('x', { descending: true }).pluck('x')
    expect(await sorted.compute(sync)).toEqual([5, 2, -1, NaN, NaN])
  })

  test('partitions are even, also if one key has half of the items', async () => {
    const items = numbers(20_000, 20_000).map((x) => (x % 2 === 0 ? 7 : x))
    const bag = db.fromSequence(items, { npartitions: 8 }).sort(undefined, { npartitions: 10 })
    const lengths = await bag.mapPartitions((part) => [[...part].length]).compute(sync)
    expect(lengths).toHaveLength(10)
    for (const length of lengths) {
      expect(length).toBeGreaterThan(1700)
      expect(length).toBeLessThan(2300)
    }
  })

  test('the number of tasks grows with the sum of the partitions', () => {
    const bag = db.range(1000, { npartitions: 50 }).sort(undefined, { npartitions: 40 })
    expect(bag.explain().tasks).toBeLessThanOrEqual(19 * 50 + 40 + 1)
  })

  test('keys that cannot be compared are an error that says so', async () => {
    const mixed = db.fromSequence<unknown>([1, 'a'], { npartitions: 1 })
    await expect(mixed.sort().compute(sync)).rejects.toThrow(/sort: cannot compare/)
    const apart = db.fromSequence<unknown>([1, 'a'], { npartitions: 2 })
    await expect(apart.sort().compute(sync)).rejects.toThrow(/sort: cannot compare/)
    const record = db.fromSequence([{ a: 1 }])
    await expect(record.sort().compute(sync)).rejects.toThrow(/sort: cannot compare/)
  })

  test('wrong arguments are refused at the call', () => {
    const bag = db.range(3) as never as { sort(...args: unknown[]): unknown }
    expect(() => bag.sort('x', { descending: 1 })).toThrow(/descending must be true or false/)
    expect(() => bag.sort({ reverse: true })).toThrow(/sort: there is no option 'reverse'/)
    expect(() => bag.sort('x', { npartitions: 0 })).toThrow(/npartitions must be a whole number/)
    expect(() => bag.sort({ key: 'x' }, {})).toThrow(/give the options once/)
    expect(() => bag.sort('x', {}, 1)).toThrow(/sort takes 2 arguments/)
    expect(() => bag.sort(true)).toThrow(/key must be a function or the name of a field/)
  })
})

test('the borders of a sort cut runs into parts of even size', () => {
  const runs = [numbers(90, 5), numbers(40, 5), []].map((keys) => keys.sort((a, b) => a - b))
  const samples = runs.map((keys, i) => {
    const borders = sampledBorders({ keys, items: keys }, i, 1000)
    return { borders, weight: 1 }
  })
  const borders = chooseBorders(samples, 4, false)
  const cuts = runs.map((keys, i) => [0, ...cutsOfRun(keys, i, borders, false), keys.length])
  const sizes = [0, 1, 2, 3].map((part) => {
    return cuts.reduce((sum, cut) => sum + cut[part + 1]! - cut[part]!, 0)
  })
  expect(sizes.reduce((a, b) => a + b)).toBe(130)
  for (const size of sizes) expect(Math.abs(size - 32.5)).toBeLessThan(2)
})

describe('sets', () => {
  const a = db.fromSequence([3, 1, 2, 3, 4, 4], { npartitions: 3 })
  const b = db.fromSequence([4, 5, 3, 5], { npartitions: 2 })

  test('of items', async () => {
    expect(await a.union(b).compute(sync)).toEqual([3, 1, 2, 4, 5])
    expect(await a.intersection(b).compute(sync)).toEqual([3, 4])
    expect(await a.subtract(b).compute(sync)).toEqual([1, 2])
    expect(await b.subtract(a).compute(sync)).toEqual([5, 5])
    const none = db.fromSequence<number>([])
    expect(await a.union(none).compute(sync)).toEqual([3, 1, 2, 4])
    expect(await a.intersection(none).compute(sync)).toEqual([])
    expect(await a.subtract(none).compute(sync)).toEqual([3, 1, 2, 3, 4, 4])
    expect(await a.subtract(a).compute(sync)).toEqual([])
  })

  test('by keys', async () => {
    const people = db.fromSequence([
      { id: 1, name: 'ann' },
      { id: 2, name: 'bob' },
      { id: 1, name: 'eve' },
    ])
    const orders = db.fromSequence([{ buyer: 1 }, { buyer: 3 }])
    expect(await people.intersection(orders, 'id', 'buyer').pluck('name').compute(sync)).toEqual([
      'ann',
    ])
    expect(
      await people
        .subtract(orders, 'id', (o) => o.buyer)
        .pluck('name')
        .compute(sync),
    ).toEqual(['bob'])
    expect(await people.union(people, 'id').pluck('name').compute(sync)).toEqual(['ann', 'bob'])
    const points = db.fromSequence([
      [1, 2],
      [3, 4],
    ])
    expect(await points.intersection(db.fromSequence([[3, 4]])).compute(sync)).toEqual([[3, 4]])
  })

  test('wrong arguments are refused at the call', () => {
    const bag = a as never as Record<string, (...args: unknown[]) => unknown>
    for (const method of ['union', 'intersection', 'subtract']) {
      expect(() => bag[method]!([1])).toThrow(new RegExp(`${method}: the other must be a bag`))
      expect(() => bag[method]!(b, 'x', 'y', 'z')).toThrow(/takes \d arguments/)
      expect(() => bag[method]!(b, {})).toThrow(/must be a function or the name of a field/)
    }
  })
})
