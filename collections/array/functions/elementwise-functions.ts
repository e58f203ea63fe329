/**
 * The elementwise functions of `da`, under NumPy's names in camel case.
 *
 * Operands are arrays or plain values, at least one of them an array. Shapes broadcast and dtypes
 * promote as in NumPy 2. A function makes the same layer as the method of `ChunkedArray` that does
 * the same.
 *
 * All of them throw at the call: a TypeError for operands of other types, for options (they take none)
 * and for surplus arguments, a RangeError for shapes that do not broadcast. A surplus argument is also
 * what a callback gets, so write `arrays.map((x) => da.sqrt(x))`, not `arrays.map(da.sqrt)`.
 */
import { checkArguments } from '../../../core/base/argument-checks.js'
import type {
  AnyArray,
  BinaryFloatDtypeOf,
  CommonDtypeOf,
  FloatDtype,
  NumericDtype,
  Operand,
  QuotientDtype,
  RealDtype,
} from '../array-types.js'
import type { Dtype, Promote } from '../block/dtype.js'
import { type BinaryArray, ChunkedArray } from '../chunked-array.js'
import { arity } from '../expressions/elementwise-operators.js'
import type { OperatorName } from '../expressions/operator-table.js'
import { clipLayer, elementwiseLayer, roundLayer } from '../layers/elementwise-layers.js'
import { evaluateLayer } from '../layers/evaluate-layers.js'
import { nonzeroLayers } from '../layers/nonzero-layers.js'
import { assertArray } from '../layers/operands.js'

/** A function of two operands whose result has their common dtype. */
export type BinaryFunction = <A extends Operand, B extends Operand>(
  x: A,
  y: B,
) => BinaryArray<CommonDtypeOf<A, B>, A, B>
/** A function of two operands whose result has their common dtype, int8 for bools. */
export type BinaryNumericFunction = <A extends Operand, B extends Operand>(
  x: A,
  y: B,
) => BinaryArray<NumericDtype<CommonDtypeOf<A, B>>, A, B>
/** A function of two operands whose result is a float. */
export type BinaryFloatFunction = <A extends Operand, B extends Operand>(
  x: A,
  y: B,
) => BinaryArray<BinaryFloatDtypeOf<A, B>, A, B>
/** A function of two operands whose result is a quotient: float32 for float32, otherwise float64. */
export type BinaryQuotientFunction = <A extends Operand, B extends Operand>(
  x: A,
  y: B,
) => BinaryArray<QuotientDtype<CommonDtypeOf<A, B>>, A, B>
/** A function of two operands whose result is float64, or complex128 for complex numbers. */
export type BinaryDoubleFunction = <A extends Operand, B extends Operand>(
  x: A,
  y: B,
) => BinaryArray<Promote<CommonDtypeOf<A, B>, 'float64'>, A, B>
/** A function of two operands whose result is a bool. */
export type BinaryBoolFunction = <A extends Operand, B extends Operand>(
  x: A,
  y: B,
) => BinaryArray<'bool', A, B>
/** A function of one array whose result has its dtype. */
export type UnaryFunction = <A extends AnyArray>(x: A) => BinaryArray<A['dtype'], A, A>
/** A function of one array whose result has its dtype, int8 for bools. */
export type UnaryNumericFunction = <A extends AnyArray>(
  x: A,
) => BinaryArray<NumericDtype<A['dtype']>, A, A>
/** A function of one array whose result is a float. */
export type UnaryFloatFunction = <A extends AnyArray>(
  x: A,
) => BinaryArray<FloatDtype<A['dtype']>, A, A>
/** A function of one array whose result has its dtype, float for complex numbers. */
export type UnaryRealFunction = <A extends AnyArray>(
  x: A,
) => BinaryArray<RealDtype<A['dtype']>, A, A>
/** A function of one array whose result is float32 for float32, otherwise float64. */
export type UnaryQuotientFunction = <A extends AnyArray>(
  x: A,
) => BinaryArray<QuotientDtype<A['dtype']>, A, A>
/** A function of one array whose result is a bool. */
export type UnaryBoolFunction = <A extends AnyArray>(x: A) => BinaryArray<'bool', A, A>

