/**
 * Tokens: short names derived from content. Equal content has the same token in every process and run;
 * `core/codec/tokens/canonical.ts` defines which values are equal.
 */

import { functions } from '../codec/bundles/functions.js'
import { tokenOf } from '../codec/bytes/hash-sink.js'

/**
 * Returns a token of 24 hex digits for the given values: `tokenize('sum', { axis: 0 })`. The order of an
 * object's keys does not matter; the order of arrays, Maps and Sets does.
 *
 * @throws NotPortableError for values that cannot be sent.
 */
export function tokenize(...values: unknown[]): string {
  return functions.tokenize(values)
}

/** Returns a token of strings, which takes less time than `tokenize`. */
export function tokenizeStrings(...strings: readonly string[]): string {
  let text = ''
  for (const string of strings) text += `${string.length}:${string}`
  return tokenOf(text)
}
