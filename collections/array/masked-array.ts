/**
 * Masked arrays: a lazy array of data and one of bools of the same chunks, true where an element is missing.
 */
import { checkArguments, checkOptions } from '../../core/base/argument-checks.js'
import { operations } from '../../core/base/operations.js'
import { type PlainUseAdvice, plainUseAdvice } from '../../core/base/plain-use.js'
import type { Layer } from '../../core/graph/layer.js'
import { assertFits, blocksOfLayer, Collection } from '../base/collection.js'
import type { LayerBlocks } from '../base/explain.js'
import type { Operand } from './array-types.js'
import { type Dtype, isComplex, isFloat, type Scalar } from './block/dtype.js'
import { formatArgument } from './block/format-argument.js'
import { MaskedBlock } from './block/masked-block.js'
import { assertResultFits } from './block/memory-check.js'
import type { NDArray } from './block/ndarray.js'
import { ChunkedArray } from './chunked-array.js'
import type { OperatorName } from './expressions/operator-table.js'
import { joinBlocks } from './kernels/assemble-block.js'
import { type ArraySpec, isArraySpec, layerBlocks, shapeOf } from './layers/array-spec.js'
import { elementwiseLayer } from './layers/elementwise-layers.js'
import { maskedLayer, maskedParts } from './layers/masked-layers.js'
import { assertOperand, type OperandSpec } from './layers/operands.js'
import { isAxis, type ReductionOptions, reductionLayer } from './layers/reduction-layers.js'
import { broadcastLayer } from './layers/shape-layers.js'
import { type Grid, sameGrid } from './planning/chunk-grid.js'
import type { MaskedPair } from './steps/masked-steps.js'

/** The options of the reductions of masked arrays. */
export type MaskedReductionOptions = Pick<ReductionOptions, 'axis' | 'keepdims'>

/** The argument of the reductions of masked arrays: the axis or axes, null for all, or all options. */
export type MaskedReductionArgument = MaskedReductionOptions | number | readonly number[] | null

/** The options of the variance of a masked array. */
export interface MaskedDeviationOptions extends MaskedReductionOptions {
  /** The number that is subtracted from the count. The default is 0. */
  readonly ddof?: number | undefined
}

/** The argument of the variance of a masked array: the axis or axes, null for all, or all options. */
export type MaskedDeviationArgument = MaskedDeviationOptions | number | readonly number[] | null

/** What an operation on masked arrays takes: another one, an array or a plain value. */
export type MaskedOperand = MaskedArray<Dtype, unknown> | Operand

/** The masked array that a reduction returns: without axes it is computed to one value, or null. */
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
 *
 * `compute()` returns a `MaskedBlock`; for an array without axes its element, or null if that is masked.
 *
 * @example
 * const masked = da.ma.maskedLess(x, 0)
 * console.log((await masked.compute()).toArray(), await masked.mean().compute())
 */
export class MaskedArray<
  D extends Dtype = Dtype,
  Result = MaskedBlock<D>,
