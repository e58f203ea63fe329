/**
 * Selects elements of an array in memory by a parsed index. Without lists the result is a view.
 */
import { type Dtype, isComplex, type TypedArray } from './dtype.js'
import { type IndexBlock, listAxis, type ParsedIndex } from './index-parser.js'
import { copyListed, newOffsets, type Offsets } from './listed-copy.js'
import { rowMajor, sizeOf } from './shapes.js'
import type { StridedElements } from './strided-copy.js'

/** Allocates memory for a number of elements. */
type Allocate = (dtype: Dtype, length: number) => TypedArray

/**
 * Returns the elements that an index selects: a view, or a row-major copy if the index has lists. The axes of the lists
 * begin at number `at` of the result.
 */
export function selectElements(
  source: IndexBlock,
  { entries, listShape }: ParsedIndex,
  allocate: Allocate,
  at = listAxis(entries),
): StridedElements {
  const { data, dtype, strides } = source
  let { offset } = source
  let own = 0
  let from: Offsets | undefined
  const axes: { size: number; stride: number }[] = []
  for (const entry of entries) {
    if (entry.kind === 'newaxis') {
      axes.push({ size: 1, stride: 0 })
      continue
    }
    const stride = strides[own++]!
    if (entry.kind === 'pick') offset += entry.position * stride
    else if (entry.kind === 'slice') {
      if (entry.size > 0) offset += entry.start * stride
      axes.push({ size: entry.size, stride: stride * entry.step })
    } else {
      from ??= newOffsets(entry.positions.length, data.length)
      for (let i = 0; i < from.length; i++) from[i]! += entry.positions[i]! * stride
    }
  }
  if (from === undefined) return { data, offset, ...transposed(axes) }
  axes.splice(at, 0, { size: from.length, stride: 0 })
  const view = { data, offset, ...transposed(axes) }
  const copy = takeListed(view, dtype, at, from, allocate)
  const shape = [...view.shape.slice(0, at), ...listShape, ...view.shape.slice(at + 1)]
  return { data: copy, shape, strides: rowMajor(shape), offset: 0 }
}

function transposed(axes: readonly { size: number; stride: number }[]): {
  readonly shape: readonly number[]
  readonly strides: readonly number[]
} {
  return { shape: axes.map(({ size }) => size), strides: axes.map(({ stride }) => stride) }
}

/** Copies elements to row-major memory; those along one axis are at listed offsets. */
export function takeListed(
  source: StridedElements,
  dtype: Dtype,
  axis: number,
  from: Offsets,
  allocate: Allocate,
): TypedArray {
  const { shape } = source
  const data = allocate(dtype, sizeOf(shape))
  copyElements({ data, shape, strides: rowMajor(shape), offset: 0 }, source, dtype, axis, { from })
  return data
}

/** Copies elements of a dtype over others, as `copyListed` does. */
export function copyElements(
  target: StridedElements,
  source: StridedElements,
  dtype: Dtype,
  axis: number,
  lists: { readonly to?: Offsets; readonly from?: Offsets },
): void {
  if (!isComplex(dtype)) copyListed(target, source, axis, lists)
  else {
    const twice = Object.entries(lists).map(([name, list]) => [name, list.map((at) => 2 * at)])
    copyListed(asNumbers(target), asNumbers(source), axis, Object.fromEntries(twice))
  }
}

/** Returns the parts of complex elements as numbers, with one more axis of size 2. */
export function asNumbers({ data, shape, strides, offset }: StridedElements): StridedElements {
  return {
    data,
    shape: [...shape, 2],
    strides: [...strides.map((stride) => 2 * stride), 1],
    offset: 2 * offset,
  }
}
