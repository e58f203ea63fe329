/**
 * Function bundles that the scheduler keeps for its workers, as bytes, by token. Each is kept as long
 * as somebody uses it: a client that sent it, a recipe, or a named collection.
 */
import { BundleStore, type Encoded } from '../../../core/codec/index.js'
import type { Bundle } from '../../protocol/index.js'

export class BundleCache {
  private readonly store = new BundleStore()
  private readonly bytes = new Map<string, Encoded>()
  private readonly users = new Map<string, number>()
  private readonly unused = new Set<string>()
  private readonly onForgotten: (token: string) => void

  /** `onForgotten` is told of each bundle that is not here any more. */
  constructor(onForgotten: (token: string) => void = () => {}) {
    this.onForgotten = onForgotten
  }

  /** Adds bundles; they must be `retain`ed to stay. */
  add(bundles: readonly Bundle[]): void {
    for (const [token, bytes] of bundles) {
      if (this.bytes.has(token)) continue
      this.bytes.set(token, bytes)
      this.store.add(token, bytes)
      this.unused.add(token)
    }
  }

  /** All bundles that these tokens lead to, as far as they are here, the innermost first. */
  closure(tokens: readonly string[]): readonly string[] {
    return this.store.closure(tokens)
  }

  get(token: string): Encoded | undefined {
    return this.bytes.get(token)
  }

  /** One more uses these bundles and all they lead to; gives what to `release` in the end. */
  retain(tokens: readonly string[]): readonly string[] {
    const all = this.closure(tokens)
    for (const token of all) {
      this.users.set(token, (this.users.get(token) ?? 0) + 1)
      this.unused.delete(token)
    }
    return all
  }

  /** One fewer uses what `retain` gave. */
  release(tokens: readonly string[]): void {
    for (const token of tokens) {
      const left = this.users.get(token)! - 1
      if (left > 0) this.users.set(token, left)
      else {
        this.users.delete(token)
        this.unused.add(token)
      }
    }
    this.sweep()
  }

  /** Forgets what nobody uses. */
  sweep(): void {
    if (this.unused.size === 0) return
    for (const token of this.unused) {
      this.bytes.delete(token)
      this.store.delete(token)
      this.onForgotten(token)
    }
    this.unused.clear()
  }
}

/** The bundles behind some tokens that a peer does not have yet; it has them from now on. */
export function takeNewBundles(
  tokens: readonly string[],
  known: Set<string>,
  from: Pick<BundleCache, 'closure' | 'get'>,
): Bundle[] {
  const news: Bundle[] = []
  for (const token of from.closure(tokens)) {
    if (known.has(token)) continue
    known.add(token)
    news.push([token, from.get(token)!])
  }
  return news
}
