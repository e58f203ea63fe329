/** Checks the invariants of a scheduler's state. */
import { invariant } from '../../base/errors.js'
import type { SchedulerState } from '../state.js'
import {
  FORGOTTEN,
  MEMORY,
  PROCESSING,
  QUEUED,
  stateNames,
  WAITING,
} from '../tables/task-states.js'

/**
 * Checks everything that must hold of a scheduler's state between events; throws at the first
 * violation. The cost is a walk over all tasks and edges: for tests, and to track down a fault.
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
    const violation = violationOf(state, slot, needed[slot]!)
    if (violation === undefined) continue
    invariant(false, `task ${slot} (${stateNames[tasks.state[slot]!]}) ${violation}`)
  }
  state.validateCounts()
}

/** Returns which rule a task violates that is needed `needed` times; undefined if none. */
function violationOf(state: SchedulerState, slot: number, needed: number): string | undefined {
  const { tasks } = state
  const at = tasks.state[slot]!
  if (at === FORGOTTEN) return undefined
  if (needed !== tasks.neededBy[slot]) return `is needed by ${needed}, not ${tasks.neededBy[slot]}`
  let missing = 0
  for (const input of state.inputsOf(slot)) if (tasks.state[input] !== MEMORY) missing++
  if (at === WAITING) {
    if (missing === 0) return 'waits although all inputs are in memory'
    if (tasks.waitingOn[slot] !== missing)
      return `waits for ${missing} inputs, not ${tasks.waitingOn[slot]}`
  }
  if (at === QUEUED && missing > 0) return `has ${missing} inputs missing`
  const isActive = at === WAITING || at === QUEUED || at === PROCESSING || at === MEMORY
  if (isActive && needed === 0) return 'is not needed'
  const isAtWorker = at === MEMORY || at === PROCESSING
  if (isAtWorker && !state.hasWorker(tasks.worker[slot]!)) return 'is at a worker that has left'
  return undefined
}
