/**
 * Steps that make blocks of random numbers.
 *
 * `grid` and `position` are the grid of the array and the row-major position of the block in it.
 */
import { blockCoordinates } from '../../../core/base/keys.js'
import { operations } from '../../../core/base/operations.js'
import { NDArray } from '../block/ndarray.js'
import { astype, type LazyChunk, lazy, toChunk } from '../expressions/lazy-chunk.js'
import { assembleBlock } from '../kernels/assemble-block.js'
import type { PhiloxKey } from '../kernels/philox.js'
import {
  type BlockPlace,
  type DistributionName,
  integersBlock,
  normalBlock,
  type RowDistribution,
  randomPermutation,
  rowsBlock,
  sampledBlock,
  uniformBlock,
  weightedOrder,
} from '../kernels/random-kernel.js'
import {
  blockShapeAt,
  chunkBounds,
  type Grid,
  gridShape,
  numblocksOf,
} from '../planning/chunk-grid.js'

function placeOf(grid: Grid, position: number): BlockPlace {
  const at = blockCoordinates(position, numblocksOf(grid))
  return {
    array: gridShape(grid),
    start: at.map((c, axis) => chunkBounds(grid[axis]!)[c]!),
    shape: blockShapeAt(grid, position),
  }
}

/** Makes a block of a distribution. Parameters that are null are taken from the blocks, in order. */
export function randomStep(
  blocks: readonly (NDArray | LazyChunk)[],
  grid: Grid,
  position: number,
  distribution: DistributionName,
  key: PhiloxKey,
  parameters: readonly (number | null)[],
  dtype: 'float64' | 'int64',
): LazyChunk {
  const place = placeOf(grid, position)
  if (blocks.length === 0) {
    const [a, b] = parameters as readonly number[]
    if (distribution === 'uniform') return lazy(uniformBlock(place, key, a!, b!))
    if (distribution === 'normal') return lazy(normalBlock(place, key, a!, b!))
    if (distribution === 'integers') return lazy(integersBlock(place, key, a!, b!))
  }
  let next = 0
  const values = parameters.map((p) => p ?? elementsOf(blocks[next++]!, place.shape))
  return lazy(sampledBlock(place, key, distribution, values, dtype))
}

/** Returns the elements of a block, broadcast to a shape, as float64 in row-major order. */
function elementsOf(block: NDArray | LazyChunk, shape: readonly number[]): Float64Array {
  const chunk = toChunk(astype(toChunk(block), 'float64'))
  return chunk.broadcastTo(shape).contiguous().data as Float64Array
}

/** Makes a block of rows of integers, each of which adds up to `count`. */
export function randomRowsStep(
  grid: Grid,
  position: number,
  distribution: RowDistribution,
  key: PhiloxKey,
  count: number,
  weights: readonly number[],
): LazyChunk {
  const place = placeOf(grid, position)
  return lazy(rowsBlock(place, key, distribution, count, Float64Array.from(weights)))
}

/** Makes a block of the first `size` of `n` integers in random order; those with large weights tend to be first. */
export function choiceStep(
  n: number,
  size: number,
  key: PhiloxKey,
  weights: readonly number[] | undefined,
): LazyChunk {
  const order =
    weights === undefined
      ? randomPermutation(n, key).slice(0, size)
      : weightedOrder(Float64Array.from(weights), size, key)
  return astype(new NDArray('float64', order, [size]), 'int64')
}

/** Replaces uniform numbers by the positions of a distribution function, which ends with 1. */
export function quantileStep(block: NDArray | LazyChunk, sums: readonly number[]): LazyChunk {
  const chunk = toChunk(block).contiguous() as NDArray<'float64'>
  const found = Float64Array.from(chunk.data, (u) => {
    let low = 0
    let high = sums.length - 1
    while (low < high) {
      const middle = (low + high) >> 1
      if (sums[middle]! > u) high = middle
      else low = middle + 1
    }
    return low
  })
  return astype(new NDArray('float64', found, chunk.shape), 'int64')
}

/** Returns the elements of a vector at some positions. */
export function drawnStep(positions: NDArray | LazyChunk, vector: NDArray | LazyChunk): LazyChunk {
  const at = toChunk(positions)
  const source = toChunk(vector)
  const taken = Array.from(at.contiguous().data as BigInt64Array, Number)
  const part = { source: 0, take: [taken], to: [taken.map((_, i) => i)] }
  return lazy(assembleBlock([source], source.dtype, [at.size], [part]).reshape(at.shape))
}

operations('collections/array/steps/random-steps', {
  choiceStep,
  drawnStep,
  quantileStep,
  randomRowsStep,
  randomStep,
})
