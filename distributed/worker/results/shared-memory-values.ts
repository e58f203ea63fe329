/**
 * Moves values from the network into shared memory, once, so that handing them to executor threads
 * costs no copy.
 */
import { inSharedMemory } from '../../../core/codec/index.js'
import { isEncoded, type StoredValue } from '../../../core/graph/stored-value.js'

/** Returns the value with its large buffers in shared memory. */
export function moveToSharedMemory(value: StoredValue): StoredValue {
  return isEncoded(value) ? inSharedMemory(value) : value
}
