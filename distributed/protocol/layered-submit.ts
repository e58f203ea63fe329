/**
 * Computations of collections as their layers: a layer of a million blocks is one record on the wire,
 * and becomes tasks at the scheduler. Only layers whose blocks do the same to the matching blocks of
 * others go so; what else there is in a graph has every task listed.
 */

import { blockKey, countBlocks, unravel } from '../../core/base/keys.js'
import type { LayerGraph } from '../../core/graph/graph.js'
import { areAllBlocks, BlockwiseLayer, type Layer, layersOf } from '../../core/graph/layer.js'
import { orderTasks } from '../../core/graph/order.js'
import type { Recipe } from '../../core/graph/recipe.js'
import { SerializedParam } from '../../core/graph/serialized-params.js'
import { isEncoded, type StoredValue, store } from '../../core/graph/stored-value.js'
import type { LayerKeys, PackedStrings, Submit, WireLayer } from './client-messages.js'
import { findString, packStrings } from './packed-strings.js'
import { assertSendable } from './sendable.js'

/** The recipes of a submission, and the bundles that it needs. */
interface Recipes {
  add(recipe: Recipe): number
  addBundles(tokens: readonly string[]): void
}

/** Fewer tasks are listed. */
const fewest = 256
/** More tasks are nobody's. */
const most = 1 << 25

const noNumbers = new Int32Array(0)

/** The layers behind some blocks as they travel; undefined if they do not go so. */
export function describeLayers(
  graph: LayerGraph,
  keys: readonly unknown[],
  recipes: Recipes,
): WireLayer[] | undefined {
  const last = graph.layers.at(-1)
  if (last === undefined || keys.length < fewest || !areAllBlocks(keys, last)) return undefined
  const layers = layersOf([last])
  if (!layers.every(goes)) return undefined
  const place = new Map<Layer, number>(layers.map((layer, i) => [layer, i]))
  return (layers as BlockwiseLayer[]).map(({ name, numblocks, recipe, inputs, params }) => ({
    name,
    numblocks,
    recipe: recipes.add(recipe),
    inputs: inputs.map(({ layer, axes }) => ({ layer: place.get(layer)!, axes: axes ?? null })),
    params: params.map((param) => {
      if (param.kind !== 'values') return { kind: param.kind }
      return { kind: 'values', values: param.values.map((value) => atRest(value, recipes)) }
    }),
  }))
}

function goes(layer: Layer): boolean {
  return layer instanceof BlockwiseLayer && layer.recipe.isRemote !== true
}

function atRest(value: unknown, recipes: Recipes): StoredValue {
  const stored = value instanceof SerializedParam ? value.stored : store(value, { shared: true })
  if (!isEncoded(stored)) return stored
  recipes.addBundles(stored.bundles)
  assertSendable(stored, () => 'A partition or block', 'make several of it')
  return stored
}

/**
 * A submission with every task listed, from one that has layers; undefined if these make no sense. The
 * blocks of the last layer are its targets, in their order.
 */
export function expandSubmit(submit: Submit): Submit | undefined {
  const { layers } = submit
  if (layers.length === 0) return submit
  if (!areSound(layers)) return undefined
  const counts = layers.map(({ numblocks }) => countBlocks(numblocks))
  const last = layers.length - 1
  const numbers = counts.map((count) => new Int32Array(count).fill(-1))
  const room = counts.reduce((sum, count) => sum + count, 0)
  const layerOf = new Int32Array(room)
  const blockOf = new Int32Array(room)
  const inputStart = new Int32Array(room + 1)
  const inputs: number[] = []
  const read = layers.map((layer) => inputReader(layer, layers))
  let count = 0
  const layerStack: number[] = []
  const blockStack: number[] = []
  for (let target = 0; target < counts[last]!; target++) {
    layerStack.push(last)
    blockStack.push(target)
    while (layerStack.length > 0) {
      const layer = layerStack.at(-1)!
      const block = blockStack.at(-1)!
      const { inputs: sources } = layers[layer]!
      let isWaiting = false
      for (let i = 0; i < sources.length && !isWaiting; i++) {
        const source = sources[i]!.layer
        const input = read[layer]!(i, block)
        if (numbers[source]![input]! >= 0) continue
        layerStack.push(source)
        blockStack.push(input)
        isWaiting = true
      }
      if (isWaiting) continue
      layerStack.pop()
      blockStack.pop()
      if (numbers[layer]![block]! >= 0) continue
      for (let i = 0; i < sources.length; i++)
        inputs.push(numbers[sources[i]!.layer]![read[layer]!(i, block)]!)
      layerOf[count] = layer
      blockOf[count] = block
      numbers[layer]![block] = count
      inputStart[++count] = inputs.length
    }
  }
  const edges = {
    count,
    inputStart: inputStart.slice(0, count + 1),
    inputs: Int32Array.from(inputs),
  }
  const targets = numbers[last]!
  const keys: LayerKeys = {
    layers,
    layerOf: layerOf.slice(0, count),
    blockOf: blockOf.slice(0, count),
  }
  return {
    ...submit,
    ...paramsOf(keys),
    layers: [],
    recipeOf: keys.layerOf.map((layer) => layers[layer]!.recipe),
    inputStart: edges.inputStart,
    inputs: edges.inputs,
    ranks: layers.length === 1 ? keys.blockOf : orderTasks(edges, [...targets]),
    targets,
    keys,
    contentNamed: new Uint8Array(count).fill(1),
  }
}

