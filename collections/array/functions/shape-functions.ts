/**
 * The functions of `da` that drop, add, move, reverse, roll and repeat axes, under NumPy's names. Axes
 * that do not exist throw a RangeError at the call.
 */

import { checkArguments, checkOptions } from '../../../core/base/argument-checks.js'
import { checkWholeNumber } from '../../base/argument-checks.js'
import type { AnyArray } from '../array-types.js'
import type { Scalar } from '../block/dtype.js'
import { formatArgument } from '../block/format-argument.js'
import { ChunkedArray } from '../chunked-array.js'
import { type ArraySpec, isArraySpec, shapeOf } from '../layers/array-spec.js'
import { concatenateLayer } from '../layers/concatenate-layers.js'
import { fullLayer } from '../layers/creation-layers.js'
import { assertArray, assertArrays, assertOperand } from '../layers/operands.js'
import { repeatByLayer, repeatLayer } from '../layers/repeat-layers.js'
import { reshapeLayer, transposeLayer } from '../layers/reshape-layers.js'
import {
  type Axes,
  addAxesLayer,
  broadcastLayer,
  diffLayer,
  flipLayer,
  moveAxesLayer,
  rollLayer,
  squeezeLayer,
  swapAxesLayer,
  tileLayer,
  withAxes,
} from '../layers/shape-layers.js'
import { commonShape } from '../planning/broadcast.js'
import { assertKnown } from '../planning/known-sizes.js'
import { normalizeAxis } from '../planning/shape-arguments.js'

/** An option for an axis or a list of axes. */
export interface AxesOption {
  /** The axis or axes, negative ones counted from the end. The default is all. */
  readonly axis?: number | readonly number[] | null | undefined
}

/** An option for one axis. */
export interface AxisOption {
  /** The axis, negative ones counted from the end. The default is to flatten the array first. */
  readonly axis?: number | null | undefined
}

/** Returns the axes of options, or of an argument that is one. */
function axesOf(argument: Axes | AxesOption, operation: string): Axes {
  if (typeof argument !== 'object' || argument === null || Array.isArray(argument)) {
    return argument as Axes
  }
  checkOptions(argument as AxesOption, ['axis'], operation)
  return (argument as AxesOption).axis
}

/** Returns the elements in row-major order, along one axis. */
export function ravel<A extends AnyArray>(x: A): ChunkedArray<A['dtype']> {
  checkArguments('ravel', arguments, 1, 'da.ravel(x)')
  assertArray(x, 'ravel')
  return new ChunkedArray(reshapeLayer(x, [-1]))
}

/**
 * Drops axes of size 1, all of them by default.
 * @throws RangeError for an axis of another size.
 * @example da.squeeze(x, { axis: 0 })
 */
export function squeeze<A extends AnyArray>(
  x: A,
  axis?: number | readonly number[] | null | AxesOption,
): ChunkedArray<A['dtype']> {
  checkArguments('squeeze', arguments, 2, 'da.squeeze(x, { axis: 0 })')
  assertArray(x, 'squeeze')
  return new ChunkedArray(squeezeLayer(x, axesOf(axis, 'squeeze')))
}

/**
 * Adds axes of size 1, at positions in the result. NumPy: `expand_dims`.
 * @throws RangeError for positions outside the result.
 * @example da.expandDims(x, 0)
 */
export function expandDims<A extends AnyArray>(
  x: A,
  axis: number | readonly number[],
): ChunkedArray<A['dtype']> {
  checkArguments('expandDims', arguments, 2, 'da.expandDims(x, 0)')
  assertArray(x, 'expandDims')
  return new ChunkedArray(addAxesLayer(x, axis))
}

/**
 * Swaps two axes.
 * @throws RangeError for axes that do not exist.
 */
export function swapaxes<A extends AnyArray>(
  x: A,
  first: number,
  second: number,
): ChunkedArray<A['dtype']> {
  checkArguments('swapaxes', arguments, 3, 'da.swapaxes(x, 0, 1)')
  assertArray(x, 'swapaxes')
  return new ChunkedArray(swapAxesLayer(x, first, second, 'swapaxes'))
}

/**
 * Swaps the last two axes. Array API: `matrix_transpose`.
 * @throws RangeError for arrays with fewer than two axes.
 */
