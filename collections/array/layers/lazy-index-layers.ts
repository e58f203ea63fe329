/**
 * Layers of indices that depend on values: masks and positions that are lazy arrays, and indices of axes whose
 * sizes are not known.
 */
import { captureCallSite } from '../../../core/base/call-site.js'
import { blockNumber } from '../../../core/base/keys.js'
import type { BlockNode } from '../../../core/graph/layer.js'
import { arg, recipe } from '../../../core/graph/recipe.js'
import { isInteger } from '../block/dtype.js'
import { formatArgument } from '../block/format-argument.js'
import {
  type AxisIndex,
  type IndexItem,
  isWholeSlice,
  listAxis,
  type PlacedItem,
  parseIndex,
  placeItems,
  widthOf,
} from '../block/index-parser.js'
import {
  chunkBounds,
  forEachBlock,
  type Grid,
  hasUnknown,
  isUnknown,
  numblocksOf,
} from '../planning/chunk-grid.js'
import {
  atStep,
  joinPiecesStep,
  lazyPointsStep,
  maskStep,
  takePieceStep,
} from '../steps/index-steps.js'
import { type ArraySpec, blockwise, indexed, isArraySpec, shapeOf } from './array-spec.js'
import { reshapeAxis, selectLayer } from './basic-index-layers.js'
import { fromArrayLayer } from './creation-layers.js'
import { nonzeroLayers } from './nonzero-layers.js'
import { alignArrays, alignUnknown } from './operands.js'
import { rechunkTo, wholeAxes } from './rechunk-layers.js'
import { reshapeLayer } from './reshape-layers.js'
import { unknownSizes } from './unknown-sizes.js'

/** An entry of an index of a lazy array. */
export type LazyIndexItem = IndexItem | ArraySpec

/** How an index is read: its name in errors, and whether the axes of lists come first, as in `vindex`. */
export interface IndexMode {
  readonly operation: string
  readonly pointsFirst: boolean
}

/** Selects elements of an array some of whose sizes are not known. */
export function unknownIndexLayer(
  array: ArraySpec,
  items: readonly IndexItem[],
  { operation, pointsFirst }: IndexMode,
): ArraySpec {
  const shape = shapeOf(array)
  const { entries } = parseIndex(items, shape, operation)
  const atRun: IndexItem[] = []
  let next = 0
  const fixed = placeItems(items, shape, widthOf, operation).flatMap((placed) => {
    const own = entries.slice(next, (next += Math.max(1, placed.width)))
    if (!dependsOnSize(placed, own[0]!, array.chunks)) {
      if (own[0]!.kind !== 'pick') atRun.push(':')
      return own
    }
    atRun.push(placed.item)
    return own.map((_, i) => wholeAxis(shape[placed.axis + i]!))
  })
  const view = selectLayer(array, { entries: fixed, listShape: [] })
  return atRun.every(isWholeSlice) ? view : indexAtRun(view, atRun, { operation, pointsFirst })
}

function wholeAxis(size: number): AxisIndex {
  return { kind: 'slice', start: 0, step: 1, size }
}

/** Whether an item is applied when the sizes are known: it selects from an axis that is not, or is a list. */
function dependsOnSize(
  { item, axis, width }: PlacedItem<unknown>,
  entry: AxisIndex,
  chunks: Grid,
): boolean {
  if (entry.kind === 'list') return true
  return width > 0 && isUnknown(chunks[axis]!) && !isWholeSlice(item)
}

