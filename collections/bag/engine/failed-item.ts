/** Notes on thrown errors which item they were thrown for, so that a dirty line of a file can be found. */
import { inspect } from 'node:util'
import { failedItem, isError } from '../../../core/base/errors.js'
import type { ItemSource } from './item-source.js'

/** The most characters of an item that a note shows. */
const MOST_CHARACTERS = 80

/**
 * Adds a note about an item of a source to an error. Other thrown values, and errors that cannot be
 * changed, are left alone.
 *
 * @param index The position of the item in the source.
 */
export function noteFailedItem(
  error: unknown,
  source: ItemSource,
  index: number,
  item: unknown,
): void {
  if (!isError(error)) return
  const place = source.locate?.(index) ?? `item ${index + 1} of the partition`
  const value = `in ${place}: ${beginningOf(item)}`
  try {
    Object.defineProperty(error, failedItem, { value, configurable: true, writable: true })
  } catch {
    // A frozen error stays without the note.
  }
}

/** An item for which a function threw. */
export interface ItemReject<T = unknown> {
  /** The item, as the function received it. */
  readonly item: T
  /** What the function threw: the name of the error and its message. */
  readonly reason: string
  /** Where the item comes from, such as `line 3 of 'a.txt'` or `item 3 of the partition`; undefined if that is not known. */
  readonly place: string | undefined
}

/** Makes rejects of the items of a source. */
export class Rejects {
  /** The number of the source's items before the batch at hand. */
  done = 0
  constructor(private readonly source: ItemSource) {}

  /** Returns the reject of an item; `index` is its position in the batch, or -1. */
  reject(error: unknown, item: unknown, index: number): ItemReject {
    const position = this.done + index
    const place =
      index < 0
        ? undefined
        : (this.source.locate?.(position) ?? `item ${position + 1} of the partition`)
    return { item, reason: reasonOf(error), place }
  }
}

/** Returns what a function threw, as a string. */
export function reasonOf(error: unknown): string {
  return isError(error) ? `${error.name}: ${error.message}` : String(error)
}

/** Describes the beginning of an item on one line. */
function beginningOf(item: unknown): string {
  try {
    if (typeof item === 'string') {
      const cut = item.length > MOST_CHARACTERS
      return JSON.stringify(item.slice(0, MOST_CHARACTERS)) + (cut ? '...' : '')
    }
    const options = { depth: 1, maxArrayLength: 10, maxStringLength: 40 }
    const string = inspect(item, { ...options, breakLength: Number.POSITIVE_INFINITY })
    return string.length > MOST_CHARACTERS ? `${string.slice(0, MOST_CHARACTERS)}...` : string
  } catch {
    return `a value of type ${typeof item}`
  }
}
