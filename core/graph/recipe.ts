/**
 * Recipes: the computation of a task, without its data.
 *
 * A recipe is a flat list of steps, so a fused chain of 100,000 operations neither nests nor recurses.
 * Tasks that differ only in their inputs and parameters share one recipe, which is sent and compiled
 * once. The arguments of a step are inputs of the task, results of earlier steps, parameters of the
 * task, or constants. The result of the last step is the result of the task.
 */

import type { CallSite } from '../base/call-site.js'
import { invariant } from '../base/errors.js'
import { operationReference } from '../base/operations.js'
import { CapturedFunction } from '../capture.js'

/** The source of an argument of a step. */
export type Arg =
  | { readonly kind: 'input'; readonly index: number }
  /** An array of `count` inputs, starting with input `start`. */
  | { readonly kind: 'inputs'; readonly start: number; readonly count: number }
  | { readonly kind: 'step'; readonly index: number }
  | { readonly kind: 'param'; readonly index: number }
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'list'; readonly items: readonly Arg[] }

/** The function of a step: an operation of this package, a function in a user's graph, or a captured function. */
export type StepFunction = Function | CapturedFunction

/** One function call. `label` and `site` are for errors: the name of the user's operation, and where it was added. */
export interface Step {
  /** The function that is called. */
  readonly fn: StepFunction
  /** Where its arguments come from. */
  readonly args: readonly Arg[]
  /** The name of the user's operation, such as `map`, for errors and drawings. */
  readonly label?: string | undefined
  /** Where the operation was added, for errors. */
  readonly site?: CallSite | undefined
}

/** Settings for running a task; only tasks with equal annotations are fused. */
export interface Annotations {
  /** How often a failed task is repeated. The default is 0. */
  readonly retries?: number
  /** Tasks with a higher number run first. The default is 0. */
  readonly priority?: number
  /** On a cluster: names, addresses or hosts of the workers that may run the task. The default is all. */
  readonly workers?: readonly string[]
  /** On a cluster: whether others may run it while none of `workers` has room. The default is false. */
  readonly allowOtherWorkers?: boolean
  /** On a cluster: the amounts that the task needs of the workers' resources, such as `{ GPU: 1 }`. */
  readonly resources?: Readonly<Record<string, number>>
  /** The milliseconds that the task may run before it is stopped and fails. The default is no limit. */
  readonly timeout?: number
  /** Internal: the worker keeps copies of the task's inputs for as long as they are needed anywhere. */
  readonly acquire?: boolean
}

/** The computation of a task. `inputs` and `params` are the numbers of inputs and parameters it takes. */
export interface Recipe {
  /** The calls, in order; the result of the last one is the result of the task. */
  readonly steps: readonly Step[]
  /** The number of inputs that the task takes. */
  readonly inputs: number
  /** The number of parameters that the task takes. */
  readonly params: number
  /** The settings of the task; undefined for none. */
  readonly annotations?: Annotations | undefined
  /** Whether the task takes a piece of its first input, of which other tasks take the rest. They run together. */
  readonly divides?: boolean
  /** Whether its parameter is a remote value, which stays on the cluster. */
  readonly isRemote?: boolean
}

/** The recipe of an alias: returns its only input. */
export const ALIAS: Recipe = { steps: [], inputs: 1, params: 0 }

/** The recipe of data in a graph: returns its only parameter. */
export const DATA: Recipe = { steps: [], inputs: 0, params: 1 }

/** Whether a recipe is `ALIAS` or a copy of it. */
export function isAlias(recipe: Recipe): boolean {
  return recipe.steps.length === 0 && recipe.params === 0
}

/** Whether a recipe is `DATA` or a copy of it. */
export function isData(recipe: Recipe): boolean {
  return recipe.steps.length === 0 && recipe.params > 0 && recipe.isRemote !== true
}

/** Constructors of arguments: `arg.input(0)`, `arg.value(2)`. */
export const arg = {
  input: (index: number): Arg => ({ kind: 'input', index }),
  inputs: (start: number, count: number): Arg => ({ kind: 'inputs', start, count }),
  step: (index: number): Arg => ({ kind: 'step', index }),
  param: (index: number): Arg => ({ kind: 'param', index }),
  value: (value: unknown): Arg => ({ kind: 'value', value }),
  list: (items: readonly Arg[]): Arg => ({ kind: 'list', items }),
} as const

let withScope: (own: Annotations | undefined) => Annotations | undefined = (own) => own

/** Sets the function that merges annotations into those of the current scope. */
export function setAnnotationScope(merge: typeof withScope): void {
  withScope = merge
}

/**
 * Returns a recipe of one step. Its numbers of inputs and parameters follow from the arguments, its annotations
 * from `about` and the current scope.
 */
export function recipe(
  fn: StepFunction,
  args: readonly Arg[],
  about: { label?: string; site?: CallSite; annotations?: Annotations; divides?: boolean } = {},
): Recipe {
  const counts = { inputs: 0, params: 0 }
  for (const a of args) countArg(a, counts)
  const step: Step = { fn, args, label: about.label, site: about.site }
  const made = { steps: [step], ...counts, annotations: withScope(about.annotations) }
  return about.divides === true ? { ...made, divides: true } : made
}

