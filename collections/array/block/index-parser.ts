/**
 * Parses an index as users write it: `x.at('1:10:2', -1, null, '...')`.
 *
 * Strings are Python slices. Integers pick one element and drop the axis. `null` adds an axis, and `'...'`
 * stands for all axes that are not named. Lists of integers pick those elements, lists of booleans those that
 * are true. Lists for several axes are broadcast and pick one element for each tuple of positions.
 */
import { lazySummary } from '../../../core/base/describe-value.js'
import type { Dtype, TypedArray } from './dtype.js'
import { formatArgument } from './format-argument.js'
import type { StridedElements } from './strided-copy.js'

/** A slice of one axis: element `k` of the slice is element `start + k * step` of the axis. */
export interface AxisSlice {
  /** The index of the first element. */
  readonly start: number
  /** The distance between elements; negative to go backwards. */
  readonly step: number
  /** The number of elements. */
  readonly size: number
}

/** A typed array that is a list of positions. */
export type IndexArray = Exclude<TypedArray, Float32Array | Float64Array> | Uint8ClampedArray

/** A list of positions or of booleans, possibly nested. */
export type IndexList = readonly (number | bigint | boolean | IndexList)[]

/** A computed array of integers or booleans. */
export interface IndexBlock extends StridedElements {
  /** The dtype of the elements. */
  readonly dtype: Dtype
}

/**
 * One entry of an index: an integer, a slice such as `'1:10:2'`, `null`, `'...'`, or a list, typed array or
 * `NDArray` of integers or booleans.
 */
export type IndexItem = number | bigint | string | null | IndexList | IndexArray | IndexBlock

/** The selection from one axis of the source, or a new axis. */
export type AxisIndex =
  | { readonly kind: 'slice'; readonly start: number; readonly step: number; readonly size: number }
  | { readonly kind: 'pick'; readonly position: number }
  | { readonly kind: 'list'; readonly positions: readonly number[] }
  | { readonly kind: 'newaxis' }

/** An index with one entry for each axis of the source and each new axis. */
export interface ParsedIndex {
  readonly entries: readonly AxisIndex[]
  /** The shape that the lists were broadcast to. Their positions are in row-major order. */
  readonly listShape: readonly number[]
}

/** An item of an index, the first axis that it selects from, and the number of these axes. */
export interface PlacedItem<T> {
  readonly item: T
  readonly axis: number
  readonly width: number
}

/** Parses an index of an array with the given shape, in which NaN is a size that is not known. Throws a RangeError or TypeError if it is invalid. */
export function parseIndex(
  items: readonly IndexItem[],
  shape: readonly number[],
  operation = 'at',
): ParsedIndex {
  const entries: (AxisIndex | IntegerList)[] = []
  for (const { item, axis, width } of placeItems(items, shape, widthOf, operation)) {
    if (width === 0) entries.push({ kind: 'newaxis' })
    else entries.push(...parseItem(item, shape, axis, operation))
  }
  return broadcastLists(entries, operation)
}

/** Assigns the items of an index to axes; `'...'` becomes slices of all the axes that are left. */
export function placeItems<T>(
  items: readonly T[],
  shape: readonly number[],
  width: (item: T) => number,
  operation: string,
): PlacedItem<T | ':'>[] {
  const isDots = (item: unknown) => typeof item === 'string' && item.trim() === '...'
  const dots = items.filter(isDots).length
  if (dots > 1) throw new RangeError(`${operation}: '...' may appear once, not ${dots} times`)
  const widths = items.map((item) => (isDots(item) ? 0 : width(item)))
  const used = widths.reduce((a, b) => a + b, 0)
  if (used > shape.length) {
    throw new RangeError(
      `${operation}: ${used} indices for an array of ${shape.length} axes, shape [${shape}]`,
    )
  }
  const placed: PlacedItem<T | ':'>[] = []
  let axis = 0
  const fill = () => {
    for (let i = used; i < shape.length; i++) placed.push({ item: ':', axis: axis++, width: 1 })
  }
  items.forEach((item, i) => {
    if (isDots(item)) fill()
    else {
      placed.push({ item, axis, width: widths[i]! })
      axis += widths[i]!
    }
  })
  if (dots === 0) fill()
  return placed
}

/** Returns the number of axes that an item selects from: 0 for a new axis, n for booleans with n axes. */
export function widthOf(item: unknown): number {
  if (item === null) return 0
  const shape = booleanShape(item)
  return shape === undefined ? 1 : shape.length
}

/** Whether an item is a slice that selects all elements of an axis in order. */
export function isWholeSlice(item: unknown): boolean {
  return typeof item === 'string' && /^\s*:\s*(:\s*(\+?1)?\s*)?$/.test(item)
}

/** A list of integers, in row-major order. */
interface IntegerList {
  readonly kind: 'list'
  readonly positions: readonly number[]
  readonly shape: readonly number[]
}

