/** Arguments too many and unknown options are refused by name; both spellings of options are understood. */
import { describe, expect, expectTypeOf, test } from 'vitest'
import * as db from '../../../collections/bag/index.js'
import { delayed } from '../../../collections/base/delayed.js'
import { getSync } from '../../../core/run/get-sync.js'

const sync = { get: getSync }
const bag = db.range(6, { npartitions: 2 })
const pairs = bag.map((x) => [x, x] as const)
const words = db.fromSequence(['a', 'b'])
const add = (a: number, b: number) => a + b
const key = (x: number) => x % 2
const x = { x: 1 }

/** Calls a method with arguments of any kind. */
function call(of: object, method: string, ...args: unknown[]): unknown {
  return (of as Record<string, (...args: unknown[]) => unknown>)[method]!(...args)
}

/** Calls, which the compiler refuses as well, and what their errors say. */
const refused: readonly (readonly [string, () => unknown, RegExp])[] = [
  ['pluck', () => call(pairs, 'pluck', 0, null, 1), /pluck takes 2 arguments/],
  ['unzip', () => call(pairs, 'unzip', 2, x), /unzip: there is no option 'x'/],
  ['flatten', () => call(pairs, 'flatten', 2), /flatten takes no arguments/],
  ['flatten options', () => call(pairs, 'flatten', x), /flatten: there is no option 'x'/],
  ['randomSample', () => call(bag, 'randomSample', 0.5, 1, 2), /randomSample takes 2 arguments/],
  ['randomSample options', () => call(bag, 'randomSample', 0.5, { sed: 1 }), /no option 'sed'/],
  ['reduction', () => call(bag, 'reduction', add, add, {}, 1), /reduction takes 3 arguments/],
  ['fold', () => call(bag, 'fold', add, 0, {}, 1), /fold takes 3 arguments/],
  ['sum', () => call(bag, 'sum', {}, 1), /sum takes one argument/],
  ['sum axis', () => call(bag, 'sum', 0), /sum: options must be an object/],
  ['mean', () => call(bag, 'mean', x), /mean: there is no option 'x'/],
  ['var', () => call(bag, 'var', { dof: 1 }), /var: there is no option 'dof'/],
  ['std', () => call(bag, 'std', {}, 1), /std takes one argument/],
  ['min', () => call(bag, 'min', {}, 1), /min takes one argument/],
  ['max', () => call(bag, 'max', x), /max: there is no option 'x'/],
  ['count', () => call(bag, 'count', {}, 1), /count takes one argument/],
  ['any', () => call(bag, 'any', {}, 1), /any takes one argument/],
  ['all', () => call(bag, 'all', x), /all: there is no option 'x'/],
  ['frequencies', () => call(bag, 'frequencies', {}, 1), /frequencies takes one argument/],
  ['topk', () => call(bag, 'topk', 1, key, {}, 1), /topk takes 3 arguments/],
  ['topk options', () => call(bag, 'topk', 1, { kee: key }), /topk: there is no option 'kee'/],
  ['topk twice', () => call(bag, 'topk', 1, { key }, {}), /topk: give the options once/],
  ['distinct', () => call(bag, 'distinct', key, {}, 1), /distinct takes 2 arguments/],
  ['distinct options', () => call(bag, 'distinct', x), /distinct: there is no option 'x'/],
  ['foldby', () => call(bag, 'foldby', key, add, 0, add, 0, {}, 1), /foldby takes 6 arguments/],
  ['groupby', () => call(bag, 'groupby', key, {}, 1), /groupby takes 2 arguments/],
  ['groupby options', () => call(bag, 'groupby', key, { method: 'disk' }), /no option 'method'/],
  ['join', () => call(bag, 'join', [1], key, key, {}, 1), /join takes 4 arguments/],
  ['join how', () => call(bag, 'join', [1], key, key, { how: 'cross' }), /how must be one of/],
  [
    'join how without key',
    () => call(bag, 'join', [1], key, { how: 'lift' }),
    /how must be one of/,
  ],
  ['join options', () => call(bag, 'join', [1], key, key, x), /join: there is no option 'x'/],
  ['product', () => call(bag, 'product', bag, x), /product: there is no option 'x'/],
  ['accumulate', () => call(bag, 'accumulate', add, 0, 1), /accumulate takes 2 arguments/],
  ['repartition', () => call(bag, 'repartition', { npartitions: 3 }, {}), /repartition takes one/],
  ['repartition options', () => call(bag, 'repartition', { size: 3 }), /no option 'size'/],
  ['take', () => call(bag, 'take', 1, {}, 1), /take takes 2 arguments/],
  ['toTextfiles', () => call(words, 'toTextfiles', 'x*', {}, 1), /toTextfiles takes 2 arguments/],
  ['toTextfiles options', () => call(words, 'toTextfiles', 'x*', x), /no option 'x'/],
  ['items', () => call(bag, 'items', {}, 1), /items takes one argument/],
  ['toDelayed', () => call(bag, 'toDelayed', { optimizeGraph: true }), /no option 'optimizeGraph'/],
  ['str.trim', () => call(words.str, 'trim', 1), /str.trim takes no arguments/],
  ['str.split', () => call(words.str, 'split', ',', 2, x), /str.split: there is no option 'x'/],
  ['str.match', () => call(words.str, 'match', '*', x), /str.match: there is no option 'x'/],
  ['fromSequence', () => call(db, 'fromSequence', [1], {}, 1), /fromSequence takes 2 arguments/],
  [
    'fromSequence of a promise',
    () => call(db, 'fromSequence', Promise.resolve([1])),
    /got a promise; write await/,
  ],
  [
    'fromSequence of an asynchronous iterable',
    () => call(db, 'fromSequence', (async function* () {})()),
    /got an asynchronous iterable; collect its items first/,
  ],
  ['fromSequence options', () => call(db, 'fromSequence', [1], x), /no option 'x'/],
  ['range', () => call(db, 'range', 1, 2, 1, 1), /range: give stop/],
  ['range options', () => call(db, 'range', 1, x), /range: there is no option 'x'/],
  ['readText', () => call(db, 'readText', 'a', {}, 1), /readText takes 2 arguments/],
  ['readText options', () => call(db, 'readText', 'a', x), /readText: there is no option 'x'/],
  ['fromArrow', () => call(db, 'fromArrow', {}, {}, 1), /fromArrow takes 2 arguments/],
  ['concat', () => call(db, 'concat', [bag], bag), /concat takes one argument/],
  ['fromDelayed', () => call(db, 'fromDelayed', [bag], x), /fromDelayed: there is no option 'x'/],
  ['zip', () => call(db, 'zip', bag, bag, x), /zip: argument 3 must be a bag/],
  ['delayed', () => call({ delayed }, 'delayed', add, {}, 1), /delayed takes 2 arguments/],
  ['Delayed.at', () => call(delayed([1]), 'at', 0, x), /at: there is no option 'x'/],
]

