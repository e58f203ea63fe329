/**
 * Recipes of fused trees: a task computes many small blocks and merges them, level by level. The recipe has steps for each block,
 * but it is sent as its parts, and the steps are made again where the task runs.
 */
import { joinRecipes, type Recipe } from './recipe.js'

/** The parts of the recipe of a fused tree. */
export interface RecipeTree {
  /** The recipe of a block at the bottom. */
  readonly leaf: Recipe
  /** For each level above, the lowest first, the recipe for each size of a group. */
  readonly levels: readonly ReadonlyMap<number, Recipe>[]
  /** The sizes of the groups, each before those of the groups in it. */
  readonly sizes: readonly number[]
}

/** The recipes of fused trees, with their parts. */
const trees = new WeakMap<Recipe, RecipeTree>()

/** Returns the recipe that computes the blocks of a tree one after another, each group followed by its merge. */
export function joinTree(tree: RecipeTree): Recipe {
  const { leaf, levels, sizes } = tree
  const parts: Recipe[] = []
  const wiring: ({ part: number } | { input: number })[][] = []
  let inputs = 0
  let next = 0
  const add = (recipe: Recipe, wires: ({ part: number } | { input: number })[]): number => {
    wiring.push(wires)
    return parts.push(recipe) - 1
  }
  const addLeaf = (): number =>
    add(
      leaf,
      Array.from({ length: leaf.inputs }, () => ({ input: inputs++ })),
    )
  const addGroup = (level: number): number => {
    const below: number[] = []
    for (let n = sizes[next++]!; n > 0; n--) below.push(level > 0 ? addGroup(level - 1) : addLeaf())
    return add(
      levels[level]!.get(below.length)!,
      below.map((part) => ({ part })),
    )
  }
  addGroup(levels.length - 1)
  const recipe = joinRecipes(parts, wiring, inputs)
  trees.set(recipe, tree)
  return recipe
}

/** Returns the parts of the recipe of a fused tree; undefined for other recipes. */
export function treeOf(recipe: Recipe): RecipeTree | undefined {
  return trees.get(recipe)
}