> extends Collection<Result> {
  /** The elements, with any value where they are masked. */
  readonly data: ChunkedArray<D>
  /** True where elements are masked. */
  readonly mask: ChunkedArray<'bool'>
  /** The value that `filled` puts in place of masked elements. The default is NumPy's. */
  readonly fillValue: Scalar
  /** The grid of the blocks, each a pair of elements and mask. */
  private readonly grid: Grid

  /**
   * Makes a masked array of two arrays of one shape. Users call `da.ma.maskedArray`, which checks them.
   * @param pairs The layer of the blocks, each a pair of elements and mask. The default pairs the given arrays.
   * @throws TypeError for values that are no arrays.
   */
  constructor(
    data: ArraySpec,
    mask: ArraySpec,
    fillValue?: Scalar,
    pairs: Pick<ArraySpec, 'layer' | 'chunks'> = pairsOf(data, mask),
  ) {
    super(pairs.layer)
    this.grid = pairs.chunks
    this.data = new ChunkedArray(data)
    this.mask = new ChunkedArray(mask)
    this.fillValue = fillValue ?? defaultFill(data.dtype)
  }

  override get [plainUseAdvice](): PlainUseAdvice {
    return { kind: 'masked array', compute: 'await x.compute()', length: 'x.data.size or x.shape' }
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

  /** Returns the elements, with another value in place of masked ones. */
  filled(fillValue: Scalar = this.fillValue): ChunkedArray<D> {
    checkArguments('filled', arguments, 1, 'x.filled(value)')
    return new ChunkedArray(this.replaced(fillValue))
  }

  private replaced(value: OperandSpec): ArraySpec {
    return elementwiseLayer('where', [this.mask, value, this.data])
  }

  /** Returns `this + other`. */
  add(other: MaskedOperand): MaskedArray<Dtype, Result> {
    checkArguments('add', arguments, 1, 'x.add(other)')
    return this.operate('add', other)
  }

  /** Returns `this - other`. */
  sub(other: MaskedOperand): MaskedArray<Dtype, Result> {
    checkArguments('sub', arguments, 1, 'x.sub(other)')
    return this.operate('subtract', other)
  }

  /** Returns `this * other`. */
  mul(other: MaskedOperand): MaskedArray<Dtype, Result> {
    checkArguments('mul', arguments, 1, 'x.mul(other)')
    return this.operate('multiply', other)
  }

  /** Returns `this / other`; also masked where the quotient is not finite, such as for a divisor of 0. */
  div(other: MaskedOperand): MaskedArray<Dtype, Result> {
    checkArguments('div', arguments, 1, 'x.div(other)')
    return this.operate('divide', other).maskInvalid()
  }

  /** Returns `this ** other`; also masked where the power is not finite, such as for roots of negative numbers. */
  pow(other: MaskedOperand): MaskedArray<Dtype, Result> {
    checkArguments('pow', arguments, 1, 'x.pow(other)')
    return this.operate('power', other).maskInvalid()
  }

  private operate(op: OperatorName, other: MaskedOperand): MaskedArray<Dtype, Result> {
    const isMasked = other instanceof MaskedArray
    const operand = isMasked ? other.data : other
    assertOperand(operand, op)
    const data = elementwiseLayer(op, [this.data, operand])
    const mask = isMasked ? elementwiseLayer('logicalOr', [this.mask, other.mask]) : this.mask
    const isAligned = sameGrid(mask.chunks, data.chunks)
    const whole = isAligned ? mask : broadcastLayer(mask, shapeOf(data), op)
    // A default is that of the dtype, which may be another one now.
    const isDefault = this.fillValue === defaultFill(this.dtype)
    return new MaskedArray(data, whole, isDefault ? undefined : this.fillValue)
  }

  private maskInvalid(): MaskedArray<D, Result> {
    const { data, mask, fillValue } = this
    const isInvalid = elementwiseLayer('logicalNot', [elementwiseLayer('isfinite', [data])])
    return new MaskedArray(data, elementwiseLayer('logicalOr', [mask, isInvalid]), fillValue)
  }

  /** Returns the number of elements that are not masked, over all elements or the given axes. */
  count(axis: MaskedReductionArgument = {}): ChunkedArray<'int64'> {
    checkArguments('count', arguments, 1, 'x.count({ axis: 0 })')
    const options = reductionOptions(axis, 'count')
    return new ChunkedArray(
      reductionLayer(elementwiseLayer('logicalNot', [this.mask]), 'sum', options),
    )
  }

  private reduce(
    name: 'sum' | 'prod' | 'min' | 'max' | 'any' | 'all',
    neutral: OperandSpec,
    args: ArrayLike<unknown>,
    axis: MaskedReductionArgument,
  ): MaskedResult {
    checkArguments(name, args, 1, `x.${name}({ axis: 0 })`)
    const options = reductionOptions(axis, name)
    const mask = reductionLayer(this.mask, 'all', options)
    return new MaskedArray(reductionLayer(this.replaced(neutral), name, options), mask)
  }

  /** Returns the sum over all elements or the given axes; masked where all elements are. */
  sum(axis: MaskedReductionArgument = {}): MaskedResult {
    return this.reduce('sum', zeroOf(this.dtype), arguments, axis)
  }

  /** Returns the product over all elements or the given axes; masked where all elements are. */
  prod(axis: MaskedReductionArgument = {}): MaskedResult {
    return this.reduce('prod', oneOf(this.dtype), arguments, axis)
  }

  /** Returns the minimum over all elements or the given axes; masked where all elements are. */
  min(axis: MaskedReductionArgument = {}): MaskedResult {
    return this.reduce('min', limits[this.dtype]?.[1] ?? Infinity, arguments, axis)
  }

  /** Returns the maximum over all elements or the given axes; masked where all elements are. */
  max(axis: MaskedReductionArgument = {}): MaskedResult {
    return this.reduce('max', limits[this.dtype]?.[0] ?? -Infinity, arguments, axis)
  }

  /** Returns whether any element is not zero, over all elements or the given axes. */
  any(axis: MaskedReductionArgument = {}): MaskedResult {
    return this.reduce('any', zeroOf(this.dtype), arguments, axis)
  }

  /** Returns whether no element is zero, over all elements or the given axes. */
  all(axis: MaskedReductionArgument = {}): MaskedResult {
    return this.reduce('all', oneOf(this.dtype), arguments, axis)
  }

  /** Returns the mean over all elements or the given axes; masked where all elements are. */
  mean(axis: MaskedReductionArgument = {}): MaskedResult {
    checkArguments('mean', arguments, 1, 'x.mean({ axis: 0 })')
    const options = reductionOptions(axis, 'mean')
    const { data, mask } = this.sum(options)
    return new MaskedArray(elementwiseLayer('divide', [data, this.count(options)]), mask)
  }

  /** Returns the variance over all elements or the given axes; masked where there are at most `ddof` elements. */
  var(axis: MaskedDeviationArgument = {}): MaskedResult {
    checkArguments('var', arguments, 1, 'x.var({ axis: 0, ddof: 1 })')
    return this.variance(axis, 'var')
  }

  /** Returns the standard deviation over all elements or the given axes; masked as `var`. */
  std(axis: MaskedDeviationArgument = {}): MaskedResult {
    checkArguments('std', arguments, 1, 'x.std({ axis: 0, ddof: 1 })')
    const { data, mask } = this.variance(axis, 'std')
    return new MaskedArray(elementwiseLayer('sqrt', [data]), mask)
  }

  private variance(axis: MaskedDeviationArgument, name: string): MaskedResult {
    const { ddof = 0, ...rest } = reductionOptions(axis, name, ['ddof'])
    const { data: mean } = this.mean({ ...rest, keepdims: true })
    const difference = elementwiseLayer('subtract', [this.data, mean])
    const isPair = isComplex(difference.dtype)
    const size = isPair ? elementwiseLayer('absolute', [difference]) : difference
    const squares = new MaskedArray(elementwiseLayer('square', [size]), this.mask)
    const degrees = elementwiseLayer('subtract', [this.count(rest), ddof])
    const data = elementwiseLayer('divide', [squares.sum(rest).data, degrees])
    return new MaskedArray(data, elementwiseLayer('lessEqual', [degrees, 0]))
  }

  /** Returns a summary: dtype, shape and chunks. */
  override toString(): string {
    return this.data.toString().replace('ChunkedArray', 'MaskedArray')
  }

  /** Returns what `console.log` prints. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString()
  }

  /** Checks that the elements fit into the memory of this process. */
  override [assertFits](operation: string): void {
    const { dtype, shape, npartitions: blocks } = this.data
    assertResultFits(operation, { dtype, shape, blocks })
  }

  /** Describes the blocks of a layer, for `explain`. */
  override [blocksOfLayer](layer: Layer): LayerBlocks | undefined {
    return layerBlocks(layer)
  }

  protected finalize(blocks: readonly unknown[]): Result {
    const pairs = blocks as readonly MaskedPair[]
    const join = (part: 0 | 1, dtype: Dtype): NDArray =>
      joinBlocks(
        pairs.map((pair) => pair[part]),
        this.grid,
        dtype,
      )
    const [data, mask] = [join(0, this.dtype), join(1, 'bool') as NDArray<'bool'>]
    if (this.ndim === 0) return (mask.item() ? null : data.item()) as Result
    return new MaskedBlock(data, mask, this.fillValue) as Result
  }

  protected revival() {
    const { dtype, grid: chunks, fillValue } = this
    return {
      reviver: { module: 'collections/array/masked-array', name: 'reviveMaskedArray' },
      meta: { dtype, chunks, fillValue },
    }
  }

  protected withLayer(layer: Layer): this {
    const { dtype, grid: chunks, fillValue } = this
    return reviveMaskedArray(layer, { dtype, chunks, fillValue }) as unknown as this
  }
}

function pairsOf(data: ArraySpec, mask: ArraySpec): ArraySpec {
  for (const value of [data, mask]) {
    if (isArraySpec(value)) continue
    throw new TypeError(
      `a masked array is not made with new; write da.ma.maskedArray(x, { mask }); got ${formatArgument(value)}`,
    )
  }
  return maskedLayer(data, mask)
}

/** Makes a masked array of a layer of pairs and the metadata of its description. */
export function reviveMaskedArray(
  layer: Layer,
  meta: Omit<ArraySpec, 'layer'> & { readonly fillValue: Scalar },
): MaskedArray {
  const { dtype, chunks, fillValue } = meta
  const { data, mask } = maskedParts(layer, dtype, chunks)
  return new MaskedArray(data, mask, fillValue, { layer, chunks })
}

operations('collections/array/masked-array', { reviveMaskedArray })

/** Returns the argument of a reduction as options, whose names are checked. */
function reductionOptions<O extends MaskedReductionOptions>(
  argument: O | number | readonly number[] | null,
  operation: string,
  further: readonly string[] = [],
): O {
  const options = argument === null || isAxis(argument) ? ({ axis: argument } as O) : argument
  checkOptions(options, ['axis', 'keepdims', ...further], operation)
  return options
}

function zeroOf(dtype: Dtype): OperandSpec {
  return dtype === 'bool' ? false : 0
}

function oneOf(dtype: Dtype): OperandSpec {
  return dtype === 'bool' ? true : 1
}

/** NumPy's default fill value of complex dtypes. */
const complexFill: Scalar = { re: 1e20, im: 0 }

/** Returns NumPy's default of what replaces masked elements. */
function defaultFill(dtype: Dtype): Scalar {
  if (dtype === 'bool') return true
  if (isComplex(dtype)) return complexFill
  if (isFloat(dtype)) return 1e20
  // NumPy's 999999, which wraps around in small integers.
  if (dtype.endsWith('t8')) return 63
  return dtype.endsWith('16') ? 16_959 : 999_999
}
