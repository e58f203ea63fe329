/**
 * Layers: what collections build and what is optimized, culled and sent.
 *
 * A layer is a grid of blocks, each a task; block `b` (row-major position) has the key `name:i,j`. A
 * blockwise layer is one record whatever its number of blocks: a recipe, and for each input which of
 * that layer's blocks goes with which of ours. An indexed layer gives each block its own inputs
 * (trees, shuffles, slices). Layers refer to the layers they read, so that adding an operation to a
 * collection costs the same however long the chain is.
 */
import { blockKey, countBlocks, type Key, ravel, unravel } from '../base/keys.js'
import { DATA, type Recipe } from './recipe.js'

/**
 * One block's task. `inputs` holds pairs: which layer (an index into the layer's `dependencies`, or
 * -1 for the layer itself), then which of its blocks.
 */
export interface BlockNode {
  readonly recipe: Recipe
  readonly inputs: readonly number[]
  readonly params: readonly unknown[]
}

/** A grid of tasks. `name` is unique to the content, so that equal layers have equal keys. */
export interface Layer {
  readonly name: string
  readonly numblocks: readonly number[]
  readonly dependencies: readonly Layer[]
  /** Whether the name is made from the content, so that results may be shared between computations. */
  readonly contentNamed: boolean
  node(block: number): BlockNode
  key(block: number): Key
}

/** An input of a blockwise layer: for each axis of `layer`, the axis of ours it runs along, or -1 for block 0 always. */
export interface BlockwiseInput {
  readonly layer: Layer
  /** Omitted: the same block, the two grids being equal. */
  readonly axes?: readonly number[]
}

/** A parameter of a blockwise layer's recipe, from the block's position. */
export type BlockParam =
  /** The block's row-major position. */
  | { readonly kind: 'block' }
  /** The block's coordinates. */
  | { readonly kind: 'coordinates' }
  /** The value at the block's position in a list. */
  | { readonly kind: 'values'; readonly values: readonly unknown[] }

/** Every block does the same to the matching blocks of its inputs. */
export class BlockwiseLayer implements Layer {
  readonly contentNamed = true
  readonly dependencies: readonly Layer[]
  readonly name: string
  readonly numblocks: readonly number[]
  readonly recipe: Recipe
  readonly inputs: readonly BlockwiseInput[]
  readonly params: readonly BlockParam[]

  constructor(spec: {
    name: string
    numblocks: readonly number[]
    recipe: Recipe
    inputs?: readonly BlockwiseInput[]
    params?: readonly BlockParam[]
  }) {
    this.name = spec.name
    this.numblocks = spec.numblocks
    this.recipe = spec.recipe
    this.inputs = spec.inputs ?? []
    this.params = spec.params ?? []
    this.dependencies = this.inputs.map((input) => input.layer)
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
    return blockKey(this.name, unravel(block, this.numblocks))
  }

  /** Which block of input `i` goes with one of ours. */
  inputBlock(i: number, block: number): number {
    const { layer, axes } = this.inputs[i]!
    if (axes === undefined) return block
    const ours = unravel(block, this.numblocks)
    return ravel(
      axes.map((axis) => (axis < 0 ? 0 : ours[axis]!)),
      layer.numblocks,
    )
  }

  private paramsOf(block: number): readonly unknown[] {
    return this.params.map((param) => {
      if (param.kind === 'block') return block
      if (param.kind === 'coordinates') return unravel(block, this.numblocks)
      return param.values[block]
    })
  }
}

/** Every block has inputs of its own, listed when the layer is made. */
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
    return blockKey(this.name, unravel(block, this.numblocks))
  }

  /** The same blocks, reading layers that took the place of the former ones. */
  withDependencies(dependencies: readonly Layer[]): IndexedLayer {
    const { name, numblocks, nodes } = this
    return new IndexedLayer({ name, numblocks, dependencies, nodes })
  }
}

/** A layer whose blocks are values that exist already. */
export function dataLayer(
  name: string,
  numblocks: readonly number[],
  values: readonly unknown[],
): BlockwiseLayer {
  return new BlockwiseLayer({ name, numblocks, recipe: DATA, params: [{ kind: 'values', values }] })
}

/**
 * The layers that some layers need, themselves included, each after those it reads. Iterative, since
 * chains can be very long.
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

/** Lists of keys that were made of whole layers, with the names of these. */
const wholeLayers = new WeakMap<object, string>()

/** The keys of all blocks of a layer, in row-major order. */
export function blockKeys(layer: Layer): readonly Key[] {
  const keys = new Array<Key>(countBlocks(layer.numblocks))
  const inner = layer.numblocks.at(-1) ?? 1
  for (let block = 0; block < keys.length; block += inner) {
    // Along the last axis keys differ in their last number alone.
    const first = layer.key(block)
    const prefix = first.slice(0, first.length - 1)
    keys[block] = first
    for (let i = 1; i < inner; i++) keys[block + i] = prefix + i
  }
  wholeLayers.set(keys, layer.name)
  return keys
}

/** Whether a list of keys was made by `blockKeys` of this layer: a long one need not be looked through. */
export function areAllBlocks(keys: object, layer: Layer): boolean {
  return wholeLayers.get(keys) === layer.name
}

/** How many tasks some layers have in all. */
export function countTasks(layers: readonly Layer[]): number {
  return layers.reduce((count, layer) => count + countBlocks(layer.numblocks), 0)
}
