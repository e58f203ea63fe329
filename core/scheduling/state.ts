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
import { invariant } from '../base/errors.js'
import type { Parts } from './context.js'
import { Failures } from './failures.js'
import type {
  RunFailure,
  SchedulerEvent,
  SchedulerMessage,
  Submission,
  TaskPlace,
} from './interface/events.js'
import { Outbox } from './interface/outbox.js'
import { defaultSettings, type SchedulerSettings } from './interface/settings.js'
import { Losses } from './losses.js'
import { Needs } from './needs.js'
import { Placement } from './placement.js'
import { Requests } from './run-lifecycle.js'
import { Replicas } from './tables/replicas.js'
import { type Run, Runs } from './tables/runs.js'
import * as story from './tables/story.js'
import { Suspects } from './tables/suspect-tasks.js'
import { TaskGroups } from './tables/task-groups.js'
import { ERRED, FORGOTTEN, MEMORY, PROCESSING, TaskTable, WAITING } from './tables/task-table.js'
import type { WorkerView } from './tables/worker-table.js'

export class SchedulerState {
  readonly tasks = new TaskTable()
  /** What became of tasks lately. */
  readonly story: story.Story
  private readonly outbox = new Outbox()
  private readonly groups: TaskGroups
  private readonly placement: Placement
  private readonly runs = new Runs()
  private readonly replicas: Replicas
  private readonly failures = new Map<number, RunFailure>()
  private readonly needs: Needs
  private readonly requests: Requests
  private readonly failing: Failures
  private readonly losses: Losses

  constructor(given: Partial<SchedulerSettings> = {}) {
    const settings = { ...defaultSettings, ...given }
    const { tasks, outbox, runs, failures } = this
    this.story = new story.Story(settings.storyLength)
    this.groups = new TaskGroups(tasks, ({ origin, slotOf }) =>
      outbox.add({ kind: 'forgotten', origin, slotOf }),
    )
    this.replicas = new Replicas(tasks, outbox, (worker, nbytes) =>
      this.placement.hold(worker, nbytes),
    )
    const suspects = new Suspects(tasks, settings.allowedDeaths)
    const { groups, replicas } = this
    this.placement = new Placement(tasks, settings, { outbox, suspects, groups, story: this.story })
    const { placement } = this
    const parts: Parts = {
      tasks,
      story: this.story,
      outbox,
      groups,
      suspects,
      placement,
      runs,
      replicas,
      failures,
    }
    this.needs = new Needs(parts)
    this.requests = new Requests(parts, this.needs)
    this.failing = new Failures(parts, this.needs, this.requests)
    this.losses = new Losses(parts, this.needs, this.failing)
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
        this.requests.forget(this.runs.get(event.run))
        break
      case 'release-targets':
        this.requests.releaseTargets(event.run, event.places)
        break
      case 'retry':
        this.failing.retry(event.run, event.places)
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
        this.losses.workerLeft(event.worker, event.isBlameless === true)
        break
      case 'worker-lives':
        this.tasks.undoDeath(event.worker)
        break
      case 'missing':
        this.losses.missing(event)
        break
      case 'seceded':
        for (let i = 0; i < event.tasks.length; i++) {
          const slot = event.tasks[i]!
          const isThere = tasks.state[slot] === PROCESSING && tasks.worker[slot] === event.worker
          if (!isThere) continue
          this.losses.recall(slot)
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
    return this.runs.heldTarget(run, place)
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
    for (const target of targets) this.needs.need(target, ready, doomed)
    this.placement.queueRoots(ready)
    if (keeps) {
      targets.forEach((slot, place) => {
        if (tasks.state[slot] === MEMORY) this.outbox.targetDone(run.id, place)
      })
    } else {
      for (const slot of targets) if (tasks.state[slot] !== MEMORY) run.remaining++
      if (run.remaining === 0) this.requests.finish(run)
    }
    this.failing.failDoomed(doomed)
    // A target that had failed before is told like one that fails now.
    if (this.failures.size > 0) this.failing.tell(run)
  }

  /** Tells of a run that keeps its targets which are in memory and which have failed. */
  private onTell(id: number): void {
    const run = this.runs.get(id)
    if (run?.keeps !== true) return
    run.targets.forEach((slot, place) => {
      if (run.held[place] === 1 && this.tasks.state[slot] === MEMORY)
        this.outbox.targetDone(run.id, place)
    })
    if (this.failures.size > 0) this.failing.tell(run)
  }

  // Results ----------------------------------------------------------------------------------------

  private onFinished(event: Extract<SchedulerEvent, { kind: 'finished' }>): void {
    const { tasks } = this
    for (let i = 0; i < event.tasks.length; i++) {
      const slot = event.tasks[i]!
      // A late word about a task that was cancelled or given to another worker changes nothing.
      if (!tasks.isInHand(event.worker, slot, event.attempts[i]!)) continue
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
      for (let k = group.inputStart[at]!; k < end; k++) this.needs.unneed(group.inputs[k]!)
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
      else if (--run.remaining === 0 && !run.done) this.requests.finish(run)
    }
  }

  private countDown(dependent: number): void {
    const { tasks } = this
    if (tasks.state[dependent] !== WAITING) return
    if (--tasks.waitingOn[dependent]! === 0) this.placement.queue(dependent)
  }

  private onErred(worker: number, slot: number, attempt: number, error: unknown): void {
    const { tasks } = this
    if (!tasks.isInHand(worker, slot, attempt)) return
    this.placement.takeFromHand(slot)
    this.losses.recall(slot)
    if (tasks.retries[slot]! > 0) {
      this.story.note(slot, story.FAILED_ONCE, worker, --tasks.retries[slot]!)
      this.losses.wait(slot)
      return
    }
    this.story.note(slot, story.FAILED, worker)
    this.failing.fail(slot, { kind: 'erred', error, ...this.failing.whence(slot) })
  }

  private getRun(id: number): Run {
    const run = this.runs.get(id)
    invariant(run !== undefined, `run ${id} is not known`)
    return run
  }
}

const none: readonly number[] = []
