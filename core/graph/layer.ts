/**
 * Layers: the units that collections build, and that are optimized, culled and sent.
 *
 * A layer is a grid of blocks, each a task. The block at row-major position `b` has the key `name:i,j`.
 * A blockwise layer is one record whatever its number of blocks: a recipe, and a mapping of its blocks
 * to blocks of each input. An indexed layer lists the inputs of each block (trees, shuffles, slices).
 * Layers refer to the layers they read, so adding an operation to a collection takes the same time
 * however long the chain is.
 */
import { blockCoordinates, blockKey, blockNumber, countBlocks, type Key } from '../base/keys.js'
import { DATA, type Recipe } from './recipe.js'

/**
 * The task of one block. `inputs` holds pairs: a layer (an index into the layer's `dependencies`, or
 * -1 for the layer itself) and one of its blocks.
 */
export interface BlockNode {
  /** The computation. */
  readonly recipe: Recipe
  /** Pairs of numbers: a dependency, or -1 for the layer itself, and one of its blocks. */
  readonly inputs: readonly number[]
  /** The values of the recipe's parameters. */
  readonly params: readonly unknown[]
}

/** A grid of tasks. */
export interface Layer {
  /** The name: `operation-token`. It begins the keys of the blocks. */
  readonly name: string
  /** The number of blocks along each axis; empty for a layer of one block without axes. */
  readonly numblocks: readonly number[]
  /** The layers that it reads. */
  readonly dependencies: readonly Layer[]
  /** Whether the name is derived from the content, so that computations may share results. */
  readonly contentNamed: boolean
  /** Returns the task of the block at a position in row-major order. */
  node(block: number): BlockNode
  /** Returns the key of the block at a position in row-major order: `name:i,j`. */
  key(block: number): Key
  /** Returns the key that a step of a block's task would have without fusion; absent if that is the block's own. */
  keyOfStep?(block: number, step: number): Key
  /** Returns the same layer with its dependencies replaced, in the same order; absent if it has none. */
  withDependencies?(dependencies: readonly Layer[]): Layer
}

/** An input of a blockwise layer. */
export interface BlockwiseInput {
  readonly layer: Layer
  /**
   * For each axis of the input's grid, the axis of the reading layer's grid that it follows, or -1 to
   * always read block 0. If omitted, the grids are equal and each block reads the same block.
   */
  readonly axes?: readonly number[]
}

/** A parameter of a blockwise layer's recipe, derived from the block's position. */
export type BlockParam =
  /** The block's row-major position. */
  | { readonly kind: 'block' }
  /** The block's coordinates. */
  | { readonly kind: 'coordinates' }
  /** The value at the block's position in a list. */
  | { readonly kind: 'values'; readonly values: readonly unknown[] }

const none: readonly never[] = []

/** A layer in which every block applies one recipe to the matching blocks of the inputs. */
export class BlockwiseLayer implements Layer {
  readonly contentNamed = true
  readonly dependencies: readonly Layer[]
  readonly name: string
  readonly numblocks: readonly number[]
  readonly recipe: Recipe
  readonly inputs: readonly BlockwiseInput[]
  readonly params: readonly BlockParam[]
  /**
   * The estimated time of the largest block, in nanoseconds; undefined if it is not known, as it is for
   * functions of the user. Blocks that are known to be small are fused into the tasks that merge them.
   */
  readonly cost: number | undefined
  /** Whether it takes less time to make a block again than to keep it, as for `zeros`. It has no inputs then. */
  readonly isCheap: boolean

  constructor(spec: {
    name: string
    numblocks: readonly number[]
    recipe: Recipe
    inputs?: readonly BlockwiseInput[]
    params?: readonly BlockParam[]
    cost?: number | undefined
    isCheap?: boolean
  }) {
    this.name = spec.name
    this.numblocks = spec.numblocks
    this.recipe = spec.recipe
    this.inputs = spec.inputs ?? none
    this.params = spec.params ?? none
    this.cost = spec.cost
    this.isCheap = spec.isCheap === true && this.inputs.length === 0
    this.dependencies = this.inputs.length === 0 ? none : this.inputs.map((input) => input.layer)
  }

  node(block: number): BlockNode {
    const inputs = new Array<number>(this.inputs.length * 2)
    for (let i = 0; i < this.inputs.length; i++) {
      inputs[2 * i] = i
      inputs[2 * i + 1] = this.inputBlock(i, block)
    }
    return { recipe: this.recipe, inputs, params: this.paramsOf(block) }
  }

  key(block: number): Key {
    return blockKey(this.name, blockCoordinates(block, this.numblocks))
  }

  /** Returns the block of input `i` that a block of this layer reads. */
  inputBlock(i: number, block: number): number {
    const { layer, axes } = this.inputs[i]!
    if (axes === undefined) return block
    const coordinates = blockCoordinates(block, this.numblocks)
    return blockNumber(
      axes.map((axis) => (axis < 0 ? 0 : coordinates[axis]!)),
      layer.numblocks,
    )
  }

