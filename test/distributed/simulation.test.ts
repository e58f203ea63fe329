import { expect, test } from 'vitest'
import type { SchedulerEvent } from '../../core/scheduling/events.js'
import { validate } from '../../core/scheduling/validate.js'
import { packTexts } from '../../distributed/packed-texts.js'
import type {
  Compute,
  Relayed,
  SchedulerToClient,
  SchedulerToWorker,
  Submit,
} from '../../distributed/protocol.js'
import type { ClientLink } from '../../distributed/scheduler/clients.js'
import { Engine, type FromWorker } from '../../distributed/scheduler/engine.js'
import type { WorkerLink } from '../../distributed/scheduler/workers.js'
import type { WorkerEvent, WorkerInstruction } from '../../distributed/worker/events.js'
import { WorkerState } from '../../distributed/worker/state.js'
import { below, seeded } from '../support/random.js'

interface Job {
  readonly thread: number
  readonly task: number
  readonly attempt: number
  readonly value: number
}

/** A worker process: the real state, with threads, storage and connections that a seed drives. */
class SimulatedWorker {
  readonly state = new WorkerState<Compute>({ replicateFrom: 1000 })
  readonly values = new Map<number, number>()
  readonly inbox: SchedulerToWorker[] = []
  readonly outbox: FromWorker[] = []
  readonly answers: (() => void)[] = []
  readonly jobs: Job[] = []
  readonly deliver = new Set<number>()
  readonly cluster: Cluster
  readonly link: WorkerLink
  nextThread = 0

  constructor(cluster: Cluster, nthreads: number) {
    this.cluster = cluster
    this.link = cluster.engine.addWorker(
      {
        op: 'hello',
        versions: { protocol: 1, skein: '', node: '' },
        nonce: '',
        pid: 1,
        hostname: '',
        nthreads,
        peer: 'somewhere',
        name: '',
        wantsKeys: false,
        resources: {},
      },
      (message) => this.inbox.push(message),
    )
    this.state.setWorker(this.link.worker)
    for (let i = 0; i < nthreads; i++) {
      this.handle({ kind: 'thread-joined', thread: this.nextThread++ })
    }
  }

  handle(event: WorkerEvent<Compute>): void {
    for (const instruction of this.state.handle(event)) this.obey(instruction)
  }

  obey(instruction: WorkerInstruction): void {
    switch (instruction.kind) {
      case 'run':
        for (const task of instruction.tasks) this.run(instruction.thread, task)
        break
      case 'fetch':
        this.cluster.fetch(this, instruction.peer, instruction.tasks, instruction.attempts)
        break
      case 'relay': {
        const { peer: holder, tasks, attempts } = instruction
        this.outbox.push({
          op: 'relay',
          holder,
          tasks: Int32Array.from(tasks),
          attempts: Int32Array.from(attempts),
        })
        break
      }
      case 'drop':
        for (const task of instruction.tasks) this.values.delete(task)
        break
      case 'take-back':
        instruction.tasks.forEach((task, i) => {
          const at = this.jobs.findIndex(
            (job) => job.task === task && job.attempt === instruction.attempts[i],
          )
          // One that has begun is not stopped: its late report must change nothing.
          if (at >= 0 && this.cluster.random() < 0.5) this.jobs.splice(at, 1)
        })
        break
      case 'missing': {
        const { task, attempt, input, inputAttempt, holder } = instruction
        this.outbox.push({ op: 'missing', task, attempt, input, inputAttempt, holder })
        break
      }
      case 'replicated': {
        const { tasks, attempts } = instruction
        this.outbox.push({
          op: 'replicated',
          tasks: Int32Array.from(tasks),
          attempts: Int32Array.from(attempts),
        })
        break
      }
      case 'deadly': {
        const { task, attempt } = instruction
        this.outbox.push({ op: 'erred', task, attempt, step: 0, error: 'deadly', bundles: [] })
      }
    }
  }

