import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decode, encode } from '../../../core/codec/index.js'
import { DecodeError } from '../../../core/errors.js'
import { records, valueCases } from '../../fixtures/values/cases.mjs'

type Bytes = { head: Uint8Array; buffers: readonly Uint8Array[] }

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
  ['shapes', rows((i) => (i % 2 ? { a: i } : { b: { c: i } }))],
  ['tuples', rows((i) => [i, { a: i }])],
  ['lists', rows((i) => [i, `${i}`, [i]].slice(i % 3))],
  ['dates with gaps', rows((i) => ({ at: i % 2 ? null : new Date(i), any: i % 3 ? i : 'x' }))],
  ['references', ((list) => [list, list[3], list])(rows((i) => ({ a: i, in: [{ b: i }] })))],
]

const samples = [...valueCases, ...batches]
  .filter(([name]) => !/9,000|70,000|2000|sparse|65_53/.test(name))
  .map(([, value]) => encode(value))
  .filter(({ head }) => head.length < 20_000)

test('bytes that end too soon are errors', () => {
  for (const { head, buffers } of samples) {
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

test('flipped bytes give a value or a DecodeError, soon', () => {
  const started = performance.now()
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
  expect(performance.now() - started).toBeLessThan(20_000)
})

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
  ['record of no shape', [0xc1, 26, 5]],
  ['byte that begins nothing', [0xc7]],
  ['unknown kind', [0xc1, 200]],
  ['nothing', []],
])('a huge or senseless %s is an error at once', (_name, bytes) => {
  const before = process.memoryUsage().arrayBuffers
  expect(() => decode({ head: Uint8Array.from(bytes), buffers: [] })).toThrow(DecodeError)
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1e6)
})

test('a far end of a sparse array takes no memory', () => {
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
