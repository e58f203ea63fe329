/**
 * `ChunkedArray`, the class of lazy N-d arrays: a thin face. A method calls one function of `layers/`,
 * which checks the arguments and makes the layer; functions of `da` call the same ones.
 *
 * The parts of an operation are found by its subject. A reduction, for example, has a method here, a
 * function in `reduction-functions.ts`, its layers in `layers/reduction-layers.ts`, the steps of
 * tasks in `steps/reduction-steps.ts`, and the loops over elements in `kernels/`.
 */
import { operations } from '../../core/base/operations.js'
import type { Layer } from '../../core/graph/layer.js'
import { Collection } from '../base/collection.js'
import { type Delayed, delayedBlocks } from '../base/delayed.js'
import { type PlainUseAdvice, plainUseAdvice } from '../base/plain-use.js'
import type {
  AnyArray,
  BinaryResult,
  CommonDtype,
  FloatDtype,
  NumericDtype,
  Operand,
  SumDtype,
  UnaryResult,
} from './array-types.js'
import type { Chunk } from './block/chunk.js'
import { type Dtype, dtypeInfo, type Promote, type ScalarOf } from './block/dtype.js'
import type { OperatorName } from './expressions/operator-table.js'
import { joinBlocks } from './kernels/assemble-block.js'
import type { ReductionName } from './kernels/partial-reductions.js'
import type { ArraySpec } from './layers/array-spec.js'
import {
  astypeLayer,
  clipLayer,
  elementwiseLayer,
  roundLayer,
} from './layers/elementwise-layers.js'
import { indexLayer } from './layers/indexing-layers.js'
import { dotLayer, matmulLayer } from './layers/linear-algebra-layers.js'
import { type MapBlocksOptions, mapBlocksLayer } from './layers/map-blocks-layers.js'
import { rechunkLayer } from './layers/rechunk-layers.js'
import { type ReductionArgument, reductionLayer } from './layers/reduction-layers.js'
import { reshapeLayer, transposeLayer } from './layers/reshape-layers.js'
import { type Grid, gridShape, numblocksOf } from './planning/chunk-grid.js'
import type { ChunksSpec } from './planning/chunks-argument.js'
import type { IndexItem } from './planning/index-parser.js'

/** The array that an operation on one array returns; `R` is the computed value of the operand. */
type UnaryArray<D extends Dtype, R> = ChunkedArray<D, UnaryResult<D, R>>

/** The array that an operation on two operands returns. */
export type BinaryArray<D extends Dtype, A, B> = ChunkedArray<D, BinaryResult<D, A, B>>

/** The array that a reduction returns: one value, unless `axis` or `keepdims` is given. */
export type ReducedArray<D extends Dtype, H> = H extends
  | { keepdims: true }
  | { axis: number | readonly number[] }
  | number
  | readonly number[]
  ? ChunkedArray<D>
  : ChunkedArray<D, ScalarOf<D>>

/** The array that `at` returns: of one value if all axes are indexed by integers. */
type IndexedArray<D extends Dtype, I extends readonly IndexItem[]> = I extends readonly number[]
  ? ChunkedArray<D, Chunk<D> | ScalarOf<D>>
  : ChunkedArray<D>

/** The matrix product of two arrays. */
export type ProductArray<A extends AnyArray, B extends AnyArray> = ChunkedArray<
  Promote<A['dtype'], B['dtype']>
>

/** A product that is one value for two vectors. */
export type DotProductArray<A extends AnyArray, B extends AnyArray> = ChunkedArray<
  Promote<A['dtype'], B['dtype']>,
  Chunk<Promote<A['dtype'], B['dtype']>> | ScalarOf<Promote<A['dtype'], B['dtype']>>
>

