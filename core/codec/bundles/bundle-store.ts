/**
 * The functions that this thread knows, as bytes.
 *
 * A *bundle* is an encoded function with everything that it captured. Its token is a hash of its
 * content, so the same function has the same token everywhere and is sent to each thread once.
 * Tokens that start with a name and a colon (`operation:`, `intrinsic:`) are complete in themselves
 * and have no bytes.
 *
 * A bundle lives as long as an object that uses it: a captured function, or the list of tokens of an
 * encoded value (`hold`). The store itself keeps only the most recently used ones, up to a limit.
 * Weak references also find bundles that other objects hold, which avoids duplicates. Correctness does
 * not depend on them: code that uses a bundle holds it, and decodes values `within` the held bundles.
 */
import { setImmediate } from 'node:timers'
import { inDependencyOrder } from '../../base/dependency-order.js'
import { type Encoded, encodedSize } from '../bytes/encoded.js'
import type { RegisteredType } from '../interfaces.js'

/** The bundles that a store keeps although nothing else may use them. */
export const cacheLimits = { count: 1000, bytes: 4 * 1024 * 1024 } as const

/**
 * Bytes of bundles that are made findable in one turn of the event loop. A `WeakRef` keeps its target
 * until the turn ends, which may be long: awaiting what is there already does not end it.
 */
const findableBytesPerTurn = 8 * 1024 * 1024
/** The memory that a findable bundle takes besides its bytes: its decoded function, and code compiled for that. */
const findableOverhead = 4096

/** A bundle, with what was made of it in this thread. */
export class StoredBundle {
  readonly token: string
  readonly encoded: Encoded
  /** The size in bytes. */
  readonly nbytes: number
  /** The function, or whatever else the bundle encodes; undefined if it was not decoded yet. */
  decoded: unknown
  /** Whether the modules that it imports are loaded, or the promise for that. */
  loaded: true | Promise<void> | undefined
  /** The registered type that it defines; undefined if it was not adopted yet. */
  type: RegisteredType | undefined
  isFindable = false

  constructor(token: string, encoded: Encoded) {
    this.token = token
    this.encoded = encoded
    this.nbytes = encodedSize(encoded)
  }
}

/** A bundle and its token, as they are sent. */
type BundleItem = readonly [token: string, bytes: Encoded]

/** Bundles that a caller keeps, by token. */
export interface KnownBundles {
  get(token: string): StoredBundle | undefined
}

/** Bundles by token. */
export class BundleStore {
  /** The bundles that are kept, least recently used first. */
  private readonly recent = new Map<string, StoredBundle>()
  private recentBytes = 0
  /** Bundles that can be found while something else keeps them. */
  private readonly findable = new Map<string, WeakRef<StoredBundle>>()
  private findableBytes = 0
  private nextSweep = 1024
  /** The bundles that lists of tokens hold. */
  private readonly held = new WeakMap<readonly string[], HeldBundles>()
  /** The bundles among which tokens are looked up first. */
  private readonly scopes: HeldBundles[] = []
  private uses = 0

  /**
   * Adds a bundle that was made here or received, unless it is there already. The bundles that it needs
   * must have been added before. `known` are further bundles that the caller keeps; with it, the
   * caller keeps the new one too, and the store does not.
   */
  add(token: string, encoded: Encoded, known?: KnownBundles): StoredBundle {
    let bundle = known?.get(token) ?? this.find(token)
    if (bundle === undefined) {
      bundle = new StoredBundle(token, encoded)
      this.hold(encoded.bundles, known)
    }
    if (known === undefined) this.touch(bundle)
    this.makeFindable(bundle, false)
    if (this.uses === 0) this.trim()
    return bundle
  }

  /** Adds bundles that were received together, dependencies first. */
  addAll(items: readonly BundleItem[], known?: KnownBundles): StoredBundle[] {
    this.begin()
    try {
      return items.map(([token, encoded]) => this.add(token, encoded, known))
    } finally {
      this.end()
    }
  }

  /** Returns the bundle with this token if it is in use or was used recently. */
  find(token: string): StoredBundle | undefined {
    for (let i = this.scopes.length - 1; i >= 0; i--) {
      const found = this.scopes[i]!.find(token)
      if (found !== undefined) return found
    }
    return this.recent.get(token) ?? this.findable.get(token)?.deref()
  }

  get(token: string): Encoded | undefined {
    return this.find(token)?.encoded
  }

  has(token: string): boolean {
    return this.find(token) !== undefined
  }

  /** Marks a bundle as used now. */
  touch(bundle: StoredBundle): void {
    if (!this.recent.delete(bundle.token)) this.recentBytes += bundle.nbytes
    this.recent.set(bundle.token, bundle)
  }

  // Holding ----------------------------------------------------------------------------------------

