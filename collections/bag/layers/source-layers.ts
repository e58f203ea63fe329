/** The layers of new bags: items in memory, ranges of numbers, text files, Arrow tables, delayed values. */
import type { Table } from 'apache-arrow'
import { dataLayer, type Layer } from '../../../core/graph/layer.js'
import { arg } from '../../../core/graph/recipe.js'
import { serializeParam } from '../../../core/graph/serialized-params.js'
import {
  blockwiseLayer,
  indexedLayer,
  layerName,
  operationInfo,
  stepLayer,
} from '../../base/layer-builders.js'
import { arrowStep } from '../io/arrow-steps.js'
import type { ReadTextPlan } from '../io/read-text-plan.js'
import { readTextStep } from '../io/text-steps.js'
import { listStep, type NumberRange, numberRangeStep, rangeBorder } from '../steps/source-steps.js'
import { withCount } from './known-counts.js'

/** Copies items into partitions. */
export function sequenceLayer(partitions: readonly (readonly unknown[])[]): Layer {
  const copies = partitions.map((part) => serializeParam(part, ['fromSequence', 'items']))
  const layer = dataLayer(layerName('fromSequence', partitions), [partitions.length], copies)
  const lengths = partitions.map((part) => part.length)
  const count = lengths.reduce((sum, length) => sum + length, 0)
  return withCount(layer, count, (block) => lengths[block]!)
}

/** Makes the numbers of a range in the tasks that use them. */
export function numberRangeLayer(range: NumberRange): Layer {
  const step = { fn: numberRangeStep, args: [arg.param(0), arg.value(range)] }
  const { npartitions } = range
  const params = [{ kind: 'block' } as const]
  const layer = blockwiseLayer(operationInfo('range'), step, [], { npartitions, params })
  const border = (i: number): number => rangeBorder(range, i)
  return withCount(layer, range.count, (block) => border(block + 1) - border(block))
}

/** Reads the lines of text files. The token includes the times at which the files were changed. */
export function readTextLayer(
  { files, partitions, format }: ReadTextPlan,
  operation = 'readText',
): Layer {
  const changed = files.map((file) => file.changed)
  const step = { fn: readTextStep, args: [arg.param(0), arg.value(format), arg.value(changed)] }
  const params = [{ kind: 'values', values: partitions } as const]
  const options = { npartitions: partitions.length, params }
  return blockwiseLayer(operationInfo(operation), step, [], options)
}

/** Reads the rows of parts of an Arrow table as plain objects. */
export function arrowLayer(parts: readonly Table[]): Layer {
  const data = dataLayer(layerName('fromArrow-table', parts), [parts.length], parts)
  return stepLayer(data, operationInfo('fromArrow'), { fn: arrowStep })
}

/** Makes a partition of the list or iterable in each of several layers of one block. */
export function delayedListsLayer(layers: readonly Layer[]): Layer {
  const blocks = layers.map((_, i) => ({ inputs: [i, 0] }))
  return indexedLayer(operationInfo('fromDelayed'), { fn: listStep }, layers, blocks)
}
