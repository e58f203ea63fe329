/** Values that are encoded and decoded again in one process, and the limits of nesting. */
import fc from 'fast-check'
import { Unpackr } from 'msgpackr'
import { describe, expect, test } from 'vitest'
import { NotPortableError } from '../../../../core/base/errors.js'
import { decode, encode, encodedSize } from '../../../../core/codec/index.js'
import { valueCases } from '../../../fixtures/values/all-cases.mjs'
import { nested, records } from '../../../fixtures/values/builders.mjs'
import { difference } from '../../../fixtures/values/difference.mjs'

describe('every value is restored exactly', () => {
  test('there are many of them', () => expect(valueCases.length).toBeGreaterThan(600))
  test.each(valueCases)('%s', (_name, value) => {
    expect(difference(decode(encode(value)), value)).toBeUndefined()
    expect(difference(decode(encode(value, { shared: true })), value)).toBeUndefined()
    // Once more inside another value, and from a message in which nothing is aligned.
    const message = misaligned(encode({ first: 1, value, again: [value] }))
    expect(difference(decode(message), { first: 1, value, again: [value] })).toBeUndefined()
  })
})

function misaligned({ head, buffers }: { head: Uint8Array; buffers: readonly Uint8Array[] }) {
  const shift = (bytes: Uint8Array) => {
    const copy = new Uint8Array(bytes.length + 3)
    copy.set(bytes, 3)
    return copy.subarray(3)
  }
  return { head: shift(head), buffers: buffers.map(shift) }
}

test('the comparison of these tests finds differences', () => {
  const pairs: [unknown, unknown][] = [
    [0, -0],
    [[undefined], new Array(1)],
    [
      { a: 1, b: 2 },
      { b: 2, a: 1 },
    ],
    [{}, Object.create(null)],
    [new Error('x'), new Error('x', { cause: 1 })],
    [((o) => [o, o])({}), [{}, {}]],
    [new Uint8Array(2), new Int8Array(2)],
    [new Date(Number.NaN), new Date(0)],
    [new Set([1]), new Set([2])],
  ]
  for (const [a, b] of pairs) expect(difference(a, b)).toBeDefined()
})

test('getters are sent as their values', () => {
  const value = {
    get now() {
      return 5
    },
  }
  expect(decode(encode(value))).toEqual({ now: 5 })
  const rows = Array.from({ length: 30 }, (_, i) => ({
    get i() {
      return i
    },
  }))
  expect(decode(encode(rows))).toEqual(Array.from({ length: 30 }, (_, i) => ({ i })))
})

test('an error of a class that a user wrote keeps its class', () => {
  class ParseError extends SyntaxError {
    override name = 'ParseError'
    line = 7
  }
  const back = decode(encode(new ParseError('bad'))) as ParseError
  expect(back).toBeInstanceOf(SyntaxError)
  expect(back.constructor.name).toBe('ParseError')
  expect([back.name, back.message, back.line]).toEqual(['ParseError', 'bad', 7])
  expect(back.stack).toMatch(/bad[\s\S]+round-trip\.test/)
})

test('plain data is plain MessagePack', () => {
  const value = { a: [1, -5, 'é', 1.5, true, null, 2 ** 40], b: { c: 'x'.repeat(100) } }
  expect(new Unpackr({ mapsAsObjects: true }).unpack(encode(value).head)).toEqual(value)
})

test('the head is a copy that later encodings do not change', () => {
  const first = encode([1, 2, 3])
  const before = [...first.head]
  for (let i = 0; i < 100; i++) encode({ other: i, text: 'x'.repeat(i * 50) })
  expect([...first.head]).toEqual(before)
  expect(first.head.buffer.byteLength).toBe(first.head.length)
})

test('an encoder that failed encodes the next value correctly', () => {
  expect(() => encode({ a: [1, { b: new WeakMap() }], c: new Float64Array(1000) })).toThrow()
  const value = { x: [1, { y: 2 }] }
  expect(decode(encode(value))).toEqual(value)
  expect(encode(value).buffers).toEqual([])
})

test('records are much smaller in columns than as JSON', () => {
  const rows = records(1000).map(({ id, small, fraction, city, is }) => ({
    id,
    small,
    fraction,
    city,
    is,
  }))
  expect(encodedSize(encode(rows))).toBeLessThan(JSON.stringify(rows).length / 3)
})

