/** The worker's state machine: events in, instructions out. */
import { expect, test } from 'vitest'
import type {
  TaskAssignment,
  WorkerEvent,
  WorkerInstruction,
} from '../../../../distributed/worker/state/worker-events.js'
import { WorkerState } from '../../../../distributed/worker/state/worker-state.js'

/** Tasks with their inputs: `[task, attempt, [[input, attempt, holder], ...]]`. */
type TaskSpec = readonly [number, number, readonly (readonly [number, number, number])[]]

function compute(...specs: TaskSpec[]): WorkerEvent {
  const inputs = specs.flatMap(([, , list]) => list)
  let end = 0
  const assignment: TaskAssignment = {
    tasks: Int32Array.from(specs, ([task]) => task),
    attempts: Int32Array.from(specs, ([, attempt]) => attempt),
    inputEnd: Int32Array.from(specs, ([, , list]) => (end += list.length)),
    inputs: Int32Array.from(inputs, ([input]) => input),
    inputAttempts: Int32Array.from(inputs, ([, attempt]) => attempt),
    holders: Int32Array.from(inputs, ([, , holder]) => holder),
  }
  return { kind: 'compute', assignment }
}

function worker(nthreads: number): WorkerState {
  const state = new WorkerState({ worker: 0, replicateFrom: 1000, allowedThreadFailures: 2 })
  for (let thread = 0; thread < nthreads; thread++) state.handle({ kind: 'thread-joined', thread })
  return state
}

function executed(thread: number, ...tasks: number[]): WorkerEvent {
  return { kind: 'executed', thread, tasks, attempts: tasks.map(() => 1) }
}

function fetched(nbytes: number, ...tasks: number[]): WorkerEvent {
  return { kind: 'fetched', tasks, attempts: tasks.map(() => 1), nbytes: tasks.map(() => nbytes) }
}

const columns = (op: 'free' | 'cancel', tasks: number[], attempts: number[]): WorkerEvent => ({
  kind: op,
  tasks: Int32Array.from(tasks),
  attempts: Int32Array.from(attempts),
})

test('a single thread gets all ready tasks', () => {
  const state = worker(1)
  expect(state.handle(compute([1, 1, []], [2, 1, []], [3, 1, []]))).toEqual([
    { kind: 'run', thread: 0, tasks: [1, 2, 3] },
  ])
})

test('several threads share the ready tasks, and none is left idle', () => {
  const state = worker(2)
  const specs = Array.from({ length: 8 }, (_, task): TaskSpec => [task, 1, []])
  const runs = state.handle(compute(...specs)) as Extract<WorkerInstruction, { kind: 'run' }>[]
  expect(new Set(runs.map((run) => run.thread))).toEqual(new Set([0, 1]))
  const handed = runs.flatMap((run) => run.tasks)
  expect(handed).toEqual([...handed].sort((a, b) => a - b))
  expect(handed.length).toBeLessThanOrEqual(8)
})

test('inputs of many tasks are requested once, in one request for each worker', () => {
  const state = worker(1)
  const event = compute(
    [10, 1, [[1, 1, 5]]],
    [
      11,
      1,
      [
        [1, 1, 5],
        [2, 1, 5],
      ],
    ],
    [12, 1, [[3, 1, 6]]],
  )
  expect(state.handle(event)).toEqual([
    { kind: 'fetch', peer: 5, tasks: [1, 2], attempts: [1, 1] },
    { kind: 'fetch', peer: 6, tasks: [3], attempts: [1] },
  ])
  expect(state.handle(fetched(8, 1))).toEqual([{ kind: 'run', thread: 0, tasks: [10] }])
  expect(state.handle(fetched(8, 2))).toEqual([{ kind: 'run', thread: 0, tasks: [11] }])
})

test('a small copy is dropped with its last reader, a large one is reported and kept', () => {
  const state = worker(1)
  state.handle(
    compute([
      10,
      1,
      [
        [1, 1, 5],
        [2, 1, 5],
      ],
    ]),
  )
  expect(state.handle(fetched(8, 1))).toEqual([])
  expect(state.handle(fetched(5000, 2))).toEqual([
    { kind: 'replicated', tasks: [2], attempts: [1] },
    { kind: 'run', thread: 0, tasks: [10] },
  ])
  expect(state.handle(executed(0, 10))).toEqual([{ kind: 'drop', tasks: [1] }])
  expect([state.has(1, 1), state.has(2, 1), state.has(10, 1)]).toEqual([false, true, true])
  expect(state.handle(columns('free', [2, 10], [1, 1]))).toEqual([{ kind: 'drop', tasks: [2, 10] }])
  expect(state.isEmpty).toBe(true)
})

