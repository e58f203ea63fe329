/**
 * Steps of indices: with lists for several axes, with lazy arrays, and of axes whose sizes are not known.
 */
import { operations } from '../../../core/base/operations.js'
import type { Dtype } from '../block/dtype.js'
import { type IndexItem, listAxis, parseIndex } from '../block/index-parser.js'
import { fillExact } from '../block/int64-elements.js'
import { NDArray, sizeOf } from '../block/ndarray.js'
import { selectElements } from '../block/select-elements.js'
import { borrowChunk, borrowElements } from '../expressions/borrowed-memory.js'
import { type LazyChunk, lazy, toChunk } from '../expressions/lazy-chunk.js'
import {
  along,
  assemblePoints,
  type PointPart,
  takePoints,
  truePositions,
} from '../kernels/select-points.js'
import { commonShape } from '../planning/broadcast.js'
import { findBlock } from '../planning/index-plan.js'

type Block = NDArray | LazyChunk

/** Makes a block of the elements at tuples of positions on some axes. */
export function pointsStep(
  blocks: readonly Block[],
  dtype: Dtype,
  count: number,
  axes: readonly number[],
  at: number,
  parts: readonly PointPart[],
): LazyChunk {
  return lazy(assemblePoints(blocks.map(toChunk), { dtype, count, axes, at }, parts))
}

/** Selects elements of a block whose size was not known when the index was given. */
export function atStep(block: Block, items: readonly IndexItem[], pointsFirst: boolean): LazyChunk {
  const chunk = toChunk(block)
  const parsed = parseIndex(items, chunk.shape)
  const at = pointsFirst ? 0 : listAxis(parsed.entries)
  const { data, shape, strides, offset } = selectElements(chunk, parsed, borrowElements, at)
  return lazy(new NDArray(chunk.dtype, data, shape, strides, offset))
}

/** Selects the elements for which a mask is true. The axes of the mask, from `axis` on, become one. */
export function maskStep(block: Block, mask: Block, axis: number): LazyChunk {
  const chunk = toChunk(block)
  const flags = toChunk(mask)
  const { shape } = chunk
  const own = shape.slice(axis, axis + flags.ndim)
  if (own.join() !== flags.shape.join()) {
    throw new RangeError(`at: a mask of shape [${flags.shape}] does not fit axes of shape [${own}]`)
  }
  const merged = [...shape.slice(0, axis), sizeOf(own), ...shape.slice(axis + flags.ndim)]
  const flat = flags.ndim === 1 ? chunk : chunk.reshape(merged)
  const positions = truePositions(flags.ndim === 1 ? flags : flags.reshape([flags.size]))
  return lazy(takePoints(flat, along(axis, positions), axis))
}

/** Returns integers as positions of 0 or more on an axis of `n` elements. */
function wrapped(indices: NDArray, n: number, axis: number): Float64Array {
  const { data, offset } = indices.contiguous()
  const positions = new Float64Array(indices.size)
  for (let i = 0; i < positions.length; i++) {
    const position = Number(data[offset + i])
    if (!(position >= -n && position < n)) {
      throw new RangeError(`at: ${position} is outside axis ${axis} of size ${n}`)
    }
    positions[i] = position < 0 ? position + n : position
  }
  return positions
}

/**
 * Selects the elements at tuples of positions on some axes. The positions are blocks of integers that broadcast;
 * their axes begin at number `at` of the result.
 */
export function lazyPointsStep(
  block: Block,
  axes: readonly number[],
  at: number,
  ...indices: readonly Block[]
): LazyChunk {
  const chunk = toChunk(block)
  const blocks = indices.map(toChunk)
  const shape = commonShape(
    'at',
    blocks.map((own) => own.shape),
  )
  const lists = blocks.map((own, k) => {
    const axis = axes[k]!
    return wrapped(own.broadcastTo(shape), chunk.shape[axis]!, axis)
  })
  const taken = takePoints(chunk, { axes, lists }, at)
  const full = [...taken.shape.slice(0, at), ...shape, ...taken.shape.slice(at + 1)]
  return lazy(taken.reshape(full))
}

/** Selects the elements of one block of an axis at those of some positions on the axis that are in it, in their order. */
export function takePieceStep(
  block: Block,
  indices: Block,
  edges: readonly number[],
  axis: number,
  k: number,
): LazyChunk {
  const chunk = toChunk(block)
  const [start, stop] = [edges[k]!, edges[k + 1]!]
  const own = wrapped(toChunk(indices), edges.at(-1)!, axis).filter((i) => i >= start && i < stop)
  for (let i = 0; i < own.length; i++) own[i]! -= start
  return lazy(takePoints(chunk, along(axis, own), axis))
}

/** Assembles what `takePieceStep` selected from all blocks of an axis, in the order of the positions. */
export function joinPiecesStep(
  indices: Block,
  pieces: readonly Block[],
  edges: readonly number[],
  axis: number,
): LazyChunk {
  const positions = wrapped(toChunk(indices), edges.at(-1)!, axis)
  const to = pieces.map((): number[] => [])
  positions.forEach((position, i) => {
    to[findBlock(edges, position)]!.push(i)
  })
  const blocks = pieces.map(toChunk)
  const { dtype } = blocks[0]!
  const parts = to.map((list, source) => ({ source, lists: [list.map((_, i) => i)], to: list }))
  const spec = { dtype, count: positions.length, axes: [axis], at: axis }
  return lazy(assemblePoints(blocks, spec, parts))
}

/** Returns the positions of the true elements of a mask with one axis, of which this block begins at `start`. */
export function truePositionsStep(mask: Block, start: number): LazyChunk {
  const positions = truePositions(toChunk(mask))
  return integers(positions.length, (i) => start + positions[i]!)
}

/** Returns the coordinates on one axis of positions in the row-major order of an array. */
export function coordinateStep(positions: Block, stride: number, n: number): LazyChunk {
  const { data, offset } = toChunk(positions).contiguous()
  return integers(positions.shape[0]!, (i) => Math.floor(Number(data[offset + i]) / stride) % n)
}

/** Returns the coordinates on one axis of the true elements of a whole array. */
export function trueCoordinatesStep(mask: Block, axis: number): LazyChunk {
  const chunk = toChunk(mask)
  const positions = truePositions(chunk.reshape([chunk.size]))
  const stride = sizeOf(chunk.shape.slice(axis + 1))
  const n = chunk.shape[axis]!
  return integers(positions.length, (i) => Math.floor(positions[i]! / stride) % n)
}

function integers(count: number, valueAt: (i: number) => number): LazyChunk {
  const chunk = borrowChunk('int64', [count])
  let i = 0
  fillExact(chunk.data, () => valueAt(i++))
  return lazy(chunk)
}

operations('collections/array/steps/index-steps', {
  atStep,
  coordinateStep,
  joinPiecesStep,
  lazyPointsStep,
  maskStep,
  pointsStep,
  takePieceStep,
  trueCoordinatesStep,
  truePositionsStep,
})
