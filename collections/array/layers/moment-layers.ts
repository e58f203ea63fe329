/**
 * Layers of central moments.
 */
import { checkOptions } from '../../../core/base/argument-checks.js'
import { checkWholeNumber } from '../../base/argument-checks.js'
import { sizeOf } from '../block/ndarray.js'
import { assertKnown } from '../planning/known-sizes.js'
import { normalizeAxes } from '../planning/shape-arguments.js'
import { type ArraySpec, shapeOf } from './array-spec.js'
import { elementwiseLayer } from './elementwise-layers.js'
import { reductionLayer } from './reduction-layers.js'

/** The options of `moment`. */
export interface MomentOptions {
  /** The axis or axes. The default is all. */
  readonly axis?: number | readonly number[] | null | undefined
  /** Whether reduced axes stay, with size 1. The default is false. */
  readonly keepdims?: boolean | undefined
  /** The number that is subtracted from the count. The default is 0. */
  readonly ddof?: number | undefined
}

/** Returns the mean of a power of the differences from the mean. */
export function momentLayer(
  array: ArraySpec,
  order: number,
  options: MomentOptions = {},
): ArraySpec {
  checkOptions(options, ['axis', 'keepdims', 'ddof'], 'moment')
  checkWholeNumber(order, 0, 'moment', 'order')
  const { axis = null, keepdims = false, ddof = 0 } = options
  const mean = reductionLayer(array, 'mean', { axis, keepdims: true })
  const powers = elementwiseLayer('power', [elementwiseLayer('subtract', [array, mean]), order])
  if (ddof === 0) return reductionLayer(powers, 'mean', { axis, keepdims })
  const axes = normalizeAxes(axis, array.chunks.length, 'moment')
  assertKnown(array.chunks, 'moment', axes)
  const count = sizeOf(axes.map((a) => shapeOf(array)[a]!))
  return elementwiseLayer('divide', [
    reductionLayer(powers, 'sum', { axis, keepdims }),
    count - ddof,
  ])
}
