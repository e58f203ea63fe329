/**
 * The scheduler's state machine, the same for threads and for the cluster: events in, messages out,
 * `handle` the only mutator. It knows no sockets, clocks, promises or chance.
 *
 * A task is *needed* by the requests and the unfinished dependents that want its result. Need flows
 * from targets to inputs (`need`), and ends (`unneed`) when a dependent finishes or a request is
 * released; what nobody needs is freed or cancelled at once. A lost result is simply not in memory
 * any more: what needs it makes it needed again, and so on up to data that still exists.
 *
 * Handlers only change states and put ready tasks in queues; `dispatch` then fills the workers, once
 * an event. A worker has few tasks in hand: one an executor, and more only while their expected
 * durations stay within a budget, so that neither tiny tasks wait for messages nor long ones for
 * one another.
 */
import { invariant } from '../errors.js'
import type { RunFailure, SchedulerEvent, SchedulerMessage, Submission } from './events.js'
import { Outbox } from './outbox.js'
import { ANYWHERE, isBefore, ROOT, RootQueue, TaskHeap } from './task-queue.js'
import {
  ERRED,
  FORGOTTEN,
  MEMORY,
  PROCESSING,
  QUEUED,
  RELEASED,
  type TaskGroup,
  TaskTable,
  WAITING,
} from './task-table.js'

/** Figures that shape the scheduling. */
export interface SchedulerSettings {
  /** Milliseconds of expected work that a worker may have in hand for each of its executors. */
  readonly budget: number
  /** Most tasks that a worker may have in hand for each executor. */
  readonly maxInHand: number
  /** How many workers may die running a task before it is blamed. */
  readonly allowedDeaths: number
  /** Bytes a millisecond between workers, to weigh fetching against waiting; infinite for threads. */
  readonly bandwidth: number
}

interface WorkerState {
  readonly id: number
  readonly nthreads: number
  readonly queue: TaskHeap
  /** Tasks in `queue` that are still valid. */
  queued: number
  /** Tasks sent and not finished. */
  inHand: number
  /** The expected milliseconds of those. */
  cost: number
}

interface Run {
  readonly id: number
  readonly group: TaskGroup
  /** Slots. */
  readonly targets: Int32Array
  /** Targets that are not in memory. */
  remaining: number
  done: boolean
}

const defaults: SchedulerSettings = {
  budget: 8,
  maxInHand: 4096,
  allowedDeaths: 3,
  bandwidth: Number.POSITIVE_INFINITY,
}

export class SchedulerState {
  readonly tasks = new TaskTable()
  private readonly settings: SchedulerSettings
  private readonly workers: (WorkerState | undefined)[] = []
  private readonly runs = new Map<number, Run>()
  private readonly anywhere = new TaskHeap(this.tasks, ANYWHERE)
  private readonly roots = new RootQueue(this.tasks)
  /** Slots of tasks whose keys are made from content. */
  private readonly shared = new Map<string, number>()
  private readonly sharedKeys = new Map<number, string>()
  /** Dependents that belong to other groups than the task itself. */
  private readonly foreignDependents = new Map<number, number[]>()
  /** Workers that hold a result besides the first. */
  private readonly replicas = new Map<number, Set<number>>()
  /** Runs that want a slot's result. */
  private readonly wantedBy = new Map<number, Set<Run>>()
  /** For each recipe the smoothed milliseconds of its tasks; NaN before the first. */
  private readonly durations: number[] = []
  private readonly outbox = new Outbox()
  private queuedTasks = 0
  private nextRank = 0

  constructor(settings: Partial<SchedulerSettings> = {}) {
    this.settings = { ...defaults, ...settings }
  }

  /** Takes one event and gives what must be sent because of it. */
  handle(event: SchedulerEvent): SchedulerMessage[] {
    switch (event.kind) {
      case 'finished':
        this.onFinished(event)
        break
      case 'submit':
        this.onSubmit(event.submission)
        break
      case 'release':
        this.forgetRun(this.runs.get(event.run))
        break
      case 'erred':
        this.onErred(event.worker, event.task, event.attempt, event.error)
        break
      case 'worker-joined':
        this.onWorkerJoined(event.worker, event.nthreads)
        break
      case 'worker-left':
        this.onWorkerLeft(event.worker)
        break
      case 'missing':
        this.onMissing(event)
        break
      case 'replicated':
        this.onReplicated(event.worker, event.tasks)
        break
    }
    if (this.queuedTasks > 0) this.dispatch()
    return this.outbox.drain()
  }

