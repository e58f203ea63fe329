/**
 * Seeded simulations of an engine with workers and a client: messages are delivered in order but late, tasks,
 * threads, workers and disks fail, and every result must be right.
 */
import { expect, test } from 'vitest'
import type {
  Compute,
  RelayReply,
  SchedulerToClient,
  SchedulerToWorker,
  Submit,
} from '../../../../distributed/protocol/index.js'
import { packStrings } from '../../../../distributed/protocol/packed-strings.js'
import { Engine } from '../../../../distributed/scheduler/engine/engine.js'
import { validateEngine } from '../../../../distributed/scheduler/engine/validate-engine.js'
import type { WorkerSessionMessage } from '../../../../distributed/scheduler/engine/worker-messages.js'
import type { RemoteClient } from '../../../../distributed/scheduler/peers/clients.js'
import type { RemoteWorker } from '../../../../distributed/scheduler/peers/workers.js'
import {
  type MemoryThresholds,
  noMemoryLimit,
} from '../../../../distributed/worker/state/memory-state.js'
import { validateColumns } from '../../../../distributed/worker/state/validate-columns.js'
import type {
  WorkerEvent,
  WorkerInstruction,
} from '../../../../distributed/worker/state/worker-events.js'
import { WorkerState } from '../../../../distributed/worker/state/worker-state.js'
import { below, seeded } from '../../../support/random.js'

interface Job {
  readonly thread: number
  readonly task: number
  readonly attempt: number
  readonly inputs: readonly number[]
  /** The values of the inputs that the worker held when the task was passed to the thread. */
  readonly found: readonly (number | undefined)[]
  readonly own: number
}

/** A worker process: the real state machine, with simulated threads, storage and connections. */
class SimulatedWorker {
  readonly state: WorkerState<Compute>
  readonly values = new Map<number, number>()
  /** Results on disk, some of them also in memory. */
  readonly disk = new Map<number, number>()
  readonly writes: { task: number; write: number }[] = []
  readonly inbox: SchedulerToWorker[] = []
  readonly outbox: WorkerSessionMessage[] = []
  readonly answers: (() => void)[] = []
  readonly jobs: Job[] = []
  readonly deliver = new Set<number>()
  /** Tasks whose inputs could once not be read. */
  readonly unreadable = new Set<number>()
  readonly cluster: Cluster
  readonly link: RemoteWorker
  nextThread = 0

