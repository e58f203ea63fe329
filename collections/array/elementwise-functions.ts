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
import { checkArguments } from '../../core/base/argument-checks.js'
import type { AnyArray, CommonDtypeOf, FloatDtype, NumericDtype, Operand } from './array-types.js'
import type { Dtype } from './block/dtype.js'
import { type BinaryArray, ChunkedArray } from './chunked-array.js'
import { arity } from './expressions/elementwise-operators.js'
import type { OperatorName } from './expressions/operator-table.js'
import { clipLayer, elementwiseLayer, roundLayer } from './layers/elementwise-layers.js'
import { evaluateLayer } from './layers/evaluate-layers.js'
import { assertArray } from './layers/operands.js'

/** A function of two operands whose result has their common dtype. */
type CommonOfTwo = <A extends Operand, B extends Operand>(
  x: A,
  y: B,
) => BinaryArray<CommonDtypeOf<A, B>, A, B>
/** The same, with uint8 for bools. */
type NumericOfTwo = <A extends Operand, B extends Operand>(
  x: A,
  y: B,
) => BinaryArray<NumericDtype<CommonDtypeOf<A, B>>, A, B>
/** A function of two operands whose result is a float. */
type FloatOfTwo = <A extends Operand, B extends Operand>(
  x: A,
  y: B,
) => BinaryArray<FloatDtype<CommonDtypeOf<A, B>>, A, B>
/** A function of two operands whose result is a bool. */
type BoolOfTwo = <A extends Operand, B extends Operand>(x: A, y: B) => BinaryArray<'bool', A, B>
/** A function of one array whose result has its dtype. */
type SameOfOne = <A extends AnyArray>(x: A) => BinaryArray<A['dtype'], A, A>
/** The same, with uint8 for bools. */
type NumericOfOne = <A extends AnyArray>(x: A) => BinaryArray<NumericDtype<A['dtype']>, A, A>
/** A function of one array whose result is a float. */
type FloatOfOne = <A extends AnyArray>(x: A) => BinaryArray<FloatDtype<A['dtype']>, A, A>
/** A function of one array whose result is a bool. */
type BoolOfOne = <A extends AnyArray>(x: A) => BinaryArray<'bool', A, A>

/** Makes the function of an elementwise operation. */
function elementwiseFunction<F>(op: OperatorName): F {
  const count = arity(op)
  const names = op === 'where' ? 'condition, x, y' : ['x', 'y'].slice(0, count).join(', ')
  const usage = `da.${op}(${names})`
  const apply = (...operands: readonly unknown[]) => {
    checkArguments(op, operands, count, usage)
    return new ChunkedArray(elementwiseLayer(op, operands.slice(0, count)))
  }
  return apply as F
}

/** Returns `x + y`; for bools, whether either is true. */
export const add = elementwiseFunction<CommonOfTwo>('add')
/**
 * Returns `x - y`.
 * @throws TypeError for bools.
 */
export const subtract = elementwiseFunction<CommonOfTwo>('subtract')
/** Returns `x * y`; for bools, whether both are true. */
export const multiply = elementwiseFunction<CommonOfTwo>('multiply')
/** Returns `x / y`, in float64 for integers and bools. */
export const divide = elementwiseFunction<FloatOfTwo>('divide')
/** Another name of `divide`. NumPy: `true_divide`. */
export const trueDivide = divide
/** Returns `x / y` rounded down; 0 for an integer divided by 0. NumPy: `floor_divide`. */
export const floorDivide = elementwiseFunction<NumericOfTwo>('floorDivide')
/** Returns the remainder with the sign of the divisor, as Python's `%`. */
export const mod = elementwiseFunction<NumericOfTwo>('remainder')
/** Another name of `mod`. */
export const remainder = mod
/**
 * Returns `x ** y`.
 * @throws RangeError for integers and a negative plain exponent.
 */
