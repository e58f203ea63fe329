/**
 * Plans: the part of a graph that some keys need, with integers for keys, ready to be run.
 *
 * A task's number is its position in a depth-first order, so its inputs always have smaller numbers.
 * A plan consists of flat lists; every `get` starts from one. `make-plan.ts` builds them.
 */
import { type CallSite, captureCallSite } from '../../base/call-site.js'
import type { Key } from '../../base/keys.js'
import type { Layer } from '../layer.js'
import type { Recipe } from '../recipe.js'

/** Task numbers in the shape in which the keys were requested. */
export type Targets = number | readonly Targets[]

/** The tasks that a request needs, by number. */
export class Plan {
  /** The number of tasks. */
  readonly count: number
  readonly recipes: readonly Recipe[]
  /** For each task, the index of its recipe in `recipes`. */
  readonly recipeOf: readonly number[]
  /** Task t reads `inputs[inputStart[t]]` up to `inputs[inputStart[t + 1] - 1]`, in that order. */
  readonly inputStart: readonly number[]
  readonly inputs: readonly number[]
  readonly params: readonly (readonly unknown[])[]
  readonly targets: Targets
  /** Where the user requested it, for errors of tasks that no operation added. */
  readonly site: CallSite = captureCallSite()
  private readonly layers: readonly Layer[]
  private readonly layerOf: readonly number[]
  private readonly blockOf: readonly number[]

  constructor(fields: {
    recipes: readonly Recipe[]
    recipeOf: readonly number[]
    inputStart: readonly number[]
    inputs: readonly number[]
    params: readonly (readonly unknown[])[]
    targets: Targets
    layers: readonly Layer[]
    layerOf: readonly number[]
    blockOf: readonly number[]
  }) {
    this.count = fields.recipeOf.length
    this.recipes = fields.recipes
    this.recipeOf = fields.recipeOf
    this.inputStart = fields.inputStart
    this.inputs = fields.inputs
    this.params = fields.params
    this.targets = fields.targets
    this.layers = fields.layers
    this.layerOf = fields.layerOf
    this.blockOf = fields.blockOf
  }

  /** Returns the key of a task; of a step of it, the key that the step's task would have without fusion. */
  key(task: number, step?: number): Key {
    const layer = this.layers[this.layerOf[task] ?? 0]!
    const block = this.blockOf[task]!
    if (step === undefined || layer.keyOfStep === undefined) return layer.key(block)
    return layer.keyOfStep(block, step)
  }

  /** Whether a task's key is derived from its content, so that other computations may share its result. */
  isContentNamed(task: number): boolean {
    return this.layers[this.layerOf[task] ?? 0]!.contentNamed
  }

  recipe(task: number): Recipe {
    return this.recipes[this.recipeOf[task]!]!
  }
}

/** Arranges results, looked up by task number, in the shape of the request. */
export function shapeResults(targets: Targets, result: (task: number) => unknown): unknown {
  if (typeof targets === 'number') return result(targets)
  return targets.map((part) => shapeResults(part, result))
}

/** Returns the requested task numbers, each once. */
export function targetSet(targets: Targets): Set<number> {
  const set = new Set<number>()
  const walk = (part: Targets): void => {
    if (typeof part === 'number') set.add(part)
    else for (const item of part) walk(item)
  }
  walk(targets)
  return set
}
