/**
 * The runs of a client whose results stay on the cluster: calls of functions, and graphs that were
 * persisted. The calls of one turn of the event loop are one run, and may read one another.
 */
import type { CallSite } from '../../../core/base/call-site.js'
import { columnOf, noNumbers } from '../../../core/base/short-columns.js'
import { prepare } from '../../../core/codec/index.js'
import type { Get } from '../../../core/graph/get.js'
import type { Plan } from '../../../core/graph/planning/plan.js'
import type { Annotations } from '../../../core/graph/recipe.js'
import { isEncoded, loadResult, type StoredValue } from '../../../core/graph/stored-value.js'
import type { AwaitedCount } from '../../base/awaited-count.js'
import { isStored } from '../../protocol/field-kinds.js'
import type { Submit, TargetFailed, TargetStates, Values } from '../../protocol/index.js'
import type { ClientChannel } from '../submission/client-channel.js'
import { makeSubmission } from '../submission/plan-submission.js'
import { CallBatch } from './call-batch.js'
import type { ClusterCall } from './cluster-call.js'
import { errorOf } from './failure-errors.js'
import { Future, futureResult } from './future.js'
import { HeldResult } from './held-result.js'
import { HeldRun } from './held-run.js'
import { type FindTask, type TaskSources, tasksOfPlan } from './task-sources.js'

export class HeldRuns {
  private readonly channel: ClientChannel
  private readonly sources: TaskSources
  private readonly awaited: AwaitedCount
  private readonly onFuture: (future: Future<unknown>) => void
  private readonly runs = new Map<number, HeldRun>()
  private batch: CallBatch | undefined
  /** The `get` of the client, by which collections that read its futures are computed. */
  get: Get | undefined

  /** `onFuture` is called with every future that is made. */
  constructor(
    channel: ClientChannel,
    sources: TaskSources,
    awaited: AwaitedCount,
    onFuture: (future: Future<unknown>) => void,
  ) {
    this.channel = channel
    this.sources = sources
    this.awaited = awaited
    this.onFuture = onFuture
  }

  // Submitting -------------------------------------------------------------------------------------

  /** Submits a call, together with the others of this turn. */
  submitCall<T>(call: ClusterCall, site: CallSite | undefined): Future<T> {
    let { batch } = this
    if (batch === undefined) {
      batch = this.batch = new CallBatch(this.addRun(this.channel.nextNumber()))
      queueMicrotask(() => this.flush())
    }
    const { run } = batch
    const task = batch.add(call, site)
    const known = run.results[task]
    if (known !== undefined) return this.makeFuture(run, task, known.share())
    const inputs = call.reads.flatMap((read) =>
      read instanceof Future ? [(read as Future<unknown>)[futureResult]] : [],
    )
    const result = new HeldResult(run, { target: task, key: call.key, inputs })
    run.add(result)
    return this.makeFuture(run, task, result)
  }

  private makeFuture<T>(run: HeldRun, target: number, result: HeldResult): Future<T> {
    const future = new Future<T>(run.name, target, result)
    this.onFuture(future)
    return future
  }

  /** Sends the calls of this turn now, so that the scheduler gets them before the next message. */
  flush(): void {
    const { batch } = this
    if (batch === undefined) return
    this.batch = undefined
    const { run } = batch
    run.results = run.results.slice()
    this.sources.add(run.number, batch.source())
    this.channel.submit(batch.message(this.channel.sentBundles))
    run.isSent = true
  }

  /** Submits a plan whose results are kept, and returns a future for each target, which is a task. */
  submitPlan(plan: Plan, annotations: Annotations | undefined): Future<unknown>[] {
    this.flush()
    const run = this.channel.nextNumber()
    const sent = this.channel.sentBundles
    const options = { run, wantsProgress: false, sent, annotations, holdTargets: true }
    const { message, targets, taskOf } = makeSubmission(plan, options)
    const keys = targets.map((task) => plan.key(task))
    const find = tasksOfPlan(plan, taskOf, message.keys)
    const futures = this.sendTargets(keys, message, find)
    // Two keys may name one task.
    const futureOf = new Map(targets.map((task, target) => [task, futures[target]!]))
    return (plan.targets as readonly number[]).map((task) => futureOf.get(task)!)
  }

  /** Submits a run with the given target keys; `make` encodes it. */
  submitTargets(keys: readonly string[], make: (run: number) => Submit): Future<unknown>[] {
    this.flush()
    return this.sendTargets(keys, make(this.channel.nextNumber()))
  }

  private sendTargets(
    keys: readonly string[],
    message: Submit,
    find?: FindTask,
  ): Future<unknown>[] {
    const number = message.run
    const run = this.addRun(number)
    for (const [target, key] of keys.entries()) run.add(new HeldResult(run, { target, key }))
    if (find !== undefined) this.sources.add(number, find)
    this.channel.submit(message)
    run.isSent = true
    return run.results.map((result, target) => this.makeFuture(run, target, result))
  }

