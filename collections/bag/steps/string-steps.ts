/** The steps of `bag.str`: methods of `String` on every item, and selection by patterns. */
import { operations } from '../../../core/base/operations.js'
import { globPredicate, patternPredicate } from '../engine/item-predicates.js'
import type { StringDetail } from '../engine/loop-writer.js'
import type { ChainOperation } from '../engine/operation-chain.js'
import { type Partition, PartitionStream } from '../engine/partition-stream.js'

/** Calls a method of `String` on every item. */
export function stringStep(
  partition: Partition,
  method: string,
  args: readonly unknown[],
): PartitionStream {
  const detail: StringDetail = { method, count: args.length }
  const operation: ChainOperation = { kind: 'string', detail: JSON.stringify(detail) }
  return PartitionStream.of(partition).with(operation, () => args)
}

/** Keeps the strings that match a glob. */
export function globStep(partition: Partition, pattern: string): PartitionStream {
  const predicate = globPredicate(pattern)
  return PartitionStream.of(partition).with({ kind: 'accept', detail: 'glob' }, () => predicate)
}

/** Keeps the strings in which a regular expression finds a match. */
export function patternStep(partition: Partition, pattern: RegExp): PartitionStream {
  const predicate = patternPredicate(pattern)
  return PartitionStream.of(partition).with({ kind: 'accept', detail: 'pattern' }, () => predicate)
}

operations('collections/bag/steps/string-steps', { stringStep, globStep, patternStep })
