/** The layers of operations that write a bag to files. */
import type { BlockParam, Layer } from '../../../core/graph/layer.js'
import { arg } from '../../../core/graph/recipe.js'
import { operationInfo, stepLayer } from '../../base/layer-builders.js'
import { writeTextStep } from '../io/text-steps.js'
import type { WriteTextPlan } from '../io/write-text-plan.js'

/** Writes every partition to a text file. The blocks of the layer are the paths. */
export function writeTextLayer(layer: Layer, { files, formats }: WriteTextPlan): Layer {
  const params: BlockParam[] = [
    { kind: 'values', values: files },
    { kind: 'values', values: formats },
  ]
  const step = { fn: writeTextStep, args: [arg.param(0), arg.param(1)] }
  return stepLayer(layer, operationInfo('toTextfiles'), step, { params })
}