test('an instruction is returned once', () => {
  const state = worker(1)
  state.handle(compute([1, 1, []]))
  state.handle(executed(0, 1))
  expect(state.handle(columns('free', [1], [1]))).toEqual([{ kind: 'drop', tasks: [1] }])
  expect(state.handle(columns('free', [], []))).toEqual([])
})

test('a freed result stays until the assigned tasks that read it are done', () => {
  const state = worker(1)
  state.handle(
    compute([
      10,
      1,
      [
        [1, 1, 5],
        [2, 1, 5],
      ],
    ]),
  )
  state.handle(fetched(5000, 1))
  expect(state.handle(columns('free', [1], [1]))).toEqual([])
  expect(state.handle(fetched(8, 2))).toEqual([{ kind: 'run', thread: 0, tasks: [10] }])
  expect(state.handle(executed(0, 10))).toEqual([{ kind: 'drop', tasks: [1, 2] }])
})

test('a task whose input cannot be fetched is returned to the scheduler', () => {
  const state = worker(1)
  state.handle(
    compute(
      [10, 1, [[1, 1, 5]]],
      [
        11,
        1,
        [
          [1, 1, 5],
          [2, 1, 6],
        ],
      ],
    ),
  )
  const missing = { kind: 'missing', attempt: 1, input: 1, inputAttempt: 1, holder: 5 }
  expect(state.handle({ kind: 'not-fetched', peer: 5, tasks: [1] })).toEqual([
    { ...missing, task: 10 },
    { ...missing, task: 11 },
  ])
  expect(state.handle(fetched(8, 2))).toEqual([{ kind: 'drop', tasks: [2] }])
  expect(state.isEmpty).toBe(true)
})

test('when a worker leaves, the fetches from it fail and no others', () => {
  const state = worker(1)
  state.handle(compute([10, 1, [[1, 1, 5]]], [11, 1, [[2, 1, 6]]]))
  expect(state.handle({ kind: 'peer-left', peer: 5 })).toEqual([
    { kind: 'missing', task: 10, attempt: 1, input: 1, inputAttempt: 1, holder: 5 },
  ])
  expect(state.handle(fetched(8, 2))).toEqual([{ kind: 'run', thread: 0, tasks: [11] }])
})

test('results of an unreachable worker are relayed by the scheduler, and fetched directly again later', () => {
  const state = worker(1)
  expect(state.handle(compute([5, 1, [[1, 1, 7]]]))).toEqual([
    { kind: 'fetch', peer: 7, tasks: [1], attempts: [1] },
  ])
  expect(state.handle({ kind: 'peer-unreachable', peer: 7 })).toEqual([
    { kind: 'relay', peer: 7, tasks: [1], attempts: [1] },
  ])
  // A second report changes nothing; further results are relayed from the start.
  expect(state.handle({ kind: 'peer-unreachable', peer: 7 })).toEqual([])
  expect(state.handle(compute([6, 1, [[2, 1, 7]]]))).toEqual([
    { kind: 'relay', peer: 7, tasks: [2], attempts: [1] },
  ])
  expect(state.handle(fetched(10, 1))).toEqual([{ kind: 'run', thread: 0, tasks: [5] }])
  state.handle({ kind: 'peer-retried', peer: 7 })
  expect(state.handle(compute([8, 1, [[3, 1, 7]]]))).toEqual([
    { kind: 'fetch', peer: 7, tasks: [3], attempts: [1] },
  ])
  // When the worker leaves, relayed fetches fail too.
  expect(state.handle({ kind: 'peer-left', peer: 7 })).toEqual([
    { kind: 'missing', task: 6, attempt: 1, input: 2, inputAttempt: 1, holder: 7 },
    { kind: 'missing', task: 8, attempt: 1, input: 3, inputAttempt: 1, holder: 7 },
  ])
})

test('a late result of a task that was cancelled changes nothing', () => {
  const state = worker(1)
  state.handle(compute([1, 1, []], [2, 1, []]))
  expect(state.handle(columns('cancel', [1], [1]))).toEqual([
    { kind: 'cancel-on-thread', thread: 0, tasks: [1], attempts: [1] },
  ])
  expect(state.isRunning(1, 1)).toBe(false)
  expect(state.handle(executed(0, 1, 2))).toEqual([])
  expect([state.has(1, 1), state.has(2, 1)]).toEqual([false, true])
})

