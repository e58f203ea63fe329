/**
 * A check for folds without `combine` and without an initial value. Such a fold joins the totals of
 * partitions with the folding function itself, as Dask does. That is right only for functions with
 * `f(f(a, b), c) = f(a, f(b, c))`; for others, such as `(a, b) => a - b` or `(t, x) => ({ n: t.n + 1 })`,
 * the result would depend on the partitions and might still look right.
 *
 * The check calls the function with copies of two or three totals and compares both sides.
 */

import { types } from 'node:util'
import { describeValue } from '../../../core/base/describe-value.js'
import { deepCopy } from '../../../core/graph/serialized-params.js'
import { isThenable } from '../../../core/run/compile-recipe.js'
import { type MaybePromise, whenReady } from './partial-values.js'

type Operation = 'fold' | 'foldby'

/**
 * Throws a TypeError if `fn` cannot join totals, or returns a promise that is rejected with it if `fn` is
 * asynchronous. Errors that `fn` throws are ignored here: it throws them again when it joins the totals.
 */
export function assertJoinsTotals(
  operation: Operation,
  fn: Function,
  totals: readonly unknown[],
): MaybePromise<undefined> {
  if (totals.length < 2) return undefined
  const [a, b, c] = totals
  // The first two hold for all functions that are commutative, the others do not.
  const triples: (readonly unknown[])[] = [
    [a, b, a],
    [b, a, b],
    [a, b, b],
    [a, a, b],
  ]
  if (totals.length > 2) triples.push([a, b, c])
  return assertTriples(operation, fn, triples)
}

function assertTriples(
  operation: Operation,
  fn: Function,
  triples: readonly (readonly unknown[])[],
): MaybePromise<undefined> {
  const [triple, ...rest] = triples
  if (triple === undefined) return undefined
  const next = (sides: Sides | undefined): MaybePromise<undefined> => {
    if (sides !== undefined) assertEqualSides(operation, triple, sides)
    return assertTriples(operation, fn, rest)
  }
  return whenReady(bothSides(fn, triple), next)
}

interface Sides {
  readonly left: unknown
  readonly right: unknown
}

/** Returns `f(f(a, b), c)` and `f(a, f(b, c))`. Undefined if `fn` throws or the totals cannot be copied. */
function bothSides(fn: Function, triple: readonly unknown[]): MaybePromise<Sides | undefined> {
  try {
    const copy = (): unknown[] => triple.map((total) => deepCopy(total, ['total']))
    const [a, b, c] = copy()
    const [d, e, f] = copy()
    const left = whenReady(fn(a, b) as unknown, (total) => fn(total, c) as unknown)
    const right = whenReady(fn(e, f) as unknown, (total) => fn(d, total) as unknown)
    if (!isThenable(left) && !isThenable(right)) return { left, right }
    return Promise.all([left, right]).then(
      ([x, y]) => ({ left: x, right: y }),
      () => undefined,
    )
  } catch {
    return undefined
  }
}

function assertEqualSides(
  operation: Operation,
  [a, b, c]: readonly unknown[],
  { left, right }: Sides,
): void {
  const scale = Math.max(...[a, b, c, left, right].map((value) => magnitude(value, 0)))
  if (isSame(left, right, scale, 0)) return
  const usage =
    operation === 'fold'
      ? 'fold(binop, { combine }), or an initial value, so that the partitions are folded one after another: fold(binop, { initial })'
      : 'foldby(key, binop, { initial, combine }), or only an initial value, so that the items of a group are folded in order: foldby(key, binop, initial)'
  throw new TypeError(
    `${operation}: the function cannot join the totals of partitions: for the totals a = ${show(a)}, b = ${show(b)} and c = ${show(c)}, f(f(a, b), c) is ${show(left)} but f(a, f(b, c)) is ${show(right)}; say how to join two totals: ${usage}`,
  )
}

/** Describes a total; a small object by its content. */
function show(value: unknown): string {
  if (typeof value !== 'object' || value === null) return describeValue(value)
  try {
    const json = JSON.stringify(value)
    return json !== undefined && json.length <= 80 ? json : describeValue(value)
  } catch {
    return describeValue(value)
  }
}

/** Containers that are nested deeper are taken as equal. */
const MOST_DEPTH = 6
/** Lists and Maps are compared in their first entries. */
const MOST_ENTRIES = 1000

/** Returns the largest absolute value of the numbers in a value. */
function magnitude(value: unknown, depth: number): number {
  if (typeof value === 'number') return Number.isFinite(value) ? Math.abs(value) : 0
  let most = 0
  for (const part of partsOf(value, depth)) most = Math.max(most, magnitude(part, depth + 1))
  return most
}

/** Whether two values are equal but for the rounding of numbers of the magnitude `scale`. */
function isSame(a: unknown, b: unknown, scale: number, depth: number): boolean {
  if (Object.is(a, b) || a === b) return true
  if (typeof a === 'number' && typeof b === 'number') {
    const rounding = Number.isInteger(a) && Number.isInteger(b) ? 1e-14 : 1e-9
    return Math.abs(a - b) <= rounding * scale
  }
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) {
    return typeof a === 'function' && typeof b === 'function'
  }
  const partsA = partsOf(a, depth)
  const partsB = partsOf(b, depth)
  return (
    partsA.length === partsB.length &&
    partsA.every((part, i) => isSame(part, partsB[i], scale, depth + 1))
  )
}

/** Returns what a value is made of: the items of a list or Map, the fields of an object, the time of a date. */
function partsOf(value: unknown, depth: number): readonly unknown[] {
  if (typeof value !== 'object' || value === null || depth === MOST_DEPTH) return []
  if (types.isDate(value)) return [value.getTime()]
  if (types.isMap(value) || types.isSet(value)) {
    return [value.size, ...[...value].slice(0, MOST_ENTRIES)]
  }
  if (Array.isArray(value)) return [value.length, ...value.slice(0, MOST_ENTRIES)]
  if (ArrayBuffer.isView(value) && !types.isDataView(value)) {
    return Array.from((value as Uint8Array).subarray(0, MOST_ENTRIES))
  }
  const names = Object.keys(value).sort().slice(0, MOST_ENTRIES)
  return names.flatMap((name) => [name, (value as Record<string, unknown>)[name]])
}
