/** Batches: nothing is lost when the elements of an array are split into columns. */

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decode, encode } from '../../../../core/codec/index.js'
import { difference } from '../../../fixtures/values/difference.mjs'

type Make = (i: number) => unknown

/** Enough for generated loops to be used. */
const n = 300

const kinds: [name: string, make: Make][] = [
  ['records', (i) => ({ a: i % 7, b: `b${i % 3}` })],
  ['records of numbers', (i) => ({ x: i % 10, y: i % 3 })],
  ['records of one content', () => ({ a: 1, b: 'x' })],
  ['records without scalars', (i) => ({ at: [i % 2], in: { a: 1 } })],
  ['nested records', (i) => ({ id: i, in: { name: `n${i % 5}`, deep: { is: i % 2 === 0 } } })],
  ['records with lists', (i) => ({ tags: ['a', 'b', 'c'].slice(i % 3), ns: [i, i / 3] })],
  ['records with lists of records', (i) => ({ of: [{ x: i }, { x: 1 }].slice(i % 2) })],
  ['records with dates', (i) => ({ at: new Date(i % 9), or: i % 2 ? null : new Date(Number.NaN) })],
  ['records with gaps', (i) => ({ in: [null, undefined, { a: i }][i % 3], k: i })],
  ['records of several shapes', (i) => (i % 3 ? { a: i } : { b: i, in: { a: i % 2 } })],
  ['records of any scalars', (i) => ({ v: [i, `${i}`, true, false, null, undefined, -0][i % 7] })],
  [
    'records of unusual values',
    (i) => ({ v: [new Map([[i, 1]]), 5n, Symbol.for('x'), /x/][i % 4] }),
  ],
  ['records of many keys', (i) => Object.fromEntries(keysOf(30).map((key) => [key, i]))],
  ['pairs', (i) => [`k${i}`, i]],
  ['pairs with records', (i) => [`k${i}`, { a: i }]],
  ['lists', (i) => Array.from({ length: i % 4 }, () => i)],
  ['lists of lists', (i) => [[i], [], [i, i]].slice(0, 1 + (i % 3))],
  ['lists of unusual values', (i) => [[undefined, null, -0, Number.NaN][i % 4], i].slice(i % 2)],
  ['dates', (i) => new Date(i * 1e9)],
]

function keysOf(count: number): string[] {
  return Array.from({ length: count }, (_, k) => `key${k}`)
}

function list(make: Make, length = n): unknown[] {
  return Array.from({ length }, (_, i) => make(i))
}

function expectSame(value: unknown): void {
  expect(difference(decode(encode(value)), value)).toBeUndefined()
}

describe.each(kinds)('%s', (_name, make) => {
  test('are restored', () => {
    for (const length of [16, 33, n]) expectSame(list(make, length))
    expectSame({ one: list(make), other: list(make), again: list(make, 20) })
  })

  test('keep repeated elements', () => {
    for (const length of [20, n]) {
      const values = list(make, length)
      values[length - 3] = values[4]
      expectSame(values)
      expectSame([values[5], values, values[9]])
      expectSame([list(make, length), values, values.slice(3)])
      expectSame({ records: values.map((value, i) => ({ i, value })) })
    }
  })

  test('keep repeated elements in large batches, whatever was written before', () => {
    const values = list(make, 3000)
    values[2990] = values[11]
    expectSame(values)
    expectSame({ few: list(make, 40), many: list(make, 2000), values, fewer: values.slice(5, 30) })
  })

  test('keep cycles', () => {
    const values = list(make)
    for (const i of [0, 77, n - 1]) {
      const value = values[i]
      if (Array.isArray(value)) value.push(values[150], value)
      else if (!(value instanceof Date)) Object.assign(value as object, { all: values })
    }
    expectSame(values)
    const linked = list(make).map((value, i) => ({ i, value, next: null as unknown, all: {} }))
    for (const [i, row] of linked.entries()) {
      row.next = linked[(i + 7) % n]
      row.all = linked
    }
    expectSame(linked)
  })

  test('keep gaps and holes apart', () => {
    for (const gap of [null, undefined]) {
      const values = list(make)
      values[0] = gap
      values[50] = gap
      expectSame(values)
      delete values[51]
      expectSame(values)
    }
  })
})

