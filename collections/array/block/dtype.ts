/**
 * The dtypes of arrays and NumPy's rules of promotion.
 *
 * One table describes every dtype, another the promotion between arrays. Plain JavaScript
 * values are weak, as Python's are in NumPy 2: they take the dtype of the array if their kind allows
 * it. A safe integer or bigint with int32 gives int32, a fraction with an integer dtype float64, any
 * number with float32 gives float32, an integer with bool int64, a complex number with float32 complex64.
 * An integer that the dtype cannot hold is a RangeError; it never wraps silently.
 */
import { formatArgument } from './format-argument.js'
import { PROMOTIONS } from './promotion-table.js'

/** A typed array that holds the elements of some dtype. */
export type TypedArray =
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array
  | Float32Array
  | Float64Array

/** A complex number. Those of mathjs have these properties, too. */
export interface Complex {
  /** The real part. */
  readonly re: number
  /** The imaginary part. */
  readonly im: number
}

/** A single value as users see it. */
export type Scalar = number | bigint | boolean | Complex

/** The facts about a dtype. */
export interface DtypeInfo {
  readonly kind: (typeof KINDS)[number]
  readonly bytes: number
  readonly array: {
    new (length: number): TypedArray
    new (buffer: ArrayBufferLike, byteOffset?: number, length?: number): TypedArray
  }
  /** Integers only: the smallest and the largest value. */
  readonly range?: Range
  /** Complex dtypes only: the dtype of the parts, which follow each other in memory. */
  readonly part?: 'float32' | 'float64'
}

/** The kinds of dtypes, from the least to the most general. */
const KINDS = ['bool', 'unsigned', 'signed', 'float', 'complex'] as const

type Range = readonly [smallest: bigint, largest: bigint]

function signedRange(bits: bigint): Range {
  return [-(2n ** (bits - 1n)), 2n ** (bits - 1n) - 1n]
}

function unsignedRange(bits: bigint): Range {
  return [0n, 2n ** bits - 1n]
}

const dtypes = {
  bool: { kind: 'bool', bytes: 1, array: Uint8Array },
  int8: { kind: 'signed', bytes: 1, array: Int8Array, range: signedRange(8n) },
  uint8: { kind: 'unsigned', bytes: 1, array: Uint8Array, range: unsignedRange(8n) },
  int16: { kind: 'signed', bytes: 2, array: Int16Array, range: signedRange(16n) },
  uint16: { kind: 'unsigned', bytes: 2, array: Uint16Array, range: unsignedRange(16n) },
  int32: { kind: 'signed', bytes: 4, array: Int32Array, range: signedRange(32n) },
  uint32: { kind: 'unsigned', bytes: 4, array: Uint32Array, range: unsignedRange(32n) },
  int64: { kind: 'signed', bytes: 8, array: BigInt64Array, range: signedRange(64n) },
  uint64: { kind: 'unsigned', bytes: 8, array: BigUint64Array, range: unsignedRange(64n) },
  float32: { kind: 'float', bytes: 4, array: Float32Array },
  float64: { kind: 'float', bytes: 8, array: Float64Array },
  complex64: { kind: 'complex', bytes: 8, array: Float32Array, part: 'float32' },
  complex128: { kind: 'complex', bytes: 16, array: Float64Array, part: 'float64' },
} as const satisfies Record<string, DtypeInfo>

/** The name of an element type. */
export type Dtype = keyof typeof dtypes

/** The typed array that holds elements of a dtype. */
export type DataOf<D extends Dtype> = {
  bool: Uint8Array
  int8: Int8Array
  uint8: Uint8Array
  int16: Int16Array
  uint16: Uint16Array
  int32: Int32Array
  uint32: Uint32Array
  int64: BigInt64Array
  uint64: BigUint64Array
  float32: Float32Array
  float64: Float64Array
  complex64: Float32Array
  complex128: Float64Array
}[D]

/**
 * The JavaScript type of an element: bigint for int64 and uint64, boolean for bool, `{ re, im }` for
 * complex dtypes, otherwise number.
 */
export type ScalarOf<D extends Dtype> = D extends 'int64' | 'uint64'
  ? bigint
  : D extends 'bool'
    ? boolean
    : D extends 'complex64' | 'complex128'
      ? Complex
      : number

/** The dtype of a typed array. */
export type DtypeOfData<V> = V extends Float32Array
  ? 'float32'
  : V extends Float64Array
    ? 'float64'
    : V extends Int8Array
      ? 'int8'
      : V extends Uint8Array | Uint8ClampedArray
        ? 'uint8'
        : V extends Int16Array
          ? 'int16'
          : V extends Uint16Array
            ? 'uint16'
            : V extends Int32Array
              ? 'int32'
              : V extends Uint32Array
                ? 'uint32'
                : V extends BigUint64Array
                  ? 'uint64'
                  : 'int64'

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

/** Returns whether the elements of a dtype are bigints. */
export function isBig(dtype: Dtype): dtype is 'int64' | 'uint64' {
  return dtype === 'int64' || dtype === 'uint64'
}

/** Returns whether the elements of a typed array are bigints. */
export function isBigData(data: TypedArray): data is BigInt64Array | BigUint64Array {
  return data instanceof BigInt64Array || data instanceof BigUint64Array
}

/** Returns the dtype of sums and products of integers and bools: of 64 bits. */
export function sumDtype(dtype: Dtype): 'int64' | 'uint64' {
  return dtypeInfo(dtype).kind === 'unsigned' ? 'uint64' : 'int64'
}

