/** `fold` and `foldby` give what a plain loop gives, however many partitions there are. */
import { describe, expect, test } from 'vitest'
import * as db from '../../../collections/bag/index.js'
import { expression } from '../../../core/expressions/expression.js'
import { getSync } from '../../../core/run/get-sync.js'
import { getThreads } from '../../../core/run/threads/get-threads.js'

interface Sale {
  readonly user: string
  readonly amount: number
}
const items = Array.from({ length: 23 }, (_, i): Sale => {
  return { user: `u${(i * 7) % 5}`, amount: (i * 37) % 11 }
})

type Fold = (total: unknown, item: Sale) => unknown
type FoldCase = readonly [name: string, fn: Fold, initial: unknown]

function fold<T>(name: string, fn: (total: T, item: Sale) => T | Promise<T>, initial: T): FoldCase {
  return [name, fn as Fold, initial]
}

/** Functions of a total and an item, with their initial value. */
const folds: readonly FoldCase[] = [
  fold('counts', (n) => n + 1, 0),
  fold('sums', (n, x) => n + x.amount, 0),
  fold('starts from a value that is not neutral', (n, x) => n + x.amount, 1000),
  fold('makes objects', (t, x) => ({ n: t.n + 1, sum: t.sum + x.amount }), { n: 0, sum: 0 }),
  fold('makes lists', (t, x) => [...t, x.amount], [0]),
  fold(
    'changes an object',
    (t) => {
      t.n++
      return t
    },
    { n: 0 },
  ),
  fold<number[]>(
    'changes a list',
    (t, x) => {
      t.push(x.amount)
      return t
    },
    [],
  ),
  fold(
    'changes a Map',
    (t, x) => t.set(x.user, (t.get(x.user) ?? 0) + x.amount),
    new Map<string, number>(),
  ),
  fold('changes a Set', (t, x) => t.add(x.amount), new Set<number>()),
  fold('makes BigInts', (t, x) => t * 3n + BigInt(x.amount), 1n),
  fold('makes dates', (t, x) => new Date(t.getTime() + x.amount * 1000), new Date(0)),
  fold('makes strings', (t, x) => `${t}${x.amount};`, '>'),
  fold('makes typed arrays', (t, x) => t.map((v, i) => v + x.amount ** i), new Float64Array(3)),
  fold<number | null>('keeps the last', (_, x) => x.amount, null),
  fold('is async', async (t, x) => ({ n: t.n * 2 + x.amount }), { n: 0 }),
  fold<number[]>(
    'returns promises',
    (t, x) => {
      t.push(x.amount)
      return Promise.resolve(t)
    },
    [],
  ),
]

async function loop(list: readonly Sale[], fn: Fold, initial: unknown): Promise<unknown> {
  let total: unknown = structuredClone(initial)
  for (const item of list) total = await fn(total, item)
  return total
}

async function loopBy(fn: Fold, initial: unknown): Promise<unknown> {
  const groups = new Map<string, Sale[]>()
  for (const item of items) groups.set(item.user, [...(groups.get(item.user) ?? []), item])
  return Promise.all([...groups].map(async ([user, list]) => [user, await loop(list, fn, initial)]))
}

/** The items in different numbers of partitions, of which some are empty. */
const bags: readonly (readonly [string, db.Bag<Sale>])[] = [
  ...[1, 2, 5, 20].map((npartitions) => {
    return [`${npartitions} partitions`, db.fromSequence(items, { npartitions })] as const
  }),
  [
    'empty partitions',
    db.concat([
      db.fromSequence<Sale>([]),
      db.fromSequence(items, { npartitions: 4 }),
      db.fromSequence(items).filter(() => false),
    ]),
  ],
]

const sync = { get: getSync }
const threads = { get: getThreads }

