/** The layers of operations by key: reductions to a bag of one partition, group shuffles, and joins. */

import { describeValue } from '../../../core/base/describe-value.js'
import { isIterable } from '../../../core/base/plain-use.js'
import type { Layer } from '../../../core/graph/layer.js'
import { type Arg, arg } from '../../../core/graph/recipe.js'
import { layerOfKind } from '../../base/argument-kind.js'
import {
  type BlockSpec,
  blockRange,
  consecutiveBlocks,
  indexedLayer,
  type OperationInfo,
  operationInfo,
  reductionTreeLayer,
  type StepSpec,
  stepLayer,
} from '../../base/layer-builders.js'
import {
  distinctMerge,
  distinctPart,
  foldbyMerge,
  foldbyPart,
  frequenciesMerge,
  frequenciesPart,
  joinStep,
  matchesStep,
  topkMerge,
  topkPart,
} from '../steps/grouping-steps.js'
import {
  foldbyCollect,
  foldbyShard,
  groupbyMerge,
  groupbyPick,
  groupbySplit,
} from '../steps/shuffle-steps.js'
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
export function distinctLayer(
  layer: Layer,
  key: Arg,
  splitEvery: number,
  label = 'distinct',
): Layer {
  const part = { fn: distinctPart, args: [key] }
  return treeLayer(layer, label, part, { fn: distinctMerge }, splitEvery)
}

/** Keeps the items whose key is one of the keys of the only block of `others`, or those whose key is not. */
export function matchesLayer(
  layer: Layer,
  others: Layer,
  onOther: Arg,
  onSelf: Arg,
  wanted: boolean,
  label: string,
): Layer {
  const step = { fn: matchesStep, args: [arg.input(1), onOther, onSelf, arg.value(wanted)] }
  const inputs = [{ layer: others, axes: [-1] }]
  return stepLayer(layer, operationInfo(label), step, { inputs })
}

/** The functions of a fold by group, and its initial values. */
export interface FoldbyFunctions {
  readonly key: Arg
  readonly binop: Arg
  /** `{ value }`, or undefined if there is none. */
  readonly initial: { readonly value: unknown } | undefined
  /** Joins two totals. Undefined if there is none; `foldbyLayer` then depends on the initial value. */
  readonly combine: Arg | undefined
  readonly combineInitial: Arg
}

/** The most shards of a `foldby` without `combine`. Each of them reads a list of every partition. */
const MOST_FOLD_SHARDS = 16

/**
 * Folds the items of each group into one value.
 *
 * With `combine`, partitions are folded in parallel and the totals of each group are joined. Without it,
 * but with an initial value, totals may be of another type than items, so all items of a group are sent
 * to one shard and folded there. Without both, totals are of the type of items and `binop` joins them.
 */
export function foldbyLayer(
  layer: Layer,
  { key, binop, initial, combine, combineInitial }: FoldbyFunctions,
  splitEvery: number,
): Layer {
  const isOrdered = combine === undefined && initial !== undefined
  if (isOrdered && layer.numblocks[0]! > 1) return orderedFoldbyLayer(layer, key, binop, initial)
  const part = { fn: foldbyPart, args: [key, binop, arg.value(initial)] }
  const isChecked = arg.value(combine === undefined)
  const merge = { fn: foldbyMerge, args: [combine ?? binop, isChecked, combineInitial] }
  return treeLayer(layer, 'foldby', part, merge, splitEvery)
}

function orderedFoldbyLayer(
  layer: Layer,
  key: Arg,
  binop: Arg,
  initial: { readonly value: unknown },
): Layer {
  const operation = operationInfo('foldby')
  const nshards = Math.min(layer.numblocks[0]!, MOST_FOLD_SHARDS)
  const split = { fn: groupbySplit, args: [key, arg.value(nshards), arg.value(true)] }
  const fold = { fn: foldbyShard, args: [binop, arg.value(initial)] }
  const shards = shuffleLayer(layer, operation, split, fold, nshards)
  const inputs = blockRange(0, nshards)
  return indexedLayer(operation, { fn: foldbyCollect }, [shards], [{ inputs }], { gather: true })
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

/** Groups the items by key: every item is sent to the partition of its group. */
export function groupbyLayer(layer: Layer, key: Arg, npartitions: number): Layer {
  const split = { fn: groupbySplit, args: [key, arg.value(npartitions)] }
  return shuffleLayer(layer, operationInfo('groupby'), split, { fn: groupbyMerge }, npartitions)
}

/**
 * Returns the layer of a hash shuffle: `split` makes a list of every input partition for each output
 * partition, and `merge` makes every output partition of its lists, in the order of the inputs.
 */
function shuffleLayer(
  layer: Layer,
  operation: OperationInfo,
  split: StepSpec,
  merge: StepSpec,
  npartitions: number,
): Layer {
  const { label } = operation
  const count = layer.numblocks[0]!
  const lists = stepLayer(layer, operation, split, { name: `${label}-split` })
  const picks: BlockSpec[] = []
  for (let output = 0; output < npartitions; output++) {
    for (let input = 0; input < count; input++) picks.push({ inputs: [0, input], params: [output] })
  }
  const pick = { fn: groupbyPick, args: [arg.param(0)] }
  const picked = indexedLayer(operation, pick, [lists], picks, {
    name: `${label}-pick`,
    numblocks: [npartitions, count],
  })
  const outputs = consecutiveBlocks(npartitions * count, count).map((inputs) => ({ inputs }))
  const name = label === 'foldby' ? 'foldby-shards' : label
  return indexedLayer(operation, merge, [picked], outputs, { gather: true, name })
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
  if (!isIterable(other)) {
    throw new TypeError(
      `join: the others must be a bag or an iterable of items, got ${describeValue(other)}`,
    )
  }
  const items = Array.from(other)
  return stepLayer(layer, operation, { fn: joinStep, args: [arg.value(items), onOther, onSelf] })
}
