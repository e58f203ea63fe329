/**
 * The functions that tasks of arrays call. Each takes blocks, or expressions that earlier steps of
 * the same task left unfinished, and gives one.
 */
import { operations } from '../../../core/base/operations.js'
import { type AxisSlice, Chunk, copyOf, sizeOf } from '../block/chunk.js'
import { type Dtype, dtypeInfo, type Scalar } from '../block/dtype.js'
import { astype, elementwise, type LazyChunk, lazy, toChunk } from '../expressions/lazy-chunk.js'
import { assemble, type Move } from '../kernels/assemble-block.js'
import { histogramBlock } from '../kernels/histogram-kernel.js'
import { matmulChunks } from '../kernels/matmul-kernel.js'
import {
  type Aggregation,
  aggregate,
  combine,
  type PartialResult,
  type ReductionName,
  reduceBlock,
} from '../kernels/partial-reductions.js'
import { integersBlock, normalBlock, uniformBlock } from '../kernels/random-kernel.js'
import { blockShape, bounds, type Grid, show } from '../planning/chunk-grid.js'
import { chunkFrom } from './chunk-from-values.js'

type Block = Chunk | LazyChunk

/** The partial result of one block; argmin and argmax also say where the block lies. */
export function reduceStep(
  block: Block,
  name: ReductionName,
  axes: readonly number[],
  coordinates: readonly number[],
  grid: Grid | undefined,
): PartialResult {
  if (grid === undefined) return reduceBlock(block, name, axes)
  const edges = grid.map(bounds)
  const start = coordinates.map((c, axis) => edges[axis]![c]!)
  return reduceBlock(block, name, axes, { start, shape: edges.map((list) => list.at(-1)!) })
}

/** Several partial results as one. */
export function combineStep(parts: readonly PartialResult[], name: ReductionName): PartialResult {
  return combine(parts, name)
}

/** The answer of a reduction. */
export function aggregateStep(parts: readonly PartialResult[], how: Aggregation): LazyChunk {
  return aggregate(parts, how)
}

/** A view: a slice of every axis of the block, then the axes of the result (-1: a new one of size 1). */
export function viewStep(
  block: Block,
  slices: readonly AxisSlice[],
  axes: readonly number[],
): LazyChunk {
  return lazy(pickAxes(toChunk(block).slice(slices), axes))
}

/** A block made of parts of others. */
export function assembleStep(
  blocks: readonly Block[],
  dtype: Dtype,
  shape: readonly number[],
  moves: readonly Move[],
): Chunk {
  return assemble(blocks.map(toChunk), dtype, shape, moves)
}

/** The block with its axes in another order; -1 stands for a new axis of size 1. */
export function axesStep(block: Block, axes: readonly number[]): LazyChunk {
  return lazy(pickAxes(toChunk(block), axes))
}

function pickAxes(chunk: Chunk, axes: readonly number[]): Chunk {
  const shape = axes.map((axis) => (axis < 0 ? 1 : chunk.shape[axis]!))
  const strides = axes.map((axis) => (axis < 0 ? 0 : chunk.strides[axis]!))
  return new Chunk(chunk.dtype, chunk.data, shape, strides, chunk.offset)
}

/** The block's elements, row-major, under the shape that its position has in a grid. */
export function reshapeStep(block: Block, grid: Grid, position: number): LazyChunk {
  let rest = position
  const shape = grid.map(() => 0)
  for (let axis = grid.length - 1; axis >= 0; axis--) {
    const sizes = grid[axis]!
    shape[axis] = sizes[rest % sizes.length]!
    rest = Math.floor(rest / sizes.length)
  }
  return lazy(toChunk(block).reshape(shape))
}

/** The block repeated to fill the shape that its position has in a grid. */
export function broadcastStep(block: Block, grid: Grid, coordinates: readonly number[]): LazyChunk {
  return lazy(toChunk(block).broadcastTo(blockShape(grid, coordinates)))
}

/** The sum of products of pairs of matrices; `grouped` gives it a first axis of size 1. */
export function matmulStep(
  left: readonly Block[],
  right: readonly Block[],
  grouped: boolean,
): Chunk {
  const product = matmulChunks(left.map(toChunk), right.map(toChunk))
  return grouped ? product.reshape([1, ...product.shape]) : product
}

/** The counts of a block's elements in bins, with a first axis of size 1. */
export function histogramStep(block: Block, edges: readonly number[], even: boolean): Chunk {
  return histogramBlock(block, edges, even).reshape([1, edges.length - 1])
}

/** A block of one value. */
export function fullStep(
  grid: Grid,
  coordinates: readonly number[],
  dtype: Dtype,
  value: Scalar,
): LazyChunk {
  const shape = blockShape(grid, coordinates)
  if (sizeOf(shape) === 0) return lazy(Chunk.zeros(dtype, shape))
  return lazy(Chunk.scalar(dtype, value).broadcastTo(shape))
}

