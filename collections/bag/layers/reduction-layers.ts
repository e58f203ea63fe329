/**
 * The layers of reductions of all items to one value: trees that merge at most `splitEvery` partial
 * values at a time.
 */
import { type BlockNode, IndexedLayer, type Layer } from '../../../core/graph/layer.js'
import { ALIAS, type Arg, arg, recipe } from '../../../core/graph/recipe.js'
import {
  layerName,
  operationInfo,
  reductionTreeLayer,
  type StepSpec,
  stepContent,
} from '../../base/layer-builders.js'
import {
  countMerge,
  countPart,
  foldFirstStep,
  foldMerge,
  foldNextStep,
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
  /** Joins two totals. Undefined if there is none; `foldLayer` then depends on the initial value. */
  readonly combine: Arg | undefined
  /** `{ value }`, or undefined if there is none. */
  readonly initial: { readonly value: unknown } | undefined
}

/**
 * Folds all items by a user's functions.
 *
 * With `combine`, partitions are folded in parallel and their totals are joined. Without it, but with an
 * initial value, totals may be of another type than items, so one partition is folded after the other.
 * Without both, totals are of the type of items and `binop` joins them.
 */
export function foldLayer(
  layer: Layer,
  { binop, combine, initial }: FoldFunctions,
  splitEvery: number,
): Layer {
  const isOrdered = combine === undefined && initial !== undefined
  if (isOrdered && layer.numblocks[0]! > 1) return orderedFoldLayer(layer, binop, initial)
  const part = { fn: foldPart, args: [binop, arg.value(initial)] }
  const isChecked = arg.value(combine === undefined)
  const merge = { fn: foldMerge, args: [combine ?? binop, arg.value(initial), isChecked] }
  return treeLayer(layer, 'fold', part, merge, splitEvery)
}

/** Folds one partition after the other. What makes the partitions runs in parallel, in tasks of its own. */
function orderedFoldLayer(layer: Layer, binop: Arg, initial: { readonly value: unknown }): Layer {
  const operation = operationInfo('fold')
  const first = { fn: foldFirstStep, args: [arg.input(0), arg.value(initial), binop] }
  const next = { fn: foldNextStep, args: [arg.input(0), arg.input(1), binop] }
  const recipes = [first, next].map(({ fn, args }) => recipe(fn, args, operation))
  const count = layer.numblocks[0]!
  const totals = new IndexedLayer({
    name: layerName('fold-partitions', layer.name, stepContent(first)),
    numblocks: [count],
    dependencies: [layer],
    nodes: Array.from({ length: count }, (_, i): BlockNode => {
      const before = i === 0 ? [] : [-1, i - 1]
      return { recipe: recipes[Math.min(i, 1)]!, inputs: [0, i, ...before], params: [] }
    }),
  })
  return new IndexedLayer({
    name: layerName('fold', totals.name),
    numblocks: [],
    dependencies: [totals],
    nodes: [{ recipe: ALIAS, inputs: [0, count - 1], params: [] }],
  })
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
