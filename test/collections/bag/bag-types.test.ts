/** The types of bags: how they follow the items through chains of operations. */
import { expectTypeOf, test } from 'vitest'
import * as db from '../../../collections/bag/index.js'
import { delayed } from '../../../collections/base/delayed.js'
import type { Future } from '../../../distributed/index.js'

interface Sale {
  user: string
  amount: number
  note?: string
}

declare const sales: db.Bag<Sale>

/** The compiler checks the types; the function is not called. */
function typesOnly(_check: () => void): void {}

test('types follow the items through chains', () => {
  typesOnly(() => {
    expectTypeOf(db.range(3).map(String)).toEqualTypeOf<db.Bag<string>>()
    expectTypeOf(db.range(3).map(async (x) => `${x}`)).toEqualTypeOf<db.Bag<string>>()
    expectTypeOf(db.readText('a')).toEqualTypeOf<db.Bag<string>>()
    expectTypeOf(db.readText('a', { includePath: true })).toEqualTypeOf<
      db.Bag<[line: string, path: string]>
    >()
    expectTypeOf(db.readText('a').str.split(',').flatten()).toEqualTypeOf<db.Bag<string>>()
    expectTypeOf(
      db
        .readText('a')
        .map((l) => l.split(' '))
        .flatten()
        .frequencies(),
    ).toEqualTypeOf<db.Bag<[string, number]>>()
    expectTypeOf(sales.pluck('user')).toEqualTypeOf<db.Bag<string>>()
    expectTypeOf(sales.pluck('note')).toEqualTypeOf<db.Bag<string | undefined>>()
    expectTypeOf(sales.pluck('note', null)).toEqualTypeOf<db.Bag<string | null>>()
    expectTypeOf(sales.pluck(['user', 'amount'])).toEqualTypeOf<db.Bag<[string, number]>>()
    expectTypeOf(sales.map((s) => [s.user, s.amount] as const).pluck(0)).toEqualTypeOf<
      db.Bag<string>
    >()
    expectTypeOf(sales.filter((s) => s.amount > 1)).toEqualTypeOf<db.Bag<Sale>>()
    expectTypeOf(db.fromSequence([1, 'a']).filter((x) => typeof x === 'string')).toEqualTypeOf<
      db.Bag<string>
    >()
    expectTypeOf(db.zip(sales, db.range(3))).toEqualTypeOf<db.Bag<[Sale, number]>>()
    expectTypeOf(db.zip(sales, db.range(3)).starmap((s, n) => s.amount * n)).toEqualTypeOf<
      db.Bag<number>
    >()
    expectTypeOf(db.zip(sales, db.range(3)).unzip(2)).toEqualTypeOf<
      [db.Bag<Sale>, db.Bag<number>]
    >()
    expectTypeOf(
      sales.map((s, n, total, x) => [s, n, total, x] as const, db.range(3), sales.count(), 'x'),
    ).toEqualTypeOf<db.Bag<readonly [Sale, number, number, string]>>()
    expectTypeOf(
      sales.mapPartitions(
        (items, others) => Array.from(items, (s) => [s, [...others]] as const),
        db.range(3),
      ),
    ).toEqualTypeOf<db.Bag<readonly [Sale, readonly number[]]>>()
    expectTypeOf(sales.product(db.range(3))).toEqualTypeOf<db.Bag<[Sale, number]>>()
    expectTypeOf(sales.join([{ id: 1 }], (s) => s.amount, 'id')).toEqualTypeOf<
      db.Bag<[{ id: number }, Sale]>
    >()
    expectTypeOf(sales.take(3)).toEqualTypeOf<Promise<Sale[]>>()
    expectTypeOf(sales.take(3, { compute: false })).toEqualTypeOf<db.Bag<Sale>>()
    expectTypeOf(sales.repartition({ npartitions: 3 })).toEqualTypeOf<db.Bag<Sale>>()
    expectTypeOf(sales.repartition({ partitionSize: 3 })).toEqualTypeOf<Promise<db.Bag<Sale>>>()
    expectTypeOf(sales.compute()).toEqualTypeOf<Promise<Sale[]>>()
  })
})

