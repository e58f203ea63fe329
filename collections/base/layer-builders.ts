/**
 * Builders of layers: a step on every partition, blocks with inputs of their own, aliases, and trees
 * of reductions.
 *
 * A layer's name is `operation-token`. The token is a hash of everything that decides what the blocks
 * are, so equal operations on equal data have equal names.
 */
import { type CallSite, captureCallSite } from '../../core/base/call-site.js'
import { CapturedFunction } from '../../core/capture.js'
import {
  type BlockNode,
  type BlockParam,
  type BlockwiseInput,
  BlockwiseLayer,
  IndexedLayer,
  type Layer,
} from '../../core/graph/layer.js'
import { ALIAS, type Arg, arg, type Recipe, recipe } from '../../core/graph/recipe.js'
import { tokenize } from '../../core/graph/tokenize.js'

/** The label of an operation in errors and drawings, and the user's line that added it. */
export interface OperationInfo {
  readonly label: string
  readonly site: CallSite
}

/** Returns the label of an operation with the user's line that is calling it. */
export function operationInfo(label: string): OperationInfo {
  return { label, site: captureCallSite() }
}

/** Returns `operation-token`, the token being a hash of the operation and `content`. */
export function layerName(operation: string, ...content: readonly unknown[]): string {
  return `${operation}-${tokenize(operation, ...content)}`
}

/** The function of a step, and its arguments after the blocks that the builder passes first. */
export interface StepSpec {
  readonly fn: Function
  readonly args?: readonly Arg[] | undefined
}

/** Returns the part of a layer's token that a step contributes. */
export function stepContent({ fn, args = [] }: StepSpec): unknown[] {
  const content = (a: Arg): unknown =>
    a.kind === 'list' ? a.items.map(content) : a.kind === 'value' ? valueContent(a.value) : a
  return [fn, args.map(content)]
}

/** A captured function counts by its token alone. */
function valueContent(value: unknown): unknown {
  return value instanceof CapturedFunction ? { function: value.token } : { value }
}

/** Returns a layer that runs one step for every block of a grid; `step.args` refer to the inputs. */
export function blockwiseLayer(
  { label, site }: OperationInfo,
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

/**
 * Returns a layer that runs a step on every block of `layer`. The block is the step's first argument;
 * `inputs` are its further inputs, from number 1 on.
 */
export function stepLayer(
  layer: Layer,
  operation: OperationInfo,
  step: StepSpec,
  options: {
    inputs?: readonly BlockwiseInput[]
    params?: readonly BlockParam[]
    name?: string
  } = {},
): BlockwiseLayer {
  const { inputs = [], ...rest } = options
  const whole = { fn: step.fn, args: [arg.input(0), ...(step.args ?? [])] }
  return blockwiseLayer(operation, whole, [{ layer }, ...inputs], rest)
}

/** A block with inputs of its own, as pairs of dependency and block, and its parameters. */
export interface BlockSpec {
  readonly inputs: readonly number[]
  readonly params?: readonly unknown[]
}

/**
 * Returns a layer whose blocks each have inputs of their own and run one step. The inputs are the
 * step's first arguments, or one list of them if `gather` is true.
 */
export function indexedLayer(
  { label, site }: OperationInfo,
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

/** Returns a layer that gives blocks of other layers new keys. */
export function aliasLayer(
  operation: string,
  dependencies: readonly Layer[],
  blocks: readonly (readonly [dependency: number, block: number])[],
): IndexedLayer {
  const numblocks = [blocks.length]
  const names = dependencies.map((layer) => layer.name)
  return new IndexedLayer({
    name: layerName(operation, names, blocks, numblocks),
    numblocks,
    dependencies,
    nodes: blocks.map((inputs) => ({ recipe: ALIAS, inputs, params: [] })),
  })
}

/** The steps and the form of a reduction. */
interface ReductionSpec {
  /** Makes a partial value of a partition. */
  readonly part: StepSpec
  /** Merges a list of partial values. Its second argument says whether the result is final. */
  readonly merge: StepSpec
  /** How many partial values one task merges. */
  readonly splitEvery: number
  /** `[]` for a single value, `[1]` for a bag of one partition. */
  readonly numblocks: readonly number[]
}

/** Returns the last layer of a reduction of all partitions in a tree of fan-in `splitEvery`. */
export function reductionTreeLayer(
  layer: Layer,
  operation: OperationInfo,
  { part, merge, splitEvery, numblocks }: ReductionSpec,
): Layer {
  const { label } = operation
  let level: Layer = stepLayer(layer, operation, part, { name: `${label}-part` })
  const mergeStep = (last: boolean): StepSpec => {
    return { fn: merge.fn, args: [arg.value(last), ...(merge.args ?? [])] }
  }
  while (level.numblocks[0]! > splitEvery) {
    const blocks = consecutiveBlocks(level.numblocks[0]!, splitEvery).map((inputs) => ({ inputs }))
    const options = { gather: true, name: `${label}-merge` }
    level = indexedLayer(operation, mergeStep(false), [level], blocks, options)
  }
  const inputs = blockRange(0, level.numblocks[0]!)
  return indexedLayer(operation, mergeStep(true), [level], [{ inputs }], {
    gather: true,
    numblocks,
  })
}

/**
 * Cuts the blocks of the first dependency into runs of `size`: `[[0, 0, 0, 1], [0, 2]]` for three
 * blocks in runs of two.
 */
export function consecutiveBlocks(count: number, size: number): number[][] {
  return Array.from({ length: Math.ceil(count / size) }, (_, i) =>
    blockRange(i * size, Math.min(count, (i + 1) * size)),
  )
}

/** Returns blocks `from` up to, but not including, `to` of the first dependency, as inputs. */
export function blockRange(from: number, to: number): number[] {
  const inputs: number[] = []
  for (let block = from; block < to; block++) inputs.push(0, block)
  return inputs
}
