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
import type {
  RunFailure,
  SchedulerEvent,
  SchedulerMessage,
  Submission,
  TaskPlace,
} from './events.js'
import { TaskGroups } from './groups.js'
import { Outbox } from './outbox.js'
import { Placement } from './placement.js'
import { Replicas } from './replicas.js'
import { type Run, Runs } from './runs.js'
import { defaultSettings, type SchedulerSettings } from './settings.js'
import * as story from './story.js'
import { Suspects } from './suspects.js'
import {
  ERRED,
  FORGOTTEN,
  MEMORY,
  PROCESSING,
  QUEUED,
  RELEASED,
  TaskTable,
  WAITING,
} from './task-table.js'
import type { WorkerView } from './worker-table.js'

export class SchedulerState {
  readonly tasks = new TaskTable()
  /** What became of tasks lately. */
  readonly story: story.Story
  private readonly settings: SchedulerSettings
  private readonly outbox = new Outbox()
  private readonly groups: TaskGroups
  private readonly suspects: Suspects
  private readonly placement: Placement
  private readonly runs = new Runs()
  private readonly replicas: Replicas
  /** For each failed task that is still wanted, why. */
  private readonly failures = new Map<number, RunFailure>()

  constructor(settings: Partial<SchedulerSettings> = {}) {
    this.settings = { ...defaultSettings, ...settings }
    this.story = new story.Story(this.settings.storyLength)
    this.groups = new TaskGroups(this.tasks, ({ origin, slotOf }) =>
      this.outbox.add({ kind: 'forgotten', origin, slotOf }),
    )
    this.replicas = new Replicas(this.tasks, this.outbox, (worker, nbytes) =>
      this.placement.hold(worker, nbytes),
    )
    this.suspects = new Suspects(this.tasks, this.settings.allowedDeaths)
    const { outbox, suspects } = this
    this.placement = new Placement(this.tasks, this.settings, {
      outbox,
      suspects,
      groups: this.groups,
      story: this.story,
    })
  }

  /** Takes one event and gives what must be sent because of it. */
  handle(event: SchedulerEvent): SchedulerMessage[] {
    const { tasks } = this
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
      case 'release-targets':
        this.onReleaseTargets(event.run, event.places)
        break
      case 'retry':
        this.onRetry(event.run, event.places)
        break
      case 'tell':
        this.onTell(event.run)
        break
      case 'erred':
        this.onErred(event.worker, event.task, event.attempt, event.error)
        break
      case 'worker-joined':
        this.placement.addWorker(event.worker, event.nthreads, event)
        break
      case 'worker-left':
        this.onWorkerLeft(event.worker, event.isBlameless === true)
        break
      case 'worker-lives':
        this.tasks.undoDeath(event.worker)
        break
      case 'missing':
        this.onMissing(event)
        break
      case 'seceded':
        for (let i = 0; i < event.tasks.length; i++) {
          const slot = event.tasks[i]!
          const isThere = tasks.state[slot] === PROCESSING && tasks.worker[slot] === event.worker
          if (!isThere) continue
          this.recall(slot)
          this.placement.secede(slot)
        }
        break
      case 'replicated':
        this.replicas.add(event.worker, event.tasks)
        break
      case 'surplus':
        this.replicas.reduce(event.worker, event.tasks)
        break
      case 'worker-memory':
        this.placement.setPaused(event.worker, event.isPaused)
        this.placement.setHeld(event.worker, event.stored)
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
    return this.runs.isWanted(slot)
  }

  /** The runs that want this task's own result, each as often as it has it among its targets. */
  runsWanting(slot: number): number[] {
    return this.runs.wantingOf(slot).map((run) => run.id)
  }

  /** Whether a run is known. */
  hasRun(run: number): boolean {
    return this.runs.get(run) !== undefined
  }

  /** Visits the places among a run's targets at which it holds a slot. */
  eachPlaceOf(run: number, slot: number, visit: (place: number) => void): void {
    this.runs.get(run)?.eachPlace(slot, visit)
  }

