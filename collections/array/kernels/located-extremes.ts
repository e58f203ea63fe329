/**
 * Extremes of blocks with their positions in the whole array, for argmin and argmax.
 */

import { isComplex } from '../block/dtype.js'
import { copyOf, NDArray, sizeOf } from '../block/ndarray.js'
import { elementwise, type LazyChunk, toChunk } from '../expressions/lazy-chunk.js'
import { type BlockExtremes, findExtremes, type PositionReduction } from './argmin-argmax-kernel.js'
import { combineHalves, reducedLast, sliceLast } from './complex-reductions.js'

/** Extremes with their positions in the whole array, or `'empty'` for a block without elements. */
export type PartialExtremes = BlockExtremes | 'empty'

/** The position of a block in the array that is reduced, and the shape of that array. */
export interface LocationInWhole {
  readonly start: readonly number[]
  readonly shape: readonly number[]
}

/** Finds extremes and converts their positions in the block to positions in the whole array. */
export function locatedExtremes(
  value: LazyChunk,
  name: PositionReduction,
  axes: readonly number[],
  location: LocationInWhole | undefined,
): PartialExtremes {
  if (sizeOf(axes.map((axis) => value.shape[axis]!)) === 0) return 'empty'
  const { values, positions } = isComplex(value.dtype)
    ? findComplexExtremes(value, name, axes)
    : findExtremes(value, name, axes)
  if (location === undefined) return { values, positions }
  const own = axes.map((axis) => value.shape[axis]!)
  const whole = axes.map((axis) => location.shape[axis]!)
  const start = axes.map((axis) => location.start[axis]!)
  // Writing in place is safe: this task has just made `positions`.
  positions.data.forEach((at, i) => {
    positions.data[i] = positionInWhole(at, own, start, whole)
  })
  return { values, positions }
}

/** Finds the extremes of complex elements, as `findExtremes` does. */
function findComplexExtremes(
  value: LazyChunk,
  name: PositionReduction,
  axes: readonly number[],
): BlockExtremes {
  const values = reducedLast(value.chunk(), axes)
  const count = values.shape.at(-1)!
  const numbers = Float64Array.from({ length: count }, (_, i) => i)
  const positions = new NDArray('float64', numbers, [count]).broadcastTo(values.shape)
  const slice = (all: LastAxisExtremes, start: number, stop: number) =>
    extremesOf(sliceLast(all.values, start, stop), sliceLast(all.positions, start, stop))
  const merge = (a: LastAxisExtremes, b: LastAxisExtremes) => {
    const merged = mergeExtremes(a, b, name)
    return extremesOf(merged.values, merged.positions)
  }
  const found = combineHalves(extremesOf(values, positions), merge, slice)
  const shape = value.shape.map((n, axis) => (axes.includes(axis) ? 1 : n))
  // The positions are written later, so they must not be shared.
  const own = copyOf(found.positions) as NDArray<'float64'>
  return { values: found.values.reshape(shape), positions: own.reshape(shape) }
}

/** Extremes whose last axis is to be reduced. */
interface LastAxisExtremes extends BlockExtremes {
  readonly shape: readonly number[]
}

function extremesOf(values: NDArray, positions: NDArray): LastAxisExtremes {
  return { values, positions: positions as NDArray<'float64'>, shape: values.shape }
}

/** Converts a row-major position in a block to the row-major position in the whole array. */
function positionInWhole(
  at: number,
  own: readonly number[],
  start: readonly number[],
  whole: readonly number[],
): number {
  let rest = at
  let position = 0
  let stride = 1
  for (let axis = own.length - 1; axis >= 0; axis--) {
    position += ((rest % own[axis]!) + start[axis]!) * stride
    rest = Math.floor(rest / own[axis]!)
    stride *= whole[axis]!
  }
  return position
}

/**
 * Merges extremes: the better value wins, then the earlier position. NaN wins over all numbers, or loses to
 * them in reductions that ignore NaN.
 */
export function mergeExtremes(
  a: BlockExtremes,
  b: BlockExtremes,
  name: PositionReduction,
): BlockExtremes {
  const ignoresNaN = name === 'nanargmin' || name === 'nanargmax'
  const isLess = name === 'argmin' || name === 'nanargmin'
  const nanA = elementwise('isnan', a.values)
  const nanB = elementwise('isnan', b.values)
  const better = elementwise(isLess ? 'less' : 'greater', b.values, a.values)
  const [loser, winner] = ignoresNaN ? [nanB, nanA] : [nanA, nanB]
  const onlyWinner = elementwise('logicalAnd', winner, elementwise('logicalNot', loser))
  const equal = elementwise(
    'logicalOr',
    elementwise('equal', a.values, b.values),
    elementwise('logicalAnd', nanA, nanB),
  )
  const earlier = elementwise('logicalAnd', equal, elementwise('less', b.positions, a.positions))
  const beats = elementwise(
    'logicalAnd',
    elementwise('logicalNot', loser),
    elementwise('logicalOr', better, onlyWinner),
  )
  const take = toChunk(elementwise('logicalOr', beats, earlier))
  return {
    values: elementwise('where', take, b.values, a.values).finish(),
    positions: elementwise('where', take, b.positions, a.positions).finish() as NDArray<'float64'>,
  }
}
