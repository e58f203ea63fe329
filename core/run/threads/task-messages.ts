/**
 * Packs batches of tasks, and of results, into messages between a pool and its threads.
 *
 * The time to clone a message grows with its number of objects and property names. So many tasks are
 * sent as columns, one for each property. A few tasks are sent as one flat list of their fields: for a
 * single call, columns would take longer than all other work of the thread.
 */
import type { StoredValue } from '../../graph/stored-value.js'
import type { ExecutorReport, ExecutorTask, RunMessage, SmallBatch } from './executor-protocol.js'

/** The most tasks or results that are sent as a flat list. */
export const maxSmallBatch = 8

/** Whether a message is a flat list. */
export function isSmallBatch(message: object): message is SmallBatch {
  return Array.isArray(message)
}

const allGiven = new Int32Array(0)

/** Packs tasks into columns. */
export function packTasks(
  batch: readonly ExecutorTask[],
): Omit<RunMessage, 'kind' | 'bundles' | 'recipes' | 'needs' | 'timeouts'> {
  const n = batch.length
  const [tasks, attempts, recipeOf] = [new Int32Array(n), new Int32Array(n), new Int32Array(n)]
  const [inputEnd, paramEnd] = [new Int32Array(n), new Int32Array(n)]
  const inputs: StoredValue[] = []
  const params: StoredValue[] = []
  /** Created at the first task that has `from`, and filled for the tasks before it. */
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
    from: from === undefined ? allGiven : Int32Array.from(from),
    params,
    paramEnd,
  }
}

/**
 * Packs tasks into a flat list: for each, its numbers, the counts of its inputs and parameters, the
 * inputs, and the parameters. All inputs must be given.
 */
export function packFewTasks(batch: readonly ExecutorTask[]): SmallBatch {
  const fields: StoredValue[] = []
  for (const { task, attempt, recipe, inputs, params } of batch) {
    fields.push(task, attempt, recipe, inputs.length, params.length)
    for (let i = 0; i < inputs.length; i++) fields.push(inputs[i])
    for (let i = 0; i < params.length; i++) fields.push(params[i])
  }
  return fields
}

/** Unpacks the list of `packFewTasks` into columns. */
export function unpackFewTasks(fields: SmallBatch): RunMessage {
  let n = 0
  for (let at = 0; at < fields.length; n++) {
    at += 5 + (fields[at + 3] as number) + (fields[at + 4] as number)
  }
  const [tasks, attempts, recipeOf] = [new Int32Array(n), new Int32Array(n), new Int32Array(n)]
  const [inputEnd, paramEnd] = [new Int32Array(n), new Int32Array(n)]
  const inputs: StoredValue[] = []
  const params: StoredValue[] = []
  let at = 0
  for (let i = 0; i < n; i++) {
    tasks[i] = fields[at] as number
    attempts[i] = fields[at + 1] as number
    recipeOf[i] = fields[at + 2] as number
    const endOfInputs = at + 5 + (fields[at + 3] as number)
    const end = endOfInputs + (fields[at + 4] as number)
    for (at += 5; at < endOfInputs; at++) inputs.push(fields[at])
    for (; at < end; at++) params.push(fields[at])
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
    from: allGiven,
    params,
    paramEnd,
    timeouts: undefined,
  }
}

const none: readonly never[] = []

/** The finished tasks that a thread has not reported yet, as lists. */
export interface PendingReport {
  readonly tasks: readonly number[]
  readonly attempts: readonly number[]
  readonly durations: readonly number[]
  readonly values: readonly StoredValue[]
  readonly uses: readonly number[]
  readonly failures: ExecutorReport['failures']
  readonly bundles: ExecutorReport['bundles']
}

/** Packs a report into a message: a flat list if it has a few results and nothing else, else columns. */
export function packReport(report: PendingReport): ExecutorReport | SmallBatch {
  const { tasks, attempts, durations, values, uses, failures, bundles } = report
  if (tasks.length > maxSmallBatch || failures.length + bundles.length > 0) {
    return {
      tasks: Int32Array.from(tasks),
      attempts: Int32Array.from(attempts),
      durations: Float32Array.from(durations),
      values,
      uses: Uint8Array.from(uses),
      failures,
      bundles,
    }
  }
  const fields: StoredValue[] = []
  for (let i = 0; i < tasks.length; i++) {
    fields.push(tasks[i], attempts[i], durations[i], values[i], uses[i])
  }
  return fields
}

/** Unpacks the flat list of a report into columns. */
export function unpackReport(fields: SmallBatch): ExecutorReport {
  const n = fields.length / 5
  const tasks = new Int32Array(n)
  const attempts = new Int32Array(n)
  const durations = new Float32Array(n)
  const values: StoredValue[] = []
  const uses = new Uint8Array(n)
  for (let i = 0; i < n; i++) {
    tasks[i] = fields[5 * i] as number
    attempts[i] = fields[5 * i + 1] as number
    durations[i] = fields[5 * i + 2] as number
    values.push(fields[5 * i + 3])
    uses[i] = fields[5 * i + 4] as number
  }
  return { tasks, attempts, durations, values, uses, failures: none, bundles: none }
}
