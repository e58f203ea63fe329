/**
 * `PartitionStream`: a partition within a task, as a source of items and a chain of operations on them.
 * Nothing runs until the items are taken: as an array by `finish`, into a state by `end`, or by
 * iteration.
 *
 * Each operation remembers which step of the task added it, so a failure is attributed to that step.
 */
import { LazyValue } from '../../../core/graph/lazy-value.js'
import { currentStepIndex, StepFailure } from '../../../core/run/compile-recipe.js'
import { programOf } from './chain-program.js'
import { noteFailedItem } from './failed-item.js'
import { fieldsUsed } from './fields-used.js'
import { BATCH_SIZE, type ItemSource, ListSource, sliceBatches } from './item-source.js'
import { OperationFailure, PromiseSeen } from './loop-functions.js'
import { type ChainOperation, emptyChain, type OperationChain } from './operation-chain.js'

/** A partition as steps receive it: an array if it is a task's input, a stream within a fused task. */
export type Partition<T = unknown> = readonly T[] | PartitionStream<T>

/** An input that operations read beside the items, and that must end when the items end. */
export interface SideInput {
  /** The index of the operation that reads it. */
  operation?: number
  /** Throws if the input has more items. */
  end(): void
  /** Releases the resources of its source, such as open files. */
  close(): void
}

/** Makes what an operation reads besides the item, and adds the side inputs it opens to a list. */
type OpenExtra = (sideInputs: SideInput[]) => unknown

const COLLECT: readonly ChainOperation[] = [{ kind: 'collect' }]

/** The items of a partition after a chain of operations. */
export class PartitionStream<T = unknown> extends LazyValue implements Iterable<T> {
  readonly source: ItemSource
  private readonly chain: OperationChain
  private readonly previous: PartitionStream | undefined
  /** The index of the step that added the last operation, or the source. */
  private readonly step: number
  /** Makes what the last operation reads besides the item. Called for every run. */
  private readonly open: OpenExtra | undefined
  /** Whether any operation has an `open`. */
  private readonly opens: boolean

  private constructor(
    source: ItemSource,
    chain: OperationChain,
    previous: PartitionStream | undefined,
    open: OpenExtra | undefined,
  ) {
    super()
    this.source = source
    this.chain = chain
    this.previous = previous
    this.step = currentStepIndex()
    this.open = open
    this.opens = open !== undefined || previous?.opens === true
  }

  /** Returns a stream of all items of a source. */
  static from<T>(source: ItemSource): PartitionStream<T> {
    return new PartitionStream<T>(source, emptyChain, undefined, undefined)
  }

  /** Returns a partition as a stream. */
  static of<T>(partition: Partition<T>): PartitionStream<T> {
    if (partition instanceof PartitionStream) return partition
    return PartitionStream.from<T>(new ListSource(partition))
  }

  /** Returns this stream with one more operation. `open` makes what it reads besides the item. */
  with<U>(operation: ChainOperation, open?: OpenExtra): PartitionStream<U> {
    return new PartitionStream<U>(this.source, this.chain.append(operation), this, open)
  }

  /** Whether the items must be awaited: the source is read asynchronously, or a function is known to return promises. */
  get asynchronous(): boolean {
    return this.chain.asynchronous || this.source.load !== undefined
  }

  /** Returns the items as an array. */
  override finish(): readonly T[] | Promise<readonly T[]> {
    if (this.chain === emptyChain && this.source instanceof ListSource) {
      return this.source.items as readonly T[]
    }
    return this.end(COLLECT, () => [] as T[])
  }

  /** Returns the items as an array: a stream would run its functions once for each reader. */
  override share(): readonly T[] | Promise<readonly T[]> {
    return this.finish()
  }

  /**
   * Puts all items into a state, by operations that end the chain. Returns the state, or a promise of
   * it if functions return promises.
   */
  end<State>(ending: readonly ChainOperation[], makeState: () => State): State | Promise<State> {
    const step = currentStepIndex()
    let chain = this.chain
    for (const operation of ending) chain = chain.append(operation)
    if (this.source.load !== undefined) return this.endLoaded(chain, makeState, step)
    const narrow = chain.asynchronous ? undefined : this.narrowSource(chain)
    if (narrow !== undefined) {
      try {
        return this.run(narrow, chain, makeState(), [0])
      } catch {
        // Errors show whole items.
      }
    }
    return this.endWhole(this.source, chain, makeState, step)
  }

  /** Reads an asynchronous source, and puts its items into a state. */
  private async endLoaded<State>(
    chain: OperationChain,
    makeState: () => State,
    step: number,
  ): Promise<State> {
    const fields = chain.asynchronous ? undefined : fieldsUsed(chain)
    if (fields !== undefined) {
      try {
        const narrow = await this.source.load!(fields)
        return this.run(narrow, chain, makeState(), [0])
      } catch {
        // Errors show whole items.
      }
    }
    const whole = await this.source.load!(undefined).catch((error: unknown) => {
      throw this.failure(error, step, 0)
    })
    return this.endWhole(whole, chain, makeState, step)
  }

  /** Puts whole items into a state. */
  private endWhole<State>(
    source: ItemSource,
    chain: OperationChain,
    makeState: () => State,
    step: number,
  ): State | Promise<State> {
    if (chain.asynchronous) return this.endAsync(source, chain, makeState, step)
    const done: [number] = [0]
    try {
      return this.run(source, chain, makeState(), done)
    } catch (error) {
      if (isPromiseSeen(error)) {
        this.markAsynchronous(error.operation)
        if (!source.replayable) throw this.promiseFailure(error.operation, step)
        chain.asynchronous = true
        return this.endAsync(source, chain, makeState, step)
      }
      throw this.failure(error, step, done[0])
    }
  }

