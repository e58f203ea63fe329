/** The steps that make the partitions of new bags: ranges of numbers, and results of delayed calls. */
import { operations } from '../../../core/base/operations.js'
import { BATCH_SIZE, type ItemSource } from '../engine/item-source.js'
import { PartitionStream } from '../engine/partition-stream.js'

/** A range of numbers and the number of partitions that it is divided into. */
export interface NumberRange {
  readonly start: number
  readonly step: number
  readonly count: number
  readonly npartitions: number
}

/** Returns the position of the first number of a partition. */
export function rangeBorder({ count, npartitions }: NumberRange, partition: number): number {
  return Math.floor((count * partition) / npartitions)
}

/** Returns one partition of a range of numbers. */
export function numberRangeStep(partition: number, range: NumberRange): PartitionStream {
  const { start, step } = range
  const first = rangeBorder(range, partition)
  return PartitionStream.from(
    new RangeSource(start + first * step, rangeBorder(range, partition + 1) - first, step),
  )
}

class RangeSource implements ItemSource {
  readonly replayable = true
  private readonly start: number
  private readonly count: number
  private readonly step: number

  constructor(start: number, count: number, step: number) {
    this.start = start
    this.count = count
    this.step = step
  }

  *batches(): Iterable<readonly unknown[]> {
    const { start, step, count } = this
    // Readers do not keep a batch, so one list serves for all.
    const batch: number[] = []
    for (let i = 0; i < Math.min(BATCH_SIZE, count); i++) batch.push(start + i * step)
    for (let done = 0; done < count; ) {
      yield batch.length <= count - done ? batch : batch.slice(0, count - done)
      done += batch.length
      for (let i = 0; i < batch.length; i++) batch[i] = start + (done + i) * step
    }
  }
}

/** Returns the items of a delayed call's result, which must be iterable, as a partition. */
export function listStep(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value
  const isList = typeof value === 'object' && value !== null && Symbol.iterator in value
  if (isList) return [...(value as Iterable<unknown>)]
  throw new TypeError(
    `fromDelayed: a partition must be a list or another iterable of items, got ${value === null ? 'null' : typeof value}`,
  )
}

operations('collections/bag/steps/source-steps', { numberRangeStep, listStep })
