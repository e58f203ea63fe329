/** Handles records that cannot be read: they are errors, are left out, or become rejects. */
import { describeValue } from '../../../core/base/describe-value.js'

/** What readers do about a record that cannot be read. */
export type OnError = 'raise' | 'skip' | 'collect'

/** A record that could not be read. */
export interface Reject {
  /** The file, or its address. */
  readonly path: string
  /** The line in the file at which the record starts, from 1; undefined in the middle of files of 256 MiB and more. */
  readonly line: number | undefined
  /** What is wrong with it. */
  readonly reason: string
  /** The record as it is in the file, or its first 1,000 characters. */
  readonly text: string
}

/** What a source yields: records, or the rejects. */
export interface DirtyRecords {
  readonly onError: 'raise' | 'skip'
  readonly yields: 'records' | 'rejects'
}

const MOST_OF_REJECT = 1000
const MOST_OF_MESSAGE = 80

/** Returns the option, `'raise'` by default. */
export function checkOnError(onError: unknown, operation: string): OnError {
  if (onError === undefined) return 'raise'
  if (onError === 'raise' || onError === 'skip' || onError === 'collect') return onError
  throw new RangeError(
    `${operation}: onError must be 'raise', 'skip' or 'collect', got ${describeValue(onError)}`,
  )
}

/** A record that cannot be read: why, and its text. */
export class BadRecord {
  readonly reason: string
  readonly text: string
  constructor(reason: string, text: string) {
    this.reason = reason
    this.text = text
  }
}

/** Returns the error about a record: `logs/a.gz:1041: ...`. */
export function recordError({ path, line, reason, text }: Reject): SyntaxError {
  const cut = text.length > MOST_OF_MESSAGE
  const shown = JSON.stringify(text.slice(0, MOST_OF_MESSAGE)) + (cut ? '...' : '')
  const place = line === undefined ? path : `${path}:${line}`
  return new SyntaxError(
    `${place}: ${reason}, in ${shown}; onError: 'skip' or 'collect' reads the other records`,
  )
}

/** Returns the reject of a record. */
export function rejectOf(path: string, line: number | undefined, bad: BadRecord): Reject {
  return { path, line, reason: bad.reason, text: bad.text.slice(0, MOST_OF_REJECT) }
}
