/**
 * Parses an index as users write it: `x.at('1:10:2', -1, null, '...')`.
 *
 * Strings are Python slices. Integers pick one element and drop the axis. `null` adds an axis, `'...'`
 * stands for all axes that are not named, and one list of integers picks those elements.
 */
import { lazySummary } from '../../../core/base/describe-value.js'
import type { TypedArray } from '../block/dtype.js'
import { formatArgument } from '../block/format-argument.js'
import { type AxisSlice, NDArray } from '../block/ndarray.js'

/** A list of positions as a typed array. */
export type IndexArray = Exclude<TypedArray, Float32Array | Float64Array> | Uint8ClampedArray

/** One entry of an index: an integer, a slice such as `'1:10:2'`, `null`, `'...'` or a list of integers. */
export type IndexItem = number | string | null | readonly number[] | IndexArray

/** The selection from one axis of the source, or a new axis. */
export type AxisIndex =
  | { readonly kind: 'slice'; readonly start: number; readonly step: number; readonly size: number }
  | { readonly kind: 'pick'; readonly position: number }
  | { readonly kind: 'list'; readonly positions: readonly number[] }
  | { readonly kind: 'newaxis' }

/** Parses an index of an array with the given shape. Throws a RangeError or TypeError if it is invalid. */
export function parseIndex(items: readonly IndexItem[], shape: readonly number[]): AxisIndex[] {
  const isDots = (item: unknown) => typeof item === 'string' && item.trim() === '...'
  const dots = items.filter(isDots).length
  const used = items.filter((item) => item !== null && !isDots(item)).length
  if (dots > 1) throw new RangeError(`at: '...' may appear once, not ${dots} times`)
  if (used > shape.length) {
    throw new RangeError(
      `at: ${used} indices for an array of ${shape.length} axes, shape [${shape}]`,
    )
  }
  if (items.filter((item) => listOf(item) !== undefined).length > 1) {
    throw new RangeError('at: only one list of integers may be given; index twice instead')
  }
  const rest = shape.length - used
  const full = dots === 1 ? items : [...items, '...']
  const index: AxisIndex[] = []
  let axis = 0
  for (const item of full) {
    if (isDots(item)) {
      for (let i = 0; i < rest; i++) index.push(wholeAxis(shape[axis++]!))
    } else if (item === null) index.push({ kind: 'newaxis' })
    else index.push(parseItem(item, shape[axis]!, axis++))
  }
  return index
}

function wholeAxis(n: number): AxisIndex {
  return { kind: 'slice', start: 0, step: 1, size: n }
}

function parseItem(item: unknown, n: number, axis: number): AxisIndex {
  if (typeof item === 'number') return { kind: 'pick', position: position(item, n, axis) }
  const list = listOf(item)
  if (list !== undefined) return { kind: 'list', positions: list.map((i) => position(i, n, axis)) }
  if (typeof item === 'string') {
    if (/^\s*[+-]?\d+\s*$/.test(item))
      return { kind: 'pick', position: position(Number(item), n, axis) }
    return { kind: 'slice', ...parseSlice(item, n) }
  }
  if (item instanceof NDArray) {
    if (item.dtype === 'bool') throw booleansError(axis)
    throw new TypeError(
      'at: a chunk is not an index; write x.at(chunk.data) for a list of positions',
    )
  }
  if (lazySummary(item) !== undefined) {
    throw new TypeError(
      `at: ${formatArgument(item)} cannot be an index, since the shape of the result would depend on values that are not computed yet; ` +
        'to keep the shape write da.where(mask, x, 0), to select elements compute the positions first and write x.at(positions)',
    )
  }
  throw new TypeError(
    `at: ${formatArgument(item)} is not an index; use an integer, a slice such as '1:10:2', null, '...' or a list of integers`,
  )
}

/** Returns the entries of a list or typed array of integers; undefined for other values. */
function listOf(item: unknown): readonly unknown[] | undefined {
  if (Array.isArray(item)) return item
  if (!ArrayBuffer.isView(item)) return undefined
  // The name does not depend on the context in which the array was created.
  const name: string = (item as Uint8Array)[Symbol.toStringTag]
  if (name === 'DataView' || name.startsWith('Float')) return undefined
  return Array.from(item as unknown as Exclude<IndexArray, BigInt64Array | BigUint64Array>, Number)
}

function booleansError(axis: number): TypeError {
  return new TypeError(
    `at: a list of booleans is not an index (axis ${axis}); give the positions of the true ones, such as flags.flatMap((flag, i) => (flag ? [i] : []))`,
  )
}

/** Returns a position on an axis of `n` elements, which may be counted from the end, as 0 or more. */
function position(i: unknown, n: number, axis: number): number {
  if (typeof i === 'boolean') throw booleansError(axis)
  if (typeof i !== 'number' || !Number.isInteger(i)) {
    throw new TypeError(`at: ${formatArgument(i)} is not an integer (axis ${axis})`)
  }
  if (i < -n || i >= n) throw new RangeError(`at: ${i} is outside axis ${axis} of size ${n}`)
  return i < 0 ? i + n : i
}

/** Parses a Python slice of an axis of `n` elements: `parseSlice('::-2', 5)` is `{ start: 4, step: -2, size: 3 }`. */
export function parseSlice(slice: string, n: number): AxisSlice {
  const match = /^\s*([+-]?\d+)?\s*:\s*([+-]?\d+)?\s*(?::\s*([+-]?\d+)?\s*)?$/.exec(slice)
  if (match === null) {
    throw new RangeError(
      `at: '${slice}' is not a slice; use start:stop:step, each part optional, such as '1:10:2' or '::-1'`,
    )
  }
  const part = (i: number) => (match[i] === undefined ? undefined : Number(match[i]))
  const step = part(3) ?? 1
  if (step === 0) throw new RangeError(`at: the step of '${slice}' must not be 0`)
  const [low, high] = step > 0 ? [0, n] : [-1, n - 1]
  const clamp = (i: number) => Math.min(high, Math.max(low, i < 0 ? i + n : i))
  const first = part(1)
  const last = part(2)
  const start = first === undefined ? (step > 0 ? low : high) : clamp(first)
  const stop = last === undefined ? (step > 0 ? high : low) : clamp(last)
  return { start, step, size: Math.max(0, Math.ceil((stop - start) / step)) }
}