/** Applies an index when the blocks are computed. Axes with other entries than `':'` become one chunk. */
function indexAtRun(source: ArraySpec, items: readonly IndexItem[], mode: IndexMode): ArraySpec {
  const placed = placeItems(items, shapeOf(source), widthOf, mode.operation)
  const read = placed.flatMap(({ item, axis, width }) =>
    isWholeSlice(item) ? [] : Array.from({ length: width }, (_, i) => axis + i),
  )
  const array = wholeAxes(source, read)
  const { entries, listShape } = parseIndex(items, shapeOf(array), mode.operation)
  const result = entries.flatMap((entry, axis) => {
    if (entry.kind !== 'slice') return []
    const isNew = read.includes(axis)
    const origin = `${array.layer.name} ${JSON.stringify(entry)} ${axis}`
    const sizes = Number.isNaN(entry.size) ? unknownSizes(origin, 1) : [entry.size]
    return [{ axis: isNew ? -1 : axis, sizes: isNew ? sizes : array.chunks[axis]! }]
  })
  const lists = listShape.map((n) => ({ axis: -1, sizes: [n] }))
  result.splice(mode.pointsFirst ? 0 : listAxis(entries), 0, ...lists)
  return blockwise({
    operation: 'getitem',
    fn: atStep,
    args: [arg.input(0), arg.value(items), arg.value(mode.pointsFirst)],
    inputs: [
      { array, axes: array.chunks.map((_, axis) => result.findIndex((r) => r.axis === axis)) },
    ],
    dtype: array.dtype,
    chunks: result.map(({ sizes }) => sizes),
    content: [items, mode.pointsFirst],
  })
}

/** Selects elements by an index with lazy arrays; `indexLayer` selects by the rest of the index. */
export function lazyIndexLayer(
  array: ArraySpec,
  items: readonly LazyIndexItem[],
  mode: IndexMode,
  indexLayer: (array: ArraySpec, items: readonly IndexItem[]) => ArraySpec,
): ArraySpec {
  const { operation, pointsFirst } = mode
  const switchAt = items.findIndex((item) => isArraySpec(item) && isSwitch(item))
  if (switchAt >= 0) {
    // It selects all of a new axis of size 1, or nothing.
    const mask = reshapeLayer(items[switchAt] as ArraySpec, [1])
    const added = indexLayer(array, [null, '...'])
    const rest = items.toSpliced(switchAt, 1)
    if (rest.length === 0) return lazyIndexLayer(added, [mask], mode, indexLayer)
    throw new TypeError(
      `${operation}: a boolean without axes must be the only entry of an index; got ${items.length} entries`,
    )
  }
  const shape = shapeOf(array)
  const kinds: { readonly kind: string }[] = []
  const lists: PlacedItem<LazyIndexItem>[] = []
  const rest: IndexItem[] = []
  for (const placed of placeItems(items, shape, (item) => lazyWidth(item, operation), operation)) {
    const { item, axis, width } = placed
    const kind = isArraySpec(item)
      ? 'list'
      : kindOf(item, shape.slice(axis, axis + width), operation)
    if (kind !== 'list') {
      kinds.push({ kind })
      rest.push(item as IndexItem)
      continue
    }
    lists.push({ item, axis: kinds.filter((own) => own.kind !== 'pick').length, width })
    for (let i = 0; i < width; i++) {
      kinds.push({ kind })
      rest.push(':')
    }
  }
  const source = rest.every(isWholeSlice) ? array : indexLayer(array, rest)
  const [first] = lists as [PlacedItem<LazyIndexItem>]
  if (lists.length === 1 && !pointsFirst) {
    const index = first.item as ArraySpec
    if (index.dtype === 'bool') return maskLayer(source, index, first.axis, operation)
    return gatherLayer(source, index, first.axis)
  }
  const axes = lists.flatMap(({ axis, width }) => Array.from({ length: width }, (_, i) => axis + i))
  const indices = lists.flatMap((placed) => positionArrays(placed, shapeOf(source), operation))
  return lazyPointsLayer(source, axes, indices, pointsFirst ? 0 : listAxis(kinds))
}

/** Returns the number of axes that an item selects from. Throws a TypeError for arrays that are no index. */
export function lazyWidth(item: LazyIndexItem, operation: string): number {
  if (!isArraySpec(item)) return widthOf(item)
  if (item.dtype === 'bool') return item.chunks.length
  if (isInteger(item.dtype)) return 1
  throw new TypeError(
    `${operation}: ${formatArgument(item)} is not an index; use an array of integers or of booleans`,
  )
}

/** Whether an entry is a boolean without axes. */
function isSwitch(item: ArraySpec): boolean {
  return item.dtype === 'bool' && item.chunks.length === 0
}

