/**
 * Runs graphs on this process's threads. It owns the scheduler state, the executor pool and the stored
 * results: it turns events of the pool into events of the state, and messages of the state into batches.
 */

import { collectUsed, limitGarbage } from '../../base/collect-garbage.js'
import { CancelledError, TimeoutError } from '../../base/errors.js'
import { prepare } from '../../codec/index.js'
import { withScopeAnnotations } from '../../graph/annotate.js'
import type { GetOptions } from '../../graph/get.js'
import { orderPlan } from '../../graph/planning/order.js'
import { type Plan, shapeResults, targetSet } from '../../graph/planning/plan.js'
import { isData, type Recipe } from '../../graph/recipe.js'
import { storeParam } from '../../graph/serialized-params.js'
import { isEncoded, loadResult, type StoredValue, storedSize } from '../../graph/stored-value.js'
import type { SchedulerEvent } from '../../scheduling/interface/events.js'
import type { RunFailure } from '../../scheduling/interface/messages.js'
import { SchedulerState } from '../../scheduling/state.js'
import { MEMORY } from '../../scheduling/tables/task-states.js'
import { annotationsInOptions } from '../choose-get.js'
import { ExecutorPool, type PoolEvents } from './executor-pool.js'
import type {
  ExecutorFailure,
  ExecutorReport,
  ExecutorTask,
  StrayError,
} from './executor-protocol.js'
import {
  type LocalRun,
  recipeTimeouts,
  reportProgress,
  runError,
  taskSettings,
} from './local-run.js'
import { NewAssignments } from './new-assignments.js'
import { RecipeRegistry } from './recipe-registry.js'
import { describeTasks, ReportedTasks, sourceOf, type TaskSource } from './reported-tasks.js'
import { resultShare } from './result-limit.js'
import { StoredResults } from './stored-results.js'
import { strayWarning } from './stray-warning.js'
import type { ThreadExit } from './thread-exit.js'

/** The number of tasks of a report that are remembered, for warnings. */
const maxReported = 16

/** The number of exits of threads that are remembered, for errors. */
const maxExits = 1000

/** The number of different warnings after which none are printed any more. */
const maxWarnings = 1000

/** Milliseconds for which the process is kept alive, after the last computation, for what threads still report. */
const maxSettling = 100

export class LocalScheduler {
  private readonly state = new SchedulerState()
  private readonly pool: ExecutorPool
  private readonly registry = new RecipeRegistry()
  private readonly runs = new Map<number, LocalRun>()
  private readonly results: StoredResults
  /** Exits of threads that were not deliberate, by thread. */
  private readonly exits = new Map<number, ThreadExit>()
  private readonly reported = new ReportedTasks()
  private readonly warnings = new Set<string>()
  private nextRun = 0
  private unrefTimer: NodeJS.Timeout | undefined

  /** `heapLimit`, of each thread, is in bytes, and by default Node's own; so is `resultLimit`, by default none. */
  constructor(nthreads: number, heapLimit?: number, resultLimit = Number.POSITIVE_INFINITY) {
    const memoryLimit = resultLimit / resultShare
    limitGarbage(memoryLimit)
    this.results = new StoredResults(resultLimit, (slot) => this.state.nextUse(slot))
    const events: PoolEvents = {
      joined: (thread) => this.handle({ kind: 'worker-joined', worker: thread, nthreads: 1 }),
      reported: (thread, report) => this.onReport(thread, report),
      timedOut: (thread, task, attempt, timeout) => {
        this.failTask(thread, task, attempt, new TimeoutError(timeout))
      },
      heapFull: (thread, task, attempt, error) => this.failTask(thread, task, attempt, error),
      strayError: (thread, error) => this.warn(thread, error),
      left: (thread, exit) => this.onLeft(thread, exit),
    }
    this.pool = new ExecutorPool(nthreads, events, {
      heapLimit,
      memoryLimit,
    })
  }

  /** Whether threads cannot be started any more. */
  get isBroken(): boolean {
    return this.pool.isEmpty
  }