  private addRun(number: number): HeldRun {
    const name = this.channel.runName(number)
    const sendRequests = (changed: HeldRun): void => this.sendRequests(changed)
    const run = new HeldRun(number, name, this.awaited, sendRequests, () => this.get)
    this.runs.set(number, run)
    return run
  }

  /** Sends the requests about targets that were made in one turn. */
  private sendRequests(run: HeldRun): void {
    this.flush()
    if (run.isRefused && run.toRetry !== undefined) this.resubmit(run)
    const send = (
      op: 'fetch-values' | 'release' | 'retry',
      targets: number[] | undefined,
    ): void => {
      if (targets === undefined) return
      this.channel.post({ op, run: run.number, targets: columnOf(targets) })
    }
    send('retry', run.toRetry)
    send('fetch-values', run.toFetch)
    send('release', run.toRelease)
    run.clearRequests()
    if (run.heldCount === 0) this.forget(run)
  }

  /** Submits a run again that the scheduler refused as a whole. */
  private resubmit(run: HeldRun): void {
    for (const result of run.results) result.resetFailure()
    this.channel.resubmit(this.pendingSubmission(this.channel.submissionOf(run.number)))
    this.repeatRequests(run.number)
    run.clearRequests()
  }

  private forget(run: HeldRun): void {
    if (!this.runs.delete(run.number)) return
    this.sources.delete(run.number)
    this.channel.endRun(run.number)
  }

  // Sessions ---------------------------------------------------------------------------------------

  /** Returns the targets of a run whose values are awaited. */
  missingValues(number: number): Int32Array {
    return this.runs.get(number)!.targetsWhere((result) => result.isAwaited && !result.isReleased)
  }

  /** Returns the form of a submission for a scheduler that does not know the run. */
  pendingSubmission(message: Submit): Submit {
    const run = this.runs.get(message.run)
    if (run === undefined) return { ...message, deliver: noNumbers }
    run.isRefused = false
    for (const result of run.results) result.setLost()
    return { ...message, deliver: this.missingValues(message.run) }
  }

  /** Repeats the requests about a run that the scheduler may have missed. */
  repeatRequests(number: number): void {
    const run = this.runs.get(number)
    if (run === undefined) return
    const released = run.targetsWhere((result) => result.isReleased)
    const retried = run.targetsWhere((result) => result.isRetried && !result.isReleased)
    const { channel } = this
    if (retried.length > 0) channel.post({ op: 'retry', run: number, targets: retried })
    if (released.length > 0) channel.post({ op: 'release', run: number, targets: released })
  }

  // Messages of the scheduler ----------------------------------------------------------------------

  has(run: number): boolean {
    return this.runs.has(run)
  }

  onStates({ run: number, done, nbytes, lost }: TargetStates): void {
    const run = this.runs.get(number)
    if (run === undefined) return
    for (let i = 0; i < done.length; i++) run.results[done[i]!]?.setFinished(nbytes[i])
    for (const target of lost) run.results[target]?.setLost()
  }

  onValues({ run: number, targets, values }: Values): void {
    const run = this.runs.get(number)
    if (run === undefined) return
    for (let i = 0; i < targets.length; i++) {
      const value = values[i]
      if (isStored(value)) run.results[targets[i]!]?.setValue(loadWithBundles(value))
    }
  }

  async onFailed({
    run: number,
    targets,
    failure,
  }: Pick<TargetFailed, 'run' | 'targets' | 'failure'>): Promise<void> {
    const run = this.runs.get(number)
    if (run === undefined) return
    const error = await errorOf(failure, (name, task) => this.sources.find(name, task))
    for (const target of targets) run.results[target]?.setFailed(error)
  }

  /** Handles the refusal of a whole run. */
  onRunRefused(number: number, failure: TargetFailed['failure']): void {
    const run = this.runs.get(number)
    if (run === undefined) return
    run.isRefused = true
    const targets = Int32Array.from(run.results.keys())
    void this.onFailed({ run: number, targets, failure })
  }

  /** Cancels all futures; `error` makes the error for one. */
  cancelAll(error: (what: string) => Error): void {
    this.batch = undefined
    for (const run of [...this.runs.values()])
      for (const result of run.results) result.cancel(error(`the future '${result.key}'`))
    for (const run of [...this.runs.values()]) this.forget(run)
  }
}

/** Loads a value once the functions that it needs are loaded. */
async function loadWithBundles(value: StoredValue): Promise<unknown> {
  if (isEncoded(value)) await prepare(value.bundles)
  return loadResult(value)
}
