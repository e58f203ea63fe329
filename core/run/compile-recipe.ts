/**
 * Compiles a recipe into a function that runs its tasks.
 *
 * If a step returns a promise, the rest of the task is asynchronous and the function returns a promise.
 * Everything that a step throws is wrapped in a `StepFailure` with the index of the step.
 */
import { CapturedFunction } from '../capture.js'
import { LazyValue } from '../graph/lazy-value.js'
import { type Arg, inputsOfArg, type Recipe, type Step } from '../graph/recipe.js'
import { type RecipeTree, treeOf } from '../graph/recipe-tree.js'
import { beginTask, endTask, leaveTask } from './task-memory.js'

/** Runs a task on its inputs and parameters, in the order of the recipe. */
export type RecipeRunner = (inputs: readonly unknown[], params: readonly unknown[]) => unknown

/** A thrown value with the index of the step that threw it. Users never see it: they get a `TaskError`. */
export class StepFailure {
  readonly step: number
  readonly cause: unknown
  constructor(step: number, cause: unknown) {
    this.step = step
    this.cause = cause
  }
}

/** The index of the step that is being called, in memory that another thread can read. */
let currentStep = new Int32Array(1)

/** Stores the index of the step that is being called in shared memory, which tells where a thread ended. */
export function shareCurrentStep(memory: Int32Array<ArrayBufferLike>): void {
  currentStep = memory as Int32Array<ArrayBuffer>
}

/**
 * Returns the index of the step that is being called. A step that only extends a lazy value stores it, so
 * that a failure while the value is finished can be thrown as a `StepFailure` of that step.
 */
export function currentStepIndex(): number {
  return currentStep[0]!
}

/** Whether a value is a promise or another thenable. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as { then?: unknown }).then === 'function'
  )
}

type Getter = (
  inputs: readonly unknown[],
  params: readonly unknown[],
  results: unknown[],
) => unknown

/** Compiles a recipe into a function that runs its tasks. */
export function compileRecipe(recipe: Recipe): RecipeRunner {
  const { steps } = recipe
  if (steps.length === 0) {
    return recipe.params > 0 ? (_inputs, params) => params[0] : (inputs) => inputs[0]
  }
  const tree = treeOf(recipe)
  if (tree !== undefined && isOfSteps(tree)) return compileTree(tree)
  return steps.length === 1 ? compileSingle(steps[0]!) : compileChain(steps)
}

const none: unknown[] = []

function compileSingle(step: Step): RecipeRunner {
  const call = compileStep(step, 0)
  return (inputs, params) => {
    let result: unknown
    const outer = beginTask()
    try {
      currentStep[0] = 0
      result = call(inputs, params, none)
      if (result instanceof LazyValue) result = result.finish()
      if (isThenable(result)) {
        leaveTask(outer)
        return settle(result, 0)
      }
      endTask(outer)
      return result
    } catch (error) {
      leaveTask(outer)
      throw asFailure(error, 0)
    }
  }
}

function compileChain(steps: readonly Step[]): RecipeRunner {
  const calls = steps.map(compileStep)
  const last = steps.length - 1
  const reads = lastReads(steps)
  const isShared = sharedSteps(steps)

  const runFrom = (
    start: number,
    results: unknown[],
    inputs: readonly unknown[],
    params: readonly unknown[],
  ): unknown => {
    let i = start
    const outer = beginTask()
    try {
      for (; i <= last; i++) {
        currentStep[0] = i
        let result = calls[i]!(inputs, params, results)
        if (isShared[i] && result instanceof LazyValue) result = result.share()
        if (isThenable(result)) {
          leaveTask(outer)
          return continueLater(result, i, results, inputs, params)
        }
        results[i] = result
        for (const done of reads[i]!) results[done] = undefined
      }
      i = last
      const result = results[last]
      const finished = result instanceof LazyValue ? result.finish() : result
      if (isThenable(finished)) {
        leaveTask(outer)
        return settle(finished, last)
      }
      endTask(outer)
      return finished
    } catch (error) {
      leaveTask(outer)
      throw asFailure(error, Math.min(i, last))
    }
  }

  const continueLater = async (
    pending: PromiseLike<unknown>,
    i: number,
    results: unknown[],
    inputs: readonly unknown[],
    params: readonly unknown[],
  ): Promise<unknown> => {
    results[i] = await settle(pending, i)
    return runFrom(i + 1, results, inputs, params)
  }

  return (inputs, params) => runFrom(0, [], inputs, params)
}

/** Whether each part of a tree has steps. Others are aliases or data. */
function isOfSteps({ leaf, levels }: RecipeTree): boolean {
  const merges = levels.flatMap((level) => [...level.values()])
  return [leaf, ...merges].every(({ steps }) => steps.length > 0)
}

/**
 * Compiles the parts of a tree once, and runs them for each block and group. The steps of all blocks, as functions of
 * their own, would not fit into the caches of a processor. No step returns a promise: blocks are known to be small only
 * if no function of the user is called.
 */
