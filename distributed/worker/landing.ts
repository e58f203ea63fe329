/**
 * Values from the network, made fit for executor threads: what is large is put into shared memory
 * once, so that handing it to a thread costs no copy, however often.
 */
import { inSharedMemory } from '../../core/codec/index.js'
import { isEncoded, type StoredValue, storedSize } from '../../core/stored-value.js'
import { largestFrame } from '../zmq.js'

/** Fails for a result of which a part is longer than what a message can hold. */
export function assertSendable(value: StoredValue): void {
  if (!isEncoded(value) || storedSize(value) <= largestFrame) return
  const longest = Math.max(value.head.byteLength, ...value.buffers.map((b) => b.byteLength))
  if (longest <= largestFrame) return
  throw new RangeError(
    `The result has an array of ${(longest / 2 ** 30).toFixed(1)} GB, and 4 GB is the most that can be sent: split it into several results`,
  )
}

/** The value with its large buffers in shared memory. */
export function land(value: StoredValue): StoredValue {
  return isEncoded(value) ? inSharedMemory(value) : value
}
