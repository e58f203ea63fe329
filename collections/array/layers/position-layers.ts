/**
 * Layers of positions: elements at positions along an axis, and coordinates as one number.
 */
import { arg } from '../../../core/graph/recipe.js'
import { isInteger } from '../block/dtype.js'
import { formatArgument } from '../block/format-argument.js'
import type { ElementOrder, OutsideMode } from '../kernels/position-kernel.js'
import { blockAxes, gridOfLabels, unifyLabels } from '../planning/blockwise-plan.js'
import { assertShape, normalizeAxis } from '../planning/shape-arguments.js'
import { ravelIndexStep, takeAlongStep, unravelIndexStep } from '../steps/position-steps.js'
import { type ArraySpec, blockwise, isArraySpec, shapeOf } from './array-spec.js'
import { indexLayer } from './indexing-layers.js'
import { alignArrays } from './operands.js'
import { rechunkTo, wholeLanes } from './rechunk-layers.js'
import { reshapeLayer } from './reshape-layers.js'
import { asArray } from './search-layers.js'

/** Takes elements at the positions in an array of integers along an axis; null flattens both first. */
export function takeAlongLayer(
  array: ArraySpec,
  indices: ArraySpec,
  axis: number | null,
): ArraySpec {
  const operation = 'takeAlongAxis'
  assertIntegers(indices, operation)
  if (axis === null) {
    return takeAlongLayer(reshapeLayer(array, [-1]), reshapeLayer(indices, [-1]), 0)
  }
  const ndim = array.chunks.length
  const along = normalizeAxis(axis, ndim, operation)
  if (indices.chunks.length !== ndim) {
    throw new RangeError(
      `${operation}: the array and the positions must have equally many axes; got shapes [${shapeOf(array)}] and [${shapeOf(indices)}]`,
    )
  }
  const out = array.chunks.map((_, a) => a)
  const lanes = wholeLanes(array, along)
  const labelled = [
    { array: lanes, chunks: lanes.chunks, index: out.map((a) => (a === along ? 'positions' : a)) },
    { array: indices, chunks: indices.chunks, index: out },
  ]
  const labels = unifyLabels(operation, labelled)
  return blockwise({
    operation,
    fn: takeAlongStep,
    args: [arg.input(0), arg.input(1), arg.value(along)],
    inputs: labelled.map((own) => ({
      array: rechunkTo(own.array, gridOfLabels(own, labels)),
      axes: blockAxes(own, out, ['positions'], labels).map((a) => (a >= ndim ? -1 : a)),
    })),
    dtype: array.dtype,
    chunks: out.map((a) => labels.get(a)!),
    content: [along],
    costPerElement: 10,
  })
}

function assertIntegers(array: ArraySpec, operation: string): void {
  if (isInteger(array.dtype)) return
  throw new TypeError(`${operation}: expected an array of integers; got ${array.dtype}`)
}

const MODES: readonly unknown[] = ['raise', 'wrap', 'clip']

/** Checks what becomes of coordinates outside; returns a mode for each axis. */
function modesOf(mode: unknown, count: number): readonly OutsideMode[] {
  const list: readonly unknown[] = Array.isArray(mode) ? mode : new Array(count).fill(mode)
  if (list.length === count && list.every((m) => MODES.includes(m))) return list as OutsideMode[]
  throw new RangeError(
    `ravelMultiIndex: mode must be 'raise', 'wrap' or 'clip', or a list of one for each axis; got ${formatArgument(mode)}`,
  )
}

/** Checks an order of elements. */
function assertOrder(order: unknown, operation: string): asserts order is ElementOrder {
  if (order === 'C' || order === 'F') return
  throw new RangeError(`${operation}: order must be 'C' or 'F'; got ${formatArgument(order)}`)
}

/** Returns the positions of coordinates in a flattened array of a shape. */
export function ravelIndexLayer(
  coordinates: unknown,
  dims: readonly number[],
  mode: unknown,
  order: unknown,
): ArraySpec {
  const operation = 'ravelMultiIndex'
  assertShape(dims, operation)
  assertOrder(order, operation)
  const modes = modesOf(mode, dims.length)
  const arrays = coordinateArrays(coordinates)
  if (arrays.length !== dims.length || arrays.length === 0) {
    throw new RangeError(
      `${operation}: expected coordinates for each of ${dims.length} axes; got ${arrays.length}`,
    )
  }
  for (const array of arrays) assertIntegers(array, operation)
  const { inputs, chunks } = alignArrays(operation, arrays)
  const values = [dims, modes, order]
  return blockwise({
    operation,
    fn: ravelIndexStep,
    args: [arg.inputs(0, arrays.length), ...values.map((value) => arg.value(value))],
    inputs,
    dtype: 'int64',
    chunks,
    content: values,
  })
}

/** Returns an array for each axis: of a list its items, of an array the parts along its first axis. */
function coordinateArrays(coordinates: unknown): readonly ArraySpec[] {
  if (!isArraySpec(coordinates) && Array.isArray(coordinates)) {
    return coordinates.map((item) => wholeNumbers(item))
  }
  const array = wholeNumbers(coordinates)
  const count = shapeOf(array)[0] ?? 0
  return Array.from({ length: count }, (_, i) => indexLayer(array, [i]))
}

/** Returns an array as it is; makes one of int64 of numbers that are integers. */
function wholeNumbers(values: unknown): ArraySpec {
  if (isArraySpec(values) || ArrayBuffer.isView(values)) return asArray(values)
  const toBig = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(toBig)
    return Number.isSafeInteger(value) ? BigInt(value as number) : value
  }
  return asArray(toBig(values))
}

/** Returns the coordinates, an array for each axis, of positions in a flattened array of a shape. */
export function unravelIndexLayers(
  positions: unknown,
  dims: readonly number[],
  order: unknown,
): readonly ArraySpec[] {
  const operation = 'unravelIndex'
  assertShape(dims, operation)
  assertOrder(order, operation)
  const array = wholeNumbers(positions)
  assertIntegers(array, operation)
  return dims.map((_, axis) =>
    blockwise({
      operation,
      fn: unravelIndexStep,
      args: [arg.input(0), arg.value(dims), arg.value(axis), arg.value(order)],
      inputs: [{ array }],
      dtype: 'int64',
      chunks: array.chunks,
      content: [dims, axis, order],
    }),
  )
}
