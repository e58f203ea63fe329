/** Checks of the options that users pass to public functions. */
import { describeValue } from '../../core/base/describe-value.js'
import { heartbeatInterval } from './timeouts.js'

/** Throws TypeError unless `options` is an object that has no other names than these. */
export function assertOptions(options: unknown, what: string, names: readonly string[]): void {
  assertObject(options, what, ` with ${names.join(', ')}`)
  for (const name of Object.keys(options)) {
    if (names.includes(name)) continue
    throw new TypeError(`${what}: there is no option '${name}'; there are ${names.join(', ')}`)
  }
}

/** Throws TypeError unless `options` are an object; `members` says in errors what it may have. */
export function assertObject(
  options: unknown,
  what: string,
  members = '',
): asserts options is object {
  if (typeof options === 'object' && options !== null && !Array.isArray(options)) return
  throw new TypeError(`${what}: options must be an object${members}; got ${describeValue(options)}`)
}

/** Throws RangeError unless an option is a number of milliseconds, or undefined. */
export function assertTimeout(value: unknown, what: string, atLeast = 1): void {
  if (value === undefined) return
  if (typeof value === 'number' && value >= atLeast && value < 2 ** 31) return
  throw new RangeError(
    `${what} is a number of milliseconds, at least ${atLeast}, got ${String(value)}`,
  )
}

/** Throws TypeError unless an option is true, false, or undefined. */
export function assertBoolean(value: unknown, what: string): void {
  if (value === undefined || typeof value === 'boolean') return
  throw new TypeError(`${what} is true or false, got ${typeof value}`)
}

/** The shortest allowed timeout of a session, in milliseconds: one heartbeat may be late. */
export const minimumTimeout = 2 * heartbeatInterval
