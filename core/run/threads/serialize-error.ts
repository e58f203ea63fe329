/**
 * What a task threw, as bytes. A thrown thing that cannot travel is replaced by an account of it, in
 * which every part that can travel is itself, and every other says why it is not there.
 */
import { inspect } from 'node:util'
import { NotPortableError } from '../../base/errors.js'
import { type StoredValue, store } from '../../graph/stored-value.js'

/** Causes that are told of, one within the other. */
const deepest = 20

/** What a task threw, as bytes. */
export function serializeError(thrown: unknown): StoredValue {
  try {
    return store(thrown)
  } catch {
    return store(accountOf(thrown, 0))
  }
}

/** What can be told of a thrown thing; reading it may fail in every way. */
function accountOf(thrown: unknown, depth: number): Error {
  if (!(thrown instanceof Error)) return new Error(`A task threw ${show(thrown)}`)
  const told = new Error()
  for (const key of Reflect.ownKeys(told)) Reflect.deleteProperty(told, key)
  const prototype: unknown = attempt(() => Object.getPrototypeOf(thrown))
  if (typeof prototype === 'object') Object.setPrototypeOf(told, prototype)
  for (const key of [
    'name',
    'message',
    'stack',
    ...(attempt(() => Reflect.ownKeys(thrown)) ?? []),
  ]) {
    if (typeof key === 'string' && !Object.hasOwn(told, key)) tell(told, thrown, key, depth)
  }
  try {
    store(told)
    return told
  } catch {
    // Its class does not let it be told of as one of its own.
    Object.setPrototypeOf(told, Error.prototype)
    return told
  }
}

/** Gives the account one property, or says why it cannot. */
function tell(told: Error, thrown: Error, key: string, depth: number): void {
  const property = attempt(() => Object.getOwnPropertyDescriptor(thrown, key))
  // What the class says of all its errors is no error's own.
  if (property === undefined && key !== 'stack' && attempt(() => key in told)) return
  const value = attempt(() => (thrown as unknown as Record<string, unknown>)[key])
  const enumerable = property?.enumerable ?? false
  const set = (shown: unknown): void => {
    const facts = { value: shown, enumerable, writable: true, configurable: true }
    Object.defineProperty(told, key, facts)
  }
  try {
    store(value)
    set(value)
  } catch (error) {
    if (value instanceof Error && depth < deepest) set(accountOf(value, depth + 1))
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
