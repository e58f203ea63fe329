/** Seeded simulations of the scheduler's state with workers that join, leave and fail. */
import { expect, test } from 'vitest'
import { validate } from '../../../core/scheduling/diagnostics/validate.js'
import type { SchedulerMessage } from '../../../core/scheduling/interface/messages.js'
import type { TaskSubmission } from '../../../core/scheduling/interface/submission.js'
import { SchedulerState } from '../../../core/scheduling/state.js'
import { below, seeded } from '../../support/random.js'

/**
 * Drives the scheduler's state with simulated workers, in a random order of events. A task's value is
 * one more than the sum of its inputs, so every result can be checked, and a worker fetches its inputs
 * from the holders that the state names.
 */
class World {
  readonly state = new SchedulerState({ budget: 4, bandwidth: 1000, allowedFailures: 200 })
  readonly random: () => number
  readonly workers = new Map<number, Map<number, { attempt: number; value: number }>>()
  readonly work: { worker: number; task: number; attempt: number }[] = []
  readonly finished = new Map<number, number[]>()
  readonly failed = new Map<number, unknown>()
  lostWorkers = 0
  private nextWorker = 0

  constructor(seed: number) {
    this.random = seeded(seed)
  }

  join(): void {
    const worker = this.nextWorker++
    this.workers.set(worker, new Map())
    this.take(
      this.state.handle({ kind: 'worker-joined', worker, nthreads: 1 + below(this.random, 2) }),
    )
  }

  loseWorker(): void {
    const candidates = [...this.workers.keys()]
    const worker = candidates[below(this.random, candidates.length)]!
    this.workers.delete(worker)
    this.lostWorkers++
    for (let i = this.work.length - 1; i >= 0; i--) {
      if (this.work[i]!.worker === worker) this.work.splice(i, 1)
    }
    this.take(this.state.handle({ kind: 'worker-left', worker }))
  }

  submit(submission: TaskSubmission): void {
    this.take(this.state.handle({ kind: 'submit', submission }))
  }

  /** Returns the index of a task that can finish: none of its inputs is assigned to its worker before it. */
  private choose(): number {
    let at = below(this.random, this.work.length)
    for (;;) {
      const { worker, task } = this.work[at]!
      const inputs = this.state.inputsOf(task)
      const before = this.work.findIndex((w) => w.worker === worker && inputs.includes(w.task))
      if (before < 0) return at
      at = before
    }
  }

  /** Lets a worker finish one of its tasks, unless an input is missing. */
  step(failing: (task: number) => boolean = () => false): void {
    if (this.work.length === 0) return
    if (this.random() < 0.1) {
      // A task secedes, and may report it more than once.
      const { worker, task } = this.work[this.choose()]!
      this.take(this.state.handle({ kind: 'seceded', worker, tasks: [task] }))
      return
    }
    const [{ worker, task, attempt }] = this.work.splice(this.choose(), 1) as [
      { worker: number; task: number; attempt: number },
    ]
    if (failing(task)) {
      this.take(this.state.handle({ kind: 'erred', worker, task, attempt, error: `bad ${task}` }))
      return
    }
    let value = 1
    const inputs: number[] = []
    const holders: number[] = []
    const copied: number[] = []
    for (const input of this.state.inputsOf(task)) {
      const holder = this.state.holdersOf(input).find((id) => this.workers.get(id)?.has(input))
      if (holder === undefined) {
        inputs.push(input)
        holders.push(this.state.holdersOf(input)[0] ?? 0)
        continue
      }
      const found = this.workers.get(holder)!.get(input)!
      value += found.value
      if (holder !== worker && this.random() < 0.3) {
        this.workers.get(worker)!.set(input, found)
        copied.push(input)
      }
    }
    if (inputs.length > 0) {
      expect(this.lostWorkers, 'inputs are missing only after a worker was lost').toBeGreaterThan(0)
      this.take(this.state.handle({ kind: 'missing', worker, task, attempt, inputs, holders }))
      return
    }
    if (copied.length > 0) {
      this.take(this.state.handle({ kind: 'replicated', worker, tasks: copied }))
    }
    this.workers.get(worker)!.set(task, { attempt, value })
    this.take(
      this.state.handle({
        kind: 'finished',
        worker,
        tasks: [task],
        attempts: [attempt],
        nbytes: [below(this.random, 2000)],
        durations: [this.random() * 4],
      }),
    )
  }