describe.each(bags)('folds without combine, %s', (_, bag) => {
  test.each(folds)('one that %s is like a loop', async (name, fn, initial) => {
    const expected = await loop(items, fn, initial)
    const get = name.includes('async') || name.includes('promises') ? threads : sync
    expect(await bag.fold(fn, initial).compute(get)).toEqual(expected)
    expect(await bag.fold(fn, { initial }).compute(get)).toEqual(expected)
    const groups = await loopBy(fn, initial)
    expect(await bag.foldby('user', fn, initial).compute(get)).toEqual(groups)
    const options = { initial }
    expect(await bag.foldby((x) => x.user, fn, options).compute(get)).toEqual(groups)
  })
})

test('folds without combine are like a loop over threads', async () => {
  const bag = db.fromSequence(items, { npartitions: 5 }).map((x) => ({ ...x }))
  for (const [, fn, initial] of folds) {
    const lazy = [bag.fold(fn, initial), bag.foldby('user', fn, initial)] as const
    const [total, groups] = await Promise.all(lazy.map((x) => x.compute(threads)))
    expect(total).toEqual(await loop(items, fn, initial))
    expect(groups).toEqual(await loopBy(fn, initial))
  }
})

test('foldby of records gives the same with two partitions as with one', async () => {
  const records = [
    { u: 'a', v: 1 },
    { u: 'b', v: 2 },
    { u: 'a', v: 3 },
  ]
  for (const npartitions of [1, 2, 3]) {
    const bag = db.fromSequence(records, { npartitions })
    const sums = bag.foldby('u', (t, x) => ({ n: t.n + 1, sum: t.sum + x.v }), { n: 0, sum: 0 })
    expect(await sums.compute(sync)).toEqual([
      ['a', { n: 2, sum: 4 }],
      ['b', { n: 1, sum: 2 }],
    ])
  }
})

test('expressions fold in order too', async () => {
  const sum = items.reduce((total, { amount }) => total + amount, 0)
  for (const [, bag] of bags) {
    expect(await bag.fold('x + amount', 0).compute(sync)).toBe(sum)
    expect(await bag.fold<number>('2 x + amount', { initial: 1 }).compute(sync)).toBe(
      items.reduce((total, { amount }) => 2 * total + amount, 1),
    )
    const byUser = await loopBy(folds[1]![1], 0)
    expect(await bag.foldby('user', 'x + amount', 0).compute(sync)).toEqual(byUser)
    const key = expression<string>('user')
    expect(await bag.foldby(key, 'x + amount', { initial: 0 }).compute(sync)).toEqual(byUser)
  }
})

test('keys are in the order of their first items, whatever their hashes', async () => {
  const keys = Array.from({ length: 60 }, (_, i) => ({ k: [`key${(i * 13) % 17}`, i % 2] }))
  const bag = db.fromSequence(keys, { npartitions: 9 })
  const counts = await bag.foldby('k', (n: number) => n + 1, 0).compute(sync)
  const expected = new Map<string, number>()
  for (const { k } of keys)
    expected.set(JSON.stringify(k), (expected.get(JSON.stringify(k)) ?? 0) + 1)
  expect(counts.map(([key, n]) => [JSON.stringify(key), n])).toEqual([...expected])
})

test('what makes the items runs in tasks of its own, in parallel', () => {
  const bag = db.range(12, { npartitions: 4 }).map((x) => x + 1)
  const tasks = (item: { optimize(): db.Bag<number>['graph'] }) => {
    return item.optimize().layers.map((layer) => layer.numblocks)
  }
  expect(tasks(bag.fold((n: number, x) => n + x, 0))).toEqual([[4], [4], []])
  expect(
    tasks(bag.fold((n: number, x) => n + x, { initial: 0, combine: (a, b) => a + b })),
  ).toEqual([[4], []])
})