  constructor(cluster: Cluster, nthreads: number) {
    this.cluster = cluster
    this.state = new WorkerState<Compute>({ replicateFrom: 1000, memory: cluster.marks })
    this.link = cluster.engine.addWorker(
      {
        op: 'hello',
        versions: { protocol: 1, skein: '', node: '' },
        nonce: '',
        secret: '',
        pid: 1,
        hostname: '',
        nthreads,
        address: 'somewhere',
        name: '',
        includeKeys: false,
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
    validateColumns(this.state.columns)
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
        for (const task of instruction.tasks) {
          this.values.delete(task)
          this.disk.delete(task)
        }
        break
      case 'spill':
        instruction.tasks.forEach((task, i) => {
          this.writes.push({ task, write: instruction.writes[i]! })
        })
        break
      case 'unload':
        for (const task of instruction.tasks) {
          expect(this.disk.has(task), 'what leaves memory is on disk').toBe(true)
          this.values.delete(task)
        }
        break
      case 'surplus': {
        const tasks = Int32Array.from(instruction.tasks)
        const attempts = tasks.map((task) => this.state.columns.version[task]!)
        this.outbox.push({ op: 'excess-replicas', tasks, attempts })
        break
      }
      case 'report-memory': {
        const { stored, functions, peak, spilled, isPaused } = this.state.memory
        this.outbox.push({ op: 'memory', stored, functions, peak, spilled, isPaused })
        break
      }
      case 'cancel-on-thread':
        instruction.tasks.forEach((task, i) => {
          const at = this.jobs.findIndex(
            (job) => job.task === task && job.attempt === instruction.attempts[i],
          )
          // A running task is not stopped: its late report must change nothing.
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
      case 'threads-lost': {
        const { task, attempt } = instruction
        this.outbox.push({
          op: 'erred',
          task,
          attempt,
          step: 0,
          error: 'threads-lost',
          bundles: [],
        })
      }
    }
  }

  run(thread: number, task: number): void {
    const work = this.state.columns.assignment[task]!
    const at = this.state.columns.position[task]!
    const attempt = work.attempts[at]!
    const inputs = work.inputs.subarray(at === 0 ? 0 : work.inputEnd[at - 1]!, work.inputEnd[at]!)
    const isBehind = this.state.columns.missing[task]! > 0
    for (const input of inputs) {
      // A missing input is computed by an earlier task of the thread, unless that one was not started.
      const isMade = this.jobs.some((job) => job.thread === thread && job.task === input)
      if (isBehind && (isMade || this.unreadable.has(input))) continue
      if (!this.values.has(input) && this.cluster.random() < this.cluster.chanceOfLoss) {
        this.unreadable.add(task)
        this.answers.push(() => this.handle({ kind: 'unreadable', task, attempt, input }))
        return
      }
      const value = this.valueOf(input)
      expect(value, 'an input of a task that runs is here').toBeDefined()
      this.values.set(input, value!)
    }
    const found = [...inputs].map((input) => this.valueOf(input))
    const own = work.params[at] as number
    this.jobs.push({ thread, task, attempt, inputs: [...inputs], found, own })
  }

  valueOf(task: number): number | undefined {
    return this.values.get(task) ?? this.disk.get(task)
  }

  /** Ends a write to disk, with success or not. */
  write(): void {
    const [{ task, write }] = this.writes.splice(0, 1) as [{ task: number; write: number }]
    const value = this.values.get(task)
    if (this.cluster.random() < this.cluster.chanceOfLoss || value === undefined) {
      this.handle({ kind: 'spilled', task, write, fault: 'no room on disk' })
      return
    }
    this.disk.set(task, value)
    this.handle({ kind: 'spilled', task, write })
  }

  /** Measures the memory of the process. */
  measure(processBytes: number): void {
    this.handle({ kind: 'memory-measured', processBytes })
    const { stored, functions, peak, spilled, isPaused } = this.state.memory
    this.outbox.push({ op: 'memory', stored, functions, peak, spilled, isPaused })
  }

  /** Finishes the first task of a thread. */
  finish(): void {
    const heads = [...new Map(this.jobs.toReversed().map((job) => [job.thread, job])).values()]
    const job = heads[below(this.cluster.random, heads.length)]!
    this.jobs.splice(this.jobs.indexOf(job), 1)
    const { thread, task, attempt, own, inputs } = job
    if (!this.state.isRunning(task, attempt)) return
    let value = own
    for (const [i, input] of inputs.entries()) {
      const known = job.found[i] ?? this.values.get(input)
      // An earlier task failed: this one will be cancelled.
      if (known === undefined) return
      value += known
    }
    if (this.cluster.random() < this.cluster.chanceOfError) {
      this.outbox.push({ op: 'erred', task, attempt, step: 0, error: 'bad luck', bundles: [] })
      this.handle({ kind: 'failed', thread, task, attempt })
      return
    }
    this.values.set(task, value)
    this.disk.delete(task)
    const nbytes = Float64Array.of(below(this.cluster.random, 2000))
    const isWanted = this.deliver.delete(task)
    this.outbox.push({
      op: 'finished',
      tasks: Int32Array.of(task),
      attempts: Int32Array.of(attempt),
      nbytes,
      durations: Float32Array.of(this.cluster.random() * 4),
      delivered: isWanted ? Int32Array.of(0) : new Int32Array(0),
      values: isWanted ? [value] : [],
      bundles: [],
    })
    this.handle({ kind: 'executed', thread, tasks: [task], attempts: [attempt], nbytes })
  }

  /** Ends a thread and starts another. */
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
        this.handle({ kind: 'compute', assignment: message })
        break
      case 'free':
      case 'cancel':
        this.handle({ kind: message.op, tasks: message.tasks, attempts: message.attempts })
        break
      case 'peer-update':
        for (const peer of message.left) this.handle({ kind: 'peer-left', peer })
        break
      case 'gather': {
        const found = [...message.tasks.keys()].filter((i) =>
          this.state.has(message.tasks[i]!, message.attempts[i]!),
        )
        const absent = [...message.tasks].filter((_, i) => !found.includes(i))
        this.outbox.push({
          op: 'gather-reply',
          to: message.to,
          tasks: Int32Array.from(found, (i) => message.tasks[i]!),
          attempts: Int32Array.from(found, (i) => message.attempts[i]!),
          values: found.map((i) => this.valueOf(message.tasks[i]!)!),
          bundles: [],
          absent: Int32Array.from(absent),
        })
        break
      }
      case 'relay-reply':
        this.land(message.holder, message, [...message.absent])
    }
  }

  /** Delivers results of another worker. */
  land(
    peer: number,
    found: Pick<RelayReply, 'tasks' | 'attempts' | 'values'>,
    absent: readonly number[],
  ): void {
    const { tasks, attempts, values } = found
    tasks.forEach((task, i) => {
      if (this.state.has(task, attempts[i]!)) return
      this.values.set(task, values[i] as number)
      this.disk.delete(task)
    })
    const nbytes = [...tasks].map((task) => (task % 2) * 2000)
    this.handle({ kind: 'fetched', tasks, attempts, nbytes })
    if (absent.length > 0) this.handle({ kind: 'not-fetched', peer, tasks: absent })
  }
}

/** An engine, workers that join and are lost, and a client. Messages are delivered in order, but late. */
class Cluster {
  readonly random: () => number
  readonly engine: Engine
  readonly workers = new Map<number, SimulatedWorker>()
  readonly client: RemoteClient
  readonly results = new Map<number, Map<number, number>>()
  readonly done = new Set<number>()
  /** Runs whose end was reported to the client and not confirmed. */
  readonly ended: number[] = []
  readonly failed = new Map<number, unknown>()
  readonly errors: unknown[] = []
  chanceOfError = 0
  chanceOfCut = 0
  /** The probability that a write to disk or a read fails. */
  chanceOfLoss = 0
  readonly marks: MemoryThresholds