/**
 * A lazy N-d array of dtype `D`. `compute()` returns `Result`: a `Chunk`, or a plain value for an
 * array without axes.
 *
 * Operands of elementwise methods are arrays or plain values. Shapes broadcast and dtypes promote as
 * in NumPy 2: plain values take the dtype of the array if they can. Invalid arguments throw when a
 * method is called, before anything is computed: a RangeError for shapes that do not broadcast, axes
 * that do not exist and integers that do not fit the dtype, a TypeError for arguments of other types.
 *
 * Make arrays with `da.fromArray`, `da.zeros`, `da.arange` and other functions of `da`.
 *
 * @example
 * const x = da.random.normal([10_000, 1_000], { chunks: 1_000, seed: 1 })
 * const standardized = x.sub(x.mean(0)).div(x.std(0))
 * const covariance = await standardized.T.matmul(standardized).div(10_000).compute()
 */
export class ChunkedArray<D extends Dtype = Dtype, Result = Chunk<D>> extends Collection<Result> {
  /** The dtype of the elements. */
  readonly dtype: D
  /** For each axis, the sizes of its chunks. */
  readonly chunks: Grid

  /** Makes an array of a layer whose blocks are chunks. Users call functions of `da` instead. */
  constructor(spec: ArraySpec) {
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
    return elementwise('add', this, other)
  }

  /** Returns `this - other`. NumPy: `subtract`. Throws a TypeError for bools. */
  sub<O extends Operand>(other: O): BinaryArray<CommonDtype<D, O>, this, O> {
    return elementwise('subtract', this, other)
  }

  /** Returns `this * other`; for bools, whether both are true. NumPy: `multiply`. */
  mul<O extends Operand>(other: O): BinaryArray<CommonDtype<D, O>, this, O> {
    return elementwise('multiply', this, other)
  }

  /** Returns `this / other`, in float64 for integers and bools. NumPy: `divide`. */
  div<O extends Operand>(other: O): BinaryArray<FloatDtype<CommonDtype<D, O>>, this, O> {
    return elementwise('divide', this, other)
  }

  /** Returns `this / other` rounded down; 0 for an integer divided by 0. NumPy: `floor_divide`. */
  floorDivide<O extends Operand>(other: O): BinaryArray<NumericDtype<CommonDtype<D, O>>, this, O> {
    return elementwise('floorDivide', this, other)
  }

  /** Returns the remainder with the sign of the divisor, as Python's `%`. NumPy: `remainder`. */
  mod<O extends Operand>(other: O): BinaryArray<NumericDtype<CommonDtype<D, O>>, this, O> {
    return elementwise('remainder', this, other)
  }

  /**
   * Returns `this ** other`. NumPy: `power`.
   * @throws RangeError for an integer array and a negative integer.
   */
  pow<O extends Operand>(other: O): BinaryArray<NumericDtype<CommonDtype<D, O>>, this, O> {
    return elementwise('power', this, other)
  }

  /** Returns the smaller of each pair of elements; NaN if either is NaN. */
  minimum<O extends Operand>(other: O): BinaryArray<CommonDtype<D, O>, this, O> {
    return elementwise('minimum', this, other)
  }

  /** Returns the larger of each pair of elements; NaN if either is NaN. */
  maximum<O extends Operand>(other: O): BinaryArray<CommonDtype<D, O>, this, O> {
    return elementwise('maximum', this, other)
  }

  /** Returns `sqrt(this ** 2 + other ** 2)`; the squares do not overflow. */
  hypot<O extends Operand>(other: O): BinaryArray<FloatDtype<CommonDtype<D, O>>, this, O> {
    return elementwise('hypot', this, other)
  }

  /** Returns the angle in radians between the x axis and the point `(x, y) = (other, this)`. */
  arctan2<O extends Operand>(other: O): BinaryArray<FloatDtype<CommonDtype<D, O>>, this, O> {
    return elementwise('arctan2', this, other)
  }

  // Comparisons

  /** Returns whether `this == other`. NumPy: `equal`. */
  eq<O extends Operand>(other: O): BinaryArray<'bool', this, O> {
    return elementwise('equal', this, other)
  }

  /** Returns whether `this != other`. NumPy: `not_equal`. */
  ne<O extends Operand>(other: O): BinaryArray<'bool', this, O> {
    return elementwise('notEqual', this, other)
  }

