/**
 * Steps of matrix products.
 */
import { operations } from '../../../core/base/operations.js'
import { copyOf, NDArray, sizeOf } from '../block/ndarray.js'
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

/**
 * Adds up the products of pairs of blocks with axes `batch, left, inner` and `batch, inner, right`. `addAxis` adds a
 * first axis of size 1.
 */
export function contractStep(
  left: readonly (NDArray | LazyChunk)[],
  right: readonly (NDArray | LazyChunk)[],
  { batch, inner }: { readonly batch: number; readonly inner: number },
  addAxis: boolean,
): NDArray {
  const [a, b] = [left.map(toChunk), right.map(toChunk)]
  const split = a[0]!.ndim - inner
  const lead = a[0]!.shape.slice(0, batch)
  const [rows, columns] = [a[0]!.shape.slice(batch, split), b[0]!.shape.slice(batch + inner)]
  const matrices = (blocks: readonly NDArray[], middle: number) =>
    blocks.map((block) => {
      const sizes = [block.shape.slice(batch, middle), block.shape.slice(middle)].map(sizeOf)
      return block.reshape([...lead, ...sizes])
    })
  const product = matmulChunks(matrices(a, split), matrices(b, batch + inner))
  return product.reshape([...(addAxis ? [1] : []), ...lead, ...rows, ...columns])
}

/** Returns the diagonal of two axes, of one size, as the last axis. */
export function diagonalStep(
  block: NDArray | LazyChunk,
  [first, second]: readonly [number, number],
): NDArray {
  const { dtype, data, shape, strides, offset } = toChunk(block)
  const others = (list: readonly number[]) =>
    list.filter((_, axis) => axis !== first && axis !== second)
  return copyOf(
    new NDArray(
      dtype,
      data,
      [...others(shape), shape[first]!],
      [...others(strides), strides[first]! + strides[second]!],
      offset,
    ),
  )
}

operations('collections/array/steps/linear-algebra-steps', {
  contractStep,
  diagonalStep,
  matmulStep,
})
