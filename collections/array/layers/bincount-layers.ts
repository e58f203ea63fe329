/**
 * Layers of `bincount`: the counts of each block, and a tree that adds them up to one block of unknown size.
 */
import { checkOptions } from '../../../core/base/argument-checks.js'
import { captureCallSite } from '../../../core/base/call-site.js'
import { arg, recipe } from '../../../core/graph/recipe.js'
import { checkWholeNumber } from '../../base/argument-checks.js'
import { isComplex, isInteger } from '../block/dtype.js'
import { addCountsStep, countNumbersStep, countsBlockStep } from '../steps/bincount-steps.js'
import { type ArraySpec, blockwise, grouped, recipesByCount, shapeOf } from './array-spec.js'
import { alignUnknown } from './operands.js'
import { rechunkTo } from './rechunk-layers.js'
import { asArray } from './search-layers.js'
import { unknownSizes } from './unknown-sizes.js'

/** The options of `bincount`. */
export interface BincountOptions {
  /** What each element adds to the count of its number. The default is 1. */
  readonly weights?: unknown
  /** The least size of the result. The default is 0. */
  readonly minlength?: number | undefined
}

/** The number of blocks whose counts are added up at a time. */
const FAN = 8

/** Counts how often each number occurs in a vector of integers. */
export function bincountLayer(array: ArraySpec, options: BincountOptions): ArraySpec {
  const operation = 'bincount'
  checkOptions(options, ['weights', 'minlength'], operation)
  const { weights, minlength = 0 } = options
  checkWholeNumber(minlength, 0, operation, 'minlength')
  if (array.chunks.length !== 1) {
    throw new RangeError(`${operation}: expected one axis; got shape [${shapeOf(array)}]`)
  }
  if (!isInteger(array.dtype) && array.dtype !== 'bool') {
    throw new TypeError(`${operation}: expected an array of integers; got ${array.dtype}`)
  }
  const isWeighted = weights !== undefined && weights !== null
  const arrays = isWeighted ? withWeights(array, weights) : [array]
  const sizes = arrays[0]!.chunks[0]!
  const dtype = isWeighted ? 'float64' : 'int64'
  const one = (count: number) => new Array<number>(count).fill(1)
  let level = blockwise({
    operation: 'bincount-partial',
    fn: countNumbersStep,
    args: arrays.map((_, i) => arg.input(i)),
    inputs: arrays.map((source) => ({ array: source })),
    dtype,
    chunks: [one(sizes.length)],
    content: [],
  })
  const site = captureCallSite()
  const merge = recipesByCount((count) =>
    recipe(addCountsStep, [arg.inputs(0, count)], { label: operation, site }),
  )
  while (level.chunks[0]!.length > 1) {
    const fan = Math.min(FAN, level.chunks[0]!.length)
    level = grouped({
      operation: 'bincount-combine',
      source: level,
      fan: [fan],
      recipeFor: merge,
      dtype,
      chunks: [one(Math.ceil(level.chunks[0]!.length / fan))],
      content: [fan],
    })
  }
  return blockwise({
    operation,
    fn: countsBlockStep,
    args: [arg.input(0), arg.value(minlength), arg.value(isWeighted)],
    inputs: [{ array: level }],
    dtype,
    chunks: [unknownSizes(`${level.layer.name} ${minlength}`, 1)],
    content: [minlength, isWeighted],
  })
}

/** Returns the array, and the weights in the same chunks. */
function withWeights(array: ArraySpec, weights: unknown): readonly ArraySpec[] {
  const own = asArray(weights)
  const [n, size] = [shapeOf(array)[0]!, shapeOf(own)[0]!]
  if (own.chunks.length !== 1 || (n !== size && !Number.isNaN(n + size))) {
    throw new RangeError(
      `bincount: expected one weight for each of ${n} numbers; got shape [${shapeOf(own)}]`,
    )
  }
  if (isComplex(own.dtype)) throw new TypeError('bincount: weights must not be complex')
  const [numbers, list] = alignUnknown([array, own], [[0, 0]], 'bincount') as [ArraySpec, ArraySpec]
  return [numbers, Number.isNaN(n + size) ? list : rechunkTo(list, numbers.chunks)]
}