function parseItem(
  item: unknown,
  shape: readonly number[],
  axis: number,
  operation: string,
): (AxisIndex | IntegerList)[] {
  const n = shape[axis]!
  const pick = (i: unknown): AxisIndex[] => [
    { kind: 'pick', position: position(i, n, axis, operation) },
  ]
  if (typeof item === 'number' || typeof item === 'bigint') return pick(item)
  if (typeof item === 'string') {
    if (/^\s*[+-]?\d+\s*$/.test(item)) return pick(Number(item))
    return [{ kind: 'slice', ...parseSlice(item, n, operation) }]
  }
  const booleans = booleanShape(item)
  if (booleans !== undefined) return maskLists(item, booleans, shape, axis, operation)
  const list = listOf(item)
  if (list !== undefined) {
    const positions = list.values.map((i) => position(i, n, axis, operation))
    return [{ kind: 'list', positions, shape: list.shape }]
  }
  if (lazySummary(item) !== undefined) {
    throw new TypeError(
      `${operation}: ${formatArgument(item)} cannot be an index here; only lazy arrays of integers or booleans can, and only of lazy arrays`,
    )
  }
  throw new TypeError(
    `${operation}: ${formatArgument(item)} is not an index; use an integer, a slice such as '1:10:2', null, '...' or a list of integers or booleans`,
  )
}

/** Returns the positions of the true elements of booleans, a list for each of their axes. */
function maskLists(
  mask: unknown,
  own: readonly number[],
  shape: readonly number[],
  axis: number,
  operation: string,
): IntegerList[] {
  own.forEach((n, i) => {
    if (n === shape[axis + i] || Number.isNaN(shape[axis + i])) return
    throw new RangeError(
      `${operation}: a mask of shape [${own}] does not fit the axes from ${axis} on, of shape [${shape.slice(axis, axis + own.length)}]`,
    )
  })
  const { values } = listOf(mask)!
  const lists = own.map((): number[] => [])
  values.forEach((value, i) => {
    if (value === false || value === 0) return
    let rest = i
    for (let a = own.length - 1; a >= 0; a--) {
      lists[a]!.push(rest % own[a]!)
      rest = Math.floor(rest / own[a]!)
    }
  })
  return lists.map((positions) => ({ kind: 'list', positions, shape: [positions.length] }))
}

/** Broadcasts all lists to one shape. */
function broadcastLists(
  entries: readonly (AxisIndex | IntegerList)[],
  operation: string,
): ParsedIndex {
  const lists = entries.filter((entry): entry is IntegerList => entry.kind === 'list')
  if (lists.length === 0) return { entries: entries as readonly AxisIndex[], listShape: [] }
  const listShape = listsShape(
    lists.map((list) => list.shape),
    operation,
  )
  const broadcast = entries.map((entry) =>
    entry.kind === 'list'
      ? { kind: 'list' as const, positions: repeatTo(entry as IntegerList, listShape) }
      : entry,
  )
  return { entries: broadcast, listShape }
}

function listsShape(shapes: readonly (readonly number[])[], operation: string): number[] {
  const ndim = Math.max(...shapes.map((shape) => shape.length))
  return Array.from({ length: ndim }, (_, axis) => {
    const sizes = shapes.map((shape) => shape[axis - ndim + shape.length] ?? 1)
    const n = sizes.find((size) => size !== 1) ?? 1
    if (sizes.every((size) => size === n || size === 1)) return n
    throw new RangeError(
      `${operation}: lists of shapes ${shapes.map((shape) => `[${shape}]`).join(' and ')} do not broadcast; lists for several axes are tuples of positions and must be equally long`,
    )
  })
}

/** Returns the elements of a list that is repeated to a shape. */
function repeatTo({ positions, shape }: IntegerList, target: readonly number[]): readonly number[] {
  const lead = target.length - shape.length
  if (lead === 0 && shape.every((n, axis) => n === target[axis])) return positions
  const size = target.reduce((a, b) => a * b, 1)
  return Array.from({ length: size }, (_, i) => {
    let rest = i
    let at = 0
    let stride = 1
    for (let axis = target.length - 1; axis >= lead; axis--) {
      const n = shape[axis - lead]!
      if (n !== 1) at += (rest % target[axis]!) * stride
      rest = Math.floor(rest / target[axis]!)
      stride *= n
    }
    return positions[at]!
  })
}

/** Elements in row-major order, and their shape. */
interface Listed {
  readonly values: readonly unknown[]
  readonly shape: readonly number[]
}

/** Returns the elements of a list, typed array or computed array of integers or booleans; undefined for other values. */
function listOf(item: unknown): Listed | undefined {
  if (Array.isArray(item)) {
    const shape = listShapeOf(item)
    return { values: item.flat(Infinity), shape }
  }
  if (isIndexBlock(item)) return blockElements(item)
  if (!ArrayBuffer.isView(item)) return undefined
  // The name does not depend on the context in which the array was created.
  const name: string = (item as Uint8Array)[Symbol.toStringTag]
  if (name === 'DataView' || name.startsWith('Float')) return undefined
  const values = Array.from(item as Uint8Array, Number)
  return { values, shape: [values.length] }
}