test('bags of lazy lists have the items of the lists', () => {
  typesOnly(() => {
    const load = delayed((path: string) => [path.length])
    const loadLater = delayed(async (path: string) => new Set([path]))
    expectTypeOf(db.fromDelayed([load('a'), load('b')])).toEqualTypeOf<db.Bag<number>>()
    expectTypeOf(db.fromDelayed(load('a'))).toEqualTypeOf<db.Bag<number>>()
    expectTypeOf(db.fromDelayed(['a'].map((path) => loadLater(path)))).toEqualTypeOf<
      db.Bag<string>
    >()
    expectTypeOf(db.fromDelayed([load('a'), loadLater('b')])).toEqualTypeOf<
      db.Bag<number | string>
    >()
    expectTypeOf(db.fromDelayed(sales.toDelayed())).toEqualTypeOf<db.Bag<Sale>>()
    expectTypeOf(db.fromDelayed([sales.count().apply((n) => [n])])).toEqualTypeOf<db.Bag<number>>()
    expectTypeOf(db.fromDelayed<string>([loadLater('a')])).toEqualTypeOf<db.Bag<string>>()
    const futures: Future<string[]>[] = []
    expectTypeOf(db.fromDelayed(futures)).toEqualTypeOf<db.Bag<string>>()
    // @ts-expect-error a number is no list
    db.fromDelayed([sales.count()])
  })
})

test('types follow the items through reductions and groups', () => {
  typesOnly(() => {
    expectTypeOf(db.range(3).sum()).toEqualTypeOf<db.Item<number>>()
    expectTypeOf(db.fromSequence([1n]).sum()).toEqualTypeOf<db.Item<bigint>>()
    expectTypeOf(sales.max()).toEqualTypeOf<db.Item<Sale>>()
    expectTypeOf(sales.count().compute()).toEqualTypeOf<Promise<number>>()
    expectTypeOf(sales.count().apply((n, m) => `${n}${m}`, db.range(3).sum())).toEqualTypeOf<
      db.Item<string>
    >()
    expectTypeOf(db.range(3).fold((a, b) => a + b)).toEqualTypeOf<db.Item<number>>()
    expectTypeOf(db.range(3).fold((a, b) => a + b, 0)).toEqualTypeOf<db.Item<number>>()
    expectTypeOf(
      sales.fold((n: number, s) => n + s.amount, { initial: 0, combine: (a, b) => a + b }),
    ).toEqualTypeOf<db.Item<number>>()
    expectTypeOf(
      sales.foldby(
        'user',
        (sum: number, s) => sum + s.amount,
        0,
        (a, b) => a + b,
      ),
    ).toEqualTypeOf<db.Bag<[string, number]>>()
    expectTypeOf(
      sales.foldby(
        (s) => s.amount > 1,
        (sum, s) => sum + s.amount,
        0,
        (a, b) => a + b,
      ),
    ).toEqualTypeOf<db.Bag<[boolean, number]>>()
    expectTypeOf(
      db.range(3).foldby(
        (x) => x % 2,
        (a, b) => a + b,
        0,
      ),
    ).toEqualTypeOf<db.Bag<[number, number]>>()
    expectTypeOf(sales.fold((sum, s) => sum + s.amount, 0)).toEqualTypeOf<db.Item<number>>()
    expectTypeOf(sales.fold((sum: number, s) => sum + s.amount, { initial: 0 })).toEqualTypeOf<
      db.Item<number>
    >()
    expectTypeOf(
      sales.fold((t, s) => ({ n: t.n + 1, sum: t.sum + s.amount }), { n: 0, sum: 0 }),
    ).toEqualTypeOf<db.Item<{ n: number; sum: number }>>()
    expectTypeOf(
      sales.foldby('user', (t, s) => ({ n: t.n + 1, sum: t.sum + s.amount }), { n: 0, sum: 0 }),
    ).toEqualTypeOf<db.Bag<[string, { n: number; sum: number }]>>()
    expectTypeOf(
      sales.foldby('user', (t, s) => t.set(s.user, s.amount), new Map<string, number>()),
    ).toEqualTypeOf<db.Bag<[string, Map<string, number>]>>()
    expectTypeOf(
      sales.foldby('user', async (list, s) => [...list, s.amount], [] as number[]),
    ).toEqualTypeOf<db.Bag<[string, number[]]>>()
    expectTypeOf(
      sales.foldby('user', (sum: number, s) => sum + s.amount, {
        initial: 0,
        combine: (a, b) => a + b,
        splitEvery: 4,
      }),
    ).toEqualTypeOf<db.Bag<[string, number]>>()
    expectTypeOf(sales.groupby('user')).toEqualTypeOf<db.Bag<[string, Sale[]]>>()
    expectTypeOf(sales.groupby((s) => [s.user, s.amount] as const)).toEqualTypeOf<
      db.Bag<[readonly [string, number], Sale[]]>
    >()
    expectTypeOf(sales.topk(3, 'amount')).toEqualTypeOf<db.Bag<Sale>>()
    expectTypeOf(sales.distinct((s) => s.user)).toEqualTypeOf<db.Bag<Sale>>()
    expectTypeOf(sales.accumulate((sum: number, s) => sum + s.amount, 0)).toEqualTypeOf<
      db.Bag<number>
    >()
    expectTypeOf(
      sales.reduction(
        (items) => Array.from(items).length,
        (ns) => Math.max(...ns),
      ),
    ).toEqualTypeOf<db.Item<number>>()
  })
})

