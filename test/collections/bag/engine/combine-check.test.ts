/** Folds without `combine` and initial value: functions that cannot join totals are refused. */
import { describe, expect, test } from 'vitest'
import { fromSequence, range } from '../../../../collections/bag/index.js'
import { getSync } from '../../../../core/run/get-sync.js'
import { getThreads } from '../../../../core/run/threads/get-threads.js'

const options = { get: getSync }

interface Sale {
  readonly user: string
  readonly amount: number
}
const sales = fromSequence(
  Array.from({ length: 12 }, (_, i): Sale => ({ user: `u${i % 2}`, amount: i + 1 })),
  { npartitions: 3 },
)

class Money {
  cents: number
  constructor(cents: number) {
    this.cents = cents
  }
  plus(other: Money): Money {
    return new Money(this.cents + other.cents)
  }
}

describe('a fold without combine and initial value', () => {
  test('works for functions that can join totals', async () => {
    const numbers = range(10, { npartitions: 3 })
    expect(await numbers.fold((a, b) => a + b).compute(options)).toBe(45)
    expect(await numbers.fold(async (a, b) => a + b).compute({ get: getThreads })).toBe(45)
    const fractions = range(40, { npartitions: 7 }).map((x) => x / 7 - 2)
    expect(await fractions.fold((a, b) => a + b).compute(options)).toBeCloseTo(780 / 7 - 80, 9)
    expect(
      await range(6, { npartitions: 3 })
        .foldby((x) => x % 2, Math.max)
        .compute(options),
    ).toEqual([
      [0, 4],
      [1, 5],
    ])
    const words = fromSequence(['a', 'bbb', 'cc', 'dddd'], { npartitions: 2 })
    expect(await words.fold((a, b) => (b.length > a.length ? b : a)).compute(options)).toBe('dddd')
    expect(await words.fold((a, b) => a + b).compute(options)).toBe('abbbccdddd')
    const lists = words.map((word) => [word])
    expect(await lists.fold((a, b) => [...a, ...b]).compute(options)).toEqual([
      'a',
      'bbb',
      'cc',
      'dddd',
    ])
    const merge = (a: Sale, b: Sale) => ({ user: a.user, amount: a.amount + b.amount })
    expect(await sales.foldby('user', merge).compute(options)).toEqual([
      ['u0', { user: 'u0', amount: 36 }],
      ['u1', { user: 'u1', amount: 42 }],
    ])
  })

  test.each([
    ['the mean of two', (a: number, b: number) => (a + b) / 2],
    ['a difference', (a: number, b: number) => a - b],
    ['a count', (a: number) => a + 1],
    ['a product and a sum', (a: number, b: number) => a * b + a + b + 1],
  ])('is refused, from two partitions on: %s', async (_, fn) => {
    for (const npartitions of [2, 3, 5]) {
      const folded = range(10, { npartitions }).fold(fn)
      await expect(folded.compute(options)).rejects.toThrow('cannot join the totals')
    }
  })

  test('is not changed by the check, though the function changes its first argument', async () => {
    const amounts = range(10, { npartitions: 3 }).map((x) => new Money(x))
    const sum = amounts.fold((a, b) => {
      a.cents += b.cents
      return a
    })
    expect((await sum.compute(options)).cents).toBe(45)
    expect((await amounts.fold((a, b) => a.plus(b)).compute(options)).cents).toBe(45)
    const maps = range(6, { npartitions: 3 }).map((x) => new Map([[x % 2, x]]))
    const merged = maps.fold((a, b) => {
      for (const [key, value] of b) a.set(key, (a.get(key) ?? 0) + value)
      return a
    })
    expect(await merged.compute(options)).toEqual(
      new Map([
        [0, 6],
        [1, 9],
      ]),
    )
  })

  test.each<[string, (a: Sale, b: Sale) => Sale | Promise<Sale>]>([
    ['counts items', (a) => ({ user: a.user, amount: a.amount + 1 })],
    ['counts items asynchronously', async (a) => ({ user: a.user, amount: a.amount + 1 })],
    ['subtracts', (a, b) => ({ ...a, amount: a.amount - b.amount })],
    ['takes means', (a, b) => ({ ...a, amount: (a.amount + b.amount) / 2 })],
  ])('is refused for a function that %s', async (name, fn) => {
    const options = { get: name.includes('async') ? getThreads : getSync }
    await expect(sales.foldby('user', fn).compute(options)).rejects.toThrow(
      /foldby: the function cannot join the totals of partitions: .* say how to join two totals: foldby\(/,
    )
    await expect(sales.fold(fn).compute(options)).rejects.toThrow(
      /fold: the function cannot join the totals of partitions: .* say how to join two totals: fold\(/,
    )
    expect(await sales.repartition({ npartitions: 1 }).fold(fn).compute(options)).toBeDefined()
  })
})