  /** Runs a plan's tasks and returns the results in the shape of its targets. */
  run(plan: Plan, options: GetOptions): Promise<unknown> {
    const { signal } = options
    return new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(aborted(signal))
        return
      }
      const recipeIds = this.acquireRecipes(plan.recipes)
      const annotations = withScopeAnnotations(annotationsInOptions(options))
      const id = this.nextRun++
      const onAbort = (): void => {
        this.end(id)
        reject(aborted(signal!))
      }
      signal?.addEventListener('abort', onAbort, { once: true })
      const targets = [...targetSet(plan.targets)]
      const run: LocalRun = {
        id,
        plan,
        targets,
        resolve,
        reject,
        timeouts: recipeTimeouts(plan, annotations),
        onProgress: options.onProgress,
        stopListening: () => signal?.removeEventListener('abort', onAbort),
        done: 0,
        lastProgress: 0,
      }
      if (this.runs.size === 0) this.pool.ref()
      // They start while the tasks are ordered and assigned.
      this.pool.start(plan.count)
      this.runs.set(id, run)
      this.handle({
        kind: 'submit',
        submission: {
          run: id,
          count: plan.count,
          recipeOf: plan.recipeOf.map((recipe) => recipeIds[recipe]!),
          inputStart: plan.inputStart,
          inputs: plan.inputs,
          ranks: orderPlan(plan),
          targets,
          origin: run,
          ...taskSettings(plan, annotations),
        },
      })
    })
  }

  /** Rejects all computations and ends the threads. */
  async close(): Promise<void> {
    for (const run of [...this.runs.values()]) {
      this.end(run.id)
      run.reject(new CancelledError('The threads were closed before the computation was done'))
    }
    clearTimeout(this.unrefTimer)
    await this.pool.close()
    this.results.close()
  }

  /** Registers a plan's recipes and returns their numbers. If one cannot be sent, registers none and throws. */
  private acquireRecipes(recipes: readonly Recipe[]): number[] {
    const ids: number[] = []
    try {
      for (const recipe of recipes) {
        const { id, bytes, isNew } = this.registry.acquire(recipe)
        if (isNew) this.pool.defineRecipe(id, bytes)
        // So the first data is divided between all threads, and with it the tasks that read it.
        if (isData(recipe)) this.state.expectDuration(id, 0)
        ids.push(id)
      }
    } catch (error) {
      this.pool.forgetRecipes(this.registry.release(recipes.slice(0, ids.length)))
      throw error
    }
    return ids
  }

  private handle(event: SchedulerEvent): void {
    const assigned = new NewAssignments()
    this.change(event, assigned)
    for (const { thread, report } of assigned.reports)
      this.change(this.storeResults(thread, report), assigned)
    for (const [thread, tasks] of assigned.batches) {
      // The end of a computation may have cancelled some.
      const slots = tasks.flatMap(({ slot, attempt }) =>
        this.isCurrent(thread, slot, attempt) ? [slot] : [],
      )
      this.send(thread, slots)
    }
    this.results.makeRoom()
    collectUsed()
  }

  /** Handles an event and all messages that follow from it, except that assigned tasks are collected. */
  private change(event: SchedulerEvent, assigned: NewAssignments): void {
    for (const message of this.state.handle(event)) {
      switch (message.kind) {
        case 'compute':
          this.collect(message.worker, message.tasks, assigned)
          break
        case 'free':
          this.results.free(message.tasks)
          break
        case 'cancel':
          this.pool.cancel(
            message.worker,
            message.tasks,
            message.tasks.map((slot) => this.state.tasks.attempt[slot]!),
          )
          break
        case 'run-done':
          void this.finish(this.runs.get(message.run)!)
          break
        case 'run-failed':
          this.failRun(message.run, message.failure)
          break
        case 'targets-done':
        case 'targets-lost':
        case 'targets-failed':
          // Only runs that keep their targets get these, and a local run does not.
          break
        case 'forgotten':
          // Nothing is stored for a forgotten task: its result was freed before.
          break
        default:
          message satisfies never
      }
    }
  }

  /** Sorts assigned tasks into data and others. */
  private collect(thread: number, slots: readonly number[], assigned: NewAssignments): void {
    const { tasks } = this.state
    const data: { slot: number; attempt: number }[] = []
    const values: StoredValue[] = []
    for (const slot of slots) {
      const attempt = tasks.attempt[slot]!
      if (!isData(this.runOf(slot).plan.recipe(tasks.position[slot]!))) {
        assigned.add(thread, slot, attempt)
        continue
      }
      try {
        values.push(this.paramsOf(slot)[0])
        data.push({ slot, attempt })
        this.results.onSent(slot, [])
      } catch (error) {
        this.abandon(this.runOf(slot), error)
      }
    }
    if (data.length > 0) assigned.addData(thread, data, values)
  }

  private send(thread: number, slots: readonly number[]): void {
    if (slots.length === 0) return
    const { tasks } = this.state
    const batch: ExecutorTask[] = []
    const memory: SharedArrayBuffer[] = []
    /** The index in the batch of each task; created when a task reads another one's result. */
    let indices: Map<number, number> | undefined
    let timeouts: Map<number, number> | undefined
    for (const slot of slots) {
      const attempt = tasks.attempt[slot]!
      const read = this.state.inputsOf(slot)
      this.results.onSent(slot, read)
      try {
        const inputs: StoredValue[] = []
        let from: number[] | undefined
        for (const input of read) {
          if (tasks.state[input] !== MEMORY) {
            // An earlier task of this batch computes it.
            from ??= inputs.map(() => -1)
            indices ??= new Map(batch.map(({ task }, index) => [task, index]))
            from.push(indices.get(input) ?? -2)
          } else from?.push(-1)
          inputs.push(this.results.get(input))
        }
        const params = this.paramsOf(slot)
        indices?.set(slot, batch.length)
        const timeout = this.timeoutOf(slot)
        if (timeout !== undefined) (timeouts ??= new Map()).set(batch.length, timeout)
        const recipe = tasks.recipe[slot]!
        batch.push({ task: slot, attempt, recipe, inputs, params, from })
        this.results.memory.takeFor(recipe, memory)
      } catch (error) {
        // A parameter that cannot be sent fails only the computation that contains it.
        this.abandon(this.runOf(slot), error)
      }
    }
    if (memory.length > 0) this.pool.lend(thread, memory)
    this.pool.run(thread, batch, timeouts)
  }

  private runOf(slot: number): LocalRun {
    return this.state.originOf(slot) as LocalRun
  }

  private timeoutOf(slot: number): number | undefined {
    const { timeouts, plan } = this.runOf(slot)
    return timeouts?.[plan.recipeOf[this.state.tasks.position[slot]!]!]
  }

  private paramsOf(slot: number): StoredValue[] {
    const { plan } = this.runOf(slot)
    const position = this.state.tasks.position[slot]!
    const params = plan.params[position]!
    return params.map((param, i) => storeParam(plan, position, i, param))
  }

  private onReport(thread: number, report: ExecutorReport): void {
    this.handle(this.storeResults(thread, report))
    for (const failure of report.failures) {
      if (this.isCurrent(thread, failure.task, failure.attempt))
        this.remember(thread, failure.task, failure.attempt)
      void this.onFailure(thread, failure)
    }
  }

  /** Stores the results of a report, and returns the event that it is for the state. */
  private storeResults(thread: number, report: ExecutorReport): SchedulerEvent {
    const { values, tasks, uses } = report
    for (let i = 0; i < tasks.length; i++) {
      const slot = tasks[i]!
      if (slot < 0 || !this.isCurrent(thread, slot, report.attempts[i]!)) continue
      const recipe = this.state.tasks.recipe[slot]!
      this.results.put(slot, recipe, this.state.inputsOf(slot), values[i], uses[i]!)
      const run = this.runOf(slot)
      if (i >= tasks.length - maxReported) this.remember(thread, slot, report.attempts[i]!)
      run.done++
      if (run.onProgress !== undefined) this.onProgress(run)
    }
    return {
      kind: 'finished',
      worker: thread,
      tasks,
      attempts: report.attempts,
      nbytes: values.map(storedSize),
      durations: report.durations,
    }
  }

  private async onFailure(thread: number, failure: ExecutorFailure): Promise<void> {
    const { task, attempt, step } = failure
    let cause: unknown
    try {
      if (isEncoded(failure.error)) await prepare(failure.error.bundles)
      cause = loadResult(failure.error)
    } catch (error) {
      cause = error
    }
    this.handle({ kind: 'erred', worker: thread, task, attempt, error: { step, error: cause } })
  }

  private failTask(thread: number, task: number, attempt: number, error: Error): void {
    this.handle({ kind: 'erred', worker: thread, task, attempt, error: { step: 0, error } })
  }

  private onLeft(thread: number, exit: ThreadExit): void {
    if (!exit.isDeliberate) {
      this.exits.set(thread, exit)
      for (const oldest of this.exits.keys()) {
        if (this.exits.size <= maxExits) break
        this.exits.delete(oldest)
      }
    }
    this.handle({ kind: 'worker-left', worker: thread, isPlanned: exit.isDeliberate })
    this.reported.removeThread(thread)
    // The pool starts another thread after this event, or gives up.
    setImmediate(() => {
      if (!this.isBroken) return
      for (const run of [...this.runs.values()]) {
        this.end(run.id)
        run.reject(new Error(`Threads end as soon as they start: ${exit.reason}`))
      }
    })
  }

  /** Notes that a thread has run a task, for warnings. */
  private remember(thread: number, slot: number, attempt: number): void {
    const { plan } = this.runOf(slot)
    this.reported.add(thread, slot, attempt, plan, this.state.tasks.position[slot]!)
  }

  /** Prints a warning about an error that no task threw; the same one only once. */
  private warn(thread: number, error: StrayError): void {
    const sources: TaskSource[] = []
    for (const [slot, attempt] of error.tasks) {
      const source = this.isCurrent(thread, slot, attempt)
        ? sourceOf(this.runOf(slot).plan, this.state.tasks.position[slot]!)
        : this.reported.find(thread, slot, attempt)
      if (source !== undefined) sources.push(source)
    }
    const warning = strayWarning(error, describeTasks(sources))
    if (this.warnings.has(warning) || this.warnings.size >= maxWarnings) return
    this.warnings.add(warning)
    process.stderr.write(`skein: ${warning}\n`)
  }

  /** Whether the state still expects this attempt of a task from this thread. */
  private isCurrent(thread: number, slot: number, attempt: number): boolean {
    return this.state.tasks.isAssigned(thread, slot, attempt)
  }

  private async finish(run: LocalRun): Promise<void> {
    const slots = this.state.targetsOf(run.id)
    const stored = new Map<number, StoredValue>()
    for (const [i, target] of run.targets.entries())
      stored.set(target, this.results.take(slots[i]!))
    this.end(run.id)
    try {
      for (const value of stored.values()) if (isEncoded(value)) await prepare(value.bundles)
      const { plan } = run
      run.onProgress?.({ done: plan.count, total: plan.count })
      run.resolve(shapeResults(plan.targets, (task) => loadResult(stored.get(task))))
    } catch (error) {
      run.reject(error)
    }
  }

  private failRun(id: number, failure: RunFailure): void {
    const run = this.runs.get(id)!
    this.forget(run)
    run.reject(runError(run.plan, failure, this.exits))
  }

  private onProgress(run: LocalRun): void {
    try {
      reportProgress(run)
    } catch (error) {
      // The user's callback failed: only this computation fails.
      this.abandon(run, error)
    }
  }

  /** Rejects a computation, and ends it once the current event is handled. */
  private abandon(run: LocalRun, error: unknown): void {
    queueMicrotask(() => this.end(run.id))
    run.reject(error)
  }

  /** Ends a computation, finished or not, and releases its results. */
  private end(id: number): void {
    const run = this.runs.get(id)
    if (run === undefined) return
    this.handle({ kind: 'release', run: id })
    this.forget(run)
  }

  private forget(run: LocalRun): void {
    run.stopListening()
    this.runs.delete(run.id)
    const forgotten = this.registry.release(run.plan.recipes)
    this.pool.forgetRecipes(forgotten)
    this.state.forgetRecipes(forgotten)
    this.results.memory.forgetRecipes(forgotten)
    this.reported.releasePlan(run.plan)
    if (this.runs.size === 0 && this.unrefTimer === undefined) this.unrefSoon(0)
  }

  /** Lets the process end once the threads have reported what they had to report. */
  private unrefSoon(waited: number): void {
    this.unrefTimer = setTimeout(() => {
      this.unrefTimer = undefined
      if (this.runs.size > 0) return
      if (!this.pool.isSettled && waited < maxSettling) this.unrefSoon(waited + 1)
      // Messages that were posted before are received first.
      else setImmediate(() => this.unrefIfIdle())
    }, 1)
  }

  private unrefIfIdle(): void {
    if (this.runs.size === 0) this.pool.unref()
  }
}

function aborted(signal: AbortSignal): CancelledError {
  return new CancelledError('The computation was aborted', { cause: signal.reason })
}