  /** Returns whether `this < other`. NumPy: `less`. */
  lt<O extends Operand>(other: O): BinaryArray<'bool', this, O> {
    return elementwise('less', this, other)
  }

  /** Returns whether `this <= other`. NumPy: `less_equal`. */
  le<O extends Operand>(other: O): BinaryArray<'bool', this, O> {
    return elementwise('lessEqual', this, other)
  }

  /** Returns whether `this > other`. NumPy: `greater`. */
  gt<O extends Operand>(other: O): BinaryArray<'bool', this, O> {
    return elementwise('greater', this, other)
  }

  /** Returns whether `this >= other`. NumPy: `greater_equal`. */
  ge<O extends Operand>(other: O): BinaryArray<'bool', this, O> {
    return elementwise('greaterEqual', this, other)
  }

  // Logic and bits

  /**
   * Returns `this & other`: both, for bools; bit by bit, for integers. NumPy: `bitwise_and`.
   * @throws TypeError for floats.
   * @example x.ge(0).and(x.lt(1))
   */
  and<O extends Operand>(other: O): BinaryArray<CommonDtype<D, O>, this, O> {
    return elementwise('bitwiseAnd', this, other)
  }

  /**
   * Returns `this | other`: either, for bools; bit by bit, for integers. NumPy: `bitwise_or`.
   * @throws TypeError for floats.
   */
  or<O extends Operand>(other: O): BinaryArray<CommonDtype<D, O>, this, O> {
    return elementwise('bitwiseOr', this, other)
  }

  /**
   * Returns `this ^ other`: exactly one, for bools; bit by bit, for integers. NumPy: `bitwise_xor`.
   * @throws TypeError for floats.
   */
  xor<O extends Operand>(other: O): BinaryArray<CommonDtype<D, O>, this, O> {
    return elementwise('bitwiseXor', this, other)
  }

  /**
   * Returns `~this`: the opposite, for bools; all bits inverted, for integers. NumPy: `invert`.
   * @throws TypeError for floats.
   */
  not(): UnaryArray<D, Result> {
    return elementwise('invert', this)
  }

  // Elementwise functions

  /** Returns `-this`. NumPy: `negative`. Throws a TypeError for bools. */
  neg(): UnaryArray<D, Result> {
    return elementwise('negative', this)
  }

  /** Returns the absolute value. NumPy: `absolute`. */
  abs(): UnaryArray<D, Result> {
    return elementwise('absolute', this)
  }

  /** Returns -1, 0 or 1 for the sign; NaN for NaN. Throws a TypeError for bools. */
  sign(): UnaryArray<D, Result> {
    return elementwise('sign', this)
  }

  /** Returns `this * this`. */
  square(): UnaryArray<NumericDtype<D>, Result> {
    return elementwise('square', this)
  }

  /** Returns `1 / this`, rounded toward 0 for integers. */
  reciprocal(): UnaryArray<NumericDtype<D>, Result> {
    return elementwise('reciprocal', this)
  }

  /** Returns the square root; NaN for negative numbers. */
  sqrt(): UnaryArray<FloatDtype<D>, Result> {
    return elementwise('sqrt', this)
  }

  /** Returns the cube root. */
  cbrt(): UnaryArray<FloatDtype<D>, Result> {
    return elementwise('cbrt', this)
  }

  /** Returns `e ** this`. */
  exp(): UnaryArray<FloatDtype<D>, Result> {
    return elementwise('exp', this)
  }

  /** Returns `2 ** this`. */
  exp2(): UnaryArray<FloatDtype<D>, Result> {
    return elementwise('exp2', this)
  }

  /** Returns `exp(this) - 1`, accurate for small values. */
  expm1(): UnaryArray<FloatDtype<D>, Result> {
    return elementwise('expm1', this)
  }

  /** Returns the natural logarithm. */
  log(): UnaryArray<FloatDtype<D>, Result> {
    return elementwise('log', this)
  }

  /** Returns the logarithm to base 2. */
  log2(): UnaryArray<FloatDtype<D>, Result> {
    return elementwise('log2', this)
  }

  /** Returns the logarithm to base 10. */
  log10(): UnaryArray<FloatDtype<D>, Result> {
    return elementwise('log10', this)
  }

