/** Seeded simulations of the scheduler's state with runs that keep their targets, as futures do. */
import { expect, test } from 'vitest'
import { validate } from '../../../core/scheduling/diagnostics/validate.js'
import type { SchedulerMessage } from '../../../core/scheduling/interface/messages.js'
import type {
  TaskRestriction,
  TaskSubmission,
} from '../../../core/scheduling/interface/submission.js'
import { SchedulerState } from '../../../core/scheduling/state.js'
import { below, seeded } from '../../support/random.js'

/** A result that a user holds: a position among a run's targets, and the expected value. */
interface Held {
  readonly run: number
  readonly position: number
  readonly answer: number
  /** As the scheduler reported it. */
  status: 'pending' | 'done' | 'failed'
}

const restrictions: readonly (TaskRestriction | undefined)[] = [
  undefined,
  undefined,
  { workers: ['first'] },
  { resources: { gpu: 1 } },
]

/** Runs whose targets are held one by one and read by later runs; workers join, are lost, and fail. */
class World {
  readonly state = new SchedulerState({ budget: 4, bandwidth: 1000, allowedFailures: 250 })
  readonly random: () => number
  readonly workers = new Map<number, Map<number, number>>()
  readonly gpusInUse = new Map<number, number>()
  readonly work: { worker: number; task: number; attempt: number }[] = []
  readonly held = new Map<string, Held>()
  readonly whole = new Map<number, number[]>()
  chanceOfError = 0
  private nextWorker = 0
  private nextRun = 0

  constructor(seed: number) {
    this.random = seeded(seed)
  }

  join(): void {
    const worker = this.nextWorker++
    this.workers.set(worker, new Map())
    const names = [worker % 2 === 0 ? 'first' : 'second']
    const nthreads = 1 + below(this.random, 2)
    this.take({ kind: 'worker-joined', worker, nthreads, names, resources: { gpu: 1 } })
  }

  loseWorker(): void {
    const candidates = [...this.workers.keys()]
    const worker = candidates[below(this.random, candidates.length)]!
    this.workers.delete(worker)
    for (let i = this.work.length - 1; i >= 0; i--)
      if (this.work[i]!.worker === worker) this.work.splice(i, 1)
    this.take({ kind: 'worker-left', worker })
  }

  /** Submits a graph whose tasks may read held results; its targets are held, or wanted together. */
  submit(): void {
    const { random } = this
    const run = this.nextRun++
    const held = [...this.held.values()]
    const chosen = held.filter(() => random() < 0.3)
    const externals = chosen.map(({ run, position }) => this.state.heldTarget(run, position))
    expect(externals).not.toContain(-1)
    const count = below(random, 12)
    const inputStart = [0]
    const inputs: number[] = []
    const answers: number[] = []
    const answerOf = (input: number): number =>
      input < 0 ? chosen[~input]!.answer : answers[input]!
    for (let task = 0; task < count; task++) {
      const choice = task + chosen.length
      for (let i = choice === 0 ? 0 : below(random, 4); i > 0; i--) {
        const at = below(random, choice)
        inputs.push(at < task ? at : -1 - (at - task))
      }
      answers.push(inputs.slice(inputStart.at(-1)).reduce((sum, input) => sum + answerOf(input), 1))
      inputStart.push(inputs.length)
    }
    const targets = [...answers.keys(), ...chosen.map((_, i) => -1 - i)].filter(
      () => random() < 0.6,
    )
    const keeps = random() < 0.7
    const submission: TaskSubmission = {
      run,
      count,
      recipeOf: answers.map(() => below(random, 3)),
      inputStart,
      inputs,
      externals,
      ranks: answers.map((_, i) => i),
      targets,
      keeps,
      settingsOf: () => {
        const restriction = restrictions[below(random, restrictions.length)]
        const given = { priority: below(random, 3), retries: below(random, 2) }
        return restriction === undefined ? given : { ...given, restriction }
      },
    }
    const expected = targets.map(answerOf)
    if (keeps) {
      expected.forEach((answer, position) => {
        this.held.set(`${run}/${position}`, { run, position, answer, status: 'pending' })
      })
    } else this.whole.set(run, expected)
    this.take({ kind: 'submit', submission })
    if (keeps && targets.length === 0) this.take({ kind: 'release', run })
  }

  release(chance: number): void {
    const byRun = new Map<number, number[]>()
    for (const [key, { run, position }] of this.held) {
      if (this.random() >= chance) continue
      this.held.delete(key)
      byRun.set(run, [...(byRun.get(run) ?? []), position])
    }
    for (const [run, all] of byRun) this.take({ kind: 'release-targets', run, positions: all })
  }

