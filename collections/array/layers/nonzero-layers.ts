/**
 * Layers of the positions of elements that are not zero. Their number is not known before they are computed.
 */
import { arg } from '../../../core/graph/recipe.js'
import { rowMajor } from '../block/ndarray.js'
import { chunkBounds, hasUnknown } from '../planning/chunk-grid.js'
import { coordinateStep, trueCoordinatesStep, truePositionsStep } from '../steps/index-steps.js'
import { type ArraySpec, blockwise, shapeOf } from './array-spec.js'
import { elementwiseLayer } from './elementwise-layers.js'
import { wholeAxes } from './rechunk-layers.js'
import { reshapeLayer } from './reshape-layers.js'
import { unknownSizes } from './unknown-sizes.js'

/** Returns whether each element is not zero. */
export function asMask(array: ArraySpec): ArraySpec {
  return array.dtype === 'bool' ? array : elementwiseLayer('notEqual', [array, 0])
}

/** Returns the positions of the elements that are not zero, in row-major order. NumPy: `flatnonzero`. */
export function flatNonzeroLayer(array: ArraySpec): ArraySpec {
  const flat = reshapeLayer(asMask(array), [-1])
  const mask = hasUnknown(flat.chunks) ? wholeAxes(flat, [0]) : flat
  const [sizes] = mask.chunks as [readonly number[]]
  const starts = hasUnknown(mask.chunks) ? [0] : chunkBounds(sizes)
  return blockwise({
    operation: 'flatnonzero',
    fn: truePositionsStep,
    args: [arg.input(0), arg.param(0)],
    inputs: [{ array: mask }],
    params: [{ kind: 'values', values: starts }],
    dtype: 'int64',
    chunks: [unknownSizes(mask.layer.name, sizes.length)],
    content: [],
  })
}

/** Returns the coordinates of the elements that are not zero, an array for each axis. NumPy: `nonzero`. */
export function nonzeroLayers(array: ArraySpec): readonly ArraySpec[] {
  const { chunks } = array
  if (chunks.length === 0) {
    throw new RangeError('nonzero: the array has no axes; use da.atleast1d first')
  }
  if (chunks.length === 1) return [flatNonzeroLayer(array)]
  if (hasUnknown(chunks)) return unknownNonzero(array)
  const positions = flatNonzeroLayer(array)
  const shape = shapeOf(array)
  return rowMajor(shape).map((stride, axis) =>
    blockwise({
      operation: 'nonzero',
      fn: coordinateStep,
      args: [arg.input(0), arg.value(stride), arg.value(shape[axis])],
      inputs: [{ array: positions }],
      dtype: 'int64',
      chunks: positions.chunks,
      content: [stride, shape[axis]],
    }),
  )
}

function unknownNonzero(array: ArraySpec): readonly ArraySpec[] {
  const axes = array.chunks.map((_, axis) => axis)
  const mask = wholeAxes(asMask(array), axes)
  const sizes = unknownSizes(mask.layer.name, 1)
  return axes.map((axis) =>
    blockwise({
      operation: 'nonzero',
      fn: trueCoordinatesStep,
      args: [arg.input(0), arg.value(axis)],
      inputs: [{ array: mask, axes: axes.map(() => 0) }],
      dtype: 'int64',
      chunks: [sizes],
      content: [axis],
    }),
  )
}
