/**
 * Building layers of bags: names made from what an operation is and does, and the few shapes that
 * all operations are made of.
 */
import type { CallSite } from '../../core/base/call-site.js'
import { captureCallSite } from '../../core/base/call-site.js'
import { CapturedFunction } from '../../core/capture.js'
import type { BlockNode, BlockParam } from '../../core/graph/layer.js'
import {
  type BlockwiseInput,
  BlockwiseLayer,
  IndexedLayer,
  type Layer,
} from '../../core/graph/layer.js'
import { ALIAS, type Arg, arg, type Recipe, recipe } from '../../core/graph/recipe.js'
import { tokenize } from '../../core/graph/tokenize.js'

/** What an operation is called in errors and drawings, and the user's line that added it. */
export interface About {
  readonly label: string
  readonly site: CallSite
}

/** An operation's label, and the line it is added at. */
export function about(label: string): About {
  return { label, site: captureCallSite() }
}

/** `operation-token`, the token made from everything that decides what the layer's blocks are. */
export function layerName(operation: string, ...content: readonly unknown[]): string {
  return `${operation}-${tokenize(operation, ...content)}`
}

/** A step's function and its arguments, apart from the blocks that `eachBlock` gives it first. */
export interface StepSpec {
  readonly fn: Function
  readonly args?: readonly Arg[] | undefined
}

/** What decides what a step does; inputs are named apart. */
export function stepContent({ fn, args = [] }: StepSpec): unknown[] {
  const content = (a: Arg): unknown =>
    a.kind === 'list' ? a.items.map(content) : a.kind === 'value' ? functionToken(a.value) : a
  return [fn, args.map(content)]
}

/** A captured function is told by its token, whatever else the object holds. */
function functionToken(value: unknown): unknown {
  return value instanceof CapturedFunction ? { function: value.token } : { value }
}

/** Every partition of a grid handled alike; the step's arguments say where the inputs go. */
export function eachPartition(
  { label, site }: About,
  step: StepSpec,
  inputs: readonly BlockwiseInput[],
  options: { npartitions?: number; params?: readonly BlockParam[]; name?: string } = {},
): BlockwiseLayer {
  const { params = [] } = options
  const numblocks =
    options.npartitions === undefined ? inputs[0]!.layer.numblocks : [options.npartitions]
  const content = inputs.map(({ layer, axes }) => [layer.name, axes])
  return new BlockwiseLayer({
    name: layerName(options.name ?? label, stepContent(step), content, params, numblocks),
    numblocks,
    recipe: recipe(step.fn, step.args ?? [], { label, site }),
    inputs,
    params,
  })
}

/** A block with inputs of its own: pairs of dependency and block, and what they are for. */
export interface BlockSpec {
  readonly inputs: readonly number[]
  readonly params?: readonly unknown[]
}

/**
 * Blocks that each have inputs of their own, all handled by one step. `gather` says that the step
 * takes its inputs as one list; otherwise they are its first arguments.
 */
export function eachBlock(
  { label, site }: About,
  step: StepSpec,
  dependencies: readonly Layer[],
  blocks: readonly BlockSpec[],
  options: { gather?: boolean; numblocks?: readonly number[]; name?: string } = {},
): IndexedLayer {
  const recipes = new Map<number, Recipe>()
  const recipeFor = (count: number): Recipe => {
    let found = recipes.get(count)
    if (found === undefined) {
      const inputs = options.gather
        ? [arg.inputs(0, count)]
        : Array.from({ length: count }, (_, i) => arg.input(i))
      found = recipe(step.fn, [...inputs, ...(step.args ?? [])], { label, site })
      recipes.set(count, found)
    }
    return found
  }
  const numblocks = options.numblocks ?? [blocks.length]
  const names = dependencies.map((layer) => layer.name)
  const shape = blocks.map(({ inputs, params = [] }) => [inputs, params])
  return new IndexedLayer({
    name: layerName(options.name ?? label, stepContent(step), names, shape, numblocks),
    numblocks,
    dependencies,
    nodes: blocks.map(({ inputs, params = [] }): BlockNode => {
      return { recipe: recipeFor(inputs.length / 2), inputs, params }
    }),
  })
}

/** Blocks of other layers under new keys. */
export function aliases(
  operation: string,
  dependencies: readonly Layer[],
  blocks: readonly (readonly [dependency: number, block: number])[],
  numblocks: readonly number[] = [blocks.length],
): IndexedLayer {
  const names = dependencies.map((layer) => layer.name)
  return new IndexedLayer({
    name: layerName(operation, names, blocks, numblocks),
    numblocks,
    dependencies,
    nodes: blocks.map((inputs) => ({ recipe: ALIAS, inputs, params: [] })),
  })
}

/** A reduction: a step that makes a partial value of a partition, and one that joins several. */
export interface TreeSpec {
  readonly part: StepSpec
  /** Gets a list of partial values and whether it is the last time, then its other arguments. */
  readonly merge: StepSpec
  readonly splitEvery: number
  /** `[]` for one value, `[1]` for a bag of one partition. */
  readonly numblocks: readonly number[]
}

/** A tree over a bag's partitions: at most `splitEvery` values are joined at a time. */
export function reduceTree(layer: Layer, operation: About, tree: TreeSpec): Layer {
  const { label } = operation
  const { part, merge, splitEvery } = tree
  const first = { fn: part.fn, args: [arg.input(0), ...(part.args ?? [])] }
  let level: Layer = eachPartition(operation, first, [{ layer }], { name: `${label}-part` })
  const join = (last: boolean): StepSpec => {
    return { fn: merge.fn, args: [arg.value(last), ...(merge.args ?? [])] }
  }
  while (level.numblocks[0]! > splitEvery) {
    const blocks = contiguous(level.numblocks[0]!, splitEvery).map((inputs) => ({ inputs }))
    const options = { gather: true, name: `${label}-merge` }
    level = eachBlock(operation, join(false), [level], blocks, options)
  }
  const inputs = contiguous(level.numblocks[0]!, Number.POSITIVE_INFINITY)[0]!
  const { numblocks } = tree
  return eachBlock(operation, join(true), [level], [{ inputs }], { gather: true, numblocks })
}

/** The blocks of a layer in runs of `size`: `[[0, 0, 0, 1], [0, 2]]` for three blocks in twos. */
export function contiguous(count: number, size: number): number[][] {
  const runs: number[][] = []
  for (let start = 0; start < count; start += size) {
    const run: number[] = []
    for (let block = start; block < Math.min(count, start + size); block++) run.push(0, block)
    runs.push(run)
  }
  return runs
}
