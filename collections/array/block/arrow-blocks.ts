/**
 * Arrow vectors of blocks and back, without copying numbers. Vectors of blocks with several axes have lists of fixed
 * size as elements, as complex numbers are lists of two.
 */
import type { Data, Float64, Vector } from 'apache-arrow'
import { lazyPackage } from '../../../core/base/lazy-package.js'
import { type Dtype, dtypeOfData, isComplex, realDtype, type TypedArray } from './dtype.js'
import { sizeOf } from './shapes.js'

const arrow = lazyPackage<typeof import('apache-arrow')>('apache-arrow')

/** The elements of a block in row-major order, without others. */
export interface RowMajorBlock {
  readonly dtype: Dtype
  readonly shape: readonly number[]
  readonly data: TypedArray
}

/** Returns a vector along the first axis of a block. Only booleans, which Arrow keeps as bits, are copied. */
export function toArrowVector({ dtype, shape, data }: RowMajorBlock): Vector {
  const { Field, FixedSizeList, makeData, Vector } = arrow()
  const sizes = isComplex(dtype) ? [...shape.slice(1), 2] : shape.slice(1)
  const count = sizeOf(shape) * (isComplex(dtype) ? 2 : 1)
  let node = (
    dtype === 'bool'
      ? makeData({ type: new (arrow().Bool)(), length: count, data: packBits(data) })
      : makeData({ type: numberType(realDtype(dtype)), length: count, data: data as Float64Array })
  ) as Data
  for (let i = sizes.length - 1; i >= 0; i--) {
    const type = new FixedSizeList(sizes[i]!, new Field('item', node.type, false))
    const length = shape[0]! * sizeOf(sizes.slice(0, i))
    node = makeData({ type, length, nullCount: 0, child: node }) as unknown as Data
  }
  return new Vector([node])
}

function numberType(dtype: Dtype): Float64 {
  const types = arrow()
  const name = dtype.replace(/^u?(int|float)/, (kind) => {
    return kind === 'uint' ? 'Uint' : kind === 'int' ? 'Int' : 'Float'
  })
  return new (types as unknown as Record<string, new () => Float64>)[name]!()
}

function packBits(flags: TypedArray): Uint8Array {
  const bits = new Uint8Array(Math.ceil(flags.length / 8))
  for (let i = 0; i < flags.length; i++) if (flags[i]) bits[i >> 3]! |= 1 << (i & 7)
  return bits
}

/**
 * Returns the elements of a vector of numbers or booleans, or of lists of fixed size of such. Numbers are not copied, if
 * the vector has one chunk.
 * @throws TypeError for other vectors, and for nulls.
 */
export function fromArrowVector(vector: Vector): RowMajorBlock {
  const parts = vector.data.map((part) => elementsOf(part))
  const [first] = parts
  if (first === undefined) throw new TypeError('fromArrow: the vector has no data')
  if (parts.length === 1) return first
  const shape = [parts.reduce((sum, part) => sum + part.shape[0]!, 0), ...first.shape.slice(1)]
  const data = new (first.data.constructor as new (length: number) => TypedArray)(sizeOf(shape))
  let at = 0
  for (const part of parts) {
    data.set(part.data as never, at)
    at += part.data.length
  }
  return { dtype: first.dtype, shape, data }
}

function elementsOf(part: Data): RowMajorBlock {
  if (part.nullCount > 0) {
    throw new TypeError(
      'fromArrow: the vector has nulls, which arrays do not have; fill them first',
    )
  }
  const { DataType } = arrow()
  if (DataType.isFixedSizeList(part.type)) {
    const { listSize } = part.type
    const inner = elementsOf(part.children[0]!)
    const length = part.length * listSize
    const width = sizeOf(inner.shape.slice(1))
    const data = inner.data.subarray(0, length * width)
    return { ...inner, shape: [part.length, listSize, ...inner.shape.slice(1)], data }
  }
  if (DataType.isBool(part.type)) {
    const bits = part.values as unknown as Uint8Array
    const data = Uint8Array.from({ length: part.length }, (_, i) => {
      const at = i + part.offset
      return (bits[at >> 3]! >> (at & 7)) & 1
    })
    return { dtype: 'bool', shape: [part.length], data }
  }
  const isNumber = DataType.isInt(part.type) || DataType.isFloat(part.type)
  const dtype =
    isNumber && !/Float16/.test(String(part.type)) ? dtypeOfData(part.values) : undefined
  if (dtype === undefined) {
    throw new TypeError(`fromArrow: expected numbers or booleans; got ${String(part.type)}`)
  }
  return { dtype, shape: [part.length], data: (part.values as TypedArray).subarray(0, part.length) }
}