  // What the shell may ask -------------------------------------------------------------------------

  /** The slots a task reads, in order. */
  inputsOf(slot: number): Int32Array {
    const group = this.tasks.group[slot]!
    const at = this.tasks.position[slot]!
    return group.inputs.subarray(group.inputStart[at]!, group.inputStart[at + 1]!)
  }

  /** The workers that hold a task's result. */
  holdersOf(slot: number): number[] {
    if (this.tasks.state[slot] !== MEMORY) return []
    const others = this.replicas.get(slot)
    const first = this.tasks.worker[slot]!
    return others === undefined ? [first] : [first, ...others]
  }

  /** The worker to fetch a result from: the one that asks if it has it, else the first that holds it. */
  holderFor(slot: number, asking: number): number {
    const first = this.tasks.worker[slot]!
    if (first === asking || this.replicas.size === 0) return first
    return this.replicas.get(slot)?.has(asking) ? asking : first
  }

  /** The slots that a run's targets are, in the order of its submission's `targets`. */
  targetsOf(run: number): Int32Array {
    return this.getRun(run).targets
  }

  /** Whether some request wants this task's own result. */
  isWanted(slot: number): boolean {
    return this.wantedBy.has(slot)
  }

  /** The runs that want this task's own result. */
  runsWanting(slot: number): number[] {
    return [...(this.wantedBy.get(slot) ?? [])].map((run) => run.id)
  }

  /** What the caller gave with the submission that brought this task. */
  originOf(slot: number): unknown {
    return this.tasks.group[slot]!.origin
  }

  /** Slots of a run's tasks, by position in its submission. */
  slotsOf(run: number): Int32Array {
    return this.getRun(run).group.slotOf
  }

  /** Whether a worker is there. */
  hasWorker(worker: number): boolean {
    return this.workers[worker] !== undefined
  }

  /** Whether no computation is known, and nothing of former ones is kept. */
  get isEmpty(): boolean {
    if (this.runs.size + this.shared.size + this.wantedBy.size > 0) return false
    if (this.replicas.size + this.foreignDependents.size + this.queuedTasks > 0) return false
    return this.tasks.state.every((state) => state === FORGOTTEN)
  }

  /** Checks the counters against a recount; for `validate`. */
  validateCounts(): void {
    const { tasks } = this
    let queued = 0
    const queuedAt = new Map<number, number>()
    const inHand = new Map<number, number>()
    for (let slot = 0; slot < tasks.high; slot++) {
      if (tasks.state[slot] === QUEUED) {
        queued++
        queuedAt.set(tasks.home[slot]!, (queuedAt.get(tasks.home[slot]!) ?? 0) + 1)
      } else if (tasks.state[slot] === PROCESSING) {
        inHand.set(tasks.worker[slot]!, (inHand.get(tasks.worker[slot]!) ?? 0) + 1)
      }
    }
    invariant(queued === this.queuedTasks, `${queued} tasks are queued, not ${this.queuedTasks}`)
    for (const worker of this.workers) {
      if (worker === undefined) continue
      const { id } = worker
      invariant(
        worker.queued === (queuedAt.get(id) ?? 0),
        `the queue of worker ${id} is miscounted`,
      )
      invariant(
        worker.inHand === (inHand.get(id) ?? 0),
        `what worker ${id} has in hand is miscounted`,
      )
    }
    for (const run of this.runs.values()) {
      const missing = run.targets.filter((slot) => tasks.state[slot] !== MEMORY).length
      invariant(missing === run.remaining, `run ${run.id} misses ${missing}, not ${run.remaining}`)
    }
  }

  // Submissions ------------------------------------------------------------------------------------

  private onSubmit(submission: Submission): void {
    invariant(!this.runs.has(submission.run), `run ${submission.run} is submitted twice`)
    const group = this.makeGroup(submission)
    const targets = Int32Array.from(submission.targets, (task) => group.slotOf[task]!)
    const run: Run = { id: submission.run, group, targets, remaining: 0, done: false }
    this.runs.set(run.id, run)
    const ready: number[] = []
    for (const target of targets) {
      let wanting = this.wantedBy.get(target)
      if (wanting === undefined) this.wantedBy.set(target, (wanting = new Set()))
      wanting.add(run)
      this.need(target, ready)
      if (this.tasks.state[target] !== MEMORY) run.remaining++
    }
    this.queueRoots(ready, submission.urgency ?? 0)
    if (run.remaining === 0) this.finishRun(run)
  }

