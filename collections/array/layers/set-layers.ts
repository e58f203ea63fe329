/**
 * Layers of arrays in which some elements are replaced: `x.set(index, value)`.
 */
import { captureCallSite } from '../../../core/base/call-site.js'
import { blockNumber } from '../../../core/base/keys.js'
import type { BlockNode } from '../../../core/graph/layer.js'
import { ALIAS, arg, recipe } from '../../../core/graph/recipe.js'
import { isScalar, toElement } from '../block/dtype.js'
import {
  type AxisIndex,
  type IndexItem,
  isWholeSlice,
  parseIndex,
  placeItems,
} from '../block/index-parser.js'
import { NDArray } from '../block/ndarray.js'
import { forEachBlock, hasUnknown, isUnknown, numblocksOf } from '../planning/chunk-grid.js'
import { unknownSizeError } from '../planning/known-sizes.js'
import { type AxisAssignment, planAssignment } from '../planning/set-plan.js'
import { flatPositionsStep, scatterStep, setStep } from '../steps/set-steps.js'
import {
  type ArraySpec,
  BLOCK_POSITION,
  blockwise,
  indexed,
  isArraySpec,
  shapeOf,
} from './array-spec.js'
import { fromArrayLayer, fullLayer } from './creation-layers.js'
import { astypeLayer, elementwiseLayer } from './elementwise-layers.js'
import { indexLayer } from './indexing-layers.js'
import { type LazyIndexItem, lazyWidth } from './lazy-index-layers.js'
import { rechunkTo, wholeAxes } from './rechunk-layers.js'
import { reshapeLayer } from './reshape-layers.js'
import { broadcastLayer } from './shape-layers.js'

const MODE = { operation: 'set', pointsFirst: false }

/** Returns the array with other elements where an index selects. The dtype stays. NumPy: `x[...] = value`. */
export function setLayer(array: ArraySpec, index: unknown, value: unknown): ArraySpec {
  const items = itemsOf(index)
  const source = valueLayer(value, array)
  const placed = placeItems(items, shapeOf(array), (item) => lazyWidth(item, 'set'), 'set')
  const masks = placed.filter(({ item }) => isMask(item))
  const isRest = placed.every(({ item }) => isMask(item) || isWholeSlice(item))
  if (masks.length === 1 && isRest && source.chunks.length === 0) {
    const { item, axis, width } = masks[0]!
    return setWhere(array, item, array.chunks.length - axis - width, source)
  }
  const unknown = array.chunks.findIndex(isUnknown)
  if (unknown >= 0) {
    throw unknownSizeError('set', unknown, 'set elements by a mask and one value')
  }
  if (!items.some(isArraySpec)) {
    const { entries, listShape } = parseIndex(items as readonly IndexItem[], shapeOf(array), 'set')
    const lists = entries.filter(({ kind }) => kind === 'list').length
    if (lists === 0 || (lists === 1 && listShape.length === 1))
      return assign(array, entries, source)
  }
  return scatter(array, items, source)
}

/** Returns the items of an index: a list of them, or one item. A list of booleans is one item. */
function itemsOf(index: unknown): readonly LazyIndexItem[] {
  const isList = Array.isArray(index) && typeof index[0] !== 'boolean'
  return (isList ? index : [index]) as readonly LazyIndexItem[]
}

function isMask(item: unknown): boolean {
  if (isArraySpec(item) || item instanceof NDArray) return item.dtype === 'bool'
  let first = item
  while (Array.isArray(first)) first = first[0]
  return Array.isArray(item) && typeof first === 'boolean'
}

/** Makes an array of the dtype of another one of a value: a plain value, an array, or values to make one of. */
function valueLayer(value: unknown, { dtype }: ArraySpec): ArraySpec {
  if (isArraySpec(value)) return astypeLayer(value, dtype)
  if (isScalar(value)) return fullLayer('set', [], toElement(value, dtype, 'set'), { dtype })
  if (Array.isArray(value)) return fromArrayLayer(value, { dtype })
  return astypeLayer(fromArrayLayer(value, {}), dtype)
}

