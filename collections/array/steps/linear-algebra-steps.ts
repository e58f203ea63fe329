/**
 * Steps of matrix products.
 */
import { operations } from '../../../core/base/operations.js'
import type { Chunk } from '../block/chunk.js'
import { type LazyChunk, toChunk } from '../expressions/lazy-chunk.js'
import { matmulChunks } from '../kernels/matmul-kernel.js'

/** Adds up the products of pairs of blocks. `addAxis` adds a first axis of size 1. */
export function matmulStep(
  left: readonly (Chunk | LazyChunk)[],
  right: readonly (Chunk | LazyChunk)[],
  addAxis: boolean,
): Chunk {
  const product = matmulChunks(left.map(toChunk), right.map(toChunk))
  return addAxis ? product.reshape([1, ...product.shape]) : product
}

operations('collections/array/steps/linear-algebra-steps', { matmulStep })
