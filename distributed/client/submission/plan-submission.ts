/**
 * The submission of a plan: numbers in typed arrays, recipes and parameters as bytes, keys packed into
 * one string.
 */
import { orderPlan } from '../../../core/graph/planning/order.js'
import { type Plan, targetSet } from '../../../core/graph/planning/plan.js'
import type { Annotations } from '../../../core/graph/recipe.js'
import type { RemoteValue } from '../../../core/graph/remote-value.js'
import { storeParam } from '../../../core/graph/serialized-params.js'
import { isEncoded, type StoredValue } from '../../../core/graph/stored-value.js'
import { emptySubmit } from '../../protocol/empty-submit.js'
import type { PackedStrings, Submit } from '../../protocol/index.js'
import { packStrings } from '../../protocol/packed-strings.js'
import { assertSendable } from '../../protocol/sendable.js'
import { ExternalColumns } from './external-columns.js'
import { RecipeColumns } from './recipe-columns.js'
import type { SentBundles } from './sent-bundles.js'

/** The parts of a plan that a client reads while the plan runs. */
export type RunPlan = Pick<Plan, 'count' | 'targets' | 'recipe' | 'key' | 'site'>

interface PlanSubmission {
  readonly message: Submit & { readonly keys: PackedStrings }
  /** The plan's tasks whose results are wanted, in the order of the message's `targets`. */
  readonly targets: readonly number[]
  /** For each task of the submission, its number in the plan. */
  readonly taskOf: Int32Array
}

export interface SubmissionOptions {
  readonly run: number
  readonly wantsProgress: boolean
  /** The bundles that the scheduler has from this client; those sent now are added. */
  readonly sent: SentBundles
  /** Annotations of all tasks; those of a recipe override them. */
  readonly annotations?: Annotations | undefined
  /** Whether the cluster keeps the results until they are released, instead of sending them. */
  readonly holdTargets?: boolean
}

/**
 * Encodes a plan as a `submit` message.
 *
 * @throws NotPortableError for a function that cannot be sent, TaskError for a task with a parameter
 *   that cannot be sent.
 */
export function makeSubmission(plan: Plan, options: SubmissionOptions): PlanSubmission {
  const recipes = new RecipeColumns(options.annotations)
  const externals = new ExternalColumns()
  const tasks = encodeTasks(plan, recipes, externals)
  const { count, numberOf } = tasks
  const taskOf = tasks.taskOf.subarray(0, count)
  const targets = [...targetSet(plan.targets)]
  const order = orderPlan(plan)
  const message = {
    ...emptySubmit(options.run),
    ...recipes.columns(options.sent),
    ...tasks.columns,
    ranks: count === plan.count ? order : Int32Array.from(taskOf, (task) => order[task]!),
    targets: Int32Array.from(targets, (task) => numberOf[task]!),
    keys: packStrings(count, (number) => plan.key(taskOf[number]!)),
    reportProgress: options.wantsProgress,
    externals: externals.columns(),
    holdTargets: options.holdTargets ?? false,
  }
  return { message, targets, taskOf }
}

interface EncodedTasks {
  readonly count: number
  readonly taskOf: Int32Array
  /** For each task of the plan, its number in the submission; negative for an external result. */
  readonly numberOf: Int32Array
  readonly columns: Pick<
    Submit,
    'recipeOf' | 'inputStart' | 'inputs' | 'params' | 'paramEnd' | 'contentNamed'
  >
}

/** Encodes the tasks of a plan, except those that only refer to external results. */
function encodeTasks(plan: Plan, recipes: RecipeColumns, externals: ExternalColumns): EncodedTasks {
  const params: StoredValue[] = []
  const recipeOf = new Int32Array(plan.count)
  const inputStart = new Int32Array(plan.count + 1)
  const inputs = new Int32Array(plan.inputs.length)
  const paramEnd = new Int32Array(plan.count)
  const contentNamed = new Uint8Array(plan.count)
  const numberOf = new Int32Array(plan.count)
  const taskOf = new Int32Array(plan.count)
  let count = 0
  let inputCount = 0
  let anyNamed = false
  for (let task = 0; task < plan.count; task++) {
    const own = plan.params[task]!
    const recipe = plan.recipe(task)
    if (recipe.isRemote === true) {
      numberOf[task] = externals.add(own[0] as RemoteValue)
      continue
    }
    for (let i = 0; i < own.length; i++) {
      const param = storeParam(plan, task, i, own[i])
      params.push(param)
      if (!isEncoded(param)) continue
      recipes.addBundles(param.bundles)
      assertSendable(param, () => `${plan.key(task)}: value ${i + 1}`, 'split it into several')
    }
    for (let i = plan.inputStart[task]!; i < plan.inputStart[task + 1]!; i++)
      inputs[inputCount++] = numberOf[plan.inputs[i]!]!
    inputStart[count + 1] = inputCount
    paramEnd[count] = params.length
    if (plan.isContentNamed(task)) {
      contentNamed[count] = 1
      anyNamed = true
    }
    recipeOf[count] = recipes.add(recipe)
    taskOf[count] = task
    numberOf[task] = count++
  }
  return {
    count,
    taskOf,
    numberOf,
    columns: {
      recipeOf: recipeOf.subarray(0, count),
      inputStart: inputStart.subarray(0, count + 1),
      inputs: inputs.subarray(0, inputCount),
      params,
      paramEnd: paramEnd.subarray(0, count),
      contentNamed: anyNamed ? contentNamed.subarray(0, count) : new Uint8Array(0),
    },
  }
}
