/**
 * Numbers recipes by content. A computation that is repeated gets the same numbers, so its threads have the
 * recipes already and the durations of its tasks are known. Some unused recipes are kept for that.
 */

import { bundles, type Encoded, encodedSize, tokenizeEncoded } from '../../codec/index.js'
import { encodeRecipe } from '../../graph/encode-recipe.js'
import type { Recipe } from '../../graph/recipe.js'

interface Entry {
  readonly id: number
  readonly bytes: Encoded
  /** The bytes of the recipe and of the functions that it needs. */
  readonly nbytes: number
  users: number
}

/** The bytes of unused recipes, with their functions, that are kept at most. */
const maxUnusedBytes = 2 * 1024 * 1024

export class RecipeRegistry {
  private readonly capacity: number
  private readonly entries = new Map<string, Entry>()
  private readonly byRecipe = new WeakMap<Recipe, string>()
  private nextId = 0
  private unusedBytes = 0

  /** Unused recipes are forgotten when there are more than `capacity` recipes, or when they are large. */
  constructor(capacity = 1024) {
    this.capacity = capacity
  }

  /** Returns the number and the bytes of a recipe, and counts one more use. */
  acquire(recipe: Recipe): { id: number; bytes: Encoded; isNew: boolean } {
    let token = this.byRecipe.get(recipe)
    let entry = token === undefined ? undefined : this.entries.get(token)
    let isNew = false
    if (entry === undefined) {
      const bytes = encodeRecipe(recipe)
      token = tokenizeEncoded(bytes)
      this.byRecipe.set(recipe, token)
      entry = this.entries.get(token)
      if (entry === undefined) {
        const nbytes = sizeWithFunctions(bytes)
        entry = { id: this.nextId++, bytes, nbytes, users: 0 }
        isNew = true
        this.entries.set(token, entry)
        this.unusedBytes += nbytes
      }
    }
    if (entry.users++ === 0) this.unusedBytes -= entry.nbytes
    return { id: entry.id, bytes: entry.bytes, isNew }
  }

  /** Counts one use less of each recipe; returns the numbers of recipes that are now forgotten. */
  release(recipes: readonly Recipe[]): number[] {
    for (const recipe of recipes) {
      const token = this.byRecipe.get(recipe)!
      const entry = this.entries.get(token)!
      if (--entry.users === 0) this.unusedBytes += entry.nbytes
      // The most recently used recipe goes last, so that the first unused one is the oldest.
      this.entries.delete(token)
      this.entries.set(token, entry)
    }
    const forgotten: number[] = []
    for (const [token, entry] of this.entries) {
      if (this.entries.size <= this.capacity && this.unusedBytes <= maxUnusedBytes) break
      if (entry.users > 0) continue
      this.entries.delete(token)
      this.unusedBytes -= entry.nbytes
      forgotten.push(entry.id)
    }
    return forgotten
  }
}

function sizeWithFunctions(bytes: Encoded): number {
  const needed = bundles.closureOf(bundles.bundlesOf(bytes.bundles))
  return needed.reduce((size, { nbytes }) => size + nbytes, encodedSize(bytes))
}
