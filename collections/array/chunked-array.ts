/**
 * `ChunkedArray`, the class of lazy N-d arrays: a thin face. A method calls one function of `layers/`,
 * which checks the arguments and makes the layer; functions of `da` call the same ones.
 *
 * The parts of an operation are found by its subject. A reduction, for example, has a method here, a
 * function in `reduction-functions.ts`, its layers in `layers/reduction-layers.ts`, the steps of
 * tasks in `steps/reduction-steps.ts`, and the loops over elements in `kernels/`.
 */

import { checkArguments, checkOptions } from '../../core/base/argument-checks.js'
import { operations } from '../../core/base/operations.js'
import { type PlainUseAdvice, plainUseAdvice } from '../../core/base/plain-use.js'
import type { ComputeOptions } from '../../core/graph/get.js'
import type { Layer } from '../../core/graph/layer.js'
import { assertFits, blocksOfLayer, Collection } from '../base/collection.js'
import { delayedBlocks } from '../base/delayed.js'
import type { LayerBlocks } from '../base/explain.js'
import type { Delayed } from '../base/item.js'
import type {
  AnyArray,
  BinaryFloatDtype,
  BinaryResult,
  BlocksOf,
  CommonDtype,
  CommonDtypeOf,
  FloatDtype,
  NumericDtype,
  Operand,
  QuotientDtype,
  RealDtype,
  SumDtype,
  UnaryResult,
} from './array-types.js'
import { type Dtype, dtypeInfo, type Promote, type Scalar, type ScalarOf } from './block/dtype.js'
import { formatArgument } from './block/format-argument.js'
import type { IndexItem } from './block/index-parser.js'
import { assertResultFits } from './block/memory-check.js'
import type { NDArray } from './block/ndarray.js'
import type { OperatorName } from './expressions/operator-table.js'
import type { ArrayTarget } from './io/array-source.js'
import type { ZarrLocation } from './io/zarr/zarr-store.js'
import { joinBlocks } from './kernels/assemble-block.js'
import type { ReductionName } from './kernels/partial-reductions.js'
import { type ArraySpec, arrayOfLayer, isArraySpec, layerBlocks } from './layers/array-spec.js'
import { blocksLayer } from './layers/block-index-layers.js'
import { type CumulativeArgument, cumulativeLayer } from './layers/cumulative-layers.js'
import { type TraceOptions, traceLayer } from './layers/diagonal-layers.js'
import { dtypeViewLayer, shuffleLayer } from './layers/dtype-view-layers.js'
import {
  type AstypeOptions,
  astypeLayer,
  clipLayer,
  elementwiseLayer,
  roundLayer,
} from './layers/elementwise-layers.js'
import { indexLayer, pointwiseIndexLayer } from './layers/indexing-layers.js'
import type { LazyIndexItem } from './layers/lazy-index-layers.js'
import { matmulLayer } from './layers/linear-algebra-layers.js'
import {
  type InferredDtype,
  type MapBlocksOptions,
  mapBlocksLayer,
} from './layers/map-blocks-layers.js'
import { type MomentOptions, momentLayer } from './layers/moment-layers.js'
import { nonzeroLayers } from './layers/nonzero-layers.js'
import { type ToNpyOptions, writeNpy } from './layers/npy-layers.js'
import { type MapOverlapOptions, mapOverlapLayer } from './layers/overlap-layers.js'
import { dotLayer } from './layers/product-layers.js'
import { type RechunkOptions, rechunkLayer } from './layers/rechunk-layers.js'
import {
  type AxisReductionOptions,
  checkReductionArguments,
  type ReductionArgument,
  reductionLayer,
} from './layers/reduction-layers.js'
import { repeatLayer } from './layers/repeat-layers.js'
import { reshapeLayer, transposeLayer } from './layers/reshape-layers.js'
import { chooseLayer } from './layers/search-layers.js'
import { setLayer } from './layers/set-layers.js'
import { squeezeLayer, swapAxesLayer } from './layers/shape-layers.js'
import { type StoreOptions, storeArrays } from './layers/store-arrays.js'
import { greatestLayer, type TopkArgument } from './layers/topk-layers.js'
import { shapesLayer } from './layers/unknown-sizes.js'
import { type ToZarrOptions, writeZarr } from './layers/zarr-layers.js'
import {
  type Grid,
  gridOfShapes,
  gridShape,
  hasUnknown,
  numblocksOf,
} from './planning/chunk-grid.js'
import type { ChunksSpec } from './planning/chunks-argument.js'
import { integersOf } from './planning/shape-arguments.js'
import type { ArrayValues } from './steps/chunk-from-values.js'
import type { BlockContext } from './steps/map-blocks-steps.js'

/** The array that an operation on one array returns; `R` is the computed value of the operand. */
export type UnaryArray<D extends Dtype, R> = ChunkedArray<D, UnaryResult<D, R>>

/** The array that an operation on two operands returns. */
export type BinaryArray<D extends Dtype, A, B> = ChunkedArray<D, BinaryResult<D, A, B>>

/** Whether `axis` and `keepdims` leave axes, as far as their types tell: true, false or boolean. */
type LeavesAxes<A> = A extends number | readonly number[]
  ? true
  : A extends object
    ? Either<
        A extends { axis: infer X } ? LeavesAxes<X> : false,
        A extends { keepdims: infer K } ? (K extends boolean ? K : false) : false
      >
    : false

/** True if either is true, false if both are false. */
type Either<A extends boolean, B extends boolean> = [A] extends [true]
  ? true
  : [B] extends [true]
    ? true
    : A | B

/**
 * The array that a reduction returns, given its arguments: one value, unless an axis or `keepdims` is
 * given.
 */
export type ReducedArray<D extends Dtype, A, O = {}> = [
  Either<LeavesAxes<A>, LeavesAxes<O>>,
] extends [infer L]
  ? [L] extends [true]
    ? ChunkedArray<D>
    : [L] extends [false]
      ? ChunkedArray<D, ScalarOf<D>>
      : ChunkedArray<D, NDArray<D> | ScalarOf<D>>
  : never

/** The dtype of a reduction: that of the option `dtype`, or `D`. */
export type ReductionDtype<D extends Dtype, A, O = {}> = DtypeOption<O, DtypeOption<A, D>>

/** The dtype in options `O`, or `D`. */
export type DtypeOption<O, D extends Dtype> = O extends { readonly dtype: infer E extends Dtype }
  ? E
  : D

