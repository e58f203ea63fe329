/**
 * Serialized parameters: values of layers that are encoded when an operation is added. So later changes
 * by the user, or by a task that modifies its parameters, do not affect them.
 */

import { types } from 'node:util'
import { NotPortableError } from '../base/errors.js'
import type { Key } from '../base/keys.js'
import { decode, decodeCopy, encode, type SeparateFunctions, toShared } from '../codec/index.js'
import { load, type StoredValue, store } from './stored-value.js'

/** A serialized parameter of a layer. Every task that reads it gets its own copy. */
export class SerializedParam {
  private encoded: StoredValue
  /** The value, until it is serialized. */
  private live: { readonly value: unknown } | undefined

  constructor(stored: StoredValue) {
    this.encoded = stored
  }

  /** Returns a parameter that is serialized when it is first sent. */
  static later(value: unknown): SerializedParam {
    const param = new SerializedParam(undefined)
    param.live = { value }
    return param
  }

  /** Whether the value has been serialized. */
  get isSerialized(): boolean {
    return this.live === undefined
  }

  /**
   * The serialized value.
   *
   * @throws NotPortableError if it cannot be sent.
   */
  get stored(): StoredValue {
    if (this.live !== undefined) {
      this.encoded = store(this.live.value, { shared: true })
      this.live = undefined
    }
    return this.encoded
  }

  /** Decodes a new copy of the value. */
  load(): unknown {
    return this.live === undefined ? load(this.encoded) : this.live.value
  }
}

/**
 * Serializes a value, to be a parameter of a layer; primitives are returned unchanged.
 *
 * @throws NotPortableError, with `path` before the path inside the value, if it cannot be sent.
 */
export function serializeParam(value: unknown, path: readonly string[]): unknown {
  if (typeof value !== 'object' || value === null) return value
  return new SerializedParam(encode(value, { shared: true, path }))
}

/**
 * Returns a parameter for a value that nobody changes, such as a computed block: it is serialized once, when it is first sent.
 * Until then, all tasks in this thread read the value itself. Primitives are returned unchanged.
 */
export function serializeLater(value: unknown): unknown {
  return typeof value !== 'object' || value === null ? value : SerializedParam.later(value)
}

/**
 * Copies a value deeply. Only shared memory is shared with the original. Arrays above 1 MB are copied to
 * shared memory, where all threads can read them.
 *
 * @throws NotPortableError, with `path` before the path inside the value, if it cannot be sent.
 */
export function deepCopy<T>(value: T, path: readonly string[]): T {
  if (typeof value !== 'object' || value === null) return value
  const { head, buffers, bundles } = encode(value, { path })
  return decode({ head, buffers: buffers.map(copyBuffer), bundles }) as T
}

/**
 * Copies a value for a task of this thread; `copies` has the functions of all its copies. Only shared
 * memory is shared with the original.
 *
 * @throws NotPortableError, with `path` before the path inside the value, if it cannot be copied.
 */
export function copyForTask(
  value: unknown,
  path: readonly string[],
  copies: SeparateFunctions,
): unknown {
  const { head, buffers, bundles } = encode(value, { path, functions: copies })
  return decodeCopy({ head, buffers: buffers.map(copyBuffer), bundles }, copies)
}

/** Arrays up to this many bytes are not put in shared memory: every thread gets its own copy. */
const maxUnshared = 1 << 20

function copyBuffer(bytes: Uint8Array): Uint8Array {
  const isShared = types.isSharedArrayBuffer(bytes.buffer)
  return isShared || bytes.byteLength > maxUnshared ? toShared(bytes) : bytes.slice()
}

/** Returns parameters as a task receives them: serialized ones decoded, the others unchanged. */
export function loadParams(params: readonly unknown[]): readonly unknown[] {
  for (let i = 0; i < params.length; i++) {
    if (params[i] instanceof SerializedParam) {
      return params.map((param) => (param instanceof SerializedParam ? param.load() : param))
    }
  }
  return params
}

/**
 * Serializes the `i`-th parameter of a planned task, so that it can be sent to where the task runs.
 *
 * @throws NotPortableError, whose path begins with the task's key and the number of the parameter.
 */
export function storeParam(
  plan: { key(task: number): Key },
  task: number,
  i: number,
  param: unknown,
): StoredValue {
  try {
    return param instanceof SerializedParam ? param.stored : store(param, { shared: true })
  } catch (error) {
    if (!(error instanceof NotPortableError)) throw error
    const inside = error.path[0] === 'value' ? error.path.slice(1) : error.path
    throw new NotPortableError([plan.key(task), `value ${i + 1}`, ...inside], error.reason)
  }
}
