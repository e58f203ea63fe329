/** The layers of joins: with a small side that every task reads whole, or by a shuffle of both sides. */
import { describeValue } from '../../../core/base/describe-value.js'
import { isIterable } from '../../../core/base/plain-use.js'
import type { BlockwiseInput, Layer } from '../../../core/graph/layer.js'
import { type Arg, arg } from '../../../core/graph/recipe.js'
import { layerOfKind } from '../../base/argument-kind.js'
import {
  indexedLayer,
  type OperationInfo,
  operationInfo,
  stepLayer,
} from '../../base/layer-builders.js'
import { type JoinKind, joinMerge, joinStep, matchesStep } from '../steps/join-steps.js'
import { groupbySplit } from '../steps/shuffle-steps.js'
import { listStep } from '../steps/source-steps.js'
import { knownLengths } from './known-counts.js'
import { repartitionLayer } from './partition-layers.js'
import { shuffledLayer } from './shuffle-layers.js'
import { sequenceLayer } from './source-layers.js'

/** A bag of more partitions than this is shuffled for a join, unless its items are known to be few. */
const MOST_SMALL_PARTITIONS = 4
/** The most items of a side that every task reads. */
const MOST_SMALL_ITEMS = 100_000

/** What a join does, besides its sides and keys. */
export interface JoinPlan {
  readonly how: JoinKind
  /** Whether every task reads the whole other side; undefined to decide by its size. */
  readonly broadcast: boolean | undefined
  /** The number of partitions of a shuffled join. */
  readonly npartitions: number
}

/**
 * Joins a layer with `other`: a bag, a lazy list or an iterable.
 *
 * @throws TypeError if `other` is none of these.
 */
export function joinLayer(
  layer: Layer,
  other: unknown,
  onOther: Arg,
  onSelf: Arg,
  { how, broadcast, npartitions }: JoinPlan,
): Layer {
  const operation = operationInfo('join')
  const bag = layerOfKind(other, 'bag')
  if (how === 'right' || how === 'outer' || (bag !== undefined && !(broadcast ?? isSmall(bag)))) {
    const others = bag ?? bagOf(other, operation)
    const sides = [
      [layer, onSelf, ''],
      [others, onOther, '2'],
    ] as const
    const lists = sides.map(([side, key, number]) => {
      const split = { fn: groupbySplit, args: [key, arg.value(npartitions)] }
      return stepLayer(side, operation, split, { name: `join-split${number}` })
    })
    const args = [arg.value(layer.numblocks[0]!), arg.value(how)]
    return shuffledLayer(operation, lists, { fn: joinMerge, args }, npartitions)
  }
  const inputs = inputsOf(bag, other, operation)
  const others = inputs.length > 0 ? arg.input(1) : arg.value(Array.from(iterable(other)))
  const matched = { fn: matchesStep, args: [others, onOther, onSelf, arg.value(how === 'semi')] }
  const joined = { fn: joinStep, args: [others, onOther, onSelf, arg.value(how)] }
  const step = how === 'semi' || how === 'anti' ? matched : joined
  return stepLayer(layer, operation, step, { inputs })
}

/** Whether a side is read whole by every task. */
function isSmall(bag: Layer): boolean {
  if (bag.numblocks[0]! <= MOST_SMALL_PARTITIONS) return true
  const lengths = knownLengths(bag)
  return lengths !== undefined && lengths.reduce((a, b) => a + b, 0) <= MOST_SMALL_ITEMS
}

/** Returns the side that every task reads as the input of a step; none for an iterable. */
function inputsOf(
  bag: Layer | undefined,
  other: unknown,
  operation: OperationInfo,
): BlockwiseInput[] {
  if (bag !== undefined) {
    const single = bag.numblocks[0] === 1 ? bag : repartitionLayer(bag, 1, operation)
    return [{ layer: single, axes: [-1] }]
  }
  const item = layerOfKind(other, 'item')
  return item === undefined ? [] : [{ layer: item, axes: [] }]
}

/** Returns a lazy list or an iterable as a layer of one partition. */
function bagOf(other: unknown, operation: OperationInfo): Layer {
  const item = layerOfKind(other, 'item')
  if (item === undefined) return sequenceLayer([Array.from(iterable(other))])
  return indexedLayer(operation, { fn: listStep }, [item], [{ inputs: [0, 0] }], {
    name: 'join-other',
  })
}

function iterable(other: unknown): Iterable<unknown> {
  if (isIterable(other)) return other
  throw new TypeError(
    `join: the others must be a bag or an iterable of items, got ${describeValue(other)}`,
  )
}