  private makeGroup(submission: Submission): TaskGroup {
    const { tasks } = this
    const { count, recipeOf, ranks } = submission
    const slotOf = new Int32Array(count)
    const own: number[] = []
    const sharing = new Set<TaskGroup>()
    for (let task = 0; task < count; task++) {
      const key = submission.sharedKey?.(task)
      const known = key === undefined ? undefined : this.shared.get(key)
      if (known !== undefined) {
        slotOf[task] = known
        sharing.add(tasks.group[known]!)
        continue
      }
      const slot = tasks.allocate()
      slotOf[task] = slot
      own.push(slot)
      tasks.recipe[slot] = recipeOf[task]!
      tasks.position[slot] = task
      tasks.rank[slot] = this.nextRank + ranks[task]!
      tasks.urgency[slot] = submission.urgency ?? 0
      tasks.retries[slot] = submission.retries ?? 0
      if (key !== undefined) {
        this.shared.set(key, slot)
        this.sharedKeys.set(slot, key)
      }
    }
    this.nextRank += count
    const isOwn = own.length === count ? undefined : new Set(own)
    const group: TaskGroup = {
      slots: Int32Array.from(own),
      slotOf,
      ...this.linkTasks(submission, slotOf, isOwn),
      sharing: [...sharing],
      origin: submission.origin,
      users: 1,
    }
    for (const slot of own) tasks.group[slot] = group
    for (const other of sharing) other.users++
    return group
  }

  /** The edges as slots, both ways; edges to tasks of older groups are kept apart. */
  private linkTasks(
    { count, inputStart, inputs }: Submission,
    slotOf: Int32Array,
    isOwn: ReadonlySet<number> | undefined,
  ): Pick<TaskGroup, 'inputStart' | 'inputs' | 'dependentStart' | 'dependents'> {
    const slots = new Int32Array(inputs.length)
    const dependentStart = new Int32Array(count + 1)
    for (let task = 0; task < count; task++) {
      const dependent = slotOf[task]!
      const isOwnTask = isOwn === undefined || isOwn.has(dependent)
      for (let i = inputStart[task]!; i < inputStart[task + 1]!; i++) {
        const input = inputs[i]!
        const slot = slotOf[input]!
        slots[i] = slot
        if (!isOwnTask) continue
        if (isOwn === undefined || isOwn.has(slot)) dependentStart[input + 1]!++
        else this.addForeignDependent(slot, dependent)
      }
    }
    for (let task = 0; task < count; task++) dependentStart[task + 1]! += dependentStart[task]!
    const dependents = new Int32Array(dependentStart[count]!)
    const next = dependentStart.slice(0, count)
    for (let task = 0; task < count; task++) {
      const dependent = slotOf[task]!
      if (isOwn !== undefined && !isOwn.has(dependent)) continue
      for (let i = inputStart[task]!; i < inputStart[task + 1]!; i++) {
        const input = inputs[i]!
        if (isOwn === undefined || isOwn.has(slotOf[input]!)) dependents[next[input]!++] = dependent
      }
    }
    return { inputStart: Int32Array.from(inputStart), inputs: slots, dependentStart, dependents }
  }

  private addForeignDependent(slot: number, dependent: number): void {
    const list = this.foreignDependents.get(slot)
    if (list === undefined) this.foreignDependents.set(slot, [dependent])
    else list.push(dependent)
  }

  private finishRun(run: Run): void {
    run.done = true
    this.outbox.add({ kind: 'run-done', run: run.id })
  }

  private failRun(run: Run, failure: RunFailure): void {
    this.outbox.add({ kind: 'run-failed', run: run.id, failure })
    this.forgetRun(run)
  }

  private forgetRun(run: Run | undefined): void {
    if (run === undefined) return
    this.runs.delete(run.id)
    for (const target of run.targets) {
      const wanting = this.wantedBy.get(target)!
      wanting.delete(run)
      if (wanting.size === 0) this.wantedBy.delete(target)
      this.unneed(target)
    }
    this.leaveGroup(run.group)
  }

