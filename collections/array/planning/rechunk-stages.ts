/**
 * Plans the stages of a rechunk, from sizes of chunks and estimates of time alone.
 *
 * A task makes one block of the result from pieces of source blocks, which it reads whole. From 1000 chunks of rows to
 * 1000 chunks of columns, that would be a million pieces, and each task would read the whole array. So axes are merged
 * and divided little by little, over grids in between: with two stages of about 32 × 32 blocks, there are 64,000 pieces,
 * and a task reads a thirtieth of the array.
 *
 * With `S` the factor by which blocks are divided, and `M` that by which they are merged, `k` equal stages make about
 * `k · S^(1/k)` pieces per source block, and a task reads `M^(1/k)` source blocks. If blocks are divided a stage before
 * they are merged, tasks read less, but there are more of them; if they are merged a stage before, there are fewer pieces, but
 * blocks are larger. The plan is the one whose estimated time is least, of those whose tasks read no more than the limit.
 */
import {
  chunkBounds,
  type Grid,
  gridShape,
  largestBlock,
  numblocksOf,
  sameSizes,
} from './chunk-grid.js'

/** The limits of a plan. */
export interface RechunkLimits {
  /** The bytes of an element. */
  readonly itemsize: number
  /** The bytes that a task may read, and so the most that a block in between has. The default is 128 MiB. */
  readonly blockSizeLimit?: number | undefined
  /**
   * How many times as many pieces as blocks, before and after, are copied in one stage. By default there is one stage if
   * that is estimated to take less time.
   */
  readonly threshold?: number | undefined
}

/** What a stage costs. */
export interface StageCost {
  /** The pieces of source blocks that are copied. */
  readonly pieces: number
  /** The blocks that are made. */
  readonly blocks: number
  /** The elements of the source blocks that a task reads, at most. */
  readonly reads: number
}

/** The bytes that a task may read, unless the user says so. */
const BLOCK_SIZE_LIMIT = 2 ** 27

/** The bytes that a block in between may have although those before and after are smaller. */
const SMALL_BLOCK = 16 * 2 ** 20

/** So few pieces are never worth a second stage. */
const FEW_PIECES = 100

/** The most stages of a plan: more than these make hardly fewer pieces. */
const MOST_STAGES = 6

/**
 * Estimated nanoseconds of a piece, of a task, of a byte that a task reads, and of a byte that a stage copies; measured on
 * threads. Bytes that are read take time because they make V8 collect garbage.
 */
const NANOSECONDS = { piece: 60_000, task: 120_000, read: 0.025, copy: 0.7 }

/** Returns the grids through which an array is rechunked, the last one `to`. */
export function planStages(from: Grid, to: Grid, limits: RechunkLimits): readonly Grid[] {
  const { itemsize, blockSizeLimit = BLOCK_SIZE_LIMIT, threshold } = limits
  const direct = stageCost(from, to)
  const elements = gridShape(from).reduce((a, b) => a * b, 1)
  const timeOf = (cost: StageCost) => {
    const { piece, task, read, copy } = NANOSECONDS
    const perBlock = task + read * itemsize * cost.reads
    return piece * cost.pieces + perBlock * cost.blocks + copy * itemsize * elements
  }
  const isShort =
    threshold === undefined
      ? // Two stages copy all elements twice.
        direct.reads * itemsize <= blockSizeLimit &&
        (direct.pieces <= FEW_PIECES ||
          timeOf(direct) <= 2 * NANOSECONDS.copy * itemsize * elements)
      : direct.pieces <= threshold * (direct.blocks + blocksOf(from))
  if (isShort || elements === 0) return [to]
  let best = { grids: [to] as readonly Grid[], excess: Infinity, time: Infinity }
  const largest = Math.max(SMALL_BLOCK / itemsize, 2 * largestBlock(from), 2 * largestBlock(to))
  for (const grids of candidates(from, to, largest)) {
    const costs = grids.map((grid, stage) => stageCost(grids[stage - 1] ?? from, grid))
    const reads = Math.max(...costs.map((cost) => cost.reads)) * itemsize
    const excess = Math.max(0, reads - blockSizeLimit)
    const time = costs.reduce((sum, cost) => sum + timeOf(cost), 0)
    if (excess < best.excess || (excess === best.excess && time < best.time)) {
      best = { grids, excess, time }
    }
  }
  return best.grids
}

