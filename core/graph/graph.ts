/**
 * The forms of graphs. A `GraphLiteral` is what a user writes: `{ x: 1, y: [add, 'x', 2] }`. A `Graph` is
 * the same as typed nodes, which optimizers work on. A `LayerGraph` is what collections build.
 */
import { checkArguments } from '../base/argument-checks.js'
import { GraphError, KeyConflictError, MissingKeyError } from '../base/errors.js'
import type { Key } from '../base/keys.js'
import { countBlocks } from '../base/keys.js'
import { type BlockNode, type Layer, layersOf } from './layer.js'
import type { GraphLiteral } from './literal.js'
import { ALIAS, DATA, isAlias, isData, type Recipe } from './recipe.js'
import { loadParams } from './serialized-params.js'

/** One entry of a typed graph. */
export type Node =
  | {
      readonly kind: 'task'
      readonly recipe: Recipe
      readonly inputs: readonly Key[]
      readonly params: readonly unknown[]
    }
  | { readonly kind: 'alias'; readonly key: Key }
  | { readonly kind: 'data'; readonly value: unknown }

/** A graph as typed nodes by key. */
export type Graph = ReadonlyMap<Key, Node>

/** A graph of layers, each listed after those it reads. */
export class LayerGraph {
  /** The layers, each after those it reads. */
  readonly layers: readonly Layer[]
  private readonly byName = new Map<string, Layer>()

  /**
   * Makes a graph of layers, each listed after those it reads.
   *
   * @throws KeyConflictError if two different layers have one name.
   */
  constructor(layers: readonly Layer[]) {
    this.layers = layers
    for (const layer of layers) {
      const other = this.byName.get(layer.name)
      if (other !== undefined && other !== layer && !sameShape(other, layer)) {
        throw new KeyConflictError(layer.name)
      }
      this.byName.set(layer.name, layer)
    }
  }

  /** Returns the graph of the given layers and all layers they need. */
  static of(...roots: readonly Layer[]): LayerGraph {
    return new LayerGraph(layersOf(roots))
  }

  /** Returns the number of layers and of tasks: `LayerGraph<2 layers, 8 tasks>`. */
  toString(): string {
    const count = this.layers.length
    const tasks = this.layers.reduce((sum, { numblocks }) => sum + countBlocks(numblocks), 0)
    return `LayerGraph<${count} layer${count === 1 ? '' : 's'}, ${tasks} task${tasks === 1 ? '' : 's'}>`
  }

  /** Returns what `console.log` prints. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString()
  }

  /** Finds the layer and block of a key; undefined if no layer has it. */
  find(key: Key): { layer: Layer; block: number } | undefined {
    const bare = this.byName.get(key)
    if (bare !== undefined && bare.numblocks.length === 0) return { layer: bare, block: 0 }
    const colon = key.lastIndexOf(':')
    if (colon < 0) return undefined
    const layer = this.byName.get(key.slice(0, colon))
    if (layer === undefined) return undefined
    const block = parseBlock(key.slice(colon + 1), layer.numblocks)
    return block === undefined ? undefined : { layer, block }
  }
}

/** The graphs that a `get` accepts: a literal, a typed graph, or the layers of collections. */
export type GraphLike = GraphLiteral | Graph | LayerGraph

function sameShape(a: Layer, b: Layer): boolean {
  return a.contentNamed && b.contentNamed && a.numblocks.join() === b.numblocks.join()
}

/** Parses the coordinates of a key, such as `0,1`, into a position in row-major order. */
function parseBlock(coordinates: string, numblocks: readonly number[]): number | undefined {
  const parts = coordinates.split(',')
  if (parts.length !== numblocks.length) return undefined
  let block = 0
  for (let axis = 0; axis < parts.length; axis++) {
    const part = parts[axis]!
    if (!/^(0|[1-9]\d*)$/.test(part)) return undefined
    const coordinate = Number(part)
    if (coordinate >= numblocks[axis]!) return undefined
    block = block * numblocks[axis]! + coordinate
  }
  return block
}

/** A typed graph as one layer, so that it is planned like any other. */
export class GraphLayer implements Layer {
  readonly name = ''
  readonly contentNamed = false
  readonly dependencies: readonly Layer[] = []
  readonly numblocks: readonly number[]
  private readonly graph: Graph
  private readonly keys: readonly Key[]
  private readonly index = new Map<Key, number>()

  constructor(graph: Graph) {
    this.graph = graph
    this.keys = [...graph.keys()]
    for (let i = 0; i < this.keys.length; i++) this.index.set(this.keys[i]!, i)
    this.numblocks = [this.keys.length]
  }

  key(block: number): Key {
    return this.keys[block]!
  }

  find(key: Key): number | undefined {
    return this.index.get(key)
  }

