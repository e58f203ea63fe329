/**
 * Values from the network, made fit for executor threads: what is large is put into shared memory
 * once, so that handing it to a thread costs no copy, however often.
 */
import { inSharedMemory } from '../../../core/codec/index.js'
import { isEncoded, type StoredValue } from '../../../core/graph/stored-value.js'

/** The value with its large buffers in shared memory. */
export function land(value: StoredValue): StoredValue {
  return isEncoded(value) ? inSharedMemory(value) : value
}
