/**
 * Layers of blocks that overlap their neighbours. A task reads its own block, and slices of other blocks, which tasks
 * of their own cut off.
 */
import { checkOptions } from '../../../core/base/argument-checks.js'
import { blockNumber } from '../../../core/base/keys.js'
import type { BlockNode } from '../../../core/graph/layer.js'
import { arg, type Recipe, recipe } from '../../../core/graph/recipe.js'
import { operationInfo } from '../../base/layer-builders.js'
import type { Dtype } from '../block/dtype.js'
import { formatArgument } from '../block/format-argument.js'
import type { AxisSlice } from '../block/ndarray.js'
import {
  chunkBounds,
  forEachBlock,
  type Grid,
  gridShape,
  numblocksOf,
} from '../planning/chunk-grid.js'
import { assertKnown } from '../planning/known-sizes.js'
import {
  type AxisPiece,
  type Boundary,
  type Overlap,
  overlapSpans,
  planPieces,
} from '../planning/overlap-plan.js'
import { normalizeAxis } from '../planning/shape-arguments.js'
import { type OverlapPart, overlapStep } from '../steps/overlap-steps.js'
import { viewStep } from '../steps/reshape-steps.js'
import {
  type ArraySpec,
  blockwise,
  indexed,
  isArraySpec,
  recipesByCount,
  shapeOf,
} from './array-spec.js'
import { type MapBlocksOptions, mapArrays, takeOptions } from './map-blocks-layers.js'
import { alignArrays, assertArray } from './operands.js'

/** A value for all axes, one for each axis in a list, or by the numbers of axes. */
export type PerAxis<T> = T | readonly T[] | { readonly [axis: number]: T }

/** The options of `overlap`. */
export interface OverlapOptions {
  /**
   * How many elements of its neighbours a block gets: one number for all axes, a list with one entry for each axis, or
   * an object by axis. An entry is a number, or a list of two for the block before and the block after. The default is 0.
   */
  readonly depth?: PerAxis<number | Overlap> | undefined
  /** How the array continues beyond its ends, for all axes or by axis. The default, `'none'`, adds nothing there. */
  readonly boundary?: PerAxis<Boundary | null> | null | undefined
  /** Accepted as in Dask, without effect: chunks that are smaller than the depth need no rechunking. */
  readonly allowRechunk?: boolean | undefined
}

/** The depth and the boundary of each axis. */
interface OverlapPlan {
  readonly depth: readonly Overlap[]
  readonly boundary: readonly Boundary[]
}

const BOUNDARIES = ['reflect', 'periodic', 'nearest', 'none']

/** Gives each block the neighbouring elements of the blocks around it. Dask: `overlap.overlap`. */
export function overlapLayer(array: unknown, options: OverlapOptions): ArraySpec {
  assertArray(array, 'overlap')
  checkOptions(options, ['depth', 'boundary', 'allowRechunk'], 'overlap')
  return overlapping('overlap', array, planOf('overlap', options, array.chunks.length))
}

/** Reads depth and boundary. */
function planOf(operation: string, options: OverlapOptions, ndim: number): OverlapPlan {
  const depth = perAxis(operation, 'depth', options.depth ?? 0, ndim, 0).map((value): Overlap => {
    const pair = Array.isArray(value) ? value : [value, value]
    const ok = pair.length === 2 && pair.every((d) => Number.isSafeInteger(d) && d >= 0)
    if (ok) return pair as unknown as Overlap
    throw new RangeError(
      `${operation}: a depth is an integer of 0 or more, or a list of two; got ${formatArgument(value)}`,
    )
  })
  const boundary = perAxis(operation, 'boundary', options.boundary ?? 'none', ndim, 'none').map(
    (value): Boundary => {
      const own = value ?? 'none'
      if (typeof own === 'number' || BOUNDARIES.includes(own as string)) return own as Boundary
      throw new RangeError(
        `${operation}: a boundary is ${BOUNDARIES.map((b) => `'${b}'`).join(', ')} or a number; got ${formatArgument(value)}`,
      )
    },
  )
  return { depth, boundary }
}