  private leaveGroup(group: TaskGroup): void {
    if (--group.users > 0) return
    this.forgetTasks(group)
    if (group.origin !== undefined) this.outbox.add({ kind: 'forgotten', origin: group.origin })
    for (const other of group.sharing) this.leaveGroup(other)
  }

  private forgetTasks(group: TaskGroup): void {
    const { tasks } = this
    for (const slot of group.slots) {
      const key = this.sharedKeys.get(slot)
      if (key !== undefined) {
        this.shared.delete(key)
        this.sharedKeys.delete(slot)
      }
      this.foreignDependents.delete(slot)
      tasks.forget(slot)
    }
    if (this.foreignDependents.size === 0) return
    const gone = new Set(group.slots)
    for (const [slot, list] of this.foreignDependents) {
      const left = list.filter((dependent) => !gone.has(dependent))
      if (left.length === 0) this.foreignDependents.delete(slot)
      else this.foreignDependents.set(slot, left)
    }
  }

  // Need -------------------------------------------------------------------------------------------

  /** One more needs this result: it, and what it takes to make it, become wanted. */
  private need(root: number, ready: number[]): void {
    const { tasks } = this
    const stack = [root]
    for (let slot = stack.pop(); slot !== undefined; slot = stack.pop()) {
      if (tasks.neededBy[slot]!++ > 0) continue
      if (tasks.state[slot] === RELEASED || tasks.state[slot] === ERRED) {
        this.activate(slot, stack, ready)
      }
    }
  }

  /** Makes a released task wait for its inputs, which it puts on the stack of what becomes needed. */
  private activate(slot: number, stack: number[], ready: number[]): void {
    const { tasks } = this
    const group = tasks.group[slot]!
    const at = tasks.position[slot]!
    const start = group.inputStart[at]!
    let waitingOn = 0
    for (let i = group.inputStart[at + 1]! - 1; i >= start; i--) {
      const input = group.inputs[i]!
      if (tasks.state[input] !== MEMORY) waitingOn++
      stack.push(input)
    }
    tasks.waitingOn[slot] = waitingOn
    tasks.state[slot] = WAITING
    if (waitingOn === 0) ready.push(slot)
  }

  /** One fewer needs this result: what nobody needs is freed, taken from its queue, or cancelled. */
  private unneed(root: number): void {
    const { tasks } = this
    if (--tasks.neededBy[root]! > 0) return
    if (tasks.state[root] === MEMORY) {
      this.freeEverywhere(root)
      return
    }
    const stack = [root]
    for (let slot = stack.pop(); slot !== undefined; slot = stack.pop()) {
      const state = tasks.state[slot]
      if (state === MEMORY) {
        this.freeEverywhere(slot)
        continue
      }
      if (state === RELEASED || state === ERRED) continue
      if (state === QUEUED) this.unqueue(slot)
      if (state === PROCESSING) {
        const worker = tasks.worker[slot]!
        this.outbox.cancel(worker, slot)
        this.takeFromHand(slot)
      }
      tasks.state[slot] = RELEASED
      for (const input of this.inputsOf(slot)) {
        if (--tasks.neededBy[input]! === 0) stack.push(input)
      }
    }
  }

  private freeEverywhere(slot: number): void {
    const { tasks } = this
    this.outbox.free(tasks.worker[slot]!, slot)
    const others = this.replicas.get(slot)
    if (others !== undefined) {
      for (const worker of others) this.outbox.free(worker, slot)
      this.replicas.delete(slot)
    }
    tasks.state[slot] = RELEASED
    tasks.worker[slot] = -1
  }

  // Results ----------------------------------------------------------------------------------------

  private onFinished(event: Extract<SchedulerEvent, { kind: 'finished' }>): void {
    const { tasks } = this
    for (let i = 0; i < event.tasks.length; i++) {
      const slot = event.tasks[i]!
      // A late word about a task that was cancelled or given to another worker changes nothing.
      if (!this.isCurrent(event.worker, slot, event.attempts[i]!)) continue
      this.takeFromHand(slot)
      this.learnDuration(tasks.recipe[slot]!, event.durations[i]!)
      tasks.state[slot] = MEMORY
      tasks.worker[slot] = event.worker
      tasks.nbytes[slot] = event.nbytes[i]!
      this.announce(slot)
      const group = tasks.group[slot]!
      const at = tasks.position[slot]!
      const end = group.inputStart[at + 1]!
      for (let k = group.inputStart[at]!; k < end; k++) this.unneed(group.inputs[k]!)
    }
  }

