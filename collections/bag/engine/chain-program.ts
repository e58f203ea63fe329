/**
 * Programs: chains of operations compiled to loops over batches of items.
 *
 * `map(f).filter(g)` that ends in a sum becomes
 *
 *     for (...) { const x1 = f0(batch[i]); if (!f1(x1)) break; state.add(x1) }
 *
 * There is no array between the operations, and V8 learns the types of each loop by itself. A chain of
 * more than 64 operations is cut into segments, each a loop of its own, with one batch between two of
 * them. There are two forms of each loop: the synchronous one throws `PromiseSeen` when a function
 * returns a promise, the asynchronous one awaits it.
 */
import type { KeyTable } from './key-table.js'
import {
  flattenable,
  missingField,
  notString,
  OperationFailure,
  ownField,
  PromiseSeen,
  pluckAll,
  spreadable,
} from './loop-functions.js'
import { LoopWriter } from './loop-writer.js'
import type { ChainOperation, OperationChain } from './operation-chain.js'

/**
 * A loop over one batch. `state` receives the items of the chain's last operation, or of the segment's
 * last one. `extras` holds what operations read besides the item, by their index in the chain.
 */
type Segment = (batch: readonly unknown[], state: unknown, extras: readonly unknown[]) => void

/** A segment that awaits promises. It must be awaited before the next batch is passed to it. */
type AsyncSegment = (
  batch: readonly unknown[],
  state: unknown,
  extras: readonly unknown[],
) => Promise<void>

/** The state of a chain that ends in `fold` or `foldFrom`. `has` tells whether there was an item. */
export interface FoldState {
  has: boolean
  total: unknown
}

/** The state of a chain that ends in `foldBy` or `countBy`. `start` makes a group's first total. */
export interface GroupState {
  readonly table: KeyTable
  /** The total of each key, by its number. */
  readonly totals: unknown[]
  readonly start: (() => unknown) | undefined
}

/** The loops of one chain. Each form is compiled when it is first used. */
class ChainProgram {
  private readonly operations: readonly ChainOperation[]
  private sync: readonly Segment[] | undefined
  private async: readonly AsyncSegment[] | undefined

  constructor(chain: OperationChain) {
    this.operations = chain.operations()
  }

  /** Runs the loops over one batch. */
  run(batch: readonly unknown[], state: unknown, extras: readonly unknown[]): void {
    const segments = (this.sync ??= compile(this.operations, false) as Segment[])
    let items = batch
    for (let i = 0; i < segments.length - 1; i++) {
      const next: unknown[] = []
      segments[i]!(items, next, extras)
      items = next
    }
    segments[segments.length - 1]!(items, state, extras)
  }

  /** Runs the loops over one batch and awaits the promises that functions return. */
  async runAsync(
    batch: readonly unknown[],
    state: unknown,
    extras: readonly unknown[],
  ): Promise<void> {
    const segments = (this.async ??= compile(this.operations, true) as AsyncSegment[])
    let items = batch
    for (let i = 0; i < segments.length - 1; i++) {
      const next: unknown[] = []
      await segments[i]!(items, next, extras)
      items = next
    }
    await segments[segments.length - 1]!(items, state, extras)
  }

  /** Whether there are arrays of items between segments; then batches should be small. */
  get segmented(): boolean {
    return this.operations.length > SEGMENT_LENGTH
  }
}

/** Returns the program of a chain whose last operation is an ending. */
export function programOf(chain: OperationChain): ChainProgram {
  return (chain.compiled ??= new ChainProgram(chain)) as ChainProgram
}

/** Operations in one loop: enough that the arrays between loops cost nothing, few enough for V8 to optimize it. */
const SEGMENT_LENGTH = 64

/** What generated loops call. */
const library = {
  OperationFailure,
  PromiseSeen,
  flattenable,
  missingField,
  notString,
  ownField,
  pluckAll,
  spreadable,
}

let compiledLoops = 0

function compile(
  operations: readonly ChainOperation[],
  async: boolean,
): (Segment | AsyncSegment)[] {
  const segments: (Segment | AsyncSegment)[] = []
  for (let start = 0; start < operations.length; start += SEGMENT_LENGTH) {
    const end = Math.min(operations.length, start + SEGMENT_LENGTH)
    const functions = operations.slice(start, end).map((operation) => operation.fn)
    const writer = new LoopWriter(operations, start, end, async)
    // V8 shares what it learned between functions of equal source; the number makes each one differ.
    const source = `${writer.write(Object.keys(library))}\n//# sourceURL=skein-chain-${++compiledLoops}`
    segments.push(new Function('library', 'functions', source)(library, functions))
  }
  return segments
}
