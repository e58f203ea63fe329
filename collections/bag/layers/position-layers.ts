/**
 * The layers of operations by the positions of items in the whole bag. Where the lengths of partitions are not
 * known, the partitions are counted first and kept until they are read again.
 */
import { IndexedLayer, type Layer } from '../../../core/graph/layer.js'
import { type Arg, arg, recipe } from '../../../core/graph/recipe.js'
import {
  blockRange,
  indexedLayer,
  layerName,
  type OperationInfo,
  operationInfo,
  type StepSpec,
  stepLayer,
} from '../../base/layer-builders.js'
import { takePart } from '../steps/partition-steps.js'
import {
  drawnMerge,
  drawnPart,
  drawStep,
  followersStep,
  numberStep,
  offsetsStep,
  sampleByPositionStep,
  tailMerge,
  tailPart,
  windowsStep,
} from '../steps/position-steps.js'
import { knownLengths } from './known-counts.js'
import { lengthsLayer } from './partition-layers.js'

/** Returns a layer of one block: the position of the first item of each partition, and the number of all items. */
function offsetsLayer(layer: Layer, operation: OperationInfo): Layer {
  const count = layer.numblocks[0]!
  const lengths = lengthsLayer(layer, operation)
  const blocks = [{ inputs: blockRange(0, count) }]
  const options = { gather: true, numblocks: [], name: 'offsets' }
  return indexedLayer(operation, { fn: offsetsStep }, [lengths], blocks, options)
}

/** Runs a step on every partition, which gets the list of offsets and the number of the partition after it. */
function byPositionLayer(layer: Layer, operation: OperationInfo, fn: Function, args: Arg[]): Layer {
  const params = [{ kind: 'block' } as const]
  const lengths = knownLengths(layer)
  if (lengths !== undefined) {
    const offsets = arg.value(offsetsStep(lengths.map((length) => [length])))
    return stepLayer(layer, operation, { fn, args: [offsets, arg.param(0), ...args] }, { params })
  }
  const inputs = [{ layer: offsetsLayer(layer, operation), axes: [] }]
  const step = { fn, args: [arg.input(1), arg.param(0), ...args] }
  return stepLayer(layer, operation, step, { params, inputs })
}

/** Pairs every item with its number in the bag, which counts from `start` and stands first or last. */
export function numberLayer(
  layer: Layer,
  label: 'enumerate' | 'zipWithIndex',
  start: number,
): Layer {
  const args = [arg.value(start), arg.value(label === 'enumerate')]
  return byPositionLayer(layer, operationInfo(label), numberStep, args)
}

/** Selects items at random. The choice depends on the seed and on positions, not on partitions. */
export function sampleByPositionLayer(layer: Layer, probability: number, seed: number): Layer {
  const args = [arg.value(probability), arg.value(seed)]
  return byPositionLayer(layer, operationInfo('randomSample'), sampleByPositionStep, args)
}

/** Draws `k` items at random into one partition, with or without replacement. */
export function drawnLayer(
  layer: Layer,
  label: 'sample' | 'choices',
  k: number,
  seed: number,
): Layer {
  const operation = operationInfo(label)
  const args = [k, seed, label].map((value) => arg.value(value))
  const lengths = knownLengths(layer)
  const known = lengths && arg.value(offsetsStep(lengths.map((length) => [length])))
  const draws = indexedLayer(
    operation,
    { fn: drawStep, args: known === undefined ? args : [known, ...args] },
    known === undefined ? [offsetsLayer(layer, operation)] : [],
    [{ inputs: known === undefined ? [0, 0] : [] }],
    { numblocks: [], name: `${label}-draws` },
  )
  const step = { fn: drawnPart, args: [arg.input(1), arg.param(0)] }
  const parts = stepLayer(layer, operation, step, {
    inputs: [{ layer: draws, axes: [] }],
    params: [{ kind: 'block' }],
    name: `${label}-part`,
  })
  const blocks = [{ inputs: blockRange(0, layer.numblocks[0]!) }]
  return indexedLayer(operation, { fn: drawnMerge }, [parts], blocks, { gather: true })
}

/** Makes lists of `size` consecutive items, one that starts at each item but the last `size - 1`. */
export function windowsLayer(layer: Layer, size: number): Layer {
  const operation = operationInfo('slidingWindow')
  const count = layer.numblocks[0]!
  const rest = arg.value(size - 1)
  const head: StepSpec = { fn: takePart, args: [rest] }
  const heads = stepLayer(layer, operation, head, { name: 'slidingWindow-head' })
  // Block `i` holds what follows the partition before the last `i` ones, so that each block reads the one before it.
  const first = recipe(followersStep, [arg.input(0), rest], operation)
  const later = recipe(followersStep, [arg.input(0), rest, arg.input(1)], operation)
  const followers = new IndexedLayer({
    name: layerName('slidingWindow-followers', heads.name),
    numblocks: [count],
    dependencies: [heads],
    nodes: Array.from({ length: count }, (_, i) => {
      const inputs = [0, count - 1 - i, ...(i === 0 ? [] : [-1, i - 1])]
      return { recipe: i === 0 ? first : later, inputs, params: [] }
    }),
  })
  const blocks = Array.from({ length: count }, (_, i) => {
    return { inputs: i === count - 1 ? [0, i] : [0, i, 1, count - 2 - i] }
  })
  const args = [arg.value(size)]
  return orderedInputsLayer(operation, windowsStep, [layer, followers], blocks, args)
}

/** Returns a layer whose step gets a block's first input, then `args`, then its other inputs. */
function orderedInputsLayer(
  operation: OperationInfo,
  fn: Function,
  dependencies: readonly Layer[],
  blocks: readonly { readonly inputs: readonly number[] }[],
  args: readonly Arg[],
): Layer {
  const recipes = [1, 2].map((count) => {
    const others = Array.from({ length: count - 1 }, (_, i) => arg.input(i + 1))
    return recipe(fn, [arg.input(0), ...args, ...others], operation)
  })
  const names = dependencies.map(({ name }) => name)
  return new IndexedLayer({
    name: layerName(operation.label, names, args),
    numblocks: [blocks.length],
    dependencies,
    nodes: blocks.map(({ inputs }) => {
      return { recipe: recipes[inputs.length / 2 - 1]!, inputs, params: [] }
    }),
  })
}

/** Takes the last `k` items of partitions `from` up to, but not including, `to`, as one partition. */
export function tailLayer(layer: Layer, k: number, from: number, to: number): Layer {
  const operation = operationInfo('tail')
  const args = [arg.value(k)]
  const parts = stepLayer(layer, operation, { fn: tailPart, args }, { name: 'tail-part' })
  const blocks = [{ inputs: blockRange(from, to) }]
  return indexedLayer(operation, { fn: tailMerge, args }, [parts], blocks, { gather: true })
}
