/**
 * Steps that replace elements of blocks.
 */
import { blockCoordinates } from '../../../core/base/keys.js'
import { operations } from '../../../core/base/operations.js'
import { newOffsets } from '../block/listed-copy.js'
import { copyInto, type NDArray, rowMajor } from '../block/ndarray.js'
import { copyElements } from '../block/select-elements.js'
import { borrowChunk } from '../expressions/borrowed-memory.js'
import { type LazyChunk, lazy, toChunk } from '../expressions/lazy-chunk.js'
import {
  blockShapeAt,
  chunkBounds,
  type Grid,
  gridShape,
  numblocksOf,
} from '../planning/chunk-grid.js'
import type { AxisSelection } from '../planning/index-plan.js'

type Block = NDArray | LazyChunk

const isPositions = (take: AxisSelection): take is readonly number[] => Array.isArray(take)

function copyOfBlock(block: NDArray): NDArray {
  const target = borrowChunk(block.dtype, block.shape)
  copyInto(target, block)
  return target
}

/** Returns a copy of a block in which a selection of every axis, at most one of them listed, is replaced. */
export function setStep(block: Block, value: Block, takes: readonly AxisSelection[]): LazyChunk {
  const target = copyOfBlock(toChunk(block))
  const axis = takes.findIndex(isPositions)
  const view = target.slice(
    takes.map((take) => (isPositions(take) ? { start: 0, step: 1, size: take.length } : take)),
  )
  const source = toChunk(value).reshape(view.shape)
  if (axis < 0) copyInto(view, source)
  else {
    const list = takes[axis] as readonly number[]
    const stride = target.strides[axis]!
    const to = newOffsets(list.length, target.data.length)
    const from = newOffsets(list.length, source.data.length)
    list.forEach((position, i) => {
      to[i] = position * stride
      from[i] = i * source.strides[axis]!
    })
    copyElements(view, source, target.dtype, axis, { to, from })
  }
  return lazy(target)
}

/** Makes a block of the positions of its elements in the row-major order of the array. */
export function flatPositionsStep(grid: Grid, position: number): LazyChunk {
  const shape = blockShapeAt(grid, position)
  const strides = rowMajor(gridShape(grid))
  const start = startOf(grid, position)
  const chunk = borrowChunk('float64', shape)
  const own = rowMajor(shape)
  const first = start.reduce((sum, at, axis) => sum + at * strides[axis]!, 0)
  for (let i = 0; i < chunk.data.length; i++) {
    let at = first
    for (let axis = 0; axis < shape.length; axis++) {
      at += (Math.floor(i / own[axis]!) % shape[axis]!) * strides[axis]!
    }
    chunk.data[i] = at
  }
  return lazy(chunk)
}

function startOf(grid: Grid, position: number): number[] {
  return blockCoordinates(position, numblocksOf(grid)).map((c, axis) => {
    return chunkBounds(grid[axis]!)[c]!
  })
}

/** Returns a copy of a block in which the elements at positions in the whole array are replaced. */
export function scatterStep(
  block: Block,
  positions: Block,
  values: Block,
  grid: Grid,
  position: number,
): LazyChunk {
  const target = copyOfBlock(toChunk(block))
  const listed = toChunk(positions).contiguous()
  const value = broadcastValue(toChunk(values), listed.shape)
  const shape = gridShape(grid)
  const [strides, own, start] = [rowMajor(shape), target.strides, startOf(grid, position)]
  const to: number[] = []
  const from: number[] = []
  for (let i = 0; i < listed.size; i++) {
    let offset = 0
    for (let axis = 0; axis < shape.length; axis++) {
      const at = Math.floor((listed.data[i]! as number) / strides[axis]!) % shape[axis]!
      const local = at - start[axis]!
      if (local < 0 || local >= target.shape[axis]!) {
        offset = -1
        break
      }
      offset += local * own[axis]!
    }
    if (offset < 0) continue
    to.push(offset)
    from.push(i)
  }
  const line = { data: target.data, shape: [to.length], strides: [1], offset: 0 }
  const lists = { to: Float64Array.from(to), from: Float64Array.from(from) }
  copyElements(line, value.reshape([value.size]), target.dtype, 0, lists)
  return lazy(target)
}

/** Repeats a value to the shape of a selection that was not known when the value was given. */
function broadcastValue(value: NDArray, shape: readonly number[]): NDArray {
  const lead = shape.length - value.ndim
  if (lead >= 0 && value.shape.every((n, axis) => n === 1 || n === shape[lead + axis])) {
    return value.broadcastTo(shape).contiguous()
  }
  throw new RangeError(`set: values of shape [${value.shape}] for a selection of shape [${shape}]`)
}

operations('collections/array/steps/set-steps', { flatPositionsStep, scatterStep, setStep })
