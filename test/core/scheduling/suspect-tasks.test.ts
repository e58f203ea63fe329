/** Tests of suspect tasks: those that were running when workers were lost. */
import { expect, test } from 'vitest'
import { validate } from '../../../core/scheduling/diagnostics/validate.js'
import type { SchedulerMessage } from '../../../core/scheduling/interface/messages.js'
import type { TaskSubmission } from '../../../core/scheduling/interface/submission.js'
import { SchedulerState } from '../../../core/scheduling/state.js'

/** Tasks without edges, all of them targets. */
function separateTasks(run: number, count: number): TaskSubmission {
  const all = Array.from({ length: count }, (_, i) => i)
  return {
    run,
    count,
    recipeOf: all.map(() => 0),
    inputStart: new Array<number>(count + 1).fill(0),
    inputs: [],
    ranks: all,
    targets: all,
  }
}

/** Workers that run their tasks; a crashing task makes its worker fail. */
class World {
  readonly state: SchedulerState
  readonly assigned = new Map<number, Set<number>>()
  readonly crashing = new Set<number>()
  readonly failed = new Map<number, unknown>()
  readonly done = new Set<number>()
  lostWorkers = 0
  private next = 0

  constructor(allowedFailures: number) {
    this.state = new SchedulerState({ budget: 1000, allowedFailures })
  }

  join(nthreads: number): void {
    const worker = this.next++
    this.assigned.set(worker, new Set())
    this.take(this.state.handle({ kind: 'worker-joined', worker, nthreads }))
  }

  take(messages: SchedulerMessage[]): void {
    validate(this.state)
    for (const message of messages) {
      if (message.kind === 'compute')
        for (const task of message.tasks) this.assigned.get(message.worker)!.add(task)
      if (message.kind === 'cancel')
        for (const task of message.tasks) this.assigned.get(message.worker)?.delete(task)
      if (message.kind === 'run-failed') this.failed.set(message.run, message.failure)
      if (message.kind === 'run-done') this.done.add(message.run)
    }
  }

  lose(worker: number, isPlanned = false): void {
    this.assigned.delete(worker)
    this.lostWorkers++
    this.take(this.state.handle({ kind: 'worker-left', worker, isPlanned }))
    this.join(2)
  }

  /** Lets the workers run their tasks, a crashing task before all others. */
  run(): void {
    for (let i = 0; i < 1000; i++) {
      const busy = [...this.assigned].find(([, tasks]) => tasks.size > 0)
      if (busy === undefined) return
      const [worker, tasks] = busy
      if ([...tasks].some((task) => this.crashing.has(task))) this.lose(worker)
      else this.finish(worker, [...tasks][0]!)
    }
    throw new Error('the workers are never idle')
  }

  finish(worker: number, task: number): void {
    this.assigned.get(worker)!.delete(task)
    this.take(
      this.state.handle({
        kind: 'finished',
        worker,
        tasks: [task],
        attempts: [this.state.tasks.attempt[task]!],
        nbytes: [1],
        durations: [1],
      }),
    )
  }

  submit(submission: TaskSubmission): readonly number[] {
    this.take(this.state.handle({ kind: 'submit', submission }))
    return [...this.state.slotsOf(submission.run)]
  }
}

test.each([1, 2, 3, 5])(
  'with a limit of %i lost workers, only the task that causes the losses fails',
  (limit) => {
    const world = new World(limit)
    world.join(2)
    world.join(2)
    const crashing = world.submit(separateTasks(0, 1))
    world.submit(separateTasks(1, 60))
    world.crashing.add(crashing[0]!)
    world.run()
    const failure = world.failed.get(0) as { kind: string; workers: number[] }
    expect(failure.kind).toBe('killed-workers')
    expect(failure.workers).toHaveLength(Math.max(limit, limit === 1 ? 2 : 0))
    expect(new Set(failure.workers).size).toBe(failure.workers.length)
    expect([...world.failed.keys()]).toEqual([0])
    expect(world.done).toEqual(new Set([1]))
  },
)

test('several crashing tasks are found among many', () => {
  const world = new World(3)
  for (let i = 0; i < 3; i++) world.join(1 + i)
  const crashing = [0, 1, 2].map((run) => world.submit(separateTasks(run, 1))[0]!)
  world.submit(separateTasks(3, 200))
  for (const task of crashing) world.crashing.add(task)
  world.run()
  expect([...world.failed.keys()].sort()).toEqual([0, 1, 2])
  expect(world.done).toEqual(new Set([3]))
  // Each counts three losses, and some losses count for several tasks.
  expect(world.lostWorkers).toBeLessThanOrEqual(9)
})

test('a task one failure short of the limit is alone on its worker', () => {
  const world = new World(3)
  world.join(4)
  const [first] = world.submit(separateTasks(0, 8))
  expect(world.assigned.get(0)!.size).toBe(4)
  world.lose(0)
  expect(world.assigned.get(1)!.size).toBeGreaterThan(1)
  world.lose(1)
  expect([...world.assigned.get(2)!]).toEqual([first])
  // When it finishes its count is cleared, and the next suspect runs.
  world.finish(2, first!)
  expect(world.assigned.get(2)!.size).toBe(1)
  world.run()
  expect(world.done).toEqual(new Set([0]))
  world.take(world.state.handle({ kind: 'release', run: 0 }))
  expect(world.state.isEmpty).toBe(true)
})

test('while one worker is reserved for a suspect task, the others go on', () => {
  const world = new World(2)
  world.join(2)
  world.join(2)
  world.submit(separateTasks(0, 4))
  const busy = new Map([...world.assigned].map(([worker, tasks]) => [worker, tasks.size]))
  expect([...busy.values()].every((size) => size > 0)).toBe(true)
  world.submit(separateTasks(1, 40))
  // The other worker keeps its tasks; the new one runs the suspects, one at a time.
  world.lose(0)
  expect(world.assigned.get(2)!.size).toBe(1)
  expect(world.assigned.get(1)!.size).toBeGreaterThan(0)
  world.run()
  expect(world.done).toEqual(new Set([0, 1]))
})

test('a worker that is stopped on purpose does not count as a failure', () => {
  const world = new World(1)
  world.join(1)
  world.submit(separateTasks(0, 1))
  for (let worker = 0; worker < 5; worker++) world.lose(worker, true)
  world.run()
  expect(world.done).toEqual(new Set([0]))
})

test('the failure counts go down again when a worker is alive after all', () => {
  const world = new World(3)
  world.join(1)
  world.submit(separateTasks(0, 1))
  // Each time the worker is only unreachable, and comes back under another number.
  for (let worker = 0; worker < 10; worker++) {
    world.lose(worker)
    expect(world.state.tasks.lostWorkers.size).toBe(1)
    world.take(world.state.handle({ kind: 'worker-alive', worker }))
    expect(world.state.tasks.lostWorkers.size).toBe(0)
  }
  expect(world.failed.size).toBe(0)
  // Real losses add up.
  for (let worker = 10; worker < 13; worker++) world.lose(worker)
  expect(world.failed.get(0)).toMatchObject({ kind: 'killed-workers', workers: [10, 11, 12] })
})

test('a suspect task that is not needed any more leaves nothing behind', () => {
  const world = new World(2)
  world.join(1)
  world.submit(separateTasks(0, 6))
  world.lose(0)
  world.take(world.state.handle({ kind: 'release', run: 0 }))
  world.submit(separateTasks(1, 6))
  world.run()
  expect(world.done).toEqual(new Set([1]))
  world.take(world.state.handle({ kind: 'release', run: 1 }))
  expect(world.state.isEmpty).toBe(true)
})
