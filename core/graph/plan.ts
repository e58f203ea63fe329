/**
 * Plans: the part of a graph that some keys need, with integers for keys, ready to be run.
 *
 * A task's number is its place in a depth-first order, so its inputs always have smaller numbers.
 * What is not needed for the requested keys is never looked at, aliases are followed, and all the
 * walking is iterative. Every `get` starts from a plan; only `count`-sized flat lists are kept.
 */
import { type CallSite, captureCallSite } from '../base/call-site.js'
import { CycleError, GraphError, MissingKeyError } from '../base/errors.js'
import type { Key, Keys } from '../base/keys.js'
import { countBlocks } from '../base/keys.js'
import { assertGraphLike, type Graph, GraphLayer, LayerGraph, type Node } from './graph.js'
import type { BlockNode, Layer } from './layer.js'
import { type GraphLiteral, LiteralLayer } from './literal.js'
import { isAlias, type Recipe } from './recipe.js'

/** What a `get` accepts: a literal, a typed graph, or a collection's layers. */
export type GraphLike = GraphLiteral | Graph | LayerGraph

/** Task numbers in the shape in which the keys were asked for. */
export type Targets = number | readonly Targets[]

/** The tasks that are needed, by number. */
export class Plan {
  /** Number of tasks. */
  readonly count: number
  readonly recipes: readonly Recipe[]
  /** For each task, its recipe's place in `recipes`. */
  readonly recipeOf: readonly number[]
  /** Task t reads `inputs[inputStart[t]]` up to `inputs[inputStart[t + 1] - 1]`, in that order. */
  readonly inputStart: readonly number[]
  readonly inputs: readonly number[]
  readonly params: readonly (readonly unknown[])[]
  readonly targets: Targets
  /** Where the user asked for it, for errors of tasks that were not added by an operation. */
  readonly site: CallSite = captureCallSite()
  private readonly layers: readonly Layer[]
  private readonly layerOf: readonly number[]
  private readonly blockOf: readonly number[]

  constructor(fields: {
    recipes: readonly Recipe[]
    recipeOf: readonly number[]
    inputStart: readonly number[]
    inputs: readonly number[]
    params: readonly (readonly unknown[])[]
    targets: Targets
    layers: readonly Layer[]
    layerOf: readonly number[]
    blockOf: readonly number[]
  }) {
    this.count = fields.recipeOf.length
    this.recipes = fields.recipes
    this.recipeOf = fields.recipeOf
    this.inputStart = fields.inputStart
    this.inputs = fields.inputs
    this.params = fields.params
    this.targets = fields.targets
    this.layers = fields.layers
    this.layerOf = fields.layerOf
    this.blockOf = fields.blockOf
  }

  /** The key of a task. */
  key(task: number): Key {
    return this.layers[this.layerOf[task] ?? 0]!.key(this.blockOf[task]!)
  }

  /** Whether a task's key is made from its content, and so may be shared with other computations. */
  isContentNamed(task: number): boolean {
    return this.layers[this.layerOf[task] ?? 0]!.contentNamed
  }

  recipe(task: number): Recipe {
    return this.recipes[this.recipeOf[task]!]!
  }
}

const OPEN = -2

/** Finds what the keys need and numbers it. Throws CycleError, MissingKeyError or GraphError. */
export function makePlan(graph: GraphLike, keys: Keys, what = 'get'): Plan {
  const world = asLayers(graph, what)
  const builder = new PlanBuilder(world.layers)
  const targets = mapKeys(keys, what, (key) => {
    const at = world.find(key)
    if (at === undefined) throw new MissingKeyError(key, neighbours(world))
    return builder.visit(at.layer, at.block)
  })
  return builder.finish(targets)
}

/** Applies a function to every key of nested lists of keys. */
export function mapKeys<T>(keys: Keys, what: string, visit: (key: Key) => T): T | readonly T[] {
  const walk = (part: unknown, depth: number): T => {
    if (typeof part === 'string') return visit(part)
    if (Array.isArray(part)) {
      if (depth > 100) throw new GraphError(`${what}: the lists of keys are nested too deeply`)
      return part.map((item) => walk(item, depth + 1)) as T
    }
    const given = part === null ? 'null' : typeof part
    throw new GraphError(`${what}: keys are strings or (nested) lists of strings, got ${given}`)
  }
  return walk(keys, 0)
}

interface World {
  readonly layers: readonly Layer[]
  find(key: Key): { layer: Layer; block: number } | undefined
}

function asLayers(graph: GraphLike, what: string): World {
  if (graph instanceof LayerGraph) return graph
  assertGraphLike(graph, what)
  const layer = isTypedGraph(graph)
    ? new GraphLayer(graph)
    : new LiteralLayer(graph as GraphLiteral, what)
  return {
    layers: [layer],
    find: (key) => {
      const block = layer.find(key)
      return block === undefined ? undefined : { layer, block }
    },
  }
}

function isTypedGraph(graph: object): graph is Graph {
  if (!(graph instanceof Map)) return false
  const first = graph.values().next().value as Partial<Node> | undefined
  return (
    typeof first === 'object' &&
    first !== null &&
    (first.kind === 'task' || first.kind === 'alias' || first.kind === 'data')
  )
}

class PlanBuilder {
  private readonly layers: Layer[] = []
  private readonly layerIndex = new Map<Layer, number>()
  private readonly byName = new Map<string, number>()
  /** For each layer, the task number of each block seen, or OPEN while its inputs are visited. */
  private readonly numbers: (number | undefined)[][] = []
  private readonly recipes: Recipe[] = []
  private readonly recipeIndex = new Map<Recipe, number>()
  /** The recipe met last and its place: neighbours mostly share one. */
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
    // Another object with the same name is the same content: collections built twice meet here.
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
    if (layer > 0 || this.layerOf.length > 0) this.noteLayer(layer)
    this.blockOf.push(block)
    this.numbers[layer]![block] = this.recipeOf.push(recipe) - 1
  }

  /** Graphs written by hand are one layer, the first: their tasks need no note of it. */
  private noteLayer(layer: number): void {
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
    const ring = layers.slice(start).map((l, i) => this.layers[l]!.key(blocks[start + i]!))
    return new CycleError([...ring, ring[0]!])
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

function neighbours(world: World): string {
  const known: Key[] = []
  for (const layer of world.layers) {
    const count = Math.min(countBlocks(layer.numblocks), 8 - known.length)
    for (let block = 0; block < count; block++) known.push(layer.key(block))
  }
  if (known.length === 0) return 'the graph is empty'
  const more = known.length >= 8 ? ', ...' : ''
  return `it was asked for; the graph has ${known.map((k) => `'${k}'`).join(', ')}${more}`
}

/** Results by task number, put in the shape of the request. */
export function shapeResults(targets: Targets, result: (task: number) => unknown): unknown {
  if (typeof targets === 'number') return result(targets)
  return targets.map((part) => shapeResults(part, result))
}

/** The requested task numbers, each once. */
export function targetSet(targets: Targets): Set<number> {
  const set = new Set<number>()
  const walk = (part: Targets): void => {
    if (typeof part === 'number') set.add(part)
    else for (const item of part) walk(item)
  }
  walk(targets)
  return set
}
