/**
 * Sources of a partition's items, in batches: an array, an iterable that a user's function returned, or
 * a file (see `io/text-source.ts`).
 */

import { types } from 'node:util'
import { describeValue } from '../../../core/base/describe-value.js'
import { isThenable } from '../../../core/run/compile-recipe.js'
import type { FieldsUsed } from './fields-used.js'

/** A partition's items, in arrays. */
export interface ItemSource {
  batches(): Iterable<readonly unknown[]>
  /** Whether `batches` can be called more than once. */
  readonly replayable: boolean
  /** Says where an item is from, such as `line 3 of 'a.txt'`; undefined if that is unknown. */
  locate?(index: number): string | undefined
  /**
   * Returns a source of the same items with some of their fields only, which is faster to read; undefined if there is
   * none. Where it fails, the items of this source are read from the start.
   */
  withFields?(fields: FieldsUsed): ItemSource | undefined
  /** Reads a source that is read asynchronously: the fields that are used, or whole items. `batches` then fails. */
  load?(fields: FieldsUsed | undefined): Promise<ItemSource>
}

/** The number of items in a batch, if the source can choose it. */
export const BATCH_SIZE = 1024

/** The items of an array, as one batch. */
export class ListSource implements ItemSource {
  readonly replayable = true
  readonly items: readonly unknown[]
  constructor(items: readonly unknown[]) {
    this.items = items
  }
  batches(): Iterable<readonly unknown[]> {
    return this.items.length === 0 ? [] : [this.items]
  }
}

/** The items of an iterable. A generator can be read once; a Set, Map or typed array again. */
export class IterableSource implements ItemSource {
  readonly replayable: boolean
  private readonly items: Iterable<unknown>
  private used = false

  constructor(items: Iterable<unknown>) {
    this.items = items
    this.replayable = types.isSet(items) || types.isMap(items) || ArrayBuffer.isView(items)
  }

  *batches(): Iterable<readonly unknown[]> {
    if (this.used && !this.replayable) {
      throw new Error(
        'these items come from a generator, which can be read only once; store them with Array.from(items) to read them again',
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

/**
 * Returns a source of the items that a user's function returned for a partition.
 *
 * @throws TypeError, naming the operation, if the result is not iterable.
 */
export function sourceOfResult(result: unknown, operation: string): ItemSource {
  if (Array.isArray(result)) return new ListSource(result)
  if (typeof result === 'object' && result !== null && Symbol.iterator in result) {
    return new IterableSource(result as Iterable<unknown>)
  }
  throw new TypeError(
    `${operation}: the function must return an iterable of items, such as an array or a generator; got ${describeValue(result)}`,
  )
}

/** Awaits a promise or collects an asynchronous iterable. Returns undefined if the result is neither. */
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

/** Cuts batches into pieces of at most `size` items. */
export function* sliceBatches(
  batches: Iterable<readonly unknown[]>,
  size: number,
): Iterable<readonly unknown[]> {
  for (const batch of batches) {
    if (batch.length <= size) yield batch
    else for (let i = 0; i < batch.length; i += size) yield batch.slice(i, i + size)
  }
}
