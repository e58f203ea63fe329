/**
 * The functions of `da` that apply a user's function to elements, along an axis or over axes, under NumPy's names.
 */
import { checkArguments } from '../../../core/base/argument-checks.js'
import { checkWholeNumber } from '../../base/argument-checks.js'
import type { AnyArray, Operand } from '../array-types.js'
import type { Dtype } from '../block/dtype.js'
import { formatArgument } from '../block/format-argument.js'
import type { Nested } from '../block/ndarray.js'
import { ChunkedArray } from '../chunked-array.js'
import { type AlongAxisOptions, alongAxisLayer } from '../layers/along-axis-layers.js'
import { isArraySpec } from '../layers/array-spec.js'
import { gufuncLayers } from '../layers/gufunc-layers.js'
import { takeOptions } from '../layers/map-blocks-layers.js'
import { assertArray } from '../layers/operands.js'
import { addAxesLayer } from '../layers/shape-layers.js'
import { normalizeAxis } from '../planning/shape-arguments.js'

/**
 * Applies a function to each list of elements along an axis. It returns one value, or nested lists whose axes replace
 * the axis. The dtype and shape of its results are found out by a call with a list of ones, unless both are given.
 * @throws RangeError for an axis that does not exist.
 * @throws TypeError if the function fails with a list of ones.
 * @example da.applyAlongAxis((list) => Math.max(...list), 0, x)
 */
export function applyAlongAxis<A extends AnyArray, D extends Dtype = Dtype>(
  fn: (list: A['dtype'] extends 'int64' | 'uint64' ? bigint[] : number[]) => unknown,
  axis: number,
  x: A,
  options: AlongAxisOptions<D> = {},
): ChunkedArray<D> {
  checkArguments('applyAlongAxis', arguments, 4, 'da.applyAlongAxis(fn, axis, x, { dtype, shape })')
  assertArray(x, 'applyAlongAxis')
  return new ChunkedArray(alongAxisLayer(fn, axis, x, options))
}

/**
 * Applies a function of a lazy array and an axis for one axis after the other. Axes that it removes are added again,
 * with size 1.
 * @throws RangeError for axes that do not exist, and unless the function keeps the axes or removes one.
 * @example da.applyOverAxes((y, axis) => da.sum(y, axis), x, [0, 2])
 */
export function applyOverAxes(
  fn: (x: ChunkedArray, axis: number) => AnyArray,
  x: AnyArray,
  axes: number | readonly number[],
): ChunkedArray {
  checkArguments('applyOverAxes', arguments, 3, 'da.applyOverAxes(da.sum, x, [0, 1])')
  assertArray(x, 'applyOverAxes')
  const ndim = x.chunks.length
  let result = new ChunkedArray(x)
  for (const given of [axes].flat() as readonly number[]) {
    const axis = normalizeAxis(given, ndim, 'applyOverAxes')
    const value: unknown = fn(result, axis)
    const count = isArraySpec(value) ? value.chunks.length : -1
    if (count !== ndim && count !== ndim - 1) {
      throw new RangeError(
        `applyOverAxes: the function must return an array of ${ndim} axes or one less; got ${formatArgument(value)}`,
      )
    }
    result = new ChunkedArray(
      count === ndim ? (value as AnyArray) : addAxesLayer(value as AnyArray, axis),
    )
  }
  return result
}

/** A function of arrays and plain values, which broadcast, and then options. */
export type ElementFunction<N extends number> = (
  ...operands: readonly (Operand | Nested<number> | ElementFunctionOptions)[]
) => N extends 1 ? ChunkedArray : ChunkedArray[]

/** The options of functions that `frompyfunc` makes. */
export interface ElementFunctionOptions {
  /** The dtype of each result. By default they are inferred by a call with ones. */
  readonly outputDtypes?: Dtype | readonly Dtype[] | undefined
}

/**
 * Makes a function of arrays of one of single values, with `nin` arguments and `nout` results, which it returns as a list
 * if there are several.
 * @throws TypeError unless `fn` is a function; RangeError for numbers below 1.
 * @example da.frompyfunc((a: number, b: number) => a ** b, 2, 1)(x, 3)
 */
export function frompyfunc<const N extends number>(
  fn: (...values: never[]) => unknown,
  nin: number,
  nout: N,
): ElementFunction<N> {
  checkArguments('frompyfunc', arguments, 3, 'da.frompyfunc(fn, 2, 1)')
  if (typeof fn !== 'function') {
    throw new TypeError(`frompyfunc: expected a function; got ${formatArgument(fn)}`)
  }
  checkWholeNumber(nin, 1, 'frompyfunc', 'nin')
  checkWholeNumber(nout, 1, 'frompyfunc', 'nout')
  const scalars = (count: number) => new Array<string>(count).fill('()').join(',')
  const signature = `${scalars(nin)}->${scalars(nout)}`
  const apply = (...operands: readonly unknown[]) => {
    const { values, options } = takeOptions(operands)
    const how = { ...(options as ElementFunctionOptions), vectorize: true }
    const arrays = gufuncLayers(fn, signature, [...values, how]).map((s) => new ChunkedArray(s))
    return nout === 1 ? arrays[0]! : arrays
  }
  return apply as ElementFunction<N>
}
