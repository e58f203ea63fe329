/**
 * The dtypes of arrays and NumPy's rules of promotion.
 *
 * One table describes every dtype; promotion between arrays is derived from it. Plain JavaScript
 * values are weak, as Python's are in NumPy 2: they take the dtype of the array if their kind allows
 * it. A safe integer or bigint with int32 gives int32, a fraction with an integer dtype float64, any
 * number with float32 gives float32, an integer with bool int64. An integer that the dtype cannot
 * hold is a RangeError; it never wraps silently.
 */
import { formatArgument } from './format-argument.js'

/** A typed array that holds the elements of some dtype. */
export type TypedArray = Uint8Array | Int32Array | BigInt64Array | Float32Array | Float64Array

/** A single value as users see it. */
export type Scalar = number | bigint | boolean

/** The facts about a dtype. */
interface DtypeInfo {
  readonly kind: 'bool' | 'unsigned' | 'signed' | 'float'
  readonly bytes: number
  readonly array: {
    new (length: number): TypedArray
    new (buffer: ArrayBufferLike, byteOffset?: number, length?: number): TypedArray
  }
  /** Integers only: the smallest and the largest value. */
  readonly range?: readonly [bigint, bigint]
}

const dtypes = {
  bool: { kind: 'bool', bytes: 1, array: Uint8Array },
  uint8: { kind: 'unsigned', bytes: 1, array: Uint8Array, range: [0n, 255n] },
  int32: { kind: 'signed', bytes: 4, array: Int32Array, range: [-(2n ** 31n), 2n ** 31n - 1n] },
  int64: { kind: 'signed', bytes: 8, array: BigInt64Array, range: [-(2n ** 63n), 2n ** 63n - 1n] },
  float32: { kind: 'float', bytes: 4, array: Float32Array },
  float64: { kind: 'float', bytes: 8, array: Float64Array },
} as const satisfies Record<string, DtypeInfo>

/** The name of an element type. */
export type Dtype = keyof typeof dtypes

/** The typed array that holds elements of a dtype. */
export type DataOf<D extends Dtype> = {
  bool: Uint8Array
  uint8: Uint8Array
  int32: Int32Array
  int64: BigInt64Array
  float32: Float32Array
  float64: Float64Array
}[D]

/** The JavaScript type of an element: bigint for int64, boolean for bool, otherwise number. */
export type ScalarOf<D extends Dtype> = D extends 'int64'
  ? bigint
  : D extends 'bool'
    ? boolean
    : number

/** All dtypes, from the least to the most general. */
export const DTYPES = Object.keys(dtypes) as readonly Dtype[]

/** Returns the facts about a dtype. */
export function dtypeInfo(dtype: Dtype): DtypeInfo {
  return dtypes[dtype]
}

/** Throws a TypeError unless the value names a dtype. */
export function assertDtype(value: unknown, operation: string): asserts value is Dtype {
  if (typeof value !== 'string' || !Object.hasOwn(dtypes, value)) {
    throw new TypeError(
      `${operation}: ${formatArgument(value)} is not a dtype; use one of ${DTYPES.join(', ')}`,
    )
  }
}

/** Returns whether a dtype is an integer type; bool is not. */
export function isInteger(dtype: Dtype): boolean {
  const { kind } = dtypeInfo(dtype)
  return kind === 'signed' || kind === 'unsigned'
}

/** Returns whether a dtype is a floating-point type. */
export function isFloat(dtype: Dtype): boolean {
  return dtypeInfo(dtype).kind === 'float'
}

/** Returns the dtype of a typed array, never bool; undefined for other values. */
export function dtypeOfData(data: unknown): Dtype | undefined {
  return DTYPES.find((dtype) => dtype !== 'bool' && data instanceof dtypeInfo(dtype).array)
}

/** Returns the dtype that holds both, by NumPy's rules: `promote('int32', 'float32')` is `'float64'`. */
export function promote(a: Dtype, b: Dtype): Dtype {
  return promotions[a][b]
}

/**
 * What a conversion may change, as in NumPy: `'no'` and `'equiv'` allow only the same dtype, `'safe'`
 * conversions that keep every value, `'same_kind'` also those within a kind or to a more general one
 * (bool, unsigned, signed, float), `'unsafe'` all.
 */
export type Casting = (typeof CASTINGS)[number]

const CASTINGS = ['no', 'equiv', 'safe', 'same_kind', 'unsafe'] as const

/** Throws a TypeError unless the value names a rule of casting. */
export function assertCasting(value: unknown, operation: string): asserts value is Casting {
  if (CASTINGS.includes(value as Casting)) return
  throw new TypeError(
    `${operation}: casting must be one of ${CASTINGS.map((name) => `'${name}'`).join(', ')}; got ${formatArgument(value)}`,
  )
}

