import { invariant } from '../errors.js'
import type { SchedulerState } from './state.js'
import { FORGOTTEN, MEMORY, PROCESSING, QUEUED, stateNames, WAITING } from './task-table.js'

/**
 * Checks everything that must hold of a scheduler's state between events; throws at the first breach.
 * Costs a walk over all tasks and edges: for tests and for hunting a fault.
 */
export function validate(state: SchedulerState): void {
  const { tasks } = state
  const needed = new Int32Array(tasks.high)
  for (let slot = 0; slot < tasks.high; slot++) {
    const at = tasks.state[slot]!
    if (at === FORGOTTEN) continue
    if (at === WAITING || at === QUEUED || at === PROCESSING) {
      for (const input of state.inputsOf(slot)) needed[input]!++
    }
    needed[slot]! += state.runsWanting(slot).length
  }
  for (let slot = 0; slot < tasks.high; slot++) {
    const at = tasks.state[slot]!
    if (at === FORGOTTEN) continue
    const about = `task ${slot} (${stateNames[at]})`
    invariant(
      needed[slot] === tasks.neededBy[slot],
      `${about} is needed by ${needed[slot]}, not ${tasks.neededBy[slot]}`,
    )
    const missing = state.inputsOf(slot).filter((input) => tasks.state[input] !== MEMORY).length
    if (at === WAITING) {
      invariant(missing > 0, `${about} waits for nothing`)
      invariant(
        tasks.waitingOn[slot] === missing,
        `${about} counts ${tasks.waitingOn[slot]}, not ${missing}`,
      )
    }
    if (at === QUEUED) invariant(missing === 0, `${about} has ${missing} inputs missing`)
    const isActive = at === WAITING || at === QUEUED || at === PROCESSING || at === MEMORY
    invariant(!isActive || needed[slot]! > 0, `${about} is not needed`)
    if (at === MEMORY || at === PROCESSING) {
      invariant(state.hasWorker(tasks.worker[slot]!), `${about} is at a worker that is not there`)
    }
  }
  state.validateCounts()
}
