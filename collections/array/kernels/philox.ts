/**
 * Philox4x32-10, the counter-based generator of Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy
 * as 1, 2, 3" (2011). Any four words of a counter and two of a key give four random words, so the numbers of an
 * element need no numbers before them.
 *
 * Bulk words come from WebAssembly SIMD, which computes four counters at a time.
 */
import {
  encodeModule,
  instantiate,
  opcode,
  readLocal,
  signedLeb,
  valueType,
  vectorCode,
  writeLocal,
} from './wasm-encoding.js'

const M0 = 0xd2511f53
const M1 = 0xcd9e8d57
const W0 = 0x9e3779b9
const W1 = 0xbb67ae85

const ROUNDS = 10

/** A key: two words. */
export type PhiloxKey = readonly [number, number]

/** Writes the four words of a counter to `out`. */
export function philox(
  out: Uint32Array,
  counter: readonly [number, number, number, number],
  key: PhiloxKey,
): void {
  let [c0, c1, c2, c3] = counter
  let [k0, k1] = key
  for (let round = 0; round < ROUNDS; round++) {
    const low0 = Math.imul(c0, M0)
    const low1 = Math.imul(c2, M1)
    const high0 = highWord(c0, M0, low0)
    const high1 = highWord(c2, M1, low1)
    c0 = high1 ^ c1 ^ k0
    c1 = low1
    c2 = high0 ^ c3 ^ k1
    c3 = low0
    k0 = (k0 + W0) | 0
    k1 = (k1 + W1) | 0
  }
  out[0] = c0
  out[1] = c1
  out[2] = c2
  out[3] = c3
}

/** Returns the upper word of a product whose lower word is known: the product is rounded by less than half of it. */
function highWord(a: number, b: number, low: number): number {
  return Math.floor(((a >>> 0) * b - (low >>> 0)) / 4294967296 + 0.5) | 0
}

/** The number of counters in one bulk call. */
export const BULK = 2048

/** Buffers of random words, and the functions that fill them. */
export interface BulkPhilox {
  /** The words of `words`, four for each counter. */
  readonly words: Uint32Array
  /** The numbers of `uniforms`, two for each counter. */
  readonly numbers: Float64Array
  /** Fills `words` for consecutive counters from `(c0, c1, c2, 0)`; `c0` must not overflow. `count` is at most `BULK`. */
  fillWords(c0: number, c1: number, c2: number, key: PhiloxKey, count: number): void
  /** Fills `numbers` with numbers `low + width * u`, where u is a multiple of 2 ** -52 in [0, 1). */
  fillNumbers(
    c0: number,
    c1: number,
    key: PhiloxKey,
    count: number,
    low: number,
    width: number,
  ): void
}

let bulk: BulkPhilox | undefined

/** Returns the generator of this thread. */
export function bulkPhilox(): BulkPhilox {
  bulk ??= makeBulk()
  return bulk
}

function makeBulk(): BulkPhilox {
  const { functions, buffer } = instantiate(encodeModule([wordsFunction(), numbersFunction()], 1))
  const words = functions.words!
  const numbers = functions.numbers!
  const quads = (count: number) => Math.ceil(count / 4)
  return {
    words: new Uint32Array(buffer, 0, BULK * 4),
    numbers: new Float64Array(buffer, 0, BULK * 2),
    fillWords: (c0, c1, c2, [k0, k1], count) => words(c0, c1, c2, k0, k1, quads(count)),
    fillNumbers: (c0, c1, [k0, k1], count, low, width) =>
      numbers(c0, c1, 0, k0, k1, quads(count), low, width),
  }
}

/** SIMD opcodes. */
const simd = {
  store: 0x0b,
  constant: 0x0c,
  shuffle: 0x0d,
  splat32: 0x11,
  splatDouble: 0x14,
  or: 0x50,
  xor: 0x51,
  add32: 0xae,
  shiftRight64: 0xcd,
  multiplyLow: 0xde,
  multiplyHigh: 0xdf,
  addDouble: 0xf0,
  subtractDouble: 0xf1,
  multiplyDouble: 0xf2,
} as const

/** Parameters of both functions; `low` and `width` are those of the second one. */
const local = { c0: 0, c1: 1, c2: 2, k0: 3, k1: 4, quads: 5, low: 6, width: 7 } as const

const code = vectorCode
const get = readLocal
const set = writeLocal
const words = (values: readonly number[]) =>
  values.flatMap((v) => [v & 255, (v >>> 8) & 255, (v >>> 16) & 255, (v >>> 24) & 255])
const constant = (...values: readonly number[]) =>
  code(simd.constant, ...words(values.length === 1 ? new Array(4).fill(values[0]) : values))
/** Picks four words of two vectors, numbered from 0 to 7. */
const pick = (...lanes: readonly number[]) =>
  code(simd.shuffle, ...lanes.flatMap((n) => [4 * n, 4 * n + 1, 4 * n + 2, 4 * n + 3]))

