/** Tokens: equal content has equal tokens, in every process, and different content has different ones. */
import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { swapped } from '../../../core/codec/bytes/hash-sink.js'
import { decode, encode, registerType } from '../../../core/codec/index.js'
import { tokenize } from '../../../core/graph/tokenize.js'
import { valueCases } from '../../fixtures/values/all-cases.mjs'
import { nested, records } from '../../fixtures/values/builders.mjs'

test('a token is 24 hex digits', () => {
  expect(tokenize('sum', { axis: 0 })).toMatch(/^[0-9a-f]{24}$/)
})

test('another process computes the same tokens', () => {
  const program = `
    import { tokenize } from ${JSON.stringify(new URL('../../../core/graph/tokenize.ts', import.meta.url).href)}
    import { valueCases } from ${JSON.stringify(new URL('../../fixtures/values/all-cases.mjs', import.meta.url).href)}
    const f = (0, eval)('(x) => x + Math.max(1, 2)\\n//# sourceURL=child.js')
    console.log(JSON.stringify([...valueCases.map(([, value]) => tokenize(value)), tokenize(f)]))
  `
  const loader = fileURLToPath(import.meta.resolve('tsx'))
  const run = () =>
    execFileSync(process.execPath, ['--import', loader, '--input-type=module', '-e', program], {
      encoding: 'utf8',
      maxBuffer: 1e8,
      cwd: fileURLToPath(new URL('../../..', import.meta.url)),
    })
  const inChild = JSON.parse(run()) as string[]
  const f = new Function('return (x) => x + Math.max(1, 2)\n//# sourceURL=parent.js')() as Function
  expect(inChild).toEqual([...valueCases.map(([, value]) => tokenize(value)), tokenize(f)])
})

/** Cases with different names but equal content. */
const equalCases =
  /^(one list many|equal lists|(sealed|frozen|non-extensible) (empty object|Map|Date)|lastIndex 0|flags g|Date -1|Date NaN|invalid Date|Date before|error with(out)? a stack|view .*no room)/

test('each value of the tables has its own token, also after encoding and decoding', () => {
  const tokens = new Map<string, string>()
  for (const [name, value] of valueCases) {
    const token = tokenize(value)
    expect(tokenize(decode(encode(value))), name).toBe(token)
    if (equalCases.test(name)) continue
    expect(tokens.get(token), `${name} has the token of another`).toBeUndefined()
    tokens.set(token, name)
  }
})

const values: [string, () => unknown][] = [
  ['undefined', () => undefined],
  ['null', () => null],
  ['zero', () => 0],
  ['minus zero', () => -0],
  ['one', () => 1],
  ['one as bigint', () => 1n],
  ['one as a string', () => '1'],
  ['true', () => true],
  ['NaN', () => Number.NaN],
  ['boxed one', () => Object(1)],
  ['empty string', () => ''],
  ['lone surrogate', () => '\ud800'],
  ['replacement character', () => '\ufffd'],
  ['symbol', () => Symbol.for('1')],
  ['well-known symbol', () => Symbol.iterator],
  ['symbol of that name', () => Symbol.for('iterator')],
  ['empty array', () => []],
  ['hole', () => new Array(1)],
  ['array of undefined', () => [undefined]],
  ['array of empty array', () => [[]]],
  ['two arrays', () => [[1], [2]]],
  ['one array', () => [[1, 2]]],
  ['empty object', () => ({})],
  ['object', () => ({ a: 1 })],
  ['object with undefined', () => ({ a: 1, b: undefined })],
  ['null prototype', () => Object.assign(Object.create(null) as object, { a: 1 })],
  ['symbol key', () => ({ [Symbol.for('a')]: 1 })],
  ['Map', () => new Map([['a', 1]])],
  [
    'Map in one order',
    () =>
      new Map([
        ['a', 1],
        ['b', 2],
      ]),
  ],
  [
    'Map in another order',
    () =>
      new Map([
        ['b', 2],
        ['a', 1],
      ]),
  ],
  ['Set', () => new Set(['a', 1])],
  ['Date', () => new Date(1)],
  ['invalid Date', () => new Date(Number.NaN)],
  ['RegExp', () => /a/],
  ['RegExp with flags', () => /a/g],
  ['Error', () => new Error('a')],
  ['TypeError', () => new TypeError('a')],
  ['URL', () => new URL('http://a/')],
  ['Uint8Array', () => Uint8Array.of(1, 2)],
  ['Int8Array', () => Int8Array.of(1, 2)],
  ['Buffer', () => Buffer.of(1, 2)],
  ['ArrayBuffer', () => Uint8Array.of(1, 2).buffer],
  ['longer Uint8Array', () => Uint8Array.of(1, 2, 0)],
  ['large Uint8Array', () => new Uint8Array(10_000)],
  ['larger Uint8Array', () => new Uint8Array(10_001)],
  ['named array', () => Object.assign([1], { a: 1 })],
]

