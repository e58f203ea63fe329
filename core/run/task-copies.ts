/**
 * Copies what a user wrote into a graph, so that tasks which run in the user's own thread leave the
 * user's variables alone, as tasks on threads and workers do. The copies are made when the graph is run,
 * anew each time.
 *
 * Functions that captured nothing that can change are run as they are. Operations of this package, and
 * functions that collections have captured, are not copied.
 */
import { NotPortableError } from '../base/errors.js'
import { operationReference } from '../base/operations.js'
import { capture } from '../capture.js'
import {
  decodeCopy,
  decodeResult,
  type Encoded,
  encode,
  functions,
  type SeparateFunctions,
} from '../codec/index.js'
import { encodeRecipe, readRecipe } from '../graph/encode-recipe.js'
import type { Plan } from '../graph/planning/plan.js'
import { type Arg, type Recipe, stepName } from '../graph/recipe.js'
import { copyForTask, loadParams, SerializedParam } from '../graph/serialized-params.js'
import { isEncoded } from '../graph/stored-value.js'

export class TaskCopies {
  private readonly plan: Plan
  /** The recipes that are run as copies, by index. */
  private readonly encoded = new Map<number, Encoded>()
  /** The functions of the copies; made when something is copied. */
  private functions: SeparateFunctions | undefined
  /** Whether functions or values of the plan refer to classes that collections have copied; undefined if not known yet. */
  private hasCopiedClasses: boolean | undefined

  /**
   * Copies the recipes of a plan.
   *
   * @throws NotPortableError if a function cannot be copied.
   */
  constructor(plan: Plan) {
    this.plan = plan
    const checked = new Map<Function, boolean>()
    plan.recipes.forEach((recipe, i) => {
      if (!needsCopy(recipe, checked)) return
      this.functions ??= functions.separate()
      this.encoded.set(i, encodeRecipe(recipe, this.functions))
    })
  }

  /** Returns the recipe with this index, as it is to be run. */
  recipe(index: number): Recipe {
    const encoded = this.encoded.get(index)
    if (encoded === undefined) return this.plan.recipes[index]!
    return readRecipe(decodeCopy(encoded, this.functions!))
  }

  /**
   * Returns the parameters of a task, as it is to be run with.
   *
   * @throws NotPortableError if one of a graph that a user wrote cannot be copied.
   */
  params(task: number): readonly unknown[] {
    const params = this.plan.params[task]!
    for (let i = 0; i < params.length; i++) {
      if (typeof params[i] !== 'object' || params[i] === null) continue
      if (this.plan.isContentNamed(task)) return loadParams(params)
      return params.map((param, at) => this.copyParam(task, at, param))
    }
    return params
  }

  private copyParam(task: number, i: number, param: unknown): unknown {
    if (typeof param !== 'object' || param === null) return param
    if (param instanceof SerializedParam) return param.load()
    this.functions ??= functions.separate()
    return copyForTask(param, [this.plan.key(task), `value ${i + 1}`], this.functions)
  }

  /** Returns a result for the user: objects become instances of the user's own classes. */
  result(value: unknown): unknown {
    if (typeof value !== 'object' || value === null || !this.mayMakeInstances()) return value
    try {
      return decodeResult(encode(value))
    } catch (error) {
      // A result need not be portable to be returned in this thread.
      if (error instanceof NotPortableError) return value
      throw error
    }
  }

  /** Whether objects among the results may be instances of copies of classes. */
  private mayMakeInstances(): boolean {
    if (this.functions?.hasClasses() === true) return true
    if (!functions.hasCopies()) return false
    return (this.hasCopiedClasses ??= this.refersToCopiedClasses())
  }

  private refersToCopiedClasses(): boolean {
    const { recipes, params } = this.plan
    const ofRecipe = (recipe: Recipe, i: number) =>
      !this.encoded.has(i) && functions.referToCopies(encodeRecipe(recipe).bundles)
    const ofParam = (param: unknown) =>
      param instanceof SerializedParam &&
      param.isSerialized &&
      isEncoded(param.stored) &&
      functions.referToCopies(param.stored.bundles)
    return recipes.some(ofRecipe) || params.some((ofTask) => ofTask.some(ofParam))
  }
}

/** Whether a recipe has a function of the user that captured something that can change. */
function needsCopy(recipe: Recipe, checked: Map<Function, boolean>): boolean {
  return recipe.steps.some((step) => {
    const canChange = (fn: unknown): boolean => {
      if (typeof fn !== 'function' || operationReference(fn) !== undefined) return false
      let found = checked.get(fn)
      if (found === undefined) {
        found = !capture(fn, fn.name || stepName(step), false).isImmutable
        checked.set(fn, found)
      }
      return found
    }
    const argCanChange = (a: Arg): boolean =>
      a.kind === 'list' ? a.items.some(argCanChange) : a.kind === 'value' && canChange(a.value)
    return canChange(step.fn) || step.args.some(argCanChange)
  })
}