/** Returns what it costs to rechunk from one grid to another in one stage. */
export function stageCost(from: Grid, to: Grid): StageCost {
  let [pieces, reads] = [1, 1]
  from.forEach((sizes, axis) => {
    const overlap = overlapsOf(sizes, to[axis]!)
    pieces *= overlap.count
    reads *= overlap.reach
  })
  return { pieces, blocks: blocksOf(to), reads }
}

/** Counts the pairs of chunks of two divisions of an axis that overlap, and the elements of the chunks that one overlaps. */
function overlapsOf(
  from: readonly number[],
  to: readonly number[],
): { readonly count: number; readonly reach: number } {
  const [old, fresh] = [chunkBounds(from), chunkBounds(to)]
  let [count, reach, first] = [0, 0, 0]
  for (let chunk = 0; chunk < to.length; chunk++) {
    const [start, end] = [fresh[chunk]!, fresh[chunk + 1]!]
    while (first < from.length - 1 && old[first + 1]! <= start) first++
    let last = first
    while (last < from.length - 1 && old[last + 1]! < end) last++
    count += last - first + 1
    reach = Math.max(reach, old[last + 1]! - old[first]!)
    first = last
  }
  return { count, reach }
}

/**
 * Returns the plans that are compared: those that merge and divide at once, those that divide a stage before they merge, and
 * those that merge a stage before they divide, if that makes no blocks that are too large.
 */
function candidates(from: Grid, to: Grid, largest: number): (readonly Grid[])[] {
  const plans: (readonly Grid[])[] = [[to]]
  for (let stages = 2; stages <= MOST_STAGES; stages++) {
    for (const [divideLate, mergeLate] of [
      [0, 0],
      [0, 1],
      [1, 0],
    ] as const) {
      const step = 1 / (stages - divideLate - mergeLate)
      const grids = Array.from({ length: stages - 1 }, (_, stage) =>
        gridBetween(from, to, (stage + 1 - divideLate) * step, (stage + 1 - mergeLate) * step),
      )
      if (grids.every((grid) => largestBlock(grid) <= largest)) plans.push([...grids, to])
    }
  }
  return plans
}

/** Returns a grid between two: how far axes are divided and merged, from 0 to 1. */
function gridBetween(from: Grid, to: Grid, divided: number, merged: number): Grid {
  return from.map((own, axis) => {
    const target = to[axis]!
    if (sameSizes(own, target)) return own
    const isMerged = target.length < own.length
    const done = isMerged ? merged : divided
    if (done <= 0) return own
    if (done >= 1) return target
    const [fine, coarse] = isMerged ? [own, target] : [target, own]
    const size =
      fine.length ** (isMerged ? 1 - done : done) * coarse.length ** (isMerged ? done : 1 - done)
    return sizesBetween(fine, coarse, Math.ceil(size))
  })
}

/** Joins fine chunks to about as many as given, of about one size, which do not cross the bounds of coarse ones. */
function sizesBetween(
  fine: readonly number[],
  coarse: readonly number[],
  count: number,
): readonly number[] {
  const bounds = chunkBounds(fine)
  const size = bounds.at(-1)! / count
  const sizes: number[] = []
  let [start, next] = [0, 0]
  for (const length of coarse) {
    const [low, high] = [start, start + length]
    const parts = Math.ceil(length / size)
    for (let part = 1; part <= parts; part++) {
      const position = low + (length * part) / parts
      while (bounds[next + 1]! <= position) next++
      const end = part === parts ? high : bounds[next]!
      if (end <= start) continue
      sizes.push(end - start)
      start = end
    }
  }
  return sizes
}

function blocksOf(grid: Grid): number {
  return numblocksOf(grid).reduce((a, b) => a * b, 1)
}
