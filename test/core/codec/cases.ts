/** Values that must come back as they were, each with a name. */

/** Nesting of this many levels, objects and arrays in turn. */
export function nested(levels: number): unknown {
  let value: unknown = 'bottom'
  for (let i = 0; i < levels; i++) value = i % 2 === 0 ? [value] : { in: value }
  return value
}

/** Uniform records with a column of each kind, gaps among them. */
export function records(n: number): Record<string, unknown>[] {
  return Array.from({ length: n }, (_, i) => ({
    id: i,
    small: i % 100,
    medium: i * 7 - 20_000,
    large: i * 1_000_003,
    fraction: i / 7,
    name: `person ${i}`,
    long: `${'text '.repeat(20)}${i}`,
    accents: `é${i}`,
    wide: `日本${i}😀`,
    city: ['Oslo', 'Paris', 'Zürich'][i % 3],
    is: i % 2 === 0,
    gaps: i % 3 === 0 ? null : i,
    missing: i % 4 === 0 ? undefined : `m${i}`,
    never: null,
    mixed: i % 2 === 0 ? i : String(i),
    tags: ['a', i],
    when: new Date(i),
    big: BigInt(i) ** 9n,
  }))
}

function cases(): [name: string, value: unknown][] {
  const all: [string, unknown][] = []
  const add = (name: string, value: unknown) => all.push([name, value])
  for (const value of [undefined, null, true, false]) add(String(value), value)
  for (const value of numbers()) add(`number ${Object.is(value, -0) ? '-0' : value}`, value)
  for (const value of [
    0n,
    1n,
    -1n,
    255n,
    256n,
    2n ** 63n,
    -(2n ** 64n),
    2n ** 4000n,
    -(7n ** 999n),
  ])
    add(`bigint of ${value.toString(16).length} digits ${value < 0n}`, value)
  for (const [name, value] of strings()) add(name, value)
  add('registered symbol', Symbol.for('skein'))
  add('registered symbol without a name', Symbol.for(''))
  add('Symbol.iterator', Symbol.iterator)
  add('Symbol.asyncIterator', Symbol.asyncIterator)
  for (const [name, value] of arrays()) add(name, value)
  for (const [name, value] of objects()) add(name, value)
  for (const [name, value] of builtIns()) add(name, value)
  for (const [name, value] of memory()) add(name, value)
  for (const [name, value] of sharing()) add(name, value)
  return all
}

function numbers(): number[] {
  const edges = [0, 1, 31, 32, 127, 128, 255, 256, 32_767, 32_768, 65_535, 65_536]
  const powers = [2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 53, 1e300]
  const odd = [0.1, 1.5, Number.MIN_VALUE, Number.NaN, Number.POSITIVE_INFINITY]
  return [...edges, ...powers, ...odd].flatMap((n) => (Number.isNaN(n) ? [n] : [n, -n]))
}

function strings(): [string, string][] {
  return [
    ['empty string', ''],
    ...[1, 31, 32, 40, 41, 100, 255, 256, 65_535, 65_536].map((n): [string, string] => [
      `ASCII of ${n}`,
      'x'.repeat(n),
    ]),
    ...[1, 10, 11, 80, 30_000].map((n): [string, string] => [`accents of ${n}`, 'é'.repeat(n)]),
    ['Chinese', '日本語'.repeat(100)],
    ['emoji', '😀 smile'],
    ['lone high surrogate', '\ud800'],
    ['lone low surrogate in a long text', `${'a'.repeat(100)}\udc00b`],
    ['NUL and controls', 'a\0b\n\u2028'],
  ]
}

