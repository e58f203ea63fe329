/** Types that are recognized by a test: plain objects and arrays may be of them. */
import { expect, test } from 'vitest'
import { tokenize } from '../../../../core/graph/tokenize.js'
import { getSync, getThreads, registerType } from '../../../../core/index.js'
import { db, delayed } from '../../../../index.js'

interface Money {
  readonly unit: string
  readonly cents: number
  /** What cannot be sent. */
  readonly source?: Promise<void>
  readonly isDecoded?: boolean
}

const source = Promise.resolve()
const money = (cents: number): Money => ({ unit: 'EUR', cents, source })
const isPair = (value: object): boolean => Array.isArray(value) && value[0] === 'pair'

registerType('Money', {
  test: (value) => 'unit' in value,
  encode: ({ cents }: Money) => cents,
  decode: (cents): Money => ({ unit: 'EUR', cents, isDecoded: true }),
})
registerType('Pair', {
  test: isPair,
  encode: (pair: unknown[]) => ({ second: pair[1] }),
  decode: ({ second }) => ['pair', second, 'decoded'],
})

test.each([
  ['getSync', getSync],
  ['getThreads', getThreads],
] as const)(
  'plain objects and arrays are of types that are recognized by a test: %s',
  async (_, get) => {
    const five = money(5)
    const about = ({ cents, isDecoded, source }: Money) => [cents, isDecoded, source]
    expect(await delayed(about)(five).compute({ get })).toEqual([5, true, undefined])
    const list = [money(1), money(2), money(3)]
    expect(await db.fromSequence(list).map(about).compute({ get })).toEqual(
      [1, 2, 3].map((cents) => [cents, true, undefined]),
    )
    const nested = delayed((value: { list: Money[] }) => value.list.map(about))({ list })
    expect((await nested.compute({ get })).flat()).toEqual([
      ...[1, true, undefined, 2, true, undefined, 3, true, undefined],
    ])
    const pairs = db.fromSequence([
      ['pair', 1],
      ['other', 2],
    ])
    expect(await pairs.compute({ get })).toEqual([
      ['pair', 1, 'decoded'],
      ['other', 2],
    ])
  },
)

test('a function that reads one member of such an object captures all of it', async () => {
  const five = money(5)
  for (const get of [getSync, getThreads]) {
    expect(await delayed(() => five.isDecoded)().compute({ get })).toBe(true)
    expect(await delayed(() => five.cents)().compute({ get })).toBe(5)
  }
})

test('results are of such types', async () => {
  const made = await delayed((cents: number): Money => ({ unit: 'EUR', cents }))(7).compute()
  expect(made).toEqual({ unit: 'EUR', cents: 7, isDecoded: true })
})

test('the token of such an object is that of its type and what encode returned', () => {
  expect(tokenize(money(5))).toBe(tokenize(money(5)))
  expect(tokenize(money(5))).toBe(tokenize({ ...money(5), more: 1 }))
  expect(tokenize(money(5))).not.toBe(tokenize(money(6)))
})
