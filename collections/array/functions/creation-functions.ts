/**
 * The functions of `da` that make arrays, under NumPy's names. All are lazy; `fromArray` copies its
 * values when it is called.
 */
import { checkArguments, checkOptions } from '../../../core/base/argument-checks.js'
import type { LazyOf } from '../../base/lazy-arguments.js'
import type { Complex, Dtype, Scalar } from '../block/dtype.js'
import { formatArgument } from '../block/format-argument.js'
import type { NDArray, Nested } from '../block/ndarray.js'
import { ChunkedArray } from '../chunked-array.js'
import { type ArraySource, isSourceLike } from '../io/array-source.js'
import {
  arangeLayer,
  type CreationOptions,
  eyeLayer,
  fromArrayLayer,
  fromDelayedLayer,
  fullLayer,
  linspaceLayer,
} from '../layers/creation-layers.js'
import { type SourceOptions, sourceLayer } from '../layers/storage-layers.js'
import type {
  AnyTypedArray,
  ArrayValues,
  DtypeOfData,
  DtypeOfScalar,
} from '../steps/chunk-from-values.js'

/** The shape of an array: one size per axis, or the size of a single axis. */
export type Shape = number | readonly number[]

/**
 * Makes an array of values: nested lists, a typed array with its shape, or a computed block. NumPy: `array`. Or of a
 * source, which is anything with `shape`, `dtype` and `read(region)`: every block is read by a task of its own. Dask: `from_array`. The
 * dtype is that of the typed array, or float64 for numbers, bool for booleans, int64 for bigints and
 * complex128 for complex numbers, `{ re, im }`, unless `dtype` is given. A Float64Array of twice as many
 * numbers as `shape` has elements holds pairs if the dtype is complex128, a Float32Array if it is complex64.
 * @throws RangeError for lists of unequal lengths and integers that do not fit.
 * @example da.fromArray([[1, 2], [3, 4]], { chunks: 1 })
 */
export function fromArray<D extends Dtype>(
  source: ArraySource<D>,
  options?: SourceOptions,
): ChunkedArray<D>
export function fromArray<D extends Dtype>(
  values: ArrayValues | NDArray,
  options: FromArrayOptions<D> & { readonly dtype: D },
): ChunkedArray<D>
export function fromArray<D extends Dtype>(
  values: NDArray<D>,
  options?: FromArrayOptions,
): ChunkedArray<D>
export function fromArray<V extends AnyTypedArray>(
  values: V,
  options?: FromArrayOptions,
): ChunkedArray<DtypeOfData<V>>
export function fromArray(
  values: Nested<number> | number,
  options?: FromArrayOptions,
): ChunkedArray<'float64'>
export function fromArray(
  values: Nested<bigint> | bigint,
  options?: FromArrayOptions,
): ChunkedArray<'int64'>
export function fromArray(
  values: Nested<boolean> | boolean,
  options?: FromArrayOptions,
): ChunkedArray<'bool'>
export function fromArray(
  values: Nested<Complex | number> | Complex,
  options?: FromArrayOptions,
): ChunkedArray<'complex128'>
export function fromArray(
  values: ArrayValues | NDArray | ArraySource,
  options: FromArrayOptions = {},
): ChunkedArray {
  checkArguments('fromArray', arguments, 2, 'da.fromArray(values, options)')
  if (isSourceLike(values)) return new ChunkedArray(sourceLayer(values, options))
  return new ChunkedArray(fromArrayLayer(values, options))
}

/** The options of `fromArray`. */
export interface FromArrayOptions<D extends Dtype = Dtype> extends CreationOptions<D> {
  /** The shape of the array, if it differs from that of the values. */
  readonly shape?: readonly number[] | undefined
}

/**
 * Makes an array of one block from a lazy value, whose result is a chunk, nested lists or a typed
 * array of the given shape. The dtype is float64 unless `dtype` is given. Join several arrays with
 * `concatenate` and `stack`.
 * @example da.fromDelayed(delayed(readImage)(path), { shape: [480, 640], dtype: 'uint8' })
 */
export function fromDelayed<D extends Dtype = 'float64'>(
  value: LazyOf<unknown>,
  options: { readonly shape: Shape; readonly dtype?: D },
): ChunkedArray<D> {
  checkArguments('fromDelayed', arguments, 2, 'da.fromDelayed(value, { shape, dtype })')
  return new ChunkedArray(fromDelayedLayer(value, options))
}

/**
 * Makes numbers from `start`, by default 0, to before `stop`, `step` apart. The dtype is float64,
 * or int64 for bigints, unless `dtype` is given.
 * @throws RangeError for a step of 0.
 * @example da.arange(10, 0, -1, { chunks: 5 })
 */
export function arange<D extends Dtype = 'float64'>(
  ...args: RangeArguments<number, D>
): ChunkedArray<D>
export function arange<D extends Dtype = 'int64'>(
  ...args: RangeArguments<bigint, D>
): ChunkedArray<D>
export function arange(
  ...args: RangeArguments<number, Dtype> | RangeArguments<bigint, Dtype>
): ChunkedArray {
  return new ChunkedArray(arangeLayer(args))
}

