/**
 * Reductions in three parts, as a tree needs them: `reduceBlock` turns one block into a partial
 * result, `combine` joins partial results in any order, `aggregate` makes the answer.
 *
 * Reduced axes stay as axes of size 1 until the answer. Partial sums of floats are float64. Spread
 * is carried as count, mean and sum of squared differences, which do not cancel.
 */

import { Chunk, sizeOf } from '../block/chunk.js'
import { type Dtype, isFloat } from '../block/dtype.js'
import { astype, elementwise, type LazyChunk, lazy, toChunk } from '../expressions/lazy-chunk.js'
import { type Extreme, findExtreme } from './argmin-argmax-kernel.js'
import { reduceChunk } from './reduction-kernel.js'

/** The reductions that give one value per group of elements. */
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

/** Count, mean and sum of squared differences from the mean, of each group. */
export interface Spread {
  readonly count: number
  readonly mean: Chunk
  readonly m2: Chunk
}

/** Extremes with their places in the whole array; none of a block without elements. */
export type PlacedExtreme = Extreme | 'empty'

/** What a block contributes to a reduction. */
export type PartialResult = Chunk | Spread | PlacedExtreme

/** Where a block lies in the array that is reduced; only argmin and argmax need it. */
export interface BlockPlace {
  readonly start: readonly number[]
  readonly shape: readonly number[]
}

/** The dtype of the answer of a reduction. */
export function reductionDtype(name: ReductionName, dtype: Dtype): Dtype {
  switch (name) {
    case 'sum':
    case 'prod':
      return isFloat(dtype) ? dtype : 'int64'
    case 'mean':
    case 'var':
    case 'std':
      return isFloat(dtype) ? dtype : 'float64'
    case 'any':
    case 'all':
      return 'bool'
    case 'argmin':
    case 'argmax':
      return 'int64'
    default:
      return dtype
  }
}

/** The contribution of one block: axes in `axes` become 1. */
export function reduceBlock(
  block: Chunk | LazyChunk,
  name: ReductionName,
  axes: readonly number[],
  place?: BlockPlace,
): PartialResult {
  const value = block instanceof Chunk ? lazy(block) : block
  switch (name) {
    case 'mean':
      return reduceChunk(astype(value, 'float64'), 'sum', axes)
    case 'var':
    case 'std':
      return spreadOf(astype(value, 'float64'), axes)
    case 'argmin':
    case 'argmax':
      return placedExtreme(value, name, axes, place)
    default:
      return reduceChunk(value, name, axes)
  }
}

/** Joins partial results of one reduction, two by two. */
export function combine(parts: readonly PartialResult[], name: ReductionName): PartialResult {
  switch (name) {
    case 'var':
    case 'std':
      return pairwise(parts as Spread[], mergeSpread)
    case 'argmin':
    case 'argmax': {
      const full = (parts as PlacedExtreme[]).filter((part): part is Extreme => part !== 'empty')
      return full.length === 0 ? 'empty' : pairwise(full, (a, b) => mergeExtreme(a, b, name))
    }
    default: {
      const op = OPERATOR_OF[name]
      const merged = pairwise((parts as Chunk[]).map(lazy), (a, b) => elementwise(op, a, b))
      return merged.finish()
    }
  }
}

const OPERATOR_OF = {
  sum: 'add',
  mean: 'add',
  prod: 'multiply',
  min: 'minimum',
  max: 'maximum',
  any: 'logicalOr',
  all: 'logicalAnd',
} as const

/** What `aggregate` must know beyond the partial results. */
export interface Aggregation {
  readonly name: ReductionName
  readonly dtype: Dtype
  readonly axes: readonly number[]
  readonly keepdims: boolean
  /** How many elements each answer stands for. */
  readonly count: number
  /** Subtracted from the count for var and std. */
  readonly ddof: number
}

/** The answer, from the last partial results. */
export function aggregate(parts: readonly PartialResult[], how: Aggregation): LazyChunk {
  const answer = astype(answerOf(combine(parts, how.name), how), how.dtype)
  if (how.keepdims) return answer
  const shape = answer.shape.filter((_, axis) => !how.axes.includes(axis))
  return lazy(answer.chunk().reshape(shape))
}