function compileTree({ leaf, levels, sizes }: RecipeTree): RecipeRunner {
  const leafPart = new TreePart(leaf)
  const mergeParts = levels.map(
    (level) => new Map([...level].map(([size, recipe]) => [size, new TreePart(recipe)])),
  )
  return (inputs, params) => {
    let step = 0
    let nextInput = 0
    let nextParam = 0
    let nextSize = 0
    const run = (part: TreePart, values: readonly unknown[]): unknown => {
      const firstStep = step
      const firstParam = nextParam
      step += part.length
      nextParam += part.params
      return part.run(firstStep, values, sliceOf(params, firstParam, nextParam))
    }
    const runLeaf = (): unknown => {
      const first = nextInput
      nextInput += leaf.inputs
      return run(leafPart, sliceOf(inputs, first, nextInput))
    }
    const runGroup = (level: number): unknown => {
      const size = sizes[nextSize++]!
      const part = mergeParts[level]!.get(size)!
      const values = new Array<unknown>(size)
      for (let i = 0; i < size; i++) {
        const value = level > 0 ? runGroup(level - 1) : runLeaf()
        values[i] = part.readsAgain && value instanceof LazyValue ? value.share() : value
      }
      return run(part, values)
    }
    const outer = beginTask()
    try {
      const result = runGroup(levels.length - 1)
      const finished = result instanceof LazyValue ? result.finish() : result
      if (isThenable(finished)) {
        leaveTask(outer)
        return settle(finished, currentStep[0]!)
      }
      endTask(outer)
      return finished
    } catch (error) {
      leaveTask(outer)
      throw asFailure(error, currentStep[0]!)
    }
  }
}

function sliceOf(list: readonly unknown[], from: number, to: number): readonly unknown[] {
  return from === to ? none : list.slice(from, to)
}

/** A part of a tree: what is done for one block, or to merge the blocks of a group. */
class TreePart {
  readonly params: number
  /** The number of steps. */
  readonly length: number
  /** Whether an input is read more than once. */
  readonly readsAgain: boolean
  private readonly calls: readonly Getter[]
  private readonly isShared: readonly boolean[]

  constructor({ steps, inputs, params }: Recipe) {
    this.params = params
    this.length = steps.length
    const read: number[] = []
    for (const step of steps) for (const a of step.args) inputsOfArg(a, read)
    this.readsAgain = read.length > inputs
    this.calls = steps.map(compileStep)
    this.isShared = sharedSteps(steps)
  }

  /** Runs the steps, of which the first has the number `firstStep` in the task. */
  run(firstStep: number, inputs: readonly unknown[], params: readonly unknown[]): unknown {
    const { calls, isShared } = this
    const results = new Array<unknown>(calls.length)
    let result: unknown
    for (let i = 0; i < calls.length; i++) {
      currentStep[0] = firstStep + i
      result = calls[i]!(inputs, params, results)
      if (isShared[i] && result instanceof LazyValue) result = result.share()
      results[i] = result
    }
    return result
  }
}

/** Awaits the result of a step and finishes it if it is lazy. */
async function settle(pending: PromiseLike<unknown>, step: number): Promise<unknown> {
  try {
    const result = await pending
    return result instanceof LazyValue ? await result.finish() : result
  } catch (error) {
    throw asFailure(error, step)
  }
}

function asFailure(error: unknown, step: number): StepFailure {
  return error instanceof StepFailure ? error : new StepFailure(step, error)
}

/** Returns for each step the earlier results that no later step reads; they are released after it. */
function lastReads(steps: readonly Step[]): number[][] {
  const lastReader = new Map<number, number>()
  const visit = (a: Arg, reader: number): void => {
    if (a.kind === 'step') lastReader.set(a.index, reader)
    else if (a.kind === 'list') for (const item of a.items) visit(item, reader)
  }
  steps.forEach((step, i) => {
    for (const a of step.args) visit(a, i)
  })
  const reads: number[][] = steps.map(() => [])
  for (const [index, reader] of lastReader) reads[reader]!.push(index)
  return reads
}

/** Returns for each step whether its result is read more than once. */
function sharedSteps(steps: readonly Step[]): boolean[] {
  const counts = steps.map(() => 0)
  const visit = (a: Arg): void => {
    if (a.kind === 'step') counts[a.index]!++
    else if (a.kind === 'list') a.items.forEach(visit)
  }
  for (const step of steps) step.args.forEach(visit)
  return counts.map((count) => count > 1)
}

/** Compiles a step; a function that cannot be built is a failure of the step. */
function compileStep(step: Step, i: number): Getter {
  try {
    return compileCall(step)
  } catch (error) {
    throw asFailure(error, i)
  }
}

function compileCall(step: Step): Getter {
  const fn = (step.fn instanceof CapturedFunction ? step.fn.local() : step.fn) as (
    ...args: unknown[]
  ) => unknown
  const getters = step.args.map(compileArg)
  const [a, b, c, d] = getters
  switch (getters.length) {
    case 0:
      return () => fn()
    case 1:
      return (i, p, r) => fn(a!(i, p, r))
    case 2:
      return (i, p, r) => fn(a!(i, p, r), b!(i, p, r))
    case 3:
      return (i, p, r) => fn(a!(i, p, r), b!(i, p, r), c!(i, p, r))
    case 4:
      return (i, p, r) => fn(a!(i, p, r), b!(i, p, r), c!(i, p, r), d!(i, p, r))
    default:
      return (i, p, r) => fn(...getters.map((get) => get(i, p, r)))
  }
}

function compileArg(a: Arg): Getter {
  switch (a.kind) {
    case 'input': {
      const { index } = a
      return (inputs) => inputs[index]
    }
    case 'param': {
      const { index } = a
      return (_inputs, params) => params[index]
    }
    case 'step': {
      const { index } = a
      return (_inputs, _params, results) => results[index]
    }
    case 'inputs': {
      const { start, count } = a
      return (inputs) => inputs.slice(start, start + count)
    }
    case 'value': {
      const value = a.value instanceof CapturedFunction ? a.value.local() : a.value
      return () => value
    }
    case 'list': {
      const getters = a.items.map(compileArg)
      return (inputs, params, results) => getters.map((get) => get(inputs, params, results))
    }
  }
}
