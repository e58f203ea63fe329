/**
 * Functions that several elementwise operations make up, such as comparisons with a tolerance. The operations
 * become one loop.
 */
import { checkArguments, checkOptions } from '../../../core/base/argument-checks.js'
import type {
  AnyArray,
  CommonDtypeOf,
  FloatDtype,
  NumericDtype,
  Operand,
  RealDtype,
} from '../array-types.js'
import { type Complex, type Dtype, isComplex, isFloat, realDtype } from '../block/dtype.js'
import { formatArgument } from '../block/format-argument.js'
import { type BinaryArray, ChunkedArray } from '../chunked-array.js'
import type { OperatorName } from '../expressions/operator-table.js'
import { type ArraySpec, isArraySpec } from '../layers/array-spec.js'
import { astypeLayer, elementwiseLayer } from '../layers/elementwise-layers.js'
import { assertArray, assertOperand, type OperandSpec } from '../layers/operands.js'
import { reductionLayer } from '../layers/reduction-layers.js'
import { floorDivide, isnan, logicalNot, remainder } from './elementwise-functions.js'

/** The options of `isclose` and `allclose`. */
export interface ClosenessOptions {
  /** The tolerance as a fraction of `|y|`. The default is 1e-5. */
  readonly rtol?: number | undefined
  /** The tolerance that is added to it. The default is 1e-8. */
  readonly atol?: number | undefined
  /** Whether NaN is close to NaN. The default is false. */
  readonly equalNan?: boolean | undefined
}

/** Applies an elementwise operation. */
function apply(op: OperatorName, ...operands: readonly OperandSpec[]): ArraySpec {
  return elementwiseLayer(op, operands)
}

/**
 * Returns whether `|x - y| <= atol + rtol * |y|`; infinities are close only to themselves.
 * @throws TypeError unless one of the operands is an array.
 * @throws RangeError for negative tolerances.
 * @example da.isclose(x, y, { rtol: 1e-9 })
 */
export function isclose<A extends Operand, B extends Operand>(
  x: A,
  y: B,
  options: ClosenessOptions = {},
): BinaryArray<'bool', A, B> {
  checkArguments('isclose', arguments, 3, 'da.isclose(x, y, { rtol: 1e-9 })')
  return new ChunkedArray(closenessLayer('isclose', x, y, options)) as never
}

/**
 * Returns a lazy boolean: whether all elements are close, as `isclose` has it.
 * @throws TypeError unless one of the operands is an array.
 * @throws RangeError for negative tolerances.
 * @example await da.allclose(x, y).compute()
 */
export function allclose(
  x: Operand,
  y: Operand,
  options: ClosenessOptions = {},
): ChunkedArray<'bool', boolean> {
  checkArguments('allclose', arguments, 3, 'da.allclose(x, y, { rtol: 1e-9 })')
  const close = closenessLayer('allclose', x, y, options)
  return new ChunkedArray(reductionLayer(close, 'all')) as never
}

function closenessLayer(
  operation: string,
  x: unknown,
  y: unknown,
  options: ClosenessOptions,
): ArraySpec {
  for (const operand of [x, y]) assertOperand(operand, operation)
  if (!isArraySpec(x) && !isArraySpec(y)) {
    throw new TypeError(`${operation}: at least one operand must be an array`)
  }
  checkOptions(options, ['rtol', 'atol', 'equalNan'], operation)
  const { rtol = 1e-5, atol = 1e-8, equalNan = false } = options
  for (const [name, value] of Object.entries({ rtol, atol })) {
    if (typeof value === 'number' && value >= 0) continue
    throw new RangeError(
      `${operation}: ${name} must be a number of at least 0; got ${formatArgument(value)}`,
    )
  }
  if (typeof equalNan !== 'boolean') {
    throw new TypeError(
      `${operation}: equalNan must be true or false; got ${formatArgument(equalNan)}`,
    )
  }
  const [a, b] = [inexact(x as OperandSpec), inexact(y as OperandSpec)]
  const distance = apply('absolute', apply('subtract', a, b))
  const tolerance = isArraySpec(b)
    ? apply('add', apply('multiply', apply('absolute', b), rtol), atol)
    : atol + rtol * magnitude(b)
  const near = apply(
    'logicalAnd',
    apply('lessEqual', distance, tolerance),
    apply('isfinite', distance),
  )
  const close = apply('logicalOr', near, apply('equal', a, b))
  if (!equalNan) return close
  return apply('logicalOr', close, apply('logicalAnd', isNaNOperand(a), isNaNOperand(b)))
}