/** Makes the function of an elementwise operation. */
function elementwiseFunction<F>(op: OperatorName): F {
  const count = arity(op)
  const usage = `da.${op}(${['x', 'y'].slice(0, count).join(', ')})`
  const apply = (...operands: readonly unknown[]) => {
    checkArguments(op, operands, count, usage)
    return new ChunkedArray(elementwiseLayer(op, operands.slice(0, count)))
  }
  return apply as F
}

/** Returns `x + y`; for bools, whether either is true. */
export const add = elementwiseFunction<BinaryFunction>('add')
/**
 * Returns `x - y`.
 * @throws TypeError for bools.
 */
export const subtract = elementwiseFunction<BinaryFunction>('subtract')
/** Returns `x * y`; for bools, whether both are true. */
export const multiply = elementwiseFunction<BinaryFunction>('multiply')
/** Returns `x / y`, in float64 for integers and bools. */
export const divide = elementwiseFunction<BinaryQuotientFunction>('divide')
/** Another name of `divide`. NumPy: `true_divide`. */
export const trueDivide = divide
/** Returns `x / y` rounded down; 0 for an integer divided by 0. NumPy: `floor_divide`. */
export const floorDivide = elementwiseFunction<BinaryNumericFunction>('floorDivide')
/** Returns the remainder with the sign of the divisor, as Python's `%`. */
export const mod = elementwiseFunction<BinaryNumericFunction>('remainder')
/** Another name of `mod`. */
export const remainder = mod
/**
 * Returns `x ** y`.
 * @throws RangeError for integers and a negative plain exponent.
 */
export const power = elementwiseFunction<BinaryNumericFunction>('power')
/** Returns the smaller of each pair of elements; NaN if either is NaN. */
export const minimum = elementwiseFunction<BinaryFunction>('minimum')
/** Returns the larger of each pair of elements; NaN if either is NaN. */
export const maximum = elementwiseFunction<BinaryFunction>('maximum')
/** Returns the smaller of each pair of elements; ignores NaN if the other is a number. */
export const fmin = elementwiseFunction<BinaryFunction>('fmin')
/** Returns the larger of each pair of elements; ignores NaN if the other is a number. */
export const fmax = elementwiseFunction<BinaryFunction>('fmax')
/** Returns `sqrt(x ** 2 + y ** 2)`; the squares do not overflow. */
export const hypot = elementwiseFunction<BinaryFloatFunction>('hypot')
/** Returns the angle in radians between the x axis and a point, given its y and then its x coordinate. */
export const arctan2 = elementwiseFunction<BinaryFloatFunction>('arctan2')
/** Returns the magnitude of `x` with the sign of `y`. */
export const copysign = elementwiseFunction<BinaryFloatFunction>('copysign')
/** Returns whether `x == y`. */
export const equal = elementwiseFunction<BinaryBoolFunction>('equal')
/** Returns whether `x != y`. NumPy: `not_equal`. */
export const notEqual = elementwiseFunction<BinaryBoolFunction>('notEqual')
/** Returns whether `x < y`. */
export const less = elementwiseFunction<BinaryBoolFunction>('less')
/** Returns whether `x <= y`. NumPy: `less_equal`. */
export const lessEqual = elementwiseFunction<BinaryBoolFunction>('lessEqual')
/** Returns whether `x > y`. */
export const greater = elementwiseFunction<BinaryBoolFunction>('greater')
/** Returns whether `x >= y`. NumPy: `greater_equal`. */
export const greaterEqual = elementwiseFunction<BinaryBoolFunction>('greaterEqual')
/** Returns whether both are true (not zero). NumPy: `logical_and`. */
export const logicalAnd = elementwiseFunction<BinaryBoolFunction>('logicalAnd')
/** Returns whether either is true (not zero). NumPy: `logical_or`. */
export const logicalOr = elementwiseFunction<BinaryBoolFunction>('logicalOr')
/** Returns whether exactly one is true (not zero). NumPy: `logical_xor`. */
export const logicalXor = elementwiseFunction<BinaryBoolFunction>('logicalXor')
/**
 * Returns `x & y` of integers or bools. NumPy: `bitwise_and`.
 * @throws TypeError for floats.
 */