  run(thread: number, task: number): void {
    const work = this.state.columns.work[task]!
    const at = this.state.columns.place[task]!
    let value = work.params[at] as number
    for (let j = at === 0 ? 0 : work.inputEnd[at - 1]!; j < work.inputEnd[at]!; j++) {
      const input = this.values.get(work.inputs[j]!)
      expect(input, 'an input of a task that runs is here').toBeDefined()
      value += input!
    }
    this.jobs.push({ thread, task, attempt: work.attempts[at]!, value })
  }

  /** A thread ends a task. */
  finish(): void {
    const [job] = this.jobs.splice(below(this.cluster.random, this.jobs.length), 1) as [Job]
    const { thread, task, attempt, value } = job
    if (!this.state.isRunning(task, attempt)) return
    if (this.cluster.random() < this.cluster.chanceOfError) {
      this.outbox.push({ op: 'erred', task, attempt, step: 0, error: 'bad luck', bundles: [] })
      this.handle({ kind: 'failed', thread, task, attempt })
      return
    }
    this.values.set(task, value)
    const isWanted = this.deliver.delete(task)
    this.outbox.push({
      op: 'finished',
      tasks: Int32Array.of(task),
      attempts: Int32Array.of(attempt),
      nbytes: Float64Array.of(below(this.cluster.random, 2000)),
      durations: Float32Array.of(this.cluster.random() * 4),
      delivered: isWanted ? Int32Array.of(0) : new Int32Array(0),
      values: isWanted ? [value] : [],
      bundles: [],
    })
    this.handle({ kind: 'executed', thread, tasks: [task], attempts: [attempt] })
  }

  /** A thread dies, and another takes its place. */
  loseThread(): void {
    const threads = [...new Set(this.jobs.map((job) => job.thread))]
    if (threads.length === 0) return
    const thread = threads[below(this.cluster.random, threads.length)]!
    for (let i = this.jobs.length - 1; i >= 0; i--) {
      if (this.jobs[i]!.thread === thread) this.jobs.splice(i, 1)
    }
    this.handle({ kind: 'thread-left', thread, reason: 'chance' })
    this.handle({ kind: 'thread-joined', thread: this.nextThread++ })
  }

  receive(message: SchedulerToWorker): void {
    switch (message.op) {
      case 'compute':
        for (const at of message.deliver) this.deliver.add(message.tasks[at]!)
        this.handle({ kind: 'compute', work: message })
        break
      case 'free':
      case 'cancel':
        this.handle({ kind: message.op, tasks: message.tasks, attempts: message.attempts })
        break
      case 'peers':
        for (const peer of message.left) this.handle({ kind: 'peer-left', peer })
        break
      case 'gather': {
        const found = [...message.tasks.keys()].filter((i) =>
          this.state.has(message.tasks[i]!, message.attempts[i]!),
        )
        const absent = [...message.tasks].filter((_, i) => !found.includes(i))
        this.outbox.push({
          op: 'gathered',
          to: message.to,
          tasks: Int32Array.from(found, (i) => message.tasks[i]!),
          attempts: Int32Array.from(found, (i) => message.attempts[i]!),
          values: found.map((i) => this.values.get(message.tasks[i]!)!),
          bundles: [],
          absent: Int32Array.from(absent),
        })
        break
      }
      case 'relayed':
        this.land(message.holder, message, [...message.absent])
    }
  }

  /** Results come from another worker. */
  land(
    peer: number,
    found: Pick<Relayed, 'tasks' | 'attempts' | 'values'>,
    absent: readonly number[],
  ): void {
    const { tasks, attempts, values } = found
    tasks.forEach((task, i) => {
      if (!this.state.has(task, attempts[i]!)) this.values.set(task, values[i] as number)
    })
    const nbytes = [...tasks].map((task) => (task % 2) * 2000)
    this.handle({ kind: 'fetched', tasks, attempts, nbytes })
    if (absent.length > 0) this.handle({ kind: 'not-fetched', peer, tasks: absent })
  }
}

