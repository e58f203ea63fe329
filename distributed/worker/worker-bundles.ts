/**
 * The functions that a worker has from its scheduler, which decides when they are dropped. Messages
 * arrive in order, so that the worker has whatever a message refers to. What refers to a function here,
 * such as a recipe, a parameter or a result, holds it as long as it exists.
 */

import { collectDropped, noteDropped } from '../../core/base/collect-garbage.js'
import { invariant } from '../../core/base/errors.js'
import { bundles, type Encoded, inSharedMemory, type StoredBundle } from '../../core/codec/index.js'
import { holdBundles, isEncoded, type StoredValue } from '../../core/graph/stored-value.js'
import type { Bundle } from '../protocol/index.js'

export class WorkerBundles {
  private readonly known = new Map<string, StoredBundle>()
  /** Their bytes. */
  nbytes = 0

  /** Adds functions that the scheduler has sent, dependencies first. */
  receive(items: readonly Bundle[]): void {
    for (const [token, bytes] of items) {
      if (this.known.has(token)) continue
      const bundle = bundles.add(token, inSharedMemory(bytes), this.known)
      this.known.set(token, bundle)
      this.nbytes += bundle.nbytes
    }
  }

  /** Makes recipes or values of the scheduler hold their functions. */
  hold(values: readonly (StoredValue | Encoded)[]): void {
    holdBundles(values, this.known)
  }

  /**
   * Checks that the scheduler has sent all functions of its recipes and values, for `validate`.
   *
   * @throws Error if an invariant is broken.
   */
  validate(values: readonly (StoredValue | Encoded)[]): void {
    for (const value of values) {
      if (!isEncoded(value)) continue
      for (const token of value.bundles)
        invariant(token.includes(':') || this.known.has(token), `the function ${token} is missing`)
    }
  }

  /** Drops functions that the scheduler does not need any more. */
  forget(tokens: readonly string[]): void {
    for (const token of tokens) {
      const { nbytes = 0 } = this.known.get(token) ?? {}
      this.known.delete(token)
      this.nbytes -= nbytes
      noteDropped(nbytes)
    }
    collectDropped()
  }

  /** Drops all functions: the next session begins without any. */
  clear(): void {
    this.known.clear()
    this.nbytes = 0
  }
}