export const bitwiseAnd = elementwiseFunction<BinaryFunction>('bitwiseAnd')
/**
 * Returns `x | y` of integers or bools. NumPy: `bitwise_or`.
 * @throws TypeError for floats.
 */
export const bitwiseOr = elementwiseFunction<BinaryFunction>('bitwiseOr')
/**
 * Returns `x ^ y` of integers or bools. NumPy: `bitwise_xor`.
 * @throws TypeError for floats.
 */
export const bitwiseXor = elementwiseFunction<BinaryFunction>('bitwiseXor')
/** Returns whether each element is zero. NumPy: `logical_not`. */
export const logicalNot = elementwiseFunction<UnaryBoolFunction>('logicalNot')
/**
 * Returns `~x` of integers or bools.
 * @throws TypeError for floats.
 */
export const invert = elementwiseFunction<UnaryFunction>('invert')
/** Another name of `invert`. NumPy: `bitwise_not`. */
export const bitwiseNot = invert
/**
 * Returns `-x`.
 * @throws TypeError for bools.
 */
export const negative = elementwiseFunction<UnaryFunction>('negative')
/** Returns the absolute value; of complex numbers the magnitude, which is a float. */
export const absolute = elementwiseFunction<UnaryRealFunction>('absolute')
/** Another name of `absolute`. */
export const abs = absolute
/** Returns the complex conjugate. NumPy: `conjugate`. */
export const conj = elementwiseFunction<UnaryNumericFunction>('conjugate')
/** Another name of `conj`. */
export const conjugate = conj
/** Returns the real parts, as floats; the elements themselves if they are not complex. */
export const real = elementwiseFunction<UnaryRealFunction>('real')
/** Returns the imaginary parts, as floats; zeros if the elements are not complex. */
export const imag = elementwiseFunction<UnaryRealFunction>('imag')

/**
 * Returns -1, 0 or 1 for the sign; NaN for NaN.
 * @throws TypeError for bools.
 */
