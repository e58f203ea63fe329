/**
 * Layers that take, insert and delete elements along an axis.
 */
import { formatArgument } from '../block/format-argument.js'
import { type IndexItem, parseIndex } from '../block/index-parser.js'
import { NDArray } from '../block/ndarray.js'
import { mergeSmall } from '../planning/chunk-grid.js'
import { unknownSizeError } from '../planning/known-sizes.js'
import { normalizeAxis } from '../planning/shape-arguments.js'
import { type ArraySpec, isArraySpec, shapeOf } from './array-spec.js'
import { concatenateLayer } from './concatenate-layers.js'
import { astypeLayer } from './elementwise-layers.js'
import { indexAxis, indexLayer } from './indexing-layers.js'
import type { LazyIndexItem } from './lazy-index-layers.js'
import { asMask } from './nonzero-layers.js'
import { rechunkTo } from './rechunk-layers.js'
import { reshapeLayer } from './reshape-layers.js'
import { asArray } from './search-layers.js'
import { broadcastLayer, moveAxesLayer } from './shape-layers.js'

/** An axis; null and undefined flatten the array first. */
type OneAxis = number | null | undefined

/** Returns the array, flattened if there is no axis, and the axis. */
function alongAxis(array: ArraySpec, axis: OneAxis, operation: string): [ArraySpec, number] {
  if (axis === null || axis === undefined) return [reshapeLayer(array, [-1]), 0]
  return [array, normalizeAxis(axis, array.chunks.length, operation)]
}

/** Selects elements along an axis. NumPy: `take`. */
export function takeAxisLayer(array: ArraySpec, indices: LazyIndexItem, axis: OneAxis): ArraySpec {
  const [source, along] = alongAxis(array, axis, 'take')
  return indexAxis(source, along, indices, 'take')
}

/** Selects the elements along an axis for which a condition is true. NumPy: `compress`. */
export function compressLayer(array: ArraySpec, condition: unknown, axis: OneAxis): ArraySpec {
  const [source, along] = alongAxis(array, axis, 'compress')
  const mask = asMask(asArray(condition))
  if (mask.chunks.length !== 1) {
    throw new RangeError(`compress: the condition must have one axis; it has ${mask.chunks.length}`)
  }
  const [n, size] = [shapeOf(mask)[0]!, shapeOf(source)[along]!]
  const isShort = n < size || (Number.isNaN(size) && !Number.isNaN(n))
  const own = isShort ? indexAxis(source, along, `:${n}`, 'compress') : source
  if (!isArraySpec(condition)) {
    const flags = Array.from(condition as readonly unknown[], Boolean)
    return indexAxis(own, along, flags.length === 0 ? [] : flags, 'compress')
  }
  return indexAxis(own, along, mask, 'compress')
}

/** Selects the elements for which a condition is true, in row-major order. NumPy: `extract`. */
export function extractLayer(array: ArraySpec, condition: unknown): ArraySpec {
  const mask = asMask(asArray(condition))
  if (shapeOf(mask).join() === shapeOf(array).join()) {
    return indexLayer(array, array.chunks.length === 0 ? [null, reshapeLayer(mask, [1])] : [mask])
  }
  return compressLayer(array, reshapeLayer(mask, [-1]), null)
}

function knownSize(array: ArraySpec, axis: number, operation: string): number {
  const n = shapeOf(array)[axis]!
  if (Number.isNaN(n)) throw unknownSizeError(operation, axis, 'write it with da.concatenate')
  return n
}

/** Inserts values before positions of an axis. NumPy: `insert`. */
export function insertLayer(
  array: ArraySpec,
  where: IndexItem,
  given: unknown,
  axis: OneAxis,
): ArraySpec {
  const [source, along] = alongAxis(array, axis, 'insert')
  const n = knownSize(source, along, 'insert')
  const shape = shapeOf(source)
  const { positions, isSingle } = insertPositions(where, n)
  let values = asArray(given)
  const missing = shape.length - values.chunks.length
  if (missing > 0)
    values = reshapeLayer(values, [...new Array<number>(missing).fill(1), ...shapeOf(values)])
  // As in NumPy, the first axis of values for one position is the axis itself.
  if (isSingle) values = moveAxesLayer(values, 0, along)
  const count = positions.length === 1 ? shapeOf(values)[along]! : positions.length
  const filled = broadcastLayer(
    astypeLayer(values, source.dtype),
    shape.map((size, a) => (a === along ? count : size)),
    'insert',
  )
  const order = positions.length === 1 ? new Array<number>(count).fill(positions[0]!) : positions
  const inserted = order.map((position, i) => ({ position, i }))
  inserted.sort((a, b) => a.position - b.position)
  const parts: ArraySpec[] = []
  let done = 0
  for (let k = 0; k < inserted.length; ) {
    const { position } = inserted[k]!
    const own: number[] = []
    for (; inserted[k]?.position === position; k++) own.push(inserted[k]!.i)
    if (position > done) parts.push(indexAxis(source, along, `${done}:${position}`, 'insert'))
    parts.push(own.length === count ? filled : indexAxis(filled, along, own, 'insert'))
    done = position
  }
  if (done < n || parts.length === 0) parts.push(indexAxis(source, along, `${done}:`, 'insert'))
  return joinParts(parts, source, along)
}

