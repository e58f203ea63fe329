/**
 * Blocks in memory that the running task borrows. Only lazy chunks may refer to them: `LazyChunk.finish`
 * keeps the memory of what it returns, and everything else is used for the next task.
 */
import { borrow, hasBorrowed, keepBorrowed } from '../../../core/run/task-memory.js'
import { type DataOf, type Dtype, dtypeInfo } from '../block/dtype.js'
import { CHECKED_FROM } from '../block/memory-check.js'
import { allocate, NDArray, sizeOf } from '../block/ndarray.js'

/** Returns elements with any contents, in borrowed memory if they are many. All must be written. */
export function borrowElements<D extends Dtype>(dtype: D, length: number): DataOf<D> {
  const { array, bytes } = dtypeInfo(dtype)
  const buffer = length * bytes < CHECKED_FROM ? borrow(length * bytes) : undefined
  if (buffer === undefined) return allocate(dtype, length)
  return new array(buffer) as DataOf<D>
}

/** Returns a block with any contents, in borrowed memory if it is large. All elements must be written. */
export function borrowChunk<D extends Dtype>(dtype: D, shape: readonly number[]): NDArray<D> {
  return new NDArray(dtype, borrowElements(dtype, sizeOf(shape)), shape)
}

/** Keeps the memory of a chunk, which will be read after the task or by code of a user. */
export function keepChunk(chunk: NDArray): void {
  // Reading `buffer` moves a small typed array out of V8's heap.
  if (hasBorrowed()) keepBorrowed(chunk.data.buffer)
}
