/**
 * Masked arrays: a lazy array of data and one of bools of the same chunks, true where an element is missing.
 */
import type { ComputeOptions } from '../../core/graph/get.js'
import { compute } from '../base/compute-together.js'
import type { Operand } from './array-types.js'
import { type Dtype, isComplex, isFloat, type Scalar } from './block/dtype.js'
import type { NDArray, Nested } from './block/ndarray.js'
import { ChunkedArray } from './chunked-array.js'
import type { OperatorName } from './expressions/operator-table.js'
import { type ArraySpec, isArraySpec, shapeOf } from './layers/array-spec.js'
import { elementwiseLayer } from './layers/elementwise-layers.js'
import { assertOperand, type OperandSpec } from './layers/operands.js'
import { type ReductionOptions, reductionLayer } from './layers/reduction-layers.js'
import { broadcastLayer } from './layers/shape-layers.js'

/** The computed value of a masked array. */
export interface MaskedBlock<D extends Dtype = Dtype> {
  /** The elements, with any value where they are masked. */
  readonly data: NDArray<D>
  /** True where elements are masked. */
  readonly mask: NDArray<'bool'>
  /** What `filled` puts in place of masked elements. */
  readonly fillValue: Scalar
  /** Returns nested lists, with null in place of masked elements. */
  toArray(): unknown
}

/** The options of the reductions of masked arrays. */
export type MaskedReductionOptions = Pick<ReductionOptions, 'axis' | 'keepdims'>

/** What an operation on masked arrays takes: another one, an array or a plain value. */
export type MaskedOperand = MaskedArray<Dtype, unknown> | Operand

/** The masked array that a reduction gives: without axes it is computed to one value, or null. */
export type MaskedResult = MaskedArray<Dtype, MaskedBlock | Scalar | null>

/** The smallest or largest values of integers. */
const limits: Readonly<Record<string, readonly [Scalar, Scalar]>> = {
  bool: [false, true],
  int8: [-128, 127],
  uint8: [0, 255],
  int16: [-32768, 32767],
  uint16: [0, 65535],
  int32: [-2147483648, 2147483647],
  uint32: [0, 4294967295],
  int64: [-(2n ** 63n), 2n ** 63n - 1n],
  uint64: [0n, 2n ** 64n - 1n],
}

/**
 * A lazy array some of whose elements are masked: reductions leave these out, and results of operations are masked
 * where an operand is. Functions of `da.ma` make masked arrays.
 */
export class MaskedArray<D extends Dtype = Dtype, Result = MaskedBlock<D>> {
  /** The elements, with any value where they are masked. */
  readonly data: ChunkedArray<D>
  /** True where elements are masked. */
  readonly mask: ChunkedArray<'bool'>
  /** What `filled` puts in place of masked elements. */
  readonly fillValue: Scalar

  /** Makes a masked array of two arrays of one shape and chunks; `da.ma.maskedArray` checks them. */
  constructor(data: ArraySpec, mask: ArraySpec, fillValue: Scalar = defaultFill(data.dtype)) {
    this.data = new ChunkedArray(data)
    this.mask = new ChunkedArray(mask)
    this.fillValue = fillValue
  }

  /** The dtype of the elements. */
  get dtype(): D {
    return this.data.dtype
  }

  /** The size of each axis. */
  get shape(): readonly number[] {
    return this.data.shape
  }

  /** The number of axes. */
  get ndim(): number {
    return this.data.ndim
  }

  /**
   * Computes data and mask in one pass; an array without axes gives its element, or null if it is masked.
   * @throws TaskError (as a rejection) if a task fails.
   * @example (await da.ma.maskedLess(x, 0).compute()).toArray()
   */
  async compute(options: ComputeOptions = {}): Promise<Result> {
    const results: readonly unknown[] = await compute(this.data, this.mask, options)
    const [data, mask] = results
    if (this.ndim === 0) return (mask ? null : data) as Result
    return maskedBlock(data as NDArray, mask as NDArray<'bool'>, this.fillValue) as Result
  }

  /** Returns the elements, with another value in place of masked ones. */
  filled(fillValue: Scalar = this.fillValue): ChunkedArray<D> {
    return new ChunkedArray(this.replaced(fillValue))
  }

  private replaced(value: OperandSpec): ArraySpec {
    return elementwiseLayer('where', [this.mask, value, this.data])
  }

  /** Returns `this + other`. */
  add(other: MaskedOperand): MaskedArray<Dtype, Result> {
    return this.operate('add', other)
  }

  /** Returns `this - other`. */
  sub(other: MaskedOperand): MaskedArray<Dtype, Result> {
    return this.operate('subtract', other)
  }

  /** Returns `this * other`. */
  mul(other: MaskedOperand): MaskedArray<Dtype, Result> {
    return this.operate('multiply', other)
  }

  /** Returns `this / other`; also masked where the divisor is 0. */
  div(other: MaskedOperand): MaskedArray<Dtype, Result> {
    const divisor = other instanceof MaskedArray ? other.data : other
    const result = this.operate('divide', other)
    const isZero = isArraySpec(divisor) ? elementwiseLayer('equal', [divisor, 0]) : divisor === 0
    return new MaskedArray(result.data, elementwiseLayer('logicalOr', [result.mask, isZero]))
  }