export const sign = elementwiseFunction<UnaryFunction>('sign')
/** Returns `x * x`. */
export const square = elementwiseFunction<UnaryNumericFunction>('square')
/** Returns `1 / x`, rounded toward 0 for integers. */
export const reciprocal = elementwiseFunction<UnaryNumericFunction>('reciprocal')
/** Returns the square root; NaN for negative numbers. */
export const sqrt = elementwiseFunction<UnaryFloatFunction>('sqrt')
/** Returns the cube root. */
export const cbrt = elementwiseFunction<UnaryFloatFunction>('cbrt')
/** Returns `e ** x`. */
export const exp = elementwiseFunction<UnaryFloatFunction>('exp')
/** Returns `2 ** x`. */
export const exp2 = elementwiseFunction<UnaryFloatFunction>('exp2')
/** Returns `exp(x) - 1`, accurate for small `x`. */
export const expm1 = elementwiseFunction<UnaryFloatFunction>('expm1')
/** Returns the natural logarithm. */
export const log = elementwiseFunction<UnaryFloatFunction>('log')
/** Returns the logarithm to base 2. */
export const log2 = elementwiseFunction<UnaryFloatFunction>('log2')
/** Returns the logarithm to base 10. */
export const log10 = elementwiseFunction<UnaryFloatFunction>('log10')
/** Returns `log(1 + x)`, accurate for small `x`. */
export const log1p = elementwiseFunction<UnaryFloatFunction>('log1p')
/** Returns the sine of angles in radians. */
export const sin = elementwiseFunction<UnaryFloatFunction>('sin')
/** Returns the cosine of angles in radians. */
export const cos = elementwiseFunction<UnaryFloatFunction>('cos')
/** Returns the tangent of angles in radians. */
export const tan = elementwiseFunction<UnaryFloatFunction>('tan')
/** Returns the inverse sine in radians. */
export const arcsin = elementwiseFunction<UnaryFloatFunction>('arcsin')
/** Returns the inverse cosine in radians. */
export const arccos = elementwiseFunction<UnaryFloatFunction>('arccos')
/** Returns the inverse tangent in radians. */
export const arctan = elementwiseFunction<UnaryFloatFunction>('arctan')
/** Returns the hyperbolic sine. */
export const sinh = elementwiseFunction<UnaryFloatFunction>('sinh')
/** Returns the hyperbolic cosine. */
export const cosh = elementwiseFunction<UnaryFloatFunction>('cosh')
/** Returns the hyperbolic tangent. */
export const tanh = elementwiseFunction<UnaryFloatFunction>('tanh')
/** Returns the inverse hyperbolic sine. */
export const arcsinh = elementwiseFunction<UnaryFloatFunction>('arcsinh')
/** Returns the inverse hyperbolic cosine. */
export const arccosh = elementwiseFunction<UnaryFloatFunction>('arccosh')
/** Returns the inverse hyperbolic tangent. */
export const arctanh = elementwiseFunction<UnaryFloatFunction>('arctanh')
/** Converts degrees to radians. */
export const deg2rad = elementwiseFunction<UnaryFloatFunction>('deg2rad')
/** Converts radians to degrees. */
export const rad2deg = elementwiseFunction<UnaryFloatFunction>('rad2deg')
/** Rounds to integers, halves to the even neighbour; the result is a float. */
export const rint = elementwiseFunction<UnaryFloatFunction>('rint')
/** Rounds down to integers; the dtype stays. */
export const floor = elementwiseFunction<UnaryFunction>('floor')
/** Rounds up to integers; the dtype stays. */
export const ceil = elementwiseFunction<UnaryFunction>('ceil')
/** Rounds toward 0 to integers; the dtype stays. */
export const trunc = elementwiseFunction<UnaryFunction>('trunc')
/** Another name of `trunc`. */
export const fix = trunc
/** Returns whether each element is NaN. */
export const isnan = elementwiseFunction<UnaryBoolFunction>('isnan')
/** Returns whether each element is neither NaN nor infinite. */
export const isfinite = elementwiseFunction<UnaryBoolFunction>('isfinite')
/** Returns whether each element is infinite. */
export const isinf = elementwiseFunction<UnaryBoolFunction>('isinf')
/** Returns whether each element is negative; -0 is. */
export const signbit = elementwiseFunction<UnaryBoolFunction>('signbit')

/** Returns whether each element is positive infinity; complex numbers are refused. */
export const isposinf = elementwiseFunction<UnaryBoolFunction>('isposinf')
/** Returns whether each element is negative infinity; complex numbers are refused. */
export const isneginf = elementwiseFunction<UnaryBoolFunction>('isneginf')
/** Returns whether the imaginary part of each element is 0. */
export const isreal = elementwiseFunction<UnaryBoolFunction>('isreal')
/** Returns whether the imaginary part of each element is not 0. */
export const iscomplex = elementwiseFunction<UnaryBoolFunction>('iscomplex')
/** Another name of `isnan`. pandas: `isnull`. */
export const isnull = isnan
/**
 * Returns the elements themselves.
 * @throws TypeError for bools.
 */
