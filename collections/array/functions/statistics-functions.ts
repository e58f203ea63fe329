/**
 * Statistics of arrays that several reductions make up, and reductions by functions of the user.
 */
import { checkArguments, checkOptions } from '../../../core/base/argument-checks.js'
import type { AnyArray, QuotientDtype } from '../array-types.js'
import type { Dtype, ScalarOf } from '../block/dtype.js'
import { formatArgument } from '../block/format-argument.js'
import { type NDArray, sizeOf } from '../block/ndarray.js'
import { ChunkedArray, type ReducedArray } from '../chunked-array.js'
import { type ArrayArgument, arrayOfValues } from '../layers/array-arguments.js'
import { type ArraySpec, shapeOf } from '../layers/array-spec.js'
import {
  type CustomReductionOptions,
  customReductionLayer,
} from '../layers/custom-reduction-layers.js'
import { astypeLayer, elementwiseLayer } from '../layers/elementwise-layers.js'
import { type MomentOptions, momentLayer } from '../layers/moment-layers.js'
import { assertArray } from '../layers/operands.js'
import {
  type AxisReductionOptions,
  checkReductionArguments,
  type ReductionArgument,
  reductionLayer,
} from '../layers/reduction-layers.js'
import { reshapeLayer, transposeLayer } from '../layers/reshape-layers.js'
import { broadcastLayer } from '../layers/shape-layers.js'
import { assertKnown } from '../planning/known-sizes.js'
import { normalizeAxes, normalizeAxis } from '../planning/shape-arguments.js'

/**
 * Returns the range of values, the maximum minus the minimum, over all elements or the given axes.
 * @throws RangeError if there are no elements; TypeError for bools.
 * @example da.ptp(x, 0)
 */
export function ptp<
  A extends AnyArray,
  const H extends ReductionArgument = {},
  const O extends AxisReductionOptions = {},
>(x: A, axis?: H, options?: O): ReducedArray<A['dtype'], H, O> {
  assertArray(x, 'ptp')
  checkReductionArguments('max', arguments, 'function')
  const [high, low] = (['max', 'min'] as const).map((name) => {
    return reductionLayer(x, name, axis, options)
  })
  return new ChunkedArray(elementwiseLayer('subtract', [high, low])) as never
}

/** The options of `average`. */
export interface AverageOptions {
  /** The axis or axes. The default is all. */
  readonly axis?: number | readonly number[] | null | undefined
  /** The weights: of the shape of the array, or that of the axes. The default is 1 for each element. */
  readonly weights?: ArrayArgument | undefined
  /** Whether the sum of the weights is returned too. The default is false. */
  readonly returned?: boolean | undefined
  /** Whether reduced axes stay, with size 1. The default is false. */
  readonly keepdims?: boolean | undefined
}

/** The value of an average, and the sum of weights. */
export type Averages<D extends Dtype> = ChunkedArray<
  QuotientDtype<D>,
  NDArray<QuotientDtype<D>> | ScalarOf<QuotientDtype<D>>
>

/**
 * Returns the weighted average over all elements or the given axes; with `returned`, also the sum of the weights.
 * @throws RangeError for weights of another shape.
 * @example da.average(x, { axis: 0, weights: [1, 2, 3] })
 */
export function average<A extends AnyArray>(
  x: A,
  options: AverageOptions & { readonly returned: true },
): readonly [average: Averages<A['dtype']>, sumOfWeights: Averages<A['dtype']>]
export function average<A extends AnyArray>(x: A, options?: AverageOptions): Averages<A['dtype']>
export function average<A extends AnyArray>(
  x: A,
  options: AverageOptions = {},
): Averages<A['dtype']> | readonly [Averages<A['dtype']>, Averages<A['dtype']>] {
  checkArguments('average', arguments, 2, 'da.average(x, { axis, weights })')
  assertArray(x, 'average')
  checkOptions(options, ['axis', 'weights', 'returned', 'keepdims'], 'average')
  const { axis = null, weights, returned = false, keepdims = false } = options
  if (returned && weights === undefined) {
    assertKnown(x.chunks, 'average', normalizeAxes(axis, x.chunks.length, 'average'))
  }
  const [mean, total] = averageLayers(x, { axis, keepdims }, weights)
  const average = new ChunkedArray(mean) as Averages<A['dtype']>
  if (!returned) return average
  const sum = broadcastLayer(total, shapeOf(mean), 'average')
  return [average, new ChunkedArray(astypeLayer(sum, mean.dtype)) as Averages<A['dtype']>]
}