  /** Tells dependents and requests that a result is in memory now. */
  private announce(slot: number): void {
    const { tasks } = this
    const group = tasks.group[slot]!
    const at = tasks.position[slot]!
    for (let d = group.dependentStart[at]!; d < group.dependentStart[at + 1]!; d++) {
      this.countDown(group.dependents[d]!)
    }
    if (this.foreignDependents.size > 0) {
      for (const dependent of this.foreignDependents.get(slot) ?? []) this.countDown(dependent)
    }
    const wanting = this.wantedBy.get(slot)
    if (wanting === undefined) return
    for (const run of wanting) if (--run.remaining === 0 && !run.done) this.finishRun(run)
  }

  private countDown(dependent: number): void {
    const { tasks } = this
    if (tasks.state[dependent] !== WAITING) return
    if (--tasks.waitingOn[dependent]! === 0) this.queue(dependent)
  }

  private isCurrent(worker: number, slot: number, attempt: number): boolean {
    const { tasks } = this
    return (
      tasks.state[slot] === PROCESSING &&
      tasks.worker[slot] === worker &&
      tasks.attempt[slot] === attempt
    )
  }

  private takeFromHand(slot: number): void {
    const worker = this.workers[this.tasks.worker[slot]!]
    if (worker === undefined) return
    worker.inHand--
    worker.cost = worker.inHand === 0 ? 0 : worker.cost - this.tasks.cost[slot]!
  }

  private learnDuration(recipe: number, duration: number): void {
    const known = this.durations[recipe]
    this.durations[recipe] = known === undefined ? duration : known + (duration - known) * 0.2
  }

  // Failures ---------------------------------------------------------------------------------------

  private onErred(worker: number, slot: number, attempt: number, error: unknown): void {
    const { tasks } = this
    if (!this.isCurrent(worker, slot, attempt)) return
    this.takeFromHand(slot)
    if (tasks.retries[slot]! > 0) {
      tasks.retries[slot]!--
      this.queue(slot)
      return
    }
    this.fail(slot, (task) => ({ kind: 'erred', task, error }))
  }

  /** Ends every run that needs a task which cannot be done. */
  private fail(slot: number, failure: (task: number) => RunFailure): void {
    const { tasks } = this
    tasks.state[slot] = ERRED
    tasks.worker[slot] = -1
    for (const input of this.inputsOf(slot)) this.unneed(input)
    for (const run of this.runsAbove(slot)) {
      const own = tasks.group[slot] === run.group
      this.failRun(run, failure(own ? tasks.position[slot]! : run.group.slotOf.indexOf(slot)))
    }
  }

  private runsAbove(slot: number): Set<Run> {
    const { tasks } = this
    const found = new Set<Run>()
    const seen = new Set<number>([slot])
    for (const at of seen) {
      for (const run of this.wantedBy.get(at) ?? []) found.add(run)
      const group = tasks.group[at]!
      const position = tasks.position[at]!
      const start = group.dependentStart[position]!
      const end = group.dependentStart[position + 1]!
      for (let d = start; d < end; d++) {
        const dependent = group.dependents[d]!
        if (tasks.neededBy[dependent]! > 0) seen.add(dependent)
      }
      for (const dependent of this.foreignDependents.get(at) ?? []) {
        if (tasks.neededBy[dependent]! > 0) seen.add(dependent)
      }
    }
    return found
  }

  private onMissing(event: Extract<SchedulerEvent, { kind: 'missing' }>): void {
    const { tasks } = this
    const slot = event.task
    const lost: number[] = []
    event.inputs.forEach((input, i) => {
      if (this.dropReplica(input, event.holders[i]!)) lost.push(input)
    })
    if (this.isCurrent(event.worker, slot, event.attempt)) {
      this.takeFromHand(slot)
      tasks.state[slot] = WAITING
      tasks.worker[slot] = -1
    }
    this.recover(lost)
  }

  /** Removes a worker from a result's holders; true if that was the last one. */
  private dropReplica(slot: number, worker: number): boolean {
    const { tasks } = this
    if (tasks.state[slot] !== MEMORY) return false
    const others = this.replicas.get(slot)
    if (others?.delete(worker)) {
      if (others.size === 0) this.replicas.delete(slot)
      return false
    }
    if (tasks.worker[slot] !== worker) return false
    const [next] = others ?? []
    if (next !== undefined) {
      tasks.worker[slot] = next
      others!.delete(next)
      if (others!.size === 0) this.replicas.delete(slot)
      return false
    }
    tasks.state[slot] = RELEASED
    tasks.worker[slot] = -1
    return true
  }

