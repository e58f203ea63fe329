/**
 * Lazy arrays as data, and the functions that make their layers.
 *
 * The functions in this folder take and return `ArraySpec`s and do not know `ChunkedArray`, which is
 * a thin class over them.
 */
import type { CallSite } from '../../../core/base/call-site.js'
import { captureCallSite } from '../../../core/base/call-site.js'
import { GroupLayer, groupRecipes } from '../../../core/graph/group-layer.js'
import {
  type BlockNode,
  type BlockParam,
  BlockwiseLayer,
  IndexedLayer,
  type Layer,
} from '../../../core/graph/layer.js'
import { type Arg, type Recipe, recipe, type StepFunction } from '../../../core/graph/recipe.js'
import type { LayerBlocks } from '../../base/explain.js'
import { layerName } from '../../base/layer-builders.js'
import { type Dtype, dtypeInfo } from '../block/dtype.js'
import { sizeOf } from '../block/ndarray.js'
import {
  blockShapeAt,
  type Grid,
  gridShape,
  largestBlock,
  largestSize,
  numblocksOf,
} from '../planning/chunk-grid.js'

/** A lazy array: the layer of its blocks, its dtype and its grid. */
export interface ArraySpec {
  /** The layer whose blocks are the chunks of the array. */
  readonly layer: Layer
  /** The dtype of the elements. */
  readonly dtype: Dtype
  /** For each axis, the sizes of its chunks. */
  readonly chunks: Grid
}

/** The dtype and grid of the blocks of layers, for `explain`. */
const knownBlocks = new WeakMap<Layer, Pick<ArraySpec, 'dtype' | 'chunks'>>()

/** Makes an array of a layer. */
export function arrayOfLayer(layer: Layer, dtype: Dtype, chunks: Grid): ArraySpec {
  knownBlocks.set(layer, { dtype, chunks })
  return { layer, dtype, chunks }
}

/** Describes the blocks of a layer of an array; returns undefined if it was not made in this process. */
export function layerBlocks(layer: Layer): LayerBlocks | undefined {
  const known = knownBlocks.get(layer)
  if (known === undefined) return undefined
  const { dtype, chunks } = known
  const { bytes } = dtypeInfo(dtype)
  return {
    dtype,
    blockShape: chunks.map(largestSize),
    bytesOf: (block) => bytes * sizeOf(blockShapeAt(chunks, block)),
  }
}

/** The parameters of steps that take the row-major position of their block. */
export const BLOCK_POSITION: readonly BlockParam[] = [{ kind: 'block' }]

/** Returns whether a value is a lazy array. */
export function isArraySpec(value: unknown): value is ArraySpec {
  return (
    typeof value === 'object' &&
    value !== null &&
    'layer' in value &&
    'dtype' in value &&
    'chunks' in value
  )
}

/** Returns the shape of a lazy array. */
export function shapeOf(array: ArraySpec): number[] {
  return gridShape(array.chunks)
}

/** An input of a blockwise operation; `axes` as in a `BlockwiseInput`. */
export interface ArrayInput {
  readonly array: Pick<ArraySpec, 'layer'>
  readonly axes?: readonly number[]
}

/** A blockwise operation of one step. */
interface BlockwiseSpec {
  readonly operation: string
  readonly fn: StepFunction
  readonly args: readonly Arg[]
  readonly inputs?: readonly ArrayInput[]
  readonly params?: readonly BlockParam[]
  readonly dtype: Dtype
  readonly chunks: Grid
  /** Everything else that the values depend on; part of the name of the layer. */
  readonly content: readonly unknown[]
  readonly site?: CallSite
  /** The estimated nanoseconds for each element; omitted if they are not known. */
  readonly costPerElement?: number
}

/** The most estimated nanoseconds for each element of blocks that are rather made again than kept. */
const CHEAP = 2

/** The estimated nanoseconds of a step on a block without elements. */
const stepCost = 1000

/** Makes an array each of whose blocks is one call with the matching blocks of the inputs. */
export function blockwise(spec: BlockwiseSpec): ArraySpec {
  const { operation, fn, args, site = captureCallSite() } = spec
  return blockwiseRecipe({ ...spec, recipe: recipe(fn, args, { label: operation, site }) })
}

/** Makes an array like `blockwise`, with a recipe of any number of steps. */
export function blockwiseRecipe(
  spec: Omit<BlockwiseSpec, 'fn' | 'args'> & { readonly recipe: Recipe },
): ArraySpec {
  const { operation, inputs = [], params = [], dtype, chunks, costPerElement } = spec
  const name = layerName(
    operation,
    inputs.map(({ array, axes }) => [array.layer.name, axes ?? null]),
    chunks,
    dtype,
    spec.content,
  )
  const elements = largestBlock(chunks)
  const isCostKnown = costPerElement !== undefined && !Number.isNaN(elements)
  const layer = new BlockwiseLayer({
    name,
    numblocks: numblocksOf(chunks),
    recipe: spec.recipe,
    inputs: inputs.map(({ array, axes }) =>
      axes === undefined ? { layer: array.layer } : { layer: array.layer, axes },
    ),
    params,
    cost: isCostKnown ? stepCost + costPerElement * elements : undefined,
    isCheap: costPerElement !== undefined && costPerElement <= CHEAP,
  })
  return arrayOfLayer(layer, dtype, chunks)
}

/** Makes an array each of whose blocks merges a group of neighbouring blocks of another one. */
export function grouped(spec: {
  readonly operation: string
  readonly source: ArraySpec
  /** How many blocks are merged along each axis. */
  readonly fan: readonly number[]
  readonly recipeFor: (count: number) => Recipe
  readonly dtype: Dtype
  readonly chunks: Grid
  readonly content: readonly unknown[]
}): ArraySpec {
  const { source, fan, dtype, chunks, content, recipeFor } = spec
  const layer = new GroupLayer({
    name: layerName(spec.operation, [source.layer.name], chunks, dtype, content),
    numblocks: numblocksOf(chunks),
    source: source.layer,
    fan,
    recipes: groupRecipes(source.layer.numblocks, fan, recipeFor),
  })
  return arrayOfLayer(layer, dtype, chunks)
}

/** Makes an array each of whose blocks lists its own inputs. */
export function indexed(spec: {
  readonly operation: string
  readonly sources: readonly Pick<ArraySpec, 'layer'>[]
  readonly nodes: readonly BlockNode[]
  readonly dtype: Dtype
  readonly chunks: Grid
  readonly content: readonly unknown[]
}): ArraySpec {
  const { sources, dtype, chunks, nodes } = spec
  const names = sources.map(({ layer }) => layer.name)
  const layer = new IndexedLayer({
    name: layerName(spec.operation, names, chunks, dtype, spec.content),
    numblocks: numblocksOf(chunks),
    dependencies: sources.map((source) => source.layer),
    nodes,
  })
  return arrayOfLayer(layer, dtype, chunks)
}

/** Returns a function that makes the recipe for each number of inputs once. */
export function recipesByCount(make: (count: number) => Recipe): (count: number) => Recipe {
  const recipes = new Map<number, Recipe>()
  return (count) => {
    let found = recipes.get(count)
    if (found === undefined) {
      found = make(count)
      recipes.set(count, found)
    }
    return found
  }
}
