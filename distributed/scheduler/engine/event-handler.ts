/**
 * Passes events to the state machine and acts on its messages: sends tasks to workers, reports runs to
 * clients, and forgets what is over. After an internal error all computations fail.
 */
import type { SchedulerEvent } from '../../../core/scheduling/interface/events.js'
import type { RunFailure, SchedulerMessage } from '../../../core/scheduling/interface/messages.js'
import type { WireFailure } from '../../protocol/index.js'
import type { Computation } from '../computations/computation.js'
import { toWireFailure } from '../peers/wire-failures.js'
import type { EngineParts } from './engine-parts.js'

export class EventHandler {
  private readonly parts: EngineParts
  private isFailing = false

  constructor(parts: EngineParts) {
    this.parts = parts
  }

  /** Applies an event to the state machine. */
  handle(event: SchedulerEvent): void {
    const { state, environment } = this.parts
    state.story.now = environment.now()
    for (const message of state.handle(event)) this.apply(message)
    if (environment.validate !== undefined && !this.isFailing) this.validate(event.kind)
  }

  /** Runs a function; if it throws, all computations fail. */
  guard(body: () => void): void {
    try {
      body()
    } catch (error) {
      this.failAll(error)
    }
  }

  /** Fails all computations because of an error of the scheduler itself. */
  failAll(error: unknown): void {
    const { environment, computations, clients } = this.parts
    environment.log('an error in the scheduler', error)
    this.isFailing = true
    const message = `The scheduler failed: ${error instanceof Error ? error.message : String(error)}`
    for (const computation of [...computations.values()]) {
      clients.failed(computation, { kind: 'internal', message }, [])
      try {
        this.release(computation.run)
      } catch (releaseError) {
        environment.log('a computation could not be released', releaseError)
      }
    }
    this.isFailing = false
  }

  /** Fails all computations if an invariant is violated: the results of such a state may be wrong. */
  private validate(event: string): void {
    const { validate } = this.parts.environment
    try {
      validate?.check(this.parts)
    } catch (error) {
      validate?.onViolation(error, event)
      const why = error instanceof Error ? error.message : String(error)
      this.failAll(new Error(`its state broke a rule after '${event}': ${why}`))
    }
  }

  private apply(message: SchedulerMessage): void {
    switch (message.kind) {
      case 'compute':
        this.parts.workers.compute(message.worker, message.tasks)
        return
      case 'free':
      case 'cancel':
        this.parts.workers.postTasks(message.kind, message.worker, message.tasks)
        return
      case 'run-done':
        this.onRunDone(message.run)
        return
      case 'run-failed':
        this.onRunFailed(message.run, message.failure)
        return
      case 'targets-done':
        this.onTargetsDone(message.run, message.positions)
        return
      case 'targets-lost':
        this.onTargetsLost(message.run, message.positions)
        return
      case 'targets-failed':
        this.onTargetsFailed(message.run, message.positions, message.failure)
        return
      case 'forgotten':
        this.onForgotten(message.origin as Computation, message.slotOf)
        return
      default:
        message satisfies never
    }
  }

  private onRunDone(run: number): void {
    const computation = this.parts.computations.get(run)
    if (computation === undefined) return
    computation.isDone = true
    if (computation.unsent === 0) this.reportDone(computation)
    else this.parts.delivery.gather(computation)
  }

  private onRunFailed(run: number, reason: RunFailure): void {
    const computation = this.forget(run)
    if (computation === undefined) return
    const { failure, bundles } = toWireFailure(reason, this.parts.lostWorkers)
    this.logFailure('computation failed', computation, failure)
    this.parts.clients.failed(computation, failure, bundles)
  }

  private onTargetsDone(run: number, targets: readonly number[]): void {
    const { computations, state, clients, delivery } = this.parts
    const computation = computations.get(run)
    if (computation === undefined) return
    const nbytes = Float64Array.from(targets, (target) => {
      return state.tasks.nbytes[state.heldTarget(run, target)]!
    })
    clients.targetsDone(computation, Int32Array.from(targets), nbytes)
    if (computation.unsent > 0) delivery.gather(computation, targets)
  }

  private onTargetsLost(run: number, targets: readonly number[]): void {
    const computation = this.parts.computations.get(run)
    if (computation === undefined) return
    this.parts.clients.targetsLost(computation, Int32Array.from(targets))
  }

  private onTargetsFailed(run: number, targets: readonly number[], reason: RunFailure): void {
    const computation = this.parts.computations.get(run)
    if (computation === undefined) return
    const { failure, bundles } = toWireFailure(reason, this.parts.lostWorkers)
    this.logFailure('results failed', computation, failure)
    this.parts.clients.targetsFailed(computation, targets, failure, bundles)
  }

  /** Releases what a computation used, after its last task was forgotten. */
  private onForgotten(computation: Computation, slotOf: Int32Array): void {
    const { forgottenComputations, state, bundleCache, recipes, workers } = this.parts
    forgottenComputations.add(computation, slotOf, state.story)
    bundleCache.release(computation.bundles)
    const forgotten = recipes.release(computation.recipes)
    state.forgetRecipes(forgotten)
    workers.forgetRecipes(forgotten)
  }

  /** Reports the computations that only waited for these results to be sent. */
  reportDelivered(slots: Int32Array): void {
    const { state, computations } = this.parts
    const runs = new Set<number>()
    for (const slot of slots) for (const run of state.runsWanting(slot)) runs.add(run)
    for (const run of runs) {
      const computation = computations.get(run)
      if (computation?.isDone === true && computation.unsent === 0) this.reportDone(computation)
    }
  }

  /**
   * Tells the client that all values were sent. The results are kept until the client confirms it by
   * cancelling the run, in case the values were lost on the way.
   */
  reportDone(computation: Computation): void {
    if (computation.isReported) return
    computation.isReported = true
    this.parts.environment.logInfo?.('computation done', this.factsOf(computation))
    this.parts.clients.post(computation.client, { op: 'done', run: computation.clientRun })
  }

  /** Ends a computation, finished or not. */
  release(run: number | undefined): void {
    if (run === undefined || this.forget(run) === undefined) return
    this.handle({ kind: 'release', run })
  }

  /** Removes a computation from the tables, but not from the state machine. */
  forget(run: number): Computation | undefined {
    const { computations, runNames, clients, environment } = this.parts
    const computation = computations.get(run)
    if (computation === undefined) return undefined
    computations.delete(run)
    runNames.forget(computation.name)
    if (computation.reportsProgress) clients.progressListeners--
    if (!computation.isReported)
      environment.logInfo?.('computation released', this.factsOf(computation))
    clients.forgetRun(computation)
    return computation
  }

  private factsOf({ name, client, submittedAt }: Computation): Record<string, unknown> {
    const ms = Math.round(this.parts.environment.now() - submittedAt)
    return { run: name, client, ms }
  }

  private logFailure(what: string, computation: Computation, failure: WireFailure): void {
    const { kind } = failure
    const key = 'key' in failure ? failure.key : undefined
    this.parts.environment.logInfo?.(what, { ...this.factsOf(computation), kind, key })
  }
}
