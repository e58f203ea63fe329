/**
 * Serializes thrown values. A value that cannot be sent is replaced by a copy. In the copy, each property
 * that cannot be sent is a string that says why it was left out.
 */
import { inspect } from 'node:util'
import { isError, NotPortableError } from '../../base/errors.js'
import { type StoredValue, store } from '../../graph/stored-value.js'

/** The most nested causes that are copied. */
const maxDepth = 20

/** Serializes what a task threw. */
export function serializeError(thrown: unknown): StoredValue {
  try {
    return store(thrown)
  } catch {
    return store(portableCopy(thrown, 0))
  }
}

/** Copies what can be sent of a thrown value. Every read of it may throw. */
function portableCopy(thrown: unknown, depth: number): Error {
  if (!isError(thrown)) return new Error(`A task threw ${show(thrown)}`)
  const copy = new Error()
  for (const key of Reflect.ownKeys(copy)) Reflect.deleteProperty(copy, key)
  const prototype: unknown = attempt(() => Object.getPrototypeOf(thrown))
  if (typeof prototype === 'object') Object.setPrototypeOf(copy, prototype)
  for (const key of [
    'name',
    'message',
    'stack',
    ...(attempt(() => Reflect.ownKeys(thrown)) ?? []),
  ]) {
    if (typeof key === 'string' && !Object.hasOwn(copy, key)) copyProperty(copy, thrown, key, depth)
  }
  try {
    store(copy)
    return copy
  } catch {
    // Its class prevents it from being sent.
    Object.setPrototypeOf(copy, Error.prototype)
    return copy
  }
}

/** Copies one property, or sets it to a string that says why it cannot be sent. */
function copyProperty(copy: Error, thrown: Error, key: string, depth: number): void {
  const property = attempt(() => Object.getOwnPropertyDescriptor(thrown, key))
  // Properties that the copy inherits from its class need no copy.
  if (property === undefined && key !== 'stack' && attempt(() => key in copy)) return
  const value = attempt(() => (thrown as unknown as Record<string, unknown>)[key])
  const enumerable = property?.enumerable ?? false
  const set = (copied: unknown): void => {
    const facts = { value: copied, enumerable, writable: true, configurable: true }
    Object.defineProperty(copy, key, facts)
  }
  try {
    store(value)
    set(value)
  } catch (error) {
    if (isError(value) && depth < maxDepth) set(portableCopy(value, depth + 1))
    else
      set(`[left out: ${error instanceof NotPortableError ? error.reason : 'it cannot be read'}]`)
  }
}

function show(thrown: unknown): string {
  const shown = attempt(() => inspect(thrown, { depth: 1, breakLength: Number.POSITIVE_INFINITY }))
  if (shown === undefined) return 'something that cannot be shown'
  return shown.length > 500 ? `${shown.slice(0, 500)}...` : shown
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}
