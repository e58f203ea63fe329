/**
 * Layers that rechunk an array.
 */
import { checkOptions } from '../../../core/base/argument-checks.js'
import { parseByteSize } from '../../../core/base/byte-size.js'
import { captureCallSite } from '../../../core/base/call-site.js'
import { blockNumber } from '../../../core/base/keys.js'
import type { BlockNode } from '../../../core/graph/layer.js'
import { ALIAS, arg, type Recipe, recipe } from '../../../core/graph/recipe.js'
import { type Dtype, dtypeInfo } from '../block/dtype.js'
import { formatArgument } from '../block/format-argument.js'
import type { BlockPart } from '../kernels/assemble-block.js'
import {
  blockShape,
  forEachBlock,
  type Grid,
  gridShape,
  hasUnknown,
  isUnknown,
  largestBlock,
  numblocksOf,
  sameGrid,
} from '../planning/chunk-grid.js'
import {
  type ByteSize,
  type ChunksDefaults,
  type ChunksSpec,
  chunksPerAxis,
  isAuto,
  normalizeChunks,
} from '../planning/chunks-argument.js'
import { unknownSizeError } from '../planning/known-sizes.js'
import { lanesGrid } from '../planning/lanes-grid.js'
import { type AxisMove, planMoves, wholeMoves } from '../planning/rechunk-plan.js'
import { planStages, type RechunkLimits } from '../planning/rechunk-stages.js'
import { assembleStep, viewStep } from '../steps/reshape-steps.js'
import { type ArraySpec, indexed, recipesByCount, shapeOf } from './array-spec.js'
import { declareSizes, gatherUnknown } from './unknown-sizes.js'

/** The options of `rechunk`. */
export interface RechunkOptions {
  /** Whether chunks of nearly equal sizes are made, instead of a small last one. The default is false. */
  readonly balance?: boolean | undefined
  /**
   * How many times as many pieces as chunks, before and after, are copied at once, without chunks in between. The default is an
   * estimate of what takes less time.
   */
  readonly threshold?: number | undefined
  /**
   * The bytes that a task may read, and of chunks in between, if that is possible, and of chunks that are `'auto'`. The
   * default is 128 MiB, and 16 MiB for `'auto'`.
   */
  readonly blockSizeLimit?: number | ByteSize | undefined
}

/** Rechunks an array as a `chunks` argument describes. */
export function rechunkLayer(
  array: ArraySpec,
  chunks: ChunksSpec,
  options: RechunkOptions = {},
): ArraySpec {
  if (chunks === undefined || chunks === null) {
    throw new TypeError(
      `rechunk: give the chunks, such as rechunk(1000), rechunk([10, -1]), rechunk({ 0: 10 }) or rechunk('auto'); got ${chunks}`,
    )
  }
  const { balance, ...limits } = checkedOptions(options)
  const { dtype, chunks: kept } = array
  const defaults = { dtype, balance, limit: limits.blockSizeLimit }
  if (hasUnknown(kept)) return rechunkUnknown(array, chunks, defaults)
  const grid = normalizeChunks(chunks, shapeOf(array), 'rechunk', { ...defaults, kept })
  return rechunkTo(array, grid, limits)
}

function checkedOptions(options: RechunkOptions): Omit<RechunkLimits, 'itemsize'> & {
  readonly balance: boolean
} {
  checkOptions(options, ['balance', 'threshold', 'blockSizeLimit'], 'rechunk')
  const { balance = false, threshold, blockSizeLimit } = options
  if (typeof balance !== 'boolean') {
    throw new TypeError(`rechunk: balance must be true or false; got ${formatArgument(balance)}`)
  }
  if (threshold !== undefined && !(typeof threshold === 'number' && threshold > 0)) {
    throw new RangeError(
      `rechunk: threshold must be a number above 0, such as 4; got ${formatArgument(threshold)}`,
    )
  }
  const bytes = typeof blockSizeLimit === 'string' ? parseByteSize(blockSizeLimit) : blockSizeLimit
  if (bytes !== undefined && !(typeof bytes === 'number' && bytes > 0)) {
    throw new RangeError(
      `rechunk: blockSizeLimit must be a number of bytes above 0, or a string such as '100MiB'; got ${formatArgument(blockSizeLimit)}`,
    )
  }
  return { balance, threshold, blockSizeLimit: bytes }
}

/**
 * Rechunks an array of which the sizes of some axes are not known. Such an axis stays as it is with `'auto'` and `null`,
 * becomes one chunk with -1, and must turn out to have the sizes that are listed.
 */
