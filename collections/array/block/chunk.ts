/**
 * One dense N-d block: the data of one chunk of an array, and what `compute()` gives.
 *
 * A chunk is a typed array on shared memory with a shape, strides and an offset, both counted in
 * elements. Views (slices, transposes, broadcasts) share the memory and cost nothing. A chunk that
 * a task was given is never written to; kernels write only to chunks that they made themselves.
 * bool elements are bytes 0 and 1, int64 elements are bigints.
 */
import { registerType } from '../../../core/codec/objects/registered-types.js'
import {
  type DataOf,
  type Dtype,
  dtypeInfo,
  type Scalar,
  type ScalarOf,
  type TypedArray,
} from './dtype.js'

/** Lists in lists, as deep as the array has axes. */
export type Nested<T> = readonly (T | Nested<T>)[]

/** A slice of one axis in place: element `k` of the view is element `start + k * step`. */
export interface AxisSlice {
  readonly start: number
  readonly step: number
  readonly size: number
}

/** How many elements a shape has. */
export function sizeOf(shape: readonly number[]): number {
  let size = 1
  for (const n of shape) size *= n
  return size
}

/** The strides of a row-major block of this shape: `[2, 3, 4]` gives `[12, 4, 1]`. */
export function rowMajor(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length)
  let stride = 1
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = stride
    stride *= Math.max(1, shape[axis]!)
  }
  return strides
}

/** Fewer bytes than this are cheaper to copy than to share. */
const SHARED_FROM = 65

/** Zeroed elements, on shared memory unless they are very few. */
export function allocate<D extends Dtype>(dtype: D, length: number): DataOf<D> {
  const { array, bytes } = dtypeInfo(dtype)
  if (length * bytes < SHARED_FROM) return new array(length) as DataOf<D>
  return new array(new SharedArrayBuffer(length * bytes)) as DataOf<D>
}

/** A dense N-d block of elements of one dtype. */
export class Chunk<D extends Dtype = Dtype> {
  readonly dtype: D
  readonly shape: readonly number[]
  /** Elements between neighbours along each axis; may be negative, or 0 for a broadcast axis. */
  readonly strides: readonly number[]
  /** The position in `data` of the element at `0, 0, ...`. */
  readonly offset: number
  readonly data: DataOf<D>

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

  /** A new chunk of zeros. */
  static zeros<D extends Dtype>(dtype: D, shape: readonly number[]): Chunk<D> {
    return new Chunk(dtype, allocate(dtype, sizeOf(shape)), shape)
  }

  /** A chunk of no axes that holds one element. */
  static scalar<D extends Dtype>(dtype: D, value: Scalar): Chunk<D> {
    const chunk = Chunk.zeros(dtype, [])
    ;(chunk.data as TypedArray)[0] = (typeof value === 'boolean' ? Number(value) : value) as never
    return chunk
  }

  get ndim(): number {
    return this.shape.length
  }

  get size(): number {
    return sizeOf(this.shape)
  }

  /** How many bytes the elements take. */
  get nbytes(): number {
    return this.size * dtypeInfo(this.dtype).bytes
  }

  /** Whether the elements lie in row-major order without gaps. */
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

  /** Whether `data` is exactly the elements of this chunk, in some order of the axes. */
  get ownsData(): boolean {
    if (this.data.length !== this.size) return false
    return this.offset === 0 && this.strides.every((s, axis) => s > 0 || this.shape[axis]! <= 1)
  }