/** Returns one value for each axis. */
function perAxis(
  operation: string,
  name: string,
  value: unknown,
  ndim: number,
  byDefault: unknown,
): unknown[] {
  if (Array.isArray(value)) {
    if (value.length === ndim) return value
    throw new RangeError(
      `${operation}: ${name} has ${value.length} entries for an array of ${ndim} axes`,
    )
  }
  const list = new Array<unknown>(ndim).fill(value)
  if (typeof value !== 'object' || value === null) return list
  list.fill(byDefault)
  for (const [axis, own] of Object.entries(value)) {
    list[normalizeAxis(Number(axis), ndim, operation)] = own
  }
  return list
}

/** Whether blocks overlap along any axis. */
function overlaps({ depth }: OverlapPlan): boolean {
  return depth.some(([before, after]) => before > 0 || after > 0)
}

function overlapping(operation: string, array: ArraySpec, plan: OverlapPlan): ArraySpec {
  if (!overlaps(plan)) return array
  assertKnown(array.chunks, operation)
  const shape = shapeOf(array)
  const spans = array.chunks.map((sizes, axis) => {
    const [before, after] = plan.depth[axis]!
    if (shape[axis] === 0 && before + after > 0) {
      throw new RangeError(`${operation}: axis ${axis} is empty, so it has no neighbours`)
    }
    return overlapSpans(sizes, plan.depth[axis]!, plan.boundary[axis]!)
  })
  return spanLayer(operation, array, spans, plan.boundary)
}

/** Makes an array whose chunks are spans of the axes of another, which may overlap. */
export function spanLayer(
  operation: string,
  array: ArraySpec,
  spans: readonly (readonly (readonly [number, number])[])[],
  boundary: readonly Boundary[],
): ArraySpec {
  const pieces = array.chunks.map((sizes, axis) =>
    spans[axis]!.map((span) => planPieces(sizes, span, boundary[axis]!)),
  )
  const chunks = spans.map((list) => list.map(([from, to]) => to - from))
  const slices = new SliceTable(array)
  const { label, site } = operationInfo(operation)
  const recipeFor = recipesByCount((count): Recipe => {
    const args = [arg.inputs(0, count), arg.value(array.dtype), arg.param(0), arg.param(1)]
    return recipe(overlapStep, args, { label, site })
  })
  const nodes: BlockNode[] = []
  forEachBlock(chunks, (at) => {
    const inputs: number[] = []
    const known = new Map<string, number>()
    const parts = partsOf(at.map((c, axis) => pieces[axis]![c]!)).map((part): OverlapPart => {
      const to = part.map((piece) => piece.to)
      const fill = part.findLast((piece) => 'fill' in piece)
      if (fill !== undefined && 'fill' in fill) {
        const take = part.map((piece) => ({ start: 0, step: 1, size: sizeOfPiece(piece) }))
        return { source: -1, fill: fill.fill, take, to }
      }
      const own = part as readonly Extract<AxisPiece, { block: number }>[]
      const { input, take } = slices.fetch(own, at)
      const name = input.join()
      let source = known.get(name)
      if (source === undefined) {
        source = known.size
        known.set(name, source)
        inputs.push(...input)
      }
      return { source, fill: 0, take, to }
    })
    nodes.push({
      recipe: recipeFor(known.size),
      inputs,
      params: [chunks.map((c, a) => c[at[a]!]!), parts],
    })
  })
  return indexed({
    operation,
    sources: [array, slices.layer(operation)],
    nodes,
    dtype: array.dtype,
    chunks,
    content: [spans, boundary],
  })
}

const sizeOfPiece = (piece: AxisPiece) => ('fill' in piece ? piece.size : piece.take.size)