/** The array that `at` returns: of one value if all axes are indexed by integers. */
export type IndexedArray<D extends Dtype, I extends readonly LazyIndexItem[]> = I extends readonly (
  | number
  | bigint
  | ChunkedArray<Dtype, Scalar>
)[]
  ? ChunkedArray<D, NDArray<D> | ScalarOf<D>>
  : ChunkedArray<D>

/** Selects from an array by an index: `x.vindex.at(...)`, `x.blocks.at(...)`. */
export interface Indexer<D extends Dtype> {
  /** Selects by an index, as described at the property. */
  at(...index: readonly LazyIndexItem[]): ChunkedArray<D>
}

/** The matrix product of two arrays. */
export type ProductArray<A extends AnyArray, B extends AnyArray> = ChunkedArray<
  Promote<A['dtype'], B['dtype']>
>

/** A product that is one value for two vectors. */
export type DotProductArray<A extends AnyArray, B> = ChunkedArray<
  CommonDtypeOf<A, B>,
  NDArray<CommonDtypeOf<A, B>> | ScalarOf<CommonDtypeOf<A, B>>
>

/**
 * A lazy N-d array of dtype `D`. `compute()` returns `Result`: a `NDArray`, or a plain value for an
 * array without axes.
 *
 * Operands of elementwise methods are arrays or plain values. Shapes broadcast and dtypes promote as
 * in NumPy 2: plain values take the dtype of the array if they can. Invalid arguments throw when a
 * method is called, before anything is computed: a RangeError for shapes that do not broadcast, axes
 * that do not exist and integers that do not fit the dtype, a TypeError for arguments of other types,
 * surplus arguments and options that do not exist.
 *
 * Reductions take an axis or a list of axes, options, or an axis and then options:
 * `x.sum(0)`, `x.sum({ axis: 0 })`, `x.sum(0, { keepdims: true })`.
 *
 * `compute()` and, without a cluster, `persist()` reject with a RangeError if the result exceeds the
 * memory of this process.
 *
 * Make arrays with `da.fromArray`, `da.zeros`, `da.arange` and other functions of `da`.
 *
 * @example
 * const x = da.random.normal([10_000, 1_000], { chunks: 1_000, seed: 1 })
 * const standardized = x.sub(x.mean(0)).div(x.std(0))
 * const covariance = await standardized.T.matmul(standardized).div(10_000).compute()
 */
export class ChunkedArray<D extends Dtype = Dtype, Result = NDArray<D>> extends Collection<Result> {
  /** The dtype of the elements. */
  readonly dtype: D
  /** For each axis, the sizes of its chunks. */
  readonly chunks: Grid

  /**
   * Makes an array of a layer whose blocks are chunks. Users call functions of `da` instead.
   * @throws TypeError for anything but a layer with its dtype and chunks.
   */
  constructor(spec: ArraySpec) {
    if (!isArraySpec(spec)) {
      throw new TypeError(
        `an array is not made with new; write da.fromArray(values), da.zeros(shape) or another function of da; got ${formatArgument(spec)}`,
      )
    }
    super(spec.layer)
    this.dtype = spec.dtype as D
    this.chunks = spec.chunks
  }

  override get [plainUseAdvice](): PlainUseAdvice {
    const compute = 'await x.compute()'
    return { kind: 'lazy array', compute, length: 'x.size or x.shape', element: 'x.at(0)' }
  }

  /** The size of each axis. */
  get shape(): readonly number[] {
    return gridShape(this.chunks)
  }

  /** The number of axes. */
  get ndim(): number {
    return this.chunks.length
  }

  /** The number of elements. */
  get size(): number {
    return this.shape.reduce((a, b) => a * b, 1)
  }

  /** The size of an element in bytes. */
  get itemsize(): number {
    return dtypeInfo(this.dtype).bytes
  }

  /** The size of the largest chunk along each axis. */
  get chunksize(): readonly number[] {
    return this.chunks.map((sizes) => Math.max(0, ...sizes))
  }

  /** Returns the array: it never changes, so there is nothing to copy. */
  copy(): this {
    checkArguments('copy', arguments, 0, 'x.copy()')
    return this
  }

  /** The size of all elements in bytes. */
  get nbytes(): number {
    return this.size * dtypeInfo(this.dtype).bytes
  }

  /** The number of blocks along each axis. */
  get numblocks(): readonly number[] {
    return numblocksOf(this.chunks)
  }

  /** The number of blocks. */
  get npartitions(): number {
    return this.numblocks.reduce((a, b) => a * b, 1)
  }

  // Arithmetic

  /**
   * Returns `this + other`; for bools, whether either is true. NumPy: `add`.
   * @example x.add(1)
   */
  add<O extends Operand>(other: O): BinaryArray<CommonDtype<D, O>, this, O> {
    return elementwise('add', arguments, this, other)
  }

  /**
   * Returns `this - other`. NumPy: `subtract`.
   * @throws TypeError for bools.
   */
  sub<O extends Operand>(other: O): BinaryArray<CommonDtype<D, O>, this, O> {
    return elementwise('subtract', arguments, this, other)
  }

  /** Returns `this * other`; for bools, whether both are true. NumPy: `multiply`. */
  mul<O extends Operand>(other: O): BinaryArray<CommonDtype<D, O>, this, O> {
    return elementwise('multiply', arguments, this, other)
  }

  /** Returns `this / other`, in float64 for integers and bools. NumPy: `divide`. */
  div<O extends Operand>(other: O): BinaryArray<QuotientDtype<CommonDtype<D, O>>, this, O> {
    return elementwise('divide', arguments, this, other)
  }

  /** Returns `this / other` rounded down; 0 for an integer divided by 0. NumPy: `floor_divide`. */
  floorDivide<O extends Operand>(other: O): BinaryArray<NumericDtype<CommonDtype<D, O>>, this, O> {
    return elementwise('floorDivide', arguments, this, other)
  }

  /** Returns the remainder with the sign of the divisor, as Python's `%`. NumPy: `remainder`. */
  mod<O extends Operand>(other: O): BinaryArray<NumericDtype<CommonDtype<D, O>>, this, O> {
    return elementwise('remainder', arguments, this, other)
  }

  /**
   * Returns `this ** other`. NumPy: `power`.
   * @throws RangeError for an integer array and a negative integer.
   */
  pow<O extends Operand>(other: O): BinaryArray<NumericDtype<CommonDtype<D, O>>, this, O> {
    return elementwise('power', arguments, this, other)
  }

