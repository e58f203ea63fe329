/** The function bundles that values need. */
import { isEncoded, type StoredValue } from '../../core/graph/stored-value.js'

/** Returns the tokens of the function bundles that some values need, each once. */
export function tokensOf(values: readonly StoredValue[]): string[] {
  const tokens = new Set<string>()
  for (const value of values) {
    if (isEncoded(value)) for (const token of value.bundles) tokens.add(token)
  }
  return [...tokens]
}
