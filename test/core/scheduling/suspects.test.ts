import { expect, test } from 'vitest'
import { validate } from '../../../core/scheduling/diagnostics/validate.js'
import type { SchedulerMessage } from '../../../core/scheduling/interface/messages.js'
import type { TaskSubmission } from '../../../core/scheduling/interface/submission.js'
import { SchedulerState } from '../../../core/scheduling/state.js'

/** Tasks without edges, all of them wanted. */
function loose(run: number, count: number): TaskSubmission {
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

/** Workers that run what they are given, but for a deadly task, which kills the worker. */
class World {
  readonly state: SchedulerState
  readonly inHand = new Map<number, Set<number>>()
  readonly deadly = new Set<number>()
  readonly failed = new Map<number, unknown>()
  readonly done = new Set<number>()
  deaths = 0
  private next = 0

  constructor(allowedFailures: number) {
    this.state = new SchedulerState({ budget: 1000, allowedFailures })
  }

  join(nthreads: number): void {
    const worker = this.next++
    this.inHand.set(worker, new Set())
    this.take(this.state.handle({ kind: 'worker-joined', worker, nthreads }))
  }

  take(messages: SchedulerMessage[]): void {
    validate(this.state)
    for (const message of messages) {
      if (message.kind === 'compute')
        for (const task of message.tasks) this.inHand.get(message.worker)!.add(task)
      if (message.kind === 'cancel')
        for (const task of message.tasks) this.inHand.get(message.worker)?.delete(task)
      if (message.kind === 'run-failed') this.failed.set(message.run, message.failure)
      if (message.kind === 'run-done') this.done.add(message.run)
    }
  }

  kill(worker: number, isBlameless = false): void {
    this.inHand.delete(worker)
    this.deaths++
    this.take(this.state.handle({ kind: 'worker-left', worker, isPlanned: isBlameless }))
    this.join(2)
  }

  /** Lets every worker run what it has, a deadly task before all others. */
  run(): void {
    for (let i = 0; i < 1000; i++) {
      const busy = [...this.inHand].find(([, tasks]) => tasks.size > 0)
      if (busy === undefined) return
      const [worker, tasks] = busy
      if ([...tasks].some((task) => this.deadly.has(task))) this.kill(worker)
      else this.finish(worker, [...tasks][0]!)
    }
    throw new Error('the workers never rest')
  }

  finish(worker: number, task: number): void {
    this.inHand.get(worker)!.delete(task)
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

test.each([1, 2, 3, 5])('with %i deaths allowed, the guilty task alone is blamed', (allowed) => {
  const world = new World(allowed)
  world.join(2)
  world.join(2)
  const bad = world.submit(loose(0, 1))
  world.submit(loose(1, 60))
  world.deadly.add(bad[0]!)
  world.run()
  const failure = world.failed.get(0) as { kind: string; workers: number[] }
  expect(failure.kind).toBe('killed-workers')
  expect(failure.workers).toHaveLength(Math.max(allowed, allowed === 1 ? 2 : 0))
  expect(new Set(failure.workers).size).toBe(failure.workers.length)
  expect([...world.failed.keys()]).toEqual([0])
  expect(world.done).toEqual(new Set([1]))
})

test('several guilty tasks are found among many, each for itself', () => {
  const world = new World(3)
  for (let i = 0; i < 3; i++) world.join(1 + i)
  const bad = [0, 1, 2].map((run) => world.submit(loose(run, 1))[0]!)
  world.submit(loose(3, 200))
  for (const task of bad) world.deadly.add(task)
  world.run()
  expect([...world.failed.keys()].sort()).toEqual([0, 1, 2])
  expect(world.done).toEqual(new Set([3]))
  // Each gathers three, and some deaths count for more than one.
  expect(world.deaths).toBeLessThanOrEqual(9)
})

test('a task that is one death short of blame has its worker for itself', () => {
  const world = new World(3)
  world.join(4)
  const [first] = world.submit(loose(0, 8))
  expect(world.inHand.get(0)!.size).toBe(4)
  world.kill(0)
  expect(world.inHand.get(1)!.size).toBeGreaterThan(1)
  world.kill(1)
  expect([...world.inHand.get(2)!]).toEqual([first])
  // Done, it is cleared, and the next one has its turn.
  world.finish(2, first!)
  expect(world.inHand.get(2)!.size).toBe(1)
  world.run()
  expect(world.done).toEqual(new Set([0]))
  world.take(world.state.handle({ kind: 'release', run: 0 }))
  expect(world.state.isEmpty).toBe(true)
})

test('while one worker is emptied for a suspect, the others go on', () => {
  const world = new World(2)
  world.join(2)
  world.join(2)
  world.submit(loose(0, 4))
  const busy = new Map([...world.inHand].map(([worker, tasks]) => [worker, tasks.size]))
  expect([...busy.values()].every((size) => size > 0)).toBe(true)
  world.submit(loose(1, 40))
  // The other worker keeps its own work; the new one takes the suspects, one at a time.
  world.kill(0)
  expect(world.inHand.get(2)!.size).toBe(1)
  expect(world.inHand.get(1)!.size).toBeGreaterThan(0)
  world.run()
  expect(world.done).toEqual(new Set([0, 1]))
})

test('a death that is nobody’s fault is held against nobody', () => {
  const world = new World(1)
  world.join(1)
  world.submit(loose(0, 1))
  for (let worker = 0; worker < 5; worker++) world.kill(worker, true)
  world.run()
  expect(world.done).toEqual(new Set([0]))
})

test('what was held against tasks is not any more when the worker lives after all', () => {
  const world = new World(3)
  world.join(1)
  world.submit(loose(0, 1))
  // Each time the worker is only out of reach, and comes back under another number.
  for (let worker = 0; worker < 10; worker++) {
    world.kill(worker)
    expect(world.state.tasks.lostWorkers.size).toBe(1)
    world.take(world.state.handle({ kind: 'worker-alive', worker }))
    expect(world.state.tasks.lostWorkers.size).toBe(0)
  }
  expect(world.failed.size).toBe(0)
  // A death that is one counts with former ones.
  for (let worker = 10; worker < 13; worker++) world.kill(worker)
  expect(world.failed.get(0)).toMatchObject({ kind: 'killed-workers', workers: [10, 11, 12] })
})

test('a suspect that nobody wants any more leaves nothing behind', () => {
  const world = new World(2)
  world.join(1)
  world.submit(loose(0, 6))
  world.kill(0)
  world.take(world.state.handle({ kind: 'release', run: 0 }))
  world.submit(loose(1, 6))
  world.run()
  expect(world.done).toEqual(new Set([1]))
  world.take(world.state.handle({ kind: 'release', run: 1 }))
  expect(world.state.isEmpty).toBe(true)
})
