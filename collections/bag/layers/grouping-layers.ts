/** The layers of operations by key: reductions to a bag of one partition, group shuffles, and joins. */

import type { Layer } from '../../../core/graph/layer.js'
import { type Arg, arg } from '../../../core/graph/recipe.js'
import {
  blockRange,
  indexedLayer,
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
  topkMerge,
  topkPart,
} from '../steps/grouping-steps.js'
import { matchesStep } from '../steps/join-steps.js'
import {
  distinctShard,
  distinctSplit,
  foldbyCollect,
  foldbyShard,
  groupbyMerge,
  groupbySplit,
  joinLists,
  splitByKey,
} from '../steps/shuffle-steps.js'
import { shuffledLayer } from './shuffle-layers.js'

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
  const split = { fn: groupbySplit, args: [key, arg.value(nshards), binop] }
  const fold = { fn: foldbyShard, args: [binop, arg.value(initial)] }
  const lists = stepLayer(layer, operation, split, { name: 'foldby-split' })
  const shards = shuffledLayer(operation, [lists], fold, nshards, 'foldby-shards')
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

/** Finds the first item for each key: those of one key are sent to one partition. */
export function distinctShuffleLayer(layer: Layer, key: Arg, npartitions: number): Layer {
  const operation = operationInfo('distinct')
  const split = { fn: distinctSplit, args: [key, arg.value(npartitions)] }
  const lists = stepLayer(layer, operation, split, { name: 'distinct-split' })
  return shuffledLayer(operation, [lists], { fn: distinctShard }, npartitions)
}

/** Sends every item to the partition of its key. */
export function partitionByKeyLayer(layer: Layer, key: Arg, npartitions: number): Layer {
  const operation = operationInfo('repartition')
  const split = { fn: splitByKey, args: [key, arg.value(npartitions)] }
  const lists = stepLayer(layer, operation, split, { name: 'repartition-split' })
  return shuffledLayer(operation, [lists], { fn: joinLists }, npartitions)
}

/** Groups the items by key: every item is sent to the partition of its group. */
export function groupbyLayer(layer: Layer, key: Arg, npartitions: number): Layer {
  const operation = operationInfo('groupby')
  const split = { fn: groupbySplit, args: [key, arg.value(npartitions)] }
  const lists = stepLayer(layer, operation, split, { name: 'groupby-split' })
  return shuffledLayer(operation, [lists], { fn: groupbyMerge }, npartitions)
}
