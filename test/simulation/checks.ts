/** Checks a worker's state after every event, and the values and errors that clients receive. */
import { invariant, TaskError } from '../../core/base/errors.js'
import { KilledWorkerError } from '../../distributed/base/errors.js'
import type { Compute } from '../../distributed/protocol/index.js'
import {
  PHASE_READY,
  PHASE_RUNNING,
  PHASE_UNASSIGNED,
  PHASE_WAITING,
  RESULT_ABSENT,
} from '../../distributed/worker/state/task-columns.js'
import type { WorkerState } from '../../distributed/worker/state/worker-state.js'
import { answerOf, failuresOf, type KnownTask } from './graphs.js'

/** Checks a worker's columns against a recount; throws at the first breach. */
export function checkWorker(state: WorkerState<Compute>, tasks: number): void {
  const { columns, memory } = state
  const { phase, missing, held, version, uses, nbytes, assignment, position, followers } = columns
  const counted = new Int32Array(tasks)
  const fail = (what: string): never => {
    throw new Error(what)
  }
  let bytes = 0
  for (let task = 0; task < tasks; task++) {
    if (held[task] !== RESULT_ABSENT) bytes += nbytes[task]!
    if (phase[task] === PHASE_UNASSIGNED) {
      if (assignment[task] !== undefined) fail(`task ${task} is not assigned and has a message`)
      continue
    }
    const message = assignment[task]!
    const at = position[task]!
    let lacking = 0
    for (let j = at === 0 ? 0 : message.inputEnd[at - 1]!; j < message.inputEnd[at]!; j++) {
      const input = message.inputs[j]!
      counted[input]!++
      if (held[input] === RESULT_ABSENT || version[input] !== message.inputAttempts[j]) lacking++
    }
    const isPending = phase[task] === PHASE_WAITING
    if (isPending && missing[task] === 0) fail(`task ${task} waits for nothing`)
    if (phase[task] === PHASE_READY && missing[task]! > 0) fail(`task ${task} is ready too soon`)
    // One that runs may have lost an input from disk, which it has read.
    if (phase[task] !== PHASE_RUNNING && missing[task]! > lacking)
      fail(`task ${task} lacks ${lacking}`)
  }
  for (let task = 0; task < tasks; task++) {
    if (uses[task] !== counted[task]) fail(`${task} is read ${counted[task]}, not ${uses[task]}`)
  }
  for (const [task, waiting] of followers) {
    invariant(waiting.length > 0, `nobody waits for ${task}`)
    for (const follower of waiting)
      invariant(
        phase[follower] !== PHASE_UNASSIGNED,
        `${follower} waits for ${task} and is not assigned`,
      )
  }
  const all = memory.stored + memory.spilled
  invariant(Math.abs(all - bytes) < 1, `${bytes} bytes are held, not ${all}`)
}

/** Returns why a value is not the expected result of a task; undefined if it is. */
export function faultOfValue(task: KnownTask, value: unknown): string | undefined {
  if (failuresOf(task).must) return `${task.key} gave ${String(value)}, and must fail`
  const answer = answerOf(task)
  const given = value instanceof Float64Array ? value[0] : value
  return given === answer ? undefined : `${task.key} is ${answer}, and gave ${String(given)}`
}

/** Returns why an error is not one that some tasks may fail with; undefined if it is. */
export function faultOfError(
  tasks: readonly KnownTask[],
  error: unknown,
  areDisksBad: boolean,
): string | undefined {
  const may = new Set(tasks.flatMap((task) => [...failuresOf(task).may]))
  const what = `${tasks.map(({ key }) => key)}: ${String((error as Error)?.stack ?? error)}`
  if (!(error instanceof TaskError)) return `no error of a task came of ${what}`
  if (areDisksBad && /cannot go to disk/.test(error.message)) return undefined
  if (!may.has(error.key)) return `a task that should not have failed did, of ${what}`
  const { cause } = error
  if (cause instanceof KilledWorkerError) return undefined
  const isTold = cause instanceof Error && /bad luck|threads ended/.test(cause.message)
  return isTold ? undefined : `an error that no task gave came of ${what}`
}
