/**
 * Instructions of WebAssembly as nested calls: `f64.add(get(x), f64.load(get(at)))` is the code that leaves the sum on
 * the stack.
 */
import {
  leb,
  readLocal,
  signedLeb,
  valueType,
  vectorCode,
  type WasmFunction,
  writeLocal,
} from './wasm-encoding.js'

/** The code of an expression or of statements. */
export type Code = readonly number[]

type Binary = (a: Code, b: Code) => Code

const binary =
  (code: number): Binary =>
  (a, b) => [...a, ...b, code]
const load =
  (code: number, align: number) =>
  (address: Code, offset = 0): Code => [...address, code, align, ...leb(offset)]
const store =
  (code: number, align: number) =>
  (address: Code, value: Code, offset = 0): Code => [
    ...address,
    ...value,
    code,
    align,
    ...leb(offset),
  ]

/** Operations of 32-bit integers. */
export const i32 = {
  const: (n: number): Code => [0x41, ...signedLeb(n | 0)],
  load: load(0x28, 2),
  load8: load(0x2d, 0),
  store: store(0x36, 2),
  eq: binary(0x46),
  lessUnsigned: binary(0x49),
  add: binary(0x6a),
  sub: binary(0x6b),
  mul: binary(0x6c),
  and: binary(0x71),
  or: binary(0x72),
  shiftLeft: binary(0x74),
  shiftRight: binary(0x75),
  shiftRightUnsigned: binary(0x76),
  fromI64: (a: Code): Code => [...a, 0xa7],
} as const

/** Operations of 64-bit integers. */
export const i64 = {
  /** A constant of two words. */
  const: (high: number, low: number): Code => [
    ...[0x42, ...signedLeb(high | 0), 0x42, 32, 0x86],
    ...[0x41, ...signedLeb(low | 0), 0xad, 0x84],
  ],
  load: load(0x29, 3),
  store: store(0x37, 3),
  greaterUnsigned: binary(0x56),
  and: binary(0x83),
  or: binary(0x84),
  xor: binary(0x85),
  add: binary(0x7c),
  sub: binary(0x7d),
  shiftLeft: binary(0x86),
  shiftRight: binary(0x87),
  shiftRightUnsigned: binary(0x88),
  fromI32: (a: Code): Code => [...a, 0xac],
  /** One of the two integers of a vector. */
  lane: (a: Code, lane: 0 | 1): Code => [...a, ...vectorCode(0x1d, lane)],
} as const

/** Operations of float64 numbers. */
export const f64 = {
  load: load(0x2b, 3),
  store: store(0x39, 3),
  /** A constant that is a small integer. */
  const: (n: number): Code => [...i32.const(n), 0xb7],
  notEqual: binary(0x62),
  add: binary(0xa0),
  sub: binary(0xa1),
  mul: binary(0xa2),
  fromI64: (a: Code): Code => [...a, 0xb9],
  bits: (a: Code): Code => [...a, 0xbd],
  /** Rounds towards 0 to a 32-bit integer. */
  truncated: (a: Code): Code => [...a, 0xfc, 0x02],
} as const

const vectors =
  (code: number): Binary =>
  (a, b) => [...a, ...b, ...vectorCode(code)]

/** Operations of two float64 numbers at a time. */
export const f64x2 = {
  zero: [...vectorCode(0x0c), ...new Array<number>(16).fill(0)] as Code,
  load: (address: Code, offset = 0): Code => [...address, ...vectorCode(0x00, 3, ...leb(offset))],
  /** Loads one number into both lanes. */
  loadSplat: (address: Code, offset = 0): Code => [
    ...address,
    ...vectorCode(0x0a, 3, ...leb(offset)),
  ],
  store: (address: Code, value: Code, offset = 0): Code => [
    ...address,
    ...value,
    ...vectorCode(0x0b, 3, ...leb(offset)),
  ],
  splat: (a: Code): Code => [...a, ...vectorCode(0x14)],
  lane: (a: Code, lane: 0 | 1): Code => [...a, ...vectorCode(0x21, lane)],
  notEqual: vectors(0x48),
  add: vectors(0xf0),
  mul: vectors(0xf2),
  /** The second operand if it is less than the first, or greater, else the first. */
  lesser: vectors(0xf6),
  greater: vectors(0xf7),
  /** Subtracts 64-bit integers; a comparison gives -1 where it holds. */
  subIntegers: vectors(0xd1),
} as const

/** Returns the first value if the condition is not 0, else the second, without a branch. */
export const pickIf = (a: Code, b: Code, condition: Code): Code => [...a, ...b, ...condition, 0x1b]

export const get = readLocal
export const set = (index: number, value: Code): Code => [...value, ...writeLocal(index)]

/** Runs code again while a condition holds; at least once. */
export const repeatWhile = (condition: Code, ...body: readonly Code[]): Code => [
  ...[0x03, valueType.none],
  ...body.flat(),
  ...condition,
  ...[0x0d, 0, 0x0b],
]

export const when = (condition: Code, ...body: readonly Code[]): Code => [
  ...condition,
  ...[0x04, valueType.none],
  ...body.flat(),
  0x0b,
]

type Types = Readonly<Record<string, keyof typeof valueType>>

/** Makes a function of named parameters and local variables; `body` is given their indices. */
export function wasmFunction<P extends Types, L extends Types>(
  name: string,
  parameters: P,
  locals: L,
  body: (index: { readonly [K in keyof (P & L)]: number }) => readonly Code[],
): WasmFunction {
  const names = [...Object.keys(parameters), ...Object.keys(locals)]
  const index = Object.fromEntries(names.map((own, i) => [own, i]))
  return {
    name,
    parameters: Object.values(parameters).map((type) => valueType[type]),
    locals: Object.values(locals).map((type) => [1, valueType[type]]),
    body: body(index as { readonly [K in keyof (P & L)]: number }).flat(),
  }
}
