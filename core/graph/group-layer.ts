/**
 * Layers of trees: each block reads a group of neighbouring blocks of one other layer.
 *
 * Neither class lists its blocks, so a tree over a million blocks is a few records.
 */
import { blockCoordinates, blockKey, blockNumber, countBlocks, type Key } from '../base/keys.js'
import type { BlockNode, BlockwiseLayer, Layer } from './layer.js'
import type { Recipe } from './recipe.js'
import { joinTree } from './recipe-tree.js'

/** A layer that merges groups of at most `fan[axis]` blocks along each axis of another layer. */
export class GroupLayer implements Layer {
  readonly contentNamed = true
  readonly dependencies: readonly Layer[]
  readonly name: string
  /** The grid of its keys. It has as many blocks as there are groups, and may lack axes of one group. */
  readonly numblocks: readonly number[]
  readonly source: Layer
  readonly fan: readonly number[]
  /** For each size of a group, the recipe that takes that many inputs. */
  readonly recipes: ReadonlyMap<number, Recipe>
  private readonly groups: readonly number[]

  constructor(spec: {
    name: string
    numblocks: readonly number[]
    source: Layer
    fan: readonly number[]
    recipes: ReadonlyMap<number, Recipe>
  }) {
    this.name = spec.name
    this.numblocks = spec.numblocks
    this.source = spec.source
    this.fan = spec.fan
    this.recipes = spec.recipes
    this.dependencies = [spec.source]
    this.groups = spec.source.numblocks.map((n, axis) => Math.ceil(n / spec.fan[axis]!))
  }

  node(block: number): BlockNode {
    const blocks = this.blocksOf(block)
    const inputs = new Array<number>(blocks.length * 2)
    for (let i = 0; i < blocks.length; i++) {
      inputs[2 * i] = 0
      inputs[2 * i + 1] = blocks[i]!
    }
    return { recipe: this.recipes.get(blocks.length)!, inputs, params: [] }
  }

  key(block: number): Key {
    return blockKey(this.name, blockCoordinates(block, this.numblocks))
  }

  /** Returns the blocks of the source that a block reads, in row-major order. */
  blocksOf(block: number): number[] {
    const { numblocks } = this.source
    const first = blockCoordinates(block, this.groups).map((group, axis) => group * this.fan[axis]!)
    const sizes = first.map((start, axis) => Math.min(this.fan[axis]!, numblocks[axis]! - start))
    const count = countBlocks(sizes)
    const blocks = new Array<number>(count)
    const start = blockNumber(first, numblocks)
    if (sizes.length === 1) {
      for (let i = 0; i < count; i++) blocks[i] = start + i
      return blocks
    }
    for (let i = 0; i < count; i++)
      blocks[i] = start + blockNumber(blockCoordinates(i, sizes), numblocks)
    return blocks
  }

  /** Returns the same layer with its dependencies replaced. */
  withDependencies([source]: readonly Layer[]): GroupLayer {
    const { name, numblocks, fan, recipes } = this
    return new GroupLayer({ name, numblocks, source: source!, fan, recipes })
  }
}

/** Makes the recipe for each size that the groups of a grid have. */
export function groupRecipes(
  numblocks: readonly number[],
  fan: readonly number[],
  make: (count: number) => Recipe,
): Map<number, Recipe> {
  let counts = [1]
  for (const [axis, n] of numblocks.entries()) {
    const size = Math.min(n, fan[axis]!)
    const sizes = n % size === 0 ? [size] : [size, n % size]
    counts = counts.flatMap((count) => sizes.map((own) => count * own))
  }
  return new Map([...new Set(counts)].map((count) => [count, make(count)]))
}

/** A level of a fused tree. */
type TreePart = BlockwiseLayer | GroupLayer

/**
 * A blockwise layer and the levels of a tree over it as one layer: the task of a block computes the
 * blocks below it one after another, and merges them. It has the name of the last level.
 */
export class FusedTreeLayer implements Layer {
  readonly contentNamed = true
  readonly name: string
  readonly numblocks: readonly number[]
  readonly dependencies: readonly Layer[]
  readonly leaf: BlockwiseLayer
  /** The levels above the leaves, the lowest first. */
  readonly levels: readonly GroupLayer[]
  private readonly recipes = new Map<string, Recipe>()

  constructor(leaf: BlockwiseLayer, levels: readonly GroupLayer[]) {
    const last = levels.at(-1)!
    this.name = last.name
    this.numblocks = last.numblocks
    this.dependencies = leaf.dependencies
    this.leaf = leaf
    this.levels = levels
  }

  node(block: number): BlockNode {
    const { leaf, levels } = this
    const inputs: number[] = []
    const params: unknown[] = []
    /** The sizes of the groups, each before those of the groups in it. */
    const sizes: number[] = []
    const visit = (level: number, at: number): void => {
      const blocks = levels[level]!.blocksOf(at)
      sizes.push(blocks.length)
      for (const below of blocks) {
        if (level > 0) {
          visit(level - 1, below)
          continue
        }
        for (let i = 0; i < leaf.inputs.length; i++) inputs.push(i, leaf.inputBlock(i, below))
        leaf.addParams(below, params)
      }
    }
    visit(levels.length - 1, block)
    return { recipe: this.recipeOf(sizes), inputs, params }
  }

  key(block: number): Key {
    return blockKey(this.name, blockCoordinates(block, this.numblocks))
  }

  /** Returns the key that the task of a block would have, without fusion, for one of its steps. */
  keyOfStep(block: number, step: number): Key {
    let steps = 0
    let key: Key | undefined
    const count = (part: TreePart, recipe: Recipe, at: number): void => {
      steps += recipe.steps.length
      if (steps > step) key ??= part.key(at)
    }
    const visit = (level: number, at: number): void => {
      const part = this.levels[level]!
      const blocks = part.blocksOf(at)
      for (const below of blocks) {
        if (level > 0) visit(level - 1, below)
        else count(this.leaf, this.leaf.recipe, below)
      }
      count(part, part.recipes.get(blocks.length)!, at)
    }
    visit(this.levels.length - 1, block)
    return key ?? this.key(block)
  }

  /** Returns the same layer with its dependencies replaced, in the same order. */
  withDependencies(dependencies: readonly Layer[]): FusedTreeLayer {
    return new FusedTreeLayer(this.leaf.withDependencies(dependencies), this.levels)
  }

  /** Returns the recipe of a block whose groups have the given sizes. Nearly all blocks share one. */
  private recipeOf(sizes: readonly number[]): Recipe {
    const signature = sizes.join()
    let found = this.recipes.get(signature)
    if (found === undefined) {
      const levels = this.levels.map((level) => level.recipes)
      // The layer may have inputs that its recipe does not read.
      const leaf = { ...this.leaf.recipe, inputs: this.leaf.inputs.length }
      found = joinTree({ leaf, levels, sizes })
      this.recipes.set(signature, found)
    }
    return found
  }
}