  /** Returns the smaller of each pair of elements; NaN if either is NaN. */
  minimum<O extends Operand>(other: O): BinaryArray<CommonDtype<D, O>, this, O> {
    return elementwise('minimum', arguments, this, other)
  }

  /** Returns the larger of each pair of elements; NaN if either is NaN. */
  maximum<O extends Operand>(other: O): BinaryArray<CommonDtype<D, O>, this, O> {
    return elementwise('maximum', arguments, this, other)
  }

  /** Returns `sqrt(this ** 2 + other ** 2)`; the squares do not overflow. */
  hypot<O extends Operand>(other: O): BinaryArray<BinaryFloatDtype<D, O>, this, O> {
    return elementwise('hypot', arguments, this, other)
  }

  /** Returns the angle in radians between the x axis and the point `(x, y) = (other, this)`. */
  arctan2<O extends Operand>(other: O): BinaryArray<BinaryFloatDtype<D, O>, this, O> {
    return elementwise('arctan2', arguments, this, other)
  }

  // Comparisons

  /** Returns whether `this == other`. NumPy: `equal`. */
  eq<O extends Operand>(other: O): BinaryArray<'bool', this, O> {
    return elementwise('equal', arguments, this, other)
  }

  /** Returns whether `this != other`. NumPy: `not_equal`. */
  ne<O extends Operand>(other: O): BinaryArray<'bool', this, O> {
    return elementwise('notEqual', arguments, this, other)
  }

  /** Returns whether `this < other`. NumPy: `less`. */
  lt<O extends Operand>(other: O): BinaryArray<'bool', this, O> {
    return elementwise('less', arguments, this, other)
  }

  /** Returns whether `this <= other`. NumPy: `less_equal`. */
  le<O extends Operand>(other: O): BinaryArray<'bool', this, O> {
    return elementwise('lessEqual', arguments, this, other)
  }

  /** Returns whether `this > other`. NumPy: `greater`. */
  gt<O extends Operand>(other: O): BinaryArray<'bool', this, O> {
    return elementwise('greater', arguments, this, other)
  }

  /** Returns whether `this >= other`. NumPy: `greater_equal`. */
  ge<O extends Operand>(other: O): BinaryArray<'bool', this, O> {
    return elementwise('greaterEqual', arguments, this, other)
  }

  // Logic and bits

  /**
   * Returns `this & other`: both, for bools; bit by bit, for integers. NumPy: `bitwise_and`.
   * @throws TypeError for floats.
   * @example x.ge(0).and(x.lt(1))
   */
  and<O extends Operand>(other: O): BinaryArray<CommonDtype<D, O>, this, O> {
    return elementwise('bitwiseAnd', arguments, this, other)
  }

  /**
   * Returns `this | other`: either, for bools; bit by bit, for integers. NumPy: `bitwise_or`.
   * @throws TypeError for floats.
   */
  or<O extends Operand>(other: O): BinaryArray<CommonDtype<D, O>, this, O> {
    return elementwise('bitwiseOr', arguments, this, other)
  }

  /**
   * Returns `this ^ other`: exactly one, for bools; bit by bit, for integers. NumPy: `bitwise_xor`.
   * @throws TypeError for floats.
   */
  xor<O extends Operand>(other: O): BinaryArray<CommonDtype<D, O>, this, O> {
    return elementwise('bitwiseXor', arguments, this, other)
  }

  /**
   * Returns `~this`: the opposite, for bools; all bits inverted, for integers. NumPy: `invert`.
   * @throws TypeError for floats.
   */
  not(): UnaryArray<D, Result> {
    return elementwise('invert', arguments, this)
  }

  // Elementwise functions

  /**
   * Returns `-this`. NumPy: `negative`.
   * @throws TypeError for bools.
   */
  neg(): UnaryArray<D, Result> {
    return elementwise('negative', arguments, this)
  }

  /** Returns the absolute value; of complex numbers the magnitude, which is a float. NumPy: `absolute`. */
  abs(): UnaryArray<RealDtype<D>, Result> {
    return elementwise('absolute', arguments, this)
  }

  /** The real parts, as floats; the elements themselves if they are not complex. */
  get real(): UnaryArray<RealDtype<D>, Result> {
    return elementwise('real', [], this)
  }

  /** The imaginary parts, as floats; zeros if the elements are not complex. */
  get imag(): UnaryArray<RealDtype<D>, Result> {
    return elementwise('imag', [], this)
  }

  /** Returns the complex conjugate. NumPy: `conjugate`. */
  conj(): UnaryArray<NumericDtype<D>, Result> {
    return elementwise('conjugate', arguments, this)
  }

  /**
   * Returns -1, 0 or 1 for the sign; NaN for NaN.
   * @throws TypeError for bools.
   */
  sign(): UnaryArray<D, Result> {
    return elementwise('sign', arguments, this)
  }

  /** Returns `this * this`. */
  square(): UnaryArray<NumericDtype<D>, Result> {
    return elementwise('square', arguments, this)
  }

  /** Returns `1 / this`, rounded toward 0 for integers. */
  reciprocal(): UnaryArray<NumericDtype<D>, Result> {
    return elementwise('reciprocal', arguments, this)
  }

  /** Returns the square root; NaN for negative numbers. */
  sqrt(): UnaryArray<FloatDtype<D>, Result> {
    return elementwise('sqrt', arguments, this)
  }

  /** Returns the cube root. */
  cbrt(): UnaryArray<FloatDtype<D>, Result> {
    return elementwise('cbrt', arguments, this)
  }

  /** Returns `e ** this`. */
  exp(): UnaryArray<FloatDtype<D>, Result> {
    return elementwise('exp', arguments, this)
  }

  /** Returns `2 ** this`. */
  exp2(): UnaryArray<FloatDtype<D>, Result> {
    return elementwise('exp2', arguments, this)
  }

  /** Returns `exp(this) - 1`, accurate for small values. */
  expm1(): UnaryArray<FloatDtype<D>, Result> {
    return elementwise('expm1', arguments, this)
  }

  /** Returns the natural logarithm. */
  log(): UnaryArray<FloatDtype<D>, Result> {
    return elementwise('log', arguments, this)
  }

  /** Returns the logarithm to base 2. */
  log2(): UnaryArray<FloatDtype<D>, Result> {
    return elementwise('log2', arguments, this)
  }

