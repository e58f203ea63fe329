/**
 * Tokens: short names for content. The same content gives the same token in every process and on
 * every run; what counts as the same is told in `codec/canonical.ts`.
 */

import { functions } from '../codec/bundles/functions.js'
import { canonicalToken } from '../codec/tokens/canonical.js'

/**
 * A token of 24 hex digits for these values: `tokenize('sum', { axis: 0 })`. The order of an object's
 * keys does not matter; that of arrays, Maps and Sets does. Throws NotPortableError for values
 * that could not travel either.
 */
export function tokenize(...values: unknown[]): string {
  return canonicalToken(values, functions)
}
