/**
 * Layers that drop, add, move, reverse, roll and repeat axes; most are made of indices, transposes and joins.
 */
import { captureCallSite } from '../../../core/base/call-site.js'
import { blockNumber } from '../../../core/base/keys.js'
import type { BlockNode } from '../../../core/graph/layer.js'
import { arg, recipe } from '../../../core/graph/recipe.js'
import { formatArgument } from '../block/format-argument.js'
import { forEachBlock, hasUnknown, numblocksOf } from '../planning/chunk-grid.js'
import { normalizeChunks } from '../planning/chunks-argument.js'
import { assertKnown } from '../planning/known-sizes.js'
import { assertShape, normalizeAxes, normalizeAxis } from '../planning/shape-arguments.js'
import { broadcastStep } from '../steps/reshape-steps.js'
import { type ArraySpec, indexed, shapeOf } from './array-spec.js'
import { concatenateLayer } from './concatenate-layers.js'
import { elementwiseLayer } from './elementwise-layers.js'
import { indexAxis, indexLayer } from './indexing-layers.js'
import { rechunkTo } from './rechunk-layers.js'
import { reshapeLayer, transposeLayer } from './reshape-layers.js'

/** An axis or a list of axes; undefined and null for all. */
export type Axes = number | readonly number[] | null | undefined

/** Drops axes of size 1: those given, or all. */
export function squeezeLayer(array: ArraySpec, axis: Axes): ArraySpec {
  const shape = shapeOf(array)
  const given = axis !== undefined && axis !== null
  const dropped = given
    ? normalizeAxes(axis, shape.length, 'squeeze')
    : shape.flatMap((n, a) => (n === 1 ? [a] : []))
  assertKnown(array.chunks, 'squeeze', given ? dropped : undefined)
  for (const a of dropped) {
    if (shape[a] === 1) continue
    throw new RangeError(
      `squeeze: axis ${a} has size ${shape[a]}; only axes of size 1 can be dropped`,
    )
  }
  if (dropped.length === 0) return array
  return indexLayer(
    array,
    shape.map((_, a) => (dropped.includes(a) ? 0 : ':')),
  )
}

/** Adds axes of size 1 at positions in the result. */
export function addAxesLayer(array: ArraySpec, axis: number | readonly number[]): ArraySpec {
  const list = typeof axis === 'number' ? [axis] : axis
  const ndim = array.chunks.length + (Array.isArray(list) ? list.length : 0)
  const added = normalizeAxes(axis, ndim, 'expandDims')
  return indexLayer(
    array,
    Array.from({ length: ndim }, (_, a) => (added.includes(a) ? null : ':')),
  )
}

/** Moves axes to other positions; the others keep their order. */
export function moveAxesLayer(
  array: ArraySpec,
  from: number | readonly number[],
  to: number | readonly number[],
): ArraySpec {
  const ndim = array.chunks.length
  const [sources, targets] = [from, to].map((axes) => {
    return [axes].flat().map((axis) => normalizeAxis(axis, ndim, 'moveaxis'))
  }) as [number[], number[]]
  const isValid = [sources, targets].every((axes) => new Set(axes).size === axes.length)
  if (!isValid || sources.length !== targets.length) {
    throw new RangeError(
      `moveaxis: expected as many positions as axes, each once; got ${formatArgument(from)} and ${formatArgument(to)}`,
    )
  }
  const order = array.chunks.flatMap((_, axis) => (sources.includes(axis) ? [] : [axis]))
  const moves = targets.map((target, i) => [target, sources[i]!] as const)
  for (const [target, source] of moves.sort(([a], [b]) => a - b)) order.splice(target, 0, source)
  return transposeLayer(array, order)
}

/** Swaps two axes. */
export function swapAxesLayer(
  array: ArraySpec,
  first: number,
  second: number,
  operation: string,
): ArraySpec {
  const ndim = array.chunks.length
  const [a, b] = [first, second].map((axis) => normalizeAxis(axis, ndim, operation)) as [
    number,
    number,
  ]
  return transposeLayer(
    array,
    array.chunks.map((_, axis) => (axis === a ? b : axis === b ? a : axis)),
  )
}

/** Reverses the order of the elements along some axes. */
export function flipLayer(array: ArraySpec, axis: Axes, operation = 'flip'): ArraySpec {
  const axes = normalizeAxes(axis, array.chunks.length, operation)
  if (axes.length === 0) return array
  return indexLayer(
    array,
    array.chunks.map((_, a) => (axes.includes(a) ? '::-1' : ':')),
  )
}

/** Shifts elements along axes; those that leave one end come back at the other. */
export function rollLayer(
  array: ArraySpec,
  shift: number | readonly number[],
  axis: Axes,
): ArraySpec {
  const shifts = [shift].flat() as readonly number[]
  for (const by of shifts) {
    if (Number.isSafeInteger(by)) continue
    throw new TypeError(`roll: the shift must be an integer; got ${formatArgument(by)}`)
  }
  const shape = shapeOf(array)
  if (axis === undefined || axis === null) {
    const total = shifts.reduce((sum, by) => sum + by, 0)
    if (total === 0) return array
    assertKnown(array.chunks, 'roll')
    return reshapeLayer(rollAxis(reshapeLayer(array, [-1]), total, 0), shape)
  }
  const axes = ([axis].flat() as readonly number[]).map((a) => {
    return normalizeAxis(a, shape.length, 'roll')
  })
  if (axes.length !== shifts.length && axes.length !== 1 && shifts.length !== 1) {
    throw new RangeError(
      `roll: expected as many shifts as axes; got ${formatArgument(shift)} and ${formatArgument(axis)}`,
    )
  }
  let rolled = array
  for (let i = 0; i < Math.max(axes.length, shifts.length); i++) {
    rolled = rollAxis(rolled, shifts[i] ?? shifts[0]!, axes[i] ?? axes[0]!)
  }
  return rolled
}