/** Raises the counts to what an argument needs. */
function countArg(a: Arg, counts: { inputs: number; params: number }): void {
  switch (a.kind) {
    case 'input':
      counts.inputs = Math.max(counts.inputs, a.index + 1)
      return
    case 'inputs':
      counts.inputs = Math.max(counts.inputs, a.start + a.count)
      return
    case 'param':
      counts.params = Math.max(counts.params, a.index + 1)
      return
    case 'list':
      for (const item of a.items) countArg(item, counts)
      return
    case 'step':
    case 'value':
      return
    default:
      a satisfies never
  }
}

/** Returns the name of a step, for errors and drawings. */
export function stepName(step: Step): string {
  if (step.label !== undefined) return step.label
  const fn = step.fn
  if (fn instanceof CapturedFunction) return fn.name || 'anonymous function'
  return operationReference(fn)?.name ?? (fn.name || 'anonymous function')
}

/** Applies `map` to an argument, or to each item of a list of arguments. */
export function mapArg(a: Arg, map: (a: Arg) => Arg): Arg {
  if (a.kind !== 'list') return map(a)
  return { kind: 'list', items: a.items.map((item) => mapArg(item, map)) }
}

/** Adds the inputs that an argument reads to `into`, in order. */
export function inputsOfArg(a: Arg, into: number[]): void {
  if (a.kind === 'input') into.push(a.index)
  else if (a.kind === 'inputs') for (let i = 0; i < a.count; i++) into.push(a.start + i)
  else if (a.kind === 'list') for (const item of a.items) inputsOfArg(item, into)
}

/**
 * Joins recipes into one. Each part may read the results of earlier parts: `wiring[p][i]` is the source of
 * input `i` of part `p`, an earlier part or an input of the joined recipe. The parameters of the parts
 * are concatenated.
 */
export function joinRecipes(
  parts: readonly Recipe[],
  wiring: readonly (readonly { readonly part?: number; readonly input?: number }[])[],
  inputs: number,
): Recipe {
  const steps: Step[] = []
  const resultOf: Arg[] = []
  let params = 0
  for (let p = 0; p < parts.length; p++) {
    const part = parts[p]!
    const wires = wiring[p]!
    const firstStep = steps.length
    const firstParam = params
    const source = (index: number): Arg => {
      const wire = wires[index]!
      return wire.part === undefined ? arg.input(wire.input!) : resultOf[wire.part]!
    }
    const rewrite = (a: Arg): Arg => {
      switch (a.kind) {
        case 'input':
          return source(a.index)
        case 'inputs':
          return arg.list(Array.from({ length: a.count }, (_, i) => source(a.start + i)))
        case 'step':
          return arg.step(a.index + firstStep)
        case 'param':
          return arg.param(a.index + firstParam)
        case 'value':
        case 'list':
          return a
      }
    }
    for (const step of part.steps) {
      steps.push({ ...step, args: step.args.map((a) => mapArg(a, rewrite)) })
    }
    params += part.params
    if (part.steps.length > 0) resultOf.push(arg.step(steps.length - 1))
    else resultOf.push(isData(part) ? arg.param(firstParam) : source(0))
  }
  const last = resultOf.at(-1)
  invariant(last !== undefined, 'no recipes to join')
  if (steps.length > 0)
    invariant(
      last.kind === 'step' && last.index === steps.length - 1,
      'the last step gives the result',
    )
  const joined = { steps, inputs, params, annotations: parts.at(-1)!.annotations }
  return parts.some(({ divides }) => divides === true) ? { ...joined, divides: true } : joined
}

/**
 * Rewrites a path inside a recipe in terms of the user's operation: `steps -> 2 -> args -> 1 -> value -> x`
 * becomes `map -> x`.
 */
export function pathInRecipe(recipe: Recipe, path: readonly string[]): readonly string[] {
  const at = path.indexOf('steps')
  const step = at < 0 ? undefined : recipe.steps[Number(path[at + 1])]
  if (step === undefined) return path
  const rest = path.slice(at + 2).filter((part) => part !== 'value')
  const inner = rest[0] === 'args' ? rest.slice(2) : rest.slice(1)
  return inner[0] === stepName(step) ? inner : [stepName(step), ...inner]
}

/** Returns a recipe as plain data with its labels and call sites, for a descriptor. */
export function describableRecipe(recipe: Recipe): Recipe {
  const steps = recipe.steps.map(({ fn, args, label, site }) => {
    return { fn, args, label, site: site?.location === undefined ? undefined : { ...site } }
  })
  return { ...recipe, steps }
}

/** Returns the part of a recipe that is sent to run it: without labels, call sites and annotations. */
export function portableRecipe({ steps, inputs, params }: Recipe): Recipe {
  return { steps: steps.map(({ fn, args }) => ({ fn, args })), inputs, params }
}
