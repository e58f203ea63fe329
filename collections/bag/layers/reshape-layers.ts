/**
 * The layers of operations that change how items are spread over partitions, or that bring two bags
 * together.
 */
import { type BlockNode, IndexedLayer, type Layer } from '../../../core/graph/layer.js'
import { type Arg, arg, recipe } from '../../../core/graph/recipe.js'
import { layerOf } from '../../base/arguments.js'
import {
  type About,
  aliases,
  type BlockSpec,
  contiguous,
  eachBlock,
  eachPartition,
  layerName,
  stepContent,
} from '../../base/layer-builders.js'
import { show } from '../../base/options.js'
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
export function groupbyLayer(layer: Layer, about: About, key: Arg, npartitions: number): Layer {
  const count = layer.numblocks[0]!
  const split = eachPartition(
    about,
    { fn: groupbySplit, args: [arg.input(0), key, arg.value(npartitions)] },
    [{ layer }],
    { name: 'groupby-split' },
  )
  const picks: BlockSpec[] = []
  for (let output = 0; output < npartitions; output++) {
    for (let input = 0; input < count; input++) picks.push({ inputs: [0, input], params: [output] })
  }
  const lists = eachBlock(about, { fn: pick, args: [arg.param(0)] }, [split], picks, {
    name: 'groupby-pick',
    numblocks: [npartitions, count],
  })
  const outputs = contiguous(npartitions * count, count).map((inputs) => ({ inputs }))
  return eachBlock(about, { fn: groupbyMerge }, [lists], outputs, { gather: true })
}

/** Every partition joined with all of the others, which are in one place. */
export function joinLayer(layer: Layer, about: About, other: unknown, keys: readonly Arg[]): Layer {
  const bag = layerOf(other, 'bag')
  const single = bag === undefined ? undefined : oneBlock(bag, about)
  const lazy = layerOf(other, 'item')
  if (single !== undefined || lazy !== undefined) {
    const input = single === undefined ? { layer: lazy!, axes: [] } : { layer: single, axes: [-1] }
    const step = { fn: joinStep, args: [arg.input(0), arg.input(1), ...keys] }
    return eachPartition(about, step, [{ layer }, input])
  }
  if (typeof other !== 'object' || other === null || !(Symbol.iterator in other)) {
    throw new TypeError(
      `join: the others must be a bag or an iterable of items, got ${show(other)}`,
    )
  }
  const items = Array.from(other as Iterable<unknown>)
  const step = { fn: joinStep, args: [arg.input(0), arg.value(items), ...keys] }
  return eachPartition(about, step, [{ layer }])
}

function oneBlock(layer: Layer, about: About): Layer {
  return layer.numblocks[0] === 1 ? layer : repartitionLayer(layer, about, 1)
}

/** Every partition of one bag with every one of another. */
export function productLayer(layer: Layer, about: About, other: unknown): Layer {
  const others = layerOf(other, 'bag')
  if (others === undefined) {
    throw new TypeError(`product: the other must be a bag, got ${show(other)}; see fromSequence`)
  }
  const same = others.name === layer.name
  const blocks: BlockSpec[] = []
  for (let i = 0; i < layer.numblocks[0]!; i++) {
    for (let j = 0; j < others.numblocks[0]!; j++) {
      blocks.push({ inputs: [0, i, same ? 0 : 1, j] })
    }
  }
  return eachBlock(about, { fn: productStep }, same ? [layer] : [layer, others], blocks)
}

/** Running totals: partition after partition, each starting from what the one before hands on. */
export function accumulateLayer(
  layer: Layer,
  about: About,
  fn: Arg,
  initial: Arg | undefined,
): Layer {
  const count = layer.numblocks[0]!
  const start = eachBlock(
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
  return aliases(
    'accumulate',
    [scan],
    Array.from({ length: count }, (_, i) => [0, 2 * i]),
  )
}

/** Fewer partitions by joining neighbours, or more by cutting each into even pieces. */
export function repartitionLayer(layer: Layer, about: About, npartitions: number): Layer {
  const count = layer.numblocks[0]!
  if (npartitions <= count) {
    const blocks = Array.from({ length: npartitions }, (_, i): BlockSpec => {
      const from = Math.floor((i * count) / npartitions)
      const to = Math.floor(((i + 1) * count) / npartitions)
      return { inputs: run(from, to) }
    })
    return eachBlock(about, { fn: concatStep }, [layer], blocks, { gather: true })
  }
  const blocks: BlockSpec[] = []
  for (let i = 0; i < count; i++) {
    const from = Math.floor((i * npartitions) / count)
    const pieces = Math.floor(((i + 1) * npartitions) / count) - from
    for (let piece = 0; piece < pieces; piece++) {
      blocks.push({ inputs: [0, i], params: [[piece, pieces]] })
    }
  }
  return eachBlock(about, { fn: pieceStep, args: [arg.param(0)] }, [layer], blocks)
}

/** How many items each partition has, as a bag of one number a partition. */
export function lengthsLayer(layer: Layer, about: About): Layer {
  const step = { fn: lengthStep, args: [arg.input(0)] }
  return eachPartition(about, step, [{ layer }], { name: 'lengths' })
}

/** Partitions of `size` items, the last one of what is left, given how many each has now. */
export function resizeLayer(
  layer: Layer,
  about: About,
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
  return eachBlock(about, { fn: windowStep, args: [arg.param(0)] }, [layer], blocks, {
    gather: true,
  })
}

/** The first `k` items of the first `used` partitions. */
export function takeLayer(layer: Layer, about: About, k: number, used: number): Layer {
  const parts = eachPartition(
    about,
    { fn: takePart, args: [arg.input(0), arg.value(k)] },
    [{ layer }],
    { name: 'take-part' },
  )
  const blocks = [{ inputs: run(0, used) }]
  return eachBlock(about, { fn: takeMerge, args: [arg.value(k)] }, [parts], blocks, {
    gather: true,
  })
}

/** Blocks `from` up to, not including, `to` of the first dependency. */
function run(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, i) => [0, from + i]).flat()
}
