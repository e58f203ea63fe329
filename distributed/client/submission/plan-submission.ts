/**
 * A plan as the columns of a `submit` message: numbers in typed arrays, recipes and parameters as
 * bytes, keys joined.
 */

import { columnOf, noNumbers } from '../../../core/base/short-columns.js'
import { bundles, type Encoded, tokenizeEncoded } from '../../../core/codec/index.js'
import { orderPlan } from '../../../core/graph/order.js'
import { type Plan, targetSet } from '../../../core/graph/plan.js'
import type { Annotations, Recipe } from '../../../core/graph/recipe.js'
import type { RemoteValue } from '../../../core/graph/remote-value.js'
import { storeParam } from '../../../core/graph/serialized-params.js'
import { isEncoded, type StoredValue } from '../../../core/graph/stored-value.js'
import { encodeRecipe } from '../../../core/run/threads/recipe-registry.js'
import type { Bundle, Externals, Submit, TaskAnnotations } from '../../protocol/index.js'
import { packStrings } from '../../protocol/packed-strings.js'
import { assertSendable } from '../../protocol/sendable.js'
import { tokensOf } from '../../protocol/tokens.js'

/** The parts of a plan that a client reads while the plan runs. */
export type RunPlan = Pick<Plan, 'count' | 'targets' | 'recipe' | 'key' | 'site'>

/** What of a plan the client keeps while it runs. */
export interface Submission {
  readonly message: Submit
  /** The plan's tasks whose results come back, in the order of the message's `targets`. */
  readonly targets: readonly number[]
  /** By number in the submission, the number in the plan. */
  readonly taskOf: Int32Array
}

interface PackedRecipe {
  readonly bytes: Encoded
  readonly token: string
}

const packed = new WeakMap<Recipe, PackedRecipe>()

/** A recipe's bytes and the token of its content, made once for each recipe. */
function packRecipe(recipe: Recipe): PackedRecipe {
  let found = packed.get(recipe)
  if (found === undefined) {
    const bytes = encodeRecipe(recipe)
    packed.set(recipe, (found = { bytes, token: tokenizeEncoded(bytes) }))
  }
  return found
}

/** How a plan is to be submitted. */
export interface SubmissionOptions {
  readonly run: number
  readonly wantsProgress: boolean
  /** Bundles that the scheduler has from this client; those that are sent now are added. */
  readonly sent: Set<string>
  /** What is asked for all tasks, besides what they ask for themselves. */
  readonly annotations?: Annotations | undefined
  /** Whether each target is to be told by itself and kept. */
  readonly keeps?: boolean
}

/**
 * Makes the message. Throws NotPortableError for a function that cannot travel, TaskError for a task
 * one of whose parameters cannot.
 */
export function makeSubmission(plan: Plan, options: SubmissionOptions): Submission {
  const recipes = new RecipeColumns(options.annotations)
  const externals = new ExternalColumns()
  const params: StoredValue[] = []
  const recipeOf = new Int32Array(plan.count)
  const inputStart = new Int32Array(plan.count + 1)
  const inputs = new Int32Array(plan.inputs.length)
  const paramEnd = new Int32Array(plan.count)
  const named = new Uint8Array(plan.count)
  /** By number in the plan, the number in the submission; negative for what the cluster has. */
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
      recipes.need(param.bundles)
      assertSendable(param, () => `${plan.key(task)}: value ${i + 1}`, 'split it into several')
    }
    for (let i = plan.inputStart[task]!; i < plan.inputStart[task + 1]!; i++)
      inputs[inputCount++] = numberOf[plan.inputs[i]!]!
    inputStart[count + 1] = inputCount
    paramEnd[count] = params.length
    if (plan.isContentNamed(task)) {
      named[count] = 1
      anyNamed = true
    }
    recipeOf[count] = recipes.add(recipe)
    taskOf[count] = task
    numberOf[task] = count++
  }
  const targets = [...targetSet(plan.targets)]
  const order = orderPlan(plan)
  const message: Submit = {
    op: 'submit',
    run: options.run,
    ...recipes.columns(options.sent),
    recipeOf: recipeOf.subarray(0, count),
    inputStart: inputStart.subarray(0, count + 1),
    inputs: inputs.subarray(0, inputCount),
    ranks:
      count === plan.count
        ? order
        : Int32Array.from(taskOf.subarray(0, count), (task) => order[task]!),
    targets: Int32Array.from(targets, (task) => numberOf[task]!),
    params,
    paramEnd: paramEnd.subarray(0, count),
    keys: packStrings(count, (number) => plan.key(taskOf[number]!)),
    layers: [],
    contentNamed: anyNamed ? named.subarray(0, count) : new Uint8Array(0),
    reportProgress: options.wantsProgress,
    externals: externals.columns(),
    holdTargets: options.keeps ?? false,
    deliver: new Int32Array(0),
  }
  return { message, targets, taskOf: taskOf.subarray(0, count) }
}

