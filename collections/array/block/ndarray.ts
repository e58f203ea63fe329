/**
 * `NDArray`: a dense N-d block of elements. It holds one block of a lazy array, called a chunk, and is
 * what `compute()` returns.
 *
 * It is a typed array on shared memory with a shape, strides and an offset, counted in elements.
 * Views (slices, transposes, broadcasts) share the memory. Inputs of tasks are never modified;
 * kernels write only to arrays that they made themselves. Elements of bool are bytes 0 and 1,
 * elements of int64 and uint64 are bigints, elements of complex dtypes two numbers.
 */

import type { Table, Vector } from 'apache-arrow'
import { checkArguments, checkOptions } from '../../../core/base/argument-checks.js'
import { noteUsed } from '../../../core/base/collect-garbage.js'
import { registerType } from '../../../core/codec/objects/registered-types.js'
import { fromArrowVector, toArrowVector } from './arrow-blocks.js'
import { fromTensorTable, toTensorFile } from './arrow-tensors.js'
import { blockTable } from './block-table.js'
import { blockText } from './block-text.js'
import {
  assertDtype,
  type DataOf,
  type Dtype,
  type DtypeOfData,
  dtypeInfo,
  dtypeOfData,
  isComplex,
  numbersPerElement,
  type Scalar,
  type ScalarOf,
  type TypedArray,
} from './dtype.js'
import { formatArgument } from './format-argument.js'
import { type AxisSlice, type IndexItem, parseIndex } from './index-parser.js'
import { assertBlockFits, CHECKED_FROM } from './memory-check.js'
import { asNumbers, selectElements } from './select-elements.js'
import { rowMajor, sizeOf } from './shapes.js'
import { copyStrided } from './strided-copy.js'

export { type AxisSlice, rowMajor, sizeOf }

/** Nested lists, one level per axis. */
export type Nested<T> = readonly (T | Nested<T>)[]

/** The least number of bytes that are allocated on shared memory; fewer are cheaper to copy. */
const SHARED_FROM = 65

/**
 * Allocates zeroed elements, on shared memory unless they are very few.
 * @throws RangeError if they exceed the memory.
 */
export function allocate<D extends Dtype>(dtype: D, length: number): DataOf<D> {
  const { array, bytes } = dtypeInfo(dtype)
  if (length * bytes < SHARED_FROM) {
    return new array(length * numbersPerElement(dtype)) as DataOf<D>
  }
  if (length * bytes >= CHECKED_FROM) assertBlockFits(dtype, length)
  noteUsed(length * bytes)
  return new array(new SharedArrayBuffer(length * bytes)) as DataOf<D>
}

/** What `at` of a block returns: one element if there is one integer for each axis. */
export type IndexedBlock<D extends Dtype, I extends readonly IndexItem[]> = I extends readonly (
  | number
  | bigint
)[]
  ? NDArray<D> | ScalarOf<D>
  : NDArray<D>

/** A dense N-d block of elements of one dtype, such as the result of `compute()`. */
export class NDArray<D extends Dtype = Dtype> {
  /** The dtype of the elements. */
  readonly dtype: D
  /** The size of each axis. */
  readonly shape: readonly number[]
  /** The distance between neighbours along each axis, in elements. Negative if reversed, 0 if repeated. */
  readonly strides: readonly number[]
  /** The position of the element at `0, 0, ...`, in elements. */
  readonly offset: number
  /** The typed array that holds the elements, and possibly others; real and imaginary parts take turns. */
  readonly data: DataOf<D>

  /**
   * Makes an array that uses a typed array without copying it. The arguments are not checked.
   * @param strides Those of row-major order by default.
   * @param offset 0 by default.
   * @example new da.NDArray('float64', new Float64Array(6), [2, 3])
   */
  constructor(
    dtype: D,
    data: DataOf<D>,
    shape: readonly number[],
    strides: readonly number[] = rowMajor(shape),
    offset = 0,
  ) {
    this.dtype = dtype
    this.data = data
    this.shape = shape
    this.strides = strides
    this.offset = offset
  }

  /**
   * Makes an array of zeros.
   * @throws RangeError if it exceeds the memory.
   */
  static zeros<D extends Dtype>(dtype: D, shape: readonly number[]): NDArray<D> {
    checkArguments('zeros', arguments, 2, "da.NDArray.zeros('float64', [2, 3])")
    return new NDArray(dtype, allocate(dtype, sizeOf(shape)), shape)
  }