describe('one row twice, among many of the same content', () => {
  const contents: [name: string, make: Make][] = [
    ['50 contents', (i) => ({ shop: `shop-${i % 50}`, amount: (i % 50) * 3 })],
    ['one content', () => ({ a: 1, b: 'x' })],
    ['2,000 contents', (i) => ({ x: (i * 7) % 100, y: (i * 3) % 40 })],
    ['20,000 contents', (i) => ({ x: (i * 7919) % 20_000, y: `${i % 3}` })],
    ['pairs', (i) => [i % 9, i % 4]],
    ['dates', (i) => new Date(i % 60)],
  ]
  const last = 5999
  const places = [
    [0, last],
    [0, 1],
    [last - 1, last],
    [2999, 3000],
    [1030, 4000],
  ] as const

  test.each(contents)('%s', (_, make) => {
    for (const [one, other] of places) {
      const values = list(make, last + 1)
      values[other] = values[one]
      const back = decode(encode(values)) as unknown[]
      expect(back[other]).toBe(back[one])
      expect(new Set(back).size).toBe(last)
      expect(back).toEqual(values)
    }
    expect(new Set(decode(encode(list(make, last + 1))) as unknown[]).size).toBe(last + 1)
  })

  test.each(contents)('%s, in another list', (_, make) => {
    for (const [one, other] of places) {
      const lists = [list(make, last + 1), list(make, last + 1)] as const
      lists[1][other] = lists[0][one]
      const back = decode(encode(lists)) as [unknown[], unknown[]]
      expect(back[1][other]).toBe(back[0][one])
      expect(new Set(back.flat()).size).toBe(2 * last + 1)
    }
  })
})

describe('columns of strings', () => {
  const odd = ['', 'é', '日本', '\ud800', 'a'.repeat(63), 'a'.repeat(64), 'b'.repeat(300), null, 1]
  const made: [name: string, make: (i: number) => string][] = [
    ['short', (i) => `w${i}`],
    ['repeated', (i) => `w${i % 5}`],
    ['long', (i) => `${'word '.repeat(9)}${i}`],
    ['all empty', () => ''],
  ]
  test.each(made)('%s, with an unusual one anywhere', (_, make) => {
    for (const length of [16, 63, 64, 255, 256, 257, 5000])
      for (const at of [0, 1, 64, 256, length - 1])
        for (const one of odd) {
          const values: unknown[] = list(make, length)
          if (at < length) values[at] = one
          expect(decode(encode(values))).toEqual(values)
          const records = values.map((v, k) => ({ k, v }))
          expect(decode(encode(records))).toEqual(records)
        }
  })
})

test('records whose fields are numbers at first, and then something else, are restored', () => {
  for (const at of [0, 1, 77, 150, 298, 299])
    for (const one of [null, undefined, 'text', -0, Number.NaN, true, new Date(5)]) {
      const values = list((i) => ({ k: i / 2, v: i }))
      ;(values[at] as { v: unknown }).v = one
      expectSame(values)
    }
})

describe('one element with something additional', () => {
  const changes: [name: string, change: (value: object, i: number) => unknown][] = [
    ['a frozen state', (value) => Object.freeze(value)],
    ['a sealed state', (value) => Object.seal(value)],
    ['a symbol', (value) => Object.assign(value, { [Symbol.for('s')]: 1 })],
    ['an additional property', (value) => Object.assign(value, { more: 1 })],
    ['no prototype', (value) => Object.assign(Object.create(null), value)],
    ['another object in its position', () => new Set([1])],
    ['a scalar in its position', () => 'text'],
  ]
  const rows: [name: string, make: Make][] = [
    ['a small batch', (i) => ({ a: i })],
    ['a batch', (i) => ({ a: `a${i}`, b: i / 2 })],
    ['many keys', (i) => Object.fromEntries(keysOf(20).map((key) => [key, i]))],
    ['several shapes', (i) => (i % 2 ? { a: i } : { b: i })],
  ]
  for (const [what, change] of changes) {
    test.each(rows)(`${what}, in %s`, (name, make) => {
      const length = name === 'a small batch' ? 20 : 10_000
      const values = list(make, length)
      const place = length - 7
      values[place] = change(values[place] as object, place)
      expectSame(values)
    })
  }

  test.each([
    ['a date', (i: number) => new Date(i), { note: 1 }],
    ['a short list', (i: number) => [i], { note: 1 }],
    ['a list', (i: number) => list(() => i, 100), { note: 1 }],
  ])('a property on %s of many', (_name, make, more) => {
    const values = list(make)
    const odd = values[n - 2] as object & { note?: number }
    Object.assign(odd, more)
    const back = (decode(encode(values)) as unknown[])[n - 2] as typeof odd
    if (Array.isArray(odd)) expect(back.note).toBe(1)
    expect(Object.getPrototypeOf(back)).toBe(Object.getPrototypeOf(odd))
  })

  test('a non-enumerable property, among records of several shapes', () => {
    const values = list((i) => (i % 2 ? { a: i } : { b: i }))
    Object.defineProperty(values[9], 'hidden', { value: 'here', configurable: true })
    expectSame(values)
  })

  test('a hole in one of many lists that also has an added property', () => {
    const values = list((i) => [i, i])
    const odd = values[7] as unknown[]
    delete odd[0]
    Object.assign(odd, { note: 1 })
    expectSame(values)
  })

  test.each([1, 31, 32, 33, 65, 1000, 100_000])('properties on an array of %d', (length) => {
    const numbers = list((i) => i, length)
    for (const array of [numbers, list((i) => ({ i }), length), list(() => 'x', length)]) {
      expectSame(Object.assign(array.slice(), { note: 'named' }))
      expectSame(Object.assign(array.slice(), { [Symbol.for('s')]: 'by a symbol' }))
      const holey = array.slice()
      delete holey[0]
      expectSame(Object.assign(holey, { note: 'named' }))
    }
  })

  test('a Proxy among many is refused, with the path to it', () => {
    for (const length of [20, n]) {
      const proxy = new Proxy({ a: 1 }, {})
      const values = list((i) => ({ a: i }), length)
      values[9] = proxy as { a: number }
      expect(() => encode(values)).toThrow(/value -> 9 to .*: it is a Proxy/)
      expect(() => encode(list((i) => ({ i, in: values[i] }), length))).toThrow(
        /value -> 9 -> in to .*: it is a Proxy/,
      )
    }
  })
})