  /** The slot at a place of a run's targets; -1 if there is none, or it was released. */
  heldTarget(run: number, place: number): number {
    const known = this.runs.get(run)
    return known !== undefined && known.held[place] === 1 ? known.targets[place]! : -1
  }

  /** What the caller gave with the submission that brought this task. */
  originOf(slot: number): unknown {
    return this.tasks.group[slot]!.origin
  }

  /** Slots of a run's tasks, by position in its submission. */
  slotsOf(run: number): Int32Array {
    return this.getRun(run).group.slotOf
  }

  /** Why a task has failed; undefined if it has not. */
  failureOf(slot: number): RunFailure | undefined {
    return this.failures.get(slot)
  }

  /** Whether a task that a worker has in hand waits for others, so that the worker has room. */
  hasSeceded(slot: number): boolean {
    return this.placement.hasSeceded(slot)
  }

  /** The workers, with what they have to do. */
  lookAtWorkers(): WorkerView[] {
    return this.placement.look()
  }

  /** How many tasks are ready and at no worker. */
  get queuedTasks(): number {
    return this.placement.queuedTasks
  }

  /** Visits one task of those that wait for certain workers, for each place that they ask for. */
  eachPlaceWaiting(visit: (slot: number, place: TaskPlace) => void): void {
    this.placement.eachPlaceWaiting(visit)
  }

  /** The numbers of these recipes will stand for others. */
  forgetRecipes(numbers: readonly number[]): void {
    for (const number of numbers) this.placement.costs.unlearn(number)
  }

  /** Visits a task's dependents. */
  eachDependent(slot: number, visit: (dependent: number) => void): void {
    this.groups.eachDependent(slot, visit)
  }

  /** Whether a worker is there. */
  hasWorker(worker: number): boolean {
    return this.placement.hasWorker(worker)
  }

  /** Whether no computation is known, and nothing of former ones is kept. */
  get isEmpty(): boolean {
    if (!this.runs.isEmpty || !this.replicas.isEmpty || this.failures.size > 0) return false
    if (!this.groups.isEmpty || this.placement.queuedTasks > 0) return false
    if (this.tasks.killed.size > 0) return false
    return this.tasks.state.every((state) => state === FORGOTTEN)
  }

  /** Checks the counters against a recount; for `validate`. */
  validateCounts(): void {
    const { tasks } = this
    this.placement.validateCounts()
    for (const run of this.runs.all()) {
      if (run.keeps) continue
      const missing = run.targets.filter((slot) => tasks.state[slot] !== MEMORY).length
      invariant(missing === run.remaining, `run ${run.id} misses ${missing}, not ${run.remaining}`)
    }
    for (let slot = 0; slot < tasks.high; slot++) {
      const isFailed = tasks.state[slot] === ERRED
      if (isFailed !== this.failures.has(slot))
        invariant(false, `task ${slot} has failed for no reason`)
    }
  }

  // Submissions ------------------------------------------------------------------------------------

  private onSubmit(submission: Submission): void {
    invariant(!this.hasRun(submission.run), `run ${submission.run} is submitted twice`)
    const { tasks } = this
    const { externals = none, keeps = false } = submission
    const group = this.groups.add(submission)
    if (submission.settingsOf !== undefined) {
      for (let task = 0; task < submission.count; task++) {
        if (submission.settingsOf(task)?.acquires !== true) continue
        for (const input of tasks.inputsOf(group.slotOf[task]!)) this.replicas.pin(input)
      }
    }
    const targets = Int32Array.from(submission.targets, (task) =>
      task < 0 ? externals[~task]! : group.slotOf[task]!,
    )
    const run = this.runs.add(submission.run, group, targets, keeps)
    const ready: number[] = []
    const doomed: number[] = []
    for (const target of targets) this.need(target, ready, doomed)
    this.placement.queueRoots(ready)
    if (keeps) {
      targets.forEach((slot, place) => {
        if (tasks.state[slot] === MEMORY) this.outbox.targetDone(run.id, place)
      })
    } else {
      for (const slot of targets) if (tasks.state[slot] !== MEMORY) run.remaining++
      if (run.remaining === 0) this.finishRun(run)
    }
    this.failDoomed(doomed)
    // A target that had failed before is told like one that fails now.
    if (this.failures.size > 0) this.tellFailed(run)
  }