export const power = elementwiseFunction<NumericOfTwo>('power')
/** Returns the smaller of each pair of elements; NaN if either is NaN. */
export const minimum = elementwiseFunction<CommonOfTwo>('minimum')
/** Returns the larger of each pair of elements; NaN if either is NaN. */
export const maximum = elementwiseFunction<CommonOfTwo>('maximum')
/** Returns the smaller of each pair of elements; ignores NaN if the other is a number. */
export const fmin = elementwiseFunction<CommonOfTwo>('fmin')
/** Returns the larger of each pair of elements; ignores NaN if the other is a number. */
export const fmax = elementwiseFunction<CommonOfTwo>('fmax')
/** Returns `sqrt(x ** 2 + y ** 2)`; the squares do not overflow. */
export const hypot = elementwiseFunction<FloatOfTwo>('hypot')
/** Returns the angle in radians between the x axis and a point, given its y and then its x coordinate. */
export const arctan2 = elementwiseFunction<FloatOfTwo>('arctan2')
/** Returns the magnitude of `x` with the sign of `y`. */
export const copysign = elementwiseFunction<FloatOfTwo>('copysign')
/** Returns whether `x == y`. */
export const equal = elementwiseFunction<BoolOfTwo>('equal')
/** Returns whether `x != y`. NumPy: `not_equal`. */
export const notEqual = elementwiseFunction<BoolOfTwo>('notEqual')
/** Returns whether `x < y`. */
export const less = elementwiseFunction<BoolOfTwo>('less')
/** Returns whether `x <= y`. NumPy: `less_equal`. */
export const lessEqual = elementwiseFunction<BoolOfTwo>('lessEqual')
/** Returns whether `x > y`. */
export const greater = elementwiseFunction<BoolOfTwo>('greater')
/** Returns whether `x >= y`. NumPy: `greater_equal`. */
export const greaterEqual = elementwiseFunction<BoolOfTwo>('greaterEqual')
/** Returns whether both are true (not zero). NumPy: `logical_and`. */
export const logicalAnd = elementwiseFunction<BoolOfTwo>('logicalAnd')
/** Returns whether either is true (not zero). NumPy: `logical_or`. */
export const logicalOr = elementwiseFunction<BoolOfTwo>('logicalOr')
/** Returns whether exactly one is true (not zero). NumPy: `logical_xor`. */
export const logicalXor = elementwiseFunction<BoolOfTwo>('logicalXor')
/**
 * Returns `x & y` of integers or bools. NumPy: `bitwise_and`.
 * @throws TypeError for floats.
 */
export const bitwiseAnd = elementwiseFunction<CommonOfTwo>('bitwiseAnd')
/**
 * Returns `x | y` of integers or bools. NumPy: `bitwise_or`.
 * @throws TypeError for floats.
 */
export const bitwiseOr = elementwiseFunction<CommonOfTwo>('bitwiseOr')
/**
 * Returns `x ^ y` of integers or bools. NumPy: `bitwise_xor`.
 * @throws TypeError for floats.
 */
export const bitwiseXor = elementwiseFunction<CommonOfTwo>('bitwiseXor')
/** Returns whether each element is zero. NumPy: `logical_not`. */
export const logicalNot = elementwiseFunction<BoolOfOne>('logicalNot')
/**
 * Returns `~x` of integers or bools.
 * @throws TypeError for floats.
 */
export const invert = elementwiseFunction<SameOfOne>('invert')
/** Another name of `invert`. NumPy: `bitwise_not`. */
export const bitwiseNot = invert
/**
 * Returns `-x`.
 * @throws TypeError for bools.
 */
export const negative = elementwiseFunction<SameOfOne>('negative')
/** Returns the absolute value. */
export const absolute = elementwiseFunction<SameOfOne>('absolute')
/** Another name of `absolute`. */
export const abs = absolute
/**
 * Returns -1, 0 or 1 for the sign; NaN for NaN.
 * @throws TypeError for bools.
 */