  /** Returns the logarithm to base 10. */
  log10(): UnaryArray<FloatDtype<D>, Result> {
    return elementwise('log10', arguments, this)
  }

  /** Returns `log(1 + this)`, accurate for small values. */
  log1p(): UnaryArray<FloatDtype<D>, Result> {
    return elementwise('log1p', arguments, this)
  }

  /** Returns the sine of angles in radians. */
  sin(): UnaryArray<FloatDtype<D>, Result> {
    return elementwise('sin', arguments, this)
  }

  /** Returns the cosine of angles in radians. */
  cos(): UnaryArray<FloatDtype<D>, Result> {
    return elementwise('cos', arguments, this)
  }

  /** Returns the tangent of angles in radians. */
  tan(): UnaryArray<FloatDtype<D>, Result> {
    return elementwise('tan', arguments, this)
  }

  /** Returns the inverse sine in radians. */
  arcsin(): UnaryArray<FloatDtype<D>, Result> {
    return elementwise('arcsin', arguments, this)
  }

  /** Returns the inverse cosine in radians. */
  arccos(): UnaryArray<FloatDtype<D>, Result> {
    return elementwise('arccos', arguments, this)
  }

  /** Returns the inverse tangent in radians. */
  arctan(): UnaryArray<FloatDtype<D>, Result> {
    return elementwise('arctan', arguments, this)
  }

  /** Returns the hyperbolic sine. */
  sinh(): UnaryArray<FloatDtype<D>, Result> {
    return elementwise('sinh', arguments, this)
  }

  /** Returns the hyperbolic cosine. */
  cosh(): UnaryArray<FloatDtype<D>, Result> {
    return elementwise('cosh', arguments, this)
  }

  /** Returns the hyperbolic tangent. */
  tanh(): UnaryArray<FloatDtype<D>, Result> {
    return elementwise('tanh', arguments, this)
  }

  /** Returns the inverse hyperbolic sine. */
  arcsinh(): UnaryArray<FloatDtype<D>, Result> {
    return elementwise('arcsinh', arguments, this)
  }

  /** Returns the inverse hyperbolic cosine. */
  arccosh(): UnaryArray<FloatDtype<D>, Result> {
    return elementwise('arccosh', arguments, this)
  }

  /** Returns the inverse hyperbolic tangent. */
  arctanh(): UnaryArray<FloatDtype<D>, Result> {
    return elementwise('arctanh', arguments, this)
  }

  /** Rounds down to integers; the dtype stays. */
  floor(): UnaryArray<D, Result> {
    return elementwise('floor', arguments, this)
  }

  /** Rounds up to integers; the dtype stays. */
  ceil(): UnaryArray<D, Result> {
    return elementwise('ceil', arguments, this)
  }

  /** Rounds toward 0 to integers; the dtype stays. */
  trunc(): UnaryArray<D, Result> {
    return elementwise('trunc', arguments, this)
  }

  /**
   * Rounds to a number of decimals, halves to the even neighbour; the dtype stays. Negative numbers
   * round to tens, hundreds and so on; integers that overflow wrap around.
   * @throws TypeError for bools, unless `decimals` is 0.
   */
  round(decimals = 0): UnaryArray<D, Result> {
    checkArguments('round', arguments, 1, 'x.round(decimals)')
    return wrap(roundLayer(this, decimals))
  }

  /** Returns whether each element is NaN. */
  isnan(): UnaryArray<'bool', Result> {
    return elementwise('isnan', arguments, this)
  }

  /** Returns whether each element is neither NaN nor infinite. */
  isfinite(): UnaryArray<'bool', Result> {
    return elementwise('isfinite', arguments, this)
  }

  /** Returns whether each element is infinite. */
  isinf(): UnaryArray<'bool', Result> {
    return elementwise('isinf', arguments, this)
  }

  /**
   * Limits the elements to the range from `low` to `high`; null leaves a side open.
   * @example x.clip(0, 255)
   */
  clip<L extends Operand | null = null, H extends Operand | null = null>(
    low?: L,
    high?: H,
  ): BinaryArray<
    CommonDtype<L extends null ? D : CommonDtype<D, L>, H extends null ? false : H>,
    this,
    L extends null ? (H extends null ? false : H) : L
  > {
    checkArguments('clip', arguments, 2, 'x.clip(low, high)')
    return wrap(clipLayer(this, low, high))
  }

  /**
   * Converts the elements to another dtype. Floats are truncated to integers; integers wrap around.
   * @param options `casting` says which conversions are allowed, as in NumPy; `'unsafe'`, the default,
   * allows all.
   * @throws TypeError for a dtype that does not exist, or a conversion that `casting` forbids.
   * @example x.astype('int32', { casting: 'safe' })
   */
  astype<E extends Dtype>(dtype: E, options?: AstypeOptions): UnaryArray<E, Result> {
    checkArguments('astype', arguments, 2, 'x.astype(dtype, options)')
    return wrap(astypeLayer(this, dtype, options))
  }

  /**
   * Reads the bytes of the elements as another dtype. If elements have another size, the last axis becomes longer or shorter.
   * @throws RangeError if the bytes of the last axis cannot be divided.
   * @throws TypeError for a dtype that does not exist.
   * @example da.ones([4], { dtype: 'float64' }).view('int64')
   */
  view<E extends Dtype>(dtype: E): UnaryArray<E, Result> {
    checkArguments('view', arguments, 1, "x.view('int64')")
    return wrap(dtypeViewLayer(this, dtype))
  }

  /**
   * Takes elements along an axis in groups of positions, none of which is divided between chunks: the same as `da.shuffle`.
   * @throws RangeError for positions outside the array, and axes that do not exist.
   * @example x.shuffle([[0, 4, 8], [1, 5, 9]], { axis: 0 })
   */
  shuffle(
    indexer: readonly (readonly number[])[],
    options: { readonly axis?: number | undefined } = {},
  ): ChunkedArray<D> {
    checkArguments('shuffle', arguments, 2, 'x.shuffle(indexer, { axis })')
    checkOptions(options, ['axis'], 'shuffle')
    return new ChunkedArray<D>(shuffleLayer(this, indexer, options.axis ?? 0))
  }