describe('equal values have equal tokens and different values different ones', () => {
  test('small values of all types', () => {
    const tokens = new Map<string, string>()
    for (const [name, make] of values) {
      const token = tokenize(make())
      expect(tokenize(make()), name).toBe(token)
      expect(tokens.get(token), `${name} has the token of another`).toBeUndefined()
      tokens.set(token, name)
    }
  })

  test('the order of keys does not matter', () => {
    expect(tokenize({ a: 1, b: { c: 2, d: 3 } })).toBe(tokenize({ b: { d: 3, c: 2 }, a: 1 }))
    const rows = records(50)
    const turned = rows.map((row, i) =>
      i % 2 ? row : Object.fromEntries(Object.entries(row).reverse()),
    )
    expect(tokenize(turned)).toBe(tokenize(rows))
  })

  test('shared parts are equal to copies', () => {
    const part = { x: [1] }
    expect(tokenize([part, part])).toBe(tokenize([{ x: [1] }, { x: [1] }]))
  })

  const doubled = (n: number): unknown => (n === 0 ? { x: 1 } : [doubled(n - 1), doubled(n - 1)])
  const shared = (n: number): unknown => {
    let value: unknown = { x: 1 }
    for (let i = 0; i < n; i++) value = [value, value]
    return value
  }

  test('shared parts are equal to copies at any depth and number', () => {
    expect(tokenize(shared(14))).toBe(tokenize(doubled(14)))
    const wrap = (value: unknown): unknown => {
      let deep = value
      for (let i = 0; i < 700; i++) deep = { deep }
      return deep
    }
    const one = wrap(shared(10))
    expect(tokenize([one, [[one]]])).toBe(tokenize([wrap(doubled(10)), [[wrap(doubled(10))]]]))
    expect(tokenize([one, [[one]]])).not.toBe(tokenize([one, [[shared(10)]]]))
  })

  test('the time does not grow with the number of paths to shared parts', () => {
    expect(tokenize(shared(5000))).toBe(tokenize(shared(5000)))
    expect(tokenize(shared(5000))).not.toBe(tokenize(shared(5001)))
    let pair: [unknown, unknown] = [{ x: 1 }, { x: 2 }]
    for (let i = 0; i < 3000; i++) pair = [pair[1], { p: pair[1], q: pair[0], m: new Map([pair]) }]
    expect(tokenize(pair)).toMatch(/^[0-9a-f]{24}$/)
    const nodes = Array.from({ length: 200 }, (_, i) => ({ i, to: [] as unknown[] }))
    for (const node of nodes) node.to.push(...nodes)
    expect(tokenize(nodes)).toMatch(/^[0-9a-f]{24}$/)
  })

  test('sparse arrays with many distant elements', () => {
    const sparse = (last: number) => {
      const list: number[] = []
      for (let i = 0; i < 20_000; i++) list[i * 2000] = i
      list[50_000_000] = last
      return list
    }
    expect(tokenize(sparse(1))).toBe(tokenize(sparse(1)))
    expect(tokenize(sparse(1))).not.toBe(tokenize(sparse(2)))
  })

  test('bytes of numbers are hashed in one byte order', () => {
    expect([...swapped(Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8), 4)]).toEqual([4, 3, 2, 1, 8, 7, 6, 5])
  })

  test('the nesting limit is that of encoding', () => {
    let value: unknown = 1
    for (let i = 0; i < 10_000; i++) value = [value]
    expect(tokenize(value)).toBe(tokenize(value))
    expect(() => tokenize([value])).toThrow(/10,000 levels deep/)
  })

  test('any two values that fast-check generates', () => {
    const anything = fc.anything({
      withBigInt: true,
      withDate: true,
      withNullPrototype: true,
      withSparseArray: true,
      withTypedArray: true,
      withBoxedValues: true,
      maxDepth: 3,
      maxKeys: 3,
      values: [fc.constantFrom<unknown>(0, -0, 1, '1', 1n, true, null, undefined, Number.NaN, '')],
    })
    fc.assert(
      fc.property(anything, anything, (a, b) => {
        const copy = decode(encode(a))
        if (tokenize(copy) !== tokenize(a)) return false
        return isDeepStrictEqual(a, b) === (tokenize(a) === tokenize(b))
      }),
      { numRuns: 3000, seed: 3 },
    )
  })

  test('cycles of equal form are equal', () => {
    const ring = (n: number) => {
      const node: Record<string, unknown> = { n }
      node.self = [node]
      return node
    }
    expect(tokenize(ring(1))).toBe(tokenize(ring(1)))
    expect(tokenize(ring(1))).not.toBe(tokenize(ring(2)))
  })

  test('the buffer and offset of a typed array do not matter', () => {
    const long = Float64Array.of(0, 1, 2, 3)
    const shared = new Float64Array(new SharedArrayBuffer(16))
    shared.set([1, 2])
    expect(tokenize(long.subarray(1, 3))).toBe(tokenize(Float64Array.of(1, 2)))
    expect(tokenize(shared)).toBe(tokenize(Float64Array.of(1, 2)))
  })

  test('the number of values and their boundaries matter', () => {
    expect(tokenize('a', 'b')).not.toBe(tokenize('ab'))
    expect(tokenize('a', 'b')).not.toBe(tokenize(['a', 'b']))
    expect(tokenize()).not.toBe(tokenize(undefined))
  })

  test('functions are compared by source and captured values, not by identity', () => {
    const adder = (n: number) => (x: number) => x + n
    expect(tokenize(adder(1))).toBe(tokenize(adder(1)))
    expect(tokenize(adder(1))).not.toBe(tokenize(adder(2)))
    expect(tokenize(Math.max)).toBe(tokenize(Math.max))
    expect(tokenize(Math.max)).not.toBe(tokenize(Math.min))
  })

  test('instances are compared by class and fields', () => {
    class P {
      x: number
      constructor(x: number) {
        this.x = x
      }
    }
    class Q extends P {}
    expect(tokenize(new P(1))).toBe(tokenize(new P(1)))
    expect(tokenize(new P(1))).not.toBe(tokenize(new P(2)))
    expect(tokenize(new P(1))).not.toBe(tokenize(new Q(1)))
    expect(tokenize(new P(1))).not.toBe(tokenize({ x: 1 }))
    class R {
      y = 1
    }
    registerType('test.token.R', { class: R, encode: ({ y }) => y, decode: () => new R() })
    expect(tokenize(new R())).toBe(tokenize(new R()))
  })

  test('deeply nested values are compared completely', () => {
    expect(tokenize(nested(5000))).toBe(tokenize(nested(5000)))
    expect(tokenize(nested(5000))).not.toBe(tokenize(nested(5002)))
    expect(() => tokenize(nested(20_000))).toThrow(/levels deep/)
  })

  test('a value that cannot be sent has no token', () => {
    expect(() => tokenize({ a: [new WeakMap()] })).toThrow(/value -> a -> 0 .*WeakMap/)
  })

  test('any two JSON values that fast-check generates', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
        const equal = sorted(a) === sorted(b)
        return equal === (tokenize(a) === tokenize(b))
      }),
      { numRuns: 1000, seed: 3 },
    )
  })
})

/** Formats a JSON value with sorted keys, and keeps the sign of -0, which JSON drops. */
function sorted(value: unknown): string {
  if (Object.is(value, -0)) return '-0'
  if (Array.isArray(value)) return `[${value.map(sorted).join()}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${entries.map(([key, v]) => `${JSON.stringify(key)}:${sorted(v)}`).join()}}`
}