function arrays(): [string, unknown][] {
  const holes: unknown[] = new Array(4)
  holes[0] = 1
  holes[2] = 3
  const sparse: unknown[] = []
  sparse[5_000_000] = 'far'
  const halfSparse: unknown[] = new Array(3000)
  for (let i = 0; i < 3000; i += 3) halfSparse[i] = i
  const named = Object.assign([1, 2], { note: 'named' })
  return [
    ['empty array', []],
    ['array of odds', [undefined, null, -0, Number.NaN, '']],
    ['array with holes', holes],
    ['array of holes alone', new Array(5)],
    ['long sparse array', sparse],
    ['array of which a third is there', halfSparse],
    ['array with a named property', named],
    ['match of a regular expression', /b(?<inner>c)(d)?/.exec('abc')],
    ['small integers', Array.from({ length: 100 }, (_, i) => i - 50)],
    ['16-bit integers', Array.from({ length: 100 }, (_, i) => i * 300 - 15_000)],
    ['32-bit integers', Array.from({ length: 100 }, (_, i) => i * 1e7 - 5e8)],
    ['fractions', Array.from({ length: 100 }, (_, i) => i / 3)],
    ['integers and one -0', Array.from({ length: 100 }, (_, i) => (i === 50 ? -0 : i))],
    ['numbers with NaN', Array.from({ length: 100 }, (_, i) => (i % 9 ? i : Number.NaN))],
    ['numbers with gaps', Array.from({ length: 100 }, (_, i) => (i % 9 === 1 ? null : i))],
    ['numbers with undefined', Array.from({ length: 100 }, (_, i) => (i % 9 ? i : undefined))],
    [
      'numbers with a hole',
      Object.assign(
        new Array(40),
        Array.from({ length: 30 }, (_, i) => i),
      ),
    ],
    ['booleans', Array.from({ length: 100 }, (_, i) => i % 3 === 0)],
    ['strings', Array.from({ length: 1000 }, (_, i) => `s${i}`)],
    ['repeated strings', Array.from({ length: 1000 }, (_, i) => `s${i % 7}`)],
    ['long strings', Array.from({ length: 100 }, (_, i) => 'long '.repeat(60) + i)],
    ['surrogates split over strings', Array.from({ length: 40 }, (_, i) => '\ud83d\ude00'[i % 2])],
    ['lone surrogates', Array.from({ length: 40 }, () => '\ud83d')],
    ['Latin-1 strings', Array.from({ length: 40 }, (_, i) => `ÿ${i}`)],
    ['numbers, then a string', [...Array.from({ length: 99 }, (_, i) => i), 'end']],
    ['bigints', Array.from({ length: 50 }, (_, i) => BigInt(i))],
    ['arrays in an array', Array.from({ length: 50 }, (_, i) => [i, [i]])],
    ...[1, 2, 15, 16, 127, 128, 1000].map((n): [string, unknown] => [`${n} records`, records(n)]),
    ['records of which one is another kind', [...records(30), { other: 1 }]],
    [
      'records in another order of keys',
      [...records(30), Object.fromEntries(Object.entries(records(1)[0]!).reverse())],
    ],
    ['records without fields', Array.from({ length: 20 }, () => ({}))],
    [
      'records with __proto__',
      Array.from({ length: 200 }, (_, i) => JSON.parse(`{"__proto__":${i},"a":1}`)),
    ],
    [
      'records with odd keys',
      Array.from({ length: 200 }, (_, i) => ({ 'a"b': i, '': 1, 'x y': 2, 7: i, '${}': 0 })),
    ],
    [
      'records of which one has a symbol',
      [...records(30), { ...records(1)[0], [Symbol.for('s')]: 1 }],
    ],
    ['records of records', Array.from({ length: 40 }, (_, i) => ({ at: { x: i, y: { z: -i } } }))],
    ['nested 300 deep', nested(300)],
    ['nested 9,000 deep', nested(9000)],
  ]
}

function objects(): [string, unknown][] {
  const ownProto = JSON.parse('{"a":1,"__proto__":{"polluted":true}}') as unknown
  return [
    ['empty object', {}],
    ['object of odds', { u: undefined, n: null, z: -0, '': 1 }],
    ['object with integer keys', { 10: 'a', 2: 'b', x: 'c' }],
    ['object with 20 keys', Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`k${i}`, i]))],
    [
      'object with 70,000 keys',
      Object.fromEntries(Array.from({ length: 70_000 }, (_, i) => [`k${i}`, i])),
    ],
    ['object with its own __proto__', ownProto],
    ['object with its own constructor', { constructor: 'x', toString: 1, hasOwnProperty: 2 }],
    ['object with symbol keys', { a: 1, [Symbol.for('k')]: [1], [Symbol.toStringTag]: 'T' }],
    ['null prototype', Object.assign(Object.create(null) as object, { a: 1 })],
    ['null prototype with __proto__', Object.assign(Object.create(null) as object, ownProto)],
    ['accents in keys', { é: 1, 日本: 2, '\ud800': 3 }],
  ]
}

