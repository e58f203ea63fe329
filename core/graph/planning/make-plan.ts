/**
 * Builds plans. Tasks that the requested keys do not need are never visited, aliases are followed, and
 * every walk is iterative, so the length of a chain does not matter.
 */
import { CycleError, GraphError, MissingKeyError } from '../../base/errors.js'
import type { Key, Keys } from '../../base/keys.js'
import { countBlocks } from '../../base/keys.js'
import {
  assertGraphLike,
  type Graph,
  GraphLayer,
  type GraphLike,
  LayerGraph,
  type Node,
} from '../graph.js'
import type { BlockNode, Layer } from '../layer.js'
import type { GraphLiteral } from '../literal.js'
import { isAlias, type Recipe } from '../recipe.js'
import { LiteralLayer } from './literal-layer.js'
import { Plan, type Targets } from './plan.js'

/**
 * Finds and numbers the tasks that the keys need.
 *
 * @throws CycleError, MissingKeyError, or GraphError for a request of the wrong form.
 */
export function makePlan(graph: GraphLike, keys: Keys, caller = 'get'): Plan {
  const source = planSource(graph, caller)
  const builder = new PlanBuilder(source.layers)
  const targets = mapKeys(keys, caller, (key) => {
    const at = source.find(key)
    if (at === undefined) throw new MissingKeyError(key, describeKeys(source))
    return builder.visit(at.layer, at.block)
  })
  return builder.finish(targets)
}

/** Applies a function to every key of nested lists of keys; returns the results in the same shape. */
function mapKeys<T>(keys: Keys, caller: string, visit: (key: Key) => T): T | readonly T[] {
  const walk = (part: unknown, depth: number): T => {
    if (typeof part === 'string') return visit(part)
    if (Array.isArray(part)) {
      if (depth > 100) throw new GraphError(`${caller}: the lists of keys are nested too deeply`)
      return part.map((item) => walk(item, depth + 1)) as T
    }
    const given = part === null ? 'null' : typeof part
    throw new GraphError(`${caller}: keys are strings or (nested) lists of strings, got ${given}`)
  }
  return walk(keys, 0)
}

/** The layers to plan from, and how to find keys in them. */
interface PlanSource {
  readonly layers: readonly Layer[]
  find(key: Key): { layer: Layer; block: number } | undefined
}

function planSource(graph: GraphLike, caller: string): PlanSource {
  if (graph instanceof LayerGraph) return graph
  assertGraphLike(graph, caller)
  const layer = isTypedGraph(graph)
    ? new GraphLayer(graph)
    : new LiteralLayer(graph as GraphLiteral, caller)
  return {
    layers: [layer],
    find: (key) => {
      const block = layer.find(key)
      return block === undefined ? undefined : { layer, block }
    },
  }
}

function isTypedGraph(graph: object): graph is Graph {
  if (Object.prototype.toString.call(graph) !== '[object Map]') return false
  const first = (graph as Graph).values().next().value as Partial<Node> | undefined
  return (
    typeof first === 'object' &&
    first !== null &&
    (first.kind === 'task' || first.kind === 'alias' || first.kind === 'data')
  )
}

/** The detail of an error for a missing key: some of the keys that the graph has. */
function describeKeys(source: PlanSource): string {
  const known: Key[] = []
  for (const layer of source.layers) {
    const count = Math.min(countBlocks(layer.numblocks), 8 - known.length)
    for (let block = 0; block < count; block++) known.push(layer.key(block))
  }
  if (known.length === 0) return 'the graph is empty'
  const more = known.length >= 8 ? ', ...' : ''
  return `it was requested; the graph has ${known.map((k) => `'${k}'`).join(', ')}${more}`
}

/** Marks a block whose inputs are being visited. */
const OPEN = -2

class PlanBuilder {
  private readonly layers: Layer[] = []
  private readonly layerIndex = new Map<Layer, number>()
  private readonly byName = new Map<string, number>()
  /** For each layer, the task number of each block visited, or OPEN. */
  private readonly numbers: (number | undefined)[][] = []
  private readonly recipes: Recipe[] = []
  private readonly recipeIndex = new Map<Recipe, number>()
  /** The last recipe seen and its index: consecutive tasks mostly share one. */
  private lastRecipe: Recipe | undefined
  private lastIndex = 0
  private readonly recipeOf: number[] = []
  private readonly inputStart: number[] = [0]
  private readonly inputs: number[] = []
  private readonly params: (readonly unknown[])[] = []
  private readonly layerOf: number[] = []
  private readonly blockOf: number[] = []

  constructor(layers: readonly Layer[]) {
    for (const layer of layers) this.add(layer)
  }