/** The arguments of `arange`: `stop`, `start` and `stop`, or both and a step, each with options. */
export type RangeArguments<N, D extends Dtype> =
  | [stop: N, options?: CreationOptions<D>]
  | [start: N, stop: N, options?: CreationOptions<D>]
  | [start: N, stop: N, step: N, options?: CreationOptions<D>]

/** The options of `linspace`. */
export interface LinspaceOptions<D extends Dtype = Dtype> extends CreationOptions<D> {
  /** Whether the last number is `stop`. The default is true. */
  readonly endpoint?: boolean | undefined
  /** Whether the distance of neighbours is returned beside the array. The default is false. */
  readonly retstep?: boolean | undefined
}

/**
 * Makes `count` evenly spaced numbers from `start` to `stop`. Both are included, unless `endpoint` is
 * false. The dtype is float64 unless `dtype` is given. With `retstep`, returns the array and the distance of
 * neighbours.
 * @throws TypeError for options that do not exist, and unless `start` and `stop` are numbers.
 * @example const [x, step] = da.linspace(0, 1, 11, { retstep: true })
 */
export function linspace<D extends Dtype = 'float64'>(
  start: number,
  stop: number,
  count: number | undefined,
  options: LinspaceOptions<D> & { readonly retstep: true },
): readonly [array: ChunkedArray<D>, step: number]
export function linspace<D extends Dtype = 'float64'>(
  start: number,
  stop: number,
  count?: number,
  options?: LinspaceOptions<D> & { readonly retstep?: false | undefined },
): ChunkedArray<D>
export function linspace(
  start: number,
  stop: number,
  count = 50,
  options: LinspaceOptions = {},
): ChunkedArray | readonly [ChunkedArray, number] {
  checkArguments('linspace', arguments, 4, 'da.linspace(start, stop, count, options)')
  const { retstep = false, ...rest } = options
  if (typeof retstep !== 'boolean') {
    throw new TypeError(`linspace: retstep must be true or false; got ${formatArgument(retstep)}`)
  }
  const array = new ChunkedArray(linspaceLayer(start, stop, count, rest))
  if (!retstep) return array
  const divisions = rest.endpoint === false ? count : count - 1
  return [array, divisions > 0 ? (stop - start) / divisions : Number.NaN]
}

/** Makes an array of zeros, of float64 unless `dtype` is given. */
export function zeros<D extends Dtype = 'float64'>(
  shape: Shape,
  options: CreationOptions<D> = {},
): ChunkedArray<D> {
  checkArguments('zeros', arguments, 2, 'da.zeros(shape, options)')
  return new ChunkedArray(fullLayer('zeros', shape, 0, options))
}

/** Makes an array of ones, of float64 unless `dtype` is given. */
export function ones<D extends Dtype = 'float64'>(
  shape: Shape,
  options: CreationOptions<D> = {},
): ChunkedArray<D> {
  checkArguments('ones', arguments, 2, 'da.ones(shape, options)')
  return new ChunkedArray(fullLayer('ones', shape, 1, options))
}

/** Makes an array of one value: of float64 for a number, bool for a boolean, int64 for a bigint. */
export function full<S extends Scalar, D extends Dtype = DtypeOfScalar<S>>(
  shape: Shape,
  value: S,
  options: CreationOptions<D> = {},
): ChunkedArray<D> {
  checkArguments('full', arguments, 3, 'da.full(shape, value, options)')
  return new ChunkedArray(fullLayer('full', shape, value, options))
}

/** The options of `eye`. */
export interface EyeOptions<D extends Dtype = Dtype> extends CreationOptions<D> {
  /** The number of columns. The default is that of rows. */
  readonly columns?: number | undefined
  /** The diagonal. The default, 0, is the main diagonal; positive numbers are above it. */
  readonly k?: number | undefined
}

/**
 * Makes a matrix with ones on diagonal `k` and zeros elsewhere. The matrix is square unless the number of columns is
 * given, as an argument or an option.
 * @throws TypeError for options before the number of columns, or a `k` that is no integer.
 * @example da.eye(3, 4, { k: 1 })
 */
export function eye<D extends Dtype = 'float64'>(
  rows: number,
  options?: EyeOptions<D>,
): ChunkedArray<D>
export function eye<D extends Dtype = 'float64'>(
  rows: number,
  columns: number | null | undefined,
  options?: Omit<EyeOptions<D>, 'columns'>,
): ChunkedArray<D>
export function eye(
  rows: number,
  second?: number | null | EyeOptions,
  third?: EyeOptions,
): ChunkedArray {
  checkArguments('eye', arguments, 3, 'da.eye(rows, columns, { k })')
  const isOptions = typeof second === 'object' && second !== null
  if (isOptions && third !== undefined) {
    throw new TypeError(
      `eye: options come last; the first of two arguments after the rows must be the number of columns, got ${formatArgument(second)}`,
    )
  }
  if (isOptions) return new ChunkedArray(eyeLayer(rows, second))
  checkOptions(third, ['chunks', 'dtype', 'k'], 'eye')
  return new ChunkedArray(eyeLayer(rows, { ...third, columns: second ?? rows }))
}