  /**
   * Keeps bundles as long as this list of their tokens exists. `known` are bundles that the caller
   * keeps, besides those of the store.
   */
  hold(tokens: readonly string[], known?: KnownBundles): void {
    if (tokens.length === 0 || this.held.has(tokens)) return
    const bundles: StoredBundle[] = []
    for (const token of tokens) {
      const bundle = known?.get(token) ?? this.find(token)
      if (bundle !== undefined) bundles.push(bundle)
    }
    // Nearly all values have no tokens but those of operations, and weak keys cost the garbage collector time.
    if (bundles.length > 0) this.held.set(tokens, new HeldBundles(bundles))
  }

  /** Returns the bundles with these tokens. Tokens without bytes, and unknown ones, are left out. */
  bundlesOf(tokens: readonly string[]): readonly StoredBundle[] {
    const held = this.held.get(tokens)
    if (held !== undefined) return held.bundles
    return tokens.flatMap((token) => this.find(token) ?? [])
  }

  /** Calls `use`, which looks up tokens among the bundles that a list of tokens holds. */
  within<T>(tokens: readonly string[], use: () => T): T {
    const held = this.held.get(tokens)
    return held === undefined ? use() : this.inScope(held, use)
  }

  /** Calls `use`, which looks up tokens among these bundles. */
  among<T>(bundles: readonly StoredBundle[], use: () => T): T {
    return this.inScope(new HeldBundles(bundles), use)
  }

  private inScope<T>(scope: HeldBundles, use: () => T): T {
    this.scopes.push(scope)
    this.begin()
    try {
      return use()
    } finally {
      this.scopes.pop()
      this.end()
    }
  }

  /** Begins a use of the store: until it ends, every bundle that was added or touched is kept. */
  begin(): void {
    this.uses++
  }

  end(): void {
    if (--this.uses === 0) this.trim()
  }

  // Dependencies -----------------------------------------------------------------------------------

  /**
   * Returns all bundles that some bundles depend on, and these themselves, dependencies first.
   * Bundles that are unknown are left out.
   */
  closureOf(bundles: readonly StoredBundle[]): readonly StoredBundle[] {
    if (bundles.every(({ encoded }) => encoded.bundles.length === 0)) return [...new Set(bundles)]
    return inDependencyOrder(
      bundles,
      ({ token }) => token,
      ({ encoded }) => this.bundlesOf(encoded.bundles),
    )
  }

  /** Returns the tokens of all bundles that these tokens depend on, dependencies first. */
  closure(tokens: readonly string[]): readonly string[] {
    return this.closureOf(this.bundlesOf(tokens)).map(({ token }) => token)
  }

  // Limits -----------------------------------------------------------------------------------------

  /**
   * Makes a bundle findable by its token as long as it is in use; `always` for one whose identity
   * matters, as that of a class does.
   */
  makeFindable(bundle: StoredBundle, always: boolean): void {
    if (bundle.isFindable) return
    if (!always && this.findableBytes >= findableBytesPerTurn) return
    if (this.findableBytes === 0) setImmediate(() => (this.findableBytes = 0)).unref()
    this.findableBytes += bundle.nbytes + findableOverhead
    bundle.isFindable = true
    this.findable.set(bundle.token, new WeakRef(bundle))
    if (this.findable.size >= this.nextSweep) this.sweep()
  }

  /**
   * Lets the event loop turn if weak references keep much in this turn. They keep classes too, whatever their
   * number, and timers wait meanwhile.
   */
  async turnIfFull(): Promise<void> {
    if (this.findableBytes < findableBytesPerTurn) return
    await new Promise((resolve) => setImmediate(resolve))
  }

  /** Removes the entries of bundles that are gone. */
  private sweep(): void {
    for (const [token, ref] of this.findable)
      if (ref.deref() === undefined) this.findable.delete(token)
    this.nextSweep = Math.max(1024, 2 * this.findable.size)
  }

  /** Drops the least recently used bundles above the limits, but always keeps the last one. */
  private trim(): void {
    const { count, bytes } = cacheLimits
    if (this.recent.size <= count && this.recentBytes <= bytes) return
    for (const [token, bundle] of this.recent) {
      if (this.recent.size === 1) break
      this.recent.delete(token)
      this.recentBytes -= bundle.nbytes
      if (this.recent.size <= count && this.recentBytes <= bytes) break
    }
  }
}

/** The most bundles among which a token is searched one by one. */
const mostSearched = 8

/** The bundles that a list of tokens holds. */
class HeldBundles {
  readonly bundles: readonly StoredBundle[]
  private byToken: ReadonlyMap<string, StoredBundle> | undefined

  constructor(bundles: readonly StoredBundle[]) {
    this.bundles = bundles
  }

  find(token: string): StoredBundle | undefined {
    const { bundles } = this
    if (bundles.length <= mostSearched) {
      for (const bundle of bundles) if (bundle.token === token) return bundle
      return undefined
    }
    this.byToken ??= new Map(bundles.map((bundle) => [bundle.token, bundle]))
    return this.byToken.get(token)
  }
}
