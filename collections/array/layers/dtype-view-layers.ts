/** Layers that read the bytes of arrays as another dtype, that fill gaps, and that put given positions into one chunk. */
import { arg } from '../../../core/graph/recipe.js'
import { assertDtype, dtypeInfo } from '../block/dtype.js'
import { formatArgument } from '../block/format-argument.js'
import { hasUnknown } from '../planning/chunk-grid.js'
import { normalizeAxis } from '../planning/shape-arguments.js'
import { dtypeViewStep, pushStep } from '../steps/dtype-view-steps.js'
import { type ArraySpec, blockwise, shapeOf } from './array-spec.js'
import { takeAxisLayer } from './insert-layers.js'
import { rechunkTo, wholeAxes } from './rechunk-layers.js'

/** Returns the bytes of an array as elements of another dtype. NumPy: `ndarray.view`. */
export function dtypeViewLayer(array: ArraySpec, dtype: unknown): ArraySpec {
  assertDtype(dtype, 'view')
  if (dtype === array.dtype) return array
  const [from, to] = [dtypeInfo(array.dtype).bytes, dtypeInfo(dtype).bytes]
  let source = array
  if (from !== to) {
    const last = array.chunks.length - 1
    if (last < 0) {
      throw new RangeError(
        `view: ${array.dtype} and ${dtype} differ in size, and the array has no axes`,
      )
    }
    if (hasUnknown([array.chunks[last]!])) {
      throw new RangeError('view: the size of the last axis is unknown; use x.computeChunkSizes()')
    }
    const isWhole = (size: number): boolean => (size * from) % to === 0
    if (!isWhole(shapeOf(array)[last]!)) {
      throw new RangeError(
        `view: the last axis has ${shapeOf(array)[last]} elements of ${from} bytes, which ${dtype} with ${to} bytes does not divide`,
      )
    }
    if (!array.chunks[last]!.every(isWhole)) source = wholeAxes(array, [last])
  }
  const chunks =
    from === to
      ? source.chunks
      : source.chunks.map((sizes, axis) =>
          axis < source.chunks.length - 1 ? sizes : sizes.map((size) => (size * from) / to),
        )
  return blockwise({
    operation: 'view',
    fn: dtypeViewStep,
    args: [arg.input(0), arg.value(dtype)],
    inputs: [{ array: source }],
    dtype,
    chunks,
    content: [dtype],
  })
}

/** Replaces NaN by the last number before it along an axis. */
export function pushLayer(array: ArraySpec, n: unknown, axis: unknown): ArraySpec {
  if (n !== undefined && n !== null && (!Number.isInteger(n) || (n as number) < 1)) {
    throw new RangeError(
      `push: n must be a whole number above 0, or null; got ${formatArgument(n)}`,
    )
  }
  const along = normalizeAxis(axis as number, array.chunks.length, 'push')
  if (array.dtype !== 'float32' && array.dtype !== 'float64') {
    if (!array.dtype.startsWith('complex')) return array
    throw new TypeError(
      'push: complex arrays are not supported; use their real and imaginary parts',
    )
  }
  const most = (n as number | null | undefined) ?? Number.POSITIVE_INFINITY
  const source = wholeAxes(array, [along])
  return blockwise({
    operation: 'push',
    fn: pushStep,
    args: [arg.input(0), arg.value(along), arg.value(most)],
    inputs: [{ array: source }],
    dtype: array.dtype,
    chunks: source.chunks,
    content: [along, most],
  })
}

/** How much larger than the largest chunk before a chunk may become by the positions of a group. */
const TOLERANCE = 1.25

/** Takes elements along an axis in groups of positions, none of which is divided between chunks. */
export function shuffleLayer(array: ArraySpec, indexer: unknown, axis: unknown): ArraySpec {
  const groups = indexer as readonly (readonly number[])[]
  if (!Array.isArray(indexer) || !groups.every((group) => Array.isArray(group))) {
    throw new TypeError(
      `shuffle: indexer must be a list of lists of positions; got ${formatArgument(indexer)}`,
    )
  }
  const along = normalizeAxis(axis as number, array.chunks.length, 'shuffle')
  const before = array.chunks[along]!
  if (hasUnknown([before])) {
    throw new RangeError('shuffle: the size of the axis is unknown; use x.computeChunkSizes()')
  }
  const taken = takeAxisLayer(array, groups.flat(), along)
  const most = TOLERANCE * Math.max(...before)
  const sizes: number[] = []
  let size = 0
  for (const { length } of groups) {
    if (size > 0 && size + length > most) {
      sizes.push(size)
      size = 0
    }
    size += length
  }
  if (size > 0 || sizes.length === 0) sizes.push(size)
  return rechunkTo(
    taken,
    taken.chunks.map((own, i) => (i === along ? sizes : own)),
  )
}
