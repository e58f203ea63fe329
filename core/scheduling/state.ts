/**
 * The scheduler's state machine, for threads and for the cluster: events in, messages out. `handle`
 * is the only method that changes anything; there are no sockets, clocks, promises or random numbers.
 *
 * A task is *needed* by the runs and unfinished dependents that want its result. A result that is lost
 * is just not in memory any more: if it is needed it is computed again, as are its own inputs, down
 * to results that still exist.
 *
 * The parts change states and queue what is ready; `Placement` then assigns tasks to workers, once
 * for each event.
 */
import { invariant } from '../base/errors.js'
import { Assignments } from './assignments.js'
import { createContext, type SchedulerContext } from './context.js'
import { Failures } from './failures.js'
import type { SchedulerEvent } from './interface/events.js'
import type { RunFailure, SchedulerMessage } from './interface/messages.js'
import type { SchedulerSettings } from './interface/settings.js'
import type { TaskRestriction } from './interface/submission.js'
import { Losses } from './losses.js'
import { Needs } from './needs.js'
import { Placement } from './placement.js'
import { Queueing } from './queueing.js'
import { Results } from './results.js'
import { RunLifecycle } from './run-lifecycle.js'
import { Submissions } from './submissions.js'
import type { Run } from './tables/runs.js'
import type { Story } from './tables/story.js'
import { ERRED, FORGOTTEN, MEMORY, PROCESSING, QUEUED, WAITING } from './tables/task-states.js'
import type { TaskTable } from './tables/task-table.js'
import type { WorkerView } from './tables/worker-table.js'

export class SchedulerState {
  readonly tasks: TaskTable
  readonly story: Story
  private readonly context: SchedulerContext
  private readonly placement: Placement
  private readonly lifecycle: RunLifecycle
  private readonly failing: Failures
  private readonly losses: Losses
  private readonly results: Results
  private readonly submissions: Submissions

  constructor(settings: Partial<SchedulerSettings> = {}) {
    const context = createContext(settings)
    this.context = context
    this.tasks = context.tasks
    this.story = context.story
    const needs = new Needs(context)
    const queueing = new Queueing(context)
    this.placement = new Placement(context, new Assignments(context))
    const lifecycle = new RunLifecycle(context, needs)
    this.lifecycle = lifecycle
    const failing = new Failures(context, needs, queueing, lifecycle)
    this.failing = failing
    const losses = new Losses(context, needs, queueing, failing)
    this.losses = losses
    this.submissions = new Submissions(context, { needs, queueing, lifecycle, failing })
    this.results = new Results(context, { needs, queueing, lifecycle, failing, losses })
  }

  /** Handles one event and returns the messages to send because of it. */
  handle(event: SchedulerEvent): SchedulerMessage[] {
    this.change(event)
    if (this.context.queues.size > 0) this.placement.dispatch()
    return this.context.outbox.drain()
  }

  private change(event: SchedulerEvent): void {
    const { workers, replicas, runs, tasks } = this.context
    switch (event.kind) {
      case 'finished':
        this.results.finished(event)
        break
      case 'erred':
        this.results.erred(event)
        break
      case 'seceded':
        this.results.seceded(event)
        break
      case 'missing':
        this.losses.missing(event)
        break
      case 'submit':
        this.submissions.add(event.submission)
        break
      case 'release':
        this.lifecycle.forget(runs.get(event.run))
        break
      case 'release-targets':
        this.lifecycle.releaseTargets(event.run, event.positions)
        break
      case 'report-targets':
        this.submissions.report(event.run)
        break
      case 'retry':
        this.failing.retry(event.run, event.positions)
        break
      case 'worker-joined':
        workers.add(event.worker, event.nthreads, event)
        break
      case 'worker-left':
        this.losses.workerLeft(event)
        break
      case 'worker-retiring':
        this.losses.workerRetiring(event)
        break
      case 'worker-alive':
        tasks.undoFailure(event.worker)
        break
      case 'worker-memory':
        workers.setPaused(event.worker, event.isPaused)
        workers.setHeld(event.worker, event.stored)
        break
      case 'replicated':
        replicas.add(event.worker, event.tasks)
        break
      case 'surplus':
        replicas.reduce(event.worker, event.tasks)
        break
      default:
        event satisfies never
    }
  }

  // Tasks --------------------------------------------------------------------------------------------

  /** Returns the slots that a task reads, in order. */
  inputsOf(slot: number): Int32Array {
    return this.tasks.inputsOf(slot)
  }

  /** Visits a task's dependents. */
  eachDependent(slot: number, visit: (dependent: number) => void): void {
    this.context.groups.eachDependent(slot, visit)
  }

  /** Returns the rank of the task that reads a result next, infinity if none will; undefined while a task reads it. */
  nextUse(slot: number): number | undefined {
    const { state, rank } = this.tasks
    let next = Number.POSITIVE_INFINITY
    let isRead = false
    this.eachDependent(slot, (dependent) => {
      if (state[dependent] === PROCESSING) isRead = true
      else if (state[dependent] === WAITING || state[dependent] === QUEUED) {
        next = Math.min(next, rank[dependent]!)
      }
    })
    return isRead ? undefined : next
  }