/** Returns every way to choose one piece along each axis. */
function partsOf(pieces: readonly (readonly AxisPiece[])[]): AxisPiece[][] {
  return pieces.reduce<AxisPiece[][]>(
    (rows, list) => rows.flatMap((row) => list.map((piece) => [...row, piece])),
    [[]],
  )
}

/** The slices that tasks cut off their blocks for others. */
class SliceTable {
  private readonly array: ArraySpec
  private readonly numblocks: readonly number[]
  private readonly nodes: { readonly block: number; readonly slices: readonly AxisSlice[] }[] = []
  private readonly known = new Map<string, number>()

  constructor(array: ArraySpec) {
    this.array = array
    this.numblocks = numblocksOf(array.chunks)
  }

  /**
   * Returns the input that holds a part of a block, and what to take of it. A part of another block is within a slice
   * along the first axis that the part does not fill, so parts at corners share the slices of edges.
   */
  fetch(
    part: readonly { readonly block: number; readonly take: AxisSlice }[],
    at: readonly number[],
  ): { readonly input: readonly [number, number]; readonly take: readonly AxisSlice[] } {
    const { chunks } = this.array
    const coordinates = part.map(({ block }) => block)
    const block = blockNumber(coordinates, this.numblocks)
    const take = part.map((piece) => piece.take)
    const cut = take.findIndex(({ size }, axis) => size < chunks[axis]![coordinates[axis]!]!)
    const isOwn = coordinates.every((c, axis) => c === at[axis])
    if (isOwn || cut < 0) return { input: [0, block], take }
    const { start, step, size } = take[cut]!
    const length = 1 + (size - 1) * Math.abs(step)
    const first = step < 0 ? start - length + 1 : start
    const slices = coordinates.map(
      (c, axis): AxisSlice =>
        axis === cut
          ? { start: first, step: 1, size: length }
          : { start: 0, step: 1, size: chunks[axis]![c]! },
    )
    const name = `${block} ${cut} ${first} ${length}`
    let number = this.known.get(name)
    if (number === undefined) {
      number = this.nodes.push({ block, slices }) - 1
      this.known.set(name, number)
    }
    const rest = take.map((own, axis) =>
      axis === cut ? { ...own, start: own.start - first } : own,
    )
    return { input: [1, number], take: rest }
  }

  /** Returns the layer of all slices. */
  layer(operation: string): ArraySpec {
    const { array, nodes } = this
    const { label, site } = operationInfo(operation)
    const axes = array.chunks.map((_, axis) => axis)
    const view = recipe(viewStep, [arg.input(0), arg.param(0), arg.value(axes)], { label, site })
    return indexed({
      operation: `${operation}-slices`,
      sources: [array],
      nodes: nodes.map(({ block, slices }) => ({
        recipe: view,
        inputs: [0, block],
        params: [slices],
      })),
      dtype: array.dtype,
      chunks: [nodes.map(() => 1)],
      content: [nodes],
    })
  }
}

/** Cuts off the elements by which blocks overlap their neighbours. Dask: `overlap.trim_internal`. */
export function trimLayer(
  array: unknown,
  depth: OverlapOptions['depth'],
  boundary: OverlapOptions['boundary'],
  operation = 'trimInternal',
): ArraySpec {
  assertArray(array, operation)
  const plan = planOf(operation, { depth, boundary }, array.chunks.length)
  assertKnown(array.chunks, operation)
  return trimmed(operation, array, keptSlices(operation, array.chunks, plan))
}

/** Returns what is kept of each chunk, if all overlap fully except beyond the ends of the array. */
function keptSlices(operation: string, chunks: Grid, plan: OverlapPlan): AxisSlice[][] {
  return chunks.map((sizes, axis) =>
    sizes.map((size, chunk): AxisSlice => {
      const [before, after] = plan.depth[axis]!
      const none = plan.boundary[axis] === 'none'
      const start = none && chunk === 0 ? 0 : before
      const end = none && chunk === sizes.length - 1 ? size : size - after
      if (end >= start) return { start, step: 1, size: end - start }
      throw new RangeError(
        `${operation}: a chunk of ${size} elements along axis ${axis} cannot be trimmed by ${before} and ${after}`,
      )
    }),
  )
}

