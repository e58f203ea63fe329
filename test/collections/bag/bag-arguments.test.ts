/**
 * Arguments of bags that are refused when a method is called, and errors that name the wrong item.
 */
import { describe, expect, test } from 'vitest'
import * as db from '../../../collections/bag/index.js'
import { getSync } from '../../../core/run/get-sync.js'

const get = { get: getSync }

describe('unknown options', () => {
  const bag = db.fromSequence([3, 1, 2], { npartitions: 2 })
  const add = (a: number, b: number) => a + b

  test.each([
    [{ init: 0 }, 'init'],
    [{ split_every: 2 }, 'split_every'],
    [{ SplitEvery: 2, Initial: 3 }, 'SplitEvery'],
    [{ initial: 0, split_every: 2 }, 'split_every'],
  ])('of fold are refused: %j', (options, name) => {
    expect(() => bag.fold(add, options as never)).toThrow(
      `fold: there is no option '${name}'; the options are combine, initial, splitEvery`,
    )
  })

  test('of fold are distinguished from objects that are initial values', async () => {
    const count = (total: { n: number }, item: unknown) => ({
      n: total.n + (typeof item === 'number' ? 1 : (item as { n: number }).n),
    })
    expect(await bag.fold(count, { n: 0 }).compute(get)).toEqual({ n: 3 })
    const wrapped = bag.fold((total: { init: number }, item) => ({ init: total.init + item }), {
      initial: { init: 0 },
      combine: (a, b) => ({ init: a.init + b.init }),
    })
    expect(await wrapped.compute(get)).toEqual({ init: 6 })
  })

  test('of other types are refused: sort of frequencies', () => {
    expect(() => bag.frequencies({ sort: 'desc' as never })).toThrow(
      /frequencies: sort must be true or false, got "desc"/,
    )
  })
})

describe('errors name the operation and the item', () => {
  const bag = (...items: unknown[]) => db.fromSequence(items) as db.Bag<never>

  test.each([
    [() => bag(5).starmap((a) => a), /starmap: every item must be a list of arguments, got 5/],
    [() => bag(null).starmap((a) => a), /starmap: .* got null/],
    [() => bag({ a: 1 }).starmap((a) => a), /starmap: .* got an object \{ a \}/],
    [() => bag(null).pluck('a' as never), /pluck: no field "a" in null; give a default/],
    [() => bag(undefined).pluck(['a'] as never), /pluck: no field "a" in undefined/],
    [
      () => bag({ b: 1 }).pluck('toString' as never),
      /pluck: no field "toString" in an object \{ b \}/,
    ],
    [() => bag([1, 2]).unzip(3)[2]!, /unzip: no field 2 in an array of 2; n must not be more/],
    [() => bag(null).groupby('a' as never), /key: no field "a" in null; use a function/],
    [() => bag({ b: 1 }).foldby('a' as never, (a: never) => a), /key: no field "a" in an object/],
  ])('%s', async (build, message) => {
    await expect(build().compute(get)).rejects.toThrow(message)
  })

  test('properties that every object inherits are no fields', async () => {
    const items = bag({ a: 1 }, { toString: 2 }, [1], null)
    const fallback = items.pluck('toString' as never, 'dflt')
    expect(await fallback.compute(get)).toEqual(['dflt', 2, 'dflt', 'dflt'])
    const several = items.pluck(['constructor', 'a'] as never, 0)
    expect(await several.compute(get)).toEqual([
      [0, 1],
      [0, 0],
      [0, 0],
      [0, 0],
    ])
    expect(
      await bag('abc', [1, 2])
        .pluck('length' as never)
        .compute(get),
    ).toEqual([3, 2])
  })

  test('starmap accepts items that are any iterable', async () => {
    const sum = (a: number, b: number) => a + b
    const items = db.fromSequence<Iterable<number>>([[1, 2], new Set([3, 4])]) as db.Bag<never>
    expect(await items.starmap(sum as never).compute(get)).toEqual([3, 7])
  })

  test('string methods without their arguments are refused when they are called', async () => {
    const { str } = db.fromSequence(['a-b'])
    const call = (method: 'replace' | 'split' | 'includes', ...args: string[]) =>
      (str[method] as (...args: string[]) => db.Bag<unknown>)(...args)
    expect(() => call('replace')).toThrow('str.replace: needs 2 arguments, got 0')
    expect(() => call('replace', 'a')).toThrow('str.replace: needs 2 arguments, got 1')
    expect(() => call('split')).toThrow('str.split: needs 1 argument, got 0')
    expect(() => call('includes')).toThrow('str.includes: needs 1 argument, got 0')
    expect(await call('split', '-').compute(get)).toEqual([['a', 'b']])
  })
})