function kindOf(item: IndexItem, shape: readonly number[], operation: string): string {
  return parseIndex([item], shape, operation).entries[0]!.kind
}

/** Returns the positions that an item selects, as an array for each of its axes. */
function positionArrays(
  { item, axis, width }: PlacedItem<LazyIndexItem>,
  shape: readonly number[],
  operation: string,
): readonly ArraySpec[] {
  if (isArraySpec(item)) {
    if (item.dtype !== 'bool') return [item]
    checkMask(item, shape, axis, operation)
    return nonzeroLayers(item)
  }
  const { entries, listShape } = parseIndex([item], shape.slice(axis, axis + width), operation)
  return entries.map((entry) => {
    const { positions } = entry as { readonly positions: readonly number[] }
    return fromArrayLayer(Int32Array.from(positions), { shape: listShape })
  })
}

function checkMask(
  mask: ArraySpec,
  shape: readonly number[],
  axis: number,
  operation: string,
): void {
  shapeOf(mask).forEach((n, i) => {
    const own = shape[axis + i]!
    if (n === own || Number.isNaN(n) || Number.isNaN(own)) return
    throw new RangeError(
      `${operation}: a mask of shape [${shapeOf(mask)}] does not fit the axes from ${axis} on, of shape [${shape.slice(axis, axis + mask.chunks.length)}]`,
    )
  })
}

/**
 * Selects the elements for which a mask is true. The axes of the mask, from `axis` on, become one, whose size is not
 * known.
 */
export function maskLayer(
  array: ArraySpec,
  mask: ArraySpec,
  axis: number,
  operation: string,
): ArraySpec {
  checkMask(mask, shapeOf(array), axis, operation)
  const count = mask.chunks.length
  const pairs = mask.chunks.map((_, i) => [axis + i, i] as const)
  const aligned = alignUnknown([array, mask], pairs, operation) as [ArraySpec, ArraySpec]
  const [source, flags] = inRowMajorRuns(...aligned, axis)
  const width = flags.chunks.length
  // Lists of sizes that are not known have been aligned.
  const grid = flags.chunks.map((list, i) => (isUnknown(list) ? list : source.chunks[axis + i]!))
  const own = rechunkTo(flags, grid)
  const sizes = unknownSizes(own.layer.name, own.chunks[0]!.length)
  const after = source.chunks.slice(axis + width)
  return blockwise({
    operation: count === 1 ? 'compress' : 'mask',
    fn: maskStep,
    args: [arg.input(0), arg.input(1), arg.value(axis)],
    inputs: [
      {
        array: source,
        axes: source.chunks.map((_, a) => {
          if (a <= axis) return a
          return a < axis + width ? -1 : a - width + 1
        }),
      },
      { array: own, axes: own.chunks.map((_, i) => (i === 0 ? axis : -1)) },
    ],
    dtype: array.dtype,
    chunks: [...source.chunks.slice(0, axis), sizes, ...after],
    content: [axis],
  })
}

/**
 * Returns an array and a mask whose blocks are runs of the row-major order of the mask: only its first axis has
 * several chunks.
 */
function inRowMajorRuns(array: ArraySpec, mask: ArraySpec, axis: number): [ArraySpec, ArraySpec] {
  const count = mask.chunks.length
  const inner = mask.chunks.flatMap((_, i) => (i === 0 ? [] : [i]))
  const isRun = inner.every((i) => array.chunks[axis + i]!.length === 1)
  if (isRun) return [array, wholeAxes(mask, inner)]
  const all = [0, ...inner].map((i) => axis + i)
  if (hasUnknown(mask.chunks)) return [wholeAxes(array, all), wholeAxes(mask, [0, ...inner])]
  const shape = shapeOf(array)
  const size = shapeOf(mask).reduce((a, b) => a * b, 1)
  const merged = [...shape.slice(0, axis), size, ...shape.slice(axis + count)]
  if (hasUnknown(array.chunks)) return [wholeAxes(array, all), wholeAxes(mask, [0, ...inner])]
  return [reshapeLayer(array, merged), reshapeLayer(mask, [size])]
}