  take(messages: SchedulerMessage[]): void {
    for (const message of messages) {
      if (message.kind === 'compute') {
        expect(this.workers.has(message.worker)).toBe(true)
        for (const task of message.tasks) {
          const attempt = this.state.tasks.attempt[task]!
          this.work.push({ worker: message.worker, task, attempt })
        }
      } else if (message.kind === 'free') {
        for (const task of message.tasks) this.workers.get(message.worker)?.delete(task)
      } else if (message.kind === 'cancel') {
        for (const task of message.tasks) {
          const at = this.work.findIndex((w) => w.worker === message.worker && w.task === task)
          if (at >= 0) this.work.splice(at, 1)
        }
      } else if (message.kind === 'run-done') {
        const values = [...this.state.targetsOf(message.run)].map((slot) => {
          const holder = this.state.holdersOf(slot)[0]!
          return this.workers.get(holder)!.get(slot)!.value
        })
        this.finished.set(message.run, values)
      } else if (message.kind === 'run-failed') {
        this.failed.set(message.run, message.failure)
      }
    }
    validate(this.state)
  }
}

function randomGraph(
  random: () => number,
  run: number,
  keys?: string,
): TaskSubmission & { answer: number[] } {
  const count = 1 + below(random, 40)
  const inputStart = [0]
  const inputs: number[] = []
  const values: number[] = []
  for (let task = 0; task < count; task++) {
    let value = 1
    const width = task === 0 ? 0 : below(random, 4)
    for (let i = 0; i < width; i++) {
      const input = below(random, task)
      inputs.push(input)
      value += values[input]!
    }
    inputStart.push(inputs.length)
    values.push(value)
  }
  const targets = [...new Set([count - 1, below(random, count)])]
  return {
    run,
    count,
    recipeOf: values.map(() => below(random, 3)),
    inputStart,
    inputs,
    ranks: values.map((_, i) => i),
    targets,
    ...(keys === undefined
      ? {}
      : { sharedKeys: { nameOf: () => `${keys}-`, numberOf: (task: number) => task } }),
    answer: targets.map((task) => values[task]!),
  }
}

test.each(Array.from({ length: 300 }, (_, seed) => seed))(
  'every result is right and nothing is left over, seed %i',
  (seed) => {
    const world = new World(seed)
    const { random } = world
    const expected = new Map<number, number[]>()
    world.join()
    let runs = 0
    const shared = seeded(seed + 1000)
    const sharedGraph = randomGraph(shared, 0, 'twin')
    for (let event = 0; event < 600; event++) {
      const chance = random()
      if (chance < 0.03 && world.workers.size < 5) world.join()
      else if (chance < 0.05 && world.workers.size > 0) world.loseWorker()
      else if (chance < 0.08 && runs < 8) {
        const run = runs++
        const graph = random() < 0.5 ? { ...sharedGraph, run } : randomGraph(random, run)
        expected.set(run, graph.answer)
        world.submit(graph)
      } else if (chance < 0.1 && world.finished.size > 0) {
        const [run] = [...world.finished.keys()].slice(-1)
        expect(world.finished.get(run!)).toEqual(expected.get(run!))
        world.finished.delete(run!)
        expected.delete(run!)
        world.take(world.state.handle({ kind: 'release', run: run! }))
      } else world.step()
    }
    while (world.workers.size < 2) world.join()
    for (let i = 0; i < 10_000 && world.work.length > 0; i++) world.step()
    for (const [run, answer] of expected) {
      expect(world.finished.get(run)).toEqual(answer)
      world.take(world.state.handle({ kind: 'release', run }))
    }
    expect(world.state.isEmpty).toBe(true)
    for (const held of world.workers.values()) expect(held.size).toBe(0)
  },
)

test.each(Array.from({ length: 100 }, (_, seed) => seed))(
  'a failing task ends its run and no other, seed %i',
  (seed) => {
    const world = new World(seed)
    world.join()
    world.join()
    const bad = randomGraph(world.random, 0)
    const good = randomGraph(world.random, 1)
    world.submit(bad)
    const failing = [...world.state.slotsOf(0)][below(world.random, bad.count)]!
    // A task that no target needs is not run.
    const isNeeded = world.state.tasks.neededBy[failing]! > 0
    world.submit(good)
    for (let i = 0; i < 10_000 && world.work.length > 0; i++)
      world.step((task) => task === failing && !world.failed.has(0))
    if (isNeeded) expect(world.failed.get(0)).toMatchObject({ kind: 'erred' })
    expect(world.failed.has(1)).toBe(false)
    expect(world.finished.get(1)).toEqual(good.answer)
  },
)
