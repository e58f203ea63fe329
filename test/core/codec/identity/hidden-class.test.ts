/** Hidden classes recognize ordinary objects only, and the encoded bytes do not depend on them. */
import { execFileSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import {
  haveSameClass,
  isOrdinaryArray,
  isOrdinaryDate,
  isOrdinaryTypedArray,
  RecordTemplate,
} from '../../../../core/codec/identity/hidden-class.js'
import { decode, encode } from '../../../../core/codec/index.js'

const symbol = Symbol.for('more')

function defined(target: object, key: PropertyKey, property: PropertyDescriptor): object {
  return Object.defineProperty(target, key, property)
}

describe('ordinary arrays and dates', () => {
  const ordinary: [string, object][] = [
    ['an empty one', []],
    ['integers', [1, 2]],
    ['numbers', [1.5, -0]],
    ['strings', ['a']],
    ['with a hole', Array.from({ length: 3 }, (_, i) => i)],
    ['all holes', new Array(4)],
    ['parsed', JSON.parse('[1, "a", [2.5]]') as object],
    ['split', 'a,b'.split(',')],
    ['mapped', [1, 2].map(String)],
  ]
  test.each(ordinary)('%s is recognized', (_, array) => expect(isOrdinaryArray(array)).toBe(true))

  const others: [string, unknown][] = [
    ['a match', /a/.exec('a')],
    ['a property', Object.assign([1], { name: 1 })],
    ['a symbol', Object.assign([1], { [symbol]: 1 })],
    ['a hidden property', defined([1], 'name', { value: 1 })],
    ['a hidden element', defined([1], 0, { enumerable: false })],
    ['a read-only element', defined([1], 0, { writable: false })],
    ['a getter', defined([1], 0, { get: () => 1 })],
    ['a read-only length', defined([1], 'length', { writable: false })],
    ['frozen', Object.freeze([1])],
    ['sealed', Object.seal([1])],
    ['non-extensible', Object.preventExtensions([1])],
    ['a class', new (class extends Array {})()],
    ['another prototype', Object.setPrototypeOf([1], null)],
    ['a Proxy', new Proxy([1], {})],
    ['an object', { 0: 1, length: 1 }],
    ['a typed array', new Uint8Array(1)],
    ['a number', 1],
    ['a number that is no integer', 1.5],
    ['null', null],
    ['undefined', undefined],
    ['a string', 'a'],
    ['a function', () => 1],
  ]
  test.each(others)('%s is not recognized', (_, value) => {
    expect(isOrdinaryArray(value)).toBe(false)
    expect(isOrdinaryDate(value)).toBe(false)
  })

  test('dates', () => {
    expect(isOrdinaryDate(new Date())).toBe(true)
    expect(isOrdinaryDate(Object.assign(new Date(), { name: 1 }))).toBe(false)
    expect(isOrdinaryDate(Object.assign(new Date(), { 0: 1 }))).toBe(false)
    expect(isOrdinaryDate(defined(new Date(), 0, { value: 1 }))).toBe(false)
    expect(isOrdinaryDate(Object.freeze(new Date()))).toBe(false)
    expect(isOrdinaryDate(new (class extends Date {})())).toBe(false)
  })
})

describe('ordinary typed arrays', () => {
  test.each([
    ['numbers', new Float64Array(3)],
    ['none', new Uint8Array(0)],
    ['shared memory', new Float32Array(new SharedArrayBuffer(8), 4)],
    ['large integers', new BigInt64Array(2)],
    ['many', new Int32Array(1000)],
    ['a part', new Uint16Array(100).subarray(3, 5)],
  ])('%s is recognized', (_, array) => expect(isOrdinaryTypedArray(array)).toBe(true))

  test.each<[string, object]>([
    ['a property', Object.assign(new Float64Array(200), { name: 1 })],
    ['a symbol', Object.assign(new Uint8Array(1), { [symbol]: 1 })],
    ['a hidden property', defined(new Uint8Array(1), 'name', { value: 1 })],
    ['non-extensible', Object.preventExtensions(new Uint8Array(1))],
    ['a class', new (class extends Float64Array {})(1)],
    ['another prototype', Object.setPrototypeOf(new Uint8Array(1), Int8Array.prototype)],
    ['a Buffer', Buffer.alloc(1)],
    ['an array', [1]],
    ['a DataView', new DataView(new ArrayBuffer(1))],
    ['an object of the prototype', Object.create(Uint8Array.prototype)],
    ['a Proxy', new Proxy(new Uint8Array(1), {})],
  ])('%s is not recognized', (_, value) => expect(isOrdinaryTypedArray(value)).toBe(false))
})

describe('records with the hidden class of another', () => {
  const keys = ['a', 'b']
  const make = (a: unknown, b: unknown): object => ({ a, b })
  const template = RecordTemplate.of(make(1, 'x'), keys)!

  test('are recognized, whatever their values', () => {
    for (const value of [2, 'text', null, [], { a: 1 }])
      expect(template.matches(make(1, value))).toBe(true)
  })

  const others: [string, unknown][] = [
    ['an additional key', { a: 1, b: 2, c: 3 }],
    ['a missing key', { a: 1 }],
    ['another order', { b: 1, a: 2 }],
    ['an element', Object.assign(make(1, 2), { 0: 1 })],
    ['a hidden element', defined(make(1, 2), 0, { value: 1 })],
    ['a symbol', Object.assign(make(1, 2), { [symbol]: 1 })],
    ['a hidden property', defined(make(1, 2), 'c', { value: 1 })],
    ['a getter', defined(make(1, 2), 'a', { get: () => 1 })],
    ['a read-only value', defined(make(1, 2), 'a', { writable: false })],
    ['a non-enumerable key', defined(make(1, 2), 'a', { enumerable: false })],
    ['frozen', Object.freeze(make(1, 2))],
    ['sealed', Object.seal(make(1, 2))],
    ['non-extensible', Object.preventExtensions(make(1, 2))],
    ['no prototype', Object.setPrototypeOf(make(1, 2), null)],
    ['a class', Object.setPrototypeOf(make(1, 2), class {}.prototype)],
    ['a Proxy', new Proxy(make(1, 2), {})],
    ['a number', 1],
    ['null', null],
  ]
  test.each(others)('are not recognized with %s', (_, value) =>
    expect(template.matches(value)).toBe(false),
  )

  test('no template is made from objects that are not plain, or have their properties in a dictionary', () => {
    const dictionary = (key: string) => {
      const object: Record<string, unknown> = {}
      for (let i = 0; i < 2000; i++) object[`${key}${i}`] = i
      for (let i = 1; i < 2000; i++) delete object[`${key}${i}`]
      return object
    }
    expect(haveSameClass(dictionary('a'), dictionary('b'))).toBe(true)
    expect(RecordTemplate.of(dictionary('a'), ['a0'])).toBeUndefined()
    expect(RecordTemplate.of(Object.freeze({ a: 1 }), ['a'])).toBeUndefined()
    expect(
      RecordTemplate.of(
        new (class {
          a = 1
        })(),
        ['a'],
      ),
    ).toBeUndefined()
    expect(RecordTemplate.of({ 1: 1 }, ['1'])).toBeUndefined()
    const rows = Array.from({ length: 300 }, (_, i) => dictionary(i % 2 ? 'a' : 'b'))
    expect(decode(encode(rows))).toEqual(rows)
    const few = rows.slice(0, 6)
    expect(decode(encode(few))).toEqual(few)
  })
})

const program = `
const { createHash } = await import('node:crypto')
const { encode } = await import(${JSON.stringify(new URL('../../../../dist/core/codec/index.js', import.meta.url).href)})
const { valueCases } = await import(${JSON.stringify(new URL('../../../fixtures/values/all-cases.mjs', import.meta.url).href)})
const heads = {}
for (const [name, value] of valueCases) {
  if (process.execArgv.includes('--expose-gc') && Object.keys(heads).length % 25 === 0) gc()
  heads[name] = createHash('sha1').update(encode(value).head).digest('hex')
}
console.log(JSON.stringify(heads))`

function heads(args: readonly string[], env: Record<string, string> = {}): Record<string, string> {
  const options = { env: { ...process.env, ...env }, encoding: 'utf8', timeout: 1_200_000 } as const
  const text = execFileSync(
    process.execPath,
    [...args, '--input-type=module', '-e', program],
    options,
  )
  return JSON.parse(text) as Record<string, string>
}

test('every value has the same bytes without hidden classes, and when V8 discards compiled code', () => {
  const expected = heads([])
  expect(Object.keys(expected).length).toBeGreaterThan(600)
  expect(heads([], { SKEIN_HIDDEN_CLASSES: 'off' })).toEqual(expected)
  expect(heads(['--disallow-code-generation-from-strings'])).toEqual(expected)
  expect(heads(['--expose-gc', '--stress-flush-code'])).toEqual(expected)
})
