/**
 * Layers of diagonals and triangles of matrices.
 */

import { checkOptions } from '../../../core/base/argument-checks.js'
import { captureCallSite } from '../../../core/base/call-site.js'
import { blockNumber } from '../../../core/base/keys.js'
import type { BlockNode } from '../../../core/graph/layer.js'
import { arg, recipe } from '../../../core/graph/recipe.js'
import { type Dtype, isBig } from '../block/dtype.js'
import { formatArgument } from '../block/format-argument.js'
import { forEachBlock, type Grid, numblocksOf } from '../planning/chunk-grid.js'
import { planDiagonal } from '../planning/diagonal-plan.js'
import { assertKnown } from '../planning/known-sizes.js'
import { normalizeAxis } from '../planning/shape-arguments.js'
import { diagonalPieceStep, triangleStep } from '../steps/diagonal-steps.js'
import { type ArraySpec, BLOCK_POSITION, blockwise, indexed, shapeOf } from './array-spec.js'
import { concatenateLayer } from './concatenate-layers.js'
import { eyeLayer, fullLayer } from './creation-layers.js'
import { elementwiseLayer } from './elementwise-layers.js'
import { rechunkTo } from './rechunk-layers.js'
import { reductionLayer } from './reduction-layers.js'
import { addAxesLayer } from './shape-layers.js'

/** The options of `diagonal` and `trace`. */
export interface AxesDiagonalOptions {
  /** The diagonal: 0, the default, is the main one, positive numbers are above it. */
  readonly offset?: number | undefined
  /** The axis of the rows. The default is 0. */
  readonly axis1?: number | undefined
  /** The axis of the columns. The default is 1. */
  readonly axis2?: number | undefined
}

/** The options of `trace`. */
export interface TraceOptions extends AxesDiagonalOptions {
  /** The dtype to add up in. The default is that of sums. */
  readonly dtype?: Dtype | undefined
}

/** Adds up a diagonal of two axes. */
export function traceLayer(array: ArraySpec, options: TraceOptions): ArraySpec {
  checkOptions(options, ['offset', 'axis1', 'axis2', 'dtype'], 'trace')
  const { dtype, ...rest } = options
  return reductionLayer(axesDiagonalLayer(array, rest, 'trace'), 'sum', -1, { dtype })
}

/** Takes a diagonal of two axes, which becomes the last axis. */
export function axesDiagonalLayer(
  array: ArraySpec,
  { offset = 0, axis1 = 0, axis2 = 1 }: AxesDiagonalOptions,
  operation: string,
): ArraySpec {
  const ndim = array.chunks.length
  checkDiagonal(offset, operation)
  const [rows, columns] = [axis1, axis2].map((axis) => normalizeAxis(axis, ndim, operation)) as [
    number,
    number,
  ]
  if (rows === columns) {
    throw new RangeError(`${operation}: axis1 and axis2 must differ; both are ${rows}`)
  }
  assertKnown(array.chunks, operation, [rows, columns])
  const pieces = planDiagonal(array.chunks[rows]!, array.chunks[columns]!, offset)
  const others = array.chunks.flatMap((_, axis) =>
    axis === rows || axis === columns ? [] : [axis],
  )
  const chunks: Grid = [
    ...others.map((axis) => array.chunks[axis]!),
    pieces.map(({ size }) => size),
  ]
  const step = recipe(
    diagonalPieceStep,
    [arg.input(0), arg.value(rows), arg.value(columns), arg.param(0)],
    { label: operation, site: captureCallSite() },
  )
  const nodes: BlockNode[] = []
  forEachBlock(chunks, (at) => {
    const piece = pieces[at.at(-1)!]!
    const source = new Array<number>(ndim)
    others.forEach((axis, i) => {
      source[axis] = at[i]!
    })
    source[rows] = piece.rowBlock
    source[columns] = piece.columnBlock
    const block = blockNumber(source, numblocksOf(array.chunks))
    nodes.push({ recipe: step, inputs: [0, block], params: [piece] })
  })
  const { dtype } = array
  const content = [rows, columns, offset]
  return indexed({ operation, sources: [array], nodes, dtype, chunks, content })
}

/** Places a vector on a diagonal of a matrix of zeros. */
export function diagonalMatrixLayer(vector: ArraySpec, k: number): ArraySpec {
  checkDiagonal(k, 'diag')
  assertKnown(vector.chunks, 'diag')
  const { dtype } = vector
  const n = shapeOf(vector)[0]! + Math.abs(k)
  const padding = fullLayer('diag', [Math.abs(k)], 0, { dtype })
  const padded = k === 0 ? vector : concatenateLayer([vector, padding], 0)
  const sizes = [...padded.chunks[0]!].filter((size) => size > 0)
  const axis = sizes.length === 0 ? [0] : sizes
  const values = rechunkTo(padded, [axis])
  const mask = eyeLayer(n, { k, dtype: 'bool', chunks: [axis, axis] })
  const line = addAxesLayer(values, k >= 0 ? 1 : 0)
  return elementwiseLayer('where', [mask, line, zeroOf(dtype)])
}

/** Makes ones on and below a diagonal of a matrix, and zeros above it. */
export function triangleLayer(chunks: Grid, k: number, dtype: Dtype, operation: string): ArraySpec {
  checkDiagonal(k, operation)
  return blockwise({
    operation: 'tri',
    fn: triangleStep,
    args: [arg.value(chunks), arg.param(0), arg.value(dtype), arg.value(k)],
    params: BLOCK_POSITION,
    dtype,
    chunks,
    content: [k],
    costPerElement: 1,
  })
}

/** Replaces the elements above, or else on and below, a diagonal of the last two axes by zeros. */
export function maskTriangleLayer(
  array: ArraySpec,
  k: number,
  operation: 'tril' | 'triu',
): ArraySpec {
  if (array.chunks.length < 2) {
    throw new RangeError(
      `${operation}: expected an array with two axes or more; got shape ${formatArgument(shapeOf(array))}`,
    )
  }
  checkDiagonal(k, operation)
  assertKnown(array.chunks.slice(-2), operation)
  const isLower = operation === 'tril'
  const mask = triangleLayer(array.chunks.slice(-2), isLower ? k : k - 1, 'bool', operation)
  const zero = zeroOf(array.dtype)
  return elementwiseLayer('where', isLower ? [mask, array, zero] : [mask, zero, array])
}

/** Returns a zero that leaves the dtype as it is. */
export function zeroOf(dtype: Dtype): number | bigint | boolean {
  return dtype === 'bool' ? false : isBig(dtype) ? 0n : 0
}

/** Throws a RangeError unless a diagonal is a whole number. */
function checkDiagonal(k: unknown, operation: string): void {
  if (Number.isSafeInteger(k)) return
  throw new RangeError(`${operation}: a diagonal is a whole number; got ${formatArgument(k)}`)
}