export function matrixTranspose<A extends AnyArray>(x: A): ChunkedArray<A['dtype']> {
  checkArguments('matrixTranspose', arguments, 1, 'da.matrixTranspose(x)')
  assertArray(x, 'matrixTranspose')
  return new ChunkedArray(swapAxesLayer(x, -1, -2, 'matrixTranspose'))
}

/**
 * Moves axes to other positions; the others keep their order.
 * @throws RangeError unless there are as many positions as axes, each once.
 * @example da.moveaxis(x, 0, -1)
 */
export function moveaxis<A extends AnyArray>(
  x: A,
  from: number | readonly number[],
  to: number | readonly number[],
): ChunkedArray<A['dtype']> {
  checkArguments('moveaxis', arguments, 3, 'da.moveaxis(x, 0, -1)')
  assertArray(x, 'moveaxis')
  return new ChunkedArray(moveAxesLayer(x, from, to))
}

/** The options of `rollaxis`. */
export interface RollaxisOptions {
  /** The position before which the axis is placed. The default is 0. */
  readonly start?: number | undefined
}

/**
 * Moves an axis backwards, to before a position. NumPy recommends `moveaxis`.
 * @throws RangeError for axes and positions that do not exist.
 * @example da.rollaxis(x, 2, { start: 1 })
 */
export function rollaxis<A extends AnyArray>(
  x: A,
  axis: number,
  start: number | RollaxisOptions = 0,
): ChunkedArray<A['dtype']> {
  checkArguments('rollaxis', arguments, 3, 'da.rollaxis(x, 2, { start: 1 })')
  assertArray(x, 'rollaxis')
  if (typeof start === 'object') checkOptions(start, ['start'], 'rollaxis')
  const before = typeof start === 'object' ? (start.start ?? 0) : start
  const ndim = x.chunks.length
  const from = normalizeAxis(axis, ndim, 'rollaxis')
  const position = normalizeAxis(before, ndim + 1, 'rollaxis')
  // Counted from the end, the position is that in the array as it is.
  const target = before < 0 ? position - 1 : position
  return new ChunkedArray(moveAxesLayer(x, from, target > from ? target - 1 : target))
}

/**
 * Reorders the axes. Array API: `permute_dims`.
 * @throws RangeError unless the order names each axis once.
 * @example da.permuteDims(x, [1, 0])
 */
export function permuteDims<A extends AnyArray>(
  x: A,
  axes: readonly number[],
): ChunkedArray<A['dtype']> {
  checkArguments('permuteDims', arguments, 2, 'da.permuteDims(x, [1, 0])')
  assertArray(x, 'permuteDims')
  return new ChunkedArray(transposeLayer(x, axes))
}

/** Returns the array with at least one axis. NumPy: `atleast_1d`. */
export function atleast1d<A extends AnyArray>(x: A): ChunkedArray<A['dtype']> {
  checkArguments('atleast1d', arguments, 1, 'da.atleast1d(x)')
  assertArray(x, 'atleast1d')
  return new ChunkedArray(withAxes(x, 1))
}

/** Returns the array with at least two axes; a vector becomes a row. NumPy: `atleast_2d`. */
export function atleast2d<A extends AnyArray>(x: A): ChunkedArray<A['dtype']> {
  checkArguments('atleast2d', arguments, 1, 'da.atleast2d(x)')
  assertArray(x, 'atleast2d')
  return new ChunkedArray(withAxes(x, 2))
}

/** Returns the array with at least three axes: `[n]` becomes `[1, n, 1]`, `[m, n]` becomes `[m, n, 1]`. NumPy: `atleast_3d`. */
export function atleast3d<A extends AnyArray>(x: A): ChunkedArray<A['dtype']> {
  checkArguments('atleast3d', arguments, 1, 'da.atleast3d(x)')
  assertArray(x, 'atleast3d')
  return new ChunkedArray(withAxes(x, 3))
}

/**
 * Reverses the order of the elements along axes, all by default.
 * @throws RangeError for axes that do not exist.
 * @example da.flip(x, { axis: 0 })
 */
export function flip<A extends AnyArray>(
  x: A,
  axis?: number | readonly number[] | null | AxesOption,
): ChunkedArray<A['dtype']> {
  checkArguments('flip', arguments, 2, 'da.flip(x, { axis: 0 })')
  assertArray(x, 'flip')
  return new ChunkedArray(flipLayer(x, axesOf(axis, 'flip')))
}

