/**
 * The order of items: numbers, bigints, texts, booleans and dates among their own kind, and arrays
 * item by item. Anything else has no order here, and asking for it is an error rather than the
 * accident that `<` would make of it.
 */
import { describeValue } from '../../base/describe-value.js'

/** Negative, zero or positive, as `a` comes before, with or after `b`; `what` names the operation. */
export function compareItems(a: unknown, b: unknown, what: string): number {
  if (typeof a === 'number' && typeof b === 'number') return compareNumbers(a, b)
  if (typeof a === 'string' && typeof b === 'string') return a < b ? -1 : a > b ? 1 : 0
  if (isNumeric(a) && isNumeric(b)) return a < b ? -1 : a > b ? 1 : 0
  if (typeof a === 'boolean' && typeof b === 'boolean') return Number(a) - Number(b)
  if (a instanceof Date && b instanceof Date) return compareNumbers(a.getTime(), b.getTime())
  if (Array.isArray(a) && Array.isArray(b)) {
    const shared = Math.min(a.length, b.length)
    for (let i = 0; i < shared; i++) {
      const order = compareItems(a[i], b[i], what)
      if (order !== 0) return order
    }
    return a.length - b.length
  }
  throw new TypeError(
    `${what}: cannot compare ${describeValue(a)} with ${describeValue(b)}; leave such items out by filter, or compare by a key`,
  )
}

/** Fails for an item that could never be compared, so that a lone one is refused too. */
export function assertComparable(item: unknown, what: string): void {
  compareItems(item, item, what)
}

/** NaN comes before all numbers, so that there is an order at all, and `topk` wants it last. */
function compareNumbers(a: number, b: number): number {
  if (a < b) return -1
  if (a > b) return 1
  if (a === b) return 0
  return Number(Number.isNaN(b)) - Number(Number.isNaN(a))
}

function isNumeric(value: unknown): value is number | bigint {
  return typeof value === 'number' || typeof value === 'bigint'
}
