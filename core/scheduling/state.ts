/**
 * The scheduler's state machine, the same for threads and for the cluster: events in, messages out,
 * `handle` the only mutator. It knows no sockets, clocks, promises or chance.
 *
 * A task is *needed* by the requests and the unfinished dependents that want its result. Need flows
 * from targets to inputs (`need`), and ends (`unneed`) when a dependent finishes or a request is
 * released; what nobody needs is freed or cancelled at once. A lost result is simply not in memory
 * any more: what needs it makes it needed again, and so on up to data that still exists.
 *
 * Handlers only change states and queue what is ready; `Placement` then fills the workers, once an
 * event.
 */
import { invariant } from '../errors.js'
import type { RunFailure, SchedulerEvent, SchedulerMessage, Submission } from './events.js'
import { TaskGroups } from './groups.js'
import { Outbox } from './outbox.js'
import { defaultSettings, Placement, type SchedulerSettings } from './placement.js'
import { Replicas } from './replicas.js'
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

interface Run {
  readonly id: number
  readonly group: TaskGroup
  /** Slots. */
  readonly targets: Int32Array
  /** Targets that are not in memory. */
  remaining: number
  done: boolean
}

export class SchedulerState {
  readonly tasks = new TaskTable()
  private readonly settings: SchedulerSettings
  private readonly outbox = new Outbox()
  private readonly groups: TaskGroups
  private readonly placement: Placement
  private readonly runs = new Map<number, Run>()
  private readonly replicas: Replicas
  /** Runs that want a slot's result. */
  private readonly wantedBy = new Map<number, Set<Run>>()