test('wrong uses are type errors', () => {
  typesOnly(() => {
    // @ts-expect-error a field that sales do not have
    sales.pluck('price')
    // @ts-expect-error sales are no numbers
    sales.sum()
    // @ts-expect-error sales are no strings
    sales.str.trim()
    // @ts-expect-error sales cannot be flattened
    sales.flatten()
    // @ts-expect-error totals are of the type of items without an initial value
    sales.foldby('user', (sum: number, s: Sale) => sum + s.amount)
    // @ts-expect-error the same for fold
    sales.fold((sum: number, s: Sale) => sum + s.amount)
    sales.foldby(
      'user',
      // @ts-expect-error the error is at the function
      (sum: number, s) => sum + s.amount,
    )
    sales.fold(
      // @ts-expect-error the same
      (sum: number, s) => sum + s.amount,
    )
    // @ts-expect-error the initial value is no total
    sales.foldby('user', (sum: number, s: Sale) => sum + s.amount, 'zero')
    sales.foldby(
      'user',
      (sum: number, s: Sale) => sum + s.amount,
      0,
      // @ts-expect-error combine takes totals; the error is here, and not at the first argument
      (a: Sale) => a.amount,
    )
    // @ts-expect-error there is no such option
    sales.fold((sum: number, s: Sale) => sum + s.amount, { initial: 0, combin: () => 0 })
    // @ts-expect-error numbers have no users
    db.range(3).groupby('user')
    const general: db.Bag<unknown> = sales
    return general
  })
})