/**
 * Reverses the order of the columns.
 * @throws RangeError for arrays with fewer than two axes.
 */
export function fliplr<A extends AnyArray>(x: A): ChunkedArray<A['dtype']> {
  checkArguments('fliplr', arguments, 1, 'da.fliplr(x)')
  assertArray(x, 'fliplr')
  return new ChunkedArray(flipLayer(x, 1, 'fliplr'))
}

/**
 * Reverses the order of the rows.
 * @throws RangeError for arrays without axes.
 */
export function flipud<A extends AnyArray>(x: A): ChunkedArray<A['dtype']> {
  checkArguments('flipud', arguments, 1, 'da.flipud(x)')
  assertArray(x, 'flipud')
  return new ChunkedArray(flipLayer(x, 0, 'flipud'))
}

/** The options of `rot90`. */
export interface Rot90Options {
  /** The number of quarter turns, from the first axis towards the second. The default is 1. */
  readonly k?: number | undefined
  /** The two axes of the plane. The default is `[0, 1]`. */
  readonly axes?: readonly [number, number] | undefined
}

/**
 * Rotates by quarter turns in the plane of two axes.
 * @throws RangeError unless there are two different axes, and for a `k` that is no integer.
 * @example da.rot90(x, { k: 2 })
 */
export function rot90<A extends AnyArray>(
  x: A,
  options: Rot90Options = {},
): ChunkedArray<A['dtype']> {
  checkArguments('rot90', arguments, 2, 'da.rot90(x, { k: 1 })')
  assertArray(x, 'rot90')
  checkOptions(options, ['k', 'axes'], 'rot90')
  const { k = 1, axes = [0, 1] } = options
  const ndim = x.chunks.length
  const list: readonly unknown[] = Array.isArray(axes) ? axes : []
  const [a, b] = list.map((axis) => normalizeAxis(axis, ndim, 'rot90')) as [number, number]
  if (list.length !== 2 || a === b || !Number.isSafeInteger(k)) {
    throw new RangeError(
      `rot90: expected two different axes and a whole number of turns, such as { k: 1, axes: [0, 1] }; got ${formatArgument(options)}`,
    )
  }
  const turns = ((k % 4) + 4) % 4
  const swapped = (array: ArraySpec) => swapAxesLayer(array, a, b, 'rot90')
  switch (turns) {
    case 1:
      return new ChunkedArray(swapped(flipLayer(x, b)))
    case 2:
      return new ChunkedArray(flipLayer(x, [a, b]))
    case 3:
      return new ChunkedArray(flipLayer(swapped(x), b))
    default:
      return new ChunkedArray(x)
  }
}

/**
 * Shifts elements along axes; those that leave one end come back at the other. Without an axis, the
 * array is treated as flat.
 * @throws TypeError for shifts that are no integers; RangeError unless there are as many shifts as axes.
 * @example da.roll(x, 2, { axis: 0 })
 */
export function roll<A extends AnyArray>(
  x: A,
  shift: number | readonly number[],
  axis?: number | readonly number[] | null | AxesOption,
): ChunkedArray<A['dtype']> {
  checkArguments('roll', arguments, 3, 'da.roll(x, 2, { axis: 0 })')
  assertArray(x, 'roll')
  return new ChunkedArray(rollLayer(x, shift, axesOf(axis, 'roll')))
}

/**
 * Repeats axes of size 1, and adds leading axes, to fill a shape. NumPy: `broadcast_to`.
 * @throws RangeError unless each axis has size 1 or the size in the shape.
 * @example da.broadcastTo(row, [1000, 3])
 */
export function broadcastTo<A extends AnyArray>(
  x: A,
  shape: readonly number[],
): ChunkedArray<A['dtype']> {
  checkArguments('broadcastTo', arguments, 2, 'da.broadcastTo(x, [1000, 3])')
  assertArray(x, 'broadcastTo')
  return new ChunkedArray(broadcastLayer(x, shape, 'broadcastTo'))
}

/**
 * Returns arrays that are repeated to one shape. NumPy: `broadcast_arrays`.
 * @throws RangeError unless the shapes fit.
 * @example const [a, b] = da.broadcastArrays(row, column)
 */
