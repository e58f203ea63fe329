/** The memory of a worker's state machine: what is written to disk, and when tasks are held back. */
import { expect, test } from 'vitest'
import type { MemoryThresholds } from '../../../../distributed/worker/state/memory-state.js'
import type {
  TaskAssignment,
  WorkerEvent,
  WorkerInstruction,
} from '../../../../distributed/worker/state/worker-events.js'
import { WorkerState } from '../../../../distributed/worker/state/worker-state.js'

const thresholds: MemoryThresholds = {
  limit: 100_000,
  target: 60_000,
  spill: 70_000,
  pause: 80_000,
}

/** Tasks with their inputs: `[task, [[input, holder, bytes], ...]]`. */
type TaskSpec = readonly [number, readonly (readonly [number, number, number])[]]

function compute(...specs: TaskSpec[]): WorkerEvent {
  const inputs = specs.flatMap(([, list]) => list)
  let end = 0
  const assignment: TaskAssignment = {
    tasks: Int32Array.from(specs, ([task]) => task),
    attempts: new Int32Array(specs.length).fill(1),
    inputEnd: Int32Array.from(specs, ([, list]) => (end += list.length)),
    inputs: Int32Array.from(inputs, ([input]) => input),
    inputAttempts: new Int32Array(inputs.length).fill(1),
    holders: Int32Array.from(inputs, ([, holder]) => holder),
    inputBytes: Float32Array.from(inputs, ([, , nbytes]) => nbytes),
  }
  return { kind: 'compute', assignment }
}

function worker(nthreads = 1): WorkerState {
  const state = new WorkerState({ worker: 0, replicateFrom: 1000, memory: thresholds })
  for (let thread = 0; thread < nthreads; thread++) state.handle({ kind: 'thread-joined', thread })
  return state
}

/** Computes results of `nbytes` on a worker, one after another. */
function make(state: WorkerState, nbytes: number, ...tasks: number[]): WorkerInstruction[] {
  const all: WorkerInstruction[] = []
  for (const task of tasks) {
    state.handle(compute([task, []]))
    const done = { tasks: [task], attempts: [1], nbytes: [nbytes] }
    all.push(...state.handle({ kind: 'executed', thread: 0, ...done }))
  }
  return all
}

const only = <K extends WorkerInstruction['kind']>(kind: K, all: WorkerInstruction[]) =>
  all.filter((i): i is Extract<WorkerInstruction, { kind: K }> => i.kind === kind)

function written(
  state: WorkerState,
  all: WorkerInstruction[],
  fault?: string,
): WorkerInstruction[] {
  return only('spill', all).flatMap(({ tasks, writes }) =>
    tasks.flatMap((task, i) => state.handle({ kind: 'spilled', task, write: writes[i]!, fault })),
  )
}

const free = (...tasks: number[]): WorkerEvent => ({
  kind: 'free',
  tasks: Int32Array.from(tasks),
  attempts: Int32Array.from(tasks, () => 1),
})

test('results stay in memory up to the target', () => {
  const state = worker()
  expect(make(state, 20_000, 1, 2, 3)).toEqual([])
  expect([state.memory.stored, state.memory.spilled]).toEqual([60_000, 0])
})

test('above the target the least recently used result is written, and unloaded when it is on disk', () => {
  const state = worker()
  make(state, 20_000, 1, 2, 3)
  // Task 10 reads result 1, so result 2 is the least recently used one.
  state.handle(compute([10, [[1, 0, 20_000]]]))
  state.handle({ kind: 'executed', thread: 0, tasks: [10], attempts: [1], nbytes: [0] })
  const all = make(state, 20_000, 4)
  expect(only('spill', all)).toEqual([{ kind: 'spill', tasks: [2], writes: [1] }])
  expect([state.memory.stored, state.memory.spilled]).toEqual([80_000, 0])
  expect(written(state, all)).toEqual([{ kind: 'unload', tasks: [2] }])
  expect([state.memory.stored, state.memory.spilled]).toEqual([60_000, 20_000])
})

test('small results count and stay in memory', () => {
  const state = worker()
  expect(make(state, 511, ...Array.from({ length: 140 }, (_, i) => i))).toEqual([])
  expect(state.memory.stored).toBe(140 * 511)
})

