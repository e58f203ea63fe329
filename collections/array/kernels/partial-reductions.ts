/**
 * Reductions in the three parts that a tree needs: `reduceBlock` reduces one block to a partial
 * result, `combine` merges partial results, `aggregate` makes the final result.
 *
 * Reduced axes have size 1 in partial results. Partial sums of floats are float64. Partial variances
 * are count, mean and sum of squared differences, which avoids cancellation.
 */

import { type Dtype, isComplex, isFloat, realDtype, sumDtype } from '../block/dtype.js'
import { NDArray } from '../block/ndarray.js'
import { astype, elementwise, type LazyChunk, lazy } from '../expressions/lazy-chunk.js'
import {
  type BlockMoments,
  type CountedSum,
  mergeMoments,
  mergeSums,
  momentsOf,
  sumOfNumbers,
  varianceOf,
} from './block-moments.js'
import { reduceComplex } from './complex-reductions.js'
import {
  type LocationInWhole,
  locatedExtremes,
  mergeExtremes,
  type PartialExtremes,
} from './located-extremes.js'
import type { Reducer } from './reduction-accumulators.js'
import { reduceChunk } from './reduction-kernel.js'

/** The reductions that do not treat NaN apart, by NumPy's names. */
type PlainReduction =
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
  | 'countNonzero'

/** The reductions that ignore NaN, each with the reduction that it is without NaN. */
const NAN_REDUCTIONS = {
  nansum: 'sum',
  nanprod: 'prod',
  nanmean: 'mean',
  nanvar: 'var',
  nanstd: 'std',
  nanmin: 'min',
  nanmax: 'max',
  nanargmin: 'argmin',
  nanargmax: 'argmax',
} as const satisfies Record<string, PlainReduction>

/** The reductions of arrays, by NumPy's names. */
export type ReductionName = PlainReduction | keyof typeof NAN_REDUCTIONS

/** Returns the reduction that one is for arrays without NaN: `plainReduction('nansum')` is `'sum'`. */
export function plainReduction(name: ReductionName): PlainReduction {
  return name in NAN_REDUCTIONS
    ? NAN_REDUCTIONS[name as keyof typeof NAN_REDUCTIONS]
    : (name as PlainReduction)
}

/** The partial result of a reduction. */
export type PartialResult = NDArray | BlockMoments | CountedSum | PartialExtremes

/** Returns the dtype of the result of a reduction. */
export function reductionDtype(name: ReductionName, dtype: Dtype): Dtype {
  switch (plainReduction(name)) {
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
    case 'countNonzero':
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
  location?: LocationInWhole,
): PartialResult {
  const value = block instanceof NDArray ? lazy(block) : block
  const widest = isComplex(value.dtype) ? 'complex128' : 'float64'
  switch (name) {
    case 'mean':
      return reduceAny(astype(value, widest), 'sum', axes)
    case 'nanmean':
      return sumOfNumbers(astype(value, widest), axes)
    case 'var':
    case 'std':
      return momentsOf(astype(value, widest), axes, false)
    case 'nanvar':
    case 'nanstd':
      return momentsOf(astype(value, widest), axes, true)
    case 'argmin':
    case 'argmax':
    case 'nanargmin':
    case 'nanargmax':
      return locatedExtremes(value, name, axes, location)
    case 'nansum':
    case 'nanprod': {
      const filler = name === 'nansum' ? 0 : 1
      const filled = elementwise('where', elementwise('isnan', value), filler, value)
      return reduceAny(filled, name === 'nansum' ? 'sum' : 'prod', axes)
    }
    case 'nanmin':
      return reduceAny(value, 'fmin', axes)
    case 'nanmax':
      return reduceAny(value, 'fmax', axes)
    case 'countNonzero':
      return reduceAny(astype(value, 'bool'), 'sum', axes)
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
    case 'nanvar':
    case 'nanstd':
      return pairwise(parts as BlockMoments[], mergeMoments)
    case 'nanmean':
      return pairwise(parts as CountedSum[], mergeSums)
    case 'argmin':
    case 'argmax':
    case 'nanargmin':
    case 'nanargmax': {
      const extremes = (parts as PartialExtremes[]).filter((part) => part !== 'empty')
      return extremes.length === 0
        ? 'empty'
        : pairwise(extremes, (a, b) => mergeExtremes(a, b, name))
    }
    default: {
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
  nansum: 'add',
  countNonzero: 'add',
  mean: 'add',
  prod: 'multiply',
  nanprod: 'multiply',
  min: 'minimum',
  max: 'maximum',
  nanmin: 'fmin',
  nanmax: 'fmax',
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
  if ('positions' in total) {
    if (name.startsWith('nan')) assertNumbers(total.values, name)
    return total.positions
  }
  if ('total' in total) return elementwise('divide', total.total, total.count)
  const variance = varianceOf(total, ddof)
  return plainReduction(name) === 'std' ? elementwise('sqrt', variance) : variance
}

/** Throws a RangeError if any value is NaN. */
function assertNumbers(values: NDArray, name: ReductionName): void {
  if (
    !elementwise('isnan', values)
      .chunk()
      .contiguous()
      .data.includes(1 as never)
  )
    return
  throw new RangeError(`${name}: all elements of a slice are NaN`)
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