  /** Returns a source with the fields only that the chain uses; undefined if it needs all, or the source has none. */
  private narrowSource(chain: OperationChain): ItemSource | undefined {
    if (this.source.withFields === undefined) return undefined
    const fields = fieldsUsed(chain)
    return fields && this.source.withFields(fields)
  }

  /** Puts the items of a source into a state. Counts in `done` the items of the batches before the current one. */
  private run<State>(
    source: ItemSource,
    chain: OperationChain,
    state: State,
    done: [number],
  ): State {
    const sideInputs: SideInput[] = []
    try {
      const extras = this.extras(sideInputs)
      const program = programOf(chain)
      for (const batch of this.batches(program.segmented, source)) {
        program.run(batch, state, extras)
        done[0] += batch.length
      }
      endInputs(sideInputs)
      return state
    } finally {
      for (const input of sideInputs) input.close()
    }
  }

  private async endAsync<State>(
    source: ItemSource,
    chain: OperationChain,
    makeState: () => State,
    step: number,
  ): Promise<State> {
    const sideInputs: SideInput[] = []
    let done = 0
    try {
      const state = makeState()
      const extras = this.extras(sideInputs)
      const program = programOf(chain)
      for (const batch of this.batches(program.segmented, source)) {
        await program.runAsync(batch, state, extras)
        done += batch.length
      }
      endInputs(sideInputs)
      return state
    } catch (error) {
      throw this.failure(error, step, done)
    } finally {
      for (const input of sideInputs) input.close()
    }
  }

  /**
   * Yields the items in batches. The first batch is made of `first` source items at most, so that a
   * consumer that needs few items does not cause many to be made.
   */
  *collected(first = BATCH_SIZE): Generator<readonly T[]> {
    const step = currentStepIndex()
    const program = programOf(this.chain.append(COLLECT[0]!))
    const sideInputs: SideInput[] = []
    let size = first
    let done = 0
    try {
      const extras = this.extras(sideInputs)
      for (const whole of this.source.batches()) {
        for (let start = 0; start < whole.length; ) {
          const batch = whole.length <= size ? whole : whole.slice(start, start + size)
          start += batch.length
          const items: T[] = []
          program.run(batch, items, extras)
          done += batch.length
          if (items.length > 0) yield items
          size = Math.min(BATCH_SIZE, size * 2)
        }
      }
      endInputs(sideInputs)
    } catch (error) {
      throw isPromiseSeen(error)
        ? this.promiseFailure(error.operation, step)
        : this.failure(error, step, done)
    } finally {
      for (const input of sideInputs) input.close()
    }
  }

  *[Symbol.iterator](): Generator<T> {
    for (const batch of this.collected()) {
      for (let i = 0; i < batch.length; i++) yield batch[i]!
    }
  }

  private batches(small: boolean, source: ItemSource): Iterable<readonly unknown[]> {
    const batches = source.batches()
    return small ? sliceBatches(batches, BATCH_SIZE) : batches
  }

  /** Makes what operations read besides the item, by the operation's index. */
  private extras(sideInputs: SideInput[]): unknown[] {
    const extras: unknown[] = []
    if (!this.opens) return extras
    for (let stream: PartitionStream | undefined = this; stream?.opens; stream = stream.previous) {
      if (stream.open === undefined) continue
      const operation = stream.chain.length - 1
      const before = sideInputs.length
      extras[operation] = stream.open(sideInputs)
      for (const input of sideInputs.slice(before)) input.operation = operation
    }
    return extras
  }

  /** Returns the stream that added an operation, or undefined for an operation that ends the chain. */
  private streamOf(operation: number): PartitionStream | undefined {
    if (operation >= this.chain.length) return undefined
    let stream: PartitionStream = this
    while (stream.chain.length > operation + 1) stream = stream.previous!
    return stream
  }

  /** `done` is the number of source items before the batch that failed. */
  private failure(error: unknown, endingStep: number, done: number): StepFailure {
    if (error instanceof StepFailure) return error
    if (error instanceof OperationFailure) {
      if (error.cause instanceof StepFailure) return error.cause
      if (error.index !== undefined) {
        noteFailedItem(error.cause, this.source, done + error.index, error.item)
      }
      return new StepFailure(this.streamOf(error.operation)?.step ?? endingStep, error.cause)
    }
    let root: PartitionStream = this
    while (root.previous !== undefined) root = root.previous
    return new StepFailure(root.step, error)
  }

  private markAsynchronous(operation: number): void {
    const stream = this.streamOf(operation)
    if (stream !== undefined) stream.chain.asynchronous = true
  }

  private promiseFailure(operation: number, endingStep: number): StepFailure {
    const cause = new TypeError(
      'the function returned a promise, which cannot be awaited here; declare the function `async`, so that this is known before it runs',
    )
    return new StepFailure(this.streamOf(operation)?.step ?? endingStep, cause)
  }
}

/** Checks that the side inputs end with the items. A failure belongs to the operation that reads the input. */
function endInputs(sideInputs: readonly SideInput[]): void {
  for (const input of sideInputs) {
    try {
      input.end()
    } catch (error) {
      throw new OperationFailure(input.operation ?? 0, error)
    }
  }
}

/** Returns a partition as an iterable for a user's function, after its promises are awaited. */
export function iterablePartition(
  partition: Partition,
): PartitionStream | Promise<PartitionStream> {
  const stream = PartitionStream.of(partition)
  if (!stream.asynchronous) return stream
  return Promise.resolve(stream.finish()).then((items) => PartitionStream.of(items))
}

function isPromiseSeen(error: unknown): error is OperationFailure {
  return error instanceof OperationFailure && error.cause instanceof PromiseSeen
}
