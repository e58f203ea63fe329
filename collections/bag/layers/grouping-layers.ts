/** The layers of operations by key: reductions to a bag of one partition, group shuffles, and joins. */
import type { Layer } from '../../../core/graph/layer.js'
import { type Arg, arg } from '../../../core/graph/recipe.js'
import { describeValue } from '../../base/describe-value.js'
import {
  type BlockSpec,
  consecutiveBlocks,
  indexedLayer,
  operationInfo,
  reductionTreeLayer,
  type StepSpec,
  stepLayer,
} from '../../base/layer-builders.js'
import { layerOfKind } from '../../base/step-arguments.js'
import {
  distinctMerge,
  distinctPart,
  foldbyMerge,
  foldbyPart,
  frequenciesMerge,
  frequenciesPart,
  groupbyMerge,
  groupbyPick,
  groupbySplit,
  joinStep,
  topkMerge,
  topkPart,
} from '../steps/grouping-steps.js'
import { repartitionLayer } from './partition-layers.js'

/** Counts how often each item occurs. */
export function frequenciesLayer(layer: Layer, sort: boolean, splitEvery: number): Layer {
  const merge = { fn: frequenciesMerge, args: [arg.value(sort)] }
  return treeLayer(layer, 'frequencies', { fn: frequenciesPart }, merge, splitEvery)
}

/** Finds the `k` greatest items by a key. */
export function topkLayer(layer: Layer, k: number, key: Arg, splitEvery: number): Layer {
  const part = { fn: topkPart, args: [arg.value(k), key] }
  return treeLayer(layer, 'topk', part, { fn: topkMerge, args: [arg.value(k)] }, splitEvery)
}

/** Finds the first item for each key. */
export function distinctLayer(layer: Layer, key: Arg, splitEvery: number): Layer {
  const part = { fn: distinctPart, args: [key] }
  return treeLayer(layer, 'distinct', part, { fn: distinctMerge }, splitEvery)
}

/** The functions of a fold by group, and its initial values. */
export interface FoldbyFunctions {
  readonly key: Arg
  readonly binop: Arg
  readonly initial: Arg
  readonly combine: Arg
  readonly combineInitial: Arg
  /** The initial value if `combine` is `binop` and must be checked; see `combine-check.ts`. */
  readonly check: Arg
}

/** Folds the items of each group into one value. */
export function foldbyLayer(
  layer: Layer,
  { key, binop, initial, combine, combineInitial, check }: FoldbyFunctions,
  splitEvery: number,
): Layer {
  const part = { fn: foldbyPart, args: [key, binop, initial] }
  const merge = { fn: foldbyMerge, args: [combine, check, combineInitial] }
  return treeLayer(layer, 'foldby', part, merge, splitEvery)
}

function treeLayer(
  layer: Layer,
  label: string,
  part: StepSpec,
  merge: StepSpec,
  splitEvery: number,
): Layer {
  const tree = { part, merge, splitEvery, numblocks: [1] }
  return reductionTreeLayer(layer, operationInfo(label), tree)
}

/**
 * Groups the items by key in a hash shuffle: every input partition is split into one list for each
 * output partition, and every output partition merges its lists.
 */
export function groupbyLayer(layer: Layer, key: Arg, npartitions: number): Layer {
  const operation = operationInfo('groupby')
  const count = layer.numblocks[0]!
  const split = stepLayer(
    layer,
    operation,
    { fn: groupbySplit, args: [key, arg.value(npartitions)] },
    { name: 'groupby-split' },
  )
  const picks: BlockSpec[] = []
  for (let output = 0; output < npartitions; output++) {
    for (let input = 0; input < count; input++) picks.push({ inputs: [0, input], params: [output] })
  }
  const lists = indexedLayer(operation, { fn: groupbyPick, args: [arg.param(0)] }, [split], picks, {
    name: 'groupby-pick',
    numblocks: [npartitions, count],
  })
  const outputs = consecutiveBlocks(npartitions * count, count).map((inputs) => ({ inputs }))
  return indexedLayer(operation, { fn: groupbyMerge }, [lists], outputs, { gather: true })
}

/**
 * Joins every partition with all items of `other`: a bag, a lazy item or an iterable.
 *
 * @throws TypeError if `other` is none of these.
 */
export function joinLayer(layer: Layer, other: unknown, onOther: Arg, onSelf: Arg): Layer {
  const operation = operationInfo('join')
  const bag = layerOfKind(other, 'bag')
  if (bag !== undefined) {
    const single = bag.numblocks[0] === 1 ? bag : repartitionLayer(bag, 1, operation)
    const step = { fn: joinStep, args: [arg.input(1), onOther, onSelf] }
    return stepLayer(layer, operation, step, { inputs: [{ layer: single, axes: [-1] }] })
  }
  const item = layerOfKind(other, 'item')
  if (item !== undefined) {
    const step = { fn: joinStep, args: [arg.input(1), onOther, onSelf] }
    return stepLayer(layer, operation, step, { inputs: [{ layer: item, axes: [] }] })
  }
  if (typeof other !== 'object' || other === null || !(Symbol.iterator in other)) {
    throw new TypeError(
      `join: the others must be a bag or an iterable of items, got ${describeValue(other)}`,
    )
  }
  const items = Array.from(other as Iterable<unknown>)
  return stepLayer(layer, operation, { fn: joinStep, args: [arg.value(items), onOther, onSelf] })
}
