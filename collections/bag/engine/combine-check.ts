/**
 * A check for folds without a `combine` function. Such a fold joins the totals of partitions with the
 * folding function itself. A function of a total and an item may not be able to do that, and its result
 * may still look right: `(n, item) => n + 1` would count partitions.
 *
 * A function that can join totals returns a total unchanged when it is folded into the initial value,
 * as 0 + 5 is 5. The check calls it once so.
 */
import { isThenable } from '../../../core/run/compile-recipe.js'
import { describeValue } from '../../base/describe-value.js'

/** The initial value of a fold without `combine`. Undefined if the fold needs no check. */
export type CombineCheck = { readonly initial: unknown } | undefined

/**
 * Throws a TypeError if `fn` cannot join totals. Totals that are objects and functions that return
 * promises are not checked.
 */
export function assertCombinesTotals(
  operation: 'fold' | 'foldby',
  fn: Function,
  check: CombineCheck,
  total: unknown,
): void {
  if (check === undefined || isObject(check.initial) || isObject(total)) return
  const result = resultOrError(fn, check.initial, total)
  if (isThenable(result)) {
    result.then(undefined, () => {})
    return
  }
  if (Object.is(result, total) || result === total) return
  const signature =
    operation === 'fold'
      ? 'fold(binop, { initial, combine })'
      : 'foldby(key, binop, initial, combine)'
  throw new TypeError(
    `${operation}: the function returned ${describeValue(result)} for the initial value ${describeValue(check.initial)} and a partition's total ${describeValue(total)}, so it cannot join the totals of partitions; say how to join two totals: ${signature}`,
  )
}

/** Calls a function. An error counts as its result: it expected an item and got a total. */
function resultOrError(fn: Function, initial: unknown, total: unknown): unknown {
  try {
    return fn(initial, total)
  } catch (error) {
    return error
  }
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null
}