/** Returns the positions before which values are inserted, and whether it is a single one. */
function insertPositions(
  where: IndexItem,
  n: number,
): { positions: readonly number[]; isSingle: boolean } {
  if (typeof where === 'string')
    return { positions: selectedPositions(where, n, 'insert'), isSingle: false }
  const isSingle = typeof where === 'number' || typeof where === 'bigint'
  const list = isSingle ? [where] : where instanceof NDArray ? where.toArray() : where
  const positions = Array.from(list as readonly (number | bigint)[], (value) => {
    const i = Number(value)
    if (typeof value !== 'boolean' && Number.isInteger(i) && i >= -n && i <= n)
      return i < 0 ? i + n : i
    throw new RangeError(
      `insert: expected positions from ${-n} to ${n}, or a slice; got ${formatArgument(value)}`,
    )
  })
  return { positions, isSingle }
}

/** Returns the positions that an item of an index selects from an axis. */
function selectedPositions(item: IndexItem, n: number, operation: string): readonly number[] {
  const { entries } = parseIndex([item], [n], operation)
  const [entry] = entries
  if (entries.length !== 1 || entry === undefined || entry.kind === 'newaxis') {
    throw new TypeError(`${operation}: expected positions or a slice; got ${formatArgument(item)}`)
  }
  if (entry.kind === 'pick') return [entry.position]
  if (entry.kind === 'list') return entry.positions
  return Array.from({ length: entry.size }, (_, i) => entry.start + i * entry.step)
}

/** Joins parts of an array along an axis, without small chunks. */
function joinParts(parts: readonly ArraySpec[], source: ArraySpec, axis: number): ArraySpec {
  const joined = parts.length === 1 ? parts[0]! : concatenateLayer(parts, axis)
  const limit = Math.max(...source.chunks[axis]!)
  return rechunkTo(
    joined,
    joined.chunks.map((sizes, a) => (a === axis ? mergeSmall(sizes, limit) : sizes)),
  )
}

/** Up to this number of runs of elements that stay, the runs are slices. */
const MAX_RUNS = 64

/** Deletes elements along an axis. NumPy: `delete`. */
export function deleteLayer(array: ArraySpec, where: IndexItem, axis: OneAxis): ArraySpec {
  const [source, along] = alongAxis(array, axis, 'delete')
  const n = knownSize(source, along, 'delete')
  const gone = [...new Set(selectedPositions(where, n, 'delete'))].sort((a, b) => a - b)
  const runs: [start: number, stop: number][] = []
  let start = 0
  for (const position of [...gone, n]) {
    if (position > start) runs.push([start, position])
    start = position + 1
  }
  if (runs.length === 0) return indexAxis(source, along, ':0', 'delete')
  if (runs.length > MAX_RUNS) {
    const kept = runs.flatMap(([from, to]) => Array.from({ length: to - from }, (_, i) => from + i))
    return indexAxis(source, along, kept, 'delete')
  }
  const parts = runs.map(([from, to]) => indexAxis(source, along, `${from}:${to}`, 'delete'))
  return joinParts(parts, source, along)
}

/** Adds values at the end of an axis. NumPy: `append`. */
export function appendLayer(array: ArraySpec, values: unknown, axis: OneAxis): ArraySpec {
  const [source, along] = alongAxis(array, axis, 'append')
  const other = asArray(values)
  const isFlat = axis === null || axis === undefined
  return concatenateLayer([source, isFlat ? reshapeLayer(other, [-1]) : other], along)
}