  constructor(seed: number, marks: MemoryThresholds) {
    this.marks = marks
    this.random = seeded(seed)
    const validate = {
      check: validateEngine,
      onViolation: (error: unknown) => this.errors.push(error),
    }
    this.engine = new Engine(
      { now: () => 0, log: (_what, error) => this.errors.push(error), validate },
      { allowedFailures: 200 },
    )
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
    } else if (message.op === 'done') {
      this.done.add(message.run)
      this.ended.push(message.run)
    } else if (message.op === 'failed') this.failed.set(message.run, message.failure)
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
        // The scheduler will report the loss; a request to a lost worker is not answered.
        if (this.random() < 0.5) asking.handle({ kind: 'peer-left', peer })
        return
      }
      if (this.isCut(asking.link.worker, peer)) {
        asking.handle({ kind: 'peer-unreachable', peer })
        if (this.random() < 0.3) asking.handle({ kind: 'peer-retried', peer })
        return
      }
      const found = [...tasks.keys()].filter((i) => holder.state.has(tasks[i]!, attempts[i]!))
      const absent = tasks.filter((_, i) => !found.includes(i))
      asking.land(
        peer,
        {
          tasks: Int32Array.from(found, (i) => tasks[i]!),
          attempts: Int32Array.from(found, (i) => attempts[i]!),
          values: found.map((i) => holder.valueOf(tasks[i]!)!),
        },
        absent,
      )
    })
  }

  /** Whether two workers cannot reach each other; the scheduler reaches all. */
  isCut(a: number, b: number): boolean {
    return (
      this.chanceOfCut > 0 && seeded(Math.min(a, b) * 1000 + Math.max(a, b))() < this.chanceOfCut
    )
  }

  /** Lets one pending thing happen. Returns false if nothing is pending. */
  step(): boolean {
    const choices: (() => void)[] = []
    for (const worker of this.workers.values()) {
      if (worker.inbox.length > 0) choices.push(() => worker.receive(worker.inbox.shift()!))
      if (worker.outbox.length > 0) {
        choices.push(() => this.engine.fromWorker(worker.link, worker.outbox.shift()!))
      }
      if (worker.writes.length > 0) choices.push(() => worker.write())
      if (worker.jobs.length > 0) choices.push(() => worker.finish())
      if (worker.answers.length > 0) choices.push(() => worker.answers.shift()!())
    }
    if (this.ended.length > 0) {
      choices.push(() => this.engine.cancelRun(this.client, this.ended.shift()!))
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
    keys: packStrings(count, (task) => `${name}-${task}`),
    layers: [],
    contentNamed: contentNamed ? new Uint8Array(count).fill(1) : new Uint8Array(0),
    reportProgress: random() < 0.3,
    externals: { runs: [], runOf: new Int32Array(0), targets: new Int32Array(0) },
    annotations: [],
    holdTargets: false,
    deliver: new Int32Array(0),
  }
  return { submit, answer: new Map(targets.map((task, place) => [place, values[task]!])) }
}