test('types follow the items through positions, sorts and sets', () => {
  typesOnly(() => {
    expectTypeOf(sales.enumerate()).toEqualTypeOf<db.Bag<[index: number, item: Sale]>>()
    expectTypeOf(sales.zipWithIndex()).toEqualTypeOf<db.Bag<[item: Sale, index: number]>>()
    expectTypeOf(sales.slidingWindow(2)).toEqualTypeOf<db.Bag<Sale[]>>()
    expectTypeOf(sales.head()).toEqualTypeOf<Promise<Sale[]>>()
    expectTypeOf(sales.tail(3)).toEqualTypeOf<Promise<Sale[]>>()
    expectTypeOf(sales.describe()).toEqualTypeOf<Promise<string>>()
    expectTypeOf(sales.sort('amount')).toEqualTypeOf<db.Bag<Sale>>()
    expectTypeOf(sales.sort({ key: (s) => s.user, descending: true })).toEqualTypeOf<db.Bag<Sale>>()
    expectTypeOf(sales.union(db.range(3))).toEqualTypeOf<db.Bag<Sale | number>>()
    expectTypeOf(sales.intersection(sales, 'user')).toEqualTypeOf<db.Bag<Sale>>()
    expectTypeOf(sales.subtract(db.range(3), 'amount', (x) => x)).toEqualTypeOf<db.Bag<Sale>>()
    expectTypeOf(db.random.sample(sales, 2)).toEqualTypeOf<db.Bag<Sale>>()
    expectTypeOf(db.map((n, s) => [n, s] as const, 'x', sales)).toEqualTypeOf<
      db.Bag<readonly [string, Sale]>
    >()
    expectTypeOf(db.mapPartitions((items) => [...items].map((s) => s.user), sales)).toEqualTypeOf<
      db.Bag<string>
    >()
    // @ts-expect-error there is no such field
    sales.sort('amounts')
    // @ts-expect-error there is no such field
    sales.subtract(sales, 'name')
  })
})

test('types of calculations with lazy items', () => {
  typesOnly(() => {
    const big = db.range(3).map((x) => BigInt(x))
    expectTypeOf(db.range(3).sum().div(sales.count())).toEqualTypeOf<db.Item<number>>()
    expectTypeOf(big.sum().add(1n)).toEqualTypeOf<db.Item<bigint>>()
    expectTypeOf(big.sum().div(2n)).toEqualTypeOf<db.Item<number>>()
    expectTypeOf(big.sum().neg()).toEqualTypeOf<db.Item<bigint>>()
    expectTypeOf(sales.count().gt(5)).toEqualTypeOf<db.Item<boolean>>()
    expectTypeOf(sales.count().toDelayed()).toEqualTypeOf<db.Delayed<number>>()
    expectTypeOf(db.Item.fromDelayed(delayed((x: number) => `${x}`)(1))).toEqualTypeOf<
      db.Item<string>
    >()
    expectTypeOf(db.fromAsyncIterable([Promise.resolve(1)])).toEqualTypeOf<
      Promise<db.Bag<number>>
    >()
    // @ts-expect-error strings are not calculated with
    sales.count().add('1')
    // @ts-expect-error records are not calculated with
    db.range(3)
      .map(() => ({}))
      .min()
      .mul(2)
  })
})

test('types of joins', () => {
  typesOnly(() => {
    const users = db.fromSequence([{ name: 'ann', city: 'Oslo' }])
    type User = { name: string; city: string }
    expectTypeOf(sales.join(users, 'user', 'name')).toEqualTypeOf<
      db.Bag<[other: User, item: Sale]>
    >()
    expectTypeOf(sales.join(users, 'user', 'name', { how: 'left' })).toEqualTypeOf<
      db.Bag<[other: User | undefined, item: Sale]>
    >()
    expectTypeOf(sales.join(users, 'user', 'name', { how: 'outer' })).toEqualTypeOf<
      db.Bag<[other: User | undefined, item: Sale | undefined]>
    >()
    expectTypeOf(sales.join(users, 'user', 'name', { how: 'right' })).toEqualTypeOf<
      db.Bag<[other: User, item: Sale | undefined]>
    >()
    expectTypeOf(sales.join(users, 'user', 'name', { how: 'anti' })).toEqualTypeOf<db.Bag<Sale>>()
    expectTypeOf(sales.join(sales, 'user', { how: 'semi' })).toEqualTypeOf<db.Bag<Sale>>()
    // @ts-expect-error there is no such kind
    sales.join(users, 'user', 'name', { how: 'cross' })
    // @ts-expect-error users have no such field
    sales.join(users, 'user', 'user')
  })
})
