import { invariant } from '../../../core/base/errors.js'
import { ABSENT, NONE, READY, RUNNING, WAITING, type WorkerColumns } from './task-columns.js'
import type { Work } from './worker-events.js'

/**
 * Checks what must hold of a worker's columns between events; throws at the first breach. Costs a walk
 * over all that is in hand: for tests and for hunting a fault.
 */
export function validateColumns<W extends Work>(columns: WorkerColumns<W>): void {
  const { phase, work, place, uses, held, nbytes, missing } = columns
  const counted = new Map<number, number>()
  for (let task = 0; task < phase.length; task++) {
    const at = phase[task]!
    const about = `task ${task} (${phaseNames[at]})`
    invariant((at !== NONE) === (work[task] !== undefined), `${about} has its message or not`)
    if (at === WAITING) invariant(missing[task]! > 0, `${about} waits for nothing`)
    if (at === READY) invariant(missing[task] === 0, `${about} lacks ${missing[task]} inputs`)
    if (held[task] === ABSENT)
      invariant(nbytes[task] === 0, `result ${task} is not here and has ${nbytes[task]} bytes`)
    const message = work[task]
    if (message === undefined) continue
    const end = message.inputEnd[place[task]!]!
    const start = place[task] === 0 ? 0 : message.inputEnd[place[task]! - 1]!
    for (let j = start; j < end; j++) {
      const input = message.inputs[j]!
      counted.set(input, (counted.get(input) ?? 0) + 1)
    }
  }
  for (let slot = 0; slot < uses.length; slot++) {
    const count = counted.get(slot) ?? 0
    invariant(uses[slot] === count, `result ${slot} is read by ${count}, not ${uses[slot]}`)
  }
  for (const [input, followers] of columns.followers) {
    invariant(followers.length > 0, `nothing waits for task ${input} that is made here`)
    for (const task of followers) {
      const at = phase[task]!
      invariant(
        at === WAITING || at === RUNNING,
        `task ${task} (${phaseNames[at]}) waits for another`,
      )
    }
  }
}

const phaseNames = ['not in hand', 'waiting', 'ready', 'running']
