/**
 * The steps of reductions: one that makes a partial value of a partition, in one pass, and one that
 * makes one partial value of several, or in the end (`last`) the result.
 *
 * Where a partition without items has nothing to say, its partial value is an empty list, and a list
 * of one value otherwise: so empty partitions are skipped, and only a bag without any items is
 * without a result.
 */
import { operations } from '../../../core/base/operations.js'
import { isThenable } from '../../../core/run/compile-recipe.js'
import {
  Count,
  Extreme,
  Mean,
  Moments,
  type MomentsValue,
  Sum,
  Truth,
} from '../engine/accumulators.js'
import { assertCombines, type CombineGuard } from '../engine/combine-guard.js'
import type { FoldState } from '../engine/program.js'
import { type Partition, PartitionStream, PeekedSource } from '../engine/stream.js'
import { readable } from './item-steps.js'

/** Nothing, or one value. */
export type Maybe<T> = readonly [] | readonly [T]

/** A value now or later. */
export type Eventual<T> = T | Promise<T>

/** Goes on with a value when it is there. */
export function after<T, U>(value: Eventual<T>, next: (value: T) => Eventual<U>): Eventual<U> {
  return isThenable(value) ? Promise.resolve(value).then(next) : next(value as T)
}

interface Accumulator {
  add(item: unknown): void
}

function total<A extends Accumulator, P>(
  partition: Partition,
  make: () => A,
  value: (accumulator: A) => P,
): Eventual<P> {
  return after(PartitionStream.of(partition).end([{ kind: 'add' }], make), value)
}

const sumOf = ({ total: sum }: Sum): Maybe<number | bigint> => (sum === undefined ? [] : [sum])

/** The sum of a partition. */
export function sumPart(partition: Partition): Eventual<Maybe<number | bigint>> {
  return total(partition, () => new Sum(), sumOf)
}

/** The sum of sums; 0 of nothing. */
export function sumMerge(parts: readonly Maybe<number | bigint>[], last: boolean): unknown {
  const sum = new Sum()
  for (const part of parts) if (part.length > 0) sum.add(part[0])
  return last ? (sum.total ?? 0) : sumOf(sum)
}

/** How many items a partition has. */
export function countPart(partition: Partition): Eventual<number> {
  return total(
    partition,
    () => new Count(),
    ({ count }) => count,
  )
}

/** The sum of counts. */
export function countMerge(parts: readonly number[]): number {
  return parts.reduce((sum, count) => sum + count, 0)
}

/** Number and sum of a partition's items. */
export function meanPart(partition: Partition): Eventual<readonly [number, number]> {
  return total(
    partition,
    () => new Mean(),
    (mean) => [mean.count, mean.total],
  )
}

/** The mean of what numbers and sums were taken of; NaN of nothing. */
export function meanMerge(parts: readonly (readonly [number, number])[], last: boolean): unknown {
  let count = 0
  let sum = 0
  for (const part of parts) {
    count += part[0]
    sum += part[1]
  }
  return last ? sum / count : [count, sum]
}

/** The moments of a partition's items. */
export function momentsPart(partition: Partition, what: string): Eventual<MomentsValue> {
  return total(
    partition,
    () => new Moments(what),
    (moments) => moments.value(),
  )
}

/** Moments of moments; in the end the variance, or its root. */
export function momentsMerge(
  parts: readonly MomentsValue[],
  last: boolean,
  what: 'var' | 'std',
  ddof: number,
): unknown {
  const moments = new Moments(what)
  for (const part of parts) moments.merge(part)
  if (!last) return moments.value()
  const freedom = moments.count - ddof
  const variance = freedom > 0 ? moments.squares / freedom : Number.NaN
  return what === 'var' ? variance : Math.sqrt(variance)
}

const extremeOf = ({ has, item }: Extreme): Maybe<unknown> => (has ? [item] : [])

/** The least (`sign` 1) or greatest (-1) item of a partition. */
export function extremePart(partition: Partition, sign: 1 | -1): Eventual<Maybe<unknown>> {
  return total(partition, () => new Extreme(sign), extremeOf)
}

