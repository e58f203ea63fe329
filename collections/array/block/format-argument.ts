/**
 * Formats arguments for error messages of array operations.
 */

import { types } from 'node:util'
import { lazySummary } from '../../../core/base/describe-value.js'
import { RemoteValue } from '../../../core/graph/remote-value.js'

/**
 * Formats a value in at most 80 characters: JSON, with bigints as `5n`, and collections, functions,
 * promises and futures in short.
 */
export function formatArgument(value: unknown): string {
  const short = shortForm(value)
  if (short !== undefined) return short
  if (typeof value === 'number' || value === undefined) return String(value)
  const json = JSON.stringify(jsonForm(value, 0))
  return json === undefined ? typeof value : json.length > 80 ? `${json.slice(0, 77)}...` : json
}

function shortForm(value: unknown): string | undefined {
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value === 'function') return `the function ${value.name || '(anonymous)'}`
  if (types.isPromise(value)) return 'a promise'
  if (value instanceof RemoteValue) return 'a future'
  return lazySummary(value)
}

/** The depth from which nested values are left out. */
const MAX_DEPTH = 4

/** Returns a copy that JSON can show: lazy values, which refuse to be written as JSON, become strings. */
function jsonForm(value: unknown, depth: number): unknown {
  const short = shortForm(value)
  if (short !== undefined) return short
  if (typeof value !== 'object' || value === null) return value
  if (depth >= MAX_DEPTH) return '...'
  if (Array.isArray(value)) return value.slice(0, 80).map((item) => jsonForm(item, depth + 1))
  if (ArrayBuffer.isView(value)) return `a ${value.constructor.name}`
  if (types.isDate(value)) return value
  const entries = Object.entries(value).slice(0, 80)
  return Object.fromEntries(entries.map(([key, item]) => [key, jsonForm(item, depth + 1)]))
}
