/** Encodes recipes, to send them or to copy them. */
import { NotPortableError } from '../base/errors.js'
import { type Encoded, encode, type SeparateFunctions } from '../codec/index.js'
import { pathInRecipe, portableRecipe, type Recipe } from './recipe.js'

/**
 * Encodes a recipe; `copies` are the functions of a copy that stays in this thread.
 *
 * @throws NotPortableError, whose path begins with the user's operation, if it cannot be sent.
 */
export function encodeRecipe(recipe: Recipe, copies?: SeparateFunctions): Encoded {
  try {
    const functions = copies === undefined ? {} : { functions: copies }
    return encode(portableRecipe(recipe), { path: [], ...functions })
  } catch (error) {
    if (!(error instanceof NotPortableError)) throw error
    throw new NotPortableError(pathInRecipe(recipe, error.path), error.reason)
  }
}
