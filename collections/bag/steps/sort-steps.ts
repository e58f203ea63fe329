/**
 * The steps of a sort: every partition is sorted, samples of the sorted runs decide the borders of the result's
 * partitions, the runs are cut there, and the pieces of each partition are merged.
 */
import { operations } from '../../../core/base/operations.js'
import { LazilyDecoded } from '../engine/lazily-decoded.js'
import type { ChainOperation } from '../engine/operation-chain.js'
import { type MaybePromise, whenReady } from '../engine/partial-values.js'
import { type Partition, PartitionStream } from '../engine/partition-stream.js'
import {
  chooseBorders,
  cutsOfRun,
  listOfItems,
  mergeSortedItems,
  type SortBorder,
  type SortedItems,
  sampledBorders,
  sortItems,
} from '../engine/sorted-items.js'
import { type KeyArgument, keyOperations } from './grouping-steps.js'

/** Borders sampled of a run, each of which stands for `weight` items. */
interface RunSample {
  readonly borders: readonly SortBorder[]
  readonly weight: number
}

/** A sorted partition with a sample of it. */
interface SampledRun {
  readonly sample: RunSample
  readonly run: LazilyDecoded<SortedItems>
}

/** Items and their keys. */
class KeyedItems {
  readonly keys: unknown[] = []
  readonly items: unknown[] = []
  add(item: unknown, key: unknown): void {
    this.keys.push(key)
    this.items.push(item)
  }
}

function sortedPartition(
  partition: Partition,
  key: KeyArgument,
  descending: boolean,
): MaybePromise<SortedItems> {
  const stream = PartitionStream.of(partition)
  if (key === undefined) {
    return whenReady(stream.finish(), (items) => sortItems({ keys: items, items }, descending))
  }
  const ending: ChainOperation[] = [...keyOperations(key), { kind: 'addKeyed' }]
  return whenReady(
    stream.end(ending, () => new KeyedItems()),
    (keyed) => sortItems(keyed, descending),
  )
}

/** Sorts the only partition of a bag. */
export function sortWhole(
  partition: Partition,
  key: KeyArgument,
  descending: boolean,
): MaybePromise<readonly unknown[]> {
  return whenReady(sortedPartition(partition, key, descending), listOfItems)
}

/** Sorts one partition and samples it. */
export function sortPart(
  partition: Partition,
  key: KeyArgument,
  descending: boolean,
  npartitions: number,
  block: number,
): MaybePromise<SampledRun> {
  return whenReady(sortedPartition(partition, key, descending), (run) => {
    const borders = sampledBorders(run, block, 32 * npartitions)
    const weight = run.keys.length / Math.max(1, borders.length)
    return { sample: { borders, weight }, run: LazilyDecoded.of(run) }
  })
}

/** Returns the sample of a sorted partition. */
export function runSample({ sample }: SampledRun): RunSample {
  return sample
}

/** Chooses the borders between the partitions of the result. */
export function sortBorders(
  samples: readonly RunSample[],
  npartitions: number,
  descending: boolean,
): readonly SortBorder[] {
  return chooseBorders(samples, npartitions, descending)
}

/** Cuts a sorted partition into a piece for each partition of the result. */
export function cutRun(
  { run }: SampledRun,
  borders: readonly SortBorder[],
  npartitions: number,
  descending: boolean,
  block: number,
): readonly LazilyDecoded<SortedItems>[] {
  const { keys, items } = run.value
  const cuts = [0, ...cutsOfRun(keys, block, borders, descending), keys.length]
  return Array.from({ length: npartitions }, (_, i) => {
    const [from, to] = [cuts[i] ?? keys.length, cuts[i + 1] ?? keys.length]
    const piece = keys.slice(from, to)
    return LazilyDecoded.of({ keys: piece, items: keys === items ? piece : items.slice(from, to) })
  })
}

/** Merges the pieces of one partition of the result. */
export function sortMerge(
  pieces: readonly (readonly LazilyDecoded<SortedItems>[])[],
  at: number,
  descending: boolean,
): readonly unknown[] {
  const runs = pieces.map((list) => list[at]!.value).filter(({ keys }) => keys.length > 0)
  return runs.length === 0 ? [] : listOfItems(mergeSortedItems(runs, descending))
}

operations('collections/bag/steps/sort-steps', {
  sortWhole,
  sortPart,
  runSample,
  sortBorders,
  cutRun,
  sortMerge,
})
