/**
 * Checks of the arguments of collections' operations; those of all public functions are in
 * `core/base/argument-checks.ts`.
 */
import { describeValue } from '../../core/base/describe-value.js'

/** Returns `value` if it is a whole number of at least `least`. Throws a RangeError otherwise. */
export function checkWholeNumber(
  value: unknown,
  least: number,
  operation: string,
  name: string,
): number {
  if (Number.isSafeInteger(value) && (value as number) >= least) return value as number
  throw new RangeError(
    `${operation}: ${name} must be a whole number of at least ${least}, got ${describeValue(value)}`,
  )
}

/**
 * Returns how many partial values one task of a reduction merges: 8 by default, Infinity for
 * `splitEvery: false`.
 */
export function checkSplitEvery(splitEvery: unknown, operation: string): number {
  if (splitEvery === undefined) return 8
  if (splitEvery === false) return Number.POSITIVE_INFINITY
  if (Number.isSafeInteger(splitEvery) && (splitEvery as number) >= 2) return splitEvery as number
  throw new RangeError(
    `${operation}: splitEvery must be a whole number of at least 2, or false, got ${describeValue(splitEvery)}`,
  )
}

/** Whether a value is a whole number that is not negative, and so can index an array. */
export function isArrayIndex(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}