  /** Returns `this ** other`. */
  pow(other: MaskedOperand): MaskedArray<Dtype, Result> {
    return this.operate('power', other)
  }

  private operate(op: OperatorName, other: MaskedOperand): MaskedArray<Dtype, Result> {
    const operand = other instanceof MaskedArray ? other.data : other
    assertOperand(operand, op)
    const data = elementwiseLayer(op, [this.data, operand])
    const masked = other instanceof MaskedArray ? other.mask : false
    const mask = elementwiseLayer('logicalOr', [this.mask, masked])
    return new MaskedArray(data, broadcastLayer(mask, shapeOf(data), op))
  }

  /** Returns the number of elements that are not masked, over all elements or the given axes. */
  count(options: MaskedReductionOptions = {}): ChunkedArray<'int64'> {
    return new ChunkedArray(
      reductionLayer(elementwiseLayer('logicalNot', [this.mask]), 'sum', options),
    )
  }

  private reduce(
    name: 'sum' | 'prod' | 'min' | 'max' | 'any' | 'all',
    neutral: OperandSpec,
    options: MaskedReductionOptions,
  ): MaskedResult {
    const mask = reductionLayer(this.mask, 'all', options)
    return new MaskedArray(reductionLayer(this.replaced(neutral), name, options), mask)
  }

  /** Returns the sum over all elements or the given axes; masked where all elements are. */
  sum(options: MaskedReductionOptions = {}): MaskedResult {
    return this.reduce('sum', zeroOf(this.dtype), options)
  }

  /** Returns the product over all elements or the given axes; masked where all elements are. */
  prod(options: MaskedReductionOptions = {}): MaskedResult {
    return this.reduce('prod', this.dtype === 'bool' ? true : 1, options)
  }

  /** Returns the minimum over all elements or the given axes; masked where all elements are. */
  min(options: MaskedReductionOptions = {}): MaskedResult {
    return this.reduce('min', limits[this.dtype]?.[1] ?? Infinity, options)
  }

  /** Returns the maximum over all elements or the given axes; masked where all elements are. */
  max(options: MaskedReductionOptions = {}): MaskedResult {
    return this.reduce('max', limits[this.dtype]?.[0] ?? -Infinity, options)
  }

  /** Returns whether any element is not zero, over all elements or the given axes. */
  any(options: MaskedReductionOptions = {}): MaskedResult {
    return this.reduce('any', zeroOf(this.dtype), options)
  }

  /** Returns whether no element is zero, over all elements or the given axes. */
  all(options: MaskedReductionOptions = {}): MaskedResult {
    return this.reduce('all', this.dtype === 'bool' ? true : 1, options)
  }

  /** Returns the mean over all elements or the given axes; masked where all elements are. */
  mean(options: MaskedReductionOptions = {}): MaskedResult {
    const { data, mask } = this.sum(options)
    return new MaskedArray(elementwiseLayer('divide', [data, this.count(options)]), mask)
  }

  /** Returns the variance over all elements or the given axes; masked where there are at most `ddof` elements. */
  var(options: MaskedReductionOptions & { readonly ddof?: number | undefined } = {}): MaskedResult {
    const { ddof = 0, ...rest } = options
    const { data: mean } = this.mean({ ...rest, keepdims: true })
    const difference = elementwiseLayer('subtract', [this.data, mean])
    const isPair = isComplex(difference.dtype)
    const size = isPair ? elementwiseLayer('absolute', [difference]) : difference
    const squares = new MaskedArray(elementwiseLayer('square', [size]), this.mask)
    const degrees = elementwiseLayer('subtract', [this.count(rest), ddof])
    const data = elementwiseLayer('divide', [squares.sum(rest).data, degrees])
    return new MaskedArray(data, elementwiseLayer('lessEqual', [degrees, 0]))
  }

  /** Returns the standard deviation; see `var`. */
  std(options: MaskedReductionOptions & { readonly ddof?: number | undefined } = {}): MaskedResult {
    const { data, mask } = this.var(options)
    return new MaskedArray(elementwiseLayer('sqrt', [data]), mask)
  }
}

function zeroOf(dtype: Dtype): OperandSpec {
  return dtype === 'bool' ? false : 0
}

/** NumPy's default of what replaces masked elements. */
function defaultFill(dtype: Dtype): Scalar {
  if (dtype === 'bool') return true
  if (isComplex(dtype)) return { re: 1e20, im: 0 }
  if (isFloat(dtype)) return 1e20
  // NumPy's 999999, which wraps around in small integers.
  if (dtype.endsWith('t8')) return 63
  return dtype.endsWith('16') ? 16_959 : 999_999
}

function maskedBlock<D extends Dtype>(
  data: NDArray<D>,
  mask: NDArray<'bool'>,
  fillValue: Scalar,
): MaskedBlock<D> {
  const merge = (values: unknown, masked: unknown): unknown => {
    if (!Array.isArray(masked)) return masked ? null : values
    return masked.map((m, i) => merge((values as Nested<D>[])[i], m))
  }
  return { data, mask, fillValue, toArray: () => merge(data.toArray(), mask.toArray()) }
}