/** Replaces the elements where a mask is true by one value. The last `trailing` axes have no mask. */
function setWhere(
  array: ArraySpec,
  item: LazyIndexItem | ':',
  trailing: number,
  value: ArraySpec,
): ArraySpec {
  const mask = isArraySpec(item) ? item : fromArrayLayer(item, { dtype: 'bool' })
  const [own, shape] = [shapeOf(mask), shapeOf(array)]
  const axis = shape.length - trailing - own.length
  own.forEach((n, i) => {
    if (n === shape[axis + i] || Number.isNaN(n) || Number.isNaN(shape[axis + i])) return
    throw new RangeError(`set: a mask of shape [${own}] does not fit an array of shape [${shape}]`)
  })
  const added = Array.from({ length: trailing }, () => null)
  const flags = trailing === 0 ? mask : indexLayer(mask, ['...', ...added], MODE)
  return elementwiseLayer('where', [flags, value, array])
}

/** Replaces the elements of an index with at most one list: each block reads the part of the value that it needs. */
function assign(array: ArraySpec, entries: readonly AxisIndex[], value: ArraySpec): ArraySpec {
  const own = entries.filter(({ kind }) => kind !== 'newaxis')
  const plans = own.map((entry, axis) => planAssignment(entry, array.chunks[axis]!))
  let next = 0
  const planOf = entries.map((entry) => (entry.kind === 'newaxis' ? undefined : plans[next++]))
  // The axes of the selection: none for an integer.
  const axes = entries.flatMap(({ kind }, i) => (kind === 'pick' ? [] : [planOf[i]]))
  const selected = axes.map((plan) => plan?.size ?? 1)
  const whole = broadcastLayer(dropLeading(value, selected.length), selected, 'set')
  const sorted = axes.some((plan) => plan?.order !== undefined)
    ? indexLayer(
        whole,
        axes.map((plan) => plan?.order ?? ':'),
        MODE,
      )
    : whole
  const values = rechunkTo(
    sorted,
    axes.map((plan) => plan?.sizes ?? [1]),
  )
  const step = recipe(setStep, [arg.input(0), arg.input(1), arg.param(0)], {
    label: 'set',
    site: captureCallSite(),
  })
  const nodes: BlockNode[] = []
  forEachBlock(array.chunks, (at) => {
    const block = blockNumber(at, numblocksOf(array.chunks))
    const parts = at.map((c, axis) => plans[axis]!.parts[c])
    if (parts.some((part) => part === undefined)) {
      nodes.push({ recipe: ALIAS, inputs: [0, block], params: [] })
      return
    }
    const targets = parts as AxisAssignment['parts'][number][]
    const coordinates = axes.map((plan) => {
      return plan === undefined ? 0 : targets[plans.indexOf(plan)]!.chunk
    })
    const from = blockNumber(coordinates, numblocksOf(values.chunks))
    const params = [targets.map((part) => part!.take)]
    nodes.push({ recipe: step, inputs: [0, block, 1, from], params })
  })
  return indexed({
    operation: 'set',
    sources: [array, values],
    nodes,
    dtype: array.dtype,
    chunks: array.chunks,
    content: [entries],
  })
}

/** Drops leading axes of size 1 that a selection of `ndim` axes does not have, as NumPy does. */
function dropLeading(value: ArraySpec, ndim: number): ArraySpec {
  const shape = shapeOf(value)
  const extra = shape.length - ndim
  if (extra <= 0 || shape.slice(0, extra).some((n) => n !== 1)) return value
  return reshapeLayer(value, shape.slice(extra))
}

/** Replaces the elements of any index: each block receives all positions and values. */
function scatter(array: ArraySpec, items: readonly LazyIndexItem[], value: ArraySpec): ArraySpec {
  const { chunks, dtype } = array
  const grid = arg.value(chunks)
  const all = blockwise({
    operation: 'positions',
    fn: flatPositionsStep,
    args: [grid, arg.param(0)],
    params: BLOCK_POSITION,
    dtype: 'float64',
    chunks,
    content: [],
  })
  const selected = indexLayer(all, items, MODE)
  const positions = wholeAxes(
    selected,
    selected.chunks.map((_, axis) => axis),
  )
  const size = shapeOf(selected)
  const given = dropLeading(value, size.length)
  const known = hasUnknown(selected.chunks) ? given : broadcastLayer(given, size, 'set')
  const values = wholeAxes(
    known,
    known.chunks.map((_, axis) => axis),
  )
  const none = (spec: ArraySpec) => ({ array: spec, axes: spec.chunks.map(() => -1) })
  return blockwise({
    operation: 'set',
    fn: scatterStep,
    args: [arg.input(0), arg.input(1), arg.input(2), grid, arg.param(0)],
    inputs: [{ array }, none(positions), none(values)],
    params: BLOCK_POSITION,
    dtype,
    chunks,
    content: [],
  })
}