/** The least of the least, or the greatest of the greatest. */
export function extremeMerge(
  parts: readonly Maybe<unknown>[],
  last: boolean,
  sign: 1 | -1,
): unknown {
  const extreme = new Extreme(sign)
  for (const part of parts) if (part.length > 0) extreme.add(part[0])
  if (!last) return extremeOf(extreme)
  if (!extreme.has) throw noItems(sign === 1 ? 'min' : 'max', 'count() says whether there are any')
  return extreme.item
}

/** Whether some item of a partition is true (`looking`), or none is false. */
export function truthPart(partition: Partition, looking: boolean): Eventual<boolean> {
  return total(
    partition,
    () => new Truth(looking),
    ({ found }) => found === looking,
  )
}

/** Whether some part is true, or none is false. */
export function truthMerge(parts: readonly boolean[], _last: boolean, looking: boolean): boolean {
  return looking ? parts.some((part) => part) : parts.every((part) => part)
}

/** What a user's function makes of a partition's items; nothing if it has none. */
export function reductionPart(partition: Partition, fn: Function): Eventual<Maybe<unknown>> {
  return after(readable(partition), (stream) => {
    const source = PeekedSource.of(stream)
    if (source === undefined) return []
    const value = after(fn(PartitionStream.from(source)) as unknown, (result) => {
      source.close()
      return [result] as const
    })
    return value
  })
}

/** What users' functions make of partial values: `aggregate` in the end, even of none, else `combine`. */
export function reductionMerge(
  parts: readonly Maybe<unknown>[],
  last: boolean,
  aggregate: Function,
  combine: Function,
): Eventual<unknown> {
  const values = parts.flat()
  if (last) return aggregate(values) as unknown
  return values.length === 0 ? [] : after(combine(values) as unknown, (value) => [value])
}

/** A partition's items folded by a function, from the first item or from an initial value. */
export function foldPart(
  partition: Partition,
  fn: Function,
  initial?: { readonly value: unknown },
): Eventual<Maybe<unknown>> {
  const makeState = (): FoldState => ({ has: false, total: freshInitial(initial?.value) })
  const kind = initial === undefined ? 'fold' : 'foldFrom'
  return after(
    PartitionStream.of(partition).end([{ kind, fn }], makeState),
    ({ has, total: value }) => (has ? [value] : []),
  )
}

/** Partial values folded by a function; in the end the result, or the initial value if there are none. */
export function foldMerge(
  parts: readonly Maybe<unknown>[],
  last: boolean,
  fn: Function,
  initial?: { readonly value: unknown },
  guard?: CombineGuard,
): Eventual<unknown> {
  const values = parts.flat()
  if (values.length === 0) {
    if (!last) return []
    if (initial === undefined) throw noItems('fold', 'give an initial value')
    return initial.value
  }
  if (values.length > 1) for (const value of values) assertCombines('fold', fn, guard, value)
  return after(foldValues(fn, values), (value) => (last ? value : [value]))
}

/** `fn(fn(a, b), c)`, waiting where `fn` gives promises. */
function foldValues(fn: Function, values: readonly unknown[]): Eventual<unknown> {
  let result = values[0]
  for (let i = 1; i < values.length; i++) {
    result = fn(result, values[i])
    if (isThenable(result)) return foldLater(fn, result, values.slice(i + 1))
  }
  return result
}

async function foldLater(
  fn: Function,
  start: unknown,
  values: readonly unknown[],
): Promise<unknown> {
  let result = await start
  for (const value of values) result = await fn(result, value)
  return result
}

/** An initial value that a function may change without others seeing it. */
export function freshInitial(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  const prototype = Object.getPrototypeOf(value) as unknown
  const plain =
    prototype === null ||
    [Object, Array, Map, Set, Date].some((known) => prototype === known.prototype) ||
    ArrayBuffer.isView(value)
  return plain ? structuredClone(value) : value
}

function noItems(what: string, advice: string): RangeError {
  return new RangeError(`${what}: the bag has no items; ${advice}`)
}

operations('collections/bag/steps/reduction-steps', {
  sumPart,
  sumMerge,
  countPart,
  countMerge,
  meanPart,
  meanMerge,
  momentsPart,
  momentsMerge,
  extremePart,
  extremeMerge,
  truthPart,
  truthMerge,
  reductionPart,
  reductionMerge,
  foldPart,
  foldMerge,
})
