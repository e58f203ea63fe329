/**
 * Values as they were when an operation was added: later changes by the user, or by a task that
 * works in place, do not reach them.
 */

import { NotPortableError } from '../base/errors.js'
import type { Key } from '../base/keys.js'
import { decode, encode, toShared } from '../codec/index.js'
import { load, type StoredValue, store } from './stored-value.js'

/** A value at rest among a layer's parameters; every task that reads it gets a copy of its own. */
export class SerializedParam {
  readonly stored: StoredValue
  constructor(stored: StoredValue) {
    this.stored = stored
  }

  thaw(): unknown {
    return load(this.stored)
  }
}

/** Puts a value to rest; primitives stay as they are. Throws NotPortableError for what cannot travel. */
export function serializeParam(value: unknown, path: readonly string[]): unknown {
  if (typeof value !== 'object' || value === null) return value
  return new SerializedParam(encode(value, { shared: true, path }))
}

/**
 * A copy that shares nothing with the value, but for what lies in shared memory. Its large arrays are
 * put there, for all threads to read. Throws NotPortableError for what cannot travel.
 */
export function deepCopy<T>(value: T, path: readonly string[]): T {
  if (typeof value !== 'object' || value === null) return value
  const encoded = encode(value, { path })
  return decode({ head: encoded.head, buffers: encoded.buffers.map(ownCopy) }) as T
}

/** Arrays up to this size each thread has for itself. */
const ownUpTo = 1 << 20

function ownCopy(bytes: Uint8Array): Uint8Array {
  const isShared = (bytes.buffer as ArrayBufferLike) instanceof SharedArrayBuffer
  return isShared || bytes.byteLength > ownUpTo ? toShared(bytes) : bytes.slice()
}

/** Parameters as a task gets them. */
export function loadParams(params: readonly unknown[]): readonly unknown[] {
  for (let i = 0; i < params.length; i++) {
    if (params[i] instanceof SerializedParam) {
      return params.map((param) => (param instanceof SerializedParam ? param.thaw() : param))
    }
  }
  return params
}

/**
 * A parameter of a planned task at rest, in memory of its own, to be sent to where the task runs.
 * Throws NotPortableError, whose path begins with the task's key and the number of the parameter.
 */
export function storeParam(
  plan: { key(task: number): Key },
  task: number,
  i: number,
  param: unknown,
): StoredValue {
  if (param instanceof SerializedParam) return param.stored
  try {
    return store(param, { shared: true })
  } catch (error) {
    if (!(error instanceof NotPortableError)) throw error
    const inside = error.path[0] === 'value' ? error.path.slice(1) : error.path
    throw new NotPortableError([plan.key(task), `value ${i + 1}`, ...inside], error.reason)
  }
}