/** Which block of an input goes with a block of a layer. */
function inputReader(
  { inputs, numblocks }: WireLayer,
  layers: readonly WireLayer[],
): (i: number, block: number) => number {
  return (i, block) => {
    const { axes, layer } = inputs[i]!
    if (axes === null) return block
    const at = unravel(block, numblocks)
    let input = 0
    for (const [k, n] of layers[layer]!.numblocks.entries())
      input = input * n + (axes[k]! < 0 ? 0 : at[axes[k]!]!)
    return input
  }
}

function paramsOf({ layers, layerOf, blockOf }: LayerKeys): Pick<Submit, 'params' | 'paramEnd'> {
  const params: StoredValue[] = []
  const paramEnd = new Int32Array(layerOf.length)
  for (let task = 0; task < layerOf.length; task++) {
    const layer = layers[layerOf[task]!]!
    const block = blockOf[task]!
    for (const param of layer.params) {
      if (param.kind === 'block') params.push(block)
      else if (param.kind === 'coordinates') params.push(store(unravel(block, layer.numblocks)))
      else if (param.kind === 'values') params.push(param.values[block])
    }
    paramEnd[task] = params.length
  }
  return { params, paramEnd }
}

function areSound(layers: readonly WireLayer[]): boolean {
  let tasks = 0
  for (const [at, layer] of layers.entries()) {
    const { name, numblocks, recipe, inputs, params } = layer
    if (typeof name !== 'string' || !Number.isInteger(recipe)) return false
    const lists = [numblocks, inputs, params]
    if (!lists.every((list) => Array.isArray(list))) return false
    if (!numblocks.every((n) => Number.isInteger(n) && n >= 0)) return false
    const count = countBlocks(numblocks)
    tasks += count
    if (tasks > most) return false
    for (const input of inputs) {
      const source = layers[input.layer]
      if (!(input.layer >= 0 && input.layer < at) || source === undefined) return false
      if (input.axes === null) {
        if (countBlocks(source.numblocks) !== count) return false
      } else if (!fits(input.axes, numblocks, source.numblocks)) return false
    }
    for (const param of params)
      if (param.kind === 'values' && !(Array.isArray(param.values) && param.values.length >= count))
        return false
  }
  return true
}

function fits(axes: unknown, ours: readonly number[], theirs: readonly number[]): boolean {
  if (!Array.isArray(axes) || axes.length !== theirs.length) return false
  return axes.every((axis, k) => {
    if (!Number.isInteger(axis) || axis >= ours.length) return false
    return axis < 0 ? theirs[k]! > 0 : ours[axis]! <= theirs[k]!
  })
}

/** The key of a task of expanded layers. */
export function layerKey({ layers, layerOf, blockOf }: LayerKeys, task: number): string {
  const { name, numblocks } = layers[layerOf[task]!]!
  const block = blockOf[task]!
  return numblocks.length === 1 ? `${name}:${block}` : blockKey(name, unravel(block, numblocks))
}

/** The places of a key. */
export function findKey(keys: PackedStrings | LayerKeys, key: string): number[] {
  if ('joined' in keys) return findString(keys, key)
  const { layers, layerOf } = keys
  const places: number[] = []
  for (let task = 0; task < layerOf.length; task++)
    if (key.startsWith(layers[layerOf[task]!]!.name) && layerKey(keys, task) === key)
      places.push(task)
  return places
}

/** The keys of expanded layers as they can be sent. */
export function packKeys(keys: LayerKeys): PackedStrings {
  return packStrings(keys.blockOf.length, (task) => layerKey(keys, task))
}

/** The columns of a submission whose tasks are not listed. */
export const unlisted = {
  recipeOf: noNumbers,
  inputStart: Int32Array.of(0),
  inputs: noNumbers,
  ranks: noNumbers,
  targets: noNumbers,
  params: [],
  paramEnd: noNumbers,
  keys: { joined: '', ends: noNumbers },
  contentNamed: new Uint8Array(0),
} as const
