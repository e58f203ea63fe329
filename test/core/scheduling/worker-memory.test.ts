/** How the scheduler's state machine treats workers that are short of memory, and large results. */
import { expect, test } from 'vitest'
import { SchedulerState } from '../../../core/scheduling/state.js'

function scheduler(roots: number): SchedulerState {
  const state = new SchedulerState({ budget: 8, bandwidth: 1000 })
  for (const id of [0, 1]) state.handle({ kind: 'worker-joined', worker: id, nthreads: 1 })
  state.handle({
    kind: 'submit',
    submission: {
      run: 0,
      count: roots,
      recipeOf: new Int32Array(roots),
      inputStart: new Int32Array(roots + 1),
      inputs: [],
      ranks: Array.from({ length: roots }, (_, i) => i),
      targets: Array.from({ length: roots }, (_, i) => i),
    },
  })
  return state
}

const paused = (worker: number, isPaused: boolean) =>
  ({ kind: 'worker-memory', worker, stored: 0, isPaused }) as const

function finish(
  state: SchedulerState,
  worker: number,
  task: number,
  nbytes = 8,
): Map<number, number> {
  const attempts = [state.tasks.attempt[task]!]
  const messages = state.handle({
    ...{ kind: 'finished', worker, tasks: [task], attempts },
    ...{ nbytes: [nbytes], durations: [0.001] },
  })
  const given = new Map<number, number>()
  for (const message of messages) {
    if (message.kind === 'compute') given.set(message.worker, message.tasks.length)
  }
  return given
}

test('a paused worker gets no new tasks and the other one does; if all are paused both continue', () => {
  const state = scheduler(20)
  state.handle(paused(0, true))
  expect(finish(state, 0, 0).has(0)).toBe(false)
  state.handle(paused(1, true))
  expect(finish(state, 1, 1).get(1)).toBe(1)
  const resumed = state.handle(paused(0, false))
  expect(resumed.some((message) => message.kind === 'compute' && message.worker === 0)).toBe(true)
})

test('tasks with large results are not assigned far ahead', () => {
  const small = scheduler(1000)
  expect(finish(small, 0, 0).get(0)).toBeGreaterThan(100)
  const large = scheduler(1000)
  const given = finish(large, 0, 0, 1_000_000)
  expect(given.get(0)).toBeLessThanOrEqual(5)
})
