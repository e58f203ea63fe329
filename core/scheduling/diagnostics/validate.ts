import { invariant } from '../../base/errors.js'
import type { SchedulerState } from '../state.js'
import { FORGOTTEN, MEMORY, PROCESSING, QUEUED, stateNames, WAITING } from '../tables/task-table.js'

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
    const fault = faultOf(state, slot, needed[slot]!)
    if (fault === undefined) continue
    invariant(false, `task ${slot} (${stateNames[tasks.state[slot]!]}) ${fault}`)
  }
  state.validateCounts()
}

/** Which rule a task breaks, that is needed by so many; undefined if none. */
function faultOf(state: SchedulerState, slot: number, needed: number): string | undefined {
  const { tasks } = state
  const at = tasks.state[slot]!
  if (at === FORGOTTEN) return undefined
  if (needed !== tasks.neededBy[slot]) return `is needed by ${needed}, not ${tasks.neededBy[slot]}`
  let missing = 0
  for (const input of state.inputsOf(slot)) if (tasks.state[input] !== MEMORY) missing++
  if (at === WAITING) {
    if (missing === 0) return 'waits for nothing'
    if (tasks.waitingOn[slot] !== missing) return `counts ${tasks.waitingOn[slot]}, not ${missing}`
  }
  if (at === QUEUED && missing > 0) return `has ${missing} inputs missing`
  const isActive = at === WAITING || at === QUEUED || at === PROCESSING || at === MEMORY
  if (isActive && needed === 0) return 'is not needed'
  const isPlaced = at === MEMORY || at === PROCESSING
  if (isPlaced && !state.hasWorker(tasks.worker[slot]!)) return 'is at a worker that is not there'
  return undefined
}
