/** Submissions of collections as their layers: see `layered-submit.ts`. */
import { captureCallSite } from '../../../core/base/call-site.js'
import type { Keys } from '../../../core/base/keys.js'
import { LayerGraph } from '../../../core/graph/graph.js'
import type { BlockwiseLayer } from '../../../core/graph/layer.js'
import type { GraphLike } from '../../../core/graph/make-plan.js'
import type { LayerKeys, Submit } from '../../protocol/index.js'
import { describeLayers, expandSubmit, layerKey, unlisted } from '../../protocol/layered-submit.js'
import {
  ExternalColumns,
  RecipeColumns,
  type RunPlan,
  type SubmissionOptions,
} from './plan-submission.js'

/** A submission with what the client keeps of it. */
interface LayeredSubmission {
  readonly message: Submit
  readonly plan: RunPlan
  readonly targets: readonly number[]
  readonly taskOf: undefined
}

/** The submission of all blocks of a collection; undefined if it does not go so. */
export function makeLayeredSubmission(
  graph: GraphLike,
  keys: Keys,
  options: SubmissionOptions,
): LayeredSubmission | undefined {
  if (!(graph instanceof LayerGraph) || typeof keys === 'string') return undefined
  const recipes = new RecipeColumns(options.annotations)
  const layers = describeLayers(graph, keys, recipes)
  if (layers === undefined) return undefined
  const message: Submit = {
    op: 'submit',
    run: options.run,
    ...recipes.columns(options.sent),
    ...unlisted,
    layers,
    reportProgress: options.wantsProgress,
    externals: new ExternalColumns().columns(),
    holdTargets: false,
    deliver: new Int32Array(0),
  }
  let expanded: Submit | undefined
  const listed = () => (expanded ??= expandSubmit(message)!)
  const targets = Array.from(keys, (_, place) => place)
  const plan: RunPlan = {
    get count() {
      return layers.length === 1 ? keys.length : listed().recipeOf.length
    },
    // Results are told by their places among the targets.
    targets,
    key: (task) => layerKey(listed().keys as LayerKeys, task),
    recipe: (task) => {
      const { name } = layers[(listed().keys as LayerKeys).layerOf[task]!]!
      return (graph.layers.find((layer) => layer.name === name) as BlockwiseLayer).recipe
    },
    site: captureCallSite(),
  }
  return { message, plan, targets, taskOf: undefined }
}
