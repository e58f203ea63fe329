/**
 * Reductions in the three parts that a tree needs: `reduceBlock` reduces one block to a partial
 * result, `combine` merges partial results, `aggregate` makes the final result.
 *
 * Reduced axes have size 1 in partial results. Partial sums of floats are float64. Partial variances
 * are count, mean and sum of squared differences, which avoids cancellation.
 */

import { type Dtype, isComplex, isFloat, realDtype, sumDtype } from '../block/dtype.js'
import { copyOf, NDArray, sizeOf } from '../block/ndarray.js'
import { astype, elementwise, type LazyChunk, lazy, toChunk } from '../expressions/lazy-chunk.js'
import { type BlockExtremes, findExtremes, type PositionReduction } from './argmin-argmax-kernel.js'
import { combineHalves, reduceComplex, reducedLast, sliceLast } from './complex-reductions.js'
import type { Reducer } from './reduction-accumulators.js'
import { reduceChunk } from './reduction-kernel.js'

/** The reductions of arrays, by NumPy's names. */
export type ReductionName =
  | 'sum'
  | 'prod'
  | 'mean'
  | 'var'
  | 'std'
  | 'min'
  | 'max'
  | 'any'
  | 'all'
  | 'argmin'
  | 'argmax'

/** Count, mean and sum of squared differences from the mean. */
interface BlockMoments {
  readonly count: number
  readonly mean: NDArray
  readonly m2: NDArray
}

/** Extremes with their positions in the whole array, or `'empty'` for a block without elements. */
type PartialExtremes = BlockExtremes | 'empty'

/** The partial result of a reduction. */
export type PartialResult = NDArray | BlockMoments | PartialExtremes

/** The position of a block in the array that is reduced, and the shape of that array. */
interface BlockLocation {
  readonly start: readonly number[]
  readonly shape: readonly number[]
}

/** Returns the dtype of the result of a reduction. */
export function reductionDtype(name: ReductionName, dtype: Dtype): Dtype {
  switch (name) {
    case 'sum':
    case 'prod':
      return isFloat(dtype) || isComplex(dtype) ? dtype : sumDtype(dtype)
    case 'mean':
      return isFloat(dtype) || isComplex(dtype) ? dtype : 'float64'
    case 'var':
    case 'std': {
      const real = realDtype(dtype)
      return isFloat(real) ? real : 'float64'
    }
    case 'any':
    case 'all':
      return 'bool'
    case 'argmin':
    case 'argmax':
      return 'int64'
    case 'min':
    case 'max':
      return dtype
  }
}

/** Reduces one block along some axes, which become 1. Only argmin and argmax need its location. */
export function reduceBlock(
  block: NDArray | LazyChunk,
  name: ReductionName,
  axes: readonly number[],
  location?: BlockLocation,
): PartialResult {
  const value = block instanceof NDArray ? lazy(block) : block
  const widest = isComplex(value.dtype) ? 'complex128' : 'float64'
  switch (name) {
    case 'mean':
      return reduceAny(astype(value, widest), 'sum', axes)
    case 'var':
    case 'std':
      return momentsOf(astype(value, widest), axes)
    case 'argmin':
    case 'argmax':
      return locatedExtremes(value, name, axes, location)
    case 'min':
    case 'max':
      // A block may be empty if its size was not known when the reduction was given.
      return axes.some((axis) => value.shape[axis] === 0) ? 'empty' : reduceAny(value, name, axes)
    case 'sum':
    case 'prod':
    case 'any':
    case 'all':
      return reduceAny(value, name, axes)
  }
}

function reduceAny(value: LazyChunk, reducer: Reducer, axes: readonly number[]): NDArray {
  const reduce = isComplex(value.dtype) ? reduceComplex : reduceChunk
  return reduce(value, reducer, axes)
}

/** Merges partial results of one reduction, two by two. */
export function combine(parts: readonly PartialResult[], name: ReductionName): PartialResult {
  switch (name) {
    case 'var':
    case 'std':
      return pairwise(parts as BlockMoments[], mergeMoments)
    case 'argmin':
    case 'argmax': {
      const extremes = (parts as PartialExtremes[]).filter((part) => part !== 'empty')
      return extremes.length === 0
        ? 'empty'
        : pairwise(extremes, (a, b) => mergeExtremes(a, b, name))
    }
    case 'sum':
    case 'mean':
    case 'prod':
    case 'min':
    case 'max':
    case 'any':
    case 'all': {
      const op = MERGE_OPERATORS[name]
      const present = (parts as (NDArray | 'empty')[]).filter((part) => part !== 'empty')
      if (present.length === 0) return 'empty'
      const merge = (a: NDArray | LazyChunk, b: NDArray | LazyChunk) => elementwise(op, a, b)
      const merged = pairwise<NDArray | LazyChunk>(present, merge)
      return (merged instanceof NDArray ? lazy(merged) : merged).finish()
    }
  }
}