  /** The element at some coordinates, or the only element if none are given. */
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
      const given = coordinates[axis]!
      const i = given < 0 ? given + n : given
      if (!Number.isInteger(i) || i < 0 || i >= n) {
        throw new RangeError(`item: coordinate ${given} is outside axis ${axis} of size ${n}`)
      }
      at += i * strides[axis]!
    }
    return this.element(at)
  }

  private element(at: number): ScalarOf<D> {
    const value = this.data[at]!
    return (this.dtype === 'bool' ? value !== 0 : value) as ScalarOf<D>
  }

  /** The elements as nested lists: bigints for int64, booleans for bool. */
  toArray(): Nested<ScalarOf<D>> {
    const build = (axis: number, at: number): unknown => {
      if (axis === this.shape.length) return this.element(at)
      const stride = this.strides[axis]!
      return Array.from({ length: this.shape[axis]! }, (_, i) => build(axis + 1, at + i * stride))
    }
    return build(0, this.offset) as Nested<ScalarOf<D>>
  }

  /** A view with the axes in another order; by default reversed. */
  transpose(
    axes: readonly number[] = this.shape.map((_, i) => this.shape.length - 1 - i),
  ): Chunk<D> {
    return this.view(
      axes.map((axis) => this.shape[axis]!),
      axes.map((axis) => this.strides[axis]!),
    )
  }

  /** A view of part of every axis. */
  slice(slices: readonly AxisSlice[]): Chunk<D> {
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

  /** A view that repeats axes of size 1, and new leading axes, to fill a shape. */
  broadcastTo(shape: readonly number[]): Chunk<D> {
    const lead = shape.length - this.shape.length
    const strides = shape.map((n, axis) => {
      const own = axis - lead
      return own >= 0 && (this.shape[own] === n || n === 1) ? this.strides[own]! : 0
    })
    return this.view(shape, strides)
  }

  /** The same elements in row-major order under another shape; a copy only if it must be. */
  reshape(shape: readonly number[]): Chunk<D> {
    const source = this.isContiguous ? this : this.contiguous()
    return new Chunk(this.dtype, source.data, shape, rowMajor(shape), source.offset)
  }

  /** Row-major and without gaps, `data` being the elements and no more: itself, or a copy. */
  contiguous(): Chunk<D> {
    return this.isContiguous && this.data.length === this.size ? this : copyOf(this)
  }

  private view(
    shape: readonly number[],
    strides: readonly number[],
    offset = this.offset,
  ): Chunk<D> {
    return new Chunk(this.dtype, this.data, shape, strides, offset)
  }
}

registerType('skein.Chunk', {
  class: Chunk<Dtype>,
  module: 'collections/array/block/chunk',
  encode: ({ dtype, data, shape, strides, offset }) => ({ dtype, data, shape, strides, offset }),
  decode: ({ dtype, data, shape, strides, offset }) =>
    new Chunk(dtype, data, shape, strides, offset),
})

/** A row-major copy in memory of its own. */
export function copyOf<D extends Dtype>(chunk: Chunk<D>): Chunk<D> {
  const copy = Chunk.zeros(chunk.dtype, chunk.shape)
  copyInto(copy, chunk)
  return copy
}

/**
 * Writes the elements of one chunk over those of a chunk (or view) of the same shape and dtype that
 * this task made itself.
 */
export function copyInto(target: Chunk, source: Chunk): void {
  if (source.size === 0) return
  if (source.isContiguous && target.isContiguous) {
    const from = source.data.subarray(source.offset, source.offset + source.size)
    ;(target.data as Float64Array).set(from as Float64Array, target.offset)
    return
  }
  const { shape, strides: to, offset } = target
  const strides = [...source.strides]
  // Walk in the order of the target's memory, which spares the cache the scattered writes.
  const order = shape.map((_, axis) => axis).sort((a, b) => Math.abs(to[b]!) - Math.abs(to[a]!))
  const pick = (list: readonly number[]) => order.map((axis) => list[axis]!)
  copier(shape.length, target.dtype)(
    target.data,
    source.data,
    pick(shape),
    pick(to),
    pick(strides),
    offset,
    source.offset,
  )
}

type Copier = (
  target: TypedArray,
  source: TypedArray,
  shape: readonly number[],
  to: readonly number[],
  from: readonly number[],
  targetOffset: number,
  sourceOffset: number,
) => void

const copiers = new Map<string, Copier>()

/** One loop nest per rank and typed array, so that no loop ever sees two kinds of them. */
function copier(rank: number, dtype: Dtype): Copier {
  const key = `${dtypeInfo(dtype).array.name}${rank}`
  let made = copiers.get(key)
  if (made === undefined) {
    let body = 't[p] = s[q]'
    for (let axis = rank - 1; axis >= 0; axis--) {
      body = `for (let i = 0, n = shape[${axis}], a = to[${axis}], b = from[${axis}], p = p${axis}, q = q${axis}; i < n; i++, p += a, q += b) {
        ${axis === rank - 1 ? '' : `const p${axis + 1} = p, q${axis + 1} = q;`} ${body} }`
    }
    if (rank === 0) body = 't[p0] = s[q0]'
    made = new Function('t', 's', 'shape', 'to', 'from', 'p0', 'q0', body) as Copier
    copiers.set(key, made)
  }
  return made
}
