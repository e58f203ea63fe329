/** The layer that makes an array of a bag: one chunk of each partition. */
import type { Layer } from '../../../core/graph/layer.js'
import { IndexedLayer } from '../../../core/graph/layer.js'
import { arg, recipe } from '../../../core/graph/recipe.js'
import type { Dtype } from '../../array/block/dtype.js'
import { type ArraySpec, arrayOfLayer } from '../../array/layers/array-spec.js'
import { unknownSizes } from '../../array/layers/unknown-sizes.js'
import { layerName, operationInfo } from '../../base/layer-builders.js'
import { toArrayStep } from '../steps/array-steps.js'
import { knownLengths } from './known-counts.js'

/** Makes an array whose first axis has the items; `shape` is that of one item. */
export function toArrayLayer(layer: Layer, dtype: Dtype, shape: readonly number[]): ArraySpec {
  const count = layer.numblocks[0]!
  const step = recipe(
    toArrayStep,
    [arg.input(0), arg.value(dtype), arg.value(shape)],
    operationInfo('toArray'),
  )
  const chunks = new IndexedLayer({
    name: layerName('toArray', layer.name, dtype, shape),
    numblocks: [count, ...shape.map(() => 1)],
    dependencies: [layer],
    nodes: Array.from({ length: count }, (_, i) => ({ recipe: step, inputs: [0, i], params: [] })),
  })
  const sizes = knownLengths(layer) ?? unknownSizes(layer.name, count)
  return arrayOfLayer(chunks, dtype, [sizes, ...shape.map((size) => [size])])
}