/** Selects the elements of an axis at the positions in an array of integers, whose axes replace it. */
export function gatherLayer(array: ArraySpec, indices: ArraySpec, axis: number): ArraySpec {
  const sizes = array.chunks[axis]!
  if (sizes.length === 1 || isUnknown(sizes)) return lazyPointsLayer(array, [axis], [indices], axis)
  const shape = shapeOf(indices)
  const list = shape.length === 1 ? indices : reshapeLayer(indices, [-1])
  return reshapeAxis(joinPieces(array, list, axis), axis, shape)
}

/** Takes the elements in two layers: from every block of the axis those that are in it, then those of all blocks. */
function joinPieces(array: ArraySpec, indices: ArraySpec, axis: number): ArraySpec {
  const { chunks, dtype } = array
  const [positions] = indices.chunks as [readonly number[]]
  const edges = chunkBounds(chunks[axis]!)
  const site = captureCallSite()
  const numblocks = numblocksOf(chunks)
  const shared = [arg.value(edges), arg.value(axis)]
  const take = recipe(takePieceStep, [arg.input(0), arg.input(1), ...shared, arg.param(0)], {
    label: 'at',
    site,
  })
  const pieces: BlockNode[] = []
  const grid = [...chunks.slice(0, axis + 1), positions, ...chunks.slice(axis + 1)]
  forEachBlock(grid, (at) => {
    const block = at.filter((_, a) => a !== axis + 1)
    const inputs = [0, blockNumber(block, numblocks), 1, at[axis + 1]!]
    pieces.push({ recipe: take, inputs, params: [at[axis]!] })
  })
  const taken = indexed({
    operation: 'take-pieces',
    sources: [array, indices],
    nodes: pieces,
    dtype,
    chunks: grid,
    content: [axis],
  })
  const count = chunks[axis]!.length
  const join = recipe(joinPiecesStep, [arg.input(0), arg.inputs(1, count), ...shared], {
    label: 'at',
    site,
  })
  const nodes: BlockNode[] = []
  const result = chunks.map((sizes, a) => (a === axis ? positions : sizes))
  forEachBlock(result, (at) => {
    const own = chunks[axis]!.flatMap((_, k) => {
      const block = [...at.slice(0, axis), k, ...at.slice(axis)]
      return [1, blockNumber(block, numblocksOf(grid))]
    })
    nodes.push({ recipe: join, inputs: [0, at[axis]!, ...own], params: [] })
  })
  return indexed({
    operation: 'take',
    sources: [indices, taken],
    nodes,
    dtype,
    chunks: result,
    content: [axis],
  })
}

/**
 * Selects the elements at tuples of positions on some axes, which are arrays that broadcast. Their axes begin at
 * number `at` of the result. The axes that are selected from become one chunk.
 */
function lazyPointsLayer(
  source: ArraySpec,
  axes: readonly number[],
  indices: readonly ArraySpec[],
  at: number,
): ArraySpec {
  const array = wholeAxes(source, axes)
  const { inputs, chunks } = alignArrays('at', indices)
  const rest = array.chunks.flatMap((_, axis) => (axes.includes(axis) ? [] : [axis]))
  const result = rest.map((axis) => array.chunks[axis]!)
  result.splice(at, 0, ...chunks)
  const own = array.chunks.map((_, axis) => {
    const position = rest.indexOf(axis)
    return position < at ? position : position + chunks.length
  })
  return blockwise({
    operation: 'points',
    fn: lazyPointsStep,
    args: [arg.input(0), arg.value(axes), arg.value(at), ...inputs.map((_, i) => arg.input(i + 1))],
    inputs: [
      { array, axes: own },
      ...inputs.map((input) => ({
        array: input.array,
        axes: (input.axes ?? chunks.map((_, a) => a)).map((a) => (a < 0 ? -1 : a + at)),
      })),
    ],
    dtype: array.dtype,
    chunks: result,
    content: [axes, at],
  })
}
