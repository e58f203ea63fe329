/**
 * What a lazy array is to the functions that build graphs: a layer, a dtype and a grid.
 *
 * Those functions take and give specs and know nothing of the class that users see, so that the
 * class can be a thin face over them.
 */
import type { CallSite } from '../../../core/base/call-site.js'
import { captureCallSite } from '../../../core/base/call-site.js'
import {
  type BlockNode,
  type BlockParam,
  BlockwiseLayer,
  IndexedLayer,
  type Layer,
} from '../../../core/graph/layer.js'
import { type Arg, type Recipe, recipe, type StepFunction } from '../../../core/graph/recipe.js'
import { tokenize } from '../../../core/graph/tokenize.js'
import type { Dtype } from '../block/dtype.js'
import { type Grid, gridShape, numblocksOf } from '../planning/chunk-grid.js'

/** A lazy array as data. */
export interface ArraySpec {
  readonly layer: Layer
  readonly dtype: Dtype
  /** For each axis, the sizes of its chunks. */
  readonly chunks: Grid
}

/** The shape of a lazy array. */
export function shapeOf(array: ArraySpec): number[] {
  return gridShape(array.chunks)
}

/** A layer's name: the operation and a token made from all that decides its values. */
export function layerName(operation: string, ...content: readonly unknown[]): string {
  return `${operation}-${tokenize(operation, ...content)}`
}

/** An input of a blockwise operation; `axes` as in a `BlockwiseInput`. */
export interface Input {
  readonly array: ArraySpec
  readonly axes?: readonly number[]
}

/** What `blockwise` needs to know. `args` are arguments of the one step, parameters included. */
export interface BlockwiseSpec {
  readonly operation: string
  readonly fn: StepFunction
  readonly args: readonly Arg[]
  readonly inputs?: readonly Input[]
  readonly params?: readonly BlockParam[]
  readonly dtype: Dtype
  readonly chunks: Grid
  /** Whatever else decides the values. */
  readonly content: readonly unknown[]
  readonly site?: CallSite
}

/** An array of which every block is one call on the matching blocks of its inputs. */
export function blockwise(spec: BlockwiseSpec): ArraySpec {
  const { operation, fn, args, dtype, chunks, site = captureCallSite() } = spec
  return blockwiseRecipe({
    ...spec,
    recipe: recipe(fn, args, { label: operation, site }),
    dtype,
    chunks,
  })
}

/** The same, with a recipe of any number of steps. */
export function blockwiseRecipe(
  spec: Omit<BlockwiseSpec, 'fn' | 'args'> & { readonly recipe: Recipe },
): ArraySpec {
  const { operation, inputs = [], params = [], dtype, chunks } = spec
  const name = layerName(
    operation,
    inputs.map(({ array, axes }) => [array.layer.name, axes ?? null]),
    chunks,
    dtype,
    spec.content,
  )
  const layer = new BlockwiseLayer({
    name,
    numblocks: numblocksOf(chunks),
    recipe: spec.recipe,
    inputs: inputs.map(({ array, axes }) =>
      axes === undefined ? { layer: array.layer } : { layer: array.layer, axes },
    ),
    params,
  })
  return { layer, dtype, chunks }
}

/** An array each of whose blocks lists its own inputs. */
export function indexed(spec: {
  readonly operation: string
  readonly sources: readonly ArraySpec[]
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
  return { layer, dtype, chunks }
}
