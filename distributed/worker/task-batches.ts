/** Tasks as they are handed to a thread, with their inputs and parameters. */
import type { StoredValue } from '../../core/graph/stored-value.js'
import type { ExecutorTask } from '../../core/run/threads/executor-protocol.js'
import { StorageError } from '../base/errors.js'
import { logEvent } from '../base/log.js'
import type { Compute } from '../protocol/index.js'
import type { ResultStore } from './results/result-store.js'
import { land } from './results/shared-memory-values.js'
import { RESULT_ABSENT } from './state/task-columns.js'
import type { WorkerState } from './state/worker-state.js'

/** An input that was on disk and cannot be had from there. */
export class UnreadableInput extends Error {
  readonly input: number
  constructor(input: number) {
    super('an input could not be read')
    this.input = input
  }
}

/** Told of a task that cannot be handed over. */
export type OnFault = (task: number, attempt: number, error: unknown) => void

/** A batch of tasks for one thread, and by place in it, how many milliseconds one may run. */
export function makeBatch(
  state: WorkerState<Compute>,
  results: ResultStore,
  tasks: readonly number[],
  onFault: OnFault,
): { batch: ExecutorTask[]; timeouts: Map<number, number> | undefined } {
  const { columns } = state
  const batch: ExecutorTask[] = []
  const places = new Map<number, number>()
  let timeouts: Map<number, number> | undefined
  for (const task of tasks) {
    const work = columns.assignment[task]!
    const at = columns.position[task]!
    const attempt = work.attempts[at]!
    try {
      const isFollower = columns.missing[task]! > 0
      const from = isFollower ? madeBefore(state, work, at, places) : undefined
      const inputs = inputsOf(state, results, work, at, from)
      if (columns.followers.has(task)) places.set(task, batch.length)
      const recipe = work.recipes[at]!
      if (work.timeouts.length > 0) {
        const timeout = timeoutOf(work.timeouts, at)
        if (timeout !== undefined) (timeouts ??= new Map()).set(batch.length, timeout)
      }
      batch.push({ task, attempt, recipe, inputs, params: paramsOf(work, at), from })
    } catch (error) {
      onFault(task, attempt, error)
    }
  }
  return { batch, timeouts }
}

/** For each input of a task its place in the batch, if it is made there, else -1. */
function madeBefore(
  state: WorkerState<Compute>,
  work: Compute,
  at: number,
  places: ReadonlyMap<number, number>,
): number[] {
  const from: number[] = []
  for (let j = at === 0 ? 0 : work.inputEnd[at - 1]!; j < work.inputEnd[at]!; j++) {
    const input = work.inputs[j]!
    const isHere = state.has(input, work.inputAttempts[j]!)
    from.push(isHere ? -1 : (places.get(input) ?? -2))
  }
  return from
}

function inputsOf(
  state: WorkerState<Compute>,
  results: ResultStore,
  work: Compute,
  at: number,
  from: readonly number[] | undefined,
): readonly StoredValue[] {
  const start = at === 0 ? 0 : work.inputEnd[at - 1]!
  const end = work.inputEnd[at]!
  if (start === end) return nothing
  const inputs = new Array<StoredValue>(end - start)
  for (let j = start; j < end; j++) {
    const input = work.inputs[j]!
    if (from !== undefined && from[j - start] !== -1) continue
    // It was lost after this task was chosen to run.
    if (state.columns.held[input] === RESULT_ABSENT) throw new UnreadableInput(input)
    try {
      inputs[j - start] = results.get(input)
    } catch (error) {
      if (!(error instanceof StorageError)) throw error
      logEvent('worker', 'a result could not be read from disk, and is made again', error)
      throw new UnreadableInput(input)
    }
  }
  return inputs
}

const nothing: readonly StoredValue[] = []

function timeoutOf(pairs: Float64Array, at: number): number | undefined {
  for (let i = 0; i < pairs.length; i += 2) if (pairs[i] === at) return pairs[i + 1]
  return undefined
}

function paramsOf(work: Compute, at: number): readonly StoredValue[] {
  const start = at === 0 ? 0 : work.paramEnd[at - 1]!
  const end = work.paramEnd[at]!
  if (start === end) return nothing
  return work.params.slice(start, end).map(land)
}
