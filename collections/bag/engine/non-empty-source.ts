/** `NonEmptySource`: the items of a stream that is known to have at least one. */
import type { ItemSource } from './item-source.js'
import type { PartitionStream } from './partition-stream.js'

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