/** Returns whether a dtype is complex. */
export function isComplex(dtype: Dtype): dtype is 'complex64' | 'complex128' {
  return dtypeInfo(dtype).kind === 'complex'
}

/** Returns the dtype of the real part of elements: of a complex dtype that of its parts, else the dtype. */
export function realDtype(dtype: Dtype): Dtype {
  return dtypeInfo(dtype).part ?? dtype
}

/** Returns the complex dtype whose parts have the precision of a float or complex dtype. */
export function complexDtype(dtype: Dtype): 'complex64' | 'complex128' {
  return realDtype(dtype) === 'float32' ? 'complex64' : 'complex128'
}

/** Returns how many numbers in a typed array an element takes: 2 if it is complex. */
export function numbersPerElement(dtype: Dtype): number {
  return isComplex(dtype) ? 2 : 1
}

/** Returns whether a value is a complex number: an object with numbers `re` and `im`. */
export function isComplexValue(value: unknown): value is Complex {
  if (typeof value !== 'object' || value === null) return false
  const { re, im } = value as Partial<Complex>
  return typeof re === 'number' && typeof im === 'number'
}

/** Returns whether a value is a number, bigint, boolean or complex number. */
export function isScalar(value: unknown): value is Scalar {
  const type = typeof value
  return type === 'number' || type === 'bigint' || type === 'boolean' || isComplexValue(value)
}

/** Returns the dtype of a typed array, never bool or complex; undefined for other values. */
export function dtypeOfData(data: unknown): Dtype | undefined {
  return DTYPES.find((dtype) => {
    return dtype !== 'bool' && !isComplex(dtype) && data instanceof dtypeInfo(dtype).array
  })
}

/** Returns the dtype that holds both, by NumPy's rules: `promote('int32', 'float32')` is `'float64'`. */
export function promote(a: Dtype, b: Dtype): Dtype {
  return PROMOTIONS[a][b]
}

/**
 * What a conversion may change, as in NumPy: `'no'` and `'equiv'` allow only the same dtype, `'safe'`
 * conversions that keep every value, `'same_kind'` also those within a kind or to a more general one
 * (bool, unsigned, signed, float, complex),
 * `'unsafe'` all.
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

/** Returns whether a rule of casting allows a conversion. */
export function castingAllows(from: Dtype, to: Dtype, casting: Casting): boolean {
  switch (casting) {
    case 'no':
    case 'equiv':
      return from === to
    case 'safe':
      return promote(from, to) === to
    case 'same_kind':
      return KINDS.indexOf(dtypeInfo(from).kind) <= KINDS.indexOf(dtypeInfo(to).kind)
    case 'unsafe':
      return true
  }
}

/** The kinds of plain values, from the least to the most general. */
const WEAK_KINDS = ['bool', 'int', 'float', 'complex'] as const

/** A plain JavaScript value as an operand; `kind` decides how it promotes. */
export interface WeakScalar {
  readonly kind: (typeof WEAK_KINDS)[number]
  readonly value: Scalar
}

/** Makes an operand of a plain value: safe integers and bigints are integers, other numbers floats. */
export function weak(value: Scalar): WeakScalar {
  if (typeof value === 'boolean') return { kind: 'bool', value }
  if (typeof value === 'bigint' || Number.isSafeInteger(value)) return { kind: 'int', value }
  return { kind: typeof value === 'object' ? 'complex' : 'float', value }
}

/** Returns whether an operand is a plain value and not a dtype. */
export function isWeak(type: Dtype | WeakScalar): type is WeakScalar {
  return typeof type !== 'string'
}

/**
 * Returns the common dtype of arrays and plain values: `resultType('int32', weak(2))` is `'int32'`,
 * `resultType('int32', weak(0.5))` is `'float64'`. For plain values alone it is bool, int64 (bigints),
 * float64 or complex128.
 */
export function resultType(...types: readonly (Dtype | WeakScalar)[]): Dtype {
  let strong: Dtype | undefined
  let kind = -1
  let anyNumber = false
  for (const type of types) {
    if (isWeak(type)) {
      kind = Math.max(kind, WEAK_KINDS.indexOf(type.kind))
      if (typeof type.value === 'number') anyNumber = true
    } else strong = strong === undefined ? type : promote(strong, type)
  }
  if (strong === undefined) {
    return kind === 0 ? 'bool' : kind === 3 ? 'complex128' : anyNumber ? 'float64' : 'int64'
  }
  if (kind <= 0 || isComplex(strong)) return strong
  if (kind === 3) return strong === 'float32' ? 'complex64' : 'complex128'
  if (isFloat(strong)) return strong
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
  if (isComplex(dtype)) return toComplex(value, dtype)
  if (typeof value === 'object') {
    if (dtype === 'bool') return value.re !== 0 || value.im !== 0
    throw new TypeError(
      `${operation}: ${formatArgument(value)} is complex and the dtype is ${dtype}; use dtype 'complex128' or astype()`,
    )
  }
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
  return isBig(dtype) ? BigInt(integer) : Number(integer)
}

/** Converts a plain value to an element of a complex dtype. */
function toComplex(value: Scalar, dtype: 'complex64' | 'complex128'): Complex {
  const { re, im } = typeof value === 'object' ? value : { re: Number(value), im: 0 }
  return dtype === 'complex64' ? { re: Math.fround(re), im: Math.fround(im) } : { re, im }
}

/** The promoted dtype, at the level of types: `Promote<'int32', 'float32'>` is `'float64'`. */
export type Promote<A extends Dtype, B extends Dtype> = (typeof PROMOTIONS)[A][B]
