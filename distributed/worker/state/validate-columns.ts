/** The invariants of a worker's columns, checked by tests and by the option `validate`. */
import { invariant } from '../../../core/base/errors.js'
import {
  PHASE_READY,
  PHASE_RUNNING,
  PHASE_UNASSIGNED,
  PHASE_WAITING,
  phaseNames,
  RESULT_ABSENT,
  type TaskColumns,
} from './task-columns.js'
import type { TaskAssignment } from './worker-events.js'

/**
 * Checks what must hold of a worker's columns between events; throws at the first violation. Walks
 * over all slots, so it is for tests and for finding bugs.
 */
export function validateColumns<A extends TaskAssignment>(columns: TaskColumns<A>): void {
  const { phase, assignment, uses, held, nbytes, missing } = columns
  const readers = new Map<number, number>()
  for (let task = 0; task < phase.length; task++) {
    const at = phase[task]!
    const about = `task ${task} (${phaseNames[at]})`
    const message = assignment[task]
    invariant(
      (at !== PHASE_UNASSIGNED) === (message !== undefined),
      `${about} ${message === undefined ? 'has no' : 'still has a'} message`,
    )
    if (at === PHASE_WAITING) invariant(missing[task]! > 0, `${about} has all its inputs`)
    if (at === PHASE_READY) invariant(missing[task] === 0, `${about} lacks ${missing[task]} inputs`)
    if (held[task] === RESULT_ABSENT)
      invariant(nbytes[task] === 0, `result ${task} is not here and counts ${nbytes[task]} bytes`)
    if (message === undefined) continue
    const end = columns.inputsTo(task)
    for (let j = columns.inputsFrom(task); j < end; j++) {
      const input = message.inputs[j]!
      readers.set(input, (readers.get(input) ?? 0) + 1)
    }
  }
  for (let slot = 0; slot < uses.length; slot++) {
    const count = readers.get(slot) ?? 0
    invariant(uses[slot] === count, `result ${slot} is read ${count} times, not ${uses[slot]}`)
  }
  for (const [input, followers] of columns.followers) {
    invariant(followers.length > 0, `the list of tasks that wait for task ${input} is empty`)
    for (const task of followers) {
      const at = phase[task]!
      invariant(
        at === PHASE_WAITING || at === PHASE_RUNNING,
        `task ${task} (${phaseNames[at]}) waits for task ${input}`,
      )
    }
  }
}
