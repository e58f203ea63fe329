/**
 * Readers of partitions: item by item, in step with the items of another one, and with the first batch
 * read in advance.
 */
import type { ItemSource } from './item-source.js'
import { type Partition, PartitionStream, type SideInput } from './partition-stream.js'

/** A side input that reads a partition. Throws a RangeError if it is shorter or longer than the other. */
export class PartitionCursor implements SideInput {
  operation?: number
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
        `the partitions of the bags must have the same length; one has only ${this.taken} items and the other has more`,
      )
    }
    this.taken++
    return this.batch[this.index++]
  }

  end(): void {
    if (this.index < this.batch.length || this.advance()) {
      throw new RangeError(
        `the partitions of the bags must have the same length; one has more than the ${this.taken} items of the other`,
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

/** A source whose first batch was read in advance, to see whether the stream has items. */
export class NonEmptySource implements ItemSource {
  readonly replayable: boolean
  private readonly stream: PartitionStream
  private readonly first: readonly unknown[]
  private readonly rest: Generator<readonly unknown[]>
  private used = false

  private constructor(
    stream: PartitionStream,
    first: readonly unknown[],
    rest: Generator<readonly unknown[]>,
  ) {
    this.stream = stream
    this.replayable = stream.source.replayable
    this.first = first
    this.rest = rest
  }

  /** Returns the source of a stream's items, or undefined if the stream has none. */
  static of(stream: PartitionStream): NonEmptySource | undefined {
    const batches = stream.collected()
    const { done, value } = batches.next()
    return done === true ? undefined : new NonEmptySource(stream, value, batches)
  }

  *batches(): Iterable<readonly unknown[]> {
    if (this.used) {
      yield* this.stream.collected()
      return
    }
    this.used = true
    yield this.first
    yield* this.rest
  }

  /** Releases the resources of the stream's source. */
  close(): void {
    this.rest.return(undefined)
  }
}
