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