  /** Returns `log(1 + this)`, accurate for small values. */
  log1p(): UnaryArray<FloatDtype<D>, Result> {
    return elementwise('log1p', this)
  }

  /** Returns the sine of angles in radians. */
  sin(): UnaryArray<FloatDtype<D>, Result> {
    return elementwise('sin', this)
  }

  /** Returns the cosine of angles in radians. */
  cos(): UnaryArray<FloatDtype<D>, Result> {
    return elementwise('cos', this)
  }

  /** Returns the tangent of angles in radians. */
  tan(): UnaryArray<FloatDtype<D>, Result> {
    return elementwise('tan', this)
  }

  /** Returns the inverse sine in radians. */
  arcsin(): UnaryArray<FloatDtype<D>, Result> {
    return elementwise('arcsin', this)
  }

  /** Returns the inverse cosine in radians. */
  arccos(): UnaryArray<FloatDtype<D>, Result> {
    return elementwise('arccos', this)
  }

  /** Returns the inverse tangent in radians. */
  arctan(): UnaryArray<FloatDtype<D>, Result> {
    return elementwise('arctan', this)
  }

  /** Returns the hyperbolic sine. */
  sinh(): UnaryArray<FloatDtype<D>, Result> {
    return elementwise('sinh', this)
  }

  /** Returns the hyperbolic cosine. */
  cosh(): UnaryArray<FloatDtype<D>, Result> {
    return elementwise('cosh', this)
  }

  /** Returns the hyperbolic tangent. */
  tanh(): UnaryArray<FloatDtype<D>, Result> {
    return elementwise('tanh', this)
  }

  /** Returns the inverse hyperbolic sine. */
  arcsinh(): UnaryArray<FloatDtype<D>, Result> {
    return elementwise('arcsinh', this)
  }

  /** Returns the inverse hyperbolic cosine. */
  arccosh(): UnaryArray<FloatDtype<D>, Result> {
    return elementwise('arccosh', this)
  }

  /** Returns the inverse hyperbolic tangent. */
  arctanh(): UnaryArray<FloatDtype<D>, Result> {
    return elementwise('arctanh', this)
  }

  /** Rounds down to integers; the dtype stays. */
  floor(): UnaryArray<D, Result> {
    return elementwise('floor', this)
  }

  /** Rounds up to integers; the dtype stays. */
  ceil(): UnaryArray<D, Result> {
    return elementwise('ceil', this)
  }

  /** Rounds toward 0 to integers; the dtype stays. */
  trunc(): UnaryArray<D, Result> {
    return elementwise('trunc', this)
  }

  /**
   * Rounds to a number of decimals, halves to the even neighbour; the dtype stays. Negative numbers
   * round to tens, hundreds and so on; integers that overflow wrap around.
   * @throws TypeError for bools, unless `decimals` is 0.
   */
  round(decimals = 0): UnaryArray<D, Result> {
    return wrap(roundLayer(this, decimals))
  }

  /** Returns whether each element is NaN. */
  isnan(): UnaryArray<'bool', Result> {
    return elementwise('isnan', this)
  }

  /** Returns whether each element is neither NaN nor infinite. */
  isfinite(): UnaryArray<'bool', Result> {
    return elementwise('isfinite', this)
  }

  /** Returns whether each element is infinite. */
  isinf(): UnaryArray<'bool', Result> {
    return elementwise('isinf', this)
  }

  /**
   * Limits the elements to the range from `low` to `high`; null leaves a side open.
   * @example x.clip(0, 255)
   */
  clip<L extends Operand | null, H extends Operand | null = null>(
    low: L,
    high?: H,
  ): BinaryArray<
    CommonDtype<L extends null ? D : CommonDtype<D, L>, H extends null ? 0n : H>,
    this,
    L extends null ? (H extends null ? 0n : H) : L
  > {
    return wrap(clipLayer(this, low, high))
  }

  /**
   * Converts the elements to another dtype. Floats are truncated to integers; integers wrap around.
   */
  astype<E extends Dtype>(dtype: E): UnaryArray<E, Result> {
    return wrap(astypeLayer(this, dtype))
  }