  /** Makes an array without axes that holds one element. */
  static scalar<D extends Dtype>(dtype: D, value: Scalar): NDArray<D> {
    checkArguments('scalar', arguments, 2, "da.NDArray.scalar('float64', 1)")
    const chunk = NDArray.zeros(dtype, [])
    writeElement(chunk.data, 0, value)
    return chunk
  }

  /**
   * Makes an array that uses a typed array without copying it, in row-major order.
   * @param options `shape`, by default one axis, and `dtype`, by default that of the typed array: bool for bytes that are 0
   *   and 1, complex64 and complex128 for pairs of floats.
   * @throws RangeError for a shape with another number of elements.
   * @throws TypeError for values that are no typed array, and a dtype with other elements.
   * @example da.NDArray.fromData(new Float64Array(6), { shape: [2, 3] })
   */
  static fromData<V extends TypedArray, D extends Dtype = DtypeOfData<V>>(
    data: V,
    options: {
      readonly shape?: readonly number[] | undefined
      readonly dtype?: D | undefined
    } = {},
  ): NDArray<D> {
    checkArguments('fromData', arguments, 2, 'da.NDArray.fromData(data, { shape, dtype })')
    checkOptions(options, ['shape', 'dtype'], 'fromData')
    const own = dtypeOfData(data)
    const dtype: Dtype | undefined = options.dtype ?? own
    if (own === undefined || dtype === undefined) {
      throw new TypeError(
        `fromData: expected a typed array of numbers or bigints; got ${formatArgument(data)}`,
      )
    }
    assertDtype(dtype, 'fromData')
    if (!(data instanceof dtypeInfo(dtype).array)) {
      throw new TypeError(
        `fromData: elements of ${dtype} are in a ${dtypeInfo(dtype).array.name}; got a ${data.constructor.name}`,
      )
    }
    const count = data.length / numbersPerElement(dtype)
    const shape = options.shape ?? [count]
    if (!Array.isArray(shape) || sizeOf(shape) !== count) {
      throw new RangeError(`fromData: ${count} elements do not fit shape ${formatArgument(shape)}`)
    }
    return new NDArray(dtype, data as never, shape) as NDArray<D>
  }

  /**
   * Makes an array of a vector of apache-arrow: of numbers or booleans, or of lists of fixed size of such, which add an axis.
   * Numbers are not copied if the vector has one chunk.
   * @throws TypeError for other vectors, and for nulls.
   * @example da.NDArray.fromArrow(table.getChild('price'))
   */
  static fromArrow(vector: Vector): NDArray {
    checkArguments('fromArrow', arguments, 1, 'da.NDArray.fromArrow(vector)')
    const { dtype, data, shape } = fromArrowVector(vector)
    return new NDArray(dtype, data as never, shape)
  }

  /**
   * Makes an array of a column of tensors in a table of apache-arrow, of Arrow's type `fixed_shape_tensor`; the first axis counts the
   * tensors. Numbers are not copied if the column has one chunk.
   * @throws RangeError for a column that does not exist, TypeError for one of another type.
   * @example da.NDArray.fromArrowTensors(tableFromIPC(bytes), 'images')
   */
  static fromArrowTensors(table: Table, column: string): NDArray {
    const usage = "da.NDArray.fromArrowTensors(table, 'column')"
    checkArguments('fromArrowTensors', arguments, 2, usage)
    const { block, axes } = fromTensorTable(table, column)
    return new NDArray(block.dtype, block.data as never, block.shape).transpose(axes)
  }

  /** The number of axes. */
  get ndim(): number {
    return this.shape.length
  }

  /** The number of elements. */
  get size(): number {
    return sizeOf(this.shape)
  }

  /** The size of the elements in bytes. */
  get nbytes(): number {
    return this.size * dtypeInfo(this.dtype).bytes
  }

  /** Whether the elements are in row-major order without gaps. */
  get isContiguous(): boolean {
    let expected = 1
    for (let axis = this.shape.length - 1; axis >= 0; axis--) {
      const n = this.shape[axis]!
      if (n === 0) return true
      if (n !== 1 && this.strides[axis] !== expected) return false
      expected *= n
    }
    return true
  }

  /** Whether `data` holds exactly the elements of this chunk, in any order of the axes. */
  get ownsData(): boolean {
    if (this.numbers !== this.data.length) return false
    return this.offset === 0 && this.strides.every((s, axis) => s > 0 || this.shape[axis]! <= 1)
  }

