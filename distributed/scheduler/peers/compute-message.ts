/**
 * Makes the message that assigns tasks to a worker, from the columns of the state machine and of the
 * computations. This is the hot path of the scheduler: only numbers are produced for each task.
 */
import { isEncoded, type StoredValue } from '../../../core/graph/stored-value.js'
import type { SchedulerState } from '../../../core/scheduling/state.js'
import type { Bundle, Compute, NumberedRecipe } from '../../protocol/index.js'
import { type BundleCache, takeNewBundles } from '../computations/bundle-cache.js'
import type { Computation } from '../computations/computation.js'
import type { RecipeNumbers } from '../computations/recipe-numbers.js'

/** What a worker has been sent already. */
export interface WorkerKnowledge {
  readonly worker: number
  readonly includeKeys: boolean
  readonly recipes: Set<number>
  readonly bundles: Set<string>
  /** The numbers of workers whose addresses it knows. */
  readonly peers: Set<number>
}

export interface ComputeSources {
  readonly state: SchedulerState
  readonly recipes: RecipeNumbers
  readonly bundleCache: BundleCache
  /** Whether a client has requested the value of a task. */
  isAwaited(slot: number): boolean
}

/** Makes the message. `newPeers` are workers whose addresses must be sent before it. */
export function computeMessage(
  slots: readonly number[],
  to: WorkerKnowledge,
  { state, recipes, bundleCache, isAwaited }: ComputeSources,
): { message: Compute; newPeers: number[] } {
  const table = state.tasks
  const count = slots.length
  let inputCount = 0
  let paramCount = 0
  for (let i = 0; i < count; i++) {
    const slot = slots[i]!
    const group = table.group[slot]!
    const at = table.position[slot]!
    inputCount += group.inputStart[at + 1]! - group.inputStart[at]!
    const { paramEnd } = group.origin as Computation
    paramCount += paramEnd[at]! - (at === 0 ? 0 : paramEnd[at - 1]!)
  }
  const tasks = new Int32Array(count)
  const attempts = new Int32Array(count)
  const recipeOf = new Int32Array(count)
  const inputEnd = new Int32Array(count)
  const inputs = new Int32Array(inputCount)
  const inputAttempts = new Int32Array(inputCount)
  const holders = new Int32Array(inputCount)
  const inputBytes = new Float32Array(inputCount)
  const params = new Array<StoredValue>(paramCount)
  const paramEnds = new Int32Array(count)
  const deliver: number[] = []
  let timeouts: number[] | undefined
  let acquire: number[] | undefined
  const keys: string[] = []
  const newRecipes: NumberedRecipe[] = []
  const bundles: Bundle[] = []
  const newPeers: number[] = []
  let nextInput = 0
  let nextParam = 0
  let lastRecipe = -1
  let lastHolder = to.worker
  for (let i = 0; i < count; i++) {
    const slot = slots[i]!
    const group = table.group[slot]!
    const at = table.position[slot]!
    const computation = group.origin as Computation
    tasks[i] = slot
    attempts[i] = table.attempt[slot]!
    const recipe = table.recipe[slot]!
    recipeOf[i] = recipe
    if (recipe !== lastRecipe) {
      lastRecipe = recipe
      if (!to.recipes.has(recipe)) {
        to.recipes.add(recipe)
        const bytes = recipes.bytesOf(recipe)
        newRecipes.push([recipe, bytes])
        bundles.push(...takeNewBundles(bytes.bundles, to.bundles, bundleCache))
      }
    }
    const inputsEnd = group.inputStart[at + 1]!
    for (let j = group.inputStart[at]!; j < inputsEnd; j++) {
      const input = group.inputs[j]!
      const holder = state.holderFor(input, to.worker)
      inputs[nextInput] = input
      inputAttempts[nextInput] = table.attempt[input]!
      inputBytes[nextInput] = table.nbytes[input]!
      holders[nextInput++] = holder
      if (holder === lastHolder) continue
      lastHolder = holder
      if (holder !== to.worker && !to.peers.has(holder)) {
        to.peers.add(holder)
        newPeers.push(holder)
      }
    }
    inputEnd[i] = nextInput
    const paramsEnd = computation.paramEnd[at]!
    for (let j = at === 0 ? 0 : computation.paramEnd[at - 1]!; j < paramsEnd; j++) {
      const param = computation.params[j]!
      params[nextParam++] = param
      if (isEncoded(param) && param.bundles.length > 0) {
        bundles.push(...takeNewBundles(param.bundles, to.bundles, bundleCache))
      }
    }
    paramEnds[i] = nextParam
    if (isAwaited(slot)) deliver.push(i)
    if (computation.timeouts !== undefined) {
      const timeout = computation.timeouts[computation.recipeOf[at]!]!
      if (timeout > 0) (timeouts ??= []).push(i, timeout)
    }
    if (computation.acquiresAnyInputs && computation.acquiresInputs(at)) (acquire ??= []).push(i)
    if (to.includeKeys) keys.push(computation.key(at))
  }
  const message: Compute = {
    op: 'compute',
    tasks,
    attempts,
    recipes: recipeOf,
    inputEnd,
    inputs,
    inputAttempts,
    holders,
    inputBytes,
    params,
    paramEnd: paramEnds,
    timeouts: timeouts === undefined ? noTimeouts : Float64Array.from(timeouts),
    acquire: acquire === undefined ? noTasks : Int32Array.from(acquire),
    deliver: Int32Array.from(deliver),
    keys,
    newRecipes,
    bundles,
  }
  return { message, newPeers }
}

const noTimeouts = new Float64Array(0)
const noTasks = new Int32Array(0)