  private onReplicated(worker: number, slots: ArrayLike<number>): void {
    const { tasks } = this
    for (let i = 0; i < slots.length; i++) {
      const slot = slots[i]!
      if (tasks.state[slot] !== MEMORY) {
        this.outbox.free(worker, slot)
        continue
      }
      if (tasks.worker[slot] === worker) continue
      const others = this.replicas.get(slot)
      if (others === undefined) this.replicas.set(slot, new Set([worker]))
      else others.add(worker)
    }
  }

  // Workers ----------------------------------------------------------------------------------------

  private onWorkerJoined(id: number, nthreads: number): void {
    invariant(this.workers[id] === undefined, `worker ${id} joins twice`)
    const queue = new TaskHeap(this.tasks, id)
    this.workers[id] = { id, nthreads, queue, queued: 0, inHand: 0, cost: 0 }
  }

  private onWorkerLeft(id: number): void {
    const { tasks } = this
    const gone = this.workers[id]
    if (gone === undefined) return
    this.workers[id] = undefined
    this.outbox.forget(id)
    const lost: number[] = []
    const blamed: number[] = []
    for (let slot = 0; slot < tasks.high; slot++) {
      const state = tasks.state[slot]
      if (state === MEMORY) {
        if (this.dropReplica(slot, id)) lost.push(slot)
      } else if (state === PROCESSING && tasks.worker[slot] === id) {
        tasks.state[slot] = WAITING
        tasks.worker[slot] = -1
        if (++tasks.deaths[slot]! >= this.settings.allowedDeaths) blamed.push(slot)
      } else if (state === QUEUED && tasks.home[slot] === id) {
        this.queuedTasks--
        tasks.state[slot] = WAITING
      }
    }
    this.recover(lost)
    for (const slot of blamed) {
      const deaths = tasks.deaths[slot]!
      if (tasks.state[slot] !== QUEUED && tasks.state[slot] !== WAITING) continue
      if (tasks.state[slot] === QUEUED) this.unqueue(slot)
      this.fail(slot, (task) => ({ kind: 'killed-workers', task, deaths }))
    }
  }

  /** Makes lost results wanted again by who needs them, and counts anew what every task waits for. */
  private recover(lost: readonly number[]): void {
    const { tasks } = this
    const ready: number[] = []
    const stack: number[] = []
    for (const slot of lost) {
      for (const run of this.wantedBy.get(slot) ?? []) {
        run.remaining++
        run.done = false
      }
      if (tasks.neededBy[slot]! > 0 && tasks.state[slot] === RELEASED)
        this.activate(slot, stack, ready)
    }
    for (let slot = stack.pop(); slot !== undefined; slot = stack.pop()) {
      if (tasks.neededBy[slot]!++ > 0) continue
      if (tasks.state[slot] === RELEASED) this.activate(slot, stack, ready)
    }
    for (let slot = 0; slot < tasks.high; slot++) {
      const state = tasks.state[slot]
      if (state !== WAITING && state !== QUEUED) continue
      let waitingOn = 0
      for (const input of this.inputsOf(slot)) if (tasks.state[input] !== MEMORY) waitingOn++
      tasks.waitingOn[slot] = waitingOn
      if (state === QUEUED && waitingOn > 0) {
        this.unqueue(slot)
        tasks.state[slot] = WAITING
      } else if (state === WAITING && waitingOn === 0) this.queue(slot)
    }
  }

  // Queues -----------------------------------------------------------------------------------------

  private queueRoots(ready: number[], urgency: number): void {
    const { tasks } = this
    ready.sort((a, b) => tasks.rank[a]! - tasks.rank[b]!)
    for (const slot of ready) {
      tasks.state[slot] = QUEUED
      tasks.home[slot] = ROOT
    }
    this.queuedTasks += ready.length
    this.roots.add(urgency, ready)
  }

