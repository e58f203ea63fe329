/**
 * Plans chunks that overlap their neighbours: the elements of an axis, and beyond its ends those of the boundary.
 * Integers only.
 */
import type { AxisSlice } from '../block/ndarray.js'
import { chunkBounds } from './chunk-grid.js'
import { findBlock } from './index-plan.js'

/**
 * How an axis continues beyond its ends: with its elements mirrored, those of the other end, the last element, a number,
 * or not at all.
 */
export type Boundary = 'reflect' | 'periodic' | 'nearest' | 'none' | number

/** How far chunks of one axis overlap the one before and the one after. */
export type Overlap = readonly [before: number, after: number]

/** Elements of a source chunk, or a number, and where they are in the new chunk. */
export type AxisPiece =
  | { readonly block: number; readonly take: AxisSlice; readonly to: number }
  | { readonly fill: number; readonly size: number; readonly to: number }

/** Returns the first position and the end of each chunk with its overlap. */
export function overlapSpans(
  sizes: readonly number[],
  [before, after]: Overlap,
  boundary: Boundary,
): (readonly [from: number, to: number])[] {
  const bounds = chunkBounds(sizes)
  const end = bounds[sizes.length]!
  return sizes.map((_, chunk) => {
    const from = bounds[chunk]! - before
    const to = bounds[chunk + 1]! + after
    return boundary === 'none' ? [Math.max(0, from), Math.min(end, to)] : [from, to]
  })
}

/** Returns the pieces of the positions from `from` to before `to`, which may lie beyond the ends of the axis. */
export function planPieces(
  sizes: readonly number[],
  [from, to]: readonly [number, number],
  boundary: Boundary,
): AxisPiece[] {
  const bounds = chunkBounds(sizes)
  const n = bounds[sizes.length]!
  const pieces: AxisPiece[] = []
  const outside = (first: number, end: number) => {
    if (first >= end) return
    if (typeof boundary === 'number') {
      pieces.push({ fill: boundary, size: end - first, to: first - from })
      return
    }
    for (let at = first; at < end; at++) {
      addElement(pieces, bounds, boundaryPosition(at, n, boundary), at - from)
    }
  }
  outside(from, Math.min(0, to))
  for (let at = Math.max(0, from); at < Math.min(n, to); ) {
    const block = findBlock(bounds, at)
    const stop = Math.min(to, n, bounds[block + 1]!)
    if (stop > at) {
      const take = { start: at - bounds[block]!, step: 1, size: stop - at }
      pieces.push({ block, take, to: at - from })
    }
    at = stop
  }
  outside(Math.max(n, from), to)
  return pieces
}

/** Adds one element, to the last piece if it goes on there. */
function addElement(
  pieces: AxisPiece[],
  bounds: readonly number[],
  position: number,
  to: number,
): void {
  const block = findBlock(bounds, position)
  const start = position - bounds[block]!
  const last = pieces.at(-1)
  if (last !== undefined && 'take' in last && last.block === block) {
    const { take } = last
    const step = take.size === 1 ? start - take.start : take.step
    const isNext = take.start + take.size * step === start && Math.abs(step) <= 1
    if (isNext) {
      const grown = { start: take.start, step, size: take.size + 1 }
      pieces[pieces.length - 1] = { block, take: grown, to: last.to }
      return
    }
  }
  pieces.push({ block, take: { start, step: 1, size: 1 }, to })
}

/** Returns the position whose element stands at a position beyond the ends of an axis of `n` elements. */
function boundaryPosition(at: number, n: number, boundary: Boundary): number {
  if (boundary === 'nearest') return at < 0 ? 0 : n - 1
  if (boundary === 'periodic') return ((at % n) + n) % n
  const turn = ((at % (2 * n)) + 2 * n) % (2 * n)
  return turn < n ? turn : 2 * n - 1 - turn
}

/** Returns the chunk sizes of windows of `width` elements: those of the axis, less at its end. */
export function windowSizes(sizes: readonly number[], width: number): number[] {
  let rest = width - 1
  const own = [...sizes]
  for (let chunk = own.length - 1; chunk >= 0 && rest > 0; chunk--) {
    const less = Math.min(rest, own[chunk]!)
    own[chunk]! -= less
    rest -= less
  }
  const kept = own.filter((size) => size > 0)
  return kept.length === 0 ? [0] : kept
}
