/** The limit on the size of values that can be sent: one frame holds at most 4 GB. */
import { isEncoded, type StoredValue, storedSize } from '../../core/graph/stored-value.js'

/** The maximum size of a frame in bytes. Longer frames cannot be received on every version of Node. */
export const largestFrame = 2 ** 32

/**
 * Throws RangeError if a part of a value does not fit in one frame. The message says `what` the value
 * is, and what to do `instead`.
 */
export function assertSendable(value: StoredValue, what: () => string, instead: string): void {
  if (!isEncoded(value) || storedSize(value) <= largestFrame) return
  const longest = Math.max(value.head.byteLength, ...value.buffers.map((b) => b.byteLength))
  if (longest <= largestFrame) return
  throw new RangeError(
    `${what()} has an array of ${longest} bytes, and 4 GB (${largestFrame}) is the most that can be sent: ${instead}`,
  )
}