function builtIns(): [string, unknown][] {
  const pattern = /a(b)?/dgimsuy
  pattern.lastIndex = 7
  const caused = new RangeError('outer', { cause: new TypeError('inner', { cause: { code: 1 } }) })
  const own = Object.assign(new Error('own'), {
    code: 'E',
    details: { at: [1] },
    [Symbol.for('e')]: 1,
  })
  const selfCaused: Error & { self?: unknown } = new Error('self')
  selfCaused.self = selfCaused
  const renamed = new Error('renamed')
  renamed.name = 'CustomError'
  const bare = new Error('no stack')
  delete bare.stack
  return [
    ['Date', new Date(1.7e12)],
    ['Date before 1970', new Date(-1)],
    ['invalid Date', new Date(Number.NaN)],
    ['RegExp', pattern],
    ['RegExp of nothing', /(?:)/],
    ['RegExp with slashes', /\/[/]\n/],
    [
      'Map',
      new Map<unknown, unknown>([
        ['a', 1],
        [{ k: 1 }, new Map([[1, 2]])],
        [Number.NaN, -0],
      ]),
    ],
    ['empty Map', new Map()],
    ['Set', new Set<unknown>([1, 'a', { b: 1 }, [], undefined])],
    ['empty Set', new Set()],
    ['Error', new Error('plain')],
    ['Error without a message', new Error()],
    ['Error with causes', caused],
    ['Error with own properties', own],
    ['Error that holds itself', selfCaused],
    ['Error with a name of its own', renamed],
    ['Error without a stack', bare],
    ['Error with undefined as cause', new Error('c', { cause: undefined })],
    ...[SyntaxError, ReferenceError, EvalError, URIError].map((E): [string, unknown] => [
      E.name,
      new E('x'),
    ]),
    ['AggregateError', new AggregateError([new Error('a'), 'b'], 'many')],
    ['boxed number', Object(-0)],
    ['boxed string', Object('text')],
    ['boxed boolean', Object(false)],
    ['boxed bigint', Object(5n)],
    ['boxed symbol', Object(Symbol.for('s'))],
    ['URL', new URL('https://user@example.org:8080/a?b=c#d')],
    ['URLSearchParams', new URLSearchParams('a=1&a=2&b=%20')],
  ]
}

function memory(): [string, unknown][] {
  const buffer = new ArrayBuffer(4096)
  const bytes = new Uint8Array(buffer)
  for (let i = 0; i < bytes.length; i++) bytes[i] = i * 7
  const large = Float64Array.from({ length: 5000 }, (_, i) => i / 3)
  const shared = new SharedArrayBuffer(64)
  new Uint8Array(shared).fill(3)
  const views = [
    Int8Array,
    Uint8Array,
    Uint8ClampedArray,
    Int16Array,
    Uint16Array,
    Int32Array,
    Uint32Array,
    Float32Array,
    Float64Array,
    BigInt64Array,
    BigUint64Array,
  ]
  return [
    ...views.flatMap((View): [string, unknown][] => [
      [View.name, new View(buffer.slice(0))],
      [`${View.name} with an offset`, new View(buffer, 24, 5)],
      [`empty ${View.name}`, new View(0)],
    ]),
    ['Float64Array out of band', large],
    ['part of a large Float64Array', large.subarray(7, 4000)],
    ['DataView', new DataView(buffer, 3, 11)],
    ['DataView of everything', new DataView(buffer)],
    ['Buffer from the pool', Buffer.from('hello')],
    ['large Buffer', Buffer.alloc(10_000, 'ab')],
    ['empty Buffer', Buffer.alloc(0)],
    ['small ArrayBuffer', buffer.slice(0, 10)],
    ['ArrayBuffer', buffer],
    ['empty ArrayBuffer', new ArrayBuffer(0)],
    ['SharedArrayBuffer', shared],
    ['view of a buffer, and the buffer', { view: new Int16Array(buffer, 2, 9), buffer }],
  ]
}