/** Returns whether a rule of casting allows a conversion. NumPy: `can_cast`. */
export function canCast(from: Dtype, to: Dtype, casting: Casting): boolean {
  const kinds = ['bool', 'unsigned', 'signed', 'float']
  switch (casting) {
    case 'no':
    case 'equiv':
      return from === to
    case 'safe':
      return promote(from, to) === to
    case 'same_kind':
      return kinds.indexOf(dtypeInfo(from).kind) <= kinds.indexOf(dtypeInfo(to).kind)
    case 'unsafe':
      return true
  }
}

/** Derives the promoted dtype from the table. */
function derivePromotion(a: Dtype, b: Dtype): Dtype {
  const [x, y] = [dtypeInfo(a), dtypeInfo(b)]
  if (a === b || y.kind === 'bool') return a
  if (x.kind === 'bool') return b
  if (x.kind === y.kind) return x.bytes >= y.bytes ? a : b
  if (x.kind === 'float' || y.kind === 'float') {
    const [float, integer] = x.kind === 'float' ? [x, y] : [y, x]
    return smallestDtype('float', Math.min(8, Math.max(float.bytes, integer.bytes * 2)))
  }
  const [signed, unsigned] = x.kind === 'signed' ? [x, y] : [y, x]
  return smallestDtype('signed', Math.max(signed.bytes, unsigned.bytes * 2))
}

function smallestDtype(kind: DtypeInfo['kind'], bytes: number): Dtype {
  return DTYPES.find((d) => dtypeInfo(d).kind === kind && dtypeInfo(d).bytes >= bytes) ?? 'float64'
}

const promotions = Object.fromEntries(
  DTYPES.map((a) => [a, Object.fromEntries(DTYPES.map((b) => [b, derivePromotion(a, b)]))]),
) as Record<Dtype, Record<Dtype, Dtype>>

/** A plain JavaScript value as an operand; `kind` decides how it promotes. */
export interface WeakScalar {
  readonly kind: 'bool' | 'int' | 'float'
  readonly value: Scalar
}

/** Makes an operand of a plain value: safe integers and bigints are integers, other numbers floats. */
export function weak(value: Scalar): WeakScalar {
  if (typeof value === 'boolean') return { kind: 'bool', value }
  if (typeof value === 'bigint' || Number.isSafeInteger(value)) return { kind: 'int', value }
  return { kind: 'float', value }
}

/** Returns whether an operand is a plain value and not a dtype. */
export function isWeak(type: Dtype | WeakScalar): type is WeakScalar {
  return typeof type !== 'string'
}

/**
 * Returns the common dtype of arrays and plain values: `resultType('int32', weak(2))` is `'int32'`,
 * `resultType('int32', weak(0.5))` is `'float64'`. For plain values alone it is bool, int64 (bigints)
 * or float64.
 */
export function resultType(...types: readonly (Dtype | WeakScalar)[]): Dtype {
  let strong: Dtype | undefined
  let kind = -1
  let anyNumber = false
  for (const type of types) {
    if (isWeak(type)) {
      kind = Math.max(kind, type.kind === 'bool' ? 0 : type.kind === 'int' ? 1 : 2)
      if (typeof type.value === 'number') anyNumber = true
    } else strong = strong === undefined ? type : promote(strong, type)
  }
  if (strong === undefined) return kind === 0 ? 'bool' : anyNumber ? 'float64' : 'int64'
  if (kind <= 0 || isFloat(strong)) return strong
  if (kind === 2) return 'float64'
  return strong === 'bool' ? 'int64' : strong
}

/** Returns whether a dtype can hold an integer. */
export function fitsDtype(value: number | bigint, dtype: Dtype): boolean {
  const { range } = dtypeInfo(dtype)
  if (range === undefined) return true
  return value >= range[0] && value <= range[1]
}

/** Converts a plain value to an element of a dtype. Throws a RangeError if an integer does not fit. */
export function toElement(value: Scalar, dtype: Dtype, operation: string): Scalar {
  if (dtype === 'bool') return typeof value === 'boolean' ? value : Number(value) !== 0
  if (isFloat(dtype)) return dtype === 'float32' ? Math.fround(Number(value)) : Number(value)
  if (typeof value === 'number' && !Number.isInteger(value)) {
    throw new TypeError(
      `${operation}: ${value} is not an integer and the dtype is ${dtype}; use dtype 'float64' or astype()`,
    )
  }
  const integer = typeof value === 'boolean' ? Number(value) : value
  if (!fitsDtype(integer, dtype)) {
    throw new RangeError(
      `${operation}: ${value} does not fit dtype ${dtype}; use astype() for a wider dtype first`,
    )
  }
  return dtype === 'int64' ? BigInt(integer) : Number(integer)
}

/** The promoted dtype, at the level of types: `Promote<'int32', 'float32'>` is `'float64'`. */
export type Promote<A extends Dtype, B extends Dtype> = A extends B
  ? A
  : 'bool' extends A
    ? B
    : 'bool' extends B
      ? A
      : 'float64' extends A | B
        ? 'float64'
        : 'float32' extends A | B
          ? 'uint8' extends A | B
            ? 'float32'
            : 'float64'
          : 'int64' extends A | B
            ? 'int64'
            : 'int32'