/** `npm test` runs a sixth of the seeds; `npm run test:simulation` runs all. */
const count = process.env.SKEIN_SEEDS === undefined ? 48 : 288
const seeds = Array.from({ length: count }, (_, seed) => seed)
const part = (share: number) => seeds.slice(0, count * share)

interface Conditions {
  readonly chanceOfError?: number
  readonly chanceOfCut?: number
  readonly chanceOfLoss?: number
  readonly marks?: MemoryThresholds
  /** The maximum memory of the processes; if it is above the limit, it stays so to the end. */
  readonly processBytes?: number
}

function play(seed: number, conditions: Conditions = {}): void {
  const { chanceOfError = 0, chanceOfCut = 0, chanceOfLoss = 0, processBytes = 0 } = conditions
  const cluster = new Cluster(seed, conditions.marks ?? noMemoryLimit)
  const hasLimit = conditions.marks !== undefined
  cluster.chanceOfCut = chanceOfCut
  cluster.chanceOfLoss = chanceOfLoss
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
    } else if (hasLimit && chance < 0.2 && someone !== undefined) {
      someone.measure(below(random, processBytes + 1))
    } else cluster.step()
  }
  cluster.chanceOfError = 0
  while (workers.size < 3) cluster.join()
  // The last part runs without failures, which would hide stuck tasks.
  for (let last = 0; last < 3; last++) {
    const run = runs++
    const next = problem(random, run, false, `last${run}`)
    open.set(run, next)
    cluster.results.set(run, new Map())
    cluster.engine.submit(cluster.client, next.submit)
  }
  for (let i = 0; i < 100_000 && cluster.step(); i++);
  // Time passes, although nothing is pending.
  for (let second = 0; hasLimit && second < 500 && cluster.engine.runs > 0; second++) {
    for (const worker of workers.values()) worker.measure(processBytes)
    for (let i = 0; i < 100_000 && cluster.step(); i++);
  }
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
    expect(worker.disk.size).toBe(0)
    expect([worker.state.memory.stored, worker.state.memory.spilled]).toEqual([0, 0])
  }
}

test.each(seeds)('every result is right although workers and threads are lost, seed %i', (seed) => {
  play(seed)
})

test.each(part(1 / 2))('failed tasks do not affect other computations, seed %i', (seed) => {
  play(seed, { chanceOfError: 0.02 })
})

test.each(part(1 / 3))('some workers cannot reach each other, seed %i', (seed) => {
  play(seed, { chanceOfCut: 0.5 })
})

test.each(part(1 / 6))('no two workers can reach each other, seed %i', (seed) => {
  play(seed, { chanceOfCut: 1 })
})

/** Four or five results fill a worker's memory. */
const tight: MemoryThresholds = { limit: 5000, target: 3000, spill: 3500, pause: 4000 }

test.each(part(2 / 3))('workers have little memory, seed %i', (seed) => {
  play(seed, { marks: tight })
})

test.each(part(1 / 3))('workers have little memory, and their disks fail, seed %i', (seed) => {
  play(seed, { marks: tight, chanceOfLoss: 0.2 })
})

test.each(part(1 / 3))(
  'processes are always above their memory limits, and go on, seed %i',
  (seed) => {
    play(seed, { marks: tight, processBytes: 10_000, chanceOfCut: 0.3 })
  },
)

test.each(part(1 / 6))('no result fits in memory, seed %i', (seed) => {
  play(seed, { marks: { limit: 100, target: 60, spill: 70, pause: 80 }, chanceOfLoss: 0.5 })
})
