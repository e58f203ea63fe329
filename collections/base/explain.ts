/** Explanations of graphs: `explain` tells what will be run, layer by layer, and how much memory it takes. */
import { formatByteSize } from '../../core/base/available-memory.js'
import { countBlocks } from '../../core/base/keys.js'
import { operationReference } from '../../core/base/operations.js'
import type { LayerGraph } from '../../core/graph/graph.js'
import { FusedTreeLayer } from '../../core/graph/group-layer.js'
import type { Layer } from '../../core/graph/layer.js'
import { makePlan } from '../../core/graph/planning/make-plan.js'
import { orderPlan } from '../../core/graph/planning/order.js'
import { targetSet } from '../../core/graph/planning/plan.js'
import { isAlias, type Recipe, type Step } from '../../core/graph/recipe.js'

/** One step of the tasks of a layer. */
export interface ExplainedStep {
  /** The operation that the user wrote, such as `sqrt`. */
  readonly operation: string
  /** The function of Skein that does it, or the name of the user's function. */
  readonly kernel: string
  /** The line where the operation was added; undefined if it is not known. */
  readonly location: string | undefined
}

/** The tasks of one layer of a graph, as they are run. */
export interface ExplainedLayer {
  /** The name, which begins the keys of the tasks. */
  readonly name: string
  /** The operations of a task, joined by arrows: `rechunk → sqrt`. */
  readonly operation: string
  /** The steps of a task. Steps of a chain were fused into one task. */
  readonly steps: readonly ExplainedStep[]
  /** The number of tasks. */
  readonly tasks: number
  /** The number of blocks along each axis. */
  readonly numblocks: readonly number[]
  /** The names of the layers that the tasks read. */
  readonly reads: readonly string[]
  /** The position of this layer among the stages of a rechunk, from 1, and their number; undefined for other layers. */
  readonly stage: { readonly number: number; readonly of: number } | undefined
  /** The dtype of the blocks; undefined for other collections than arrays. */
  readonly dtype: string | undefined
  /** The shape of the largest block; undefined if it is not known. */
  readonly blockShape: readonly number[] | undefined
  /** The bytes of the largest block; undefined if they are not known. */
  readonly blockBytes: number | undefined
  /** The bytes of all blocks; undefined if they are not known. */
  readonly bytes: number | undefined
}

/** What a collection knows about the blocks of a layer. */
export interface LayerBlocks {
  /** The dtype of the elements. */
  readonly dtype: string
  /** The shape of the largest block. */
  readonly blockShape: readonly number[]
  /** Returns the bytes of a block; NaN if they are not known. */
  bytesOf(block: number): number
}

/** The most tasks of which the peak of memory is estimated. */
const MOST_TASKS = 200_000

/** What a computation runs: see `explain`. `console.log` prints it as a table. */
export class Explanation {
  /** The layers, in an order in which each follows those that it reads. */
  readonly layers: readonly ExplainedLayer[]
  /** The number of tasks. */
  readonly tasks: number
  /**
   * The most bytes of blocks that are in memory at once, if one thread runs the tasks in their order; each further thread adds a
   * few blocks. Undefined if sizes are not known, or above 200,000 tasks.
   */
  readonly peakBytes: number | undefined

  /** Makes an explanation. Users call `x.explain()`. */
  constructor(layers: readonly ExplainedLayer[], peakBytes: number | undefined) {
    this.layers = layers
    this.tasks = layers.reduce((sum, { tasks }) => sum + tasks, 0)
    this.peakBytes = peakBytes
  }

  /** Returns a table with a line for each layer. */
  toString(): string {
    const rows = this.layers.map(rowOf)
    const shown = [['tasks', 'blocks', 'block', 'operation'], ...rows]
    const widths = [0, 1, 2].map((column) => Math.max(...shown.map((row) => row[column]!.length)))
    const lines = shown.map((row) =>
      row.map((cell, c) => (c === 0 ? cell.padStart(widths[0]!) : cell.padEnd(widths[c] ?? 0))),
    )
    const peak =
      this.peakBytes === undefined
        ? ''
        : `; about ${formatByteSize(this.peakBytes)} in memory at most, on one thread`
    const count = this.tasks === 1 ? '1 task' : `${this.tasks} tasks`
    return `${lines.map((line) => line.join('  ')).join('\n')}\n${count}${peak}`
  }