export const positive = elementwiseFunction<UnaryFunction>('positive')
/** Returns the absolute value as a float. */
export const fabs = elementwiseFunction<UnaryFloatFunction>('fabs')
/** Returns the distance to the next float away from zero. */
export const spacing = elementwiseFunction<UnaryFloatFunction>('spacing')
/** Returns `sin(pi * x) / (pi * x)`, 1 for 0. */
export const sinc = elementwiseFunction<UnaryQuotientFunction>('sinc')
/** Returns the modified Bessel function of the first kind and order 0. */
export const i0 = elementwiseFunction<UnaryQuotientFunction>('i0')
/** Another name of `rad2deg`. */
export const degrees = rad2deg
/** Another name of `deg2rad`. */
export const radians = deg2rad
/** Returns the remainder with the sign of the dividend, as C's `fmod`. */
export const fmod = elementwiseFunction<BinaryNumericFunction>('fmod')
/** Returns `x ** y` in float64, or complex128 for complex numbers. NumPy: `float_power`. */
export const floatPower = elementwiseFunction<BinaryDoubleFunction>('floatPower')
/** Returns `log(exp(x) + exp(y))`, without overflow of the powers. */
export const logaddexp = elementwiseFunction<BinaryFloatFunction>('logaddexp')
/** Returns `log2(2 ** x + 2 ** y)`, without overflow of the powers. */
export const logaddexp2 = elementwiseFunction<BinaryFloatFunction>('logaddexp2')
/** Returns the float that follows `x` in the direction of `y`. */
export const nextafter = elementwiseFunction<BinaryFloatFunction>('nextafter')
/** Returns `x * 2 ** y` for integers, without the bits that leave the dtype. NumPy: `left_shift`. */
export const leftShift = elementwiseFunction<BinaryNumericFunction>('leftShift')
/** Returns `x / 2 ** y` for integers, rounded down. NumPy: `right_shift`. */
export const rightShift = elementwiseFunction<BinaryNumericFunction>('rightShift')

/**
 * Returns the elements of `x` where a condition is true, and those of `y` elsewhere. With the condition alone, returns the
 * coordinates of its true elements, as `nonzero` does.
 * @example da.where(x.gt(0), x, 0)
 */
export function where(condition: AnyArray): ChunkedArray<'int64'>[]
export function where<A extends Operand, B extends Operand>(
  condition: Operand,
  x: A,
  y: B,
): ChunkedArray<
  A extends AnyArray ? CommonDtypeOf<A, B> : B extends AnyArray ? CommonDtypeOf<A, B> : Dtype
>
export function where(...operands: readonly unknown[]): unknown {
  checkArguments('where', operands, 3, 'da.where(condition, x, y)')
  const [condition] = operands
  if (operands.length !== 1) return new ChunkedArray(elementwiseLayer('where', operands))
  assertArray(condition, 'where')
  return nonzeroLayers(condition).map((spec) => new ChunkedArray(spec))
}

/**
 * Rounds to a number of decimals, halves to the even neighbour. Negative numbers round to tens,
 * hundreds and so on.
 * @throws TypeError for bools, unless `decimals` is 0.
 */
export function round(x: AnyArray, decimals = 0): ChunkedArray {
  checkArguments('round', arguments, 2, 'da.round(x, decimals)')
  assertArray(x, 'round')
  return new ChunkedArray(roundLayer(x, decimals))
}

/** Another name of `round`. */
export const around = round

/**
 * Limits the elements to the range from `low` to `high`; null leaves a side open.
 * @example da.clip(x, 0, 255)
 */
export function clip(
  x: AnyArray,
  low: Operand | null = null,
  high: Operand | null = null,
): ChunkedArray {
  checkArguments('clip', arguments, 3, 'da.clip(x, low, high)')
  assertArray(x, 'clip')
  return new ChunkedArray(clipLayer(x, low, high))
}

/**
 * Evaluates a formula in mathjs's syntax over arrays and plain values, in one task per block. The
 * variables may be more than the formula uses.
 * @throws SyntaxError for a formula that cannot be parsed, or that uses an unknown name.
 * @example da.evaluate('sqrt(x^2 + y^2)', { x, y })
 */
export function evaluate(
  expression: string,
  variables: Readonly<Record<string, Operand>>,
): ChunkedArray {
  checkArguments('evaluate', arguments, 2, "da.evaluate('x + y', { x, y })")
  return new ChunkedArray(evaluateLayer(expression, variables))
}
