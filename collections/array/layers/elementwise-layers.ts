/**
 * Layers of elementwise operations: one blockwise layer per operation. Chains of them are fused and
 * computed in one loop.
 */

import { checkOptions } from '../../../core/base/argument-checks.js'
import { arg } from '../../../core/graph/recipe.js'
import {
  assertCasting,
  assertDtype,
  type Casting,
  castingAllows,
  type Dtype,
  isComplex,
  isFloat,
  isInteger,
  isWeak,
  toElement,
  type WeakScalar,
  weak,
} from '../block/dtype.js'
import { formatArgument } from '../block/format-argument.js'
import { arity, type OperatorDtypes, resolveDtypes } from '../expressions/elementwise-operators.js'
import { negativePowerError } from '../expressions/number-functions.js'
import type { OperatorName } from '../expressions/operator-table.js'
import { astype, elementwise } from '../steps/elementwise-steps.js'
import { type ArraySpec, blockwise, isArraySpec } from './array-spec.js'
import { alignArrays, assertOperand } from './operands.js'

/** Applies an elementwise operation to arrays and plain values, at least one of them an array. */
export function elementwiseLayer(op: OperatorName, operands: readonly unknown[]): ArraySpec {
  const count = arity(op)
  if (operands.length !== count) {
    throw new TypeError(
      `${op} takes ${count} operand${count === 1 ? '' : 's'}, got ${operands.length}`,
    )
  }
  const checked = operands.map((operand) => {
    assertOperand(operand, op)
    return operand
  })
  const arrays = [...new Set(checked.filter(isArraySpec))]
  if (arrays.length === 0) throw new TypeError(`${op}: at least one operand must be an array`)
  const types = checked.map((operand) => (isArraySpec(operand) ? operand.dtype : weak(operand)))
  const { dtype } = checkDtypes(op, types)
  const { inputs, chunks } = alignArrays(op, arrays)
  const args = checked.map((operand) =>
    isArraySpec(operand) ? arg.input(arrays.indexOf(operand)) : arg.value(operand),
  )
  return blockwise({
    operation: op,
    fn: elementwise,
    args: [arg.value(op), ...args],
    inputs,
    dtype,
    chunks,
    content: [op, args],
    costPerElement: 5,
  })
}

/** Returns the dtypes of an operation. Throws if it does not exist for them or a plain value does not fit. */
export function checkDtypes(
  op: OperatorName,
  types: readonly (Dtype | WeakScalar)[],
): OperatorDtypes {
  const resolved = resolveDtypes(op, types)
  const exponent = op === 'power' ? types[1]! : 'bool'
  if (isWeak(exponent) && isInteger(resolved.dtype) && Number(exponent.value) < 0) {
    throw negativePowerError(String(exponent.value))
  }
  types.forEach((type, i) => {
    if (isWeak(type)) toElement(type.value, resolved.casts[i]!, op)
  })
  return resolved
}

/** The options of `astype`. */
export interface AstypeOptions {
  /** Which conversions are allowed. The default is `'unsafe'`: all. */
  readonly casting?: Casting | undefined
}

/** Converts the elements to another dtype. */
export function astypeLayer(
  array: ArraySpec,
  dtype: Dtype,
  options: AstypeOptions = {},
): ArraySpec {
  assertDtype(dtype, 'astype')
  checkOptions(options, ['casting'], 'astype')
  const { casting = 'unsafe' } = options
  assertCasting(casting, 'astype')
  if (!castingAllows(array.dtype, dtype, casting)) {
    throw new TypeError(
      `astype: casting '${casting}' does not allow ${array.dtype} to become ${dtype}; leave casting out to allow all conversions`,
    )
  }
  if (array.dtype === dtype) return array
  return blockwise({
    operation: 'astype',
    fn: astype,
    args: [arg.input(0), arg.value(dtype)],
    inputs: [{ array }],
    dtype,
    chunks: array.chunks,
    content: [],
    costPerElement: 3,
  })
}

/** Limits the elements to a range; null and undefined leave a side open. */
export function clipLayer(array: ArraySpec, low: unknown, high: unknown): ArraySpec {
  const isOpen = (limit: unknown) => limit === null || limit === undefined
  for (const limit of [low, high]) if (!isOpen(limit)) assertOperand(limit, 'clip')
  const raised = isOpen(low) ? array : elementwiseLayer('maximum', [array, low])
  return isOpen(high) ? raised : elementwiseLayer('minimum', [raised, high])
}

/** Rounds to a number of decimals, halves to even; to tens, hundreds etc. for negative numbers. */
export function roundLayer(array: ArraySpec, decimals: number): ArraySpec {
  if (!Number.isInteger(decimals)) {
    throw new TypeError(`round: decimals must be an integer; got ${formatArgument(decimals)}`)
  }
  if (decimals === 0) return elementwiseLayer('round', [array])
  if (array.dtype === 'bool') {
    throw new TypeError(
      `round: bools have no decimals, got ${decimals}; use astype() for a number dtype first`,
    )
  }
  if (!isFloat(array.dtype) && !isComplex(array.dtype)) {
    if (decimals > 0) return elementwiseLayer('round', [array])
    return elementwiseLayer('roundTens', [array, Math.min(-decimals, 100)])
  }
  const scale = 10 ** Math.abs(decimals)
  const [up, down] =
    decimals > 0 ? (['multiply', 'divide'] as const) : (['divide', 'multiply'] as const)
  const rounded = elementwiseLayer('round', [elementwiseLayer(up, [array, scale])])
  return elementwiseLayer(down, [rounded, scale])
}