test('results that running tasks read stay in memory; results on disk are unloaded without being written again', () => {
  const state = worker()
  const all = make(state, 30_000, 1, 2, 3)
  written(state, all)
  expect(state.memory.spilled).toBe(30_000)
  // Result 1 is needed and loaded; result 2 is written to make room for it.
  const next = state.handle(compute([10, [[1, 0, 30_000]]]))
  expect(only('run', next)).toHaveLength(1)
  expect(only('spill', next)).toEqual([{ kind: 'spill', tasks: [2], writes: [2] }])
  expect(only('unload', written(state, next))).toEqual([{ kind: 'unload', tasks: [2] }])
  state.handle({ kind: 'executed', thread: 0, tasks: [10], attempts: [1], nbytes: [0] })
  const last = state.handle(compute([11, [[2, 0, 30_000]]]))
  // Result 3 was used less recently than 1, which is still on disk when its turn comes.
  expect(only('spill', last)).toEqual([{ kind: 'spill', tasks: [3], writes: [3] }])
  written(state, last)
  state.handle({ kind: 'executed', thread: 0, tasks: [11], attempts: [1], nbytes: [0] })
  const again = state.handle(compute([12, [[3, 0, 30_000]]]))
  expect(only('spill', again)).toEqual([])
  expect(only('unload', again)).toEqual([{ kind: 'unload', tasks: [1] }])
})

test('a result that is freed while it is written is forgotten; the end of the write changes nothing', () => {
  const state = worker()
  const all = make(state, 40_000, 1, 2)
  expect(only('spill', all)).toHaveLength(1)
  expect(state.handle(free(1, 2))).toEqual([{ kind: 'drop', tasks: [1, 2] }])
  expect(written(state, all)).toEqual([])
  expect([state.memory.stored, state.memory.spilled]).toEqual([0, 0])
  expect(state.isEmpty).toBe(true)
})

test('above the pause threshold one task runs at a time, and both changes are reported to the scheduler', () => {
  const state = worker(2)
  const all = make(state, 45_000, 1, 2)
  expect(only('report-memory', all)).toHaveLength(1)
  expect(state.memory.isPaused).toBe(true)
  // While a write is pending nothing starts: soon there is room.
  expect(only('run', state.handle(compute([3, []], [4, []])))).toEqual([])
  const after = written(state, all)
  expect(state.memory.isPaused).toBe(false)
  expect(only('report-memory', after)).toHaveLength(1)
})

test('when writing fails tasks run one at a time, and a second one when the first does not end', () => {
  const state = worker(3)
  const all = make(state, 45_000, 1, 2)
  const after = [
    ...written(state, all, 'the disk is full'),
    ...state.handle(compute([3, []], [4, []], [5, []])),
  ]
  expect(only('run', after).map(({ tasks }) => tasks)).toEqual([[3]])
  expect(state.memory.diskFault).toBe('the disk is full')
  expect(state.memory.whyNoRoom(5000)).toBeUndefined()
  expect(state.memory.whyNoRoom(20_000)).toBe('the disk is full')
  const measured = () => {
    const instructions = state.handle({ kind: 'memory-measured', processBytes: 0 })
    written(state, instructions, 'the disk is full')
    return only('run', instructions).map(({ tasks }) => tasks)
  }
  // Tasks have ended before the first measurement.
  expect([measured(), measured()].flat()).toEqual([[4]])
})

test('process memory above the thresholds causes writes and a pause', () => {
  const state = worker()
  make(state, 10_000, 1, 2, 3, 4)
  const all = state.handle({ kind: 'memory-measured', processBytes: 85_000 })
  // 25,000 bytes above the target.
  expect(only('spill', all)[0]?.tasks).toEqual([1, 2, 3])
  expect(state.memory.isPaused).toBe(true)
  written(state, all)
  state.handle({ kind: 'memory-measured', processBytes: 50_000 })
  expect(state.memory.isPaused).toBe(false)
})

test('results may take what the rest of the process leaves, also while it is below the threshold', () => {
  const state = worker()
  make(state, 10_000, 1, 2)
  // 40,000 bytes are no results, so 30,000 of the 70,000 are left for these.
  expect(state.handle({ kind: 'memory-measured', processBytes: 60_000 })).toEqual([])
  expect(only('spill', make(state, 10_000, 3))).toEqual([])
  expect(only('spill', make(state, 10_000, 4))[0]?.tasks).toEqual([1])
})

test('functions count as results do: results are written for them, and alone they cause a pause', () => {
  const state = worker()
  make(state, 10_000, 1, 2)
  const measured = (functionBytes: number) =>
    state.handle({ kind: 'memory-measured', processBytes: 0, functionBytes })
  const all = measured(45_000)
  // 65,000 bytes, of which 60,000 are the target.
  expect(only('spill', all)[0]?.tasks).toEqual([1])
  expect(state.memory.isPaused).toBe(false)
  written(state, all)
  expect(only('report-memory', measured(85_000))).toHaveLength(1)
  expect(state.memory).toMatchObject({ isPaused: true, functions: 85_000 })
  measured(0)
  expect(state.memory.isPaused).toBe(false)
})