  /** Puts a task in the queue of the worker that holds most of its input, or in everybody's. */
  private queue(slot: number): void {
    const { tasks } = this
    const holder = this.bestHolder(slot)
    const worker = holder < 0 ? undefined : this.workers[holder]
    tasks.state[slot] = QUEUED
    tasks.worker[slot] = -1
    tasks.home[slot] = worker?.id ?? ANYWHERE
    this.queuedTasks++
    if (worker === undefined) this.anywhere.push(slot)
    else {
      worker.queue.push(slot)
      worker.queued++
    }
  }

  private unqueue(slot: number): void {
    this.queuedTasks--
    const home = this.tasks.home[slot]!
    if (home >= 0) this.workers[home]!.queued--
  }

  private bestHolder(slot: number): number {
    const { tasks } = this
    const inputs = this.inputsOf(slot)
    if (inputs.length === 0) return -1
    if (inputs.length === 1) return tasks.worker[inputs[0]!]!
    const bytes = new Map<number, number>()
    let best = -1
    let most = -1
    for (const input of inputs) {
      const holder = tasks.worker[input]!
      const sum = (bytes.get(holder) ?? 0) + tasks.nbytes[input]! + 1
      bytes.set(holder, sum)
      if (sum > most) {
        most = sum
        best = holder
      }
    }
    return best
  }

  // Placement --------------------------------------------------------------------------------------

  /** Gives queued tasks to workers that have room, in turns, until none is left of either. */
  private dispatch(): void {
    const open = this.workers.filter((worker) => worker !== undefined && this.hasRoom(worker))
    while (open.length > 0 && this.queuedTasks > 0) {
      let left = 0
      for (const worker of open as WorkerState[]) {
        const slot = this.queuedTasks === 0 ? -1 : this.takeNext(worker)
        if (slot < 0) continue
        this.assign(slot, worker)
        if (this.hasRoom(worker)) open[left++] = worker
      }
      open.length = left
    }
  }

  private hasRoom(worker: WorkerState): boolean {
    const { budget, maxInHand } = this.settings
    const { inHand, nthreads, cost } = worker
    return inHand < nthreads || (cost < budget * nthreads && inHand < maxInHand * nthreads)
  }

  private takeNext(worker: WorkerState): number {
    const { tasks, anywhere, roots } = this
    const own = worker.queued > 0 ? worker.queue.peek() : -1
    const any = anywhere.peek()
    let best = own
    if (any >= 0 && (best < 0 || isBefore(tasks, any, best))) best = any
    const root = roots.peek()
    // A root starts only when nothing else is ready, unless it is more urgent: results in memory are
    // to be used before new ones are made.
    if (best >= 0 && (root < 0 || tasks.urgency[root]! <= tasks.urgency[best]!)) {
      ;(best === own ? worker.queue : anywhere).removeFirst()
      return best
    }
    const stolen = this.steal(worker)
    if (stolen >= 0) return stolen
    if (root >= 0) roots.removeFirst()
    return root
  }

  /** A task from the longest queue of another worker, if fetching its input is sooner than its turn. */
  private steal(thief: WorkerState): number {
    let victim: WorkerState | undefined
    for (const worker of this.workers) {
      if (worker === undefined || worker === thief || worker.queued === 0) continue
      if (this.hasRoom(worker)) continue
      if (victim === undefined || worker.queued > victim.queued) victim = worker
    }
    if (victim === undefined) return -1
    const slot = victim.queue.peek()
    if (slot < 0) return -1
    let bytes = 0
    for (const input of this.inputsOf(slot)) bytes += this.tasks.nbytes[input]!
    const fetching = bytes / this.settings.bandwidth
    const turn = (victim.cost + victim.queued * this.expected(slot)) / victim.nthreads
    if (fetching > turn) return -1
    victim.queue.removeFirst()
    return slot
  }

  private assign(slot: number, worker: WorkerState): void {
    const { tasks } = this
    this.unqueue(slot)
    const cost = this.expected(slot)
    tasks.state[slot] = PROCESSING
    tasks.worker[slot] = worker.id
    tasks.cost[slot] = cost
    tasks.attempt[slot]!++
    worker.inHand++
    worker.cost += cost
    this.outbox.compute(worker.id, slot)
  }

  /** The milliseconds a task should take; of a recipe not seen yet, as long as the whole budget. */
  private expected(slot: number): number {
    return this.durations[this.tasks.recipe[slot]!] ?? this.settings.budget
  }

  private getRun(id: number): Run {
    const run = this.runs.get(id)
    invariant(run !== undefined, `run ${id} is not known`)
    return run
  }
}
