/**
 * A guard for folds without a `combine`: the folding function then joins totals of partitions too.
 * A function made for a total and an item cannot do that, and what it makes of two totals may look
 * right: `(n, item) => n + 1` counts partitions. But one that can gives a total back when it is
 * folded into the initial value, as 0 + 5 is 5; that can be asked.
 */
import { isThenable } from '../../../core/run/compile-recipe.js'
import { describeValue } from '../../base/describe-value.js'

/** What a merge must know to ask; undefined when the user said how to combine. */
export type CombineGuard = { readonly initial: unknown } | undefined

/** Fails if a function cannot join totals; only totals that are no objects are asked about. */
export function assertCombines(
  operation: 'fold' | 'foldby',
  fn: Function,
  guard: CombineGuard,
  total: unknown,
): void {
  if (guard === undefined || isObject(guard.initial) || isObject(total)) return
  const again = callOf(fn, guard.initial, total)
  if (isThenable(again)) {
    again.then(undefined, () => {})
    return
  }
  if (Object.is(again, total) || again === total) return
  const signature =
    operation === 'fold'
      ? 'fold(binop, { initial, combine })'
      : 'foldby(key, binop, initial, combine)'
  throw new TypeError(
    `${operation}: the function made ${describeValue(again)} of the initial value ${describeValue(guard.initial)} and a partition's total ${describeValue(total)}, so it cannot join the totals of partitions; say how to join two totals: ${signature}`,
  )
}

/** What a function gives; what it throws, it makes of a total that it took for an item. */
function callOf(fn: Function, initial: unknown, total: unknown): unknown {
  try {
    return fn(initial, total)
  } catch (error) {
    return error
  }
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null
}
