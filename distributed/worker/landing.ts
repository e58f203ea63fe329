/**
 * Values from the network, made fit for executor threads: what is large is put into shared memory
 * once, so that handing it to a thread costs no copy, however often.
 */
import type { Encoded } from '../../core/codec/index.js'
import { isEncoded, type StoredValue } from '../../core/stored-value.js'

/** Smaller pieces are cheaper to copy for each thread than to put into memory of their own. */
const shareFrom = 4096

/** The value with its large buffers in shared memory. */
export function land(value: StoredValue): StoredValue {
  return isEncoded(value) ? landEncoded(value) : value
}

/** The same for what is known to be encoded. */
export function landEncoded(value: Encoded): Encoded {
  const { head, buffers, bundles } = value
  if (head.byteLength < shareFrom && buffers.length === 0) return value
  return { head: toShared(head), buffers: buffers.map(toShared), bundles }
}

function toShared(bytes: Uint8Array): Uint8Array {
  if (bytes.byteLength < shareFrom || (bytes.buffer as unknown) instanceof SharedArrayBuffer) {
    return bytes
  }
  const copy = new Uint8Array(new SharedArrayBuffer(bytes.byteLength))
  copy.set(bytes)
  return copy
}
