/**
 * The layers of reductions of all items to one value: trees that merge at most `splitEvery` partial
 * values at a time.
 */
import type { Layer } from '../../../core/graph/layer.js'
import { type Arg, arg } from '../../../core/graph/recipe.js'
import { operationInfo, reductionTreeLayer, type StepSpec } from '../../base/layer-builders.js'
import {
  countMerge,
  countPart,
  foldMerge,
  foldPart,
  meanMerge,
  meanPart,
  minMaxMerge,
  minMaxPart,
  momentsMerge,
  momentsPart,
  reductionMerge,
  reductionPart,
  sumMerge,
  sumPart,
  truthMerge,
  truthPart,
} from '../steps/reduction-steps.js'

/** Sums all items. */
export function sumLayer(layer: Layer, splitEvery: number): Layer {
  return treeLayer(layer, 'sum', { fn: sumPart }, { fn: sumMerge }, splitEvery)
}

/** Counts all items. */
export function countLayer(layer: Layer, splitEvery: number): Layer {
  return treeLayer(layer, 'count', { fn: countPart }, { fn: countMerge }, splitEvery)
}

/** Computes the mean of all items. */
export function meanLayer(layer: Layer, splitEvery: number): Layer {
  return treeLayer(layer, 'mean', { fn: meanPart }, { fn: meanMerge }, splitEvery)
}

/** Computes the variance or the standard deviation of all items. */
export function varianceLayer(
  layer: Layer,
  operation: 'var' | 'std',
  ddof: number,
  splitEvery: number,
): Layer {
  const part = { fn: momentsPart, args: [arg.value(operation)] }
  const merge = { fn: momentsMerge, args: [arg.value(operation), arg.value(ddof)] }
  return treeLayer(layer, operation, part, merge, splitEvery)
}

/** Finds the smallest or the greatest item. */
export function minMaxLayer(layer: Layer, operation: 'min' | 'max', splitEvery: number): Layer {
  const args = [arg.value(operation === 'min' ? 1 : -1)]
  return treeLayer(
    layer,
    operation,
    { fn: minMaxPart, args },
    { fn: minMaxMerge, args },
    splitEvery,
  )
}

/** Finds out whether any item is truthy, or all are. */
export function truthLayer(layer: Layer, operation: 'any' | 'all', splitEvery: number): Layer {
  const args = [arg.value(operation === 'any')]
  return treeLayer(layer, operation, { fn: truthPart, args }, { fn: truthMerge, args }, splitEvery)
}

/** The functions of a user's reduction. */
export interface ReductionFunctions {
  readonly perpartition: Arg
  readonly aggregate: Arg
  readonly combine: Arg
}

/** Reduces all items by a user's functions. */
export function userReductionLayer(
  layer: Layer,
  { perpartition, aggregate, combine }: ReductionFunctions,
  splitEvery: number,
): Layer {
  const part = { fn: reductionPart, args: [perpartition] }
  const merge = { fn: reductionMerge, args: [aggregate, combine] }
  return treeLayer(layer, 'reduction', part, merge, splitEvery)
}

/** The functions of a user's fold, and its initial value. */
export interface FoldFunctions {
  readonly binop: Arg
  readonly combine: Arg
  readonly initial: Arg
  /** The initial value if `combine` is `binop` and must be checked; see `combine-check.ts`. */
  readonly check: Arg
}

/** Folds all items by a user's functions. */
export function foldLayer(
  layer: Layer,
  { binop, combine, initial, check }: FoldFunctions,
  splitEvery: number,
): Layer {
  const part = { fn: foldPart, args: [binop, initial] }
  const merge = { fn: foldMerge, args: [combine, initial, check] }
  return treeLayer(layer, 'fold', part, merge, splitEvery)
}

function treeLayer(
  layer: Layer,
  label: string,
  part: StepSpec,
  merge: StepSpec,
  splitEvery: number,
): Layer {
  const tree = { part, merge, splitEvery, numblocks: [] }
  return reductionTreeLayer(layer, operationInfo(label), tree)
}