  /** Returns the workers that hold a task's result. */
  holdersOf(slot: number): number[] {
    return this.context.replicas.holdersOf(slot)
  }

  /** Returns the worker to fetch a result from: `worker` itself if it holds it, else the first holder. */
  holderFor(slot: number, worker: number): number {
    return this.context.replicas.holderFor(slot, worker)
  }

  /** Returns the caller's data about the submission that brought a task. */
  originOf(slot: number): unknown {
    return this.tasks.group[slot]!.origin
  }

  /** Returns why a task has failed; undefined if it has not. */
  failureOf(slot: number): RunFailure | undefined {
    return this.context.failures.get(slot)
  }

  /** Whether a task waits at its worker for tasks that it started. */
  hasSeceded(slot: number): boolean {
    return this.context.workers.hasSeceded(slot)
  }

  /** How many tasks are ready and not assigned. */
  get queuedTasks(): number {
    return this.context.queues.size
  }

  /** Visits the first queued task of each restriction. */
  eachRestricted(visit: (slot: number, restriction: TaskRestriction) => void): void {
    this.context.queues.restricted.eachFirst(visit)
  }

  // Runs ---------------------------------------------------------------------------------------------

  /** Whether a run is known. */
  hasRun(run: number): boolean {
    return this.context.runs.get(run) !== undefined
  }

  /** Returns the slots of a run's targets, in the order of its submission's `targets`. */
  targetsOf(run: number): Int32Array {
    return this.getRun(run).targets
  }

  /** Returns the slots of a run's tasks, by position in its submission. */
  slotsOf(run: number): Int32Array {
    return this.getRun(run).group.slotOf
  }

  /** Whether a task is a target of any run. */
  isWanted(slot: number): boolean {
    return this.context.runs.isWanted(slot)
  }

  /** Returns the runs that have a task as a target, once for each such target. */
  runsWanting(slot: number): number[] {
    return this.context.runs.wantingOf(slot).map((run) => run.id)
  }

  /** Visits the positions among a run's targets at which it holds a task. */
  eachPositionOf(run: number, slot: number, visit: (position: number) => void): void {
    this.context.runs.get(run)?.eachPosition(slot, visit)
  }

  /** Returns the slot at a position of a run's targets; -1 if there is none or it was released. */
  heldTarget(run: number, position: number): number {
    return this.context.runs.heldTarget(run, position)
  }

  private getRun(id: number): Run {
    const run = this.context.runs.get(id)
    invariant(run !== undefined, `run ${id} is not known`)
    return run
  }

  // Workers ------------------------------------------------------------------------------------------

  /** Whether a worker has joined and not left. */
  hasWorker(worker: number): boolean {
    return this.context.workers.find(worker) !== undefined
  }

  /** Returns the workers with their queues, assigned tasks and memory, as they are now. */
  workerViews(): WorkerView[] {
    return Array.from(this.context.workers.all(), (worker) => ({ ...worker }))
  }

  /** Returns the results that only workers hold which are to leave, in the order of their slots. */
  resultsOfRetiring(): number[] {
    return this.context.replicas.heldByRetiring()
  }

  // Maintenance --------------------------------------------------------------------------------------

  /** Sets the milliseconds that tasks of a recipe are expected to take, unless one has finished. */
  expectDuration(recipe: number, milliseconds: number): void {
    this.context.costs.expect(recipe, milliseconds)
  }

  /** Forgets what was learned about recipes whose numbers will be reused. */
  forgetRecipes(numbers: readonly number[]): void {
    for (const number of numbers) this.context.costs.forget(number)
  }

  /** Whether no run is known and nothing of earlier ones is left. */
  get isEmpty(): boolean {
    const { runs, replicas, failures, groups, queues } = this.context
    if (!runs.isEmpty || !replicas.isEmpty || failures.size > 0) return false
    if (!groups.isEmpty || queues.size > 0 || this.tasks.lostWorkers.size > 0) return false
    return this.tasks.state.every((state) => state === FORGOTTEN)
  }

  /** Checks counts against a recount; for `validate`. */
  validateCounts(): void {
    const { tasks, queues, workers, runs, failures } = this.context
    queues.validate()
    workers.validate()
    for (const run of runs.all()) {
      if (run.keeps) continue
      const missing = run.targets.filter((slot) => tasks.state[slot] !== MEMORY).length
      invariant(
        missing === run.remaining,
        `run ${run.id} misses ${missing} targets, not ${run.remaining}`,
      )
    }
    for (let slot = 0; slot < tasks.high; slot++) {
      const isFailed = tasks.state[slot] === ERRED
      invariant(isFailed === failures.has(slot), `task ${slot} and its failure do not agree`)
    }
  }
}
