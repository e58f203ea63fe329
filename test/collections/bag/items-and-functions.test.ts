/** Lazy items that are calculated with, functions of several bags, and bags to and from other things. */
import { describe, expect, test } from 'vitest'
import * as da from '../../../collections/array/index.js'
import * as db from '../../../collections/bag/index.js'
import { delayed } from '../../../collections/base/delayed.js'
import { getSync } from '../../../core/run/get-sync.js'

const sync = { get: getSync }
const bag = db.fromSequence([1, 2, 3, 4], { npartitions: 2 })

describe('lazy items', () => {
  test('are calculated with', async () => {
    const sum = bag.sum()
    const cases: [db.Item<unknown>, unknown][] = [
      [sum.div(bag.count()), 2.5],
      [sum.add(1), 11],
      [sum.sub(bag.max()), 6],
      [sum.mul(sum), 100],
      [sum.pow(2), 100],
      [sum.neg(), -10],
      [sum.eq(10), true],
      [sum.ne(bag.count()), true],
      [sum.lt(10), false],
      [sum.le(10), true],
      [sum.gt(bag.min()), true],
      [sum.ge(11), false],
      [sum.add(delayed((x: number) => x)(5)), 15],
      [sum.apply((x, y) => `${x} ${y}`, bag.count()), '10 4'],
      [
        bag
          .map((x) => `${x}`)
          .max()
          .lt('5'),
        true,
      ],
    ]
    for (const [item, expected] of cases) expect(await item.compute(sync)).toBe(expected)
  })

  test('of bigints', async () => {
    const sum = bag.map((x) => BigInt(x)).sum()
    expect(await sum.add(1n).compute(sync)).toBe(11n)
    expect(await sum.div(4n).compute(sync)).toBe(2.5)
    expect(await sum.div(bag.count()).compute(sync)).toBe(2.5)
    expect(await sum.mul(0.5 as never).compute(sync)).toBe(5)
    expect(await sum.neg().compute(sync)).toBe(-10n)
    expect(await sum.gt(9 as never).compute(sync)).toBe(true)
  })

  test('of dates', async () => {
    const day = (n: number) => new Date(2024, 0, n)
    const last = db.fromSequence([day(3), day(9)]).max()
    expect(await last.eq(day(9)).compute(sync)).toBe(true)
    expect(await last.lt(day(10)).compute(sync)).toBe(true)
    await expect(last.lt(5 as never).compute(sync)).rejects.toThrow(/lt: cannot compare/)
  })

  test('become delayed values and back', async () => {
    const doubled = delayed((x: number) => 2 * x)(bag.sum().toDelayed())
    expect(await doubled.compute(sync)).toBe(20)
    expect(await db.Item.fromDelayed(doubled).add(1).compute(sync)).toBe(21)
    expect(await delayed({ a: 1 }).toDelayed().at('a').compute(sync)).toBe(1)
    expect(() => db.Item.fromDelayed(5 as never)).toThrow(/expected a lazy value/)
  })

  test('refuse what they cannot calculate with', async () => {
    const sum = bag.sum() as never as Record<string, (...args: unknown[]) => db.Item<unknown>>
    expect(() => sum.add!()).toThrow(/add: give the other operand/)
    expect(() => sum.add!(1, 2)).toThrow(/add takes one argument/)
    expect(() => sum.add!(bag)).toThrow(/add: a bag cannot be an argument/)
    expect(() => sum.neg!(1)).toThrow(/neg takes no arguments/)
    await expect(sum.add!('1').compute(sync)).rejects.toThrow(/add: expected a number or a bigint/)
  })
})

