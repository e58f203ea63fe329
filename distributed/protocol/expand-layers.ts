/**
 * Expands the layers of a submission to tasks. A layer of a million blocks is one record in the message,
 * and becomes a million tasks here. The scheduler expands every submission; a client expands its own
 * when it needs a task of it, to describe an error or to submit the rest of a run again.
 * `distributed/client/submission/encode-layers.ts` makes the layers.
 */
import { blockCoordinates, countBlocks } from '../../core/base/keys.js'
import { orderTasks } from '../../core/graph/planning/order.js'
import { type StoredValue, store } from '../../core/graph/stored-value.js'
import type { LayerKeys, Submit, WireLayer } from './client-messages.js'

/** The maximum number of tasks in a submission. */
const mostTasks = 1 << 25

/** Maps a block of a layer to the block of its i-th input that it reads. */
type InputBlock = (i: number, block: number) => number

/** The tasks of layers, numbered so that inputs come before their dependents. */
interface LayerTasks {
  readonly layerOf: Int32Array
  readonly blockOf: Int32Array
  readonly inputStart: Int32Array
  readonly inputs: Int32Array
  /** The tasks of the last layer, by block. */
  readonly targets: Int32Array
}

/**
 * Returns a submission that lists every task, for one that has layers. The blocks of the last layer are its
 * targets, in their order. Returns undefined if the layers are invalid.
 */
export function expandSubmit(submit: Submit): Submit | undefined {
  const { layers } = submit
  if (layers.length === 0) return submit
  if (!areValid(layers)) return undefined
  const { layerOf, blockOf, inputStart, inputs, targets } = numberTasks(layers)
  const count = layerOf.length
  const keys: LayerKeys = { layers, layerOf, blockOf }
  return {
    ...submit,
    ...paramsOf(keys),
    layers: [],
    recipeOf: layerOf.map((layer) => layers[layer]!.recipe),
    inputStart,
    inputs,
    ranks: layers.length === 1 ? blockOf : orderTasks({ count, inputStart, inputs }, [...targets]),
    targets,
    keys,
    contentNamed: new Uint8Array(count).fill(1),
  }
}

/** Numbers all blocks that the last layer needs, in depth-first order. */
function numberTasks(layers: readonly WireLayer[]): LayerTasks {
  const counts = layers.map(({ numblocks }) => countBlocks(numblocks))
  const last = layers.length - 1
  /** By layer and block, the number of the task; -1 for none yet. */
  const numbers = counts.map((count) => new Int32Array(count).fill(-1))
  const capacity = counts.reduce((sum, count) => sum + count, 0)
  const layerOf = new Int32Array(capacity)
  const blockOf = new Int32Array(capacity)
  const inputStart = new Int32Array(capacity + 1)
  const inputs: number[] = []
  const inputBlocks = layers.map((layer) => inputBlockOf(layer, layers))
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
        const input = inputBlocks[layer]!(i, block)
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
        inputs.push(numbers[sources[i]!.layer]![inputBlocks[layer]!(i, block)]!)
      layerOf[count] = layer
      blockOf[count] = block
      numbers[layer]![block] = count
      inputStart[++count] = inputs.length
    }
  }
  return {
    layerOf: firstOf(layerOf, count),
    blockOf: firstOf(blockOf, count),
    inputStart: firstOf(inputStart, count + 1),
    inputs: new Int32Array(inputs),
    targets: numbers[last]!,
  }
}

/** Returns the first numbers of a column, without a copy if these are all. */
function firstOf(column: Int32Array, count: number): Int32Array {
  return count === column.length ? column : column.slice(0, count)
}

function inputBlockOf({ inputs, numblocks }: WireLayer, layers: readonly WireLayer[]): InputBlock {
  return (i, block) => {
    const { axes, layer } = inputs[i]!
    if (axes === null) return block
    const at = blockCoordinates(block, numblocks)
    let input = 0
    for (const [k, n] of layers[layer]!.numblocks.entries())
      input = input * n + (axes[k]! < 0 ? 0 : at[axes[k]!]!)
    return input
  }
}

/** The parameters of all tasks. */
function paramsOf({ layers, layerOf, blockOf }: LayerKeys): Pick<Submit, 'params' | 'paramEnd'> {
  const paramEnd = new Int32Array(layerOf.length)
  let count = 0
  for (let task = 0; task < layerOf.length; task++)
    paramEnd[task] = count += layers[layerOf[task]!]!.params.length
  // A list that grows by appending ends with room for as much again.
  const params = new Array<StoredValue>(count)
  count = 0
  for (let task = 0; task < layerOf.length; task++) {
    const layer = layers[layerOf[task]!]!
    const block = blockOf[task]!
    for (const param of layer.params) {
      if (param.kind === 'block') params[count++] = block
      else if (param.kind === 'coordinates')
        params[count++] = store(blockCoordinates(block, layer.numblocks))
      else params[count++] = param.kind === 'values' ? param.values[block] : undefined
    }
  }
  return { params, paramEnd }
}

// Checks: layers come from another process, so their fields are not trusted. -----------------------

function areValid(layers: readonly WireLayer[]): boolean {
  let tasks = 0
  for (const [at, layer] of layers.entries()) {
    const { name, numblocks, recipe, inputs, params } = layer
    if (typeof name !== 'string' || !Number.isInteger(recipe)) return false
    const lists = [numblocks, inputs, params]
    if (!lists.every((list) => Array.isArray(list))) return false
    if (!numblocks.every((n) => Number.isInteger(n) && n >= 0)) return false
    const count = countBlocks(numblocks)
    tasks += count
    if (tasks > mostTasks) return false
    for (const input of inputs) {
      const source = layers[input.layer]
      if (!(input.layer >= 0 && input.layer < at) || source === undefined) return false
      if (input.axes === null) {
        if (countBlocks(source.numblocks) !== count) return false
      } else if (!areAxesValid(input.axes, numblocks, source.numblocks)) return false
    }
    for (const param of params)
      if (param.kind === 'values' && !(Array.isArray(param.values) && param.values.length >= count))
        return false
  }
  return true
}

/** Whether every block of `ours` reads an existing block of `theirs`. */
function areAxesValid(axes: unknown, ours: readonly number[], theirs: readonly number[]): boolean {
  if (!Array.isArray(axes) || axes.length !== theirs.length) return false
  return axes.every((axis, k) => {
    if (!Number.isInteger(axis) || axis >= ours.length) return false
    return axis < 0 ? theirs[k]! > 0 : ours[axis]! <= theirs[k]!
  })
}