function rechunkUnknown(array: ArraySpec, chunks: ChunksSpec, defaults: ChunksDefaults): ArraySpec {
  const entries = chunksPerAxis(chunks, array.chunks.length, 'rechunk')
  const stays = (axis: number) => entries[axis] === null || isAuto(entries[axis])
  const stated = array.chunks.map((sizes, axis): readonly number[] | undefined => {
    const entry = entries[axis]
    if (!isUnknown(sizes) || stays(axis) || entry === -1) return undefined
    if (Array.isArray(entry)) return entry as readonly number[]
    throw unknownSizeError('rechunk', axis, "give -1, 'auto' or the list of its sizes")
  })
  const isWhole = (axis: number) => isUnknown(array.chunks[axis]!) && !stays(axis)
  const axes = array.chunks.flatMap((_, axis) => (isWhole(axis) ? [axis] : []))
  const whole = gatherUnknown(array, axes)
  const sums = whole.chunks.map((sizes, axis) => {
    const list = stated[axis]
    return list === undefined ? sizes : [list.reduce((a, b) => a + b, 0)]
  })
  const declared = sameGrid(sums, whole.chunks) ? whole : declareSizes(whole, sums, 'rechunk')
  const grid = declared.chunks.map((sizes, axis) => {
    if (isUnknown(sizes)) return sizes
    const n = gridShape([sizes])[0]!
    return normalizeChunks([entries[axis]!], [n], 'rechunk', { ...defaults, kept: [sizes] })[0]!
  })
  return rechunkTo(declared, grid)
}

/** Returns an array with one chunk along each of some axes. */
export function wholeAxes(array: ArraySpec, axes: readonly number[]): ArraySpec {
  const gathered = gatherUnknown(array, axes)
  return rechunkTo(
    gathered,
    gathered.chunks.map((sizes, axis) => {
      if (!axes.includes(axis) || isUnknown(sizes)) return sizes
      return gridShape([sizes])
    }),
  )
}

/** Returns an array whose blocks hold the whole of an axis. They are about as large as before, where sizes are known. */
export function wholeLanes(array: ArraySpec, axis: number): ArraySpec {
  const { chunks } = array
  if (chunks[axis]!.length === 1) return array
  if (hasUnknown(chunks)) return wholeAxes(array, [axis])
  return rechunkTo(array, lanesGrid(chunks, axis, largestBlock(chunks)))
}

/** Rechunks an array to another grid of the same shape, in as many stages as `planStages` finds best. */
export function rechunkTo(
  array: ArraySpec,
  chunks: Grid,
  limits: Omit<RechunkLimits, 'itemsize'> = {},
): ArraySpec {
  if (sameGrid(array.chunks, chunks)) return array
  if (hasUnknown(array.chunks)) return rechunkAtOnce(array, chunks)
  const { bytes } = dtypeInfo(array.dtype)
  const stages = planStages(array.chunks, chunks, { ...limits, itemsize: bytes })
  return stages.reduce<ArraySpec>((source, grid) => rechunkAtOnce(source, grid), array)
}

/** Rechunks an array to another grid of the same shape in one stage. */
function rechunkAtOnce(array: ArraySpec, chunks: Grid): ArraySpec {
  const moves = chunks.map((sizes, axis) => {
    const own = array.chunks[axis]!
    if (!isUnknown(own)) return planMoves(own, sizes)
    if (sizes !== own) throw unknownSizeError('rechunk', axis, 'rechunk it first')
    return wholeMoves(sizes.length)
  })
  const numblocks = numblocksOf(array.chunks)
  const recipeFor = recipesByCount((count) => ({
    ...assembleRecipe(count, array.dtype, 'rechunk'),
    divides: true,
  }))
  const axes = chunks.map((_, axis) => axis)
  const view = recipe(viewStep, [arg.input(0), arg.param(0), arg.value(axes)], {
    label: 'rechunk',
    site: captureCallSite(),
    divides: true,
  })
  const nodes: BlockNode[] = []
  forEachBlock(chunks, (at) => {
    const sources = product(at.map((c, axis) => moves[axis]![c]!))
    const inputs = sources.flatMap((source) => [
      0,
      blockNumber(
        source.map((move) => move.block),
        numblocks,
      ),
    ])
    if (sources.length === 1) {
      const [source] = sources as [AxisMove[]]
      const slices = source.map(({ take }) => take)
      const isWhole = source.every(({ block, take }, axis) =>
        Object.is(take.size, array.chunks[axis]![block]),
      )
      nodes.push(
        isWhole
          ? { recipe: ALIAS, inputs, params: [] }
          : { recipe: view, inputs, params: [slices] },
      )
      return
    }
    const parts = sources.map(
      (source, index): BlockPart => ({
        source: index,
        take: source.map(({ take }) => take),
        to: source.map(({ to }) => to),
      }),
    )
    nodes.push({
      recipe: recipeFor(sources.length),
      inputs,
      params: [blockShape(chunks, at), parts],
    })
  })
  return indexed({
    operation: 'rechunk',
    sources: [array],
    nodes,
    dtype: array.dtype,
    chunks,
    content: [],
  })
}

/** Makes a recipe that assembles a block from `count` inputs; its parameters are shape and parts. */
export function assembleRecipe(count: number, dtype: Dtype, label: string): Recipe {
  const args = [arg.inputs(0, count), arg.value(dtype), arg.param(0), arg.param(1)]
  return recipe(assembleStep, args, { label, site: captureCallSite() })
}

/** Returns every way to choose one item of each list. */
function product<T>(lists: readonly (readonly T[])[]): T[][] {
  return lists.reduce<T[][]>(
    (rows, list) => rows.flatMap((row) => list.map((item) => [...row, item])),
    [[]],
  )
}
