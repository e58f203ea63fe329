/**
 * The submission of a collection as its layers, which the scheduler expands into tasks: the message
 * does not grow with the number of blocks.
 */
import { captureCallSite } from '../../../core/base/call-site.js'
import type { Keys } from '../../../core/base/keys.js'
import type { GraphLike } from '../../../core/graph/graph.js'
import { LayerGraph } from '../../../core/graph/graph.js'
import type { BlockwiseLayer } from '../../../core/graph/layer.js'
import { emptySubmit } from '../../protocol/empty-submit.js'
import { expandSubmit } from '../../protocol/expand-layers.js'
import type { LayerKeys, Submit } from '../../protocol/index.js'
import { layerKey } from '../../protocol/layer-keys.js'
import { encodeLayers } from './encode-layers.js'
import type { RunPlan, SubmissionOptions } from './plan-submission.js'
import { RecipeColumns } from './recipe-columns.js'

interface LayeredSubmission {
  readonly message: Submit
  readonly plan: RunPlan
  readonly targets: readonly number[]
  readonly taskOf: undefined
}

/** Encodes a request for all blocks of a collection; undefined if it cannot be sent as layers. */
export function makeLayeredSubmission(
  graph: GraphLike,
  keys: Keys,
  options: SubmissionOptions,
): LayeredSubmission | undefined {
  if (!(graph instanceof LayerGraph) || typeof keys === 'string') return undefined
  const recipes = new RecipeColumns(options.annotations)
  const layers = encodeLayers(graph, keys, recipes)
  if (layers === undefined) return undefined
  const message: Submit = {
    ...emptySubmit(options.run),
    ...recipes.columns(options.sent),
    layers,
    reportProgress: options.wantsProgress,
  }
  // The tasks are listed only when an error or a progress report asks for them.
  let expanded: Submit | undefined
  const listTasks = () => (expanded ??= expandSubmit(message)!)
  // The functions below must not refer to the keys, which are longer than all that is sent.
  const blocks = keys.length
  const targets = Array.from({ length: blocks }, (_, target) => target)
  const plan: RunPlan = {
    get count() {
      return layers.length === 1 ? blocks : listTasks().recipeOf.length
    },
    // The scheduler names results by their positions among the targets.
    targets,
    key: (task) => layerKey(listTasks().keys as LayerKeys, task),
    recipe: (task) => {
      const { name } = layers[(listTasks().keys as LayerKeys).layerOf[task]!]!
      return (graph.layers.find((layer) => layer.name === name) as BlockwiseLayer).recipe
    },
    site: captureCallSite(),
  }
  return { message, plan, targets, taskOf: undefined }
}
