/**
 * The functions of `da` that select, insert and find elements, under NumPy's names. What depends on values is not known
 * before it is computed: the sizes of such axes are NaN.
 */
import { checkArguments, checkOptions } from '../../../core/base/argument-checks.js'
import type { AnyArray, CommonDtype, Operand } from '../array-types.js'
import type { Dtype, Promote } from '../block/dtype.js'
import { formatArgument } from '../block/format-argument.js'
import type { IndexItem, IndexList } from '../block/index-parser.js'
import type { NDArray } from '../block/ndarray.js'
import { ChunkedArray } from '../chunked-array.js'
import { stackLayer } from '../layers/concatenate-layers.js'
import { shuffleLayer } from '../layers/dtype-view-layers.js'
import { astypeLayer } from '../layers/elementwise-layers.js'
import {
  appendLayer,
  compressLayer,
  deleteLayer,
  extractLayer,
  insertLayer,
  takeAxisLayer,
} from '../layers/insert-layers.js'
import { asMask, flatNonzeroLayer, nonzeroLayers } from '../layers/nonzero-layers.js'
import { assertArray } from '../layers/operands.js'
import {
  asArray,
  asOperand,
  chooseLayer,
  digitizeLayer,
  isInLayer,
  searchSortedLayer,
  selectFromLayer,
} from '../layers/search-layers.js'
import type { ArrayValues } from '../steps/chunk-from-values.js'
import type { AxisOption } from './shape-functions.js'

/** Values that an array can be made of, or an array. */
export type ArrayLike = AnyArray | ArrayValues | NDArray

/** The axis along which elements are taken. */
export interface TakeAxisOption {
  /** The axis, negative ones counted from the end; null flattens the array first. The default is 0. */
  readonly axis?: number | null | undefined
}

function axisOf(
  options: { readonly axis?: number | null | undefined },
  operation: string,
): number | null | undefined {
  checkOptions(options, ['axis'], operation)
  return options.axis
}

/**
 * Selects elements along an axis by an integer, or a list or lazy array of integers.
 * @throws RangeError for positions outside the array.
 * @example da.take(x, [3, 0, 3], { axis: 1 })
 */
export function take<A extends AnyArray>(
  x: A,
  indices: IndexItem | AnyArray,
  options: TakeAxisOption = {},
): ChunkedArray<A['dtype']> {
  checkArguments('take', arguments, 3, 'da.take(x, indices, { axis: 0 })')
  assertArray(x, 'take')
  const axis = axisOf(options, 'take')
  return new ChunkedArray(takeAxisLayer(x, indices, axis === undefined ? 0 : axis))
}

/**
 * Takes elements along an axis in groups of positions. No group is divided between chunks; chunks have as many groups as fit into the
 * largest chunk of `x` and a quarter more.
 * @param indexer A list of positions for each group.
 * @param options `axis`, by default 0.
 * @throws RangeError for positions outside the array, and axes that do not exist.
 * @example da.shuffle(x, [[0, 4, 8], [1, 5, 9]], { axis: 0 })
 */
export function shuffle<A extends AnyArray>(
  x: A,
  indexer: readonly (readonly number[])[],
  options: { readonly axis?: number | undefined } = {},
): ChunkedArray<A['dtype']> {
  checkArguments('shuffle', arguments, 3, 'da.shuffle(x, indexer, { axis })')
  assertArray(x, 'shuffle')
  return new ChunkedArray(shuffleLayer(x, indexer, axisOf(options, 'shuffle') ?? 0))
}

/**
 * Selects the elements along an axis for which a condition is true. The condition may be shorter than the axis.
 * @throws RangeError for a condition that is too long or has several axes.
 * @example da.compress([true, false, true], x, { axis: 0 })
 */
export function compress<A extends AnyArray>(
  condition: AnyArray | IndexList | NDArray,
  x: A,
  options: AxisOption = {},
): ChunkedArray<A['dtype']> {
  checkArguments('compress', arguments, 3, 'da.compress(condition, x, { axis: 0 })')
  assertArray(x, 'compress')
  return new ChunkedArray(compressLayer(x, condition, axisOf(options, 'compress')))
}

/**
 * Selects the elements for which a condition is true, in row-major order.
 * @example da.extract(x.gt(0), x)
 */
export function extract<A extends AnyArray>(
  condition: AnyArray | IndexList | NDArray,
  x: A,
): ChunkedArray<A['dtype']> {
  checkArguments('extract', arguments, 2, 'da.extract(condition, x)')
  assertArray(x, 'extract')
  return new ChunkedArray(extractLayer(x, condition))
}

/**
 * Inserts values before positions of an axis: an integer, a list of integers or a slice. The positions are those in
 * the array as it is. Values broadcast; they are converted to the dtype of the array.
 * @throws RangeError for positions outside the axis, and values that do not broadcast.
 * @example da.insert(x, [1, 3], 0, { axis: 1 })
 */
