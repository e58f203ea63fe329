/**
 * Count, mean and sum of squared differences of blocks, for variances.
 *
 * The sums are those of the corrected two-pass algorithm, and are merged pairwise: T. F. Chan, G. H. Golub, R. J.
 * LeVeque, "Algorithms for computing the sample variance: analysis and recommendations", The American
 * Statistician 37 (1983), 242-247. A mean is the unevaluated sum of two floats (D. E. Knuth, The Art of
 * Computer Programming 2, section 4.2.2): so the differences of the means of blocks stay exact where the spread
 * of the data is far smaller than their mean.
 */

import { isComplex } from '../block/dtype.js'
import { NDArray } from '../block/ndarray.js'
import { astype, elementwise, type LazyChunk } from '../expressions/lazy-chunk.js'
import { reduceComplex } from './complex-reductions.js'
import { reduceChunk } from './reduction-kernel.js'

/** Count, mean and sum of squared differences from the mean, in float64 or complex128. */
export interface BlockMoments {
  /** The number of elements; for each result, if NaN is left out. */
  readonly count: number | NDArray
  readonly mean: NDArray
  /** What the rounded mean lacks. */
  readonly rest: NDArray
  readonly m2: NDArray
}

/** Sum and number of the elements that are not NaN. */
export interface CountedSum {
  readonly count: NDArray
  readonly total: NDArray
}

/** The variance as a fraction of the squared mean below which the rounding of the mean counts. */
const NARROW = 1e-6

/** Returns the moments of elements of float64 or complex128 along some axes, which become 1. */
export function momentsOf(
  value: LazyChunk,
  axes: readonly number[],
  ignoresNaN: boolean,
): BlockMoments {
  const { count, mean } = ignoresNaN ? meanOfNumbers(value, axes) : meanOfAll(value, axes)
  const difference = elementwise('subtract', value, mean)
  const deviations = ignoresNaN
    ? elementwise('where', elementwise('isnan', value), 0, difference)
    : difference
  const m2 = reduceChunk(elementwise('squaredMagnitude', deviations), 'sum', axes)
  if (!isNarrow(m2, mean, count)) return { count, mean, rest: zerosLike(mean), m2 }
  const sum = sumAlong(deviations, axes)
  const divisor = typeof count === 'number' ? count : elementwise('maximum', count, 1)
  const excess = elementwise('divide', elementwise('squaredMagnitude', sum), divisor)
  return {
    count,
    mean,
    rest: elementwise('divide', sum, divisor).finish(),
    m2: elementwise('maximum', elementwise('subtract', m2, excess), 0).finish(),
  }
}

function meanOfAll(value: LazyChunk, axes: readonly number[]) {
  let count = 1
  for (const axis of axes) count *= value.shape[axis]!
  const mean = elementwise('divide', sumAlong(value, axes), count).finish()
  return { count, mean }
}

function meanOfNumbers(value: LazyChunk, axes: readonly number[]) {
  const { count, total } = sumOfNumbers(value, axes)
  // Without elements, the mean must not turn those of other blocks into NaN.
  const mean = elementwise('divide', total, elementwise('maximum', count, 1)).finish()
  return { count, mean }
}

/** Adds up the elements that are not NaN along some axes, which become 1, and counts them. */
export function sumOfNumbers(value: LazyChunk, axes: readonly number[]): CountedSum {
  const absent = elementwise('isnan', value)
  const count = reduceChunk(elementwise('logicalNot', absent), 'sum', axes)
  const total = sumAlong(elementwise('where', absent, 0, value), axes)
  return { count: astype(count, 'float64').finish(), total }
}

/** Merges sums of numbers. */
export function mergeSums(a: CountedSum, b: CountedSum): CountedSum {
  return {
    count: elementwise('add', a.count, b.count).finish(),
    total: elementwise('add', a.total, b.total).finish(),
  }
}

/** Merges the moments of two groups of elements. */
export function mergeMoments(a: BlockMoments, b: BlockMoments): BlockMoments {
  if (a.count === 0) return b
  if (b.count === 0) return a
  const { count, fraction, weight } = mergedCounts(a.count, b.count)
  const difference = elementwise('subtract', b.mean, a.mean)
  const delta = elementwise('add', difference, elementwise('subtract', b.rest, a.rest)).finish()
  const step = elementwise('add', a.rest, elementwise('multiply', delta, fraction)).finish()
  const mean = elementwise('add', a.mean, step).finish()
  // Knuth's two-sum: what rounding took from the mean.
  const added = elementwise('subtract', mean, a.mean).finish()
  const lostOfMean = elementwise('subtract', a.mean, elementwise('subtract', mean, added))
  const rest = elementwise('add', lostOfMean, elementwise('subtract', step, added)).finish()
  const between = elementwise('multiply', elementwise('squaredMagnitude', delta), weight)
  const m2 = elementwise('add', elementwise('add', a.m2, b.m2), between).finish()
  return { count, mean, rest, m2 }
}

/** Returns the number of all elements, the share of `b` in it, and the weight of the squared difference of means. */
function mergedCounts(a: number | NDArray, b: number | NDArray) {
  if (typeof a === 'number' && typeof b === 'number') {
    const count = a + b
    return { count, fraction: b / count, weight: (a * b) / count }
  }
  const [own, other] = [a as NDArray, b as NDArray]
  const count = elementwise('add', own, other).finish()
  const divisor = elementwise('maximum', count, 1)
  return {
    count,
    fraction: elementwise('divide', other, divisor),
    weight: elementwise('divide', elementwise('multiply', own, other), divisor),
  }
}

/** Returns the variance; NaN where elements that are not NaN are too few. */
export function varianceOf({ count, m2 }: BlockMoments, ddof: number): LazyChunk {
  if (typeof count === 'number') return elementwise('divide', m2, Math.max(0, count - ddof))
  const divisor = elementwise('subtract', count, ddof)
  const isEnough = elementwise('greater', divisor, 0)
  return elementwise('where', isEnough, elementwise('divide', m2, divisor), NaN)
}

/** Whether the deviations of any result are so much smaller than its mean that the rounding of the mean counts. */
function isNarrow(m2: NDArray, mean: NDArray, count: number | NDArray): boolean {
  const limit = elementwise('multiply', elementwise('squaredMagnitude', mean), NARROW)
  const narrow = elementwise('less', m2, elementwise('multiply', limit, count)).chunk()
  return narrow.contiguous().data.includes(1 as never)
}

function sumAlong(value: LazyChunk, axes: readonly number[]): NDArray {
  return (isComplex(value.dtype) ? reduceComplex : reduceChunk)(value, 'sum', axes)
}

function zerosLike({ dtype, shape }: NDArray): NDArray {
  return NDArray.zeros(dtype, [1]).broadcastTo(shape)
}