describe('refused', () => {
  test.each(refused)('%s', (_name, run, message) => {
    expect(run).toThrow(message)
    expect(run).toThrow(TypeError)
  })

  test.each([
    ['compute', () => call(bag, 'compute', {}, 1)],
    ['compute of an item', () => call(bag.sum(), 'compute', {}, 1)],
    ['persist', () => call(bag, 'persist', {}, 1)],
  ])('%s, as a rejection', async (_name, run) => {
    await expect(run()).rejects.toThrow(/takes one argument/)
  })
})

test('arguments that are undefined do not count', async () => {
  const product = call(bag, 'product', bag, undefined) as db.Bag<number>
  expect(await product.count().compute(sync)).toBe(36)
})

test('what a Dask user would write as keywords is understood', async () => {
  expect(await bag.topk(2, { key: (n) => -n }).compute(sync)).toEqual([0, 1])
  expect(await pairs.topk(1, { key: 0, splitEvery: 2 }).compute(sync)).toEqual([[5, 5]])
  expect(await bag.distinct({ key }).compute(sync)).toEqual([0, 1])
  expect(await bag.distinct({ splitEvery: false }).count().compute(sync)).toBe(6)
  const sample = (seed: number | { seed: number }) => bag.randomSample(0.5, seed).compute(sync)
  expect(await sample({ seed: 5 })).toEqual(await sample(5))
  const people = db.fromSequence<{ name: string; age?: number }>([
    { name: 'a' },
    { name: 'b', age: 3 },
  ])
  expect(await people.pluck('age', { default: 0 }).compute(sync)).toEqual([0, 3])
  expect(await people.pluck('age', 0).compute(sync)).toEqual([0, 3])
  expect(await people.pluck(['name', 'age'], { default: null }).compute(sync)).toEqual([
    ['a', null],
    ['b', 3],
  ])
  expect(await people.pluck('age', { other: 1 }).compute(sync)).toEqual([{ other: 1 }, 3])
  expect(await bag.accumulate(add, { initial: 10 }).compute(sync)).toEqual([
    10, 10, 11, 13, 16, 20, 25,
  ])
  expect(await bag.join([1], key, key, { how: 'inner' }).count().compute(sync)).toBe(3)
  expect(await bag.foldby(key, add, { initial: 1, combine: add }).count().compute(sync)).toBe(2)
  expectTypeOf(people.pluck('age', { default: null })).toEqualTypeOf<db.Bag<number | null>>()
  expectTypeOf(bag.topk(2, { key })).toEqualTypeOf<db.Bag<number>>()
})

test('reduction without combine applies aggregate once, to all values', async () => {
  const many = db.range(100, { npartitions: 20 })
  const mean = many.reduction(
    (items) => [...items].length,
    (counts) => counts.reduce(add) / counts.length,
  )
  expect(await mean.compute(sync)).toBe(5)
  const tree = many.reduction(
    (items) => [...items].length,
    (counts) => counts.reduce(add),
    { splitEvery: 2 },
  )
  expect(await tree.compute(sync)).toBe(100)
})
