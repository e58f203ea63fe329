/**
 * The functions that this thread knows, as bytes.
 *
 * A *bundle* is an encoded function with everything that it captured. Its token is a hash of its
 * content, so the same function has the same token everywhere and is sent to each thread once.
 * Tokens that start with a name and a colon (`operation:`, `intrinsic:`) are complete in themselves
 * and have no bytes.
 */
import type { Encoded } from '../bytes/encoded.js'

/** Bundles by token. */
export class BundleStore {
  private readonly bundles = new Map<string, Encoded>()
  private readonly closures = new Map<string, readonly string[]>()

  /** Adds a bundle that was made here or received; an existing one stays. */
  add(token: string, bundle: Encoded): void {
    if (!this.bundles.has(token)) this.bundles.set(token, bundle)
  }

  get(token: string): Encoded | undefined {
    return this.bundles.get(token)
  }

  /** Removes a bundle. Bundles that depend on it must be removed too. */
  delete(token: string): void {
    this.bundles.delete(token)
    this.closures.delete(token)
  }

  has(token: string): boolean {
    return this.bundles.has(token)
  }

  /**
   * Returns the tokens of all bundles that these tokens depend on, dependencies first. Tokens
   * without bytes, and bundles that are not in this store, are left out.
   */
  closure(tokens: readonly string[]): readonly string[] {
    if (tokens.length === 0) return tokens
    if (tokens.length > 1) return this.closureOf(tokens)
    const token = tokens[0]!
    let found = this.closures.get(token)
    if (found === undefined) {
      found = this.closureOf(tokens)
      if (found.every((t) => this.get(t)!.bundles.every((b) => this.has(b) || b.includes(':'))))
        this.closures.set(token, found)
    }
    return found
  }

  private closureOf(tokens: readonly string[]): string[] {
    const visited = new Set<string>()
    const ordered: string[] = []
    const stack = [...tokens].reverse().map((token) => ({ token, leaving: false }))
    while (stack.length > 0) {
      const { token, leaving } = stack.pop()!
      if (leaving) ordered.push(token)
      else if (!visited.has(token)) {
        visited.add(token)
        const bundle = this.bundles.get(token)
        if (bundle === undefined) continue
        stack.push({ token, leaving: true })
        for (const needed of bundle.bundles) stack.push({ token: needed, leaving: false })
      }
    }
    return ordered
  }
}
