/**
 * Steps of matrix products.
 */
import { operations } from '../../../core/base/operations.js'
import type { NDArray } from '../block/ndarray.js'
import { type LazyChunk, toChunk } from '../expressions/lazy-chunk.js'
import { matmulChunks } from '../kernels/matmul-kernel.js'

/** Adds up the products of pairs of blocks. `addAxis` adds a first axis of size 1. */
export function matmulStep(
  left: readonly (NDArray | LazyChunk)[],
  right: readonly (NDArray | LazyChunk)[],
  addAxis: boolean,
): NDArray {
  const product = matmulChunks(left.map(toChunk), right.map(toChunk))
  return addAxis ? product.reshape([1, ...product.shape]) : product
}

operations('collections/array/steps/linear-algebra-steps', { matmulStep })