test('an empty bag gives the initial value', async () => {
  for (const bag of [
    db.fromSequence<number>([]),
    db.range(9, { npartitions: 3 }).filter(() => false),
  ]) {
    expect(await bag.fold((t: number[], x) => [...t, x], [7]).compute(sync)).toEqual([7])
    expect(
      await bag
        .foldby(
          (x) => x,
          (n: number) => n + 1,
          0,
        )
        .compute(sync),
    ).toEqual([])
  }
})

test('a fold with combine folds partitions in parallel and joins totals', async () => {
  const bag = db.fromSequence(items, { npartitions: 5 })
  const count = (n: number) => n + 1
  const add = (a: number, b: number) => a + b
  expect(await bag.fold(count, { initial: 0, combine: add }).compute(sync)).toBe(23)
  expect(await bag.fold(count, 0, { combine: add, splitEvery: 2 }).compute(sync)).toBe(23)
  const groups = await loopBy(count as Fold, 0)
  expect(await bag.foldby('user', count, 0, add).compute(sync)).toEqual(groups)
  const options = { initial: 0, combine: add, splitEvery: 2 } as const
  expect(await bag.foldby('user', count, options).compute(sync)).toEqual(groups)
  const from = { ...options, combineInitial: 100 }
  const more = await bag.foldby('user', count, { ...from, splitEvery: false }).compute(sync)
  expect(more.map(([user, n]) => [user, n - 100])).toEqual(groups)
})

test('arguments that are no initial value are understood or refused', () => {
  const bag = db.fromSequence(items, { npartitions: 2 })
  const fn = (n: number, x: Sale) => n + x.amount
  const refused: [() => unknown, RegExp][] = [
    [
      () => bag.fold(fn, 0, { splitEvery: 1 }),
      /fold: splitEvery must be a whole number of at least 2/,
    ],
    [() => bag.fold(fn, 0, { fanIn: 2 } as never), /fold: there is no option 'fanIn'/],
    [
      () => bag.fold(fn, { initial: 0 } as never, { splitEvery: 2 }),
      /fold: \{ initial \} looks like options/,
    ],
    [
      () => bag.fold(fn, fn as never),
      /fold: the initial value cannot be a function, got the function fn; .*combine/,
    ],
    [
      () => bag.foldby('user', fn, { initial: 0, combin: fn } as never),
      /foldby: there is no option 'combin'/,
    ],
    [() => bag.foldby('user', fn, { init: 0 } as never), /foldby: there is no option 'init'/],
    [
      () => bag.foldby('user', fn, { initial: 0 } as never, fn as never),
      /foldby: \{ initial \} looks like options/,
    ],
    [
      () => bag.foldby('user', fn, 0, undefined, 5),
      /foldby: combineInitial is the total that combine starts/,
    ],
    [
      () => bag.foldby('user', fn, 0, undefined, undefined, { x: 1 } as never),
      /foldby: there is no option 'x'/,
    ],
  ]
  for (const [call, message] of refused) expect(call).toThrow(message)
})

test('a record with the names of options can be the initial value', async () => {
  const bag = db.range(5, { npartitions: 2 })
  const fn = (t: { initial: number }, x: number) => ({ initial: t.initial + x })
  expect(await bag.fold(fn, { initial: { initial: 1 } }).compute(sync)).toEqual({ initial: 11 })
  const groups = bag.foldby((x) => x % 2, fn, { initial: { initial: 1 } })
  expect(await groups.compute(sync)).toEqual([
    [0, { initial: 7 }],
    [1, { initial: 5 }],
  ])
})

test('an error in a function names the fold and its site', async () => {
  const bag = db.range(6, { npartitions: 3 })
  const fails = (n: number, x: number) => {
    if (x === 4) throw new Error('four')
    return n + x
  }
  await expect(bag.fold(fails, 0).compute(sync)).rejects.toThrow(/fold.*folds\.test\.ts.*four/s)
  await expect(bag.foldby((x) => x % 2, fails, 0).compute(sync)).rejects.toThrow(
    /foldby.*folds\.test\.ts.*four/s,
  )
})
