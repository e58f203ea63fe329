/**
 * The steps of reductions. A `...Part` step makes a partial value of a partition in one pass. A
 * `...Merge` step makes one partial value of several, or the result if `last` is true.
 *
 * The partial value of a partition without items is an empty list where a reduction has no neutral
 * value. So empty partitions are skipped, and only a bag without items has no result.
 */
import { operations } from '../../../core/base/operations.js'
import {
  CountAccumulator,
  MeanAccumulator,
  MinMaxAccumulator,
  type Moments,
  MomentsAccumulator,
  SumAccumulator,
  TruthAccumulator,
} from '../engine/accumulators.js'
import type { FoldState } from '../engine/chain-program.js'
import { assertJoinsTotals } from '../engine/combine-check.js'
import {
  copyInitial,
  foldItems,
  type MaybePromise,
  type OptionalValue,
  whenReady,
} from '../engine/partial-values.js'
import { NonEmptySource } from '../engine/partition-readers.js'
import { iterablePartition, type Partition, PartitionStream } from '../engine/partition-stream.js'

interface Accumulator {
  add(item: unknown): void
}

/** Adds all items of a partition to an accumulator and returns its value. */
function accumulated<A extends Accumulator, P>(
  partition: Partition,
  make: () => A,
  value: (accumulator: A) => P,
): MaybePromise<P> {
  return whenReady(PartitionStream.of(partition).end([{ kind: 'add' }], make), value)
}

const sumOf = ({ total: sum }: SumAccumulator): OptionalValue<number | bigint> =>
  sum === undefined ? [] : [sum]

/** Sums the items of a partition. */
export function sumPart(partition: Partition): MaybePromise<OptionalValue<number | bigint>> {
  return accumulated(partition, () => new SumAccumulator(), sumOf)
}

/** Sums partial sums. The result is 0 if there are none. */
export function sumMerge(parts: readonly OptionalValue<number | bigint>[], last: boolean): unknown {
  const sum = new SumAccumulator()
  for (const part of parts) if (part.length > 0) sum.add(part[0])
  return last ? (sum.total ?? 0) : sumOf(sum)
}

/** Counts the items of a partition. */
export function countPart(partition: Partition): MaybePromise<number> {
  const ending = [{ kind: 'add', detail: 'nothing' }] as const
  return whenReady(
    PartitionStream.of(partition).end(ending, () => new CountAccumulator()),
    ({ count }) => count,
  )
}

/** Sums counts. */
export function countMerge(parts: readonly number[]): number {
  return parts.reduce((sum, count) => sum + count, 0)
}

/** Returns the count and the sum of a partition's items. */
export function meanPart(partition: Partition): MaybePromise<readonly [number, number]> {
  return accumulated(
    partition,
    () => new MeanAccumulator(),
    (mean) => [mean.count, mean.total],
  )
}

/** Merges counts and sums. The result is the mean, NaN if there are no items. */
export function meanMerge(parts: readonly (readonly [number, number])[], last: boolean): unknown {
  let count = 0
  let sum = 0
  for (const part of parts) {
    count += part[0]
    sum += part[1]
  }
  return last ? sum / count : [count, sum]
}

/** Returns the moments of a partition's items. `operation` names the reduction in errors. */
export function momentsPart(partition: Partition, operation: string): MaybePromise<Moments> {
  return accumulated(
    partition,
    () => new MomentsAccumulator(operation),
    (moments) => moments.value(),
  )
}

/** Merges moments. The result is the variance, or its square root; NaN for too few items. */
export function momentsMerge(
  parts: readonly Moments[],
  last: boolean,
  operation: 'var' | 'std',
  ddof: number,
): unknown {
  const moments = new MomentsAccumulator(operation)
  for (const part of parts) moments.merge(part)
  if (!last) return moments.value()
  const freedom = moments.count - ddof
  const variance = freedom > 0 ? moments.squares / freedom : Number.NaN
  return operation === 'var' ? variance : Math.sqrt(variance)
}

const extremumOf = ({ has, item }: MinMaxAccumulator): OptionalValue<unknown> => (has ? [item] : [])

