/** What is too large to be sent: one frame holds 4 GB. */
import { isEncoded, type StoredValue, storedSize } from '../../core/graph/stored-value.js'

/** Bytes that one frame may have: longer ones could not be received on every version of Node. */
export const largestFrame = 2 ** 32

/** Fails for a value of which a part is longer than what a frame can hold; `what` it is, and `instead` what to do. */
export function assertSendable(value: StoredValue, what: () => string, instead: string): void {
  if (!isEncoded(value) || storedSize(value) <= largestFrame) return
  const longest = Math.max(value.head.byteLength, ...value.buffers.map((b) => b.byteLength))
  if (longest <= largestFrame) return
  throw new RangeError(
    `${what()} has an array of ${longest} bytes, and 4 GB (${largestFrame}) is the most that can be sent: ${instead}`,
  )
}