  /**
   * Returns the coordinates of the elements that are not zero, an array for each axis: the same as `da.nonzero`.
   * @throws RangeError for an array without axes.
   * @example const [rows, columns] = x.nonzero()
   */
  nonzero(): ChunkedArray<'int64'>[] {
    checkArguments('nonzero', arguments, 0, 'x.nonzero()')
    return nonzeroLayers(this).map((spec) => new ChunkedArray<'int64'>(spec))
  }

  // Reductions

  /**
   * Returns the sum over all elements or the given axes. Bools and signed integers add up in int64,
   * unsigned integers in uint64. The option `dtype` is the dtype to add up in.
   * @param axis The axis or axes, or all options. The default is all axes.
   * @param options The options if the axis comes first.
   * @throws RangeError for axes that do not exist.
   * @throws TypeError for options that do not exist.
   * @example x.sum(0, { keepdims: true })
   */
  sum<const A extends ReductionArgument = {}, const O extends AxisReductionOptions = {}>(
    axis?: A,
    options?: O,
  ): ReducedArray<ReductionDtype<SumDtype<D>, A, O>, A, O> {
    return reduce('sum', arguments, this, axis, options)
  }

  /**
   * Returns the product over all elements or the given axes. Bools and signed integers multiply in
   * int64, unsigned integers in uint64.
   */
  prod<const A extends ReductionArgument = {}, const O extends AxisReductionOptions = {}>(
    axis?: A,
    options?: O,
  ): ReducedArray<ReductionDtype<SumDtype<D>, A, O>, A, O> {
    return reduce('prod', arguments, this, axis, options)
  }

  /** Returns the mean over all elements or the given axes. */
  mean<const A extends ReductionArgument = {}, const O extends AxisReductionOptions = {}>(
    axis?: A,
    options?: O,
  ): ReducedArray<ReductionDtype<QuotientDtype<D>, A, O>, A, O> {
    return reduce('mean', arguments, this, axis, options)
  }

  /**
   * Returns the variance over all elements or the given axes. The option `ddof`, 0 by default, is
   * subtracted from the count.
   * @example x.var(0, { ddof: 1 })
   */
  var<const A extends ReductionArgument = {}, const O extends AxisReductionOptions = {}>(
    axis?: A,
    options?: O,
  ): ReducedArray<ReductionDtype<QuotientDtype<RealDtype<D>>, A, O>, A, O> {
    return reduce('var', arguments, this, axis, options)
  }

  /**
   * Returns the standard deviation over all elements or the given axes. The option `ddof`, 0 by
   * default, is subtracted from the count.
   * @example x.std(0, { ddof: 1 })
   */
  std<const A extends ReductionArgument = {}, const O extends AxisReductionOptions = {}>(
    axis?: A,
    options?: O,
  ): ReducedArray<ReductionDtype<QuotientDtype<RealDtype<D>>, A, O>, A, O> {
    return reduce('std', arguments, this, axis, options)
  }

  /**
   * Returns the minimum over all elements or the given axes; NaN if any element is NaN.
   * @throws RangeError if there are no elements.
   */
  min<const A extends ReductionArgument = {}, const O extends AxisReductionOptions = {}>(
    axis?: A,
    options?: O,
  ): ReducedArray<D, A, O> {
    return reduce('min', arguments, this, axis, options)
  }

  /**
   * Returns the maximum over all elements or the given axes; NaN if any element is NaN.
   * @throws RangeError if there are no elements.
   */
  max<const A extends ReductionArgument = {}, const O extends AxisReductionOptions = {}>(
    axis?: A,
    options?: O,
  ): ReducedArray<D, A, O> {
    return reduce('max', arguments, this, axis, options)
  }

  /** Returns whether any element is not zero, over all elements or the given axes. */
  any<const A extends ReductionArgument = {}, const O extends AxisReductionOptions = {}>(
    axis?: A,
    options?: O,
  ): ReducedArray<'bool', A, O> {
    return reduce('any', arguments, this, axis, options)
  }

  /** Returns whether no element is zero, over all elements or the given axes. */
  all<const A extends ReductionArgument = {}, const O extends AxisReductionOptions = {}>(
    axis?: A,
    options?: O,
  ): ReducedArray<'bool', A, O> {
    return reduce('all', arguments, this, axis, options)
  }

  /**
   * Returns the position of the minimum along one axis, or in the row-major order of all elements.
   * Of equal elements the first counts; the first NaN counts before all others.
   * @throws RangeError for several axes, or if there are no elements.
   */
  argmin<const A extends ReductionArgument = {}, const O extends AxisReductionOptions = {}>(
    axis?: A,
    options?: O,
  ): ReducedArray<'int64', A, O> {
    return reduce('argmin', arguments, this, axis, options)
  }

  /**
   * Returns the position of the maximum along one axis, or in the row-major order of all elements.
   * Of equal elements the first counts; the first NaN counts before all others.
   * @throws RangeError for several axes, or if there are no elements.
   */
  argmax<const A extends ReductionArgument = {}, const O extends AxisReductionOptions = {}>(
    axis?: A,
    options?: O,
  ): ReducedArray<'int64', A, O> {
    return reduce('argmax', arguments, this, axis, options)
  }

  /**
   * Returns the central moment of an order over all elements or the given axes.
   * @throws RangeError for an order that is not a whole number of at least 0.
   * @example x.moment(3, { axis: 0 })
   */
  moment<const O extends MomentOptions = {}>(
    order: number,
    options?: O,
  ): ReducedArray<QuotientDtype<D>, O> {
    checkArguments('moment', arguments, 2, 'x.moment(3, { axis: 0 })')
    return wrap(momentLayer(this, order, options))
  }

  /**
   * Returns the sum of a diagonal of two axes, by default the main one of the first two.
   * @throws RangeError for axes that do not exist or are equal.
   * @example x.trace({ offset: 1 })
   */
  trace(
    options: TraceOptions = {},
  ): ChunkedArray<SumDtype<D>, NDArray<SumDtype<D>> | ScalarOf<SumDtype<D>>> {
    checkArguments('trace', arguments, 1, 'x.trace({ offset: 0 })')
    return wrap(traceLayer(this, options))
  }

  /**
   * Returns the sums of all elements up to each, along an axis or of the flattened array.
   * @throws RangeError for an axis that does not exist.
   * @example x.cumsum(0)
   */
  cumsum<E extends Dtype = SumDtype<D>>(axis?: CumulativeArgument<E>): ChunkedArray<E> {
    checkArguments('cumsum', arguments, 1, 'x.cumsum({ axis: 0 })')
    return wrap(cumulativeLayer(this, 'cumsum', axis))
  }