/** Finds the smallest (`sign` 1) or greatest (-1) item of a partition. */
export function minMaxPart(
  partition: Partition,
  sign: 1 | -1,
): MaybePromise<OptionalValue<unknown>> {
  return accumulated(partition, () => new MinMaxAccumulator(sign), extremumOf)
}

/** Finds the smallest or greatest of several items. Throws a RangeError if there is none. */
export function minMaxMerge(
  parts: readonly OptionalValue<unknown>[],
  last: boolean,
  sign: 1 | -1,
): unknown {
  const extremum = new MinMaxAccumulator(sign)
  for (const part of parts) if (part.length > 0) extremum.add(part[0])
  if (!last) return extremumOf(extremum)
  if (!extremum.has)
    throw noItems(sign === 1 ? 'min' : 'max', 'check with count() whether there are any')
  return extremum.item
}

/** Whether any item of a partition is truthy (`wanted` true), or all are (`wanted` false). */
export function truthPart(partition: Partition, wanted: boolean): MaybePromise<boolean> {
  return accumulated(
    partition,
    () => new TruthAccumulator(wanted),
    ({ found }) => found === wanted,
  )
}

/** Whether any partial value is true (`wanted` true), or all are (`wanted` false). */
export function truthMerge(parts: readonly boolean[], _last: boolean, wanted: boolean): boolean {
  return wanted ? parts.some((part) => part) : parts.every((part) => part)
}

/** Applies a user's function to the items of a partition, unless there are none. */
export function reductionPart(
  partition: Partition,
  fn: Function,
): MaybePromise<OptionalValue<unknown>> {
  return whenReady(iterablePartition(partition), (stream) => {
    const source = NonEmptySource.of(stream)
    if (source === undefined) return []
    const value = whenReady(fn(PartitionStream.from(source)) as unknown, (result) => {
      source.close()
      return [result] as const
    })
    return value
  })
}

/** Merges partial values by `combine`. The result is that of `aggregate`, even if there are none. */
export function reductionMerge(
  parts: readonly OptionalValue<unknown>[],
  last: boolean,
  aggregate: Function,
  combine: Function,
): MaybePromise<unknown> {
  const values = parts.flat()
  if (last) return aggregate(values) as unknown
  return values.length === 0 ? [] : whenReady(combine(values) as unknown, (value) => [value])
}

/** Folds the items of a partition, from an initial value or else from the first item. */
export function foldPart(
  partition: Partition,
  fn: Function,
  initial?: { readonly value: unknown },
): MaybePromise<OptionalValue<unknown>> {
  const makeState = (): FoldState => ({ has: false, total: copyInitial(initial?.value) })
  const kind = initial === undefined ? 'fold' : 'foldFrom'
  return whenReady(
    PartitionStream.of(partition).end([{ kind, fn }], makeState),
    ({ has, total: value }) => (has ? [value] : []),
  )
}

/** Joins the totals of partitions. The result is the initial value if there are none. */
export function foldMerge(
  parts: readonly OptionalValue<unknown>[],
  last: boolean,
  fn: Function,
  initial: { readonly value: unknown } | undefined,
  isChecked: boolean,
): MaybePromise<unknown> {
  const totals = parts.flat()
  if (totals.length === 0) {
    if (!last) return []
    if (initial === undefined) throw noItems('fold', 'give an initial value')
    return initial.value
  }
  const checked = isChecked ? assertJoinsTotals('fold', fn, totals) : undefined
  return whenReady(checked, () =>
    whenReady(foldItems(fn, totals[0], totals.slice(1)), (total) => (last ? total : [total])),
  )
}

/** Folds the items of a partition into the total of the partitions before it. */
export function foldNextStep(
  partition: Partition,
  before: unknown,
  fn: Function,
): MaybePromise<unknown> {
  return whenReady(PartitionStream.of(partition).finish(), (items) => foldItems(fn, before, items))
}

/** Folds the items of the first partition, from a copy of the initial value. */
export function foldFirstStep(
  partition: Partition,
  initial: { readonly value: unknown },
  fn: Function,
): MaybePromise<unknown> {
  return foldNextStep(partition, copyInitial(initial.value), fn)
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
  minMaxPart,
  minMaxMerge,
  truthPart,
  truthMerge,
  reductionPart,
  reductionMerge,
  foldPart,
  foldMerge,
  foldFirstStep,
  foldNextStep,
})
