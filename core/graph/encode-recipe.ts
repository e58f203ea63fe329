/** Encodes recipes, to send them or to copy them, and reads them again. */
import { NotPortableError } from '../base/errors.js'
import { type Encoded, encode, type SeparateFunctions } from '../codec/index.js'
import { pathInRecipe, portableRecipe, type Recipe } from './recipe.js'
import { joinTree, type RecipeTree, treeOf } from './recipe-tree.js'

/** What is sent for the recipe of a fused tree. */
interface SentTree {
  readonly tree: RecipeTree
}

/**
 * Encodes a recipe; `copies` are the functions of a copy that stays in this thread.
 *
 * @throws NotPortableError, whose path begins with the user's operation, if it cannot be sent.
 */
export function encodeRecipe(recipe: Recipe, copies?: SeparateFunctions): Encoded {
  const tree = treeOf(recipe)
  try {
    const functions = copies === undefined ? {} : { functions: copies }
    const sent = tree === undefined ? portableRecipe(recipe) : { tree: portableTree(tree) }
    return encode(sent, { path: [], ...functions })
  } catch (error) {
    if (!(error instanceof NotPortableError)) throw error
    const { path } = error
    throw new NotPortableError(pathInRecipe(partAt(path, tree) ?? recipe, path), error.reason)
  }
}

/** Returns the recipe whose decoded form this is. */
export function readRecipe(decoded: unknown): Recipe {
  const recipe = decoded as Recipe | SentTree
  return 'tree' in recipe ? joinTree(recipe.tree) : recipe
}

function portableTree({ leaf, levels, sizes }: RecipeTree): RecipeTree {
  const portable = (level: ReadonlyMap<number, Recipe>) =>
    new Map(Array.from(level, ([size, recipe]) => [size, portableRecipe(recipe)]))
  return { leaf: portableRecipe(leaf), levels: levels.map(portable), sizes }
}

/** Returns the part of a tree that a path such as `tree -> levels -> 0 -> 8 -> steps` leads to. */
function partAt(path: readonly string[], tree: RecipeTree | undefined): Recipe | undefined {
  if (path[1] !== 'levels') return tree?.leaf
  return tree?.levels[Number(path[2])]?.get(Number(path[3]))
}
