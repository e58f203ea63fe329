/**
 * Recipes: what a task does, apart from the data it does it to.
 *
 * A recipe is a flat list of steps, so a fused chain of 100,000 operations neither nests nor
 * recurses. Tasks that differ only in their inputs and parameters share one recipe, which therefore
 * travels and is compiled once. A step's arguments name inputs of the task, results of earlier
 * steps, the task's own parameters, or constants. The last step's result is the task's.
 */

import type { CallSite } from '../base/call-site.js'
import { invariant } from '../base/errors.js'
import { operationReference } from '../base/operations.js'
import { CapturedFunction } from '../capture.js'

/** Where an argument of a step comes from. */
export type Arg =
  | { readonly kind: 'input'; readonly index: number }
  /** A list of `count` inputs from `start` on, as one array. */
  | { readonly kind: 'inputs'; readonly start: number; readonly count: number }
  | { readonly kind: 'step'; readonly index: number }
  | { readonly kind: 'param'; readonly index: number }
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'list'; readonly items: readonly Arg[] }

/** A function as steps hold it: one of ours, one a user wrote in a graph, or one captured earlier. */
export type StepFunction = Function | CapturedFunction

/** One call. `label` and `site` are for errors: what the user called the operation, and where. */
export interface Step {
  readonly fn: StepFunction
  readonly args: readonly Arg[]
  readonly label?: string | undefined
  readonly site?: CallSite | undefined
}

/** What the scheduler must respect when it runs a task; fusion joins only tasks that agree. */
export interface Annotations {
  readonly retries?: number
  readonly priority?: number
  readonly workers?: readonly string[]
  readonly resources?: Readonly<Record<string, number>>
  readonly timeout?: number
  /** What it reads is to be kept where it runs, as long as anybody needs it. Not for users. */
  readonly acquire?: boolean
}

/** What a task does: `inputs` and `params` count what each task must supply. */
export interface Recipe {
  readonly steps: readonly Step[]
  readonly inputs: number
  readonly params: number
  readonly annotations?: Annotations | undefined
  /** Its parameter is a result that a cluster keeps, and stays there. */
  readonly isRemote?: boolean
}

/** A task that only hands on its one input: another name for it. */
export const ALIAS: Recipe = { steps: [], inputs: 1, params: 0 }

/** A task that only hands over its one parameter: data in the graph. */
export const DATA: Recipe = { steps: [], inputs: 0, params: 1 }

/** Whether a recipe only hands on its input; true of copies of `ALIAS` too. */
export function isAlias(recipe: Recipe): boolean {
  return recipe.steps.length === 0 && recipe.params === 0
}

/** Whether a recipe only hands over its parameter; true of copies of `DATA` too. */
export function isData(recipe: Recipe): boolean {
  return recipe.steps.length === 0 && recipe.params > 0 && recipe.isRemote !== true
}

/** Arguments, in short: `arg.input(0)`, `arg.value(2)`. */
export const arg = {
  input: (index: number): Arg => ({ kind: 'input', index }),
  inputs: (start: number, count: number): Arg => ({ kind: 'inputs', start, count }),
  step: (index: number): Arg => ({ kind: 'step', index }),
  param: (index: number): Arg => ({ kind: 'param', index }),
  value: (value: unknown): Arg => ({ kind: 'value', value }),
  list: (items: readonly Arg[]): Arg => ({ kind: 'list', items }),
} as const

let annotationsNow: (given: Annotations | undefined) => Annotations | undefined = (given) => given

/** Has a function say how what is built now is annotated. */
export function setAnnotationScope(now: typeof annotationsNow): void {
  annotationsNow = now
}

/** A recipe of one call; how many inputs and parameters it takes is read off its arguments. */
export function recipe(
  fn: StepFunction,
  args: readonly Arg[],
  about: { label?: string; site?: CallSite; annotations?: Annotations } = {},
): Recipe {
  const counts = { inputs: 0, params: 0 }
  for (const a of args) countArg(a, counts)
  const step: Step = { fn, args, label: about.label, site: about.site }
  return { steps: [step], ...counts, annotations: annotationsNow(about.annotations) }
}

function countArg(a: Arg, counts: { inputs: number; params: number }): void {
  if (a.kind === 'input') counts.inputs = Math.max(counts.inputs, a.index + 1)
  else if (a.kind === 'inputs') counts.inputs = Math.max(counts.inputs, a.start + a.count)
  else if (a.kind === 'param') counts.params = Math.max(counts.params, a.index + 1)
  else if (a.kind === 'list') for (const item of a.items) countArg(item, counts)
}

/** The name of a step's function, for errors and drawings. */
export function stepName(step: Step): string {
  if (step.label !== undefined) return step.label
  const fn = step.fn
  if (fn instanceof CapturedFunction) return fn.name || 'anonymous function'
  return operationReference(fn)?.name ?? (fn.name || 'anonymous function')
}

/** Rewrites every argument, lists included. `map` sees all kinds but lists. */
export function mapArg(a: Arg, map: (a: Arg) => Arg): Arg {
  if (a.kind !== 'list') return map(a)
  return { kind: 'list', items: a.items.map((item) => mapArg(item, map)) }
}

/** The inputs that one argument reads, in order. */
export function inputsOfArg(a: Arg, into: number[]): void {
  if (a.kind === 'input') into.push(a.index)
  else if (a.kind === 'inputs') for (let i = 0; i < a.count; i++) into.push(a.start + i)
  else if (a.kind === 'list') for (const item of a.items) inputsOfArg(item, into)
}

/**
 * Joins recipes into one. `parts` come in an order in which each reads only earlier ones:
 * `wiring[p][i]` says what input `i` of part `p` is, an earlier part's result or an input of the
 * whole. Parameters are laid end to end, in the order of the parts.
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
        default:
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
  return { steps, inputs, params, annotations: parts.at(-1)!.annotations }
}

/**
 * The path to what cannot travel, as the user sees it: not `steps -> 2 -> args -> 1 -> value -> x`
 * of our recipe but `map -> x` of the user's operation.
 */
export function pathInRecipe(recipe: Recipe, path: readonly string[]): readonly string[] {
  const at = path.indexOf('steps')
  const step = at < 0 ? undefined : recipe.steps[Number(path[at + 1])]
  if (step === undefined) return path
  const rest = path.slice(at + 2).filter((part) => part !== 'value')
  const inner = rest[0] === 'args' ? rest.slice(2) : rest.slice(1)
  return inner[0] === stepName(step) ? inner : [stepName(step), ...inner]
}

/** A recipe as plain data that keeps what errors and drawings need, for keeping it under a name. */
export function describableRecipe(recipe: Recipe): Recipe {
  const steps = recipe.steps.map(({ fn, args, label, site }) => {
    const location = site?.location
    return { fn, args, label, site: location === undefined ? undefined : { location } }
  })
  return { ...recipe, steps }
}

/** What of a recipe travels: labels and lines stay with whoever built it. */
export function portableRecipe({ steps, inputs, params }: Recipe): Recipe {
  return { steps: steps.map(({ fn, args }) => ({ fn, args })), inputs, params }
}