export function broadcastArrays<A extends AnyArray>(
  ...arrays: readonly A[]
): ChunkedArray<A['dtype']>[] {
  assertArrays(arrays, 'broadcastArrays')
  const shape = commonShape('broadcastArrays', arrays.map(shapeOf))
  for (const x of arrays) assertKnown(x.chunks, 'broadcastArrays')
  return arrays.map((x) => new ChunkedArray(broadcastLayer(x, shape, 'broadcastArrays')))
}

/**
 * Repeats an array along axes: one number for the last axis, or a list for the last axes.
 * @throws RangeError for negative numbers and fractions.
 * @example da.tile(x, [2, 3])
 */
export function tile<A extends AnyArray>(
  x: A,
  reps: number | readonly number[],
): ChunkedArray<A['dtype']> {
  checkArguments('tile', arguments, 2, 'da.tile(x, [2, 3])')
  assertArray(x, 'tile')
  return new ChunkedArray(tileLayer(x, reps))
}

/**
 * Repeats each element: as often for all, or a number of times for each along the axis. With a lazy array of integers, the
 * size of the axis is not known before it is computed.
 * @throws RangeError for negative numbers and fractions, and for lists of the wrong length.
 * @throws TypeError for arrays that are not of integers.
 * @example da.repeat(x, 3, { axis: 0 })
 */
export function repeat<A extends AnyArray>(
  x: A,
  repeats: number | readonly number[] | AnyArray,
  axis?: number | null | AxisOption,
): ChunkedArray<A['dtype']> {
  checkArguments('repeat', arguments, 3, 'da.repeat(x, 3, { axis: 0 })')
  assertArray(x, 'repeat')
  const along = axesOf(axis, 'repeat') as number | null | undefined
  if (isArraySpec(repeats)) return new ChunkedArray(repeatByLayer(x, repeats, along))
  return new ChunkedArray(repeatLayer(x, repeats as number | readonly number[], along))
}

/** The options of `diff`. */
export interface DiffOptions {
  /** How often differences are taken. The default is 1. */
  readonly n?: number | undefined
  /** The axis. The default is the last. */
  readonly axis?: number | undefined
  /** An array or a value that is placed before the elements. */
  readonly prepend?: AnyArray | Scalar | undefined
  /** An array or a value that is placed after the elements. */
  readonly append?: AnyArray | Scalar | undefined
}

/**
 * Returns the differences of neighbours along an axis; for bools, whether they differ.
 * @throws RangeError for arrays without axes and a negative `n`.
 * @example da.diff(x, { n: 2 })
 */
export function diff<A extends AnyArray>(
  x: A,
  options: DiffOptions = {},
): ChunkedArray<A['dtype']> {
  checkArguments('diff', arguments, 2, 'da.diff(x, { n: 2 })')
  assertArray(x, 'diff')
  checkOptions(options, ['n', 'axis', 'prepend', 'append'], 'diff')
  const { n = 1, axis = -1, prepend, append } = options
  checkWholeNumber(n, 0, 'diff', 'n')
  const along = normalizeAxis(axis, x.chunks.length, 'diff')
  const ends = [prepend, append].map((end) => (end === undefined ? [] : [endOf(x, end, along)]))
  const parts = [...ends[0]!, x, ...ends[1]!]
  const whole = parts.length === 1 ? x : concatenateLayer(parts, along)
  return new ChunkedArray(diffLayer(whole, n, along)) as never
}

/** Returns what is placed at an end of an axis: an array, or a value for each position on the other axes. */
function endOf(x: ArraySpec, end: AnyArray | Scalar, axis: number): ArraySpec {
  assertOperand(end, 'diff')
  const shape = shapeOf(x).map((n, a) => (a === axis ? 1 : n))
  if (!isArraySpec(end)) return fullLayer('diff', shape, end, { dtype: x.dtype })
  return end.chunks.length === 0 ? broadcastLayer(end, shape, 'diff') : end
}

/**
 * Returns the differences of neighbours of the flattened array.
 * @example da.ediff1d(x)
 */
export function ediff1d<A extends AnyArray>(x: A): ChunkedArray<A['dtype']> {
  checkArguments('ediff1d', arguments, 1, 'da.ediff1d(x)')
  assertArray(x, 'ediff1d')
  return new ChunkedArray(diffLayer(reshapeLayer(x, [-1]), 1, 0)) as never
}