/** The recipes of a submission, each once, what they need, and what their tasks ask for. */
export class RecipeColumns {
  private readonly places = new Map<Recipe, number>()
  private readonly packed: PackedRecipe[] = []
  private readonly taskAnnotations: (TaskAnnotations | null)[] = []
  private readonly tokens = new Set<string>()
  private readonly annotations: Annotations | undefined
  private lastRecipe: Recipe | undefined
  private lastPlace = 0

  /** `annotations`: what is asked for all tasks, besides what they ask for themselves. */
  constructor(annotations?: Annotations) {
    this.annotations = annotations
  }

  /** The place of a recipe. Throws NotPortableError for one that cannot travel. */
  add(recipe: Recipe): number {
    if (recipe === this.lastRecipe) return this.lastPlace
    let place = this.places.get(recipe)
    if (place === undefined) {
      const packed = packRecipe(recipe)
      this.need(packed.bytes.bundles)
      place = this.packed.push(packed) - 1
      this.places.set(recipe, place)
      this.taskAnnotations.push(mergeAnnotations(recipe.annotations, this.annotations))
    }
    this.lastRecipe = recipe
    this.lastPlace = place
    return place
  }

  /** Some value needs these bundles. */
  need(tokens: readonly string[]): void {
    for (const token of tokens) {
      if (this.tokens.has(token)) continue
      this.tokens.add(token)
      const bytes = bundles.get(token)
      if (bytes !== undefined)
        assertSendable(bytes, () => 'What a function uses', 'scatter it, and hand it over in parts')
    }
  }

  columns(sent: Set<string>): Pick<Submit, 'recipes' | 'recipeTokens' | 'bundles' | 'annotations'> {
    return {
      recipes: this.packed.map(({ bytes }) => bytes),
      recipeTokens: this.packed.map(({ token }) => token),
      bundles: newBundles([...this.tokens], sent),
      annotations: this.taskAnnotations.some((own) => own !== null) ? this.taskAnnotations : [],
    }
  }
}

function mergeAnnotations(
  own: Annotations | undefined,
  given: Annotations | undefined,
): TaskAnnotations | null {
  if (own === undefined && given === undefined) return null
  return { ...given, ...own }
}

/** No results of former runs. */
export const noExternals: Externals = { runs: [], runOf: noNumbers, targets: noNumbers }

/** The results of former runs that a submission reads or wants, each once. */
export class ExternalColumns {
  private readonly runs = new Map<string, number>()
  private readonly runOf: number[] = []
  private readonly places: number[] = []
  private readonly known = new Map<string, number>()

  /** The number by which inputs and targets name a result. */
  add({ run, place }: RemoteValue): number {
    const name = `${run} ${place}`
    let number = this.known.get(name)
    if (number === undefined) {
      let runPlace = this.runs.get(run)
      if (runPlace === undefined) this.runs.set(run, (runPlace = this.runs.size))
      this.places.push(place)
      number = -this.runOf.push(runPlace)
      this.known.set(name, number)
    }
    return number
  }

  columns(): Externals {
    return {
      runs: [...this.runs.keys()],
      runOf: columnOf(this.runOf),
      targets: columnOf(this.places),
    }
  }
}

/** A submission for a scheduler that may not have its bundles any more. */
export function withBundles(message: Submit, sent: Set<string>): Submit {
  const tokens = new Set(tokensOf(message.params))
  for (const recipe of message.recipes) for (const token of recipe.bundles) tokens.add(token)
  for (const { params } of message.layers) {
    for (const param of params) {
      if (param.kind !== 'values') continue
      for (const token of tokensOf(param.values)) tokens.add(token)
    }
  }
  return { ...message, bundles: newBundles([...tokens], sent) }
}

/** The bundles that were not used for longest, if too many were sent; they count as not sent from now on. */
export function oldBundles(sent: Set<string>, most: number): string[] {
  const old: string[] = []
  if (sent.size <= most) return old
  for (const token of sent) {
    sent.delete(token)
    old.push(token)
    if (sent.size <= most / 2) break
  }
  return old
}

/** The bundles behind some tokens that were not sent yet; they count as sent from now on. */
export function newBundles(tokens: readonly string[], sent: Set<string>): Bundle[] {
  const news: Bundle[] = []
  for (const token of bundles.closure(tokens)) {
    // Last used goes last, so that the first is the one to be forgotten.
    const isKnown = sent.delete(token)
    sent.add(token)
    if (isKnown) continue
    news.push([token, bundles.get(token)!])
  }
  return news
}