  /** Tasks that were added although an input of theirs has failed fail with it. */
  private failDoomed(doomed: readonly number[]): void {
    for (const slot of doomed) {
      if (this.tasks.state[slot] !== WAITING) continue
      for (const input of this.tasks.inputsOf(slot)) {
        const failed = this.failures.get(input)
        if (failed === undefined) continue
        this.fail(slot, failed, input)
        break
      }
    }
  }

  private tellFailed(run: Run): void {
    for (let place = 0; place < run.targets.length; place++) {
      const failed = this.failures.get(run.targets[place]!)
      if (failed === undefined || run.held[place] !== 1) continue
      if (!run.keeps) {
        this.failRun(run, failed)
        return
      }
      this.outbox.targetsFailed(run.id, [place], failed)
    }
  }

  /** Tells of a run that keeps its targets which are in memory and which have failed. */
  private onTell(id: number): void {
    const run = this.runs.get(id)
    if (run?.keeps !== true) return
    run.targets.forEach((slot, place) => {
      if (run.held[place] === 1 && this.tasks.state[slot] === MEMORY)
        this.outbox.targetDone(run.id, place)
    })
    if (this.failures.size > 0) this.tellFailed(run)
  }

  private finishRun(run: Run): void {
    run.done = true
    this.outbox.add({ kind: 'run-done', run: run.id })
  }

  private failRun(run: Run, failure: RunFailure): void {
    if (this.runs.get(run.id) !== run) return
    this.outbox.add({ kind: 'run-failed', run: run.id, failure })
    this.forgetRun(run)
  }

  private forgetRun(run: Run | undefined): void {
    if (run === undefined) return
    for (let place = 0; place < run.targets.length; place++) this.letGo(run, place)
    this.runs.delete(run)
    this.groups.leave(run.group)
  }

  private letGo(run: Run, place: number): void {
    const slot = this.runs.letGo(run, place)
    if (slot >= 0) this.unneed(slot)
  }

  /** Lets go of some targets of a run that keeps them; one that holds none is forgotten. */
  private onReleaseTargets(id: number, places: ArrayLike<number>): void {
    const run = this.runs.get(id)
    if (run === undefined) return
    invariant(run.keeps, `run ${id} wants its targets together`)
    for (let i = 0; i < places.length; i++) this.letGo(run, places[i]!)
    if (run.holding === 0) this.forgetRun(run)
  }

  /** Does failed targets again, with all that failed below them. */
  private onRetry(id: number, places: ArrayLike<number>): void {
    const { tasks } = this
    const run = this.runs.get(id)
    if (run === undefined) return
    const again = new Set<number>()
    for (let i = 0; i < places.length; i++) {
      const slot = this.heldTarget(id, places[i]!)
      if (slot >= 0 && tasks.state[slot] === ERRED) again.add(slot)
    }
    for (const slot of again)
      for (const input of tasks.inputsOf(slot)) if (tasks.state[input] === ERRED) again.add(input)
    for (const slot of again) {
      tasks.state[slot] = RELEASED
      tasks.clearDeaths(slot)
      this.failures.delete(slot)
      this.story.note(slot, story.RETRIED)
    }
    const ready: number[] = []
    const doomed: number[] = []
    const stack: number[] = []
    for (const slot of again)
      if (tasks.neededBy[slot]! > 0 && tasks.state[slot] === RELEASED)
        this.activate(slot, stack, ready, doomed)
    this.needAll(stack, ready, doomed)
    for (const slot of ready) this.placement.queue(slot)
    this.failDoomed(doomed)
  }

  // Need -------------------------------------------------------------------------------------------

  /** One more needs this result: it, and what it takes to make it, become wanted. */
  private need(root: number, ready: number[], doomed: number[]): void {
    this.needAll([root], ready, doomed)
  }