export function insert<A extends AnyArray>(
  x: A,
  where: IndexItem,
  values: ArrayLike,
  options: AxisOption = {},
): ChunkedArray<A['dtype']> {
  checkArguments('insert', arguments, 4, 'da.insert(x, where, values, { axis: 0 })')
  assertArray(x, 'insert')
  return new ChunkedArray(insertLayer(x, where, values, axisOf(options, 'insert')))
}

/**
 * Deletes elements along an axis: an integer, a list of integers or booleans, or a slice.
 * @throws RangeError for positions outside the axis.
 * @example da.delete(x, '::2', { axis: 0 })
 */
function remove<A extends AnyArray>(
  x: A,
  where: IndexItem,
  options: AxisOption = {},
): ChunkedArray<A['dtype']> {
  checkArguments('delete', arguments, 3, 'da.delete(x, where, { axis: 0 })')
  assertArray(x, 'delete')
  return new ChunkedArray(deleteLayer(x, where, axisOf(options, 'delete')))
}

export { remove as delete }

/**
 * Adds values at the end of an axis. Without an axis, both are flattened first.
 * @throws RangeError unless the other axes are equally long.
 * @example da.append(x, [[7, 8, 9]], { axis: 0 })
 */
export function append<A extends AnyArray, V extends ArrayLike>(
  x: A,
  values: V,
  options: AxisOption = {},
): ChunkedArray<V extends AnyArray ? Promote<A['dtype'], V['dtype']> : Dtype> {
  checkArguments('append', arguments, 3, 'da.append(x, values, { axis: 0 })')
  assertArray(x, 'append')
  return new ChunkedArray(appendLayer(x, values, axisOf(options, 'append')))
}

/**
 * Returns the coordinates of the elements that are not zero, an array for each axis.
 * @throws RangeError for an array without axes.
 * @example const [rows, columns] = da.nonzero(x)
 */
export function nonzero(x: AnyArray): ChunkedArray<'int64'>[] {
  checkArguments('nonzero', arguments, 1, 'da.nonzero(x)')
  assertArray(x, 'nonzero')
  return nonzeroLayers(x).map((spec) => new ChunkedArray(spec))
}

/** Returns the positions of the elements that are not zero, in row-major order. */
export function flatnonzero(x: AnyArray): ChunkedArray<'int64'> {
  checkArguments('flatnonzero', arguments, 1, 'da.flatnonzero(x)')
  assertArray(x, 'flatnonzero')
  return new ChunkedArray(flatNonzeroLayer(x))
}

/** Returns the coordinates of the elements that are not zero: a row for each, a column for each axis. */
export function argwhere(x: AnyArray): ChunkedArray<'int64'> {
  checkArguments('argwhere', arguments, 1, 'da.argwhere(x)')
  assertArray(x, 'argwhere')
  return new ChunkedArray(stackLayer(nonzeroLayers(x), 1))
}

/** The options of `searchsorted`. */
export interface SearchsortedOptions {
  /** Whether values stand before elements that are equal, the default, or after them. */
  readonly side?: 'left' | 'right' | undefined
}

/**
 * Returns where values would be inserted into a sorted vector, so that it stays sorted. Each task reads the whole
 * vector.
 * @throws RangeError for arrays with several axes.
 * @throws TypeError for complex numbers.
 * @example da.searchsorted(edges, x, { side: 'right' })
 */
export function searchsorted(
  a: AnyArray,
  v: ArrayLike,
  options: SearchsortedOptions = {},
): ChunkedArray<'int64'> {
  checkArguments('searchsorted', arguments, 3, "da.searchsorted(a, v, { side: 'left' })")
  assertArray(a, 'searchsorted')
  checkOptions(options, ['side'], 'searchsorted')
  return new ChunkedArray(searchSortedLayer(a, v, options.side ?? 'left'))
}

/** The options of `digitize`. */
export interface DigitizeOptions {
  /** Whether bins include their right edge rather than their left one. The default is false. */
  readonly right?: boolean | undefined
}

/**
 * Returns the number of the bin that each element is in. Bin `i` is from edge `i - 1` to edge `i`; 0 is before all, and
 * the number of edges after all. The edges increase or decrease.
 * @throws RangeError for edges that do neither.
 * @throws TypeError for edges that are lazy, and for complex numbers.
 * @example da.digitize(x, [0, 1, 10])
 */
export function digitize(
  x: AnyArray,
  bins: readonly number[] | readonly bigint[] | NDArray | NDArray['data'],
  options: DigitizeOptions = {},
): ChunkedArray<'int64'> {
  checkArguments('digitize', arguments, 3, 'da.digitize(x, bins, { right: true })')
  assertArray(x, 'digitize')
  checkOptions(options, ['right'], 'digitize')
  return new ChunkedArray(digitizeLayer(x, bins, booleanOf(options.right, 'digitize', 'right')))
}

