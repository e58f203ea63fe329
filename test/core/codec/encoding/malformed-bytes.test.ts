/**
 * Bytes that no encoder wrote: they give a value or a `DecodeError`, in bounded time and memory.
 */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { DecodeError } from '../../../../core/base/errors.js'
import { decode, encode } from '../../../../core/codec/index.js'
import { valueCases } from '../../../fixtures/values/all-cases.mjs'
import { records } from '../../../fixtures/values/builders.mjs'
import { below, seeded } from '../../../support/random.js'

type Bytes = { head: Uint8Array; buffers: readonly Uint8Array[] }

/** The CPU time of this process in milliseconds, which other processes do not lengthen. */
function cpuTime(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

/** Decodes, and fails for anything but a value or a DecodeError. */
function attempt(bytes: Bytes): void {
  try {
    decode(bytes)
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error
  }
}

const rows = (make: (i: number) => unknown) => Array.from({ length: 20 }, (_, i) => make(i))
const batches: [string, unknown][] = [
  ['records of two shapes', rows((i) => (i % 2 ? { a: i } : { b: { c: i } }))],
  ['tuples', rows((i) => [i, { a: i }])],
  ['lists', rows((i) => [i, `${i}`, [i]].slice(i % 3))],
  ['dates with gaps', rows((i) => ({ at: i % 2 ? null : new Date(i), any: i % 3 ? i : 'x' }))],
  ['references', ((list) => [list, list[3], list])(rows((i) => ({ a: i, in: [{ b: i }] })))],
]

const samples = [...valueCases, ...batches]
  .filter(([name]) => !/9,000|70,000|2000|sparse|65_53|MB|greatest|last element/.test(name))
  .map(([, value]) => encode(value))
  .filter(({ head, buffers }) => head.length < 20_000 && buffers.length < 100)

test('bytes that end too soon are errors', () => {
  for (const { head, buffers } of samples.filter((_, i) => i % 3 === 0)) {
    for (let end = 0; end < Math.min(head.length, 400); end++) {
      const cut = { head: head.slice(0, end), buffers }
      if (head[0] === 0xc1 && head[1] === 0xe5) attempt(cut)
      else expect(() => decode(cut)).toThrow(DecodeError)
    }
  }
})

test('bytes after the end are errors', () => {
  for (const value of [1, 'x', [1, 2], { a: 1 }]) {
    const { head, buffers } = encode(value)
    expect(() => decode({ head: Buffer.concat([head, Buffer.of(1)]), buffers })).toThrow(
      DecodeError,
    )
  }
})

test('changed bytes give a value or a DecodeError, in limited time', () => {
  const started = cpuTime()
  fc.assert(
    fc.property(
      fc.nat(samples.length - 1),
      fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 }),
      (sample, flips) => {
        const { head, buffers } = samples[sample]!
        const copy = head.slice()
        for (const [at, byte] of flips) if (copy.length > 0) copy[at % copy.length] = byte
        attempt({ head: copy, buffers })
      },
    ),
    { numRuns: 20_000, seed: 11 },
  )
  expect(cpuTime() - started).toBeLessThan(20_000)
})

/** Huge counts and offsets, references, and all kinds, to be inserted anywhere. */
const hostile = [
  [0xff, 0xff, 0xff, 0xff, 0x0f],
  [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f],
  [0x80, 0x80, 0x80, 0x80, 1],
  [0xdd, 0xff, 0xff, 0xff, 0xff],
  [0xdf, 0x7f, 0xff, 0xff, 0xff],
  [0xdb, 0x10, 0, 0, 0],
  [0xc1, 23, 8],
  [0xc1, 23, 0],
  [0xc1, 24, 8, 0],
  [0xc1, 22, 0],
  [0xa9, ...Buffer.from('__proto__')],
  ...Array.from({ length: 48 }, (_, kind) => [0xc1, kind]),
]

const globals = [Object, Array, Function, Map, Set, Date, Error, RegExp, Uint8Array, Promise]
/** Describes the global classes and their prototypes, to find changes. */
function describeGlobals(): string {
  return [...globals.map((Class) => Class.prototype as object), ...globals, Math, globalThis]
    .map(
      (it) =>
        `${Reflect.ownKeys(it).length}${Object.isExtensible(it)}${Object.getPrototypeOf(it) === null}`,
    )
    .join()
}

test('bytes that were cut, joined and mixed with hostile parts give a value or a DecodeError, in limited time', () => {
  const random = seeded(17)
  const pick = <T>(list: readonly T[]): T => list[below(random, list.length)]!
  const withFunctions = [() => samples.length, Array.prototype, { f: Math.max }].map((v) =>
    encode(v),
  )
  const all = [...samples, ...withFunctions]
  const mutate = ({ head, buffers }: Bytes): Bytes => {
    let bytes: Uint8Array = head
    let remaining = buffers
    for (let n = 1 + below(random, 3); n > 0; n--) {
      const at = below(random, bytes.length + 1)
      const mutation = below(random, 6)
      if (mutation === 0 && bytes.length > 0) {
        bytes = Uint8Array.from(bytes)
        bytes[at % bytes.length]! ^= 1 << below(random, 8)
      } else if (mutation === 1) bytes = bytes.subarray(0, at)
      else if (mutation === 2) {
        const other = pick(all).head
        const from = below(random, other.length)
        const part = other.subarray(from, from + below(random, 60))
        bytes = Buffer.concat([bytes.subarray(0, at), part, bytes.subarray(at + below(random, 20))])
      } else if (mutation < 5) {
        const part = Uint8Array.from(pick(hostile))
        bytes = Buffer.concat([bytes.subarray(0, at), part, bytes.subarray(at + below(random, 6))])
      } else remaining = remaining.slice(1)
    }
    return { head: bytes, buffers: remaining }
  }
  const before = describeGlobals()
  let longest = 0
  for (let round = 0; round < 15_000; round++) {
    const bytes = mutate(pick(all))
    const started = cpuTime()
    attempt(bytes)
    longest = Math.max(longest, cpuTime() - started)
  }
  expect(longest).toBeLessThan(5000)
  expect(describeGlobals()).toBe(before)
})