  /**
   * Returns the products of all elements up to each, along an axis or of the flattened array.
   * @throws RangeError for an axis that does not exist.
   * @example x.cumprod({ axis: 0, method: 'blelloch' })
   */
  cumprod<E extends Dtype = SumDtype<D>>(axis?: CumulativeArgument<E>): ChunkedArray<E> {
    checkArguments('cumprod', arguments, 1, 'x.cumprod({ axis: 0 })')
    return wrap(cumulativeLayer(this, 'cumprod', axis))
  }

  /**
   * Returns the `k` greatest elements along an axis, by default the last, in descending order; for a negative `k` the
   * least, in ascending order.
   * @throws RangeError for a `k` that is not a whole number, and for an axis that does not exist.
   * @example x.topk(3, { axis: 0 })
   */
  topk(k: number, axis?: TopkArgument): ChunkedArray<D> {
    checkArguments('topk', arguments, 2, 'x.topk(k, { axis: -1 })')
    return wrap(greatestLayer(this, 'topk', k, axis))
  }

  /**
   * Returns the positions of what `topk` returns.
   * @throws RangeError for a `k` that is not a whole number, and for an axis that does not exist.
   * @example x.argtopk(-3)
   */
  argtopk(k: number, axis?: TopkArgument): ChunkedArray<'int64'> {
    checkArguments('argtopk', arguments, 2, 'x.argtopk(k, { axis: -1 })')
    return wrap(greatestLayer(this, 'argtopk', k, axis))
  }

  // Indexing and shapes

  /**
   * Selects elements. NumPy: `x[...]`. There is one argument per axis, from the first:
   * - an integer picks one element and drops the axis; negative ones count from the end
   * - a string is a Python slice, such as `'1:10:2'` or `'::-1'`
   * - a list, typed array or lazy array of integers picks those elements, in their order
   * - a list, `NDArray` or lazy array of booleans is a mask and picks the elements for which it is true; it may have
   *   several axes, which become one
   * - `null` adds an axis of size 1
   * - `'...'` stands for all axes that have no argument; they stay whole, as do axes at the end
   *
   * Several lists are broadcast, and each tuple of positions picks one element. Axes that are picked by an integer are
   * dropped first, as in Dask. The size of an axis that a lazy mask selects from is not known: it is NaN in `shape` and
   * `chunks`. Operations that need it read the whole axis in one task.
   * @throws RangeError for positions outside the array, invalid slices and masks of another shape.
   * @example x.at('1:10:2', -1)
   * @example x.at(x.gt(0)).mean()
   */
  at<const I extends readonly LazyIndexItem[]>(...index: I): IndexedArray<D, I> {
    return wrap(indexLayer(this, index))
  }

  /**
   * Picks one element for each tuple of positions. Dask: `x.vindex[...]`. Lists and integers are broadcast, and their
   * axes come first in the result; slices keep their axes.
   * @example x.vindex.at([0, 1, 2], [5, 6, 7])
   */
  get vindex(): Indexer<D> {
    return { at: (...index) => wrap(pointwiseIndexLayer(this, index)) }
  }

  /**
   * The blocks: `x.blocks.at(0, '1:')` is the array of those blocks. Integers keep their axis. Dask: `x.blocks[...]`.
   * @example x.blocks.at(-1)
   */
  get blocks(): Indexer<D> {
    return { at: (...index) => wrap(blocksLayer(this, index as readonly IndexItem[])) }
  }

  /** The blocks, as `blocks`. */
  get partitions(): Indexer<D> {
    return this.blocks
  }

  /**
   * Returns the array with other elements where an index selects; this array stays as it is. NumPy: `x[...] = value`.
   * The value is broadcast to the shape of the selection and converted to the dtype of the array. If a list names an
   * element several times, the last one counts.
   * @param index The arguments of `at` as a list, or one of them, such as a mask.
   * @throws RangeError for values that do not broadcast, and for positions outside the array.
   * @throws TypeError for a fraction if the elements are integers.
   * @example x.set(['1:3', 0], 5)
   * @example x.set(x.lt(0), 0)
   */
  set(
    index: LazyIndexItem | readonly LazyIndexItem[],
    value: AnyArray | NDArray | ArrayValues,
  ): ChunkedArray<D, Result> {
    checkArguments('set', arguments, 2, 'x.set([index], value)')
    return wrap(setLayer(this, index, value))
  }

  /**
   * Chooses for each element, an integer, the element of the choice with that number. All broadcast. NumPy: `choose`.
   * @throws TypeError for an array of other dtypes, and without choices.
   * @example kinds.choose([x, y, 0])
   */
  choose(choices: readonly Operand[]): ChunkedArray {
    checkArguments('choose', arguments, 1, 'x.choose(choices)')
    return wrap(chooseLayer(this, choices))
  }

  /**
   * Reorders the axes, or reverses them if no order is given.
   * @throws RangeError unless the order names each axis once.
   * @example x.transpose(2, 0, 1)
   */
  transpose(...order: readonly number[] | readonly [readonly number[]]): ChunkedArray<D, Result> {
    const axes = order.every((axis) => axis === undefined)
      ? undefined
      : integersOf(order, 'transpose')
    return wrap(transposeLayer(this, axes))
  }

  /** The array with its axes reversed. */
  get T(): ChunkedArray<D, Result> {
    return wrap(transposeLayer(this))
  }

  /**
   * The array with its last two axes swapped.
   * @throws RangeError for arrays with fewer than two axes.
   */
  get mT(): ChunkedArray<D, Result> {
    return wrap(swapAxesLayer(this, -1, -2, 'mT'))
  }

  /**
   * Changes the shape; the elements keep their row-major order. One size may be -1.
   * @throws RangeError unless the sizes multiply to the number of elements.
   * @example x.reshape(-1, 3)
   */
  reshape(...shape: readonly number[] | readonly [readonly number[]]): ChunkedArray<D> {
    return wrap(reshapeLayer(this, integersOf(shape, 'reshape')))
  }

  /** Flattens to one axis, in row-major order. */
  ravel(): ChunkedArray<D> {
    checkArguments('ravel', arguments, 0, 'x.ravel()')
    return wrap(reshapeLayer(this, [-1]))
  }

