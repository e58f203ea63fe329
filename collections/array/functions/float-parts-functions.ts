/**
 * The functions of `da` that take floats apart and put them together, under NumPy's names.
 */
import { checkArguments } from '../../../core/base/argument-checks.js'
import type { AnyArray, FloatDtype, Operand } from '../array-types.js'
import { isFloat, isInteger } from '../block/dtype.js'
import { formatArgument } from '../block/format-argument.js'
import { type BinaryArray, ChunkedArray } from '../chunked-array.js'
import { resolveDtypes } from '../expressions/elementwise-operators.js'
import { isArraySpec } from '../layers/array-spec.js'
import { astypeLayer, elementwiseLayer } from '../layers/elementwise-layers.js'
import { assertArray, assertOperand, type OperandSpec } from '../layers/operands.js'

/** The dtype of `ldexp`: the float dtype of the numbers; float64 of a plain number. */
export type ScaledDtype<A> = A extends AnyArray ? FloatDtype<A['dtype']> : 'float64'

/**
 * Returns `x * 2 ** n`. The exponents are integers.
 * @throws TypeError for exponents that are no integers, and for complex numbers.
 * @example da.ldexp(x, 3)
 */
export function ldexp<A extends Operand, B extends Operand>(
  x: A,
  n: B,
): BinaryArray<ScaledDtype<A>, A, B> {
  checkArguments('ldexp', arguments, 2, 'da.ldexp(x, n)')
  for (const operand of [x, n]) assertOperand(operand, 'ldexp')
  const isWhole = isArraySpec(n) ? isInteger(n.dtype) || n.dtype === 'bool' : isWholeNumber(n)
  if (!isWhole) {
    throw new TypeError(
      `ldexp: exponents must be integers; got ${isArraySpec(n) ? `an array of ${n.dtype}` : formatArgument(n)}`,
    )
  }
  const dtype = isArraySpec(x) ? resolveDtypes('fraction', [x.dtype]).dtype : 'float64'
  const inDtype = (operand: OperandSpec) =>
    isArraySpec(operand) ? astypeLayer(operand, dtype) : operand
  const spec = elementwiseLayer('scaleFloat', [inDtype(x), inDtype(n)])
  return new ChunkedArray(spec) as never
}

function isWholeNumber(value: unknown): boolean {
  return typeof value === 'bigint' || typeof value === 'boolean' || Number.isInteger(value)
}

/**
 * Returns the mantissas, from 0.5 to 1 with the sign of the numbers, and the exponents of
 * `x = mantissa * 2 ** exponent`; NaN and infinities have the exponent 0.
 * @throws TypeError for complex numbers.
 * @example const [mantissas, exponents] = da.frexp(x)
 */
export function frexp<A extends AnyArray>(
  x: A,
): readonly [BinaryArray<FloatDtype<A['dtype']>, A, A>, BinaryArray<'int32', A, A>] {
  checkArguments('frexp', arguments, 1, 'da.frexp(x)')
  assertArray(x, 'frexp')
  const exponents = astypeLayer(elementwiseLayer('exponent', [x]), 'int32')
  const mantissas = elementwiseLayer('mantissa', [x])
  return [new ChunkedArray(mantissas) as never, new ChunkedArray(exponents) as never]
}

/**
 * Returns the parts after and before the decimal point, both with the sign of the numbers.
 * @throws TypeError for complex numbers.
 * @example const [fractions, integers] = da.modf(x)
 */
export function modf<A extends AnyArray>(
  x: A,
): readonly [BinaryArray<FloatDtype<A['dtype']>, A, A>, BinaryArray<FloatDtype<A['dtype']>, A, A>] {
  checkArguments('modf', arguments, 1, 'da.modf(x)')
  assertArray(x, 'modf')
  const fractions = elementwiseLayer('fraction', [x])
  const wide = isFloat(x.dtype) ? x : astypeLayer(x, fractions.dtype)
  const integers = elementwiseLayer('trunc', [wide])
  return [new ChunkedArray(fractions) as never, new ChunkedArray(integers) as never]
}