test('bytes cannot change an object that they did not make', () => {
  const { head, buffers } = encode(Array.prototype)
  const at = Buffer.from(head).indexOf(Buffer.from([0xc1, 22]))
  const key = [0xc1, 38]
  for (const front of [[0xc1, 39, 3], key]) {
    const changed = Buffer.concat([head.subarray(0, at), Buffer.from(front), head.subarray(at)])
    // The inserted bytes move the trailer.
    changed.writeUInt32BE(changed.readUInt32BE(4) + front.length, 4)
    expect(() => decode({ head: changed, buffers })).toThrow(/did not make/)
  }
  expect(Object.isFrozen(Array.prototype)).toBe(false)
})

test('records of many fields without values allocate little memory', () => {
  const n = 60_000
  const fields = 20_000
  const keys = Array.from({ length: fields }, () => [0xa1, 0x61]).flat()
  const columns = new Array<number>(fields + n).fill(0)
  const head = Uint8Array.from([0xc1, 27, ...varint(n), ...varint(fields), ...keys, ...columns])
  const before = process.memoryUsage().heapUsed
  expect(() => decode({ head, buffers: [] })).toThrow(DecodeError)
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(100e6)
})

function varint(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varint(value >>> 7)]
}

test('random bytes give a value or a DecodeError', () => {
  const bytes = fc.uint8Array({ maxLength: 200 })
  const escaped = fc
    .tuple(fc.nat(40), bytes)
    .map(([kind, rest]) => Uint8Array.of(0xc1, kind, ...rest))
  fc.assert(
    fc.property(fc.oneof(bytes, escaped), (head) => attempt({ head, buffers: [] })),
    { numRuns: 20_000, seed: 11 },
  )
})

test.each([
  ['array', [0xdd, 0xff, 0xff, 0xff, 0xff]],
  ['map', [0xdf, 0xff, 0xff, 0xff, 0xff]],
  ['string', [0xdb, 0xff, 0xff, 0xff, 0xff]],
  ['bigint', [0xc1, 3, 0xff, 0xff, 0xff, 0xff, 0x7f]],
  ['Map', [0xc1, 9, 0xff, 0xff, 0xff, 0xff, 0x7f]],
  ['records', [0xc1, 27, 0xff, 0xff, 0xff, 0xff, 0x7f, 1, 0xa1, 0x61, 1]],
  [
    'records of columns yet to come',
    [0xc1, 27, 4, 4, 0xa1, 1, 0xa1, 2, 0xa1, 3, 0xa1, 4, 0, 0, 0, 0],
  ],
  ['tuples', [0xc1, 60, 0xff, 0xff, 0xff, 0xff, 0x7f, 2, 0, 0]],
  ['shapes', [0xc1, 61, 0xff, 0xff, 0xff, 0xff, 0x7f, 2, 1]],
  ['dates', [0xc1, 62, 0xff, 0xff, 0xff, 0xff, 0x7f, 1]],
  ['gaps', [0xc1, 63, 0xff, 0xff, 0xff, 0xff, 0x7f, 1]],
  ['column', [0xc1, 28, 0xff, 0xff, 0xff, 0xff, 0x7f, 4]],
  ['count that never ends', [0xc1, 28, ...new Array<number>(50).fill(0xff)]],
  ['reference to nothing', [0xc1, 23, 5]],
  ['record of an unknown shape', [0xc1, 26, 5]],
  ['byte that starts no value', [0xc7]],
  ['unknown kind', [0xc1, 200]],
  ['nothing', []],
])('a huge or senseless %s is an error without allocations', (_name, bytes) => {
  const before = process.memoryUsage().arrayBuffers
  expect(() => decode({ head: Uint8Array.from(bytes), buffers: [] })).toThrow(DecodeError)
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1e6)
})

test('the length of a sparse array allocates no memory', () => {
  const sparse: unknown[] = []
  sparse[30_000_000] = 1
  const bytes = encode(sparse)
  const before = process.memoryUsage().heapUsed
  expect((decode(bytes) as unknown[]).length).toBe(30_000_001)
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(20e6)
})

test('deep nesting is an error', () => {
  for (const byte of [[0x91], [0x81, 0xa1, 0x61], [0xc1, 10, 1]]) {
    const head = Uint8Array.from(Array.from({ length: 100_000 }, () => byte).flat())
    expect(() => decode({ head, buffers: [] })).toThrow(/nested too deeply/)
  }
})

test('no bytes change a prototype', () => {
  const key = [0xa9, ...Buffer.from('__proto__')]
  const evil = Uint8Array.from([0x81, ...key, 0x81, 0xa8, ...Buffer.from('polluted'), 1])
  const value = decode({ head: evil, buffers: [] }) as object
  expect(Object.getPrototypeOf(value)).toBe(Object.prototype)
  expect(Object.keys(value)).toEqual(['__proto__'])
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
})

test('missing, added and resized buffers are errors', () => {
  const { head, buffers } = encode([new Float64Array(1000), records(3)])
  expect(() => decode({ head, buffers: [] })).toThrow(DecodeError)
  expect(() => decode({ head, buffers: [buffers[0]!.subarray(8)] })).toThrow(DecodeError)
  expect(() => decode({ head, buffers: [...buffers, ...buffers] })).toThrow(DecodeError)
})