function sharing(): [string, unknown][] {
  const object: Record<string, unknown> = { name: 'self' }
  object.self = object
  const array: unknown[] = [1]
  array.push(array, [array])
  const map = new Map<unknown, unknown>()
  map.set('self', map).set(map, 'key')
  const set = new Set<unknown>()
  set.add(set)
  const one = { one: 1 }
  const rows = records(50)
  const ring = Array.from({ length: 40 }, (_, i) => ({ i, next: undefined as unknown }))
  for (const [i, node] of ring.entries()) node.next = ring[(i + 1) % 40]
  const date = new Date(0)
  const error: Error & { list?: unknown } = new Error('in a list')
  error.list = [error]
  const bare = Object.create(null) as Record<string, unknown>
  bare.self = bare
  const keyed: Record<symbol, unknown> = {}
  keyed[Symbol.for('self')] = keyed
  const buffer = new ArrayBuffer(4000)
  const deep = nested(2000)
  return [
    ['object that holds itself', object],
    ['array that holds itself', array],
    ['Map that holds itself', map],
    ['Set that holds itself', set],
    ['one object twice', [one, one]],
    ['one object many times', new Array(100).fill(one)],
    ['one row twice', [...rows, rows[3]]],
    ['rows, and one of them', { one: rows[7], rows, last: rows[49] }],
    ['two lists of the same rows', [rows, [...rows].reverse()]],
    ['ring of records', ring],
    ['ring and one of it', { ring, third: ring[3] }],
    ['one Date twice', [date, date, new Date(0)]],
    ['Error in its own list', error],
    ['null prototype that holds itself', bare],
    ['symbol key that leads back', keyed],
    ['one deep thing twice', [deep, deep]],
    ['two views that overlap', [new Uint8Array(buffer, 10, 100), new Float32Array(buffer, 40, 20)]],
    ['one view twice', ((view) => [view, view])(new Uint8Array(buffer))],
    ['one boxed number twice', ((box) => [box, box])(Object(1))],
    ['lists in lists', Array.from({ length: 40 }, (_, i) => [i, i + 0.5])],
    ['one list of many twice', ((l) => [...l, l[3]])(Array.from({ length: 40 }, (_, i) => [i]))],
    [
      'one list of many, and all',
      ((l) => ({ l, one: l[3] }))(Array.from({ length: 40 }, (_, i) => [i])),
    ],
    ['equal lists', Array.from({ length: 40 }, () => ['a', 'b'])],
    ['one list many times', new Array(40).fill(['a', 'b'])],
    [
      'lists with holes and names',
      Array.from({ length: 40 }, (_, i) => (i % 2 ? [i] : Object.assign([i], { n: i }))),
    ],
    [
      'nested rows that meet again',
      ((r) => ({ r, one: r[3]!.at, tags: r[5]!.tags }))(nestedRows(40)),
    ],
    [
      'nested rows shared by two fields',
      Array.from({ length: 40 }, (_, i) => ((p) => ({ from: p, to: p }))({ x: i })),
    ],
    [
      'lists shared by two fields',
      Array.from({ length: 40 }, (_, i) => ((p) => ({ from: p, to: p }))([i])),
    ],
    [
      'nested rows of the kind of the rows',
      ((r) => r.map((x, i) => ({ i, next: r[(i * 7) % 40] ?? x })))(
        Array.from({ length: 40 }, (_, i) => ({ i, next: { i, next: null as unknown } })),
      ),
    ],
    ['lists that hold rows', ((r) => r.map((x) => ({ i: 1, list: [x], r })))(nestedRows(40))],
    [
      'one array of numbers twice',
      ((list) => [list, list])(Array.from({ length: 20 }, (_, i) => i)),
    ],
  ]
}

export const valueCases = cases()

function nestedRows(n: number) {
  return Array.from({ length: n }, (_, i) => ({
    i,
    tags: [`t${i}`, 'b'],
    numbers: i % 2 ? [i] : [],
    at: { lat: i / 3, inner: { deep: [i], when: new Date(i) } },
  }))
}