  /** Returns the elements in row-major order, along one axis: the same as `ravel`. */
  flatten(): ChunkedArray<D> {
    checkArguments('flatten', arguments, 0, 'x.flatten()')
    return wrap(reshapeLayer(this, [-1]))
  }

  /**
   * Drops axes of size 1: those given, or all.
   * @throws RangeError for an axis of another size.
   * @example x.squeeze(0)
   */
  squeeze(axis?: number | readonly number[] | null): ChunkedArray<D> {
    checkArguments('squeeze', arguments, 1, 'x.squeeze(0)')
    return wrap(squeezeLayer(this, axis))
  }

  /**
   * Swaps two axes.
   * @throws RangeError for axes that do not exist.
   */
  swapaxes(first: number, second: number): ChunkedArray<D> {
    checkArguments('swapaxes', arguments, 2, 'x.swapaxes(0, 1)')
    return wrap(swapAxesLayer(this, first, second, 'swapaxes'))
  }

  /**
   * Repeats each element along an axis: as often for all, or a number of times for each. Without an axis,
   * the array is flattened first.
   * @throws RangeError for negative numbers and fractions, and for lists of the wrong length.
   * @example x.repeat(3, 0)
   */
  repeat(repeats: number | readonly number[], axis?: number | null): ChunkedArray<D> {
    checkArguments('repeat', arguments, 2, 'x.repeat(3, 0)')
    return wrap(repeatLayer(this, repeats, axis))
  }

  /**
   * Changes the chunk sizes; the elements stay the same.
   * @param chunks For all axes, for each axis in a list, or by axis in an object: a size, a list of sizes, -1 for the whole
   * axis, `'auto'` for blocks of at most 16 MiB, or `'100MiB'` for blocks of at most so many bytes. Axes that are `null`, or
   * not in the object, stay as they are.
   * @param options `balance` makes chunks of nearly equal sizes. `threshold` and `blockSizeLimit` decide whether there are
   * chunks in between.
   * @throws RangeError for sizes that do not fit the shape, and axes that do not exist; TypeError for unknown options.
   * @example x.rechunk([1000, -1])
   * @example x.rechunk({ 0: -1, 1: 'auto' }, { blockSizeLimit: '100MiB' })
   */
  rechunk(chunks: ChunksSpec, options: RechunkOptions = {}): ChunkedArray<D, Result> {
    checkArguments('rechunk', arguments, 2, 'x.rechunk(chunks, { balance: true })')
    return wrap(rechunkLayer(this, chunks, options))
  }

  // Linear algebra

  /**
   * Returns the matrix product, as NumPy's `@`. A vector is a row on the left and a column on the
   * right; of arrays with more than two axes, the last two are matrices and the others broadcast.
   * @throws RangeError if the shapes do not match.
   */
  matmul<O extends AnyArray>(other: O): ProductArray<this, O> {
    checkArguments('matmul', arguments, 1, 'x.matmul(other)')
    return wrap(matmulLayer(this, other))
  }

  /**
   * Returns NumPy's `dot`: of vectors one value, of matrices their product, of other arrays sums of products over
   * the last axis of this one and the second last of the other, and with a number the product.
   * @throws RangeError if the shapes do not match.
   * @example await x.dot(y).compute()
   */
  dot<O extends AnyArray | Scalar>(other: O): DotProductArray<this, O> {
    checkArguments('dot', arguments, 1, 'x.dot(other)')
    return wrap(dotLayer(this, other))
  }

  // Blocks

  /**
   * Calls a function with every block. It receives a copy of the block as a `NDArray`, then the other
   * arguments: of arrays, which broadcast, their matching blocks, of lazy items and futures their values. If
   * it has one more parameter, that is a `BlockContext` with the position of the block. It returns an
   * `NDArray`, a typed array or nested lists, of the shape of the block unless `chunks` describes another.
   * A plain object at the end is taken for the options.
   * @param args Further arguments of the function, then the options `dtype`, `chunks`, `dropAxis` and `newAxis`.
   * @throws RangeError for shapes that do not broadcast, axes that do not exist, and chunks that do not match.
   * @throws TypeError for options that do not exist.
   * @example x.mapBlocks((block, factor) => block.data.map((v) => v * factor), 2)
   */
  mapBlocks<R, E extends Dtype = InferredDtype<Awaited<R>, D>>(
    fn: (block: NDArray<D>, context: BlockContext) => R,
    options?: MapBlocksOptions<E>,
  ): ChunkedArray<E>
  mapBlocks<A extends readonly unknown[], R, E extends Dtype = InferredDtype<Awaited<R>, D>>(
    fn: (block: NDArray<D>, ...args: [...BlocksOf<A>, BlockContext]) => R,
    ...args: [...A, MapBlocksOptions<E>]
  ): ChunkedArray<E>
  mapBlocks<A extends readonly unknown[], R, E extends Dtype = InferredDtype<Awaited<R>, D>>(
    fn: (block: NDArray<D>, ...args: [...BlocksOf<A>, BlockContext]) => R,
    ...args: A
  ): ChunkedArray<E>
  mapBlocks(fn: unknown, ...args: readonly unknown[]): ChunkedArray {
    return wrap(mapBlocksLayer(fn, [this, ...args]))
  }

  /**
   * Computes the sizes of all chunks and returns the array with them. Only arrays whose sizes are not known, such as
   * `x.at(mask)`, need it. The blocks are computed for this and again later; call `persist()` first if that is costly.
   * @param options Those of `compute`.
   * @example const y = await x.at(x.gt(0)).computeChunkSizes()
   */
  async computeChunkSizes(options: ComputeOptions = {}): Promise<this> {
    checkArguments('computeChunkSizes', arguments, 1, 'await x.computeChunkSizes()')
    if (!hasUnknown(this.chunks)) return this
    const shapes = new ChunkedArray(shapesLayer(this))
    const blocks = await shapes.computeBlocks(options, 'computeChunkSizes')
    const chunks = gridOfShapes(blocks as number[][], this.chunks)
    return wrap({ layer: this.layer, dtype: this.dtype, chunks })
  }