  // Reductions

  /**
   * Returns the sum over all elements or the given axes. Integers and bools add up in int64.
   * @example x.sum({ axis: 0, keepdims: true })
   */
  sum<const A extends ReductionArgument = {}>(options?: A): ReducedArray<SumDtype<D>, A> {
    return reduce('sum', this, options)
  }

  /**
   * Returns the product over all elements or the given axes. Integers and bools multiply in int64.
   */
  prod<const A extends ReductionArgument = {}>(options?: A): ReducedArray<SumDtype<D>, A> {
    return reduce('prod', this, options)
  }

  /** Returns the mean over all elements or the given axes. */
  mean<const A extends ReductionArgument = {}>(options?: A): ReducedArray<FloatDtype<D>, A> {
    return reduce('mean', this, options)
  }

  /**
   * Returns the variance over all elements or the given axes. The option `ddof` is subtracted from
   * the count.
   */
  var<const A extends ReductionArgument = {}>(options?: A): ReducedArray<FloatDtype<D>, A> {
    return reduce('var', this, options)
  }

  /**
   * Returns the standard deviation over all elements or the given axes. The option `ddof` is
   * subtracted from the count.
   */
  std<const A extends ReductionArgument = {}>(options?: A): ReducedArray<FloatDtype<D>, A> {
    return reduce('std', this, options)
  }

  /**
   * Returns the minimum over all elements or the given axes; NaN if any element is NaN.
   * @throws RangeError if there are no elements.
   */
  min<const A extends ReductionArgument = {}>(options?: A): ReducedArray<D, A> {
    return reduce('min', this, options)
  }

  /**
   * Returns the maximum over all elements or the given axes; NaN if any element is NaN.
   * @throws RangeError if there are no elements.
   */
  max<const A extends ReductionArgument = {}>(options?: A): ReducedArray<D, A> {
    return reduce('max', this, options)
  }

  /** Returns whether any element is not zero, over all elements or the given axes. */
  any<const A extends ReductionArgument = {}>(options?: A): ReducedArray<'bool', A> {
    return reduce('any', this, options)
  }

  /** Returns whether no element is zero, over all elements or the given axes. */
  all<const A extends ReductionArgument = {}>(options?: A): ReducedArray<'bool', A> {
    return reduce('all', this, options)
  }

  /**
   * Returns the position of the minimum along one axis, or in the row-major order of all elements.
   * Of equal elements the first counts; the first NaN counts before all others.
   * @throws RangeError for several axes, or if there are no elements.
   */
  argmin<const A extends ReductionArgument = {}>(options?: A): ReducedArray<'int64', A> {
    return reduce('argmin', this, options)
  }

  /**
   * Returns the position of the maximum along one axis, or in the row-major order of all elements.
   * Of equal elements the first counts; the first NaN counts before all others.
   * @throws RangeError for several axes, or if there are no elements.
   */
  argmax<const A extends ReductionArgument = {}>(options?: A): ReducedArray<'int64', A> {
    return reduce('argmax', this, options)
  }

  // Indexing and shapes

  /**
   * Selects elements. NumPy: `x[...]`. There is one argument per axis, from the first:
   * - an integer picks one element and drops the axis; negative ones count from the end
   * - a string is a Python slice, such as `'1:10:2'` or `'::-1'`
   * - a list or typed array of integers picks those elements; one list at most
   * - `null` adds an axis of size 1
   * - `'...'` stands for all axes that have no argument; they stay whole, as do axes at the end
   * @throws RangeError for positions outside the array and invalid slices.
   * @example x.at('1:10:2', -1)
   */
  at<const I extends readonly IndexItem[]>(...index: I): IndexedArray<D, I> {
    return wrap(indexLayer(this, index))
  }

  /**
   * Reorders the axes, or reverses them if no order is given.
   * @throws RangeError unless the order names each axis once.
   * @example x.transpose(2, 0, 1)
   */
  transpose(...order: readonly number[] | readonly [readonly number[]]): ChunkedArray<D, Result> {
    return wrap(transposeLayer(this, order.length === 0 ? undefined : (order.flat() as number[])))
  }

