/** The header reader agrees with a general MessagePack reader, or returns `unsupported`. */
import { Packr } from 'msgpackr'
import { expect, test } from 'vitest'
import { readHeader, unsupported } from '../../../distributed/transport/header-reader.js'
import { below, seeded } from '../../support/random.js'

const packr = new Packr({ useRecords: false, moreTypes: true })
const pack = (value: unknown): Uint8Array => Uint8Array.from(packr.pack(value))

test.each<[string, unknown]>([
  ['integers of every length', [0, 127, 128, 255, 256, 65_535, 65_536, 2 ** 32 - 1]],
  ['negative integers of every length', [-1, -32, -33, -128, -129, -32_768, -32_769, -(2 ** 31)]],
  ['other numbers', [1.5, 2 ** 32, -(2 ** 40), Number.NaN, -Infinity, 5e-324]],
  ['what is there and what is not', [true, false, null, undefined, { x: undefined }]],
  ['texts of every length', ['', 'a', 'ü😀', 'x'.repeat(31), 'x'.repeat(32), 'é'.repeat(300)]],
  [
    'lists and maps of many',
    [new Array(20).fill(1), Object.fromEntries('abcdefghijklmnopqr'.split('').map((c) => [c, c]))],
  ],
  [
    'names that begin alike',
    [
      { tasks: 1, tasksX: 2 },
      { taskt: 3, tasks: 4 },
    ],
  ],
])('%s', (_what, value) => {
  for (let round = 0; round < 2; round++) expect(readHeader(pack(value))).toEqual(value)
})

test.each([Uint8Array, Int32Array, Float32Array, Float64Array])(
  'columns of %o are read',
  (Column) => {
    for (const length of [0, 1, 2, 3, 4, 7, 8, 9, 15, 16, 17, 63, 64, 65, 200]) {
      const column = new Column(length)
      for (let i = 0; i < length; i++) column[i] = i * (Column === Uint8Array ? 1 : -1.5)
      const [read, after] = readHeader(pack([column, 'after'])) as [typeof column, string]
      expect(read).toEqual(column)
      expect(read.constructor).toBe(Column)
      expect(after).toBe('after')
    }
  },
)

test.each<[string, unknown]>([
  ['a date', new Date(0)],
  ['a large integer', 2n ** 60n],
  ['a column of another kind', Int16Array.of(1, 2)],
  ['a map with names that are no texts', new Map([[1, 2]])],
])('%s is left to others', (_what, value) => {
  expect(readHeader(pack([value]))).toBe(unsupported)
})

test('truncated bytes, and bytes after the end, throw', () => {
  const frame = pack(['session', 1, [{ op: 'x', tasks: Int32Array.of(1, 2), text: 'é', n: 1.5 }]])
  for (let end = 0; end < frame.length; end++) {
    expect(() => readHeader(frame.subarray(0, end))).toThrow(RangeError)
  }
  expect(() => readHeader(Uint8Array.of(...frame, 0))).toThrow(RangeError)
  expect(() => readHeader(new Uint8Array(100_000).fill(0x91))).toThrow(RangeError)
})

test('the field name __proto__ is not supported', () => {
  const frame = Uint8Array.from(packr.pack({ aaproto11: { isBad: true } }))
  const name = Buffer.from(frame.buffer).indexOf('aaproto11')
  frame.set(Buffer.from('__proto__'), name)
  expect(readHeader(frame)).toBe(unsupported)
})

test('broken bytes give a value or an error, and never read other memory', () => {
  const random = seeded(11)
  const frame = pack([
    'session',
    1,
    [{ op: 'x', tasks: Int32Array.of(1, 2), head: new Uint8Array(90) }],
  ])
  for (let round = 0; round < 5000; round++) {
    const broken = Uint8Array.from(frame)
    for (let flips = 1 + below(random, 6); flips > 0; flips--) {
      broken[below(random, broken.length)] = below(random, 256)
    }
    try {
      readHeader(broken)
    } catch (error) {
      expect(error).toBeInstanceOf(RangeError)
    }
  }
})