/** An engine, workers that come and die, and a client, with everything said in order but late. */
class Cluster {
  readonly random: () => number
  readonly engine: Engine
  readonly workers = new Map<number, SimulatedWorker>()
  readonly client: ClientLink
  readonly results = new Map<number, Map<number, number>>()
  readonly done = new Set<number>()
  readonly failed = new Map<number, unknown>()
  readonly errors: unknown[] = []
  chanceOfError = 0
  chanceOfCut = 0

  constructor(seed: number) {
    this.random = seeded(seed)
    this.engine = new Engine(
      { now: () => 0, log: (_what, error) => this.errors.push(error) },
      { allowedDeaths: 200 },
    )
    const { state } = this.engine
    const handle = state.handle.bind(state)
    state.handle = (event: SchedulerEvent) => {
      const messages = handle(event)
      validate(state)
      return messages
    }
    this.client = this.engine.addClient({ session: 'client', name: 'client' }, (message) =>
      this.hear(message),
    )
  }

  hear(message: SchedulerToClient): void {
    if (message.op === 'values') {
      const found = this.results.get(message.run)
      message.targets.forEach((target, i) => {
        found?.set(target, message.values[i] as number)
      })
    } else if (message.op === 'done') this.done.add(message.run)
    else if (message.op === 'failed') this.failed.set(message.run, message.failure)
  }

  join(): void {
    const worker = new SimulatedWorker(this, 1 + below(this.random, 3))
    this.workers.set(worker.link.worker, worker)
    this.engine.startWorker(worker.link)
  }

  kill(worker: SimulatedWorker): void {
    this.workers.delete(worker.link.worker)
    this.engine.removeWorker(worker.link, 'killed')
  }

  fetch(asking: SimulatedWorker, peer: number, tasks: number[], attempts: number[]): void {
    asking.answers.push(() => {
      const holder = this.workers.get(peer)
      if (holder === undefined) {
        // The scheduler will say so; a request to nobody is not answered.
        if (this.random() < 0.5) asking.handle({ kind: 'peer-left', peer })
        return
      }
      if (this.isCut(asking.link.worker, peer)) {
        asking.handle({ kind: 'peer-unreachable', peer })
        if (this.random() < 0.3) asking.handle({ kind: 'peer-tried-again', peer })
        return
      }
      const found = [...tasks.keys()].filter((i) => holder.state.has(tasks[i]!, attempts[i]!))
      const absent = tasks.filter((_, i) => !found.includes(i))
      asking.land(
        peer,
        {
          tasks: Int32Array.from(found, (i) => tasks[i]!),
          attempts: Int32Array.from(found, (i) => attempts[i]!),
          values: found.map((i) => holder.values.get(tasks[i]!)!),
        },
        absent,
      )
    })
  }

  /** Whether two workers cannot see each other; the scheduler sees them all. */
  isCut(a: number, b: number): boolean {
    return (
      this.chanceOfCut > 0 && seeded(Math.min(a, b) * 1000 + Math.max(a, b))() < this.chanceOfCut
    )
  }

  /** Lets something happen that is under way; false if nothing is. */
  step(): boolean {
    const choices: (() => void)[] = []
    for (const worker of this.workers.values()) {
      if (worker.inbox.length > 0) choices.push(() => worker.receive(worker.inbox.shift()!))
      if (worker.outbox.length > 0) {
        choices.push(() => this.engine.fromWorker(worker.link, worker.outbox.shift()!))
      }
      if (worker.jobs.length > 0) choices.push(() => worker.finish())
      if (worker.answers.length > 0) choices.push(() => worker.answers.shift()!())
    }
    if (choices.length === 0) return false
    choices[below(this.random, choices.length)]!()
    return true
  }
}

interface Problem {
  readonly submit: Submit
  readonly answer: Map<number, number>
}

