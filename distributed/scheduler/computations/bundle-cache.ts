/**
 * The encoded function bundles that the scheduler keeps for its workers, by token. A bundle is kept while it
 * has users: clients that sent it, recipes, parameters, or stored collections.
 */
import { inDependencyOrder } from '../../../core/base/dependency-order.js'
import { type Encoded, encodedSize } from '../../../core/codec/index.js'
import type { Bundle } from '../../protocol/index.js'

export class BundleCache {
  private readonly bytes = new Map<string, Encoded>()
  private readonly users = new Map<string, number>()
  private readonly unused = new Set<string>()
  private readonly onForgotten: (tokens: readonly string[]) => void

  /** `onForgotten` is called with bundles that are dropped. */
  constructor(onForgotten: (tokens: readonly string[]) => void = () => {}) {
    this.onForgotten = onForgotten
  }

  /** The number of bundles. */
  get size(): number {
    return this.bytes.size
  }

  /** Adds bundles. Those that are not retained are dropped at the next release. */
  add(bundles: readonly Bundle[]): void {
    for (const [token, bytes] of bundles) {
      if (this.bytes.has(token)) continue
      this.bytes.set(token, bytes)
      this.unused.add(token)
    }
  }

  /** Returns the known bundles that these tokens need, directly or not, dependencies first. */
  closure(tokens: readonly string[]): readonly string[] {
    return inDependencyOrder(
      tokens,
      (token) => token,
      (token) => this.bytes.get(token)?.bundles,
    )
  }

  get(token: string): Encoded | undefined {
    return this.bytes.get(token)
  }

  /** Returns the bytes of these bundles, which `retain` returned. */
  sizeOf(tokens: readonly string[]): number {
    let size = 0
    for (const token of tokens) size += encodedSize(this.bytes.get(token)!)
    return size
  }

  /** Adds a user of these bundles and all that they need. Returns the tokens to `release` later. */
  retain(tokens: readonly string[]): readonly string[] {
    const all = this.closure(tokens)
    for (const token of all) {
      this.users.set(token, (this.users.get(token) ?? 0) + 1)
      this.unused.delete(token)
    }
    return all
  }

  /** Removes a user of the bundles that `retain` returned, and drops unused bundles. */
  release(tokens: readonly string[]): void {
    for (const token of tokens) {
      const left = this.users.get(token)! - 1
      if (left > 0) this.users.set(token, left)
      else {
        this.users.delete(token)
        this.unused.add(token)
      }
    }
    this.dropUnused()
  }

  private dropUnused(): void {
    if (this.unused.size === 0) return
    const tokens = [...this.unused]
    this.unused.clear()
    for (const token of tokens) this.bytes.delete(token)
    this.onForgotten(tokens)
  }
}

/** Returns the bundles that some tokens need and a peer does not have, and adds them to its `known` ones. */
export function takeNewBundles(
  tokens: readonly string[],
  known: Set<string>,
  from: Pick<BundleCache, 'closure' | 'get'>,
): Bundle[] {
  const fresh: Bundle[] = []
  // A peer that has a bundle has all that it needs.
  if (tokens.every((token) => known.has(token) || from.get(token) === undefined)) return fresh
  for (const token of from.closure(tokens)) {
    if (known.has(token)) continue
    known.add(token)
    fresh.push([token, from.get(token)!])
  }
  return fresh
}