test('what cannot travel is refused with the path to it, however deep in a batch', () => {
  const bad = new WeakMap()
  const at = (i: number, place: number) => (i === place ? bad : i)
  const cases: [unknown, RegExp][] = [
    [list((i) => ({ in: { x: at(i, 200) } })), /value -> 200 -> in -> x to /],
    [list((i) => ({ of: [0, 1, at(i, 20)].slice(i % 2) })), /value -> 20 -> of -> 2 to /],
    [list((i) => [i, { x: at(i, 33) }]), /value -> 33 -> 1 -> x to /],
    [list((i) => (i % 2 ? { a: 1 } : { b: { x: at(i, 34) } })), /value -> 34 -> b -> x to /],
    [list((i) => ({ in: i % 3 ? null : { x: at(i, 33) } })), /value -> 33 -> in -> x to /],
    [list((i) => ({ of: [{ x: 1 }, { x: at(i, 40) }] })), /value -> 40 -> of -> 1 -> x to /],
  ]
  for (const [value, path] of cases) expect(() => encode(value)).toThrow(path)
})

test('getters of a batch are called once', () => {
  for (const length of [20, n]) {
    let reads = 0
    const values = list(
      (i) => ({
        i,
        get twice() {
          reads++
          return i * 2
        },
      }),
      length,
    )
    expect(decode(encode(values))).toEqual(list((i) => ({ i, twice: i * 2 }), length))
    expect(reads).toBe(length)
  }
})

test('`__proto__` as a key is an ordinary key', () => {
  const values = list((i) => JSON.parse(`{"__proto__":{"x":${i}},"a":${i}}`))
  expectSame(values)
  expect(({} as { x?: unknown }).x).toBeUndefined()
})

test('records nested in one another to any depth are restored', () => {
  let values: unknown[] = list((i) => ({ i }), 20)
  for (let level = 0; level < 3000; level++) values = values.map((value) => [value])
  expectSame(values)
  let gaps: unknown[] = list((i) => ({ i }), 20)
  for (let level = 0; level < 1000; level++)
    gaps = gaps.map((value, i) => ({ in: i === level % 20 ? null : value }))
  expectSame(gaps)
})

test('any records with shared parts are restored', () => {
  const scalar = fc.oneof(
    fc.integer({ min: -2, max: 2 }),
    fc.double(),
    fc.string({ maxLength: 3, unit: 'binary' }),
    fc.constantFrom(null, undefined, true, false, -0),
  )
  const field = fc.oneof(
    { weight: 4, arbitrary: scalar },
    fc.array(scalar, { maxLength: 4 }),
    fc.record({ a: scalar, b: scalar }, { requiredKeys: ['a'] }),
    fc.array(fc.record({ a: scalar }), { maxLength: 3 }),
    fc.date({ noInvalidDate: false }),
  )
  const row = fc.record({ p: field, q: field, r: scalar }, { requiredKeys: ['p'] })
  const values = fc.array(row, { minLength: 16, maxLength: 200 })
  const swaps = fc.array(fc.tuple(fc.nat(), fc.nat(), fc.nat(2)), { maxLength: 4 })
  fc.assert(
    fc.property(values, swaps, (rows, pairs) => {
      for (const [a, b, how] of pairs) {
        const [one, other] = [a % rows.length, b % rows.length]
        if (how === 0) rows[one] = rows[other]!
        else if (how === 1) rows[one]!.p = rows[other]!.p
        else rows[one]!.q = rows[other] as never
      }
      return difference(decode(encode(rows)), rows) === undefined
    }),
    { numRuns: 400, seed: 5 },
  )
})
