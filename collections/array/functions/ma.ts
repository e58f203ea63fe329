/**
 * `da.ma`: arrays some of whose elements are masked, under the names of NumPy and Dask. A function takes an array, or a
 * masked array whose mask stays.
 */
import { checkArguments, checkOptions } from '../../../core/base/argument-checks.js'
import type { AnyArray, Operand } from '../array-types.js'
import { type Dtype, isScalar, type Scalar, toElement } from '../block/dtype.js'
import { formatArgument } from '../block/format-argument.js'
import { ChunkedArray } from '../chunked-array.js'
import type { OperatorName } from '../expressions/operator-table.js'
import { type ArrayArgument, arrayOfValues } from '../layers/array-arguments.js'
import { type ArraySpec, shapeOf } from '../layers/array-spec.js'
import { elementwiseLayer } from '../layers/elementwise-layers.js'
import { nonzeroLayers } from '../layers/nonzero-layers.js'
import { assertArray } from '../layers/operands.js'
import { broadcastLayer } from '../layers/shape-layers.js'
import {
  MaskedArray,
  type MaskedOperand,
  type MaskedReductionArgument,
  type MaskedReductionOptions,
  type MaskedResult,
} from '../masked-array.js'
import { fullLike } from './like-functions.js'

export { MaskedBlock } from '../block/masked-block.js'
export {
  MaskedArray,
  type MaskedDeviationArgument,
  type MaskedDeviationOptions,
  type MaskedOperand,
  type MaskedReductionArgument,
  type MaskedReductionOptions,
  type MaskedResult,
} from '../masked-array.js'

/** What functions of `da.ma` take. */
export type Maskable = AnyArray | MaskedArray<Dtype, unknown>

/** The dtype of an array or of the data of a masked array. */
export type MaskableDtype<A extends Maskable> = A['dtype'] extends infer D extends Dtype ? D : never

function partsOf(x: unknown, name: string): { data: ArraySpec; mask?: ArraySpec } {
  if (x instanceof MaskedArray) return x
  assertArray(x, `ma.${name}`)
  return { data: x }
}

/** Masks an array where a condition on its data is true. */
function maskBy<A extends Maskable>(
  name: string,
  x: A,
  condition: (data: ArraySpec) => ArrayArgument,
): MaskedArray<MaskableDtype<A>> {
  const { data, mask } = partsOf(x, name)
  const own = maskOf(condition(data), data, name)
  const both = mask === undefined ? own : elementwiseLayer('logicalOr', [mask, own])
  return new MaskedArray(data, both, x instanceof MaskedArray ? x.fillValue : undefined)
}

/** Returns bools of the shape of the data; one value masks all or nothing. */
function maskOf(mask: ArrayArgument, data: ArraySpec, name: string): ArraySpec {
  const given = arrayOfValues(mask, `ma.${name}`)
  const [own, shape] = [shapeOf(given), shapeOf(data)]
  if (own.length > 0 && own.join() !== shape.join()) {
    throw new RangeError(
      `ma.${name}: the mask must have the shape ${formatArgument(shape)} of the array; got ${formatArgument(own)}`,
    )
  }
  const whole = own.length > 0 ? given : broadcastLayer(given, shape, `ma.${name}`)
  return whole.dtype === 'bool' ? whole : elementwiseLayer('notEqual', [whole, 0])
}

/** A function that masks an array where its elements compare with a value. */
export type MaskComparison = <A extends Maskable>(
  x: A,
  value: Operand,
) => MaskedArray<MaskableDtype<A>>

function comparison(name: string, op: OperatorName): MaskComparison {
  return function compared(x, value) {
    checkArguments(`ma.${name}`, arguments, 2, `da.ma.${name}(x, value)`)
    return maskBy(name, x, (data) => elementwiseLayer(op, [data, value]))
  }
}

const maskEqual = comparison('maskedEqual', 'equal')

/** Masks elements that are greater than a value. */
export const maskedGreater = comparison('maskedGreater', 'greater')
/** Masks elements that are at least a value. */
export const maskedGreaterEqual = comparison('maskedGreaterEqual', 'greaterEqual')
/** Masks elements that are less than a value. */
export const maskedLess = comparison('maskedLess', 'less')
/** Masks elements that are at most a value. */
export const maskedLessEqual = comparison('maskedLessEqual', 'lessEqual')
/** Masks elements that are equal to a value. A plain value becomes the fill value, as in NumPy. */
export const maskedEqual: MaskComparison = function maskedEqual(x, value) {
  const masked = maskEqual(x, value)
  return isScalar(value) ? (setFillValue(masked, value) as never) : masked
}
/** Masks elements that are not equal to a value. */
export const maskedNotEqual = comparison('maskedNotEqual', 'notEqual')

