/**
 * A partition while a task works on it: where its items come from, and the chain of operations they
 * go through on their way. Nothing runs until somebody takes the items: `finish` for an array,
 * `end` for one value, or iteration.
 *
 * Each operation remembers which step of the task added it, and a failure says so.
 */
import { LazyValue } from '../../../core/graph/lazy-value.js'
import { currentStepIndex, StepFailure } from '../../../core/run/compile-recipe.js'
import { type Chain, emptyChain, type Op } from './chain.js'
import { PromiseSeen } from './item-operations.js'
import { OperationFailure, programOf } from './program.js'
import { ArraySource, BATCH_SIZE, type Source, sliceBatches } from './source.js'

/** A partition as steps take it: an array where it lay at rest, a stream inside a fused task. */
export type Partition<T = unknown> = readonly T[] | PartitionStream<T>

/** Something that operations read besides the item, and that must be read to its end. */
export interface Companion {
  /** Fails if there is something left. */
  end(): void
  /** Lets go of what it reads from, wherever it is. */
  close(): void
}

const COLLECT: readonly Op[] = [{ kind: 'collect' }]

export class PartitionStream<T = unknown> extends LazyValue implements Iterable<T> {
  readonly source: Source
  private readonly chain: Chain
  private readonly before: PartitionStream | undefined
  /** The step of the task that added the last operation, or the source. */
  private readonly step: number
  /** Makes what the last operation reads besides the item, anew for every run. */
  private readonly open: ((companions: Companion[]) => unknown) | undefined
  private readonly opens: boolean

  private constructor(
    source: Source,
    chain: Chain,
    before: PartitionStream | undefined,
    open: ((companions: Companion[]) => unknown) | undefined,
  ) {
    super()
    this.source = source
    this.chain = chain
    this.before = before
    this.step = currentStepIndex()
    this.open = open
    this.opens = open !== undefined || before?.opens === true
  }

  /** A stream of everything that a source has. */
  static from<T>(source: Source): PartitionStream<T> {
    return new PartitionStream<T>(source, emptyChain, undefined, undefined)
  }

  /** A stream over a partition, whichever form it has. */
  static of<T>(partition: Partition<T>): PartitionStream<T> {
    if (partition instanceof PartitionStream) return partition
    return PartitionStream.from<T>(new ArraySource(partition))
  }

  /** This stream with one more operation; `open` makes what it reads besides the item. */
  with<U>(op: Op, open?: (companions: Companion[]) => unknown): PartitionStream<U> {
    return new PartitionStream<U>(this.source, this.chain.append(op), this, open)
  }

  /** Whether a function is known to give promises, so that the items cannot be had at once. */
  get asynchronous(): boolean {
    return this.chain.asynchronous
  }

  /** The items as an array. */
  override finish(): readonly T[] | Promise<readonly T[]> {
    if (this.chain === emptyChain && this.source instanceof ArraySource) {
      return this.source.items as readonly T[]
    }
    return this.end(COLLECT, () => [] as T[])
  }

  /**
   * Sends all items into a state, by operations that end the chain. Gives the state, or a promise
   * of it if functions give promises.
   */
  end<State>(ending: readonly Op[], makeState: () => State): State | Promise<State> {
    const step = currentStepIndex()
    let chain = this.chain
    for (const op of ending) chain = chain.append(op)
    if (chain.asynchronous) return this.endLater(chain, makeState, step)
    const companions: Companion[] = []
    try {
      const state = makeState()
      const extras = this.extras(companions)
      const program = programOf(chain)
      for (const batch of this.batches(program.segmented)) program.run(batch, state, extras)
      for (const companion of companions) companion.end()
      return state
    } catch (error) {
      if (isPromiseSeen(error)) {
        this.learnPromise(error.operation)
        if (!this.source.replayable) throw this.promiseFailure(error.operation, step)
        chain.asynchronous = true
        return this.endLater(chain, makeState, step)
      }
      throw this.failure(error, step)
    } finally {
      for (const companion of companions) companion.close()
    }
  }

  private async endLater<State>(
    chain: Chain,
    makeState: () => State,
    step: number,
  ): Promise<State> {
    const companions: Companion[] = []
    try {
      const state = makeState()
      const extras = this.extras(companions)
      const program = programOf(chain)
      for (const batch of this.batches(program.segmented)) {
        await program.runAsync(batch, state, extras)
      }
      for (const companion of companions) companion.end()
      return state
    } catch (error) {
      throw this.failure(error, step)
    } finally {
      for (const companion of companions) companion.close()
    }
  }