test('the task that ends its thread is found among the tasks that were lost with it', () => {
  const state = worker(1)
  state.handle(compute([1, 1, []], [2, 1, []], [3, 1, []]))
  state.handle({ kind: 'thread-left', thread: 0, reason: 'out of memory' })
  expect(state.handle({ kind: 'thread-joined', thread: 1 })).toEqual([
    { kind: 'run', thread: 1, tasks: [1] },
  ])
  expect(state.handle(executed(1, 1))).toEqual([{ kind: 'run', thread: 1, tasks: [2] }])
  state.handle({ kind: 'thread-left', thread: 1, reason: 'out of memory' })
  // The others continue; a task that has ended two threads alone fails.
  expect(state.handle({ kind: 'thread-joined', thread: 2 })).toEqual([
    { kind: 'run', thread: 2, tasks: [3] },
  ])
  expect(state.handle(executed(2, 3))).toEqual([{ kind: 'run', thread: 2, tasks: [2] }])
  expect(state.handle({ kind: 'thread-left', thread: 2, reason: 'out of memory' })).toEqual([
    { kind: 'threads-lost', task: 2, attempt: 1, failures: 2, reason: 'out of memory' },
  ])
})

test('a reset discards all tasks and results', () => {
  const state = worker(1)
  state.handle(compute([1, 1, []], [2, 1, [[7, 1, 5]]]))
  state.handle(executed(0, 1))
  state.handle({ kind: 'reset' })
  expect(state.isEmpty).toBe(true)
  expect(state.handle(compute([1, 1, []]))).toEqual([{ kind: 'run', thread: 0, tasks: [1] }])
})

test('a task that is returned from behind another one does not wait for it any more', () => {
  const state = worker(1)
  state.handle(compute([5, 1, []]))
  state.handle(executed(0, 5))
  const behind: TaskSpec = [
    2,
    1,
    [
      [1, 1, 0],
      [5, 1, 0],
    ],
  ]
  state.handle(compute([1, 1, []], behind))
  const unreadable = { kind: 'unreadable', task: 2, attempt: 1, input: 5 } as const
  expect(state.handle(unreadable)).toContainEqual(
    expect.objectContaining({ kind: 'missing', task: 2 }),
  )
  // Another attempt arrives: it lacks an input from elsewhere, and the result of the task before it.
  state.handle(
    compute([
      2,
      2,
      [
        [1, 1, 0],
        [6, 1, 3],
      ],
    ]),
  )
  state.handle(executed(0, 1))
  expect(state.columns.missing[2]).toBe(1)
  expect(state.handle(fetched(8, 6))).toEqual([{ kind: 'run', thread: 0, tasks: [2] }])
})

test('a result computed here stays when a copy of a former attempt is dropped in the same event', () => {
  const state = worker(1)
  state.handle(compute([10, 1, [[1, 1, 5]]]))
  state.handle(fetched(8, 1))
  // The worker that the copy came from has left, and the result is computed again here.
  state.handle(compute([1, 2, []]))
  const done: WorkerEvent = { kind: 'executed', thread: 0, tasks: [10, 1], attempts: [1, 2] }
  expect(state.handle(done)).toEqual([])
  expect(state.has(1, 2)).toBe(true)
})

test('results to be acquired are fetched once and kept, whether a task reads them or not', () => {
  const state = worker(1)
  const acquire = (...tasks: number[]): WorkerEvent => ({
    kind: 'acquire',
    tasks: Int32Array.from(tasks),
    attempts: Int32Array.from(tasks, () => 1),
    holders: Int32Array.from(tasks, () => 7),
    nbytes: Float64Array.from(tasks, () => 10),
  })
  expect(state.handle(acquire(1, 2))).toEqual([
    { kind: 'fetch', peer: 7, tasks: [1, 2], attempts: [1, 1] },
  ])
  // One of them is on its way already, for a task that reads it.
  expect(state.handle(acquire(2))).toEqual([])
  expect(state.handle(compute([3, 1, [[2, 1, 7]]]))).toEqual([])
  expect(state.handle(fetched(10, 1, 2))).toEqual([
    { kind: 'replicated', tasks: [1, 2], attempts: [1, 1] },
    { kind: 'run', thread: 0, tasks: [3] },
  ])
  expect(state.handle(executed(0, 3))).toEqual([])
  expect(state.has(1, 1) && state.has(2, 1)).toBe(true)
  // What is here is not fetched again; what its holder does not have is given up.
  expect(state.handle(acquire(1, 4))).toEqual([
    { kind: 'fetch', peer: 7, tasks: [4], attempts: [1] },
  ])
  expect(state.handle({ kind: 'not-fetched', peer: 7, tasks: [4] })).toEqual([])
  state.handle(columns('free', [1, 2, 3], [1, 1, 1]))
  expect(state.isEmpty).toBe(true)
})
