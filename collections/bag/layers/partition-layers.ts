/**
 * The layers of operations that change how items are distributed over partitions: repartitioning,
 * taking the first items, products of bags, concatenation, and running totals.
 */
import { type BlockNode, IndexedLayer, type Layer } from '../../../core/graph/layer.js'
import { type Arg, arg, recipe } from '../../../core/graph/recipe.js'
import {
  aliasLayer,
  type BlockSpec,
  blockRange,
  indexedLayer,
  layerName,
  type OperationInfo,
  operationInfo,
  stepContent,
  stepLayer,
} from '../../base/layer-builders.js'
import {
  accumulateStep,
  carryStep,
  concatStep,
  lengthStep,
  pieceStep,
  productStep,
  startStep,
  takeMerge,
  takePart,
  windowStep,
} from '../steps/partition-steps.js'

/** Pairs every partition of one layer with every partition of another, and every item of both. */
export function productLayer(layer: Layer, others: Layer): Layer {
  const same = others.name === layer.name
  const blocks: BlockSpec[] = []
  for (let i = 0; i < layer.numblocks[0]!; i++) {
    for (let j = 0; j < others.numblocks[0]!; j++) {
      blocks.push({ inputs: [0, i, same ? 0 : 1, j] })
    }
  }
  const dependencies = same ? [layer] : [layer, others]
  return indexedLayer(operationInfo('product'), { fn: productStep }, dependencies, blocks)
}

/**
 * Computes running totals, partition after partition. Each partition starts from the last total of the
 * one before.
 */
export function accumulateLayer(layer: Layer, fn: Arg, initial: Arg | undefined): Layer {
  const operation = operationInfo('accumulate')
  const count = layer.numblocks[0]!
  const start = indexedLayer(
    operation,
    { fn: startStep, args: [arg.list(initial === undefined ? [] : [initial])] },
    [],
    [{ inputs: [] }],
    { name: 'accumulate-start', numblocks: [] },
  )
  // Even blocks are the partitions, odd ones the totals that the next partition starts from.
  const nodes: BlockNode[] = []
  const inputs = [arg.input(0), arg.input(1)]
  const first = recipe(accumulateStep, [...inputs, fn, arg.value(true)], operation)
  const later = recipe(accumulateStep, [...inputs, fn, arg.value(false)], operation)
  const carry = recipe(carryStep, inputs, operation)
  for (let i = 0; i < count; i++) {
    const before = i === 0 ? [1, 0] : [-1, 2 * i - 1]
    nodes.push({ recipe: i === 0 ? first : later, inputs: [0, i, ...before], params: [] })
    nodes.push({ recipe: carry, inputs: [-1, 2 * i, ...before], params: [] })
  }
  const content = stepContent({ fn: accumulateStep, args: [fn] })
  const scan = new IndexedLayer({
    name: layerName('accumulate-scan', layer.name, start.name, content),
    numblocks: [nodes.length],
    dependencies: [layer, start],
    nodes,
  })
  return aliasLayer(
    'accumulate',
    [scan],
    Array.from({ length: count }, (_, i) => [0, 2 * i]),
  )
}

/** Joins neighbouring partitions to get fewer, or cuts each into even pieces to get more. */
export function repartitionLayer(
  layer: Layer,
  npartitions: number,
  operation: OperationInfo = operationInfo('repartition'),
): Layer {
  const count = layer.numblocks[0]!
  if (npartitions <= count) {
    const blocks = Array.from({ length: npartitions }, (_, i): BlockSpec => {
      const from = Math.floor((i * count) / npartitions)
      const to = Math.floor(((i + 1) * count) / npartitions)
      return { inputs: blockRange(from, to) }
    })
    return indexedLayer(operation, { fn: concatStep }, [layer], blocks, { gather: true })
  }
  const blocks: BlockSpec[] = []
  for (let i = 0; i < count; i++) {
    const from = Math.floor((i * npartitions) / count)
    const pieces = Math.floor(((i + 1) * npartitions) / count) - from
    for (let piece = 0; piece < pieces; piece++) {
      blocks.push({ inputs: [0, i], params: [[piece, pieces]] })
    }
  }
  return indexedLayer(operation, { fn: pieceStep, args: [arg.param(0)] }, [layer], blocks)
}

/** Counts the items of each partition, as a bag of one number in each. */
export function lengthsLayer(layer: Layer, operation: OperationInfo): Layer {
  return stepLayer(layer, operation, { fn: lengthStep }, { name: 'lengths' })
}

/**
 * Distributes the items over partitions of `size` items; the last one may have fewer.
 *
 * @param lengths The number of items in each partition of `layer`.
 */
export function resizeLayer(
  layer: Layer,
  lengths: readonly number[],
  size: number,
  operation: OperationInfo,
): Layer {
  const starts = [0]
  for (const length of lengths) starts.push(starts.at(-1)! + length)
  const total = starts.at(-1)!
  const blocks = Array.from({ length: Math.max(1, Math.ceil(total / size)) }, (_, i): BlockSpec => {
    const begin = i * size
    const end = Math.min(total, begin + size)
    const from = starts.findLastIndex((start, at) => start <= begin && at < lengths.length)
    let to = from
    while (to < lengths.length && starts[to]! < end) to++
    return {
      inputs: blockRange(from, Math.max(to, from + 1)),
      params: [[begin - starts[from]!, end - starts[from]!]],
    }
  })
  const step = { fn: windowStep, args: [arg.param(0)] }
  return indexedLayer(operation, step, [layer], blocks, { gather: true })
}

/** Takes the first `k` items of partitions `from` up to, but not including, `to`, as one partition. */
export function takeLayer(layer: Layer, k: number, to: number, from = 0): Layer {
  const operation = operationInfo('take')
  const args = [arg.value(k)]
  const parts = stepLayer(layer, operation, { fn: takePart, args }, { name: 'take-part' })
  const blocks = [{ inputs: blockRange(from, to) }]
  return indexedLayer(operation, { fn: takeMerge, args }, [parts], blocks, { gather: true })
}

/** Lists the partitions of several layers one after another, under new keys. */
export function concatLayer(layers: readonly Layer[]): Layer {
  const dependencies = [...new Set(layers)]
  const blocks = layers.flatMap((layer) =>
    Array.from({ length: layer.numblocks[0]! }, (_, block) => {
      return [dependencies.indexOf(layer), block] as const
    }),
  )
  return aliasLayer('concat', dependencies, blocks)
}