/** Returns the layers of an average and of the sum of the weights. */
function averageLayers(
  x: ArraySpec,
  options: { readonly axis: number | readonly number[] | null; readonly keepdims: boolean },
  weights: ArrayArgument | undefined,
): readonly [ArraySpec, ArraySpec] {
  const shape = shapeOf(x)
  const axes = normalizeAxes(options.axis, shape.length, 'average')
  if (weights === undefined) {
    const mean = reductionLayer(x, 'mean', options)
    return [mean, arrayOfValues(sizeOf(axes.map((axis) => shape[axis]!)), 'average')]
  }
  const aligned = alignWeights(arrayOfValues(weights, 'average'), x, options.axis)
  const weighted = elementwiseLayer('multiply', [elementwiseLayer('divide', [x, 1]), aligned])
  const total = reductionLayer(aligned, 'sum', options)
  return [elementwiseLayer('divide', [reductionLayer(weighted, 'sum', options), total]), total]
}

/** Gives weights of the sizes of some axes of an array the other axes, with size 1. */
function alignWeights(
  weights: ArraySpec,
  array: ArraySpec,
  axis: number | readonly number[] | null,
): ArraySpec {
  const [own, shape] = [shapeOf(weights), shapeOf(array)]
  if (own.join() === shape.join()) return weights
  const axes = ([axis ?? []].flat() as readonly number[]).map((a) => {
    return normalizeAxis(a, shape.length, 'average')
  })
  assertKnown(array.chunks, 'average', axes)
  if (axes.length === 0 || own.join() !== axes.map((a) => shape[a]!).join()) {
    throw new RangeError(
      `average: weights must have the shape ${formatArgument(shape)} of the array, or the sizes of the given axes; got ${formatArgument(own)}`,
    )
  }
  const order = axes.map((_, i) => i).sort((i, j) => axes[i]! - axes[j]!)
  const sizes = shape.map((n, a) => (axes.includes(a) ? n : 1))
  return reshapeLayer(transposeLayer(weights, order), sizes)
}

/**
 * Returns the central moment of an order over all elements or the given axes: the mean of the powers of the
 * differences from the mean.
 * @throws RangeError for an order that is not a whole number of at least 0.
 * @example da.moment(x, 3, { axis: 0 })
 */
export function moment<A extends AnyArray, const O extends MomentOptions = {}>(
  x: A,
  order: number,
  options?: O,
): ReducedArray<QuotientDtype<A['dtype']>, O> {
  checkArguments('moment', arguments, 3, 'da.moment(x, 3, { axis: 0 })')
  assertArray(x, 'moment')
  return new ChunkedArray(momentLayer(x, order, options)) as never
}

/** A function that reduces a block along axes, which stay with size 1 if `keepdims` is true. */
export type BlockReduction<D extends Dtype = Dtype> = (
  block: NDArray<D>,
  call: { readonly axis: readonly number[]; readonly keepdims: boolean },
) => unknown

/** The options of `reduction`. */
export interface ReductionFunctionOptions<D extends Dtype = Dtype>
  extends Omit<CustomReductionOptions<D>, 'combine'> {
  /** Merges partial results before the last ones. The default is the function that aggregates. */
  readonly combine?: BlockReduction | undefined
}

/**
 * Reduces an array by functions: `chunk` reduces each block, `combine` merges joined partial results, `aggregate`
 * merges the last ones to the result. Each receives a block and `{ axis, keepdims }`, and returns a block, a typed
 * array or nested lists; in all but the last call reduced axes stay.
 * @throws TypeError for arguments that are not functions.
 * @example da.reduction(x, (b) => [b.data.length], (b) => b.data.reduce((n, m) => n + m, 0))
 */
export function reduction<A extends AnyArray, D extends Dtype = A['dtype']>(
  x: A,
  chunk: BlockReduction<A['dtype']>,
  aggregate: BlockReduction,
  options: ReductionFunctionOptions<D> = {},
): ChunkedArray<D, NDArray<D> | ScalarOf<D>> {
  checkArguments('reduction', arguments, 4, 'da.reduction(x, chunk, aggregate, { axis })')
  assertArray(x, 'reduction')
  return new ChunkedArray(customReductionLayer(x, { chunk, aggregate, options }))
}
