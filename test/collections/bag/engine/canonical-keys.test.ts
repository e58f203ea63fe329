/** Keys compared by content: canonical strings, hashes, and tables. */
import { createContext, runInContext } from 'node:vm'
import { describe, expect, test } from 'vitest'
import {
  canonicalString,
  hashKey,
  partitionOfKey,
} from '../../../../collections/bag/engine/canonical-keys.js'
import { KeyTable } from '../../../../collections/bag/engine/key-table.js'

describe('the canonical string of a key', () => {
  test('is the same for equal keys', () => {
    for (const [a, b] of [
      [0, -0],
      [Number.NaN, 0 / 0],
      [
        [1, 'a'],
        [1, 'a'],
      ],
      [
        { a: 1, b: [2] },
        { b: [2], a: 1 },
      ],
      [new Date(5), new Date(5)],
      [Object.create(null), {}],
    ]) {
      expect(canonicalString(a)).toBe(canonicalString(b))
    }
  })

  test('differs for keys that are not equal', () => {
    const keys = [
      0,
      1,
      '0',
      '1',
      '',
      'd1',
      1n,
      '1n',
      true,
      'T',
      false,
      null,
      'N',
      undefined,
      Number.NaN,
      'NaN',
      [],
      [[]],
      [1, 2],
      [12],
      ['1,2'],
      ['1', '2'],
      {},
      { a: 1 },
      { a: '1' },
      { a: undefined },
      { b: 1 },
      { 'a,1:b': 1 },
      new Date(1),
      new Date(2),
      [null],
      [undefined],
      Number.POSITIVE_INFINITY,
      1.5,
      's1:a',
      'a',
    ]
    const strings = keys.map(canonicalString)
    expect(new Set(strings).size).toBe(keys.length)
  })

  test('is defined for plain objects of another context, but not for functions, symbols and instances', () => {
    const foreign: unknown = runInContext('({ a: [1] })', createContext())
    expect(canonicalString(foreign)).toBe(canonicalString({ a: [1] }))
    for (const key of [() => 1, Symbol('s'), new Map(), new (class Point {})(), [Symbol('s')]]) {
      expect(() => canonicalString(key)).toThrow(TypeError)
    }
  })
})

describe('the hash of a key', () => {
  test('is the same in every process and version', () => {
    const keys = [
      '',
      'a',
      'hello',
      'ä€',
      0,
      1,
      -1,
      0.5,
      Number.NaN,
      1n,
      true,
      null,
      undefined,
      [1, 'a'],
      { a: 1 },
    ]
    expect(keys.map((key) => hashKey(key))).toMatchInlineSnapshot(`
      [
        5356687410212729,
        1873659256767492,
        3542422813583310,
        5087537186739308,
        2182232946484346,
        7368351110972596,
        5747839210741117,
        3846889067054108,
        4497451417194675,
        8296191357448096,
        2171359702805162,
        6500654985711551,
        4656253901213036,
        4689616160767542,
        8927960601582388,
      ]
    `)
    expect(hashKey(-0)).toBe(hashKey(0))
    expect(hashKey('a', 1)).not.toBe(hashKey('a'))
  })

  test.each([
    ['numbers', (i: number) => i],
    ['even numbers', (i: number) => i * 2],
    ['fractions', (i: number) => i / 7],
    ['strings', (i: number) => `user-${i}`],
    ['pairs', (i: number) => [i % 100, Math.floor(i / 100)]],
  ])('distributes %s evenly over partitions', (_name, key) => {
    for (const count of [2, 7, 16, 100]) {
      const sizes = new Array<number>(count).fill(0)
      const n = 20_000
      for (let i = 0; i < n; i++) sizes[partitionOfKey(key(i), count)]!++
      const expected = n / count
      const chiSquare = sizes.reduce((sum, size) => sum + (size - expected) ** 2 / expected, 0)
      // Mean count - 1, deviation sqrt(2 (count - 1)): more than six deviations are practically impossible.
      expect(chiSquare).toBeLessThan(count - 1 + 6 * Math.sqrt(2 * (count - 1)))
    }
  })

  test('has no collisions among 200,000 keys', () => {
    const hashes = new Set<number>()
    for (let i = 0; i < 200_000; i++) hashes.add(hashKey(`key ${i}`))
    expect(hashes.size).toBe(200_000)
  })
})

describe('a key table', () => {
  test('finds keys by content and keeps the first key of each group', () => {
    const table = new KeyTable()
    const pair = [1, { x: 2 }]
    const keys = [pair, 'a', -0, Number.NaN, null, undefined, 5n, true]
    expect(keys.map((key) => table.put(key))).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
    expect(table.find([1, { x: 2 }])).toBe(0)
    expect(table.put([1, { x: 2 }])).toBe(0)
    expect(table.keys[0]).toBe(pair)
    expect([0, Number.NaN, null, 5n].map((key) => table.find(key))).toEqual([2, 3, 4, 6])
    expect(table.find(canonicalString(pair))).toBe(-1)
    expect(table.size).toBe(8)
    expect(() => table.put(() => 1)).toThrow(TypeError)
  })

  test('numbers keys as a Map does', () => {
    const table = new KeyTable()
    const map = new Map<unknown, number>()
    let state = 7
    for (let i = 0; i < 50_000; i++) {
      state = Math.imul(state, 1103515245) + 12345
      const integer = i % 3 === 0 ? state : (state >>> 8) % 5000
      const key = [integer, `${integer}`, integer / 2, integer << 12, integer * 2 ** 24][i % 5]
      expect(table.find(key)).toBe(map.get(key) ?? -1)
      if (!map.has(key)) map.set(key, map.size)
      expect(table.put(key)).toBe(map.get(key))
    }
    expect(table.keys).toEqual([...map.keys()])
  })
})