  /** The array with its axes reversed. */
  get T(): ChunkedArray<D, Result> {
    return this.transpose()
  }

  /**
   * Changes the shape; the elements keep their row-major order. One size may be -1.
   * @throws RangeError unless the sizes multiply to the number of elements.
   * @example x.reshape(-1, 3)
   */
  reshape(...shape: readonly number[] | readonly [readonly number[]]): ChunkedArray<D> {
    return wrap(reshapeLayer(this, shape.flat() as readonly number[]))
  }

  /** Flattens to one axis, in row-major order. */
  ravel(): ChunkedArray<D> {
    return this.reshape(-1)
  }

  /**
   * Changes the chunk sizes; the elements stay the same.
   * @param chunks One size for all axes, or for each axis a size, a list of sizes, -1 for the whole
   * axis, or `'auto'` for blocks of at most 16 MiB.
   * @example x.rechunk([1000, -1])
   */
  rechunk(chunks: ChunksSpec): ChunkedArray<D, Result> {
    return wrap(rechunkLayer(this, chunks))
  }

  // Linear algebra

  /**
   * Returns the matrix product, as NumPy's `@`. A vector is a row on the left and a column on the
   * right; of arrays with more than two axes, the last two are matrices and the others broadcast.
   * @throws RangeError if the shapes do not match.
   */
  matmul<O extends AnyArray>(other: O): ProductArray<this, O> {
    return wrap(matmulLayer(this, other))
  }

  /**
   * Returns the product of vectors and matrices: one value for two vectors.
   * @throws RangeError for arrays with more than two axes; use `matmul` for stacks of matrices.
   */
  dot<O extends AnyArray>(other: O): DotProductArray<this, O> {
    return wrap(dotLayer(this, other))
  }

  // Blocks

  /**
   * Calls a function with every block. It receives a copy of the block as a `Chunk` and returns a
   * chunk, a typed array or nested lists, of the same shape unless `chunks` describes another.
   * @param options `dtype` and `chunks` of the result, if they differ from those of the array.
   * @example x.mapBlocks((block) => block.data.map((v) => v * 2))
   */
  mapBlocks<E extends Dtype = D>(
    fn: (block: Chunk<D>) => unknown,
    options: MapBlocksOptions<E> = {},
  ): ChunkedArray<E> {
    return wrap(mapBlocksLayer(fn, [this], options))
  }

  /** Returns the blocks in row-major order, each as a lazy value. */
  toDelayed(): Delayed<Chunk<D>>[] {
    return delayedBlocks<Chunk<D>>(this.layer)
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

  protected finalize(blocks: readonly unknown[]): Result {
    const chunk = joinBlocks(blocks as readonly Chunk[], this.chunks, this.dtype)
    return (this.ndim === 0 ? chunk.item() : chunk) as Result
  }

  protected describe() {
    const { dtype, chunks } = this
    return {
      reviver: { module: 'collections/array/chunked-array', name: 'reviveArray' },
      meta: { dtype, chunks },
    }
  }

  protected withLayer(layer: Layer): this {
    return wrap({ layer, dtype: this.dtype, chunks: this.chunks })
  }
}

/** Wraps a spec. The static type, which the caller's signature declares, is not checked. */
function wrap<A>(spec: ArraySpec): A {
  return new ChunkedArray(spec) as A
}

function elementwise<A>(op: OperatorName, ...operands: readonly unknown[]): A {
  return wrap(elementwiseLayer(op, operands))
}

function reduce<A>(
  name: ReductionName,
  array: ArraySpec,
  options: ReductionArgument | undefined,
): A {
  return wrap(reductionLayer(array, name, options))
}

/** Makes an array from its layer and the metadata of its description. */
export function reviveArray(layer: Layer, meta: Omit<ArraySpec, 'layer'>): ChunkedArray {
  return new ChunkedArray({ layer, ...meta })
}

operations('collections/array/chunked-array', { reviveArray })