  constructor(settings: Partial<SchedulerSettings> = {}) {
    this.settings = { ...defaultSettings, ...settings }
    this.groups = new TaskGroups(this.tasks, (origin) =>
      this.outbox.add({ kind: 'forgotten', origin }),
    )
    this.replicas = new Replicas(this.tasks, this.outbox)
    this.placement = new Placement(this.tasks, this.settings, this.outbox)
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
        this.placement.addWorker(event.worker, event.nthreads)
        break
      case 'worker-left':
        this.onWorkerLeft(event.worker, event.isBlameless === true)
        break
      case 'missing':
        this.onMissing(event)
        break
      case 'replicated':
        this.replicas.add(event.worker, event.tasks)
        break
    }
    if (this.placement.queuedTasks > 0) this.placement.dispatch()
    return this.outbox.drain()
  }

  // What the shell may ask -------------------------------------------------------------------------

  /** The slots a task reads, in order. */
  inputsOf(slot: number): Int32Array {
    return this.tasks.inputsOf(slot)
  }

  /** The workers that hold a task's result. */
  holdersOf(slot: number): number[] {
    return this.replicas.holdersOf(slot)
  }

  /** The worker to fetch a result from: the one that asks if it has it, else the first that holds it. */
  holderFor(slot: number, asking: number): number {
    return this.replicas.holderFor(slot, asking)
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
    return this.placement.hasWorker(worker)
  }

  /** Whether no computation is known, and nothing of former ones is kept. */
  get isEmpty(): boolean {
    if (this.runs.size + this.wantedBy.size > 0 || !this.replicas.isEmpty) return false
    if (!this.groups.isEmpty || this.placement.queuedTasks > 0) return false
    return this.tasks.state.every((state) => state === FORGOTTEN)
  }

  /** Checks the counters against a recount; for `validate`. */
  validateCounts(): void {
    const { tasks } = this
    this.placement.validateCounts()
    for (const run of this.runs.values()) {
      const missing = run.targets.filter((slot) => tasks.state[slot] !== MEMORY).length
      invariant(missing === run.remaining, `run ${run.id} misses ${missing}, not ${run.remaining}`)
    }
  }

  // Submissions ------------------------------------------------------------------------------------

  private onSubmit(submission: Submission): void {
    invariant(!this.runs.has(submission.run), `run ${submission.run} is submitted twice`)
    const group = this.groups.add(submission)
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
    this.placement.queueRoots(ready, submission.urgency ?? 0)
    if (run.remaining === 0) this.finishRun(run)
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
    this.groups.leave(run.group)
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
      this.replicas.free(root)
      return
    }
    const stack = [root]
    for (let slot = stack.pop(); slot !== undefined; slot = stack.pop()) {
      const state = tasks.state[slot]
      if (state === MEMORY) {
        this.replicas.free(slot)
        continue
      }
      if (state === RELEASED || state === ERRED) continue
      if (state === QUEUED) this.placement.unqueue(slot)
      if (state === PROCESSING) {
        const worker = tasks.worker[slot]!
        this.outbox.cancel(worker, slot)
        this.placement.takeFromHand(slot)
      }
      tasks.state[slot] = RELEASED
      for (const input of this.tasks.inputsOf(slot)) {
        if (--tasks.neededBy[input]! === 0) stack.push(input)
      }
    }
  }

  // Results ----------------------------------------------------------------------------------------

  private onFinished(event: Extract<SchedulerEvent, { kind: 'finished' }>): void {
    const { tasks } = this
    for (let i = 0; i < event.tasks.length; i++) {
      const slot = event.tasks[i]!
      // A late word about a task that was cancelled or given to another worker changes nothing.
      if (!this.isCurrent(event.worker, slot, event.attempts[i]!)) continue
      this.placement.takeFromHand(slot)
      this.placement.learnDuration(tasks.recipe[slot]!, event.durations[i]!)
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
    for (const dependent of this.groups.foreignDependentsOf(slot)) this.countDown(dependent)
    const wanting = this.wantedBy.get(slot)
    if (wanting === undefined) return
    for (const run of wanting) if (--run.remaining === 0 && !run.done) this.finishRun(run)
  }

  private countDown(dependent: number): void {
    const { tasks } = this
    if (tasks.state[dependent] !== WAITING) return
    if (--tasks.waitingOn[dependent]! === 0) this.placement.queue(dependent)
  }

  private isCurrent(worker: number, slot: number, attempt: number): boolean {
    const { tasks } = this
    return (
      tasks.state[slot] === PROCESSING &&
      tasks.worker[slot] === worker &&
      tasks.attempt[slot] === attempt
    )
  }

  // Failures ---------------------------------------------------------------------------------------

  private onErred(worker: number, slot: number, attempt: number, error: unknown): void {
    const { tasks } = this
    if (!this.isCurrent(worker, slot, attempt)) return
    this.placement.takeFromHand(slot)
    if (tasks.retries[slot]! > 0) {
      tasks.retries[slot]!--
      this.placement.queue(slot)
      return
    }
    this.fail(slot, (task) => ({ kind: 'erred', task, error }))
  }

  /** Ends every run that needs a task which cannot be done. */
  private fail(slot: number, failure: (task: number) => RunFailure): void {
    const { tasks } = this
    tasks.state[slot] = ERRED
    tasks.worker[slot] = -1
    for (const input of this.tasks.inputsOf(slot)) this.unneed(input)
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
      for (const dependent of this.groups.foreignDependentsOf(at)) {
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
      if (this.replicas.drop(input, event.holders[i]!)) lost.push(input)
    })
    if (this.isCurrent(event.worker, slot, event.attempt)) {
      this.placement.takeFromHand(slot)
      tasks.state[slot] = WAITING
      tasks.worker[slot] = -1
    }
    this.recover(lost)
  }

  // Workers ----------------------------------------------------------------------------------------

  private onWorkerLeft(id: number, isBlameless: boolean): void {
    const { tasks } = this
    if (!this.placement.hasWorker(id)) return
    this.placement.removeWorker(id)
    this.outbox.forget(id)
    const lost: number[] = []
    const blamed: number[] = []
    for (let slot = 0; slot < tasks.high; slot++) {
      const state = tasks.state[slot]
      if (state === MEMORY) {
        if (this.replicas.drop(slot, id)) lost.push(slot)
      } else if (state === PROCESSING && tasks.worker[slot] === id) {
        tasks.state[slot] = WAITING
        tasks.worker[slot] = -1
        if (!isBlameless && ++tasks.deaths[slot]! >= this.settings.allowedDeaths) blamed.push(slot)
      } else if (state === QUEUED && tasks.home[slot] === id) {
        this.placement.queuedTasks--
        tasks.state[slot] = WAITING
      }
    }
    this.recover(lost)
    for (const slot of blamed) {
      const deaths = tasks.deaths[slot]!
      if (tasks.state[slot] !== QUEUED && tasks.state[slot] !== WAITING) continue
      if (tasks.state[slot] === QUEUED) this.placement.unqueue(slot)
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
      for (const input of this.tasks.inputsOf(slot)) if (tasks.state[input] !== MEMORY) waitingOn++
      tasks.waitingOn[slot] = waitingOn
      if (state === QUEUED && waitingOn > 0) {
        this.placement.unqueue(slot)
        tasks.state[slot] = WAITING
      } else if (state === WAITING && waitingOn === 0) this.placement.queue(slot)
    }
  }

  private getRun(id: number): Run {
    const run = this.runs.get(id)
    invariant(run !== undefined, `run ${id} is not known`)
    return run
  }
}