/** The elementwise operation that merges partial results of each reduction. */
const MERGE_OPERATORS = {
  sum: 'add',
  mean: 'add',
  prod: 'multiply',
  min: 'minimum',
  max: 'maximum',
  any: 'logicalOr',
  all: 'logicalAnd',
} as const

/** How the final result is made from the partial results. */
export interface Aggregation {
  readonly name: ReductionName
  readonly dtype: Dtype
  readonly axes: readonly number[]
  /** Whether reduced axes stay, with size 1. */
  readonly keepdims: boolean
  /** The number of elements per result. */
  readonly count: number
  /** The number that var and std subtract from the count. */
  readonly ddof: number
}

/** Merges the last partial results and makes the final result. */
export function aggregate(parts: readonly PartialResult[], aggregation: Aggregation): LazyChunk {
  const result = astype(
    finalResult(combine(parts, aggregation.name), aggregation),
    aggregation.dtype,
  )
  if (aggregation.keepdims) return result
  const shape = result.shape.filter((_, axis) => !aggregation.axes.includes(axis))
  return lazy(result.chunk().reshape(shape))
}

function finalResult(
  total: PartialResult,
  { name, count, ddof }: Aggregation,
): NDArray | LazyChunk {
  if (total === 'empty') throw new RangeError(`${name}: there are no elements to choose from`)
  if (total instanceof NDArray) return name === 'mean' ? elementwise('divide', total, count) : total
  if ('positions' in total) return total.positions
  const variance = elementwise('divide', total.m2, Math.max(0, total.count - ddof))
  return name === 'std' ? elementwise('sqrt', variance) : variance
}

function momentsOf(value: LazyChunk, axes: readonly number[]): BlockMoments {
  let count = 1
  for (const axis of axes) count *= value.shape[axis]!
  const mean = elementwise('divide', reduceAny(value, 'sum', axes), count).finish()
  const squares = elementwise('squaredMagnitude', elementwise('subtract', value, mean))
  return { count, mean, m2: reduceChunk(squares, 'sum', axes) }
}

/** Merges two groups by Chan's formula. */
function mergeMoments(a: BlockMoments, b: BlockMoments): BlockMoments {
  if (a.count === 0) return b
  if (b.count === 0) return a
  const count = a.count + b.count
  const delta = elementwise('subtract', b.mean, a.mean)
  const mean = elementwise('add', a.mean, elementwise('multiply', delta, b.count / count))
  const between = elementwise(
    'multiply',
    elementwise('squaredMagnitude', delta),
    (a.count * b.count) / count,
  )
  const m2 = elementwise('add', elementwise('add', a.m2, b.m2), between)
  return { count, mean: mean.finish(), m2: m2.finish() }
}

/** Finds extremes and converts their positions in the block to positions in the whole array. */
function locatedExtremes(
  value: LazyChunk,
  name: PositionReduction,
  axes: readonly number[],
  location: BlockLocation | undefined,
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

function mergeExtremes(a: BlockExtremes, b: BlockExtremes, name: PositionReduction): BlockExtremes {
  const nanA = elementwise('isnan', a.values)
  const nanB = elementwise('isnan', b.values)
  const better = elementwise(name === 'argmin' ? 'less' : 'greater', b.values, a.values)
  const onlyB = elementwise('logicalAnd', nanB, elementwise('logicalNot', nanA))
  const equal = elementwise(
    'logicalOr',
    elementwise('equal', a.values, b.values),
    elementwise('logicalAnd', nanA, nanB),
  )
  const earlier = elementwise('logicalAnd', equal, elementwise('less', b.positions, a.positions))
  const beats = elementwise(
    'logicalAnd',
    elementwise('logicalNot', nanA),
    elementwise('logicalOr', better, onlyB),
  )
  const take = toChunk(elementwise('logicalOr', beats, earlier))
  return {
    values: elementwise('where', take, b.values, a.values).finish(),
    positions: elementwise('where', take, b.positions, a.positions).finish() as NDArray<'float64'>,
  }
}

/** Merges neighbours, then neighbours of those, so that rounding errors grow with the depth only. */
function pairwise<T>(items: readonly T[], merge: (a: T, b: T) => T): T {
  let level = items
  while (level.length > 1) {
    const next: T[] = []
    for (let i = 0; i + 1 < level.length; i += 2) next.push(merge(level[i]!, level[i + 1]!))
    if (level.length % 2 === 1) next.push(level.at(-1)!)
    level = next
  }
  return level[0]!
}