/** Emits a loop over groups of four counters; `finish` writes four vectors `x`, one for each word, to `at`. */
function bulkFunction(
  name: string,
  parameters: readonly number[],
  finish: (v: BulkLocals) => number[],
): Parameters<typeof encodeModule>[0][number] {
  const at = parameters.length
  const first = at + 1
  const v: BulkLocals = {
    at,
    x: [first, first + 1, first + 2, first + 3],
    counter: first + 4,
    p: first + 5,
    q: first + 6,
    s: first + 7,
    t: first + 8,
    splats: [first + 9, first + 10],
  }
  const [x0, x1, x2, x3] = v.x
  const product = (factor: number, x: number) => [
    ...[...get(x), ...constant(factor), ...code(simd.multiplyLow), ...set(v.p)],
    ...[...get(x), ...constant(factor), ...code(simd.multiplyHigh), ...set(v.q)],
  ]
  const highWords = [...get(v.p), ...get(v.q), ...pick(1, 3, 5, 7)]
  const lowWords = [...get(v.p), ...get(v.q), ...pick(0, 2, 4, 6)]
  const keyed = (key: number, weyl: number, round: number) => [
    ...[...get(key), opcode.i32Const, ...signedLeb(Math.imul(weyl, round)), opcode.i32Add],
    ...code(simd.splat32),
  ]
  const rounds = Array.from({ length: ROUNDS }, (_, round) => [
    ...product(M1, x2),
    ...[...highWords, ...get(x1), ...code(simd.xor), ...keyed(local.k0, W0, round)],
    ...[...code(simd.xor), ...set(v.s), ...lowWords, ...set(x1)],
    ...product(M0, x0),
    ...[...highWords, ...get(x3), ...code(simd.xor), ...keyed(local.k1, W1, round)],
    ...[...code(simd.xor), ...set(x2), ...lowWords, ...set(x3)],
    ...[...get(v.s), ...set(x0)],
  ]).flat()
  const start = (index: number, value: readonly number[]) => [...value, ...set(index)]
  const splat = (parameter: number) => [...get(parameter), ...code(simd.splat32)]
  const counter = [...splat(local.c0), ...constant(0, 1, 2, 3), ...code(simd.add32)]
  const advance = (index: number, by: number) =>
    start(index, [...get(index), opcode.i32Const, ...signedLeb(by), opcode.i32Add])
  return {
    name,
    parameters,
    locals: [
      [1, valueType.i32],
      [11, valueType.v128],
    ],
    body: [
      ...start(v.counter, counter),
      ...v.splats.flatMap((index, i) =>
        parameters.length > local.low
          ? start(index, [...get(local.low + i), ...code(simd.splatDouble)])
          : [],
      ),
      ...[opcode.loop, valueType.none],
      ...start(x0, get(v.counter)),
      ...start(x1, splat(local.c1)),
      ...start(x2, splat(local.c2)),
      ...start(x3, constant(0)),
      ...rounds,
      ...finish(v),
      ...start(v.counter, [...get(v.counter), ...constant(4), ...code(simd.add32)]),
      ...advance(v.at, 64),
      ...advance(local.quads, -1),
      ...[...get(local.quads), opcode.brIf, 0, opcode.end],
    ],
  }
}

interface BulkLocals {
  readonly at: number
  readonly x: readonly [number, number, number, number]
  readonly counter: number
  readonly p: number
  readonly q: number
  readonly s: number
  readonly t: number
  readonly splats: readonly [number, number]
}

/** Emits the transpose of four vectors; `store` writes the words of one counter, which are on the stack. */
function byCounter({ at, x, p, q, s, t }: BulkLocals, convert: readonly number[]): number[] {
  const [x0, x1, x2, x3] = x
  const pair = (a: number, b: number, lanes: readonly number[], to: number) => [
    ...get(a),
    ...get(b),
    ...pick(...lanes),
    ...set(to),
  ]
  const store = (offset: number, a: number, b: number, lanes: readonly number[]) => [
    ...get(at),
    ...[...get(a), ...get(b), ...pick(...lanes)],
    ...convert,
    ...code(simd.store, 4, offset),
  ]
  return [
    ...pair(x0, x1, [0, 4, 1, 5], p),
    ...pair(x2, x3, [0, 4, 1, 5], q),
    ...pair(x0, x1, [2, 6, 3, 7], s),
    ...pair(x2, x3, [2, 6, 3, 7], t),
    ...store(0, p, q, [0, 1, 4, 5]),
    ...store(16, p, q, [2, 3, 6, 7]),
    ...store(32, s, t, [0, 1, 4, 5]),
    ...store(48, s, t, [2, 3, 6, 7]),
  ]
}

function wordsFunction() {
  const parameters = new Array<number>(6).fill(valueType.i32)
  return bulkFunction('words', parameters, (v) => byCounter(v, []))
}

/** The upper 52 of 64 bits become the fraction of a number from 1 to 2. */
function numbersFunction() {
  const { i32, f64 } = valueType
  return bulkFunction('numbers', [i32, i32, i32, i32, i32, i32, f64, f64], (v) => {
    const one = constant(0, 0x3ff00000, 0, 0x3ff00000)
    return byCounter(v, [
      ...[opcode.i32Const, 12, ...code(simd.shiftRight64), ...one, ...code(simd.or)],
      ...[...one, ...code(simd.subtractDouble), ...get(v.splats[1]), ...code(simd.multiplyDouble)],
      ...[...get(v.splats[0]), ...code(simd.addDouble)],
    ])
  })
}