function listShapeOf(list: readonly unknown[]): number[] {
  const shape: number[] = []
  for (let level: unknown = list; Array.isArray(level); level = level[0]) {
    shape.push(level.length)
    if (level.length === 0) break
  }
  const check = (level: unknown, depth: number): void => {
    const isList = Array.isArray(level)
    if (isList !== depth < shape.length || (isList && level.length !== shape[depth])) {
      throw new RangeError(
        `at: the lists of an index must be equally long at each depth; got ${formatArgument(list)}`,
      )
    }
    if (isList && depth + 1 < shape.length) for (const inner of level) check(inner, depth + 1)
  }
  check(list, 0)
  return shape
}

/** Whether a value is a computed array: `NDArray` imports this file. */
function isIndexBlock(value: unknown): value is IndexBlock {
  return (
    typeof value === 'object' &&
    value !== null &&
    'strides' in value &&
    'data' in value &&
    'dtype' in value
  )
}

function blockElements(block: IndexBlock): Listed | undefined {
  const { dtype, data, shape, strides, offset } = block
  if (/float|complex/.test(dtype)) return undefined
  const values: number[] = []
  const visit = (axis: number, at: number): void => {
    if (axis === shape.length) values.push(Number(data[at]))
    else for (let i = 0; i < shape[axis]!; i++) visit(axis + 1, at + i * strides[axis]!)
  }
  visit(0, offset)
  return { values, shape }
}

/** Returns the shape of a list or computed array of booleans; undefined for other values. */
function booleanShape(item: unknown): readonly number[] | undefined {
  if (isIndexBlock(item)) {
    return item.dtype === 'bool' && item.shape.length > 0 ? item.shape : undefined
  }
  if (!Array.isArray(item)) return undefined
  let first: unknown = item
  while (Array.isArray(first)) first = first[0]
  if (typeof first !== 'boolean') return undefined
  const other = (item.flat(Infinity) as unknown[]).find((value) => typeof value !== 'boolean')
  if (other !== undefined) {
    throw new TypeError(
      `at: a list of an index holds integers or booleans, not both; got ${formatArgument(other)} among booleans`,
    )
  }
  return listShapeOf(item)
}

/** Returns a position on an axis of `n` elements, which may be counted from the end, as 0 or more. */
export function position(value: unknown, n: number, axis: number, operation: string): number {
  const i = typeof value === 'bigint' ? Number(value) : value
  if (typeof i !== 'number' || !Number.isInteger(i)) {
    throw new TypeError(`${operation}: ${formatArgument(value)} is not an integer (axis ${axis})`)
  }
  if (i < -n || i >= n) {
    throw new RangeError(`${operation}: ${i} is outside axis ${axis} of size ${n}`)
  }
  return i < 0 ? i + n : i
}

/** Parses a Python slice of an axis of `n` elements: `parseSlice('::-2', 5)` is `{ start: 4, step: -2, size: 3 }`. */
export function parseSlice(slice: string, n: number, operation = 'at'): AxisSlice {
  const match = /^\s*([+-]?\d+)?\s*:\s*([+-]?\d+)?\s*(?::\s*([+-]?\d+)?\s*)?$/.exec(slice)
  if (match === null) {
    throw new RangeError(
      `${operation}: '${slice}' is not a slice; use start:stop:step, each part optional, such as '1:10:2' or '::-1'`,
    )
  }
  const part = (i: number) => (match[i] === undefined ? undefined : Number(match[i]))
  const step = part(3) ?? 1
  if (step === 0) throw new RangeError(`${operation}: the step of '${slice}' must not be 0`)
  if (isWholeSlice(slice)) return { start: 0, step: 1, size: n }
  const [low, high] = step > 0 ? [0, n] : [-1, n - 1]
  const clamp = (i: number) => Math.min(high, Math.max(low, i < 0 ? i + n : i))
  const first = part(1)
  const last = part(2)
  const start = first === undefined ? (step > 0 ? low : high) : clamp(first)
  const stop = last === undefined ? (step > 0 ? high : low) : clamp(last)
  return { start, step, size: Math.max(0, Math.ceil((stop - start) / step)) }
}

/**
 * Returns the axis of the result along which the elements of lists for several axes stand: in place of the
 * lists if they are next to each other, else the first one. Axes that integers pick do not count.
 */
export function listAxis(entries: readonly { readonly kind: string }[]): number {
  const kinds = entries.flatMap(({ kind }) => (kind === 'pick' ? [] : [kind]))
  const first = kinds.indexOf('list')
  const last = kinds.lastIndexOf('list')
  return kinds.slice(first, last + 1).every((kind) => kind === 'list') ? first : 0
}
