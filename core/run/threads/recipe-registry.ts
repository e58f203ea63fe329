/**
 * Numbers for recipes, by content: computing the same thing again meets the recipe its threads know
 * already, and how long its tasks take. Recipes that no computation uses are kept for a while.
 */

import { NotPortableError } from '../../base/errors.js'
import { type Encoded, encode, tokenizeEncoded } from '../../codec/index.js'
import { pathInRecipe, portableRecipe, type Recipe } from '../../graph/recipe.js'

interface Entry {
  readonly id: number
  readonly bytes: Encoded
  users: number
}

export class RecipeRegistry {
  private readonly capacity: number
  private readonly entries = new Map<string, Entry>()
  private readonly byRecipe = new WeakMap<Recipe, string>()
  private nextId = 0

  /** `capacity`: how many unused recipes are kept. */
  constructor(capacity = 1024) {
    this.capacity = capacity
  }

  /** The number of a recipe, and its bytes when it is new; one more uses it. */
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
        entry = { id: this.nextId++, bytes, users: 0 }
        isNew = true
        this.entries.set(token, entry)
      }
    }
    entry.users++
    return { id: entry.id, bytes: entry.bytes, isNew }
  }

  /** One fewer uses these recipes; gives the numbers of those that are forgotten now. */
  release(recipes: readonly Recipe[]): number[] {
    for (const recipe of recipes) {
      const token = this.byRecipe.get(recipe)!
      const entry = this.entries.get(token)!
      entry.users--
      // Last used goes last, so that the first unused one is the oldest.
      this.entries.delete(token)
      this.entries.set(token, entry)
    }
    const forgotten: number[] = []
    for (const [token, entry] of this.entries) {
      if (this.entries.size <= this.capacity) break
      if (entry.users > 0) continue
      this.entries.delete(token)
      forgotten.push(entry.id)
    }
    return forgotten
  }
}

/** A recipe as bytes. Throws NotPortableError, with the path from the user's operation on. */
export function encodeRecipe(recipe: Recipe): Encoded {
  try {
    return encode(portableRecipe(recipe), { path: [] })
  } catch (error) {
    if (!(error instanceof NotPortableError)) throw error
    throw new NotPortableError(pathInRecipe(recipe, error.path), error.reason)
  }
}
