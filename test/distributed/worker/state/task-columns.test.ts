/** The phases of a task on a worker. */
import { expect, test } from 'vitest'
import {
  PHASE_READY,
  PHASE_RUNNING,
  PHASE_UNASSIGNED,
  PHASE_WAITING,
  phaseNames,
  TaskColumns,
} from '../../../../distributed/worker/state/task-columns.js'

const phases = [PHASE_UNASSIGNED, PHASE_WAITING, PHASE_READY, PHASE_RUNNING] as const

/** Steps that lead from `unassigned` to each phase. */
const pathTo = [
  [],
  [PHASE_WAITING],
  [PHASE_WAITING, PHASE_READY],
  [PHASE_WAITING, PHASE_READY, PHASE_RUNNING],
] as const

function allowed(from: (typeof phases)[number]): string[] {
  return phases.flatMap((to) => {
    const columns = new TaskColumns()
    for (const step of pathTo[from]) columns.setPhase(5, step)
    try {
      columns.setPhase(5, to)
      return [phaseNames[to]]
    } catch {
      return []
    }
  })
}

test('a phase can be followed by those of the table only', () => {
  expect(Object.fromEntries(phases.map((from) => [phaseNames[from], allowed(from)]))).toEqual({
    unassigned: ['waiting'],
    waiting: ['unassigned', 'ready', 'running'],
    ready: ['unassigned', 'running'],
    running: ['unassigned', 'waiting', 'ready'],
  })
})

test('an illegal transition throws an error with the facts about the task', () => {
  const columns = new TaskColumns()
  columns.attempt[5] = 3
  expect(() => columns.setPhase(5, PHASE_RUNNING)).toThrow(
    /task 5 cannot go from unassigned to running: attempt 3, 0 inputs missing/,
  )
  expect(columns.phase[5]).toBe(PHASE_UNASSIGNED)
})
