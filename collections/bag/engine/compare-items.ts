/**
 * The order of items: numbers with bigints, strings, booleans and dates, each among their own kind, and
 * arrays item by item. Comparing anything else throws, since the result of `<` would be meaningless.
 */

import { types } from 'node:util'
import { describeValue } from '../../../core/base/describe-value.js'

/**
 * Returns a negative number, zero or a positive number if `a` comes before, with or after `b`.
 *
 * @throws TypeError, naming the operation, if the items cannot be compared.
 */
export function compareItems(a: unknown, b: unknown, operation: string): number {
  if (typeof a === 'number' && typeof b === 'number') return compareNumbers(a, b)
  if (typeof a === 'string' && typeof b === 'string') return a < b ? -1 : a > b ? 1 : 0
  if (isNumeric(a) && isNumeric(b)) return a < b ? -1 : a > b ? 1 : 0
  if (typeof a === 'boolean' && typeof b === 'boolean') return Number(a) - Number(b)
  if (isDate(a) && isDate(b)) return compareNumbers(a.getTime(), b.getTime())
  if (Array.isArray(a) && Array.isArray(b)) {
    const shared = Math.min(a.length, b.length)
    for (let i = 0; i < shared; i++) {
      const order = compareItems(a[i], b[i], operation)
      if (order !== 0) return order
    }
    return a.length - b.length
  }
  throw new TypeError(
    `${operation}: cannot compare ${describeValue(a)} with ${describeValue(b)}; remove such items with filter, or compare by a key`,
  )
}

/** Throws a TypeError for an item that cannot be compared with anything, even if it is the only one. */
export function assertComparable(item: unknown, operation: string): void {
  compareItems(item, item, operation)
}

/** NaN comes before all numbers, so `topk` puts it last. */
function isDate(value: unknown): value is Date {
  return value instanceof Date || types.isDate(value)
}

function compareNumbers(a: number, b: number): number {
  if (a < b) return -1
  if (a > b) return 1
  if (a === b) return 0
  return Number(Number.isNaN(b)) - Number(Number.isNaN(a))
}

function isNumeric(value: unknown): value is number | bigint {
  return typeof value === 'number' || typeof value === 'bigint'
}