/** A block of `start + i * step`, `i` counted over the whole axis; int64 counts in bigints. */
export function rangeStep(
  grid: Grid,
  coordinates: readonly number[],
  dtype: Dtype,
  start: number | bigint,
  step: number | bigint,
): Chunk {
  const at = coordinates[0]!
  const first = bounds(grid[0]!)[at]!
  const chunk = Chunk.zeros(dtype, [grid[0]![at]!])
  if (chunk.data instanceof BigInt64Array) {
    const [from, by] = [BigInt(start), BigInt(step)]
    for (let i = 0; i < chunk.size; i++) chunk.data[i] = from + BigInt(first + i) * by
  } else {
    const [from, by] = [Number(start), Number(step)]
    const data = chunk.data as Float64Array
    for (let i = 0; i < chunk.size; i++) data[i] = from + (first + i) * by
  }
  return chunk
}

/** A block of `count` numbers from `start` to `stop`, the last one exactly `stop` if it is counted. */
export function linspaceStep(
  grid: Grid,
  coordinates: readonly number[],
  dtype: Dtype,
  start: number,
  stop: number,
  divisions: number,
): LazyChunk {
  const at = coordinates[0]!
  const first = bounds(grid[0]!)[at]!
  const chunk = Chunk.zeros('float64', [grid[0]![at]!])
  const step = divisions === 0 ? 0 : (stop - start) / divisions
  for (let i = 0; i < chunk.size; i++) {
    const n = first + i
    chunk.data[i] = n === divisions && n > 0 ? stop : start + n * step
  }
  return astype(chunk, dtype)
}

/** A block of a matrix that has ones on diagonal `k` and zeros elsewhere. */
export function eyeStep(
  grid: Grid,
  coordinates: readonly number[],
  dtype: Dtype,
  k: number,
): Chunk {
  const shape = blockShape(grid, coordinates)
  const [top, left] = coordinates.map((c, axis) => bounds(grid[axis]!)[c]!) as [number, number]
  const chunk = Chunk.zeros(dtype, shape)
  const one = (dtype === 'int64' ? 1n : 1) as never
  for (let i = 0; i < shape[0]!; i++) {
    const j = top + i + k - left
    if (j >= 0 && j < shape[1]!) (chunk.data as Float64Array)[i * shape[1]! + j] = one
  }
  return chunk
}

/** The distributions that blocks of random numbers can have. */
export type Distribution = 'uniform' | 'normal' | 'integers'

/** A block of random numbers; the two numbers are the distribution's. */
export function randomStep(
  grid: Grid,
  coordinates: readonly number[],
  position: number,
  distribution: Distribution,
  seed: number,
  a: number,
  b: number,
): Chunk {
  const make = { uniform: uniformBlock, normal: normalBlock, integers: integersBlock }[distribution]
  return make(blockShape(grid, coordinates), seed, position, a, b)
}

/** What a user's function gave for a block, checked. */
export function mapBlocksStep(
  fn: (...args: unknown[]) => unknown,
  blocks: readonly Block[],
  grid: Grid,
  coordinates: readonly number[],
  dtype: Dtype,
  ...extra: unknown[]
): unknown {
  // A copy: the function may change it, and the block may be another task's input as well.
  const args = blocks.map((block) => copyOf(toChunk(block)))
  const expected = blockShape(grid, coordinates)
  const given = fn(...args, ...extra)
  const check = (value: unknown) => checked(value, expected, dtype)
  if (typeof given === 'object' && given !== null && 'then' in given) {
    return (given as unknown as PromiseLike<unknown>).then(check)
  }
  return check(given)
}

/** What a delayed call gave, as a block. */
export function delayedStep(value: unknown, shape: readonly number[], dtype: Dtype): Chunk {
  return checked(value, shape, dtype, 'fromDelayed')
}

function checked(
  value: unknown,
  expected: readonly number[],
  dtype: Dtype,
  what = 'mapBlocks',
): Chunk {
  let chunk = value instanceof Chunk ? value : chunkFrom(value, what, dtype)
  if (chunk.ndim === 1 && expected.length > 1 && ArrayBuffer.isView(value)) {
    if (chunk.size === sizeOf(expected)) chunk = chunk.reshape(expected)
  }
  const fits =
    chunk.ndim === expected.length && chunk.shape.every((n, axis) => n === expected[axis])
  if (!fits) {
    throw new RangeError(
      `${what}: the function gave a block of shape ${show(chunk.shape)}, expected ${show(expected)}; say the result's sizes with { ${what === 'mapBlocks' ? 'chunks' : 'shape'} }`,
    )
  }
  const result = astype(chunk, dtype).finish()
  // The data may be what the function still holds on to, or longer than the block.
  const own = new Chunk(dtype, result.data, result.shape, result.strides, result.offset)
  return result.data.length * dtypeInfo(dtype).bytes === own.nbytes ? own : own.contiguous()
}

export { astype, elementwise }

operations('collections/array/steps/block-steps', {
  aggregateStep,
  assembleStep,
  astype,
  axesStep,
  broadcastStep,
  combineStep,
  delayedStep,
  elementwise,
  eyeStep,
  fullStep,
  histogramStep,
  linspaceStep,
  mapBlocksStep,
  matmulStep,
  randomStep,
  rangeStep,
  reduceStep,
  reshapeStep,
  viewStep,
})