function booleanOf(value: unknown, operation: string, name: string): boolean {
  if (value === undefined || typeof value === 'boolean') return value === true
  throw new TypeError(`${operation}: ${name} must be true or false; got ${formatArgument(value)}`)
}

/** The options of `isin`. */
export interface IsinOptions {
  /** Whether elements that are not among the values are true instead. The default is false. */
  readonly invert?: boolean | undefined
}

/**
 * Returns whether each element is among some values. NaN never is. Each task reads all values.
 * @throws TypeError for complex numbers.
 * @example da.isin(x, [1, 2, 3], { invert: true })
 */
export function isin(
  x: AnyArray,
  values: ArrayLike,
  options: IsinOptions = {},
): ChunkedArray<'bool'> {
  checkArguments('isin', arguments, 3, 'da.isin(x, values, { invert: true })')
  assertArray(x, 'isin')
  checkOptions(options, ['invert'], 'isin')
  return new ChunkedArray(isInLayer(x, values, booleanOf(options.invert, 'isin', 'invert')))
}

/**
 * Chooses for each element of an array of integers the element of the choice with that number. All broadcast. A number
 * without a choice fails when it is computed.
 * @throws TypeError for an array of other dtypes, and without choices.
 * @example da.choose(kinds, [x, y, 0])
 */
export function choose<const C extends readonly Operand[]>(
  x: AnyArray,
  choices: C,
): ChunkedArray<ChoicesDtype<C>> {
  checkArguments('choose', arguments, 2, 'da.choose(x, choices)')
  assertArray(x, 'choose')
  return new ChunkedArray(chooseLayer(x, choices))
}

/** The common dtype of a list of operands, of which the first is an array. */
export type ChoicesDtype<C extends readonly unknown[]> = C extends readonly [
  infer First extends AnyArray,
  ...infer Rest,
]
  ? FoldDtypes<First['dtype'], Rest>
  : Dtype

/** The common dtype of `D` and a list of operands. */
export type FoldDtypes<D extends Dtype, C extends readonly unknown[]> = C extends readonly [
  infer First,
  ...infer Rest,
]
  ? FoldDtypes<CommonDtype<D, First>, Rest>
  : D

/** The options of `select`. */
export interface SelectOptions {
  /** What elements are for which no condition is true. The default is 0. */
  readonly default?: Operand | undefined
}

/**
 * Returns for each element that of the first choice whose condition is true.
 * @throws RangeError unless there are as many choices as conditions, one or more.
 * @example da.select([x.lt(0), x.gt(10)], [0, x.square()], { default: x })
 */
export function select<const C extends readonly Operand[]>(
  conditions: readonly AnyArray[],
  choices: C,
  options: SelectOptions = {},
): ChunkedArray<ChoicesDtype<C>> {
  checkArguments('select', arguments, 3, 'da.select(conditions, choices, { default: 0 })')
  checkOptions(options, ['default'], 'select')
  const masks = masksOf(conditions, choices, 'select', [0])
  return new ChunkedArray(selectFromLayer(masks, choices, asOperand(options.default ?? 0) as never))
}

function masksOf(
  conditions: readonly unknown[],
  values: readonly unknown[],
  operation: string,
  more: readonly number[],
) {
  const areLists = Array.isArray(conditions) && Array.isArray(values) && conditions.length > 0
  if (!areLists || !more.includes(values.length - conditions.length)) {
    throw new RangeError(
      `${operation}: expected a list of conditions and as many values; got ${formatArgument(conditions)} and ${formatArgument(values)}`,
    )
  }
  return conditions.map((condition) => asMask(asArray(condition)))
}

/** A value of `piecewise`: a plain value, an array, or a function of the array. */
export type PiecewiseValue<A extends AnyArray> = Operand | ((x: A) => Operand)

/**
 * Returns for each element the value whose condition is true, of several the last. One value more than conditions is for
 * elements without a true condition, which are 0 otherwise. Functions get the lazy array. The dtype is that of the array.
 * @throws RangeError unless there are as many values as conditions, or one more.
 * @example da.piecewise(x, [x.lt(0), x.ge(0)], [(v) => v.neg(), (v) => v])
 */
export function piecewise<A extends AnyArray>(
  x: A,
  conditions: readonly AnyArray[],
  values: readonly PiecewiseValue<A>[],
): ChunkedArray<A['dtype']> {
  checkArguments('piecewise', arguments, 3, 'da.piecewise(x, conditions, values)')
  assertArray(x, 'piecewise')
  const masks = masksOf(conditions, values, 'piecewise', [0, 1])
  const results = values.map((value) => (typeof value === 'function' ? value(x) : value))
  const otherwise = results.length > masks.length ? results.pop()! : 0
  const result = selectFromLayer(masks.reverse(), results.reverse(), asOperand(otherwise) as never)
  return new ChunkedArray(astypeLayer(result, x.dtype))
}
