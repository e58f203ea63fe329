/**
 * Layers that change the shape of an array or the order of its axes.
 */
import { captureCallSite } from '../../../core/base/call-site.js'
import type { BlockNode } from '../../../core/graph/layer.js'
import { arg, recipe } from '../../../core/graph/recipe.js'
import { formatArgument } from '../block/format-argument.js'
import { sizeOf } from '../block/ndarray.js'
import {
  blockShapeAt,
  type Grid,
  gridShape,
  hasUnknown,
  numblocksOf,
  sameGrid,
} from '../planning/chunk-grid.js'
import { type ChunksSpec, normalizeChunks } from '../planning/chunks-argument.js'
import { assertKnown, unknownSizeError } from '../planning/known-sizes.js'
import { completeShape, joinAxes, planReshape } from '../planning/reshape-plan.js'
import { normalizeAxis } from '../planning/shape-arguments.js'
import { axesStep, reshapeAtRunStep, reshapeStep } from '../steps/reshape-steps.js'
import { type ArraySpec, blockwise, indexed, shapeOf } from './array-spec.js'
import { rechunkTo, wholeAxes } from './rechunk-layers.js'
import { unknownSizes } from './unknown-sizes.js'

/** Reorders the axes; reverses them if `order` is undefined. */
export function transposeLayer(array: ArraySpec, order?: readonly number[]): ArraySpec {
  const ndim = array.chunks.length
  const axes =
    order === undefined
      ? array.chunks.map((_, axis) => ndim - 1 - axis)
      : order.map((axis) => normalizeAxis(axis, ndim, 'transpose'))
  if (new Set(axes).size !== ndim || axes.length !== ndim) {
    throw new RangeError(
      `transpose: the order ${formatArgument(order)} must name each of ${ndim} axes once`,
    )
  }
  if (axes.every((axis, i) => axis === i)) return array
  const chunks = axes.map((axis) => array.chunks[axis]!)
  const inverse = axes.map((_, axis) => axes.indexOf(axis))
  return blockwise({
    operation: 'transpose',
    fn: axesStep,
    args: [arg.input(0), arg.value(axes)],
    inputs: [{ array, axes: inverse }],
    dtype: array.dtype,
    chunks,
    content: [axes],
  })
}

/** Reshapes an array in row-major order; one size may be -1. */
export function reshapeLayer(array: ArraySpec, sizes: readonly number[]): ArraySpec {
  if (hasUnknown(array.chunks)) return reshapeUnknown(array, sizes)
  const shape = completeShape(sizes, sizeOf(shapeOf(array)))
  const plan = planReshape(array.chunks, shape)
  const rechunked = rechunkTo(array, plan.before)
  if (sameGrid(plan.flat, plan.between)) return reshapeBlocks(rechunked, plan.after)
  const flat = reshapeBlocks(rechunked, plan.flat)
  return reshapeBlocks(rechunkTo(flat, plan.between), plan.after)
}

/**
 * Reshapes an array of which the sizes of some axes are not known: block by block, if only the first axis is divided
 * before and after, else as one block.
 */
function reshapeUnknown(array: ArraySpec, shape: readonly number[]): ArraySpec {
  const sizes = openShape(shape)
  if (sizes.length === 1 && sizes[0] === -1 && array.chunks.length === 1) return array
  completeShape(sizes, Number.NaN)
  const [first, ...others] = array.chunks.map((own) => gridShape([own])[0]!)
  const [open, ...rest] = sizes
  const [before, after] = [sizeOf(others), sizeOf(rest)]
  const keepsRows = Number.isNaN(first) && open === -1 && after > 0 && before % after === 0
  const axes = array.chunks.map((_, axis) => axis)
  const source = wholeAxes(array, keepsRows ? axes.slice(1) : axes)
  const origin = `${source.layer.name} ${sizes}`
  const rows = source.chunks[0]!
  const chunks = sizes.map((n, axis) => {
    if (n !== -1) return [n]
    if (!keepsRows || axis > 0) return unknownSizes(`${origin} ${axis}`, 1)
    return before === after ? rows : unknownSizes(origin, rows.length)
  })
  return blockwise({
    operation: 'reshape',
    fn: reshapeAtRunStep,
    args: [arg.input(0), arg.value(sizes)],
    inputs: [{ array: source, axes: axes.map((axis) => (keepsRows && axis === 0 ? 0 : -1)) }],
    dtype: array.dtype,
    chunks,
    content: [sizes],
  })
}

