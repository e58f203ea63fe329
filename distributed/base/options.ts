/** Checks of options at the call that got them. */
import { heartbeatInterval } from './timeouts.js'

/** Fails unless options are an object that has no other names than these. */
export function assertOptions(options: unknown, what: string, names: readonly string[]): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    const given = options === null ? 'null' : Array.isArray(options) ? 'an array' : typeof options
    throw new TypeError(`${what}: options must be an object with ${names.join(', ')}; got ${given}`)
  }
  for (const name of Object.keys(options)) {
    if (names.includes(name)) continue
    throw new TypeError(`${what}: there is no option '${name}'; there are ${names.join(', ')}`)
  }
}

/** Fails unless an option is a number of milliseconds, or undefined. */
export function assertTimeout(value: unknown, what: string, atLeast = 1): void {
  if (value === undefined) return
  if (typeof value === 'number' && value >= atLeast && value < 2 ** 31) return
  throw new RangeError(
    `${what} is a number of milliseconds, at least ${atLeast}, got ${String(value)}`,
  )
}

/** Fails unless an option is true, false, or undefined. */
export function assertBoolean(value: unknown, what: string): void {
  if (value === undefined || typeof value === 'boolean') return
  throw new TypeError(`${what} is true or false, got ${typeof value}`)
}

/** The least time of silence after which somebody may be given up: a heartbeat may come late. */
export const minimumTimeout = 2 * heartbeatInterval