  private add(layer: Layer): number {
    const known = this.layerIndex.get(layer)
    if (known !== undefined) return known
    // Layers named by content are equal if their names are: collections built twice share tasks.
    const twin = layer.contentNamed ? this.byName.get(layer.name) : undefined
    const index = twin ?? this.layers.length
    this.layerIndex.set(layer, index)
    if (twin === undefined) {
      if (layer.contentNamed) this.byName.set(layer.name, index)
      this.layers.push(layer)
      this.numbers.push([])
    }
    return index
  }

  /** Numbers a block's task after all tasks it needs; returns its number. */
  visit(root: Layer, rootBlock: number): number {
    const rootLayer = this.add(root)
    const found = this.numbers[rootLayer]![rootBlock]
    if (found !== undefined) return found

    const layerStack: number[] = []
    const blockStack: number[] = []
    const nodeStack: BlockNode[] = []
    const cursorStack: number[] = []
    const enter = (layer: number, block: number): boolean => {
      const node = this.layers[layer]!.node(block)
      if (node.inputs.length === 0) {
        this.close(layer, block, node)
        return false
      }
      this.numbers[layer]![block] = OPEN
      layerStack.push(layer)
      blockStack.push(block)
      nodeStack.push(node)
      cursorStack.push(0)
      return true
    }
    enter(rootLayer, rootBlock)
    while (layerStack.length > 0) {
      const top = layerStack.length - 1
      const layer = layerStack[top]!
      const node = nodeStack[top]!
      const { inputs } = node
      let cursor = cursorStack[top]!
      let waiting = false
      for (; cursor < inputs.length; cursor += 2) {
        const from = inputs[cursor]!
        const inputLayer = from < 0 ? layer : this.indexOf(this.layers[layer]!.dependencies[from]!)
        const inputBlock = inputs[cursor + 1]!
        const number = this.numbers[inputLayer]![inputBlock]
        if (number !== undefined && number >= 0) continue
        if (number === OPEN) throw this.cycle(layerStack, blockStack, inputLayer, inputBlock)
        if (!enter(inputLayer, inputBlock)) continue
        cursorStack[top] = cursor
        waiting = true
        break
      }
      if (waiting) continue
      this.close(layer, blockStack[top]!, node)
      layerStack.pop()
      blockStack.pop()
      nodeStack.pop()
      cursorStack.pop()
    }
    return this.numbers[rootLayer]![rootBlock]!
  }

  private indexOf(layer: Layer): number {
    return this.layerIndex.get(layer) ?? this.add(layer)
  }

  /** Numbers a task whose inputs are numbered; an alias gets the number of its input. */
  private close(layer: number, block: number, node: BlockNode): void {
    const { inputs } = node
    if (isAlias(node.recipe)) {
      this.numbers[layer]![block] = this.numberOfInput(layer, inputs[0]!, inputs[1]!)
      return
    }
    const recipe = node.recipe === this.lastRecipe ? this.lastIndex : this.indexRecipe(node.recipe)
    for (let i = 0; i < inputs.length; i += 2) {
      this.inputs.push(this.numberOfInput(layer, inputs[i]!, inputs[i + 1]!))
    }
    this.inputStart.push(this.inputs.length)
    this.params.push(node.params)
    if (layer > 0 || this.layerOf.length > 0) this.recordLayer(layer)
    this.blockOf.push(block)
    this.numbers[layer]![block] = this.recipeOf.push(recipe) - 1
  }

  /** Records a task's layer. A graph written by hand is one layer, the first, and records none. */
  private recordLayer(layer: number): void {
    while (this.layerOf.length < this.blockOf.length) this.layerOf.push(0)
    this.layerOf.push(layer)
  }

  private indexRecipe(recipe: Recipe): number {
    let index = this.recipeIndex.get(recipe)
    if (index === undefined) {
      index = this.recipes.push(recipe) - 1
      this.recipeIndex.set(recipe, index)
    }
    this.lastRecipe = recipe
    this.lastIndex = index
    return index
  }

  private numberOfInput(layer: number, from: number, block: number): number {
    const source = from < 0 ? layer : this.indexOf(this.layers[layer]!.dependencies[from]!)
    return this.numbers[source]![block]!
  }

  private cycle(layers: number[], blocks: number[], layer: number, block: number): CycleError {
    const start = layers.findIndex((other, i) => other === layer && blocks[i] === block)
    const keys = layers.slice(start).map((l, i) => this.layers[l]!.key(blocks[start + i]!))
    return new CycleError([...keys, keys[0]!])
  }

  finish(targets: Targets): Plan {
    return new Plan({
      recipes: this.recipes,
      recipeOf: this.recipeOf,
      inputStart: this.inputStart,
      inputs: this.inputs,
      params: this.params,
      targets,
      layers: this.layers,
      layerOf: this.layerOf,
      blockOf: this.blockOf,
    })
  }
}
