/** Folds without `combine`: functions that cannot join totals are refused. */
import { describe, expect, test } from 'vitest'
import { fromSequence, range } from '../../../../collections/bag/index.js'
import { getSync } from '../../../../core/run/get-sync.js'

const options = { get: getSync }
const sales = fromSequence(
  Array.from({ length: 12 }, (_, i) => ({ user: `u${i % 2}`, amount: i, tags: { n: i } })),
  { npartitions: 3 },
)

describe('a fold without combine', () => {
  test('works for a function that can join totals', async () => {
    const add = (a: number, b: number) => a + b
    expect(await range(10, { npartitions: 3 }).fold(add, 0).compute(options)).toBe(45)
    expect(
      await range(6, { npartitions: 3 })
        .foldby((x) => x % 2, add, 0)
        .compute(options),
    ).toEqual([
      [0, 6],
      [1, 9],
    ])
    const longer = (a: string, b: string) => (b.length > a.length ? b : a)
    const words = fromSequence(['a', 'bbb', 'cc', 'dddd'], { npartitions: 2 })
    expect(await words.fold(longer, '').compute(options)).toBe('dddd')
  })

  test.each<[string, (total: number, item: never) => number]>([
    ['counts items', (n) => n + 1],
    ['reads a field', (n, sale: { amount: number }) => n + sale.amount],
    [
      'throws for a total instead of an item',
      (n, sale: { tags: { n: number } }) => n + sale.tags.n,
    ],
  ])('is refused for a function that %s', async (_, fn) => {
    const groups = sales.foldby('user', fn as never, 0 as never)
    await expect(groups.compute(options)).rejects.toThrow(
      /join two totals: foldby\(key, binop, initial, combine\)/,
    )
    const total = sales.fold(fn as never, 0)
    await expect(total.compute(options)).rejects.toThrow(
      /join two totals: fold\(binop, \{ initial, combine \}\)/,
    )
  })

  test('is accepted once it has combine', async () => {
    const count = sales.foldby(
      'user',
      (n) => n + 1,
      0,
      (a, b) => a + b,
    )
    expect(await count.compute(options)).toEqual([
      ['u0', 6],
      ['u1', 6],
    ])
  })
})