  node(block: number): BlockNode {
    const key = this.keys[block]!
    const node = this.graph.get(key)!
    if (node.kind === 'data') return { recipe: DATA, inputs: [], params: [node.value] }
    const inputs = node.kind === 'alias' ? [node.key] : node.inputs
    const pairs: number[] = []
    for (const input of inputs) {
      const at = this.index.get(input)
      if (at === undefined) throw new MissingKeyError(input, `'${key}' needs it`)
      pairs.push(-1, at)
    }
    if (node.kind === 'alias') return { recipe: ALIAS, inputs: pairs, params: [] }
    return { recipe: node.recipe, inputs: pairs, params: node.params }
  }
}

/** Returns the keys that a node reads, each once, in order. */
export function dependenciesOf(node: Node): readonly Key[] {
  checkArguments('dependenciesOf', arguments, 1, 'dependenciesOf(node)')
  if (node.kind === 'data') return []
  if (node.kind === 'alias') return [node.key]
  return [...new Set(node.inputs)]
}

/**
 * Returns for every key the keys whose nodes read it: `{ x: data, y: task(x) }` gives `x -> [y], y -> []`.
 *
 * @throws MissingKeyError for a key that a node reads and the graph lacks.
 */
export function dependentsOf(graph: Graph): Map<Key, Key[]> {
  checkArguments('dependentsOf', arguments, 1, 'dependentsOf(graph)')
  const dependents = new Map<Key, Key[]>()
  for (const key of graph.keys()) dependents.set(key, [])
  for (const [key, node] of graph) {
    for (const dependency of dependenciesOf(node)) dependents.get(dependency)?.push(key)
  }
  return dependents
}

/**
 * Merges graphs into one.
 *
 * @throws KeyConflictError if two graphs define a key differently.
 */
export function mergeGraphs(...graphs: readonly Graph[]): Graph {
  const merged = new Map<Key, Node>()
  for (const graph of graphs) {
    for (const [key, node] of graph) {
      const other = merged.get(key)
      if (other !== undefined && !sameNode(other, node)) throw new KeyConflictError(key)
      merged.set(key, node)
    }
  }
  return merged
}

function sameNode(a: Node, b: Node): boolean {
  if (a === b) return true
  if (a.kind === 'data' && b.kind === 'data') return Object.is(a.value, b.value)
  if (a.kind === 'alias' && b.kind === 'alias') return a.key === b.key
  if (a.kind !== 'task' || b.kind !== 'task') return false
  const sameItems = (x: readonly unknown[], y: readonly unknown[]) =>
    x.length === y.length && x.every((item, i) => Object.is(item, y[i]))
  return (
    sameRecipe(a.recipe, b.recipe) && sameItems(a.inputs, b.inputs) && sameItems(a.params, b.params)
  )
}

function sameRecipe(a: Recipe, b: Recipe): boolean {
  if (a === b) return true
  if (a.steps.length !== 1 || b.steps.length !== 1) return false
  const [x, y] = [a.steps[0]!, b.steps[0]!]
  return x.fn === y.fn && JSON.stringify(x.args) === JSON.stringify(y.args)
}

/**
 * Expands layers into typed nodes by key.
 *
 * @example cull(materialize(bag.graph), bag.keys)
 */
export function materialize(graph: LayerGraph): Graph {
  checkArguments('materialize', arguments, 1, 'materialize(graph)')
  const nodes = new Map<Key, Node>()
  for (const layer of graph.layers) {
    const count = countBlocks(layer.numblocks)
    for (let block = 0; block < count; block++) {
      const { recipe, inputs, params: stored } = layer.node(block)
      const params = loadParams(stored)
      const keys: Key[] = []
      for (let i = 0; i < inputs.length; i += 2) {
        const from = inputs[i]! < 0 ? layer : layer.dependencies[inputs[i]!]!
        keys.push(from.key(inputs[i + 1]!))
      }
      const key = layer.key(block)
      if (isAlias(recipe)) nodes.set(key, { kind: 'alias', key: keys[0]! })
      else if (isData(recipe)) nodes.set(key, { kind: 'data', value: params[0] })
      else nodes.set(key, { kind: 'task', recipe, inputs: keys, params })
    }
  }
  return nodes
}

/** Throws GraphError unless the argument is an object that could be a graph; `caller` begins the message. */
export function assertGraphLike(graph: unknown, caller: string): asserts graph is object {
  if (typeof graph !== 'object' || graph === null || Array.isArray(graph)) {
    const given = graph === null ? 'null' : Array.isArray(graph) ? 'an array' : typeof graph
    throw new GraphError(
      `${caller}: the graph must be an object or a Map from keys to tasks, such as { x: 1, y: [fn, 'x'] }; got ${given}`,
    )
  }
}