  /**
   * Selects elements, with the same index as `at` of lazy arrays: integers, slices such as `'1:10:2'`, `null`,
   * `'...'`, lists and blocks of integers or booleans. Returns a view, or a copy if the index has lists. An
   * integer for each axis gives the element.
   * @throws RangeError for positions outside the block and invalid slices.
   * @example block.at('::2', -1)
   */
  at<const I extends readonly IndexItem[]>(...index: I): IndexedBlock<D, I> {
    const selected = selectElements(this, parseIndex(index, this.shape), allocate)
    const { shape, strides, offset } = selected
    const block = new NDArray(this.dtype, selected.data as DataOf<D>, shape, strides, offset)
    return (block.ndim === 0 ? block.element(offset) : block) as IndexedBlock<D, I>
  }

  /**
   * Iterates over the first axis: elements of a vector, views of other blocks.
   * @throws TypeError for a block without axes.
   */
  *[Symbol.iterator](): IterableIterator<NDArray<D> | ScalarOf<D>> {
    if (this.ndim === 0) throw new TypeError('a block without axes cannot be iterated over')
    for (let i = 0; i < this.shape[0]!; i++) yield this.at(i)
  }

  /**
   * Returns the element at the given coordinates, negative ones counted from the end. Without
   * coordinates, returns the only element.
   * @throws RangeError for coordinates outside the chunk.
   */
  item(...coordinates: readonly number[]): ScalarOf<D> {
    const { shape, strides } = this
    if (coordinates.length === 0 && this.size === 1) return this.element(this.offset)
    if (coordinates.length !== shape.length) {
      throw new RangeError(
        `item: got ${coordinates.length} coordinates for a block of shape [${shape}]; give one per axis`,
      )
    }
    let at = this.offset
    for (let axis = 0; axis < shape.length; axis++) {
      const n = shape[axis]!
      const coordinate = coordinates[axis]!
      const i = coordinate < 0 ? coordinate + n : coordinate
      if (!Number.isInteger(i) || i < 0 || i >= n) {
        throw new RangeError(`item: coordinate ${coordinate} is outside axis ${axis} of size ${n}`)
      }
      at += i * strides[axis]!
    }
    return this.element(at)
  }

  /** The length of a typed array that holds these elements alone. */
  private get numbers(): number {
    return this.size * numbersPerElement(this.dtype)
  }

  private element(at: number): ScalarOf<D> {
    if (isComplex(this.dtype)) {
      return { re: this.data[2 * at], im: this.data[2 * at + 1] } as ScalarOf<D>
    }
    const value = this.data[at]!
    return (this.dtype === 'bool' ? value !== 0 : value) as ScalarOf<D>
  }

  /** Returns the elements as nested lists: bigints for int64 and uint64, booleans for bool, `{ re, im }` for complex. */
  toArray(): Nested<ScalarOf<D>> {
    checkArguments('toArray', arguments, 0, 'chunk.toArray()')
    const build = (axis: number, at: number): unknown => {
      if (axis === this.shape.length) return this.element(at)
      const stride = this.strides[axis]!
      return Array.from({ length: this.shape[axis]! }, (_, i) => build(axis + 1, at + i * stride))
    }
    return build(0, this.offset) as Nested<ScalarOf<D>>
  }

  /**
   * Returns the elements in row-major order as a typed array, whose real and imaginary parts take turns. It shares the
   * memory if the elements are in that order already.
   */
  toTypedArray(): DataOf<D> {
    checkArguments('toTypedArray', arguments, 0, 'block.toTypedArray()')
    const { data, offset } = this.isContiguous ? this : this.contiguous()
    const width = numbersPerElement(this.dtype)
    if (data.length === this.numbers) return data
    return data.subarray(offset * width, offset * width + this.numbers) as DataOf<D>
  }

  /**
   * Returns a vector of apache-arrow along the first axis. Further axes, and complex numbers, become lists of fixed size. It
   * shares the memory if the elements are in row-major order, except for booleans.
   * @throws RangeError for a block without axes.
   */
  toArrow(): Vector {
    checkArguments('toArrow', arguments, 0, 'block.toArrow()')
    if (this.ndim === 0) {
      throw new RangeError('toArrow: a block without axes is not a vector; use block.item()')
    }
    return toArrowVector({ dtype: this.dtype, shape: this.shape, data: this.toTypedArray() })
  }

