/**
 * The layers of operations that change how items are spread over partitions, or that bring two bags
 * together.
 */
import { type BlockNode, IndexedLayer, type Layer } from '../../../core/graph/layer.js'
import { type Arg, arg, recipe } from '../../../core/graph/recipe.js'
import { describeValue } from '../../base/describe-value.js'
import {
  aliasLayer,
  type BlockSpec,
  blockwiseLayer,
  consecutiveBlocks,
  indexedLayer,
  layerName,
  type OperationInfo,
  stepContent,
} from '../../base/layer-builders.js'
import { layerOfKind } from '../../base/step-arguments.js'
import { groupbyMerge, groupbySplit, pick } from '../steps/group-steps.js'
import {
  accumulateStep,
  carryStep,
  concatStep,
  joinStep,
  lengthStep,
  pieceStep,
  productStep,
  startStep,
  takeMerge,
  takePart,
  windowStep,
} from '../steps/partition-steps.js'

/** A hash shuffle: every input is dealt into one list for each output, every output joins its lists. */
export function groupbyLayer(
  layer: Layer,
  about: OperationInfo,
  key: Arg,
  npartitions: number,
): Layer {
  const count = layer.numblocks[0]!
  const split = blockwiseLayer(
    about,
    { fn: groupbySplit, args: [arg.input(0), key, arg.value(npartitions)] },
    [{ layer }],
    { name: 'groupby-split' },
  )
  const picks: BlockSpec[] = []
  for (let output = 0; output < npartitions; output++) {
    for (let input = 0; input < count; input++) picks.push({ inputs: [0, input], params: [output] })
  }
  const lists = indexedLayer(about, { fn: pick, args: [arg.param(0)] }, [split], picks, {
    name: 'groupby-pick',
    numblocks: [npartitions, count],
  })
  const outputs = consecutiveBlocks(npartitions * count, count).map((inputs) => ({ inputs }))
  return indexedLayer(about, { fn: groupbyMerge }, [lists], outputs, { gather: true })
}

/** Every partition joined with all of the others, which are in one place. */
export function joinLayer(
  layer: Layer,
  about: OperationInfo,
  other: unknown,
  keys: readonly Arg[],
): Layer {
  const bag = layerOfKind(other, 'bag')
  const single = bag === undefined ? undefined : oneBlock(bag, about)
  const lazy = layerOfKind(other, 'item')
  if (single !== undefined || lazy !== undefined) {
    const input = single === undefined ? { layer: lazy!, axes: [] } : { layer: single, axes: [-1] }
    const step = { fn: joinStep, args: [arg.input(0), arg.input(1), ...keys] }
    return blockwiseLayer(about, step, [{ layer }, input])
  }
  if (typeof other !== 'object' || other === null || !(Symbol.iterator in other)) {
    throw new TypeError(
      `join: the others must be a bag or an iterable of items, got ${describeValue(other)}`,
    )
  }
  const items = Array.from(other as Iterable<unknown>)
  const step = { fn: joinStep, args: [arg.input(0), arg.value(items), ...keys] }
  return blockwiseLayer(about, step, [{ layer }])
}

function oneBlock(layer: Layer, about: OperationInfo): Layer {
  return layer.numblocks[0] === 1 ? layer : repartitionLayer(layer, about, 1)
}

/** Every partition of one bag with every one of another. */
export function productLayer(layer: Layer, about: OperationInfo, other: unknown): Layer {
  const others = layerOfKind(other, 'bag')
  if (others === undefined) {
    throw new TypeError(
      `product: the other must be a bag, got ${describeValue(other)}; see fromSequence`,
    )
  }
  const same = others.name === layer.name
  const blocks: BlockSpec[] = []
  for (let i = 0; i < layer.numblocks[0]!; i++) {
    for (let j = 0; j < others.numblocks[0]!; j++) {
      blocks.push({ inputs: [0, i, same ? 0 : 1, j] })
    }
  }
  return indexedLayer(about, { fn: productStep }, same ? [layer] : [layer, others], blocks)
}

