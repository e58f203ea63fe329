/**
 * A plan as the columns of a `submit` message: numbers in typed arrays, recipes and parameters as
 * bytes, keys joined.
 */
import { bundles, type Encoded, tokenizeEncoded } from '../../core/codec/index.js'
import { atRest } from '../../core/frozen.js'
import { orderPlan } from '../../core/order.js'
import { type Plan, targetSet } from '../../core/plan.js'
import type { Recipe } from '../../core/recipe.js'
import { isEncoded, type StoredValue } from '../../core/stored-value.js'
import { encodeRecipe } from '../../core/threads/recipe-registry.js'
import { packTexts } from '../packed-texts.js'
import type { Bundle, Submit } from '../protocol.js'

/** What of a plan the client keeps while it runs. */
export interface Submission {
  readonly message: Submit
  /** The tasks whose results come back, in the order of the message's `targets`. */
  readonly targets: readonly number[]
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

/**
 * Makes the message. Throws NotPortableError for a function that cannot travel, TaskError for a task
 * one of whose parameters cannot.
 */
export function makeSubmission(
  plan: Plan,
  about: {
    run: number
    wantsProgress: boolean
    /** Bundles that the scheduler has from this client; those that are sent now are added. */
    sent: Set<string>
  },
): Submission {
  const { count } = plan
  const recipes: Encoded[] = []
  const recipeTokens: string[] = []
  const tokens = new Set<string>()
  for (const recipe of plan.recipes) {
    const { bytes, token } = packRecipe(recipe)
    recipes.push(bytes)
    recipeTokens.push(token)
    for (const needed of bytes.bundles) tokens.add(needed)
  }
  const params: StoredValue[] = []
  const paramEnd = new Int32Array(count)
  const named = new Uint8Array(count)
  let anyNamed = false
  for (let task = 0; task < count; task++) {
    const own = plan.params[task]!
    for (let i = 0; i < own.length; i++) {
      const param = atRest(plan, task, i, own[i])
      params.push(param)
      if (isEncoded(param)) for (const needed of param.bundles) tokens.add(needed)
    }
    paramEnd[task] = params.length
    if (plan.isContentNamed(task)) {
      named[task] = 1
      anyNamed = true
    }
  }
  const targets = [...targetSet(plan.targets)]
  const message: Submit = {
    op: 'submit',
    run: about.run,
    recipeTokens,
    recipes,
    bundles: newBundles([...tokens], about.sent),
    recipeOf: Int32Array.from(plan.recipeOf),
    inputStart: Int32Array.from(plan.inputStart),
    inputs: Int32Array.from(plan.inputs),
    ranks: orderPlan(plan),
    targets: Int32Array.from(targets),
    params,
    paramEnd,
    keys: packTexts(count, (task) => plan.key(task)),
    contentNamed: anyNamed ? named : new Uint8Array(0),
    wantsProgress: about.wantsProgress,
  }
  return { message, targets }
}

/** The bundles behind some tokens that were not sent yet; they count as sent from now on. */
export function newBundles(tokens: readonly string[], sent: Set<string>): Bundle[] {
  const news: Bundle[] = []
  for (const token of bundles.closure(tokens)) {
    if (sent.has(token)) continue
    sent.add(token)
    news.push([token, bundles.get(token)!])
  }
  return news
}