  /**
   * Returns the bytes of an Arrow file with one column of tensors, one for each position of the first axis, of Arrow's type
   * `fixed_shape_tensor`.
   * @throws RangeError for a block without axes, TypeError for complex numbers.
   * @example await writeFile('images.arrow', images.toArrowTensors('images'))
   */
  toArrowTensors(column: string): Uint8Array {
    checkArguments('toArrowTensors', arguments, 1, "block.toArrowTensors('column')")
    if (this.ndim === 0) {
      throw new RangeError('toArrowTensors: a block without axes has no tensors; use block.item()')
    }
    const { dtype, shape } = this
    return toTensorFile({ dtype, shape, data: this.toTypedArray() }, column)
  }

  /** Returns the elements as NumPy prints them. Of more than 1,000 elements, only the edges are shown. */
  toString(): string {
    return blockText(this)
  }

  /** Shows the dtype, the shape and the elements in `console.log` and the REPL. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return `${this.constructor.name}(${this.dtype}, [${this.shape.join(', ')}])\n${blockText(this)}`
  }

  /** Shows a table of one or two axes in notebooks whose kernel asks for it, such as Deno's. */
  [Symbol.for('Jupyter.display')](): Record<string, string> {
    const html = blockTable(this)
    const plain = { 'text/plain': blockText(this) }
    return html === undefined ? plain : { ...plain, 'text/html': html }
  }

  /** The view with the axes reversed. */
  get T(): NDArray<D> {
    return this.transpose()
  }

  /**
   * Returns a view with the axes in another order, by default reversed.
   * @throws TypeError unless the order is one list, RangeError unless it names each axis once.
   * @example chunk.transpose([1, 0])
   */
  transpose(
    axes: readonly number[] = this.shape.map((_, i) => this.shape.length - 1 - i),
  ): NDArray<D> {
    checkArguments('transpose', arguments, 1, 'chunk.transpose([1, 0])')
    assertList(axes, 'transpose')
    const isOrder = axes.length === this.ndim && this.shape.every((_, axis) => axes.includes(axis))
    if (!isOrder) {
      throw new RangeError(
        `transpose: the order ${formatArgument(axes)} must name each of ${this.ndim} axes once`,
      )
    }
    return this.view(
      axes.map((axis) => this.shape[axis]!),
      axes.map((axis) => this.strides[axis]!),
    )
  }

  /**
   * Returns a view of a slice of every axis.
   * @throws TypeError unless the slices are one list.
   * @example chunk.slice([{ start: 0, step: 2, size: 3 }])
   */
  slice(slices: readonly AxisSlice[]): NDArray<D> {
    checkArguments('slice', arguments, 1, 'chunk.slice([{ start, step, size }])')
    assertList(slices, 'slice')
    let at = this.offset
    slices.forEach(({ start, size }, axis) => {
      if (size > 0) at += start * this.strides[axis]!
    })
    return this.view(
      slices.map(({ size }) => size),
      slices.map(({ step }, axis) => this.strides[axis]! * step),
      at,
    )
  }

  /**
   * Returns a view that repeats axes of size 1, and adds leading axes, to fill a shape.
   * @throws TypeError unless the shape is one list.
   */
  broadcastTo(shape: readonly number[]): NDArray<D> {
    checkArguments('broadcastTo', arguments, 1, 'chunk.broadcastTo([2, 3])')
    assertList(shape, 'broadcastTo')
    const lead = shape.length - this.shape.length
    const strides = shape.map((n, axis) => {
      const own = axis - lead
      return own >= 0 && (this.shape[own] === n || n === 1) ? this.strides[own]! : 0
    })
    return this.view(shape, strides)
  }

  /**
   * Returns the elements in row-major order with another shape, of which one size may be -1. Copies only if necessary.
   * @throws TypeError unless the shape is one list.
   * @throws RangeError unless the sizes multiply to the number of elements.
   */
  reshape(sizes: readonly number[]): NDArray<D> {
    checkArguments('reshape', arguments, 1, 'chunk.reshape([2, 3])')
    assertList(sizes, 'reshape')
    const open = sizes.indexOf(-1)
    const rest = open < 0 ? 1 : sizeOf(sizes.filter((_, axis) => axis !== open))
    const shape =
      open < 0 ? sizes : sizes.map((n, axis) => (axis === open ? this.size / (rest || 1) : n))
    const isShape = shape.every((n) => Number.isInteger(n) && n >= 0)
    if (!isShape || sizeOf(shape) !== this.size) {
      throw new RangeError(`reshape: ${this.size} elements do not fit shape [${sizes.join(', ')}]`)
    }
    const source = this.isContiguous ? this : this.contiguous()
    return new NDArray(this.dtype, source.data, shape, rowMajor(shape), source.offset)
  }