export const sign = elementwiseFunction<SameOfOne>('sign')
/** Returns `x * x`. */
export const square = elementwiseFunction<NumericOfOne>('square')
/** Returns `1 / x`, rounded toward 0 for integers. */
export const reciprocal = elementwiseFunction<NumericOfOne>('reciprocal')
/** Returns the square root; NaN for negative numbers. */
export const sqrt = elementwiseFunction<FloatOfOne>('sqrt')
/** Returns the cube root. */
export const cbrt = elementwiseFunction<FloatOfOne>('cbrt')
/** Returns `e ** x`. */
export const exp = elementwiseFunction<FloatOfOne>('exp')
/** Returns `2 ** x`. */
export const exp2 = elementwiseFunction<FloatOfOne>('exp2')
/** Returns `exp(x) - 1`, accurate for small `x`. */
export const expm1 = elementwiseFunction<FloatOfOne>('expm1')
/** Returns the natural logarithm. */
export const log = elementwiseFunction<FloatOfOne>('log')
/** Returns the logarithm to base 2. */
export const log2 = elementwiseFunction<FloatOfOne>('log2')
/** Returns the logarithm to base 10. */
export const log10 = elementwiseFunction<FloatOfOne>('log10')
/** Returns `log(1 + x)`, accurate for small `x`. */
export const log1p = elementwiseFunction<FloatOfOne>('log1p')
/** Returns the sine of angles in radians. */
export const sin = elementwiseFunction<FloatOfOne>('sin')
/** Returns the cosine of angles in radians. */
export const cos = elementwiseFunction<FloatOfOne>('cos')
/** Returns the tangent of angles in radians. */
export const tan = elementwiseFunction<FloatOfOne>('tan')
/** Returns the inverse sine in radians. */
export const arcsin = elementwiseFunction<FloatOfOne>('arcsin')
/** Returns the inverse cosine in radians. */
export const arccos = elementwiseFunction<FloatOfOne>('arccos')
/** Returns the inverse tangent in radians. */
export const arctan = elementwiseFunction<FloatOfOne>('arctan')
/** Returns the hyperbolic sine. */
export const sinh = elementwiseFunction<FloatOfOne>('sinh')
/** Returns the hyperbolic cosine. */
export const cosh = elementwiseFunction<FloatOfOne>('cosh')
/** Returns the hyperbolic tangent. */
export const tanh = elementwiseFunction<FloatOfOne>('tanh')
/** Returns the inverse hyperbolic sine. */
export const arcsinh = elementwiseFunction<FloatOfOne>('arcsinh')
/** Returns the inverse hyperbolic cosine. */
export const arccosh = elementwiseFunction<FloatOfOne>('arccosh')
/** Returns the inverse hyperbolic tangent. */
export const arctanh = elementwiseFunction<FloatOfOne>('arctanh')
/** Converts degrees to radians. */
export const deg2rad = elementwiseFunction<FloatOfOne>('deg2rad')
/** Converts radians to degrees. */
export const rad2deg = elementwiseFunction<FloatOfOne>('rad2deg')
/** Rounds to integers, halves to the even neighbour; the result is a float. */
export const rint = elementwiseFunction<FloatOfOne>('rint')
/** Rounds down to integers; the dtype stays. */
export const floor = elementwiseFunction<SameOfOne>('floor')
/** Rounds up to integers; the dtype stays. */
export const ceil = elementwiseFunction<SameOfOne>('ceil')
/** Rounds toward 0 to integers; the dtype stays. */
export const trunc = elementwiseFunction<SameOfOne>('trunc')
/** Returns whether each element is NaN. */
export const isnan = elementwiseFunction<BoolOfOne>('isnan')
/** Returns whether each element is neither NaN nor infinite. */
export const isfinite = elementwiseFunction<BoolOfOne>('isfinite')
/** Returns whether each element is infinite. */
export const isinf = elementwiseFunction<BoolOfOne>('isinf')
/** Returns whether each element is negative; -0 is. */
export const signbit = elementwiseFunction<BoolOfOne>('signbit')

/**
 * Returns the elements of `x` where a condition is true, and those of `y` elsewhere.
 * @example da.where(x.gt(0), x, 0)
 */
export const where =
  elementwiseFunction<
    <A extends Operand, B extends Operand>(
      condition: Operand,
      x: A,
      y: B,
    ) => ChunkedArray<
      A extends AnyArray ? CommonDtypeOf<A, B> : B extends AnyArray ? CommonDtypeOf<A, B> : Dtype
    >
  >('where')

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

/**
 * Limits the elements to the range from `low` to `high`; null leaves a side open.
 * @throws TypeError if both sides are open.
 * @example da.clip(x, 0, 255)
 */
export function clip(x: AnyArray, low: Operand | null, high: Operand | null = null): ChunkedArray {
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