/** Returns a shape in which -1 stands for the only size that is not known. */
function openShape(shape: readonly number[]): readonly number[] {
  const open = shape.flatMap((n, axis) => (Number.isNaN(n) ? [axis] : []))
  if (open.length === 0) return shape
  if (open.length > 1 || shape.includes(-1)) throw unknownSizeError('reshape', open[0]!)
  return shape.with(open[0]!, -1)
}

/**
 * Reshapes each block, so that elements keep their order within blocks alone. Neighbouring axes are joined, or all are
 * replaced by more axes with the given chunks.
 */
export function reshapeBlockwiseLayer(
  array: ArraySpec,
  sizes: readonly number[],
  chunks: ChunksSpec | undefined,
): ArraySpec {
  const operation = 'reshapeBlockwise'
  assertKnown(array.chunks, operation)
  const own = shapeOf(array)
  const shape = completeShape(sizes, sizeOf(own), operation)
  const given =
    chunks === undefined
      ? undefined
      : normalizeChunks(chunks, shape, operation, { dtype: array.dtype })
  const hasMore = shape.length > own.length
  if (hasMore && given === undefined) {
    throw new TypeError(
      `${operation}: a shape with more axes needs the option chunks, since those of shape [${shape}] do not follow from those of [${own}]`,
    )
  }
  // An empty array has no order to keep.
  if (sizeOf(own) === 0)
    return rechunkTo(reshapeLayer(array, shape), given ?? shape.map((n) => [n]))
  if (hasMore) {
    assertSameBlocks(array.chunks, given!, operation)
    return reshapeBlocks(array, given!)
  }
  const joined = own.join() === shape.join() ? array.chunks : joinAxes(array.chunks, shape)
  if (joined === undefined) {
    throw new RangeError(
      `${operation}: shape [${shape}] does not join neighbouring axes of shape [${own}]; use reshape, or join all axes and give the chunks of the new ones`,
    )
  }
  if (given !== undefined && !sameGrid(given, joined)) {
    throw new RangeError(
      `${operation}: the chunks follow from those of the array, unless the shape has more axes; leave chunks out`,
    )
  }
  return reshapeBlocks(array, joined)
}

/** Throws a RangeError unless the blocks of two grids, in their order, have the same numbers of elements. */
function assertSameBlocks(from: Grid, to: Grid, operation: string): void {
  const [before, after] = [numblocksOf(from), numblocksOf(to)].map(sizeOf)
  if (before !== after) {
    throw new RangeError(
      `${operation}: the chunks must make as many blocks as the array has, ${before}; got ${after}`,
    )
  }
  for (let b = 0; b < before!; b++) {
    const [source, result] = [blockShapeAt(from, b), blockShapeAt(to, b)]
    if (sizeOf(source) === sizeOf(result)) continue
    throw new RangeError(
      `${operation}: the chunks must give each block as many elements as it has; block ${b} has shape [${source}], and would get [${result}]`,
    )
  }
}

/** Reshapes each block to the shape of the block at the same position of another grid. */
function reshapeBlocks(array: ArraySpec, chunks: Grid): ArraySpec {
  if (sameGrid(array.chunks, chunks)) return array
  const step = recipe(reshapeStep, [arg.input(0), arg.value(chunks), arg.param(0)], {
    label: 'reshape',
    site: captureCallSite(),
  })
  const nodes = Array.from(
    { length: sizeOf(numblocksOf(chunks)) },
    (_, b): BlockNode => ({ recipe: step, inputs: [0, b], params: [b] }),
  )
  return indexed({
    operation: 'reshape',
    sources: [array],
    nodes,
    dtype: array.dtype,
    chunks,
    content: [],
  })
}

/** Adds an axis of size 1. NumPy: `expand_dims`. */
export function expandDimsLayer(array: ArraySpec, axis: number): ArraySpec {
  const own = array.chunks.map((_, a) => a)
  const axes = [...own.slice(0, axis), -1, ...own.slice(axis)]
  return blockwise({
    operation: 'expandDims',
    fn: axesStep,
    args: [arg.input(0), arg.value(axes)],
    inputs: [{ array, axes: own.map((a) => (a < axis ? a : a + 1)) }],
    dtype: array.dtype,
    chunks: axes.map((a) => (a < 0 ? [1] : array.chunks[a]!)),
    content: [axis],
  })
}
