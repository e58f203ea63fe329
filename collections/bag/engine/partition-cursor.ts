/** `PartitionCursor`: reads a partition one item at a time, in step with the items of another one. */
import { type Partition, PartitionStream, type SideInput } from './partition-stream.js'

/** A side input that reads a partition. Throws a RangeError if it is shorter or longer than the other. */
export class PartitionCursor implements SideInput {
  private readonly batches: Generator<readonly unknown[]>
  private batch: readonly unknown[] = []
  private index = 0
  private taken = 0

  constructor(partition: Partition) {
    this.batches = PartitionStream.of(partition).collected()
  }

  /** Returns the next item. */
  next(): unknown {
    if (this.index === this.batch.length && !this.advance()) {
      throw new RangeError(
        `the partitions of the bags must have the same length; one had only ${this.taken} items`,
      )
    }
    this.taken++
    return this.batch[this.index++]
  }

  end(): void {
    if (this.index < this.batch.length || this.advance()) {
      throw new RangeError(
        `the partitions of the bags must have the same length; one had more than the ${this.taken} items of the other`,
      )
    }
  }

  close(): void {
    this.batches.return(undefined)
  }

  private advance(): boolean {
    const { done, value } = this.batches.next()
    if (done === true) return false
    this.batch = value
    this.index = 0
    return true
  }
}