/** Returns where the chunks of an array are in those that overlap. */
function ownSlices(chunks: Grid, plan: OverlapPlan): AxisSlice[][] {
  return chunks.map((sizes, axis) => {
    const spans = overlapSpans(sizes, plan.depth[axis]!, plan.boundary[axis]!)
    const bounds = chunkBounds(sizes)
    return sizes.map((size, chunk) => ({ start: bounds[chunk]! - spans[chunk]![0], step: 1, size }))
  })
}

/** Keeps a slice of each chunk. */
function trimmed(
  operation: string,
  array: ArraySpec,
  cuts: readonly (readonly AxisSlice[])[],
): ArraySpec {
  const chunks = cuts.map((list) => list.map(({ size }) => size))
  const values: AxisSlice[][] = []
  forEachBlock(chunks, (at) => values.push(at.map((c, axis) => cuts[axis]![c]!)))
  return blockwise({
    operation,
    fn: viewStep,
    args: [arg.input(0), arg.param(0), arg.value(chunks.map((_, axis) => axis))],
    inputs: [{ array }],
    params: [{ kind: 'values', values }],
    dtype: array.dtype,
    chunks,
    content: [cuts],
  })
}

/** The options of `mapOverlap`. */
export interface MapOverlapOptions<D extends Dtype = Dtype>
  extends MapBlocksOptions<D>,
    OverlapOptions {
  /** Whether the overlap is cut off the results, the default. */
  readonly trim?: boolean | undefined
}

const MAP_OVERLAP_OPTIONS = [
  'depth',
  'boundary',
  'trim',
  'dtype',
  'chunks',
  'dropAxis',
  'newAxis',
  'allowRechunk',
]

/** Calls a function with blocks that overlap their neighbours, and cuts the overlap off the results. */
export function mapOverlapLayer(fn: unknown, args: readonly unknown[]): ArraySpec {
  const operation = 'mapOverlap'
  const { values, options: given } = takeOptions(args)
  checkOptions(given, MAP_OVERLAP_OPTIONS, operation)
  if (typeof fn !== 'function') {
    throw new TypeError(`${operation}: expected a function of blocks; got ${formatArgument(fn)}`)
  }
  const options = given as MapOverlapOptions
  const { depth, boundary, allowRechunk, trim = true, ...own } = options
  const arrays = values.filter(isArraySpec)
  if (arrays.length === 0) throw new TypeError(`${operation}: expected an array`)
  const { inputs, chunks } = alignArrays(operation, arrays)
  const plan = planOf(operation, { depth, boundary }, chunks.length)
  if (overlaps(plan)) assertKnown(chunks, operation)
  let next = 0
  const overlapped = values.map((value) => {
    if (!isArraySpec(value)) return value
    return overlapping(operation, inputs[next++]!.array as ArraySpec, planFor(value, chunks, plan))
  })
  const result = mapArrays(operation, fn, overlapped, own)
  if (!trim) return result
  if (own.chunks !== undefined || own.dropAxis !== undefined || own.newAxis !== undefined) {
    throw new TypeError(
      `${operation}: chunks, dropAxis and newAxis need { trim: false }, since the overlap of the results is not known`,
    )
  }
  return overlaps(plan) ? trimmed(operation, result, ownSlices(chunks, plan)) : result
}

/** Returns the depth and boundary of the axes of an array that broadcasts; axes that repeat have no overlap. */
function planFor(array: ArraySpec, chunks: Grid, { depth, boundary }: OverlapPlan): OverlapPlan {
  const lead = chunks.length - array.chunks.length
  const shape = gridShape(chunks)
  const own = shapeOf(array)
  return {
    depth: own.map((n, axis): Overlap => (n === shape[axis + lead] ? depth[axis + lead]! : [0, 0])),
    boundary: boundary.slice(lead),
  }
}