test('the limit of nesting is exact for every container', () => {
  const wraps: ((inner: unknown) => unknown)[] = [
    (inner) => [inner],
    (inner) => ({ inner }),
    (inner) => new Map([[inner, 1]]),
    (inner) => new Set([inner]),
  ]
  for (const wrap of [...wraps, (inner: unknown) => wraps[depth++ % 4]!(inner)]) {
    let value: unknown = 1
    for (let i = 0; i < 10_000; i++) value = wrap(value)
    expect(() => encode(value)).not.toThrow()
    expect(() => encode(wrap(value))).toThrow(/more than 10,000 levels deep/)
  }
})
let depth = 0

test('a list of 5,000 linked instances is restored', () => {
  class Node {
    readonly value: number
    readonly next: Node | undefined
    constructor(value: number, next: Node | undefined) {
      this.value = value
      this.next = next
    }
  }
  let list: Node | undefined
  for (let i = 0; i < 5000; i++) list = new Node(i, list)
  const { first, all } = decode(encode({ first: list, all: [list, { list }] })) as {
    first: Node
    all: unknown[]
  }
  expect(all).toEqual([first, { list: first }])
  expect(all[0]).toBe(first)
  let count = 0
  for (let at: Node | undefined = first; at !== undefined; at = at.next) {
    expect(Object.getPrototypeOf(at)).toBe(Object.getPrototypeOf(first))
    expect(at.value).toBe(4999 - count++)
  }
  expect(count).toBe(5000)
})

test('100,000 levels of any container are an error', () => {
  class Link {
    next: unknown
    constructor(next: unknown) {
      this.next = next
    }
  }
  const wraps: ((inner: unknown) => unknown)[] = [
    (inner) => [inner],
    (inner) => ({ inner }),
    (inner) => new Map([[1, inner]]),
    (inner) => new Map([[inner, 1]]),
    (inner) => new Set([inner]),
    (inner) => new Error('x', { cause: inner }),
    (inner) => new AggregateError([inner]),
    (inner) => new Link(inner),
    (inner) => Object.assign(Object.create(null) as object, { inner }),
    (inner) => Object.assign(new Date(0), { inner }),
    (inner) => Object.freeze([inner]),
    (inner) => ({ [Symbol.for('s')]: inner }),
    (inner) => Array.from({ length: 16 }, () => ({ inner })),
    (inner) => Object.assign([], { inner }),
  ]
  for (const wrap of [...wraps, (inner: unknown) => wraps[depth++ % wraps.length]!(inner)]) {
    let value: unknown = 1
    for (let i = 0; i < 100_000; i++) value = wrap(value)
    expect(() => encode(value)).toThrow(NotPortableError)
  }
})

test('nesting beyond the limit is an error with the beginning of the path', () => {
  for (const levels of [10_500, 100_000]) {
    expect(() => encode(nested(levels))).toThrow(/levels deep/)
    expect(() => encode(nested(levels))).toThrow(/value -> in -> 0/)
  }
  let list: unknown
  for (let i = 0; i < 100_000; i++) list = new Set([list])
  expect(() => encode(list)).toThrow(/levels deep/)
})

test('any value that fast-check generates is restored', () => {
  const anything = fc.anything({
    withBigInt: true,
    withDate: true,
    withMap: true,
    withSet: true,
    withNullPrototype: true,
    withSparseArray: true,
    withTypedArray: true,
    withBoxedValues: true,
    withUnicodeString: true,
  } as fc.ObjectConstraints)
  fc.assert(
    fc.property(anything, (value) => difference(decode(encode(value)), value) === undefined),
    { numRuns: 2000, seed: 7 },
  )
})

test('any uniform records are restored', () => {
  const field = fc.oneof(
    fc.constant(fc.integer()),
    fc.constant(fc.double()),
    fc.constant(fc.string({ unit: 'binary' })),
    fc.constant(fc.option(fc.string())),
    fc.constant(fc.constantFrom('a', 'b', undefined, null)),
    fc.constant(fc.boolean()),
    fc.constant(fc.anything()),
  )
  const rows = fc
    .dictionary(fc.string(), field, { minKeys: 1, maxKeys: 6 })
    .chain((model) => fc.array(fc.record(model), { minLength: 16, maxLength: 300 }))
  fc.assert(
    fc.property(rows, (value) => difference(decode(encode(value)), value) === undefined),
    { numRuns: 300, seed: 7 },
  )
})

test('a class that extends String keeps its fields', () => {
  class Text extends String {
    note = 1
  }
  const back = decode(encode(new Text('abc'))) as Text
  expect(back).toBeInstanceOf(String)
  expect([back.constructor.name, String(back), back.note]).toEqual(['Text', 'abc', 1])
})