function assertNumbers(values: readonly unknown[], name: string): void {
  const wrong = values.find((value) => typeof value !== 'number')
  if (wrong === undefined && !values.includes(undefined)) return
  throw new TypeError(`ma.${name}: expected numbers; got ${formatArgument(wrong)}`)
}

/**
 * Masks elements between two values, which are included and may come in either order.
 * @throws TypeError unless `x` is an array.
 * @example da.ma.maskedInside(x, -1, 1)
 */
export function maskedInside<A extends Maskable>(
  x: A,
  a: number,
  b: number,
): MaskedArray<MaskableDtype<A>> {
  checkArguments('ma.maskedInside', arguments, 3, 'da.ma.maskedInside(x, a, b)')
  assertNumbers([a, b], 'maskedInside')
  return maskBy('maskedInside', x, (data) =>
    elementwiseLayer('logicalAnd', [
      elementwiseLayer('greaterEqual', [data, Math.min(a, b)]),
      elementwiseLayer('lessEqual', [data, Math.max(a, b)]),
    ]),
  )
}

/**
 * Masks elements that are less than the smaller or greater than the larger of two values.
 * @throws TypeError unless `x` is an array.
 * @example da.ma.maskedOutside(x, -1, 1)
 */
export function maskedOutside<A extends Maskable>(
  x: A,
  a: number,
  b: number,
): MaskedArray<MaskableDtype<A>> {
  checkArguments('ma.maskedOutside', arguments, 3, 'da.ma.maskedOutside(x, a, b)')
  assertNumbers([a, b], 'maskedOutside')
  return maskBy('maskedOutside', x, (data) =>
    elementwiseLayer('logicalOr', [
      elementwiseLayer('less', [data, Math.min(a, b)]),
      elementwiseLayer('greater', [data, Math.max(a, b)]),
    ]),
  )
}

/**
 * Masks NaN and infinities.
 * @throws TypeError unless `x` is an array.
 * @example da.ma.maskedInvalid(x).mean()
 */
export function maskedInvalid<A extends Maskable>(x: A): MaskedArray<MaskableDtype<A>> {
  checkArguments('ma.maskedInvalid', arguments, 1, 'da.ma.maskedInvalid(x)')
  return maskBy('maskedInvalid', x, (data) =>
    elementwiseLayer('logicalNot', [elementwiseLayer('isfinite', [data])]),
  )
}

/**
 * Masks elements where a condition of the same shape is true.
 * @throws RangeError for a condition of another shape.
 * @example da.ma.maskedWhere(y.gt(0), x)
 */
export function maskedWhere<A extends Maskable>(
  condition: ArrayArgument,
  x: A,
): MaskedArray<MaskableDtype<A>> {
  checkArguments('ma.maskedWhere', arguments, 2, 'da.ma.maskedWhere(condition, x)')
  return maskBy('maskedWhere', x, () => condition)
}

/** The options of `maskedArray`. */
export interface MaskedArrayOptions {
  /** What is masked: bools of the shape of the array, or one for all. The default is false. */
  readonly mask?: ArrayArgument | undefined
  /** What `filled` puts in place of masked elements. The default is NumPy's. */
  readonly fillValue?: Scalar | undefined
}

/**
 * Makes a masked array. NumPy: `masked_array`.
 * @throws RangeError for a mask of another shape.
 * @example da.ma.maskedArray(x, { mask: y.isnan(), fillValue: 0 })
 */
export function maskedArray<A extends Maskable>(
  x: A,
  options: MaskedArrayOptions = {},
): MaskedArray<MaskableDtype<A>> {
  checkArguments('ma.maskedArray', arguments, 2, 'da.ma.maskedArray(x, { mask, fillValue })')
  checkOptions(options, ['mask', 'fillValue'], 'ma.maskedArray')
  const { mask = false, fillValue } = options
  const result = maskBy('maskedArray', x, () => mask)
  return fillValue === undefined ? result : (setFillValue(result, fillValue) as never)
}

/**
 * Returns a masked array with another value for `filled`; the given one does not change. NumPy: `set_fill_value`.
 * @throws TypeError for a value that the dtype cannot hold.
 * @example da.ma.setFillValue(masked, 0)
 */
