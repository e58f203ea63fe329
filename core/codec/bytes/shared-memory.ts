/**
 * Bytes in shared memory, which all threads of a process can read without a copy.
 *
 * Stored values use it: an array is copied once, because its owner may still change it, and never
 * again for any thread.
 */
import { types } from 'node:util'
import { noteUsed } from '../../base/collect-garbage.js'
import type { Encoded } from './encoded.js'

/** Pieces from this size on, in bytes, are moved to shared memory. */
const SHARE_FROM = 4096

/** Returns the same bytes in shared memory; copies them unless they are there already. */
export function toShared(bytes: Uint8Array): Uint8Array {
  if (types.isSharedArrayBuffer(bytes.buffer)) return bytes
  const copy = new Uint8Array(new SharedArrayBuffer(bytes.byteLength))
  copy.set(bytes)
  noteUsed(bytes.byteLength)
  return copy
}

/** Returns an encoded value whose larger pieces are in shared memory. */
export function inSharedMemory(encoded: Encoded): Encoded {
  const { head, buffers, bundles } = encoded
  if (head.byteLength < SHARE_FROM && buffers.length === 0) return encoded
  return { head: share(head), buffers: buffers.map(share), bundles }
}

/** Returns an encoded value whose buffers are copies, independent of the original value. */
export function withCopiedBuffers(encoded: Encoded): Encoded {
  const { head, buffers, bundles } = encoded
  if (head.byteLength < SHARE_FROM && buffers.length === 0) return encoded
  return { head: share(head), buffers: buffers.map(toShared), bundles }
}

function share(bytes: Uint8Array): Uint8Array {
  return bytes.byteLength < SHARE_FROM ? bytes : toShared(bytes)
}