function problem(random: () => number, run: number, contentNamed: boolean, name: string): Problem {
  const count = 1 + below(random, 40)
  const inputStart = [0]
  const inputs: number[] = []
  const values: number[] = []
  for (let task = 0; task < count; task++) {
    let value = 1
    for (let i = task === 0 ? 0 : below(random, 4); i > 0; i--) {
      const input = below(random, task)
      inputs.push(input)
      value += values[input]!
    }
    inputStart.push(inputs.length)
    values.push(value)
  }
  const targets = [...new Set([count - 1, below(random, count), below(random, count)])]
  const submit: Submit = {
    op: 'submit',
    run,
    recipeTokens: ['token'],
    recipes: [{ head: new Uint8Array(1), buffers: [], bundles: [] }],
    bundles: [],
    recipeOf: new Int32Array(count),
    inputStart: Int32Array.from(inputStart),
    inputs: Int32Array.from(inputs),
    ranks: Int32Array.from(values.keys()),
    targets: Int32Array.from(targets),
    params: values.map(() => 1),
    paramEnd: Int32Array.from(values, (_, i) => i + 1),
    keys: packTexts(count, (task) => `${name}-${task}`),
    contentNamed: contentNamed ? new Uint8Array(count).fill(1) : new Uint8Array(0),
    wantsProgress: random() < 0.3,
    externals: { runs: [], runOf: new Int32Array(0), places: new Int32Array(0) },
    demands: [],
    keeps: false,
    wanted: new Int32Array(0),
  }
  return { submit, answer: new Map(targets.map((task, place) => [place, values[task]!])) }
}

const seeds = Array.from({ length: 300 }, (_, seed) => seed)

function play(seed: number, chanceOfError: number, chanceOfCut = 0): void {
  const cluster = new Cluster(seed)
  cluster.chanceOfCut = chanceOfCut
  const { random, workers } = cluster
  const shared = seeded(seed + 1000)
  const twin = problem(shared, 0, true, 'twin')
  const open = new Map<number, Problem>()
  let runs = 0
  cluster.join()
  for (let event = 0; event < 800; event++) {
    const chance = random()
    const all = [...workers.values()]
    const someone = all[below(random, all.length)]
    if (chance < 0.03 && workers.size < 5) cluster.join()
    else if (chance < 0.045 && someone !== undefined) cluster.kill(someone)
    else if (chance < 0.055 && someone !== undefined) someone.loseThread()
    else if (chance < 0.09 && runs < 8) {
      cluster.chanceOfError = chanceOfError
      const run = runs++
      const next =
        random() < 0.5
          ? { ...twin, submit: { ...twin.submit, run } }
          : problem(random, run, false, `p${run}`)
      open.set(run, next)
      cluster.results.set(run, new Map())
      cluster.engine.submit(cluster.client, next.submit)
    } else if (chance < 0.095 && open.size > 0) {
      const run = [...open.keys()][below(random, open.size)]!
      open.delete(run)
      cluster.engine.cancelRun(cluster.client, run)
    } else cluster.step()
  }
  cluster.chanceOfError = 0
  while (workers.size < 2) cluster.join()
  for (let i = 0; i < 100_000 && cluster.step(); i++);
  expect(cluster.errors).toEqual([])
  for (const [run, { answer }] of open) {
    if (chanceOfError > 0 && cluster.failed.has(run)) continue
    expect(cluster.failed.get(run)).toBeUndefined()
    expect(cluster.done.has(run), `run ${run} is done`).toBe(true)
    expect(cluster.results.get(run)).toEqual(answer)
  }
  expect(cluster.engine.runs).toBe(0)
  expect(cluster.engine.state.isEmpty).toBe(true)
  for (const worker of workers.values()) {
    expect(worker.state.isEmpty, 'nothing is left at a worker').toBe(true)
    expect(worker.values.size).toBe(0)
  }
}

test.each(seeds)('workers and threads die, and every answer is right, seed %i', (seed) => {
  play(seed, 0)
})

test.each(seeds.slice(0, 150))('tasks fail, and other computations do not, seed %i', (seed) => {
  play(seed, 0.02)
})

test.each(seeds.slice(0, 100))('some workers never see each other, seed %i', (seed) => {
  play(seed, 0, 0.5)
})

test.each(seeds.slice(0, 50))('no two workers ever see each other, seed %i', (seed) => {
  play(seed, 0, 1)
})