  /** Returns this chunk if it is row-major and `data` holds no other elements, otherwise a copy. */
  contiguous(): NDArray<D> {
    checkArguments('contiguous', arguments, 0, 'chunk.contiguous()')
    return this.isContiguous && this.data.length === this.numbers ? this : copyOf(this)
  }

  private view(
    shape: readonly number[],
    strides: readonly number[],
    offset = this.offset,
  ): NDArray<D> {
    return new NDArray(this.dtype, this.data, shape, strides, offset)
  }
}

/** Throws a TypeError unless a value is a list. */
function assertList(value: unknown, operation: string): void {
  if (Array.isArray(value)) return
  throw new TypeError(
    `${operation}: an NDArray takes one list, with one entry per axis; got ${formatArgument(value)}`,
  )
}

registerType('skein.NDArray', {
  class: NDArray<Dtype>,
  module: 'collections/array/block/ndarray',
  encode: ({ dtype, data, shape, strides, offset }): EncodedBlock => {
    return [dtype, isShort(data) ? Array.from<Scalar>(data) : data, shape, strides, offset]
  },
  decode: ([dtype, data, shape, strides, offset]) =>
    new NDArray(dtype, Array.isArray(data) ? fromList(dtype, data) : data, shape, strides, offset),
})

type EncodedBlock = readonly [
  dtype: Dtype,
  data: DataOf<Dtype> | Scalar[],
  shape: readonly number[],
  strides: readonly number[],
  offset: number,
]

function fromList(dtype: Dtype, list: readonly Scalar[]): DataOf<Dtype> {
  const { array } = dtypeInfo(dtype)
  const data = new array(list.length)
  for (let i = 0; i < list.length; i++) data[i] = list[i] as never
  return data as DataOf<Dtype>
}

/** The largest number of elements that are sent as numbers. */
const SHORT = 8

/** Whether elements are so few that a list of numbers is cheaper to send. Numbers do not keep the bits of NaN. */
function isShort(data: TypedArray): boolean {
  if (data.length > SHORT) return false
  for (const value of data) if (Number.isNaN(value)) return false
  return true
}

/** Returns a row-major copy in memory of its own. */
export function copyOf<D extends Dtype>(chunk: NDArray<D>): NDArray<D> {
  const copy = NDArray.zeros(chunk.dtype, chunk.shape)
  // Zeros that nobody writes take no memory, and no time.
  if (!repeatsOneElement(chunk) || !isZero(chunk)) copyInto(copy, chunk)
  return copy
}

/**
 * Copies the elements of one chunk over those of another of the same shape and dtype. The target must
 * have been made by the running task.
 */
export function copyInto(target: NDArray, source: NDArray): void {
  if (source.size === 0) return
  if (source.isContiguous && target.isContiguous) {
    const width = numbersPerElement(source.dtype)
    const from = source.data.subarray(source.offset * width, (source.offset + source.size) * width)
    ;(target.data as Float64Array).set(from as Float64Array, target.offset * width)
    return
  }
  if (isComplex(source.dtype)) {
    copyStrided(asNumbers(target), asNumbers(source))
    return
  }
  if (target.isContiguous && repeatsOneElement(source)) {
    const value = source.data[source.offset] as never
    target.data.fill(value, target.offset, target.offset + target.size)
    return
  }
  copyStrided(target, source)
}

/** Whether an array is one element that is repeated along every axis. */
function repeatsOneElement({ size, shape, strides }: NDArray): boolean {
  return size > 0 && shape.every((n, axis) => n === 1 || strides[axis] === 0)
}

/** Whether all bytes of the first element are zero; those of -0 are not. */
function isZero({ data, dtype, offset }: NDArray): boolean {
  const width = numbersPerElement(dtype)
  const isZeroAt = (at: number) => data[at] === 0n || Object.is(data[at], 0)
  return isZeroAt(offset * width) && isZeroAt(offset * width + width - 1)
}

/** Writes an element, which must have been converted to the dtype of the typed array. */
export function writeElement(data: TypedArray, at: number, value: Scalar): void {
  const numbers = data as unknown as (number | bigint)[]
  if (typeof value === 'object') {
    numbers[2 * at] = value.re
    numbers[2 * at + 1] = value.im
  } else numbers[at] = typeof value === 'boolean' ? Number(value) : value
}