  retry(): void {
    for (const held of [...this.held.values()]) {
      if (held.status !== 'failed' || this.random() < 0.5) continue
      held.status = 'pending'
      this.take({ kind: 'retry', run: held.run, positions: [held.position] })
    }
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

  step(): boolean {
    if (this.work.length === 0) return false
    const at = this.choose()
    const [{ worker, task, attempt }] = this.work.splice(at, 1) as [(typeof this.work)[0]]
    if (this.random() < this.chanceOfError) {
      this.take({ kind: 'erred', worker, task, attempt, error: 'bad luck' })
      return true
    }
    const found = [...this.state.inputsOf(task)].map((input) => {
      const holder = this.state.holdersOf(input)[0]
      return holder === undefined ? undefined : this.workers.get(holder)!.get(input)!
    })
    if (found.includes(undefined)) {
      this.take({ kind: 'missing', worker, task, attempt, inputs: [], holders: [] })
      return true
    }
    const value = found.reduce<number>((sum, input) => sum + input!, 1)
    this.workers.get(worker)!.set(task, value)
    const [tasks, attempts, nbytes, durations] = [[task], [attempt], [8], [this.random() * 4]]
    this.take({ kind: 'finished', worker, tasks, attempts, nbytes, durations })
    return true
  }

  take(event: Parameters<SchedulerState['handle']>[0]): void {
    for (const message of this.state.handle(event)) this.onMessage(message)
    validate(this.state)
  }

  private onMessage(message: SchedulerMessage): void {
    switch (message.kind) {
      case 'compute':
        for (const task of message.tasks) {
          const restriction = this.state.tasks.restriction.get(task)
          if (restriction?.workers !== undefined) expect(message.worker % 2).toBe(0)
          const { worker } = message
          this.work.push({ worker, task, attempt: this.state.tasks.attempt[task]! })
        }
        this.checkResources(message.worker)
        break
      case 'free':
        for (const task of message.tasks) this.workers.get(message.worker)?.delete(task)
        break
      case 'cancel':
        for (const task of message.tasks) {
          const at = this.work.findIndex((w) => w.worker === message.worker && w.task === task)
          if (at >= 0) this.work.splice(at, 1)
        }
        break
      case 'targets-done':
        for (const position of message.positions) {
          const held = this.held.get(`${message.run}/${position}`)!
          const slot = this.state.heldTarget(message.run, position)
          const holder = this.state.holdersOf(slot)[0]!
          expect(this.workers.get(holder)!.get(slot)).toBe(held.answer)
          held.status = 'done'
        }
        break
      case 'targets-lost':
        for (const position of message.positions)
          this.held.get(`${message.run}/${position}`)!.status = 'pending'
        break
      case 'targets-failed':
        expect(message.failure).toMatchObject({ kind: 'erred', error: 'bad luck' })
        for (const position of message.positions)
          this.held.get(`${message.run}/${position}`)!.status = 'failed'
        break
      case 'run-done': {
        const answers = [...this.state.targetsOf(message.run)].map((slot) =>
          this.workers.get(this.state.holdersOf(slot)[0]!)!.get(slot),
        )
        expect(answers).toEqual(this.whole.get(message.run))
        this.whole.delete(message.run)
        const { run } = message
        queue.push(() => this.take({ kind: 'release', run }))
        break
      }
      case 'run-failed':
        this.whole.delete(message.run)
    }
    if (!isHandling) {
      isHandling = true
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) next()
      isHandling = false
    }
  }

  private checkResources(worker: number): void {
    const assigned = this.work.filter((w) => w.worker === worker)
    const gpus = assigned.filter(({ task }) => this.state.tasks.restriction.get(task)?.resources)
    expect(gpus.length).toBeLessThanOrEqual(1)
  }
}

const queue: (() => void)[] = []
let isHandling = false

const seeds = Array.from({ length: 300 }, (_, seed) => seed)

test.each(seeds)(
  'held results are right, fail alone, and are released one by one, seed %i',
  (seed) => {
    const world = new World(seed)
    const { random } = world
    world.join()
    world.chanceOfError = seed % 3 === 0 ? 0.1 : 0
    for (let event = 0; event < 400; event++) {
      const chance = random()
      if (chance < 0.04 && world.workers.size < 5) world.join()
      else if (chance < 0.06 && world.workers.size > 0) world.loseWorker()
      else if (chance < 0.12) world.submit()
      else if (chance < 0.15) world.release(0.3)
      else if (chance < 0.17) world.retry()
      else world.step()
    }
    world.chanceOfError = 0
    // Two workers, so that each of the two names exists.
    for (let i = 0; i < 2; i++) world.join()
    for (let i = 0; i < 20 && [...world.held.values()].some((h) => h.status === 'failed'); i++)
      world.retry()
    for (let i = 0; i < 20_000 && world.step(); i++);
    expect([...world.held.values()].filter(({ status }) => status !== 'done')).toEqual([])
    expect([...world.whole.keys()]).toEqual([])
    world.release(1)
    expect(world.state.isEmpty).toBe(true)
    for (const results of world.workers.values()) expect(results.size).toBe(0)
  },
)
