/** Batches of tasks as they are handed to a thread, with their inputs and parameters. */
import type { StoredValue } from '../../core/graph/stored-value.js'
import type { ExecutorTask } from '../../core/run/threads/executor-protocol.js'
import { StorageError } from '../base/errors.js'
import { logEvent } from '../base/log.js'
import type { Compute } from '../protocol/index.js'
import type { ResultStore } from './results/result-store.js'
import { moveToSharedMemory } from './results/shared-memory-values.js'
import { RESULT_ABSENT } from './state/task-columns.js'
import type { WorkerState } from './state/worker-state.js'

/** An input that was on disk could not be read. */
export class UnreadableInput extends Error {
  readonly input: number
  constructor(input: number) {
    super('an input could not be read')
    this.input = input
  }
}

/** Called for a task that cannot be handed to a thread. */
type OnUnrunnable = (task: number, attempt: number, error: unknown) => void

interface TaskBatch {
  readonly batch: ExecutorTask[]
  /** For each task with a timeout, by its position in the batch, the milliseconds that it may run. */
  readonly timeouts: Map<number, number> | undefined
}

/** Makes a batch for one thread. */
export function makeBatch(
  state: WorkerState<Compute>,
  results: ResultStore,
  tasks: readonly number[],
  onUnrunnable: OnUnrunnable,
): TaskBatch {
  const { columns } = state
  const batch: ExecutorTask[] = []
  const positions = new Map<number, number>()
  let timeouts: Map<number, number> | undefined
  for (const task of tasks) {
    const message = columns.assignment[task]!
    const at = columns.position[task]!
    const attempt = message.attempts[at]!
    try {
      const isFollower = columns.missing[task]! > 0
      const from = isFollower ? inputPositions(state, task, message, positions) : undefined
      const inputs = inputsOf(state, results, task, message, from)
      if (columns.followers.has(task)) positions.set(task, batch.length)
      const recipe = message.recipes[at]!
      if (message.timeouts.length > 0) {
        const timeout = timeoutOf(message.timeouts, at)
        if (timeout !== undefined) (timeouts ??= new Map()).set(batch.length, timeout)
      }
      batch.push({ task, attempt, recipe, inputs, params: paramsOf(message, at), from })
    } catch (error) {
      onUnrunnable(task, attempt, error)
    }
  }
  return { batch, timeouts }
}

/**
 * Returns for each input of a task the position in the batch of the task that makes it: -1 if the
 * input is here, -2 if its task could not be added to the batch.
 */
function inputPositions(
  state: WorkerState<Compute>,
  task: number,
  message: Compute,
  positions: ReadonlyMap<number, number>,
): number[] {
  const { columns } = state
  const from: number[] = []
  const end = columns.inputsTo(task)
  for (let j = columns.inputsFrom(task); j < end; j++) {
    const input = message.inputs[j]!
    const isHere = state.has(input, message.inputAttempts[j]!)
    from.push(isHere ? -1 : (positions.get(input) ?? -2))
  }
  return from
}

function inputsOf(
  state: WorkerState<Compute>,
  results: ResultStore,
  task: number,
  message: Compute,
  from: readonly number[] | undefined,
): readonly StoredValue[] {
  const { columns } = state
  const start = columns.inputsFrom(task)
  const end = columns.inputsTo(task)
  if (start === end) return noValues
  const inputs = new Array<StoredValue>(end - start)
  for (let j = start; j < end; j++) {
    const input = message.inputs[j]!
    if (from !== undefined && from[j - start] !== -1) continue
    // The input may have been lost after the task was chosen to run.
    if (columns.held[input] === RESULT_ABSENT) throw new UnreadableInput(input)
    try {
      inputs[j - start] = results.get(input)
    } catch (error) {
      if (!(error instanceof StorageError)) throw error
      logEvent('worker', 'a result could not be read from disk, and is computed again', error)
      throw new UnreadableInput(input)
    }
  }
  return inputs
}

const noValues: readonly StoredValue[] = []

/** Finds the timeout of the task at a position in pairs of position and timeout. */
function timeoutOf(pairs: Float64Array, at: number): number | undefined {
  for (let i = 0; i < pairs.length; i += 2) if (pairs[i] === at) return pairs[i + 1]
  return undefined
}

function paramsOf(message: Compute, at: number): readonly StoredValue[] {
  const start = at === 0 ? 0 : message.paramEnd[at - 1]!
  const end = message.paramEnd[at]!
  if (start === end) return noValues
  return message.params.slice(start, end).map(moveToSharedMemory)
}