function rollAxis(array: ArraySpec, shift: number, axis: number): ArraySpec {
  if (shift === 0) return array
  assertKnown(array.chunks, 'roll', [axis])
  const n = shapeOf(array)[axis]!
  const by = n === 0 ? 0 : ((shift % n) + n) % n
  if (by === 0) return array
  const [end, start] = [indexAxis(array, axis, `${n - by}:`), indexAxis(array, axis, `:${n - by}`)]
  return rechunkTo(concatenateLayer([end, start], axis), array.chunks)
}

/**
 * Repeats axes of size 1, and adds leading axes, to fill a shape. Axes whose sizes are not known stay as they are, where
 * the shape has NaN.
 */
export function broadcastLayer(array: ArraySpec, shape: unknown, operation: string): ArraySpec {
  const own = shapeOf(array)
  const lead = Array.isArray(shape) ? shape.length - own.length : 0
  const stays = (n: unknown, axis: number) => Number.isNaN(n) && Number.isNaN(own[axis - lead])
  const known = Array.isArray(shape) ? shape.map((n, axis) => (stays(n, axis) ? 1 : n)) : shape
  assertShape(known, operation)
  const target = shape as readonly number[]
  assertKnown(
    array.chunks,
    operation,
    own.flatMap((_, axis) => (stays(target[lead + axis], lead + axis) ? [] : [axis])),
  )
  const fits = lead >= 0 && own.every((n, axis) => n === 1 || Object.is(n, target[lead + axis]))
  if (!fits) {
    throw new RangeError(
      `${operation}: an array of shape [${own}] cannot be repeated to fill [${target}]; each axis must have size 1 or the size in the shape`,
    )
  }
  if (lead === 0 && own.every((n, axis) => Object.is(n, target[axis]))) return array
  const isRepeated = (axis: number) => axis < lead || (own[axis - lead] === 1 && target[axis] !== 1)
  const spec = known.map((_, axis) => {
    if (isRepeated(axis)) return 'auto'
    return Number.isNaN(target[axis]) ? [1] : array.chunks[axis - lead]!
  })
  const chunks = normalizeChunks(spec, known, operation, { dtype: array.dtype }).map(
    (sizes, axis) => (isRepeated(axis) ? sizes : array.chunks[axis - lead]!),
  )
  const step = recipe(broadcastStep, [arg.input(0), arg.value(chunks), arg.param(0)], {
    label: operation,
    site: captureCallSite(),
  })
  const numblocks = numblocksOf(array.chunks)
  const nodes: BlockNode[] = []
  forEachBlock(chunks, (at) => {
    const source = own.map((_, axis) => (isRepeated(axis + lead) ? 0 : at[axis + lead]!))
    const inputs = [0, blockNumber(source, numblocks)]
    nodes.push({ recipe: step, inputs, params: [nodes.length] })
  })
  return indexed({
    operation: 'broadcastTo',
    sources: [array],
    nodes,
    dtype: array.dtype,
    chunks,
    content: [],
  })
}

/** Repeats an array along axes: `[2, 3]` is 2 times along the last axis but one and 3 along the last. */
export function tileLayer(array: ArraySpec, reps: number | readonly number[]): ArraySpec {
  const counts = [reps].flat() as readonly number[]
  assertCounts(counts, 'tile')
  const ndim = Math.max(array.chunks.length, counts.length)
  const added = Array.from({ length: ndim - array.chunks.length }, (_, axis) => axis)
  let tiled = added.length === 0 ? array : addAxesLayer(array, added)
  counts.forEach((count, i) => {
    const axis = ndim - counts.length + i
    if (count === 0) tiled = indexAxis(tiled, axis, ':0')
    else if (count > 1) tiled = concatenateLayer(new Array<ArraySpec>(count).fill(tiled), axis)
  })
  return tiled
}

/** Throws a RangeError unless all are whole numbers of at least 0. */
export function assertCounts(counts: readonly unknown[], operation: string): void {
  for (const count of counts) {
    if (Number.isSafeInteger(count) && (count as number) >= 0) continue
    throw new RangeError(
      `${operation}: expected whole numbers of at least 0; got ${formatArgument(count)}`,
    )
  }
}

/** Returns the differences of neighbours along an axis, `n` times over. */
export function diffLayer(array: ArraySpec, n: number, axis: number): ArraySpec {
  let result = array
  for (let i = 0; i < n; i++) {
    const before = indexAxis(result, axis, ':-1')
    // With the chunks of the other side, no tiny chunks are left.
    const rest = indexAxis(result, axis, '1:')
    const after = hasUnknown(rest.chunks) ? rest : rechunkTo(rest, before.chunks)
    result = elementwiseLayer(array.dtype === 'bool' ? 'notEqual' : 'subtract', [after, before])
  }
  return result
}

/** Adds the axes that NumPy adds for at least `ndim` of them. */
export function withAxes(array: ArraySpec, ndim: 1 | 2 | 3): ArraySpec {
  const own = array.chunks.length
  if (own >= ndim) return array
  if (own === 0) return addAxesLayer(array, [0, 1, 2].slice(0, ndim))
  const added = ndim === 2 ? [0] : own === 1 ? [0, 2] : [2]
  return addAxesLayer(array, added)
}