export function setFillValue<A extends Maskable>(
  x: A,
  fillValue: Scalar,
): MaskedArray<MaskableDtype<A>> {
  checkArguments('ma.setFillValue', arguments, 2, 'da.ma.setFillValue(x, value)')
  const { data, mask } = x instanceof MaskedArray ? x : maskedArray(x)
  toElement(fillValue, data.dtype, 'ma.setFillValue')
  return new MaskedArray(data, mask, fillValue)
}

/**
 * Returns an array with a value in place of masked elements.
 * @throws TypeError for a value that the dtype cannot hold.
 * @example da.ma.filled(masked, { fillValue: 0 })
 */
export function filled<A extends Maskable>(
  x: A,
  options: { readonly fillValue?: Scalar | undefined } = {},
): ChunkedArray<MaskableDtype<A>> {
  checkArguments('ma.filled', arguments, 2, 'da.ma.filled(x, { fillValue })')
  checkOptions(options, ['fillValue'], 'ma.filled')
  if (x instanceof MaskedArray) return x.filled(options.fillValue) as never
  return new ChunkedArray(partsOf(x, 'filled').data)
}

/** Returns the mask: false everywhere for an array that is not masked. */
export function getmaskarray(x: Maskable): ChunkedArray<'bool'> {
  checkArguments('ma.getmaskarray', arguments, 1, 'da.ma.getmaskarray(x)')
  return (x instanceof MaskedArray ? x : maskedArray(x)).mask
}

/** Returns the data, with any value where elements are masked. */
export function getdata<A extends Maskable>(x: A): ChunkedArray<MaskableDtype<A>> {
  checkArguments('ma.getdata', arguments, 1, 'da.ma.getdata(x)')
  return new ChunkedArray(partsOf(x, 'getdata').data)
}

/** Returns the number of elements that are not masked, over all elements or the given axes. */
export function count(x: Maskable, axis: MaskedReductionArgument = {}): ChunkedArray<'int64'> {
  checkArguments('ma.count', arguments, 2, 'da.ma.count(x, { axis })')
  return (x instanceof MaskedArray ? x : maskedArray(x)).count(axis)
}

/** The options of `maskedValues`. */
export interface MaskedValuesOptions {
  /** The tolerance relative to the value; 1e-5 by default. */
  readonly rtol?: number | undefined
  /** The absolute tolerance; 1e-8 by default. */
  readonly atol?: number | undefined
}

/**
 * Masks elements that are about equal to a value, which becomes the fill value. Whole numbers are masked if they are equal.
 * NumPy: `masked_values`.
 * @throws TypeError unless `x` is an array of numbers and `value` one that it can hold.
 * @example da.ma.maskedValues(x, 1e20, { rtol: 1e-3 })
 */
export function maskedValues<A extends Maskable>(
  x: A,
  value: number,
  options: MaskedValuesOptions = {},
): MaskedArray<MaskableDtype<A>> {
  checkArguments('ma.maskedValues', arguments, 3, 'da.ma.maskedValues(x, value, { rtol, atol })')
  checkOptions(options, ['rtol', 'atol'], 'ma.maskedValues')
  const { rtol = 1e-5, atol = 1e-8 } = options
  assertNumbers([value, rtol, atol], 'maskedValues')
  const result = maskBy('maskedValues', x, (data) => {
    if (!data.dtype.startsWith('float')) return elementwiseLayer('equal', [data, value]) as never
    const distance = elementwiseLayer('absolute', [elementwiseLayer('subtract', [data, value])])
    return elementwiseLayer('lessEqual', [distance, atol + rtol * Math.abs(value)]) as never
  })
  return setFillValue(result, value) as never
}

/**
 * Masks NaN and infinities, and puts the fill value in their place in the data. NumPy: `fix_invalid`.
 * @throws TypeError for a fill value that the dtype cannot hold.
 * @example da.ma.fixInvalid(x, { fillValue: 0 })
 */
export function fixInvalid<A extends Maskable>(
  x: A,
  options: { readonly fillValue?: Scalar | undefined } = {},
): MaskedArray<MaskableDtype<A>> {
  checkArguments('ma.fixInvalid', arguments, 2, 'da.ma.fixInvalid(x, { fillValue })')
  checkOptions(options, ['fillValue'], 'ma.fixInvalid')
  const { data, mask, fillValue } = maskedInvalid(x)
  const element = toElement(options.fillValue ?? fillValue, data.dtype, 'ma.fixInvalid')
  const fixed = elementwiseLayer('where', [elementwiseLayer('isfinite', [data]), data, element])
  return new MaskedArray(fixed, mask, fillValue) as never
}