  /**
   * Calls a function with blocks that have some elements of their neighbours, and cuts these off the results: moving
   * averages, stencils, filters. The function receives what one of `mapBlocks` does, and returns a block of the same shape.
   * Chunks may be smaller than the depth.
   * @param args Further arguments of the function, then the options `depth`, `boundary`, `trim` and those of `mapBlocks`.
   * @throws RangeError for depths and boundaries that do not exist.
   * @throws TypeError for options that do not exist.
   * @example x.mapOverlap((block) => smooth(block), { depth: { 0: 1 }, boundary: 'nearest' })
   */
  mapOverlap<A extends readonly unknown[], R, E extends Dtype = InferredDtype<Awaited<R>, D>>(
    fn: (block: NDArray<D>, ...args: [...BlocksOf<A>, BlockContext]) => R,
    ...args: [...A, MapOverlapOptions<E>]
  ): ChunkedArray<E> {
    return wrap(mapOverlapLayer(fn, [this, ...args]))
  }

  /** Returns the blocks in row-major order, each as a lazy value. */
  toDelayed(): Delayed<NDArray<D>>[] {
    checkArguments('toDelayed', arguments, 0, 'x.toDelayed()')
    return delayedBlocks<NDArray<D>>(this.layer)
  }

  /** Returns a summary: dtype, shape and chunks. */
  override toString(): string {
    const chunks = this.chunks.map((sizes) =>
      sizes.length > 4
        ? `${sizes.slice(0, 3).join(', ')}, ... (${sizes.length})`
        : sizes.join(', '),
    )
    const grid = chunks.map((sizes) => `[${sizes}]`).join(', ')
    return `ChunkedArray<${this.dtype}, shape [${this.shape.join(', ')}], chunks [${grid}]>`
  }

  /** Returns what `console.log` prints. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString()
  }

  // Storage

  /**
   * Writes the blocks to a target, which is anything with a method `set(region, block)`; see `da.store`. The option
   * `regions` is the region of the target: a list of one slice per axis.
   * @throws RangeError for a region or target of another shape, TypeError for one of another dtype.
   * @example await x.store(target, { regions: ['0:100', ':'] })
   */
  store(
    target: ArrayTarget,
    options: StoreOptions & { readonly compute: false; readonly returnStored: true },
  ): ChunkedArray<D>
  store(target: ArrayTarget, options: StoreOptions & { readonly compute: false }): Delayed<void>
  store(
    target: ArrayTarget,
    options: StoreOptions & ComputeOptions & { readonly returnStored: true },
  ): Promise<ChunkedArray<D>>
  store(target: ArrayTarget, options?: StoreOptions & ComputeOptions): Promise<void>
  store(target: ArrayTarget, options: StoreOptions & ComputeOptions = {}): unknown {
    checkArguments('store', arguments, 2, 'x.store(target, options)')
    return storeArrays(this, target, options, wrap)
  }

  /**
   * Writes the array to an `.npy` file, which appears when it is complete; see `da.toNpy`.
   * @throws TypeError for options that do not exist.
   * @example await x.toNpy('out/x.npy')
   */
  toNpy(path: string | URL, options: ToNpyOptions = {}): Promise<void> {
    checkArguments('toNpy', arguments, 2, 'x.toNpy(path, options)')
    return writeNpy(path, this, options)
  }

  /**
   * Writes the array to a Zarr array, which is made, and returns the array that reads it; see `da.toZarr`.
   * @throws TypeError for options that do not exist, RangeError (as a rejection) if there is an array already.
   * @example await x.toZarr('data.zarr', { component: 'x', compressor: 'gzip' })
   */
  async toZarr(location: ZarrLocation, options: ToZarrOptions = {}): Promise<ChunkedArray<D>> {
    checkArguments('toZarr', arguments, 2, 'x.toZarr(location, options)')
    return wrap(await writeZarr(this, location, options))
  }

  /** Checks that the elements fit into the memory of this process. */
  override [assertFits](operation: string): void {
    const { dtype, shape, npartitions: blocks } = this
    assertResultFits(operation, { dtype, shape, blocks })
  }

  /** Describes the blocks of a layer, for `explain`. */
  override [blocksOfLayer](layer: Layer): LayerBlocks | undefined {
    return layerBlocks(layer)
  }

  protected finalize(blocks: readonly unknown[]): Result {
    const chunk = joinBlocks(blocks as readonly NDArray[], this.chunks, this.dtype)
    return (this.ndim === 0 ? chunk.item() : chunk) as Result
  }

  protected revival() {
    const { dtype, chunks } = this
    return {
      reviver: { module: 'collections/array/chunked-array', name: 'reviveArray' },
      meta: { dtype, chunks },
    }
  }

  protected withLayer(layer: Layer): this {
    return wrap(arrayOfLayer(layer, this.dtype, this.chunks))
  }
}

/** Wraps a spec. The static type, which the caller's signature declares, is not checked. */
function wrap<A>(spec: ArraySpec): A {
  return new ChunkedArray(spec) as A
}

/** The names of methods that differ from the names of their operations. */
const methodNames: Partial<Record<OperatorName, string>> = {
  subtract: 'sub',
  multiply: 'mul',
  divide: 'div',
  remainder: 'mod',
  power: 'pow',
  equal: 'eq',
  notEqual: 'ne',
  less: 'lt',
  lessEqual: 'le',
  greater: 'gt',
  greaterEqual: 'ge',
  bitwiseAnd: 'and',
  bitwiseOr: 'or',
  bitwiseXor: 'xor',
  invert: 'not',
  negative: 'neg',
  absolute: 'abs',
  conjugate: 'conj',
}

/** Applies an elementwise operation; `args` are the arguments of the method that was called. */
function elementwise<A>(
  op: OperatorName,
  args: ArrayLike<unknown>,
  ...operands: readonly unknown[]
): A {
  const others = operands.length - 1
  if (args.length > others) {
    const method = methodNames[op] ?? op
    checkArguments(method, args, others, `x.${method}(${others === 0 ? '' : 'other'})`)
  }
  return wrap(elementwiseLayer(op, operands))
}

/** Reduces an array; `args` are the arguments of the method that was called. */
function reduce<A>(
  name: ReductionName,
  args: ArrayLike<unknown>,
  array: ArraySpec,
  axis: ReductionArgument | undefined,
  options: AxisReductionOptions | undefined,
): A {
  checkReductionArguments(name, args, 'method')
  return wrap(reductionLayer(array, name, axis, options))
}

/** Makes an array from its layer and the metadata of its description. */
export function reviveArray(layer: Layer, meta: Omit<ArraySpec, 'layer'>): ChunkedArray {
  return new ChunkedArray(arrayOfLayer(layer, meta.dtype, meta.chunks))
}

operations('collections/array/chunked-array', { reviveArray })
