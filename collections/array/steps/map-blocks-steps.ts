/**
 * Steps that call a user's function with blocks.
 */
import { blockCoordinates } from '../../../core/base/keys.js'
import { operations } from '../../../core/base/operations.js'
import type { Dtype } from '../block/dtype.js'
import { copyOf, NDArray } from '../block/ndarray.js'
import { LazyChunk, toChunk } from '../expressions/lazy-chunk.js'
import { chunkSpan } from '../planning/blockwise-plan.js'
import { blockShapeAt, type Grid, gridShape, numblocksOf } from '../planning/chunk-grid.js'
import { blockFromResult } from './chunk-from-values.js'

/** Where a block is in its array. */
export interface BlockLocation {
  /** The shape of the array. */
  readonly shape: readonly number[]
  /** The number of chunks along each axis. */
  readonly numChunks: readonly number[]
  /** For each axis, the first position of the block and its end. */
  readonly arrayLocation: readonly (readonly [start: number, end: number])[]
  /** The coordinates of the block in the grid of chunks. */
  readonly chunkLocation: readonly number[]
}

/** Where the block of the result is, its shape and its dtype. */
export interface ResultLocation extends BlockLocation {
  /** The shape of the block. */
  readonly chunkShape: readonly number[]
  /** The dtype of the result. */
  readonly dtype: Dtype
}

/** What a function of blocks learns about the block it makes. */
export interface BlockContext {
  /** The coordinates of the block of the result. */
  readonly blockId: readonly number[]
  /**
   * The location of each block that is an argument, by the number of the argument; of the result under
   * `output`, and as in Dask under `null`.
   */
  readonly blockInfo: Readonly<Record<number, BlockLocation>> & {
    readonly output: ResultLocation
    readonly null: ResultLocation
  }
}

/** How a function is called with blocks, and what it must return. */
export interface BlockCall {
  /** The name of the operation, for errors. */
  readonly operation: string
  /** For each argument `b` if it is a block, or nested lists of blocks, otherwise `v`. */
  readonly layout: string
  readonly grid: Grid
  readonly dtype: Dtype
  /** The grids of arguments, if the function receives a `BlockContext`. */
  readonly sources?: readonly BlockSource[] | undefined
  /** Whether the blocks were made for this call, so that the function may modify them. */
  readonly owned?: boolean | undefined
}

/** An argument that is a block: its grid, and how its axes follow those of the result. */
export interface BlockSource {
  readonly argument: number
  readonly grid: Grid
  readonly axes: readonly number[]
}

/** A block, or a nested list of blocks. */
type Blocks = NDArray | LazyChunk | readonly Blocks[]

/** Calls `fn` with blocks and other arguments and converts its result to a block. Accepts an async function. */
export function mapBlocksStep(
  fn: (...args: unknown[]) => unknown,
  args: readonly unknown[],
  call: BlockCall,
  position: number,
): unknown {
  const { operation, layout, grid, dtype, sources } = call
  // Copies, since the function may modify its arguments and other tasks may read the same blocks.
  const own = args.map((value, i) =>
    layout[i] === 'b' ? ownBlocks(value as Blocks, call.owned === true) : value,
  )
  if (sources !== undefined) own.push(blockContext(grid, dtype, sources, position))
  const shape = blockShapeAt(grid, position)
  return whenDone(fn(...own), (value) => blockFromResult(operation, value, shape, dtype))
}

/** Calls `next` with a value, or with that of a promise. */
export function whenDone(value: unknown, next: (value: unknown) => unknown): unknown {
  if (typeof value === 'object' && value !== null && 'then' in value) {
    return (value as unknown as PromiseLike<unknown>).then(next)
  }
  return next(value)
}

function ownBlocks(value: Blocks, owned: boolean): unknown {
  if (!(value instanceof NDArray || value instanceof LazyChunk)) {
    return value.map((item) => ownBlocks(item, owned))
  }
  const chunk = toChunk(value)
  return owned ? chunk : copyOf(chunk)
}

/** Returns the location of a block of the result and of the blocks that it is made of. */
export function blockContext(
  grid: Grid,
  dtype: Dtype,
  sources: readonly BlockSource[],
  position: number,
): BlockContext {
  const blockId = blockCoordinates(position, numblocksOf(grid))
  const output: ResultLocation = {
    ...locationOf(grid, blockId),
    chunkShape: blockShapeAt(grid, position),
    dtype,
  }
  const arrays = sources.map(({ argument, grid: own, axes }) => {
    const at = own.map((_, axis) => blockId[axes[axis]!] ?? 0)
    return [argument, locationOf(own, at)] as const
  })
  const blockInfo = { ...Object.fromEntries(arrays), output, null: output }
  return { blockId, blockInfo }
}

function locationOf(grid: Grid, at: readonly number[]): BlockLocation {
  return {
    shape: gridShape(grid),
    numChunks: numblocksOf(grid),
    arrayLocation: grid.map((sizes, axis) => chunkSpan(sizes, at[axis]!)),
    chunkLocation: at,
  }
}

operations('collections/array/steps/map-blocks-steps', { mapBlocksStep })