  private needAll(stack: number[], ready: number[], doomed: number[]): void {
    const { tasks } = this
    for (let slot = stack.pop(); slot !== undefined; slot = stack.pop()) {
      if (tasks.neededBy[slot]!++ > 0) continue
      if (tasks.state[slot] === RELEASED) this.activate(slot, stack, ready, doomed)
    }
  }

  /**
   * Makes a released task wait for its inputs, which it puts on the stack of what becomes needed. One
   * with an input that has failed is doomed.
   */
  private activate(slot: number, stack: number[], ready: number[], doomed: number[]): void {
    const { tasks } = this
    const group = tasks.group[slot]!
    const at = tasks.position[slot]!
    const start = group.inputStart[at]!
    let waitingOn = 0
    for (let i = group.inputStart[at + 1]! - 1; i >= start; i--) {
      const input = group.inputs[i]!
      if (tasks.state[input] !== MEMORY) waitingOn++
      if (tasks.state[input] === ERRED) doomed.push(slot)
      stack.push(input)
    }
    tasks.waitingOn[slot] = waitingOn
    tasks.state[slot] = WAITING
    if (waitingOn === 0) ready.push(slot)
    else this.story.note(slot, story.WAITS, -1, waitingOn)
  }

  /** One fewer needs this result: what nobody needs is freed, taken from its queue, or cancelled. */
  private unneed(root: number): void {
    const { tasks } = this
    if (--tasks.neededBy[root]! > 0) return
    if (tasks.state[root] === MEMORY) {
      this.free(root)
      return
    }
    const stack = [root]
    for (let slot = stack.pop(); slot !== undefined; slot = stack.pop()) {
      const state = tasks.state[slot]
      if (state === MEMORY) {
        this.free(slot)
        continue
      }
      if (state === RELEASED) continue
      if (state === ERRED) {
        this.failures.delete(slot)
        tasks.state[slot] = RELEASED
        continue
      }
      if (state === QUEUED) this.placement.unqueue(slot)
      if (state === PROCESSING) {
        const worker = tasks.worker[slot]!
        this.outbox.cancel(worker, slot)
        this.placement.takeFromHand(slot)
        this.story.note(slot, story.CANCELLED, worker)
      } else this.story.note(slot, story.RELEASED_UNDONE)
      tasks.state[slot] = RELEASED
      for (const input of this.tasks.inputsOf(slot)) {
        if (--tasks.neededBy[input]! === 0) stack.push(input)
      }
    }
  }

  /** Has a result dropped that nobody needs. */
  private free(slot: number): void {
    this.story.note(slot, story.DROPPED)
    this.replicas.free(slot)
  }

  // Results ----------------------------------------------------------------------------------------