/** Running totals: partition after partition, each starting from what the one before hands on. */
export function accumulateLayer(
  layer: Layer,
  about: OperationInfo,
  fn: Arg,
  initial: Arg | undefined,
): Layer {
  const count = layer.numblocks[0]!
  const start = indexedLayer(
    about,
    { fn: startStep, args: [arg.list(initial === undefined ? [] : [initial])] },
    [],
    [{ inputs: [] }],
    { name: 'accumulate-start', numblocks: [] },
  )
  // Blocks of even number are the partitions, the odd ones what each hands on.
  const nodes: BlockNode[] = []
  const { label, site } = about
  const inputs = [arg.input(0), arg.input(1)]
  const first = recipe(accumulateStep, [...inputs, fn, arg.value(true)], { label, site })
  const later = recipe(accumulateStep, [...inputs, fn, arg.value(false)], { label, site })
  const carry = recipe(carryStep, inputs, { label, site })
  for (let i = 0; i < count; i++) {
    const before = i === 0 ? [1, 0] : [-1, 2 * i - 1]
    nodes.push({ recipe: i === 0 ? first : later, inputs: [0, i, ...before], params: [] })
    nodes.push({ recipe: carry, inputs: [-1, 2 * i, ...before], params: [] })
  }
  const scan = new IndexedLayer({
    name: layerName(
      'accumulate-scan',
      layer.name,
      start.name,
      stepContent({ fn: accumulateStep, args: [fn] }),
    ),
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

/** Fewer partitions by joining neighbours, or more by cutting each into even pieces. */
export function repartitionLayer(layer: Layer, about: OperationInfo, npartitions: number): Layer {
  const count = layer.numblocks[0]!
  if (npartitions <= count) {
    const blocks = Array.from({ length: npartitions }, (_, i): BlockSpec => {
      const from = Math.floor((i * count) / npartitions)
      const to = Math.floor(((i + 1) * count) / npartitions)
      return { inputs: run(from, to) }
    })
    return indexedLayer(about, { fn: concatStep }, [layer], blocks, { gather: true })
  }
  const blocks: BlockSpec[] = []
  for (let i = 0; i < count; i++) {
    const from = Math.floor((i * npartitions) / count)
    const pieces = Math.floor(((i + 1) * npartitions) / count) - from
    for (let piece = 0; piece < pieces; piece++) {
      blocks.push({ inputs: [0, i], params: [[piece, pieces]] })
    }
  }
  return indexedLayer(about, { fn: pieceStep, args: [arg.param(0)] }, [layer], blocks)
}

/** How many items each partition has, as a bag of one number a partition. */
export function lengthsLayer(layer: Layer, about: OperationInfo): Layer {
  const step = { fn: lengthStep, args: [arg.input(0)] }
  return blockwiseLayer(about, step, [{ layer }], { name: 'lengths' })
}

/** Partitions of `size` items, the last one of what is left, given how many each has now. */
export function resizeLayer(
  layer: Layer,
  about: OperationInfo,
  lengths: readonly number[],
  size: number,
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
      inputs: run(from, Math.max(to, from + 1)),
      params: [[begin - starts[from]!, end - starts[from]!]],
    }
  })
  return indexedLayer(about, { fn: windowStep, args: [arg.param(0)] }, [layer], blocks, {
    gather: true,
  })
}

/** The first `k` items of the first `used` partitions. */
export function takeLayer(layer: Layer, about: OperationInfo, k: number, used: number): Layer {
  const parts = blockwiseLayer(
    about,
    { fn: takePart, args: [arg.input(0), arg.value(k)] },
    [{ layer }],
    { name: 'take-part' },
  )
  const blocks = [{ inputs: run(0, used) }]
  return indexedLayer(about, { fn: takeMerge, args: [arg.value(k)] }, [parts], blocks, {
    gather: true,
  })
}

/** Blocks `from` up to, not including, `to` of the first dependency. */
function run(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, i) => [0, from + i]).flat()
}