/** A worker with a replica of another worker's result that no task reads. */
function withCopy(): WorkerState {
  const state = worker()
  state.handle(compute([10, [[1, 5, 20_000]]]))
  state.handle({ kind: 'fetched', tasks: [1], attempts: [1], nbytes: [20_000] })
  state.handle({ kind: 'executed', thread: 0, tasks: [10], attempts: [1], nbytes: [10] })
  return state
}

test('idle replicas are offered back before anything is written', () => {
  const state = withCopy()
  const all = make(state, 19_000, 2, 3, 4)
  expect(only('surplus', all)).toEqual([{ kind: 'surplus', tasks: [1] }])
  expect(only('spill', all)).toEqual([])
  expect(state.handle(free(1))).toEqual([{ kind: 'drop', tasks: [1] }])
  expect(state.memory.stored).toBe(57_010)
})

test('a replica that the scheduler does not free is treated like any result, and written', () => {
  const state = withCopy()
  make(state, 20_000, 2, 3, 4)
  const all = state.handle({ kind: 'memory-measured', processBytes: 0 })
  expect(only('spill', all)[0]?.tasks).toEqual([1])
})

test('a replica that was idle for several measurements is offered back even when memory is not short', () => {
  const state = withCopy()
  const all = Array.from({ length: 10 }, () =>
    state.handle({ kind: 'memory-measured', processBytes: 0 }),
  )
  expect(all.flatMap((instructions) => only('surplus', instructions))).toEqual([
    { kind: 'surplus', tasks: [1] },
  ])
})

test('inputs are requested as there is room, in the order of the tasks, and at least one', () => {
  const state = worker()
  const event = compute([10, [[1, 5, 40_000]]], [11, [[2, 5, 40_000]]], [12, [[3, 5, 10_000]]])
  const ask = (all: WorkerInstruction[]) => only('fetch', all).flatMap(({ tasks }) => tasks)
  expect(ask(state.handle(event))).toEqual([1])
  const fetched = (task: number, nbytes: number): WorkerEvent => ({
    kind: 'fetched',
    tasks: [task],
    attempts: [1],
    nbytes: [nbytes],
  })
  expect(ask(state.handle(fetched(1, 40_000)))).toEqual([])
  // Task 10 is done and the worker is idle, so the next input is requested even without room.
  expect(
    ask(state.handle({ kind: 'executed', thread: 0, tasks: [10], attempts: [1], nbytes: [0] })),
  ).toEqual([2])
})

test('what is on its way takes at most a sixteenth of the memory limit, or is one result', () => {
  const state = worker()
  const ask = (all: WorkerInstruction[]) => only('fetch', all).flatMap(({ tasks }) => tasks)
  const event = compute(...[1, 2, 3, 4].map((input): TaskSpec => [10 + input, [[input, 5, 3000]]]))
  // 6,250 bytes are a sixteenth.
  expect(ask(state.handle(event))).toEqual([1, 2])
  const fetched = { tasks: [1], attempts: [1], nbytes: [3000] }
  expect(ask(state.handle({ kind: 'fetched', ...fetched }))).toEqual([3])
})

test('the inputs of queued tasks take at most an eighth of the memory limit', () => {
  const state = worker()
  make(state, 10_000, 1, 2, 3, 4)
  const event = compute(
    ...[1, 2, 3, 4].map((input): TaskSpec => [10 + input, [[input, 0, 10_000]]]),
  )
  // 12,500 bytes are an eighth of the limit.
  expect(only('run', state.handle(event)).map(({ tasks }) => tasks)).toEqual([[11, 12]])
})

test('an input that the disk has lost returns all tasks that read it', () => {
  const state = worker()
  const all = make(state, 40_000, 1, 2)
  written(state, all)
  state.handle(compute([10, [[1, 0, 40_000]]], [11, [[1, 0, 40_000]]], [12, [[2, 0, 40_000]]]))
  const lost = state.handle({ kind: 'unreadable', task: 10, attempt: 1, input: 1 })
  expect(only('missing', lost).map(({ task, input, holder }) => [task, input, holder])).toEqual([
    [10, 1, 0],
    [11, 1, 0],
  ])
  expect(only('run', lost).map(({ tasks }) => tasks)).toEqual([[12]])
})
