/** The layers of operations that work on each item, or each partition, by itself. */
import type { Layer } from '../../../core/graph/layer.js'
import { type Arg, arg } from '../../../core/graph/recipe.js'
import {
  blockwiseLayer,
  operationInfo,
  type StepSpec,
  stepLayer,
} from '../../base/layer-builders.js'
import type { FunctionCall } from '../../base/step-arguments.js'
import {
  filterStep,
  flattenStep,
  guardedPartitionStep,
  guardedStep,
  mapPartitionsStep,
  mapStep,
  pluckAllStep,
  pluckStep,
  removeStep,
  sampleStep,
  starmapStep,
  zipStep,
} from '../steps/elementwise-steps.js'

/** A field of items: its name, or an index of an array. */
export type FieldName = string | number

/** Applies a function to every item. */
export function mapLayer(layer: Layer, call: FunctionCall): Layer {
  return callLayer(layer, 'map', mapStep, call)
}

/** Applies a function to every item, with the item's own items as its first arguments. */
export function starmapLayer(layer: Layer, call: FunctionCall): Layer {
  return callLayer(layer, 'starmap', starmapStep, call)
}

/** Keeps the items for which a function returns something truthy. */
export function filterLayer(layer: Layer, call: FunctionCall): Layer {
  return callLayer(layer, 'filter', filterStep, call)
}

/** Removes the items for which a function returns something truthy. */
export function removeLayer(layer: Layer, call: FunctionCall): Layer {
  return callLayer(layer, 'remove', removeStep, call)
}

/** Maps, filters or removes by a function that may throw; the layer has the items or the rejects. */
export function guardedLayer(
  layer: Layer,
  kind: 'map' | 'starmap' | 'filter' | 'remove',
  fn: Arg,
  yields: 'items' | 'rejects',
): Layer {
  const args = [fn, arg.value(kind), arg.value(yields)]
  const name = `${kind}-${yields}`
  return stepLayer(layer, operationInfo(kind), { fn: guardedStep, args }, { name })
}

/** Applies a function that may throw to every partition; the layer has the items or the rejects. */
export function guardedPartitionsLayer(layer: Layer, fn: Arg, yields: 'items' | 'rejects'): Layer {
  const step = { fn: guardedPartitionStep, args: [fn, arg.value(yields), arg.param(0)] }
  const options = { name: `mapPartitions-${yields}`, params: [{ kind: 'block' } as const] }
  return stepLayer(layer, operationInfo('mapPartitions'), step, options)
}

/** Applies a function to every partition as a whole. */
export function mapPartitionsLayer(layer: Layer, call: FunctionCall): Layer {
  return callLayer(layer, 'mapPartitions', mapPartitionsStep, call)
}

function callLayer(
  layer: Layer,
  label: string,
  step: Function,
  { fn, extra: { layout, args, inputs } }: FunctionCall,
): Layer {
  const stepArgs: Arg[] = args.length === 0 ? [fn] : [fn, arg.value(layout), ...args]
  return stepLayer(layer, operationInfo(label), { fn: step, args: stepArgs }, { inputs })
}

/** Selects one field of every item, or several as an array. */
export function pluckLayer(
  layer: Layer,
  field: FieldName | readonly FieldName[],
  fallback: { readonly value: unknown } | undefined,
): Layer {
  const fn = typeof field === 'object' ? pluckAllStep : pluckStep
  const step = { fn, args: [arg.value(field), arg.value(fallback)] }
  return stepLayer(layer, operationInfo('pluck'), step)
}

/** Returns `n` layers: the first item of every item, the second one, and so on. */
export function unzipLayers(layer: Layer, n: number): Layer[] {
  const operation = operationInfo('unzip')
  return Array.from({ length: n }, (_, index) => {
    const args = [index, undefined, 'unzip'].map((value) => arg.value(value))
    return stepLayer(layer, operation, { fn: pluckStep, args })
  })
}

/** Joins the items of all items into one list for each partition. */
export function flattenLayer(layer: Layer): Layer {
  return stepLayer(layer, operationInfo('flatten'), { fn: flattenStep })
}

/** Selects items at random. The choice depends on the seed and the partition's number. */
export function randomSampleLayer(layer: Layer, probability: number, seed: number): Layer {
  const step: StepSpec = {
    fn: sampleStep,
    args: [arg.value(probability), arg.value(seed), arg.param(0)],
  }
  return stepLayer(layer, operationInfo('randomSample'), step, { params: [{ kind: 'block' }] })
}

/** Combines the items of several layers into arrays. All must have the same number of partitions. */
export function zipLayer(layers: readonly Layer[]): Layer {
  const step = { fn: zipStep, args: layers.map((_, i) => arg.input(i)) }
  return blockwiseLayer(
    operationInfo('zip'),
    step,
    layers.map((layer) => ({ layer })),
  )
}
