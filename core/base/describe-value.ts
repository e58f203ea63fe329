/**
 * Short descriptions of values for error messages.
 */
import { types } from 'node:util'
import { plainUseAdvice } from './plain-use.js'
import { findProcessBoundReason } from './process-bound.js'

/**
 * Returns the summary that a collection or a future gives of itself, such as
 * `Bag<map-1f…, 3 partitions>`, so that no message prints a whole graph. Returns undefined for other
 * values.
 */
export function lazySummary(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null || !(plainUseAdvice in value)) return undefined
  return value.toString()
}

/** Describes a value in a few characters. Strings are quoted and cut after 40 characters. */
export function describeValue(value: unknown): string {
  if (typeof value === 'string') {
    return value.length > 40 ? `${JSON.stringify(value.slice(0, 40))}...` : JSON.stringify(value)
  }
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value === 'function') return `the function ${value.name || '(anonymous)'}`
  if (typeof value !== 'object' || value === null) return String(value)
  if (Array.isArray(value)) return `an array of ${value.length}`
  if (types.isDate(value))
    return `the date ${Number.isNaN(value.getTime()) ? 'NaN' : value.toISOString()}`
  const summary = lazySummary(value)
  if (summary !== undefined) return summary
  if (types.isPromise(value)) return 'a promise; write await before it'
  if (Symbol.asyncIterator in value)
    return 'an asynchronous iterable; collect its items first, with for await'
  if (findProcessBoundReason(value) !== undefined) return String(value)
  const name = Object.getPrototypeOf(value)?.constructor?.name
  const keys = Object.keys(value)
  const shown = keys.slice(0, 5).join(', ') + (keys.length > 5 ? ', ...' : '')
  return `${name === 'Object' || name === undefined ? 'an object' : `a ${name}`} { ${shown} }`
}