  /** Returns the parameters of a block. A plan keeps such a list for each task, so it has no room for more. */
  private paramsOf(block: number): readonly unknown[] {
    const { params } = this
    if (params.length === 0) return none
    const values = new Array<unknown>(params.length)
    for (let i = 0; i < params.length; i++) values[i] = this.paramOf(params[i]!, block)
    return values
  }

  private paramOf(param: BlockParam, block: number): unknown {
    switch (param.kind) {
      case 'block':
        return block
      case 'coordinates':
        return blockCoordinates(block, this.numblocks)
      case 'values':
        return param.values[block]
      default:
        return param satisfies never
    }
  }

  /** Adds the parameters of a block to a list. */
  addParams(block: number, into: unknown[]): void {
    for (const param of this.params) into.push(this.paramOf(param, block))
  }

  /** Returns the same layer with its dependencies replaced, in the same order. */
  withDependencies(dependencies: readonly Layer[]): BlockwiseLayer {
    const { name, numblocks, recipe, params, cost } = this
    const inputs = this.inputs.map((input, i) => ({ ...input, layer: dependencies[i]! }))
    return new BlockwiseLayer({ name, numblocks, recipe, inputs, params, cost })
  }
}

/** A layer that lists a recipe, inputs and parameters for each block. */
export class IndexedLayer implements Layer {
  readonly contentNamed = true
  readonly name: string
  readonly numblocks: readonly number[]
  readonly dependencies: readonly Layer[]
  readonly nodes: readonly BlockNode[]

  constructor(spec: {
    name: string
    numblocks: readonly number[]
    dependencies: readonly Layer[]
    nodes: readonly BlockNode[]
  }) {
    this.name = spec.name
    this.numblocks = spec.numblocks
    this.dependencies = spec.dependencies
    this.nodes = spec.nodes
  }

  node(block: number): BlockNode {
    return this.nodes[block]!
  }

  key(block: number): Key {
    return blockKey(this.name, blockCoordinates(block, this.numblocks))
  }

  /** Returns the same layer with its dependencies replaced, in the same order. */
  withDependencies(dependencies: readonly Layer[]): IndexedLayer {
    const { name, numblocks, nodes } = this
    return new IndexedLayer({ name, numblocks, dependencies, nodes })
  }
}

/** Returns a layer whose blocks are the given values. */
export function dataLayer(
  name: string,
  numblocks: readonly number[],
  values: readonly unknown[],
): BlockwiseLayer {
  return new BlockwiseLayer({ name, numblocks, recipe: DATA, params: [{ kind: 'values', values }] })
}

/**
 * Returns the given layers and all layers they need, each after those it reads. Iterative, since chains
 * can be very long.
 */
export function layersOf(roots: readonly Layer[]): Layer[] {
  const sorted: Layer[] = []
  const seen = new Set<Layer>()
  const stack: { layer: Layer; next: number }[] = []
  const enter = (layer: Layer): void => {
    if (seen.has(layer)) return
    seen.add(layer)
    stack.push({ layer, next: 0 })
  }
  for (const root of roots) {
    enter(root)
    while (stack.length > 0) {
      const frame = stack.at(-1)!
      const dependency = frame.layer.dependencies[frame.next++]
      if (dependency !== undefined) enter(dependency)
      else {
        sorted.push(frame.layer)
        stack.pop()
      }
    }
  }
  return sorted
}

/** Returns a layer with other dependencies, in the same order; the layer itself if they are the same. */
export function withDependencies(layer: Layer, dependencies: readonly Layer[]): Layer {
  if (dependencies.every((dependency, i) => dependency === layer.dependencies[i])) return layer
  return layer.withDependencies?.(dependencies) ?? layer
}

/** For each list of keys that `blockKeys` returned, the name of its layer. */
const wholeLayers = new WeakMap<object, string>()

/** Returns the keys of all blocks of a layer, in row-major order. */
export function blockKeys(layer: Layer): readonly Key[] {
  const keys = new Array<Key>(countBlocks(layer.numblocks))
  const inner = layer.numblocks.at(-1) ?? 1
  for (let block = 0; block < keys.length; block += inner) {
    // Along the last axis, keys differ only in their last number.
    const first = layer.key(block)
    const prefix = first.slice(0, first.length - 1)
    keys[block] = first
    for (let i = 1; i < inner; i++) keys[block + i] = prefix + i
  }
  wholeLayers.set(keys, layer.name)
  return keys
}

/** Whether `blockKeys` returned this list for this layer, so that the keys need not be compared one by one. */
export function areAllBlocks(keys: object, layer: Layer): boolean {
  return wholeLayers.get(keys) === layer.name
}

/** Returns the total number of tasks of the given layers. */
export function countTasks(layers: readonly Layer[]): number {
  return layers.reduce((count, layer) => count + countBlocks(layer.numblocks), 0)
}