  private onFinished(event: Extract<SchedulerEvent, { kind: 'finished' }>): void {
    const { tasks } = this
    for (let i = 0; i < event.tasks.length; i++) {
      const slot = event.tasks[i]!
      // A late word about a task that was cancelled or given to another worker changes nothing.
      if (!this.isCurrent(event.worker, slot, event.attempts[i]!)) continue
      this.placement.takeFromHand(slot)
      this.placement.hold(event.worker, event.nbytes[i]!)
      this.placement.costs.learn(tasks.recipe[slot]!, event.durations[i]!, event.nbytes[i]!)
      if (tasks.deaths[slot]! > 0) tasks.clearDeaths(slot)
      tasks.state[slot] = MEMORY
      tasks.worker[slot] = event.worker
      tasks.nbytes[slot] = event.nbytes[i]!
      this.story.note(slot, story.FINISHED, event.worker, event.nbytes[i]!, event.durations[i]!)
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
    this.groups.eachForeignDependent(slot, (dependent, times) => {
      for (let i = 0; i < times; i++) this.countDown(dependent)
    })
    if (!this.runs.isWanted(slot)) return
    for (const run of this.runs.wantingOf(slot)) {
      if (run.keeps) run.eachPlace(slot, (place) => this.outbox.targetDone(run.id, place))
      else if (--run.remaining === 0 && !run.done) this.finishRun(run)
    }
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
    this.recall(slot)
    if (tasks.retries[slot]! > 0) {
      this.story.note(slot, story.FAILED_ONCE, worker, --tasks.retries[slot]!)
      this.wait(slot)
      return
    }
    this.story.note(slot, story.FAILED, worker)
    this.fail(slot, { kind: 'erred', error, ...this.whence(slot) })
  }

  /** Has a task that was at a worker wait for its inputs again, which may have been lost meanwhile. */
  private wait(slot: number): void {
    const { tasks } = this
    let waitingOn = 0
    let isDoomed = false
    for (const input of tasks.inputsOf(slot)) {
      if (tasks.state[input] !== MEMORY) waitingOn++
      if (tasks.state[input] === ERRED) isDoomed = true
    }
    tasks.state[slot] = WAITING
    tasks.worker[slot] = -1
    tasks.waitingOn[slot] = waitingOn
    if (waitingOn > 0) this.story.note(slot, story.WAITS, -1, waitingOn)
    if (isDoomed) this.failDoomed([slot])
    else if (waitingOn === 0) this.placement.queue(slot)
  }

  private whence(slot: number): { readonly origin: unknown; readonly task: number } {
    return { origin: this.originOf(slot), task: this.tasks.position[slot]! }
  }

  /** A task cannot be done, nor can what needs it: whoever wants one of them is told. */
  private fail(root: number, failure: RunFailure, cause = root): void {
    const { tasks } = this
    const all = new Set([root])
    for (const slot of all) {
      const group = tasks.group[slot]!
      const position = tasks.position[slot]!
      const end = group.dependentStart[position + 1]!
      for (let d = group.dependentStart[position]!; d < end; d++)
        if (tasks.state[group.dependents[d]!] === WAITING) all.add(group.dependents[d]!)
      this.groups.eachForeignDependent(slot, (dependent) => {
        if (tasks.state[dependent] === WAITING) all.add(dependent)
      })
    }
    for (const slot of all) {
      tasks.state[slot] = ERRED
      tasks.worker[slot] = -1
      this.failures.set(slot, failure)
      if (slot !== cause) this.story.note(slot, story.FAILED_WITH, -1, cause)
    }
    const runs = new Map<Run, number[]>()
    for (const slot of all) {
      for (const run of this.runs.wantingOf(slot)) {
        const slots = runs.get(run)
        if (slots === undefined) runs.set(run, [slot])
        else if (slots.at(-1) !== slot) slots.push(slot)
      }
    }
    for (const slot of all) for (const input of tasks.inputsOf(slot)) this.unneed(input)
    for (const [run, slots] of runs) {
      if (!run.keeps) this.failRun(run, failure)
      else {
        const places: number[] = []
        for (const slot of slots) run.eachPlace(slot, (place) => places.push(place))
        this.outbox.targetsFailed(run.id, places, failure)
      }
    }
  }

  private onMissing(event: Extract<SchedulerEvent, { kind: 'missing' }>): void {
    const { tasks } = this
    const slot = event.task
    const lost: number[] = []
    event.inputs.forEach((input, i) => {
      if (!this.replicas.drop(input, event.holders[i]!)) return
      lost.push(input)
      this.story.note(input, story.LOST, event.holders[i]!)
    })
    const back: number[] = []
    if (this.isCurrent(event.worker, slot, event.attempt)) {
      this.placement.takeFromHand(slot)
      this.recall(slot)
      tasks.state[slot] = WAITING
      tasks.worker[slot] = -1
      this.story.note(slot, story.INPUTS_MISSING, event.worker)
      back.push(slot)
    }
    this.recover(lost, back)
  }

  /** Takes back what a worker was given right behind a task that it does not do after all. */
  private recall(first: number): void {
    const { tasks } = this
    const worker = tasks.worker[first]!
    const stack = [first]
    for (let slot = stack.pop(); slot !== undefined; slot = stack.pop()) {
      this.groups.eachDependent(slot, (dependent) => {
        if (tasks.state[dependent] !== PROCESSING || tasks.worker[dependent] !== worker) return
        this.outbox.cancel(worker, dependent)
        this.placement.takeFromHand(dependent)
        this.story.note(dependent, story.RECALLED, worker)
        tasks.state[dependent] = WAITING
        tasks.worker[dependent] = -1
        let waitingOn = 0
        for (const input of tasks.inputsOf(dependent))
          if (tasks.state[input] !== MEMORY) waitingOn++
        tasks.waitingOn[dependent] = waitingOn
        stack.push(dependent)
      })
    }
  }

  // Workers ----------------------------------------------------------------------------------------

  private onWorkerLeft(id: number, isBlameless: boolean): void {
    const { tasks } = this
    if (!this.placement.hasWorker(id)) return
    const queued = this.placement.removeWorker(id)
    for (const slot of queued) tasks.state[slot] = WAITING
    this.outbox.forget(id)
    this.replicas.leave(id)
    const lost: number[] = []
    const inHand: number[] = []
    const waiting: number[] = []
    // Of a million other tasks it is one column that is looked at, which takes less than a millisecond.
    const { worker: workerOf, high } = tasks
    for (let slot = 0; slot < high; slot++) {
      if (workerOf[slot] !== id) continue
      const state = tasks.state[slot]
      if (state === MEMORY) {
        if (!this.replicas.drop(slot, id)) continue
        lost.push(slot)
        this.story.note(slot, story.LOST, id)
      } else if (state === PROCESSING) {
        this.story.note(slot, story.WORKER_GONE, id)
        tasks.state[slot] = WAITING
        tasks.worker[slot] = -1
        ;(this.placement.returns(slot) ? waiting : inHand).push(slot)
      }
    }
    const guilty = isBlameless ? -1 : this.suspects.died(id, inHand, waiting)
    this.recover(lost, [...inHand, ...waiting, ...queued])
    if (guilty < 0) return
    const workers = [...(tasks.killed.get(guilty) ?? [])]
    if (tasks.state[guilty] === QUEUED) this.placement.unqueue(guilty)
    this.story.note(guilty, story.BLAMED, id, workers.length)
    this.fail(guilty, { kind: 'killed-workers', workers, ...this.whence(guilty) })
  }

  /**
   * Makes lost results wanted again by who needs them, and counts anew what tasks wait for that read
   * them, or that came back from a worker.
   */
  private recover(lost: readonly number[], back: readonly number[]): void {
    const { tasks } = this
    const ready: number[] = []
    const doomed: number[] = []
    const stack: number[] = []
    for (const slot of lost) {
      for (const run of this.runs.wantingOf(slot)) {
        if (run.keeps) run.eachPlace(slot, (place) => this.outbox.targetLost(run.id, place))
        else {
          run.remaining++
          run.done = false
        }
      }
      if (tasks.neededBy[slot]! > 0 && tasks.state[slot] === RELEASED)
        this.activate(slot, stack, ready, doomed)
    }
    this.needAll(stack, ready, doomed)
    const affected = new Set([...back, ...ready])
    for (const slot of lost) this.groups.eachDependent(slot, (reader) => affected.add(reader))
    for (const slot of [...affected].sort((a, b) => a - b)) {
      const state = tasks.state[slot]
      if (state !== WAITING && state !== QUEUED) continue
      let waitingOn = 0
      for (const input of this.tasks.inputsOf(slot)) {
        if (tasks.state[input] !== MEMORY) waitingOn++
        // It failed when it was made again, while this task was at a worker.
        if (tasks.state[input] === ERRED) doomed.push(slot)
      }
      tasks.waitingOn[slot] = waitingOn
      if (state === QUEUED && waitingOn > 0) {
        this.placement.unqueue(slot)
        tasks.state[slot] = WAITING
        this.story.note(slot, story.WAITS, -1, waitingOn)
      } else if (state === WAITING && waitingOn === 0) this.placement.queue(slot)
    }
    this.failDoomed(doomed)
  }

  private getRun(id: number): Run {
    const run = this.runs.get(id)
    invariant(run !== undefined, `run ${id} is not known`)
    return run
  }
}

const none: readonly number[] = []
