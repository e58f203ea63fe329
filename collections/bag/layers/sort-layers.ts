/** The layers of a sort: a shuffle whose ranges of keys are chosen so that partitions are of about equal size. */
import type { Layer } from '../../../core/graph/layer.js'
import { type Arg, arg } from '../../../core/graph/recipe.js'
import { blockRange, indexedLayer, operationInfo, stepLayer } from '../../base/layer-builders.js'
import {
  cutRun,
  runSample,
  sortBorders,
  sortMerge,
  sortPart,
  sortWhole,
} from '../steps/sort-steps.js'
import { shuffledLayer } from './shuffle-layers.js'

/** Sorts the items by a key into `npartitions` partitions. */
export function sortItemsLayer(
  layer: Layer,
  key: Arg,
  descending: boolean,
  npartitions: number,
): Layer {
  const operation = operationInfo('sort')
  const count = layer.numblocks[0]!
  const isDescending = arg.value(descending)
  if (count === 1 && npartitions === 1) {
    return stepLayer(layer, operation, { fn: sortWhole, args: [key, isDescending] })
  }
  const parts = arg.value(npartitions)
  const params = [{ kind: 'block' } as const]
  const sort = { fn: sortPart, args: [key, isDescending, parts, arg.param(0)] }
  const runs = stepLayer(layer, operation, sort, { name: 'sort-part', params })
  const samples = stepLayer(runs, operation, { fn: runSample }, { name: 'sort-sample' })
  const borders = indexedLayer(
    operation,
    { fn: sortBorders, args: [parts, isDescending] },
    [samples],
    [{ inputs: blockRange(0, count) }],
    { gather: true, numblocks: [], name: 'sort-borders' },
  )
  const cut = { fn: cutRun, args: [arg.input(1), parts, isDescending, arg.param(0)] }
  const inputs = [{ layer: borders, axes: [] }]
  const pieces = stepLayer(runs, operation, cut, { name: 'sort-cut', params, inputs })
  return shuffledLayer(operation, [pieces], { fn: sortMerge, args: [isDescending] }, npartitions)
}
