/**
 * Layers of functions of the list of elements along an axis.
 */
import { checkOptions } from '../../../core/base/argument-checks.js'
import type { Dtype } from '../block/dtype.js'
import { formatArgument } from '../block/format-argument.js'
import { normalizeAxis } from '../planning/shape-arguments.js'
import { chunkFromValues } from '../steps/chunk-from-values.js'
import { type ArraySpec, shapeOf } from './array-spec.js'
import { gufuncLayers } from './gufunc-layers.js'
import { dtypeOfResult, oneElement } from './infer-dtype.js'

/** The options of `applyAlongAxis`. */
export interface AlongAxisOptions<D extends Dtype = Dtype> {
  /** The dtype of the results. */
  readonly dtype?: D | undefined
  /** The shape of the result for one list. */
  readonly shape?: readonly number[] | undefined
}

/** Applies a function to each list of elements along an axis. */
export function alongAxisLayer(
  fn: unknown,
  axis: number,
  array: ArraySpec,
  options: AlongAxisOptions,
): ArraySpec {
  const operation = 'applyAlongAxis'
  checkOptions(options, ['dtype', 'shape'], operation)
  if (typeof fn !== 'function') {
    throw new TypeError(`${operation}: expected a function; got ${formatArgument(fn)}`)
  }
  const at = normalizeAxis(axis, array.chunks.length, operation)
  const { dtype, shape } =
    options.dtype !== undefined && options.shape !== undefined
      ? { dtype: options.dtype, shape: options.shape }
      : { ...sampleResult(fn, array, at), ...definedOf(options) }
  const names = shape.map((_, i) => `r${i}`)
  const outputSizes = Object.fromEntries(names.map((name, i) => [name, shape[i]!]))
  const axes = [[at], names.map((_, i) => at + i)]
  const how = { vectorize: true, outputDtypes: dtype, outputSizes, axes }
  return gufuncLayers(fn, `(i)->(${names.join(',')})`, [array, how], true)[0]!
}

function definedOf(options: AlongAxisOptions): AlongAxisOptions {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))
}

/** Returns the dtype and shape of what the function returns for a list of ones. */
function sampleResult(fn: Function, array: ArraySpec, axis: number) {
  const length = shapeOf(array)[axis]!
  const one = oneElement(array.dtype, 0).item()
  try {
    const value: unknown = fn(new Array(Number.isNaN(length) ? 1 : length).fill(one))
    const { shape } = chunkFromValues(value, 'applyAlongAxis')
    return { dtype: dtypeOfResult(value, array.dtype), shape }
  } catch (cause) {
    throw new TypeError(
      'applyAlongAxis: the function failed with a list of ones; give the dtype and the shape of its results: { dtype, shape }',
      { cause },
    )
  }
}