  /** Returns what `console.log` prints. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString()
  }
}

function rowOf(layer: ExplainedLayer): readonly string[] {
  const { stage, blockShape, blockBytes, dtype } = layer
  const shape = blockShape?.map((n) => (Number.isNaN(n) ? '?' : n)).join('×')
  const size = blockBytes === undefined ? '' : ` ${formatByteSize(blockBytes)}`
  const stages = stage === undefined ? '' : ` (stage ${stage.number} of ${stage.of})`
  return [
    String(layer.tasks),
    layer.numblocks.join('×') || '1',
    dtype === undefined ? '' : `${dtype}${shape === '' ? '' : ` ${shape}`}${size}`,
    layer.operation + stages,
  ]
}

/** Explains a graph; `blocksOf` tells what is known about the blocks of a layer, by the name of the layer. */
export function explainGraph(
  graph: LayerGraph,
  requested: Layer,
  blocksOf: (name: string) => LayerBlocks | undefined,
): Explanation {
  const stages = rechunkStages(graph.layers)
  const layers = graph.layers.map((layer): ExplainedLayer => {
    const steps = stepsOf(layer)
    const blocks = blocksOf(layer.name)
    const tasks = countBlocks(layer.numblocks)
    const sizes = blocks === undefined || tasks > MOST_TASKS ? [] : sizesOf(blocks, tasks)
    const isKnown = sizes.length > 0 && !sizes.some(Number.isNaN)
    return {
      name: layer.name,
      operation: steps.map((step) => step.operation).join(' → '),
      steps,
      tasks,
      numblocks: layer.numblocks,
      reads: [...new Set(layer.dependencies.map(({ name }) => name))],
      stage: stages.get(layer),
      dtype: blocks?.dtype,
      blockShape: blocks?.blockShape,
      blockBytes: isKnown ? sizes.reduce((a, b) => Math.max(a, b)) : undefined,
      bytes: isKnown ? sizes.reduce((a, b) => a + b) : undefined,
    }
  })
  return new Explanation(layers, peakOf(graph, requested, layers, blocksOf))
}

function sizesOf(blocks: LayerBlocks, count: number): readonly number[] {
  return Array.from({ length: count }, (_, block) => blocks.bytesOf(block))
}

/** Returns the most bytes of results in memory at once, if tasks run one after another in their order. */
function peakOf(
  graph: LayerGraph,
  requested: Layer,
  layers: readonly ExplainedLayer[],
  blocksOf: (name: string) => LayerBlocks | undefined,
): number | undefined {
  const total = layers.reduce((sum, { tasks }) => sum + tasks, 0)
  if (total > MOST_TASKS || layers.some(({ bytes }) => bytes === undefined)) return undefined
  const keys = Array.from({ length: countBlocks(requested.numblocks) }, (_, b) => requested.key(b))
  const plan = makePlan(graph, keys, 'explain')
  const ranks = orderPlan(plan)
  const order = new Int32Array(plan.count)
  const bytes = new Float64Array(plan.count)
  const readers = new Int32Array(plan.count)
  for (let task = 0; task < plan.count; task++) {
    order[ranks[task]!] = task
    const { layer, block } = graph.find(plan.key(task))!
    bytes[task] = blocksOf(layer.name)!.bytesOf(block)
    for (const input of inputsOf(task)) readers[input]!++
  }
  for (const task of targetSet(plan.targets)) readers[task]!++
  let [live, peak] = [0, 0]
  for (const task of order) {
    live += bytes[task]!
    peak = Math.max(peak, live)
    for (const input of inputsOf(task)) if (--readers[input]! === 0) live -= bytes[input]!
  }
  return peak

  function inputsOf(task: number): readonly number[] {
    return plan.inputs.slice(plan.inputStart[task]!, plan.inputStart[task + 1]!)
  }
}

/** Returns the steps of a task of a layer; of a tree, of one task of each level. */
function stepsOf(layer: Layer): readonly ExplainedStep[] {
  if (layer instanceof FusedTreeLayer) {
    const levels = layer.levels.map((level) => [...level.recipes.values()][0]!)
    return [layer.leaf.recipe, ...levels].flatMap(({ steps }) => steps.map(explainStep))
  }
  const recipe = recipeOf(layer)
  if (recipe.steps.length > 0) return recipe.steps.map(explainStep)
  const operation = isAlias(recipe) ? layer.name.replace(/-[0-9a-f]+$/, '') : 'data'
  return [{ operation, kernel: operation, location: undefined }]
}

/** Returns the recipe of a layer with the most steps, of those of its first blocks: some blocks may only be renamed. */
function recipeOf(layer: Layer): Recipe {
  let longest = layer.node(0).recipe
  for (let block = 1; block < Math.min(64, countBlocks(layer.numblocks)); block++) {
    const { recipe } = layer.node(block)
    if (recipe.steps.length > longest.steps.length) longest = recipe
  }
  return longest
}

function explainStep({ fn, label, site }: Step): ExplainedStep {
  const kernel = (typeof fn === 'function' ? operationReference(fn)?.name : undefined) ?? fn.name
  return { operation: label ?? kernel, kernel, location: site?.location }
}

/** Finds chains of layers that rechunk one after another. */
function rechunkStages(layers: readonly Layer[]): Map<Layer, { number: number; of: number }> {
  const isRechunk = (layer: Layer) => stepsOf(layer)[0]?.operation === 'rechunk'
  const found = new Map<Layer, { number: number; of: number }>()
  const before = new Map<Layer, readonly Layer[]>()
  for (const layer of layers) {
    if (!isRechunk(layer)) continue
    const source = layer.dependencies.length === 1 ? before.get(layer.dependencies[0]!) : undefined
    const chain = [...(source ?? []), layer]
    before.set(layer, chain)
    if (chain.length === 1) continue
    for (const [i, member] of chain.entries())
      found.set(member, { number: i + 1, of: chain.length })
  }
  return found
}
