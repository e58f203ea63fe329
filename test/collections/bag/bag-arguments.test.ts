/**
 * Arguments of bags that are refused at the call, and errors that say which item was wrong.
 */
import { describe, expect, test } from 'vitest'
import * as db from '../../../collections/bag/index.js'
import { getSync } from '../../../core/get-sync.js'

const get = { get: getSync }

describe('options nobody knows', () => {
  const bag = db.fromSequence([3, 1, 2], { npartitions: 2 })
  const add = (a: number, b: number) => a + b

  test.each([
    [{ init: 0 }, 'init'],
    [{ split_every: 2 }, 'split_every'],
    [{ SplitEvery: 2, Initial: 3 }, 'SplitEvery'],
    [{ initial: 0, split_every: 2 }, 'split_every'],
  ])('fold refuses %j', (options, name) => {
    expect(() => bag.fold(add, options as never)).toThrow(
      `fold: there is no option '${name}'; the options are combine, initial, splitEvery`,
    )
  })

  test('fold still takes objects as initial values', async () => {
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

  test('sort of frequencies is a boolean', () => {
    expect(() => bag.frequencies({ sort: 'desc' as never })).toThrow(
      /frequencies: sort must be true or false, got "desc"/,
    )
  })
})
