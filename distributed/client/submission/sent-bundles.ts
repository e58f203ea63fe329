/**
 * Which function bundles the scheduler has from this client: a set of their tokens, least recently
 * used first. A bundle is sent once, with the first message that needs it.
 */
import { bundles } from '../../../core/codec/index.js'
import type { Bundle, Submit } from '../../protocol/index.js'
import { tokensOf } from '../../protocol/tokens.js'

/** Returns the bundles that `tokens` need and the scheduler lacks, and adds them to `sent`. */
export function newBundles(tokens: readonly string[], sent: Set<string>): Bundle[] {
  const missing: Bundle[] = []
  for (const token of bundles.closure(tokens)) {
    // Moves the token to the end: most recently used.
    const wasSent = sent.delete(token)
    sent.add(token)
    if (wasSent) continue
    missing.push([token, bundles.get(token)!])
  }
  return missing
}

/** Removes the least recently used half of more than `limit` tokens from `sent`, and returns them. */
export function takeOldTokens(sent: Set<string>, limit: number): string[] {
  const old: string[] = []
  if (sent.size <= limit) return old
  for (const token of sent) {
    sent.delete(token)
    old.push(token)
    if (sent.size <= limit / 2) break
  }
  return old
}

/** Returns a submission with the bundles that the scheduler lacks. */
export function withNewBundles(message: Submit, sent: Set<string>): Submit {
  const tokens = new Set(tokensOf(message.params))
  for (const recipe of message.recipes) for (const token of recipe.bundles) tokens.add(token)
  for (const { params } of message.layers) {
    for (const param of params) {
      if (param.kind !== 'values') continue
      for (const token of tokensOf(param.values)) tokens.add(token)
    }
  }
  return { ...message, bundles: newBundles([...tokens], sent) }
}
