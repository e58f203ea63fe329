/**
 * Where the items of a partition come from, in batches: an array, whatever a user's function gave,
 * or anything else that can list batches (see `text-source.ts`).
 */
import { isThenable } from '../../../core/run/compile-recipe.js'
import { describeValue } from '../../base/describe-value.js'

/** A partition's items, in arrays of a convenient size. */
export interface Source {
  batches(): Iterable<readonly unknown[]>
  /** Whether `batches` may be called again. */
  readonly replayable: boolean
}

/** Items in a batch, where the batch size is ours to choose: enough to make its own cost vanish. */
export const BATCH_SIZE = 1024

/** An array, as one batch. */
export class ArraySource implements Source {
  readonly replayable = true
  readonly items: readonly unknown[]
  constructor(items: readonly unknown[]) {
    this.items = items
  }
  batches(): Iterable<readonly unknown[]> {
    return this.items.length === 0 ? [] : [this.items]
  }
}

/** What a user's function gave: a generator can be read once, a collection any number of times. */
export class IterableSource implements Source {
  readonly replayable: boolean
  private readonly items: Iterable<unknown>
  private used = false

  constructor(items: Iterable<unknown>) {
    this.items = items
    this.replayable = items instanceof Set || items instanceof Map || ArrayBuffer.isView(items)
  }

  *batches(): Iterable<readonly unknown[]> {
    if (this.used && !this.replayable) {
      throw new Error(
        'these items come from a generator, which can be read once only; keep them with Array.from(items) to read them again',
      )
    }
    this.used = true
    let batch: unknown[] = []
    for (const item of this.items) {
      if (batch.push(item) === BATCH_SIZE) {
        yield batch
        batch = []
      }
    }
    if (batch.length > 0) yield batch
  }
}

/** A source over what a user's function gave for a whole partition; `what` names the operation. */
export function sourceOfResult(result: unknown, what: string): Source {
  if (Array.isArray(result)) return new ArraySource(result)
  if (typeof result === 'object' && result !== null && Symbol.iterator in result) {
    return new IterableSource(result as Iterable<unknown>)
  }
  throw new TypeError(
    `${what}: the function must give an iterable of items, such as an array or a generator; got ${describeValue(result)}`,
  )
}

/** Waits for a promise or an asynchronous iterable of items; undefined if the result is neither. */
export function pendingItems(result: unknown): Promise<unknown> | undefined {
  if (isThenable(result)) return Promise.resolve(result).then((r) => pendingItems(r) ?? r)
  if (typeof result === 'object' && result !== null && Symbol.asyncIterator in result) {
    return collectAsync(result as AsyncIterable<unknown>)
  }
  return undefined
}

async function collectAsync(items: AsyncIterable<unknown>): Promise<unknown[]> {
  const array: unknown[] = []
  for await (const item of items) array.push(item)
  return array
}

/** Cuts batches to at most `size` items. */
export function* sliceBatches(
  batches: Iterable<readonly unknown[]>,
  size: number,
): Iterable<readonly unknown[]> {
  for (const batch of batches) {
    if (batch.length <= size) yield batch
    else for (let i = 0; i < batch.length; i += size) yield batch.slice(i, i + size)
  }
}