describe('db.map and db.mapPartitions', () => {
  test('take bags anywhere among their arguments', async () => {
    const tens = bag.map((x) => 10 * x)
    expect(await db.map((a, b) => a + b, bag, tens).compute(sync)).toEqual([11, 22, 33, 44])
    const mixed = db.map((k, x, n, y) => [k, x, n, y], 'k', bag, bag.count(), tens)
    expect(await mixed.compute(sync)).toEqual([1, 2, 3, 4].map((x) => ['k', x, 4, 10 * x]))
    expect(await db.map('x * y', 3, bag).compute(sync)).toEqual([3, 6, 9, 12])
    expect(await db.map((x) => -x, bag).compute(sync)).toEqual([-1, -2, -3, -4])
    expect(await db.map(async (k, x) => k + x, 1, bag).compute()).toEqual([2, 3, 4, 5])
    const sums = db.mapPartitions(
      (k, items, others) => [k + [...items, ...others].reduce((a, b) => a + b)],
      1000,
      bag,
      tens,
    )
    expect(await sums.compute(sync)).toEqual([1033, 1077])
    expect(await db.map((x, y) => x + y, bag, bag).compute(sync)).toEqual([2, 4, 6, 8])
  })

  test('refuse calls without a bag, and bags that do not match', async () => {
    expect(() => db.map((x) => x, 1)).toThrow(/map: at least one argument must be a bag, got 1/)
    expect(() => db.mapPartitions(() => [])).toThrow(/mapPartitions: at least one/)
    expect(() => db.map((a, b) => a + b, bag, db.range(4, { npartitions: 3 }))).toThrow(
      /partitions/,
    )
    const short = db.fromSequence([1, 2], { npartitions: 2 })
    await expect(db.map((a, b) => a + b, 1 as never, bag, short).compute(sync)).rejects.toThrow()
    expect(() => db.map(5 as never, bag)).toThrow(/fn must be a function/)
  })
})

describe('to and from other things', () => {
  test('fromAsyncIterable', async () => {
    async function* source() {
      for (let i = 0; i < 5; i++) yield i
    }
    const read = await db.fromAsyncIterable(source(), { partitionSize: 2 })
    expect(read.npartitions).toBe(3)
    expect(await read.compute(sync)).toEqual([0, 1, 2, 3, 4])
    expect(await (await db.fromAsyncIterable(bag)).compute(sync)).toEqual([1, 2, 3, 4])
    expect(await (await db.fromAsyncIterable([1, 2])).compute(sync)).toEqual([1, 2])
    await expect(db.fromAsyncIterable(5 as never)).rejects.toThrow(/must be an async iterable/)
    await expect(db.fromAsyncIterable(source(), { parts: 1 } as never)).rejects.toThrow(/'parts'/)
  })

  test('toArray', async () => {
    const known = bag.toArray()
    expect([known.dtype, known.shape]).toEqual(['float64', [4]])
    expect(await known.mul(2).sum().compute(sync)).toBe(20)
    const unknown = bag.filter((x) => x > 1).toArray({ dtype: 'int32' })
    expect(unknown.shape).toEqual([Number.NaN])
    expect((await unknown.compute(sync)).toArray()).toEqual([2, 3, 4])
    const sized = await unknown.computeChunkSizes(sync)
    expect(sized.shape).toEqual([3])
    const rows = bag.map((x) => [x, x * x]).toArray({ shape: [2] })
    expect(rows.shape).toEqual([4, 2])
    expect((await rows.sum(0).compute(sync)).toArray()).toEqual([10, 30])
    expect((await da.fromArray([1]).compute(sync)).toArray()).toEqual([1])
    const big = bag.map((x) => BigInt(x)).toArray({ dtype: 'int64' })
    expect(await big.sum().compute(sync)).toBe(10n)
    expect(
      await bag
        .filter(() => false)
        .toArray()
        .sum()
        .compute(sync),
    ).toBe(0)
    await expect(rows.compute(sync)).resolves.toBeDefined()
    const wrong = bag.map((x) => [x]).toArray()
    await expect(wrong.compute(sync)).rejects.toThrow(/items have the shape \[1\], expected \[\]/)
    expect(() => bag.toArray({ dtype: 'float' as never })).toThrow(/dtype/)
    expect(() => bag.toArray({ shape: 2 as never })).toThrow(/shape/)
    expect(() => bag.toArray({ columns: 2 } as never)).toThrow(/no option 'columns'/)
  })

  test('describe', async () => {
    const sales = db
      .fromSequence(
        [
          { user: 'ann', amount: 5, tags: ['a'] },
          { user: 'bob', amount: null },
        ],
        {
          npartitions: 2,
        },
      )
      .map((sale) => sale)
    const text = await sales.describe(sync)
    expect(text).toMatch(/^map-\w+: 2 partitions\n/)
    expect(text).toContain('chain:   fromSequence → map (2 tasks)')
    expect(text).toContain(
      '{ user: string, amount: number | null, tags?: string[] } (of the first 2)',
    )
    expect(text).toContain("{ user: 'bob', amount: null }")
    expect(await db.fromSequence([]).describe(sync)).toContain('unknown (of the first 0)')
    expect(
      await db
        .range(3)
        .map((x) => [x, `${x}`, new Date(0)])
        .describe(sync),
    ).toContain('[number, string, Date]')
    await expect(sales.describe({ rows: 1 } as never)).rejects.toThrow(/no option 'rows'/)
  })
})
