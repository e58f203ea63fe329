/**
 * Batches of tasks, and of what became of them, as messages between a pool and its threads.
 *
 * Cloning a message costs by the number of its objects and the names in them. So many tasks go as
 * columns, one for each property. A few go as one plain list with the parts of each in a row: that
 * is what a call alone takes, and columns would cost it more than all that its thread does.
 */
import type { StoredValue } from '../../graph/stored-value.js'
import type { ExecutorReport, ExecutorTask, RunMessage, SmallBatch } from './executor-protocol.js'

/** More tasks than this go as columns. */
export const maxSmallBatch = 8

/** Whether a message is such a list. */
export function isSmallBatch(message: object): message is SmallBatch {
  return Array.isArray(message)
}

const nowhere = new Int32Array(0)

/** Tasks as columns. */
export function packTasks(
  batch: readonly ExecutorTask[],
): Omit<RunMessage, 'kind' | 'bundles' | 'recipes' | 'needs' | 'timeouts'> {
  const n = batch.length
  const [tasks, attempts, recipeOf] = [new Int32Array(n), new Int32Array(n), new Int32Array(n)]
  const [inputEnd, paramEnd] = [new Int32Array(n), new Int32Array(n)]
  const inputs: StoredValue[] = []
  const params: StoredValue[] = []
  /** Made with the first task that has any, for those before it too. */
  let from: number[] | undefined
  for (let i = 0; i < n; i++) {
    const task = batch[i]!
    tasks[i] = task.task
    attempts[i] = task.attempt
    recipeOf[i] = task.recipe
    if (task.from !== undefined) from ??= new Array<number>(inputs.length).fill(-1)
    if (from !== undefined)
      for (let j = 0; j < task.inputs.length; j++) from.push(task.from?.[j] ?? -1)
    for (const value of task.inputs) inputs.push(value)
    for (const value of task.params) params.push(value)
    inputEnd[i] = inputs.length
    paramEnd[i] = params.length
  }
  return {
    tasks,
    attempts,
    recipeOf,
    inputs,
    inputEnd,
    from: from === undefined ? nowhere : Int32Array.from(from),
    params,
    paramEnd,
  }
}

/** Tasks as one list: of each its numbers, how many inputs and parameters it has, and these. */
export function packFewTasks(batch: readonly ExecutorTask[]): SmallBatch {
  const parts: StoredValue[] = []
  for (const { task, attempt, recipe, inputs, params } of batch) {
    parts.push(task, attempt, recipe, inputs.length, params.length)
    for (let i = 0; i < inputs.length; i++) parts.push(inputs[i])
    for (let i = 0; i < params.length; i++) parts.push(params[i])
  }
  return parts
}

/** What `packFewTasks` has packed, as columns. */
export function unpackFewTasks(parts: SmallBatch): RunMessage {
  let n = 0
  for (let at = 0; at < parts.length; n++) {
    at += 5 + (parts[at + 3] as number) + (parts[at + 4] as number)
  }
  const [tasks, attempts, recipeOf] = [new Int32Array(n), new Int32Array(n), new Int32Array(n)]
  const [inputEnd, paramEnd] = [new Int32Array(n), new Int32Array(n)]
  const inputs: StoredValue[] = []
  const params: StoredValue[] = []
  let at = 0
  for (let i = 0; i < n; i++) {
    tasks[i] = parts[at] as number
    attempts[i] = parts[at + 1] as number
    recipeOf[i] = parts[at + 2] as number
    const endOfInputs = at + 5 + (parts[at + 3] as number)
    const end = endOfInputs + (parts[at + 4] as number)
    for (at += 5; at < endOfInputs; at++) inputs.push(parts[at])
    for (; at < end; at++) params.push(parts[at])
    inputEnd[i] = inputs.length
    paramEnd[i] = params.length
  }
  return {
    kind: 'run',
    bundles: none,
    recipes: none,
    needs: none,
    tasks,
    attempts,
    recipeOf,
    inputs,
    inputEnd,
    from: nowhere,
    params,
    paramEnd,
    timeouts: undefined,
  }
}

const none: readonly never[] = []

/** A report under way. */
export interface OpenReport {
  readonly tasks: readonly number[]
  readonly attempts: readonly number[]
  readonly durations: readonly number[]
  readonly values: readonly StoredValue[]
  readonly failures: ExecutorReport['failures']
  readonly bundles: ExecutorReport['bundles']
}

/** A report as a message: one list if it is of a few results and nothing else. */
export function packReport(report: OpenReport): ExecutorReport | SmallBatch {
  const { tasks, attempts, durations, values, failures, bundles } = report
  if (tasks.length > maxSmallBatch || failures.length > 0 || bundles.length > 0) {
    return {
      tasks: Int32Array.from(tasks),
      attempts: Int32Array.from(attempts),
      durations: Float32Array.from(durations),
      values,
      failures,
      bundles,
    }
  }
  const parts: StoredValue[] = []
  for (let i = 0; i < tasks.length; i++) {
    parts.push(tasks[i], attempts[i], durations[i], values[i])
  }
  return parts
}

/** The report that a list of a few results is. */
export function unpackReport(parts: SmallBatch): ExecutorReport {
  const n = parts.length / 4
  const tasks = new Int32Array(n)
  const attempts = new Int32Array(n)
  const durations = new Float32Array(n)
  const values: StoredValue[] = []
  for (let i = 0; i < n; i++) {
    tasks[i] = parts[4 * i] as number
    attempts[i] = parts[4 * i + 1] as number
    durations[i] = parts[4 * i + 2] as number
    values.push(parts[4 * i + 3])
  }
  return { tasks, attempts, durations, values, failures: none, bundles: none }
}
