/**
 * Reads a graph literal into tasks, lazily and once.
 *
 * Keys are numbered when they are first met, so what a request does not need is never read. Tasks of
 * the same form share one recipe. Forms are kept in a trie whose path is the function and the kinds
 * of its arguments.
 */
import { types } from 'node:util'
import { checkArguments } from '../../base/argument-checks.js'
import { GraphError, MissingKeyError } from '../../base/errors.js'
import type { Key } from '../../base/keys.js'
import { operations } from '../../base/operations.js'
import { assertNoUnboundThis, CapturedFunction } from '../../capture.js'
import { hasPlainPrototype } from '../../functions/engine/own-prototypes.js'
import { assertGraphLike, type Graph, LayerGraph, materialize } from '../graph.js'
import type { BlockNode, Layer } from '../layer.js'
import { type GraphLiteral, Literal, Ref } from '../literal.js'
import { ALIAS, type Arg, arg, DATA, type Recipe, type Step } from '../recipe.js'
import { REMOTE, RemoteValue } from '../remote-value.js'

/** Returns its argument: the step of a task that is only a list. */
export function collect(items: readonly unknown[]): readonly unknown[] {
  return items
}
operations('core/graph/planning/literal-layer', { collect })

const maxDepth = 1000
const none: readonly never[] = []

/** A node of the trie of forms. */
class Form {
  private children: Map<unknown, Form> | undefined
  recipe: Recipe | undefined

  child(token: unknown): Form {
    this.children ??= new Map()
    let next = this.children.get(token)
    if (next === undefined) this.children.set(token, (next = new Form()))
    return next
  }
}

const INPUT = Symbol('input')
const PARAM = Symbol('param')
/** The result of looking up a key that the graph does not have. */
const absent = Symbol('absent')
const OPEN_LIST = Symbol('[')
const OPEN_TASK = Symbol('(')
const CLOSE = Symbol('end')

/** A graph literal as a layer whose blocks are its keys, numbered in the order they are first met. */
export class LiteralLayer implements Layer {
  readonly name = ''
  readonly contentNamed = false
  readonly dependencies: readonly Layer[] = []
  private readonly record: { readonly [key: string]: unknown } | undefined
  /** Whether the record inherits nothing but the properties of `Object.prototype`. */
  private readonly isPlain: boolean
  private readonly map: ReadonlyMap<string, unknown> | undefined
  /** The keys by number; filled from `index`, which has the same order, when `key` needs them. */
  private names: readonly Key[] = []
  private readonly values: unknown[] = []
  private readonly index = new Map<Key, number>()
  private readonly forms = new Form()
  /** The last list that was found to consist of keys only. */
  private keyList: readonly unknown[] | undefined
  /** Scratch lists of `node`, copied only if they are not empty. */
  private readonly inputs: number[] = []
  private readonly params: unknown[] = []

  constructor(graph: GraphLiteral, caller = 'get') {
    assertGraphLike(graph, caller)
    if (types.isMap(graph)) {
      for (const key of graph.keys()) {
        if (typeof key === 'string') continue
        throw new GraphError(`${caller}: keys of a graph are strings, got ${typeof key}`)
      }
      this.map = graph as ReadonlyMap<string, unknown>
    } else this.record = graph as { readonly [key: string]: unknown }
    this.isPlain = Object.getPrototypeOf(graph) === null || hasPlainPrototype(graph)
  }

  /** The number of keys; reading it numbers all of them. */
  get numblocks(): readonly number[] {
    const all = this.map === undefined ? Object.keys(this.record!) : this.map.keys()
    for (const key of all) this.find(key)
    return [this.index.size]
  }

  key(block: number): Key {
    if (block >= this.names.length) this.names = [...this.index.keys()]
    return this.names[block]!
  }

  /** Returns the number of a key, or undefined if the graph does not have it. */
  find(key: Key): number | undefined {
    const known = this.index.get(key)
    if (known !== undefined) return known
    const value = this.valueOf(key)
    if (value === absent) return undefined
    this.values.push(value)
    const number = this.index.size
    this.index.set(key, number)
    return number
  }

  /** Returns the number of a remote value that is written into the graph itself. */
  private numberOf(value: RemoteValue): number {
    const key = `${value.key} (${value.run} ${value.place})`
    const known = this.index.get(key)
    if (known !== undefined) return known
    this.index.set(key, this.values.push(value) - 1)
    return this.values.length - 1
  }

  node(block: number): BlockNode {
    const value = this.values[block]
    if (typeof value === 'string') {
      const target = this.find(value)
      if (target !== undefined) return { recipe: ALIAS, inputs: [-1, target], params: none }
      return { recipe: DATA, inputs: none, params: [value] }
    }
    if (typeof value !== 'object' || value === null) {
      return { recipe: DATA, inputs: none, params: [value] }
    }
    if (value instanceof Ref)
      return { recipe: ALIAS, inputs: [-1, this.numberOfRef(value, block)], params: [] }
    if (value instanceof Literal) return { recipe: DATA, inputs: none, params: [value.value] }
    if (value instanceof RemoteValue) return { recipe: REMOTE, inputs: none, params: [value] }
    if (!Array.isArray(value) || !(isCallable(value[0]) || this.isActive(value, 0))) {
      return { recipe: DATA, inputs: none, params: [value] }
    }
    const { inputs, params } = this
    // Assigning a length takes time even if it changes nothing.
    if (inputs.length > 0) inputs.length = 0
    if (params.length > 0) params.length = 0
    const form = this.walk(value, this.forms, inputs, params, block, 0)
    form.recipe ??= this.build(block, value, inputs.length / 2, params.length)
    return {
      recipe: form.recipe,
      inputs: inputs.length === 0 ? none : inputs.slice(),
      params: params.length === 0 ? none : params.slice(),
    }
  }