/** Returns the data and the mask of an operand; the mask of numbers and arrays is false. */
function operandParts(x: MaskedOperand): { data: Operand; mask: ArraySpec | false } {
  return x instanceof MaskedArray ? x : { data: x as Operand, mask: false }
}

/**
 * Returns the elements of `x` where a condition is true, and those of `y` elsewhere. An element is masked where the
 * condition is, or the element that is taken. NumPy: `ma.where`.
 * @throws RangeError for shapes that cannot be broadcast.
 * @example da.ma.where(masked.data.gt(0), masked, -1)
 */
function whereOfMasked(
  condition: Maskable,
  x: MaskedOperand,
  y: MaskedOperand,
): MaskedArray<Dtype> {
  checkArguments('ma.where', arguments, 3, 'da.ma.where(condition, x, y)')
  const { data: chosen, mask: unknown } = partsOf(condition, 'where')
  const [own, other] = [operandParts(x), operandParts(y)]
  const data = elementwiseLayer('where', [chosen, own.data, other.data])
  const taken = elementwiseLayer('where', [chosen, own.mask, other.mask])
  const mask = unknown === undefined ? taken : elementwiseLayer('logicalOr', [unknown, taken])
  return new MaskedArray(data, broadcastLayer(mask, shapeOf(data), 'ma.where'))
}

/**
 * Returns the positions of elements that are neither 0 nor masked: an array for each axis, whose sizes are not known
 * before they are computed.
 * @throws RangeError for arrays without axes.
 * @example const [rows, columns] = da.ma.nonzero(masked)
 */
function nonzeroOfMasked(x: Maskable): ChunkedArray<'int64'>[] {
  checkArguments('ma.nonzero', arguments, 1, 'da.ma.nonzero(x)')
  const { data, mask } = partsOf(x, 'nonzero')
  const found =
    mask === undefined
      ? data
      : elementwiseLayer('where', [mask, false, elementwiseLayer('notEqual', [data, 0])])
  return nonzeroLayers(found).map((spec) => new ChunkedArray(spec))
}

function likeMasked<A extends Maskable>(
  name: string,
  x: A,
  value: number,
): MaskedArray<MaskableDtype<A>> {
  partsOf(x, name)
  const { data, mask, fillValue } = x instanceof MaskedArray ? x : maskedArray(x)
  return new MaskedArray(fullLike(data, value), mask, fillValue) as never
}

/**
 * Returns zeros of the shape, dtype and mask of an array. NumPy: `ma.zeros_like`.
 * @throws TypeError unless `x` is an array.
 * @example da.ma.zerosLike(masked)
 */
function zerosLikeMasked<A extends Maskable>(x: A): MaskedArray<MaskableDtype<A>> {
  checkArguments('ma.zerosLike', arguments, 1, 'da.ma.zerosLike(x)')
  return likeMasked('zerosLike', x, 0)
}

/**
 * Returns ones of the shape, dtype and mask of an array. NumPy: `ma.ones_like`.
 * @throws TypeError unless `x` is an array.
 * @example da.ma.onesLike(masked)
 */
function onesLikeMasked<A extends Maskable>(x: A): MaskedArray<MaskableDtype<A>> {
  checkArguments('ma.onesLike', arguments, 1, 'da.ma.onesLike(x)')
  return likeMasked('onesLike', x, 1)
}

/** The options of `ma.average`. */
export interface MaskedAverageOptions extends MaskedReductionOptions {
  /** The weights, of the shape of the array. The default is 1 for each element. */
  readonly weights?: ArrayArgument | undefined
}

/**
 * Returns the weighted average of the elements that are not masked.
 * @throws RangeError for axes that do not exist.
 * @example da.ma.average(masked, { axis: 0, weights })
 */
function averageOfMasked(x: Maskable, options: MaskedAverageOptions = {}): MaskedResult {
  checkArguments('ma.average', arguments, 2, 'da.ma.average(x, { axis, weights })')
  checkOptions(options, ['axis', 'keepdims', 'weights'], 'ma.average')
  const { weights, ...rest } = options
  const masked = x instanceof MaskedArray ? x : maskedArray(x)
  if (weights === undefined) return masked.mean(rest)
  const given = arrayOfValues(weights, 'ma.average')
  const sized = new MaskedArray(broadcastLayer(given, masked.shape, 'ma.average'), masked.mask)
  return masked.mul(sized).sum(rest).div(sized.sum(rest))
}

export {
  averageOfMasked as average,
  nonzeroOfMasked as nonzero,
  onesLikeMasked as onesLike,
  whereOfMasked as where,
  zerosLikeMasked as zerosLike,
  zerosLikeMasked as emptyLike,
}