function answerOf(total: PartialResult, { name, count, ddof }: Aggregation): Chunk | LazyChunk {
  if (total === 'empty') throw new RangeError(`${name}: there are no elements to choose from`)
  if (total instanceof Chunk) return name === 'mean' ? elementwise('divide', total, count) : total
  if ('places' in total) return total.places
  const variance = elementwise('divide', total.m2, Math.max(0, total.count - ddof))
  return name === 'std' ? elementwise('sqrt', variance) : variance
}

function spreadOf(value: LazyChunk, axes: readonly number[]): Spread {
  let count = 1
  for (const axis of axes) count *= value.shape[axis]!
  const mean = elementwise('divide', reduceChunk(value, 'sum', axes), count).chunk()
  const squares = elementwise('square', elementwise('subtract', value, mean))
  return { count, mean, m2: reduceChunk(squares, 'sum', axes) }
}

function mergeSpread(a: Spread, b: Spread): Spread {
  if (a.count === 0) return b
  if (b.count === 0) return a
  const count = a.count + b.count
  const delta = elementwise('subtract', b.mean, a.mean)
  const mean = elementwise('add', a.mean, elementwise('multiply', delta, b.count / count))
  const apart = elementwise('multiply', elementwise('square', delta), (a.count * b.count) / count)
  const m2 = elementwise('add', elementwise('add', a.m2, b.m2), apart)
  return { count, mean: mean.finish(), m2: m2.finish() }
}

function placedExtreme(
  value: LazyChunk,
  name: 'argmin' | 'argmax',
  axes: readonly number[],
  place: BlockPlace | undefined,
): PlacedExtreme {
  if (sizeOf(axes.map((axis) => value.shape[axis]!)) === 0) return 'empty'
  const { values, places } = findExtreme(value, name, axes)
  if (place === undefined) return { values, places }
  const own = axes.map((axis) => value.shape[axis]!)
  const whole = axes.map((axis) => place.shape[axis]!)
  const start = axes.map((axis) => place.start[axis]!)
  // In place: this task made `places`, and nobody else has seen it.
  places.data.forEach((at, i) => {
    places.data[i] = moveIndex(at, own, start, whole)
  })
  return { values, places }
}

/** A position in a block as the position in the whole: both row-major. */
function moveIndex(
  at: number,
  own: readonly number[],
  start: readonly number[],
  whole: readonly number[],
): number {
  let rest = at
  let moved = 0
  let stride = 1
  for (let axis = own.length - 1; axis >= 0; axis--) {
    moved += ((rest % own[axis]!) + start[axis]!) * stride
    rest = Math.floor(rest / own[axis]!)
    stride *= whole[axis]!
  }
  return moved
}

function mergeExtreme(a: Extreme, b: Extreme, name: 'argmin' | 'argmax'): Extreme {
  const nanA = elementwise('isnan', a.values)
  const nanB = elementwise('isnan', b.values)
  const better = elementwise(name === 'argmin' ? 'less' : 'greater', b.values, a.values)
  const onlyB = elementwise('logicalAnd', nanB, elementwise('logicalNot', nanA))
  const equal = elementwise(
    'logicalOr',
    elementwise('equal', a.values, b.values),
    elementwise('logicalAnd', nanA, nanB),
  )
  const earlier = elementwise('logicalAnd', equal, elementwise('less', b.places, a.places))
  const beats = elementwise(
    'logicalAnd',
    elementwise('logicalNot', nanA),
    elementwise('logicalOr', better, onlyB),
  )
  const take = toChunk(elementwise('logicalOr', beats, earlier))
  return {
    values: elementwise('where', take, b.values, a.values).finish(),
    places: elementwise('where', take, b.places, a.places).finish() as Chunk<'float64'>,
  }
}

/** Joins neighbours, then neighbours of those, so that errors of sums grow with the depth only. */
function pairwise<T>(items: readonly T[], join: (a: T, b: T) => T): T {
  let level = items
  while (level.length > 1) {
    const next: T[] = []
    for (let i = 0; i + 1 < level.length; i += 2) next.push(join(level[i]!, level[i + 1]!))
    if (level.length % 2 === 1) next.push(level.at(-1)!)
    level = next
  }
  return level[0]!
}