  /** The items, batch by batch; `first` items are made before anything more is. */
  *collected(first = BATCH_SIZE): Generator<readonly T[]> {
    const step = currentStepIndex()
    const program = programOf(this.chain.append(COLLECT[0]!))
    const companions: Companion[] = []
    let size = first
    try {
      const extras = this.extras(companions)
      for (const whole of this.source.batches()) {
        for (let start = 0; start < whole.length; ) {
          const batch = whole.length <= size ? whole : whole.slice(start, start + size)
          start += batch.length
          const items: T[] = []
          program.run(batch, items, extras)
          if (items.length > 0) yield items
          size = Math.min(BATCH_SIZE, size * 2)
        }
      }
      for (const companion of companions) companion.end()
    } catch (error) {
      throw isPromiseSeen(error)
        ? this.promiseFailure(error.operation, step)
        : this.failure(error, step)
    } finally {
      for (const companion of companions) companion.close()
    }
  }

  *[Symbol.iterator](): Generator<T> {
    for (const batch of this.collected()) {
      for (let i = 0; i < batch.length; i++) yield batch[i]!
    }
  }

  private batches(small: boolean): Iterable<readonly unknown[]> {
    const batches = this.source.batches()
    return small ? sliceBatches(batches, BATCH_SIZE) : batches
  }

  /** What each operation reads besides the item, by the operation's number. */
  private extras(companions: Companion[]): unknown[] {
    const extras: unknown[] = []
    if (!this.opens) return extras
    for (let stream: PartitionStream | undefined = this; stream?.opens; stream = stream.before) {
      if (stream.open !== undefined) extras[stream.chain.length - 1] = stream.open(companions)
    }
    return extras
  }

  /** The stream that added an operation; operations after ours are those that end the chain. */
  private adder(operation: number): PartitionStream | undefined {
    if (operation >= this.chain.length) return undefined
    let stream: PartitionStream = this
    while (stream.chain.length > operation + 1) stream = stream.before!
    return stream
  }

  private failure(error: unknown, endingStep: number): StepFailure {
    if (error instanceof StepFailure) return error
    if (error instanceof OperationFailure) {
      if (error.cause instanceof StepFailure) return error.cause
      return new StepFailure(this.adder(error.operation)?.step ?? endingStep, error.cause)
    }
    let root: PartitionStream = this
    while (root.before !== undefined) root = root.before
    return new StepFailure(root.step, error)
  }

  private learnPromise(operation: number): void {
    const stream = this.adder(operation)
    if (stream !== undefined) stream.chain.asynchronous = true
  }

  private promiseFailure(operation: number, endingStep: number): StepFailure {
    const cause = new TypeError(
      'the function gave a promise, which cannot be waited for here; declare it `async`, so that this is known beforehand',
    )
    return new StepFailure(this.adder(operation)?.step ?? endingStep, cause)
  }
}

function isPromiseSeen(error: unknown): error is OperationFailure {
  return error instanceof OperationFailure && error.cause instanceof PromiseSeen
}

/** Reads a stream one item at a time, next to another one. */
export class Cursor implements Companion {
  private readonly batches: Generator<readonly unknown[]>
  private batch: readonly unknown[] = []
  private at = 0
  private taken = 0

  constructor(partition: Partition) {
    this.batches = PartitionStream.of(partition).collected()
  }

  next(): unknown {
    if (this.at === this.batch.length && !this.advance()) {
      throw new RangeError(
        `bags that are worked on together must have partitions of the same length; one had only ${this.taken} items`,
      )
    }
    this.taken++
    return this.batch[this.at++]
  }

  end(): void {
    if (this.at < this.batch.length || this.advance()) {
      throw new RangeError(
        `bags that are worked on together must have partitions of the same length; one had more than the ${this.taken} items of the other`,
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
    this.at = 0
    return true
  }
}

/** A stream whose first items were looked at, to see whether there are any. */
export class PeekedSource implements Source {
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

  /** The source of a stream's items; undefined if it has none. */
  static of(stream: PartitionStream): PeekedSource | undefined {
    const batches = stream.collected()
    const { done, value } = batches.next()
    return done === true ? undefined : new PeekedSource(stream, value, batches)
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

  /** Lets go of what the stream reads from. */
  close(): void {
    this.rest.return(undefined)
  }
}
