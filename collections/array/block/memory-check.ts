/**
 * Refusals of arrays that cannot fit the memory, before anything is allocated. The system would end the
 * process without a word.
 */
import { availableMemory, formatByteSize } from '../../../core/base/available-memory.js'
import { type Dtype, dtypeInfo } from './dtype.js'

/** Blocks of fewer bytes are allocated without a check. */
export const CHECKED_FROM = 2 ** 30

/**
 * Throws a RangeError if one block of `length` elements exceeds the memory of this process.
 */
export function assertBlockFits(dtype: Dtype, length: number): void {
  const bytes = length * dtypeInfo(dtype).bytes
  const memory = availableMemory()
  if (bytes <= memory) return
  throw new RangeError(
    `a block of ${length} elements of ${dtype} takes ${formatByteSize(bytes)}, more than the memory of ${formatByteSize(memory)}; use smaller blocks, for example x.rechunk('auto') or the option chunks`,
  )
}

/**
 * Throws a RangeError if the computed value of an array exceeds the memory of this process: the blocks,
 * and as much again for the whole that they are joined to.
 */
export function assertResultFits(
  operation: string,
  array: { readonly dtype: Dtype; readonly shape: readonly number[]; readonly blocks: number },
): void {
  const { dtype, shape, blocks } = array
  const bytes = shape.reduce((size, n) => size * n, dtypeInfo(dtype).bytes)
  // Of an array whose shape is not known, every block is checked when it is made.
  if (bytes < CHECKED_FROM / 2 || Number.isNaN(bytes)) return
  const joins = operation === 'compute' && blocks > 1
  const needed = joins ? 2 * bytes : bytes
  const memory = availableMemory()
  if (needed <= memory) return
  const joined = joins ? ` and as much again while its ${blocks} blocks are joined` : ''
  throw new RangeError(
    `${operation}: the result, ${dtype} of shape [${shape.join(', ')}], takes ${formatByteSize(bytes)}${joined}, more than the memory of ${formatByteSize(memory)}; ` +
      "reduce it first, such as x.mean(0), compute a part, such as x.at('0:1000'), or store its blocks by tasks of their own, with x.toDelayed()",
  )
}
