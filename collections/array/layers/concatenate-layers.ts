/**
 * Layers that join arrays along an axis.
 */

import { checkOptions } from '../../../core/base/argument-checks.js'
import { blockNumber } from '../../../core/base/keys.js'
import type { BlockNode } from '../../../core/graph/layer.js'
import { ALIAS } from '../../../core/graph/recipe.js'
import { promote } from '../block/dtype.js'
import { commonGrid, forEachBlock, gridShape, numblocksOf } from '../planning/chunk-grid.js'
import { assertConcatenable, concatenatedGrid, mayEqual } from '../planning/concatenate-plan.js'
import { normalizeAxis } from '../planning/shape-arguments.js'
import { type ArraySpec, indexed, shapeOf } from './array-spec.js'
import { astypeLayer } from './elementwise-layers.js'
import { alignUnknown, assertArrays } from './operands.js'
import { rechunkTo } from './rechunk-layers.js'
import { expandDimsLayer, reshapeLayer } from './reshape-layers.js'
import { unknownSizes } from './unknown-sizes.js'

/** The axis along which arrays are joined, as a number or in options. The default is 0. */
export type AxisArgument = number | { readonly axis?: number | undefined }

/** The axis along which `concatenate` joins arrays, null to flatten them first. The default is 0. */
export type ConcatenateAxis = AxisArgument | null | { readonly axis?: number | null | undefined }

/** Joins arrays along an axis that they have. */
export function concatenateLayer(arrays: readonly unknown[], axis: ConcatenateAxis): ArraySpec {
  const promoted = promoteArrays(arrays, 'concatenate')
  if (isNull(axis)) {
    return joinAlong(
      promoted.map((array) => reshapeLayer(array, [-1])),
      0,
    )
  }
  const ndim = promoted[0]!.chunks.length
  if (ndim === 0) {
    throw new RangeError('concatenate: arrays without axes cannot be joined; use stack')
  }
  return joinAlong(promoted, axisOf(axis as AxisArgument, ndim, 'concatenate'))
}

/** Whether an axis is null, given as such or in options. */
function isNull(axis: ConcatenateAxis): axis is null | { readonly axis: null } {
  if (typeof axis !== 'object' || axis === null) return axis === null
  checkOptions(axis, ['axis'], 'concatenate')
  return axis.axis === null
}

/** Joins arrays of one shape along a new axis. */
export function stackLayer(arrays: readonly unknown[], axis: AxisArgument): ArraySpec {
  const promoted = promoteArrays(arrays, 'stack')
  const shape = shapeOf(promoted[0]!)
  promoted.forEach((array, i) => {
    const own = shapeOf(array)
    if (own.length !== shape.length || !own.every((n, axis) => mayEqual(n, shape[axis]!))) {
      throw new RangeError(
        `stack: array ${i} has shape [${own}], the first [${shape}]; they must be equal`,
      )
    }
  })
  const position = axisOf(axis, shape.length + 1, 'stack')
  return joinAlong(
    promoted.map((array) => expandDimsLayer(array, position)),
    position,
  )
}

/** Converts arrays to their common dtype. */
function promoteArrays(arrays: readonly unknown[], operation: string): ArraySpec[] {
  assertArrays(arrays, operation)
  const dtype = arrays.map((array) => array.dtype).reduce(promote)
  return arrays.map((array) => astypeLayer(array, dtype))
}

function axisOf(argument: AxisArgument, ndim: number, operation: string): number {
  if (typeof argument !== 'object' || argument === null) {
    return normalizeAxis(argument, ndim, operation)
  }
  checkOptions(argument, ['axis'], operation)
  const { axis = 0 } = argument
  if (axis === null) throw new TypeError(`${operation}: the axis must be a number; got null`)
  return normalizeAxis(axis, ndim, operation)
}

/** Joins arrays of one dtype along an axis: every block of the result is a block of one array. */
function joinAlong(sources: readonly ArraySpec[], axis: number): ArraySpec {
  const { dtype } = sources[0]!
  assertConcatenable(sources.map(shapeOf), axis, 'concatenate')
  const others = sources[0]!.chunks.flatMap((_, a) => (a === axis ? [] : [a]))
  const pairs = others.map((a) => sources.map(() => a))
  const arrays = alignOtherAxes(alignUnknown(sources, pairs, 'concatenate'), axis)
  const joined = concatenatedGrid(
    arrays.map((array) => array.chunks),
    axis,
  )
  // Along an axis, the sizes of all chunks are known or none is.
  const origin = () => `concatenate ${axis} ${arrays.map(({ layer }) => layer.name)}`
  const chunks = joined[axis]!.some(Number.isNaN)
    ? joined.with(axis, unknownSizes(origin(), joined[axis]!.length))
    : joined
  /** The position of the first block of each array along the axis. */
  const starts: number[] = []
  let blocks = 0
  for (const array of arrays) {
    starts.push(blocks)
    blocks += array.chunks[axis]!.length
  }
  const nodes: BlockNode[] = []
  forEachBlock(chunks, (at) => {
    const source = starts.findLastIndex((start) => start <= at[axis]!)
    const own = at.map((c, a) => (a === axis ? c - starts[source]! : c))
    const block = blockNumber(own, numblocksOf(arrays[source]!.chunks))
    nodes.push({ recipe: ALIAS, inputs: [source, block], params: [] })
  })
  return indexed({
    operation: 'concatenate',
    sources: arrays,
    nodes,
    dtype,
    chunks,
    content: [axis],
  })
}

/** Rechunks all axes but one to the common grid of the arrays. */
function alignOtherAxes(arrays: readonly ArraySpec[], axis: number): readonly ArraySpec[] {
  const others = (array: ArraySpec) => array.chunks.map((sizes, a) => (a === axis ? [1] : sizes))
  const common = commonGrid(arrays.map(others), gridShape(others(arrays[0]!)))
  return arrays.map((array) =>
    rechunkTo(
      array,
      common.map((sizes, a) => (a === axis ? array.chunks[a]! : sizes)),
    ),
  )
}