  /** Follows a value through the trie of forms and collects its inputs and parameters. */
  private walk(
    value: unknown,
    form: Form,
    inputs: number[],
    params: unknown[],
    block: number,
    depth: number,
  ): Form {
    if (typeof value === 'string') {
      const target = this.find(value)
      if (target !== undefined) {
        inputs.push(-1, target)
        return form.child(INPUT)
      }
    } else if (typeof value === 'function') {
      return form.child(value)
    } else if (typeof value === 'object' && value !== null) {
      if (Array.isArray(value)) {
        if (depth > maxDepth) throw tooDeep(this.key(block))
        const isTask = isCallable(value[0])
        if (isTask || this.isActive(value, depth)) {
          let at = form.child(isTask ? OPEN_TASK : OPEN_LIST)
          if (!isTask && this.addKeyList(value, inputs)) return at.child(value.length)
          for (let i = 0; i < value.length; i++) {
            at = this.walk(value[i], at, inputs, params, block, depth + 1)
          }
          return at.child(CLOSE)
        }
      } else if (value instanceof Ref) {
        inputs.push(-1, this.numberOfRef(value, block))
        return form.child(INPUT)
      } else if (value instanceof Literal) {
        if (isCallable(value.value)) return form.child(value.value)
        params.push(value.value)
        return form.child(PARAM)
      } else if (value instanceof CapturedFunction) {
        return form.child(value)
      } else if (value instanceof RemoteValue) {
        inputs.push(-1, this.numberOf(value))
        return form.child(INPUT)
      }
    }
    params.push(value)
    return form.child(PARAM)
  }

  /** Builds the recipe of a form that is met for the first time; visits values in the order of `walk`. */
  private build(
    block: number,
    value: readonly unknown[],
    inputCount: number,
    paramCount: number,
  ): Recipe {
    const steps: Step[] = []
    let inputs = 0
    let params = 0
    const build = (item: unknown): Arg => {
      if (typeof item === 'string' && this.find(item) !== undefined) return arg.input(inputs++)
      if (item instanceof Ref || item instanceof RemoteValue) return arg.input(inputs++)
      if (isCallable(item)) return arg.value(item)
      if (item instanceof Literal && isCallable(item.value)) return arg.value(item.value)
      if (Array.isArray(item)) {
        if (isCallable(item[0])) {
          if (typeof item[0] === 'function')
            assertNoUnboundThis(item[0], [this.key(block), item[0].name || 'function'])
          const args = item.slice(1).map(build)
          steps.push({ fn: item[0], args })
          return arg.step(steps.length - 1)
        }
        if (this.isActive(item, 0)) {
          if (item !== this.keyList && !this.addKeyList(item, [])) return arg.list(item.map(build))
          inputs += item.length
          return arg.inputs(inputs - item.length, item.length)
        }
      }
      return arg.param(params++)
    }
    const result = build(value)
    if (result.kind !== 'step') steps.push({ fn: collect, args: [result], label: 'list' })
    return { steps, inputs: inputCount, params: paramCount }
  }

  /** Whether a list contains a reference, a task or a function, at any depth. */
  private isActive(list: readonly unknown[], depth: number): boolean {
    if (depth > maxDepth) return false
    for (let i = 0; i < list.length; i++) {
      const item = list[i]
      if (typeof item === 'string') {
        if (this.find(item) !== undefined) return true
      } else if (typeof item === 'function') return true
      else if (typeof item === 'object' && item !== null) {
        if (item instanceof Ref || item instanceof Literal || item instanceof CapturedFunction)
          return true
        if (item instanceof RemoteValue) return true
        if (Array.isArray(item) && this.isActive(item, depth + 1)) return true
      }
    }
    return false
  }

  /** Adds the items of a list to the inputs if all are keys; otherwise returns false and adds nothing. */
  private addKeyList(list: readonly unknown[], inputs: number[]): boolean {
    const before = inputs.length
    for (const item of list) {
      const target = typeof item === 'string' ? this.find(item) : undefined
      if (target === undefined) {
        inputs.length = before
        return false
      }
      inputs.push(-1, target)
    }
    this.keyList = list
    return true
  }

  private valueOf(key: Key): unknown {
    const { map, record } = this
    if (map !== undefined) {
      const value = map.get(key)
      return value === undefined && !map.has(key) ? absent : value
    }
    const value = record![key]
    // Most keys need only this lookup: everything on Object.prototype is a function or `__proto__`.
    if (value !== undefined && this.isPlain && typeof value !== 'function' && key !== '__proto__') {
      return value
    }
    return Object.hasOwn(record!, key) ? value : absent
  }

  private numberOfRef({ key }: Ref, block: number): number {
    const target = this.find(key)
    if (target === undefined) throw new MissingKeyError(key, `'${this.key(block)}' refers to it`)
    return target
  }
}

/**
 * Reads a literal into typed nodes: strings that are keys become references.
 *
 * @throws GraphError for what is no object or Map, MissingKeyError for a `ref` to a key that is not in it.
 * @example fuse(toGraph({ x: 1, y: [inc, 'x'], z: [inc, 'y'] }), ['z'])
 */
export function toGraph(literalGraph: GraphLiteral): Graph {
  checkArguments('toGraph', arguments, 1, 'toGraph(literal)')
  return materialize(new LayerGraph([new LiteralLayer(literalGraph, 'toGraph')]))
}

function isCallable(value: unknown): value is Function | CapturedFunction {
  return typeof value === 'function' || value instanceof CapturedFunction
}

function tooDeep(key: Key): GraphError {
  return new GraphError(
    `The task '${key}' is nested more than ${maxDepth} levels deep; give its parts keys of their own`,
  )
}