/** Converts integers and bools to float64, so that differences do not wrap. */
function inexact(operand: OperandSpec): OperandSpec {
  if (!isArraySpec(operand)) return typeof operand === 'object' ? operand : Number(operand)
  return isFloat(realDtype(operand.dtype)) ? operand : astypeLayer(operand, 'float64')
}

function magnitude(value: number | bigint | boolean | Complex): number {
  return typeof value === 'object' ? Math.hypot(value.re, value.im) : Math.abs(Number(value))
}

function isNaNOperand(operand: OperandSpec): OperandSpec {
  return isArraySpec(operand) ? apply('isnan', operand) : Number.isNaN(magnitude(operand))
}

/** The options of `nanToNum`. */
export interface NanToNumOptions {
  /** What replaces NaN. The default is 0. */
  readonly nan?: number | undefined
  /** What replaces infinity. The default is the largest number of the dtype. */
  readonly posinf?: number | undefined
  /** What replaces negative infinity. The default is the smallest number of the dtype. */
  readonly neginf?: number | undefined
}

/**
 * Replaces NaN and infinities by numbers, in each part of complex numbers. NumPy: `nan_to_num`.
 * @throws TypeError for replacements that are not numbers.
 * @example da.nanToNum(x, { nan: -1 })
 */
export function nanToNum<A extends AnyArray>(
  x: A,
  options: NanToNumOptions = {},
): BinaryArray<A['dtype'], A, A> {
  checkArguments('nanToNum', arguments, 2, 'da.nanToNum(x, { nan: 0 })')
  assertArray(x, 'nanToNum')
  checkOptions(options, ['nan', 'posinf', 'neginf'], 'nanToNum')
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined || typeof value === 'number') continue
    throw new TypeError(`nanToNum: ${name} must be a number; got ${formatArgument(value)}`)
  }
  return new ChunkedArray(finiteLayer(x, options)) as never
}

/** The largest float32. */
const LARGEST_SINGLE = (2 - 2 ** -23) * 2 ** 127

function finiteLayer(x: ArraySpec, options: NanToNumOptions): ArraySpec {
  const dtype: Dtype = x.dtype
  if (isComplex(dtype)) {
    const [re, im] = [apply('real', x), apply('imag', x)]
    return apply('makeComplex', finiteLayer(re, options), finiteLayer(im, options))
  }
  if (!isFloat(dtype)) return x
  const largest = dtype === 'float32' ? LARGEST_SINGLE : Number.MAX_VALUE
  const { nan = 0, posinf = largest, neginf = -largest } = options
  const high = apply('where', apply('isposinf', x), posinf, x)
  const low = apply('where', apply('isneginf', x), neginf, high)
  return apply('where', apply('isnan', x), nan, low)
}

/** The options of `angle`. */
export interface AngleOptions {
  /** Whether angles are in degrees. The default is radians. */
  readonly deg?: boolean | undefined
}

/**
 * Returns the angles of complex numbers with the positive real axis, from -pi to pi radians.
 * @throws TypeError unless `z` is an array and `deg` a boolean.
 * @example da.angle(z, { deg: true })
 */
export function angle<A extends AnyArray>(
  z: A,
  options: AngleOptions = {},
): BinaryArray<RealDtype<FloatDtype<A['dtype']>>, A, A> {
  checkArguments('angle', arguments, 2, 'da.angle(z, { deg: true })')
  assertArray(z, 'angle')
  checkOptions(options, ['deg'], 'angle')
  const { deg = false } = options
  if (typeof deg !== 'boolean') {
    throw new TypeError(`angle: deg must be true or false; got ${formatArgument(deg)}`)
  }
  const radians = apply('angle', z)
  const spec = deg ? apply('rad2deg', radians) : radians
  return new ChunkedArray(spec) as never
}

/**
 * Returns the quotient rounded down, and the remainder with the sign of the divisor.
 * @example const [quotient, rest] = da.divmod(x, 7)
 */
export function divmod<A extends Operand, B extends Operand>(
  x: A,
  y: B,
): readonly [
  BinaryArray<NumericDtype<CommonDtypeOf<A, B>>, A, B>,
  BinaryArray<NumericDtype<CommonDtypeOf<A, B>>, A, B>,
] {
  checkArguments('divmod', arguments, 2, 'da.divmod(x, y)')
  return [floorDivide(x, y), remainder(x, y)]
}

/** Returns whether each element is not NaN. pandas: `notnull`. */
export function notnull<A extends AnyArray>(x: A): BinaryArray<'bool', A, A> {
  checkArguments('notnull', arguments, 1, 'da.notnull(x)')
  return logicalNot(isnan(x)) as never
}
