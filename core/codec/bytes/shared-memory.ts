/**
 * Bytes in shared memory, which all threads of a process have without a copy.
 *
 * What is put to rest lies there, so an array is copied once when its owner may still change it, and
 * never again on its way to a thread, however many there are.
 */
import type { Encoded } from './encoded.js'

/** A piece from this size on is worth memory of its own. */
const SHARE_FROM = 4096

/** The same bytes in shared memory: as they are if they lie there already, else copied once. */
export function toShared(bytes: Uint8Array): Uint8Array {
  if ((bytes.buffer as ArrayBufferLike) instanceof SharedArrayBuffer) return bytes
  const copy = new Uint8Array(new SharedArrayBuffer(bytes.byteLength))
  copy.set(bytes)
  return copy
}

/** An encoded value whose larger pieces lie in shared memory. */
export function inSharedMemory(encoded: Encoded): Encoded {
  const { head, buffers, bundles } = encoded
  if (head.byteLength < SHARE_FROM && buffers.length === 0) return encoded
  return { head: share(head), buffers: buffers.map(share), bundles }
}

/** An encoded value whose buffers are no longer those of the value it was made of. */
export function withCopiedBuffers(encoded: Encoded): Encoded {
  const { head, buffers, bundles } = encoded
  if (head.byteLength < SHARE_FROM && buffers.length === 0) return encoded
  return { head: share(head), buffers: buffers.map(toShared), bundles }
}

function share(bytes: Uint8Array): Uint8Array {
  return bytes.byteLength < SHARE_FROM ? bytes : toShared(bytes)
}
