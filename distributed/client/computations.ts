/**
 * The computations of `client.get`: runs whose results are sent to the client, and which are over when
 * it has them all.
 */
import { prepare } from '../../core/codec/index.js'
import type { GetOptions } from '../../core/graph/get.js'
import { shapeResults } from '../../core/graph/planning/plan.js'
import { isEncoded, loadResult, type StoredValue } from '../../core/graph/stored-value.js'
import type { AwaitedCount } from '../base/awaited-count.js'
import { expandSubmit } from '../protocol/expand-layers.js'
import { isStored } from '../protocol/field-kinds.js'
import type { Failed, ProgressReport, Submit, Values } from '../protocol/index.js'
import { packKeys } from '../protocol/layer-keys.js'
import { errorOf } from './futures/failure-errors.js'
import type { TaskSources } from './futures/task-sources.js'
import type { ClientChannel } from './submission/client-channel.js'
import type { RunPlan } from './submission/plan-submission.js'

interface Computation {
  readonly plan: RunPlan
  /** The plan's tasks whose results are sent, in the order of the targets last submitted. */
  targets: readonly number[]
  /** For each task of the submission, its number in the plan; undefined if they are the same. */
  readonly taskOf: ArrayLike<number> | undefined
  readonly values: Map<number, StoredValue>
  readonly options: GetOptions
  readonly resolve: (value: unknown) => void
  readonly reject: (error: unknown) => void
  readonly stopListening: () => void
}

export class Computations {
  private readonly runs = new Map<number, Computation>()
  private readonly channel: ClientChannel
  private readonly sources: TaskSources
  private readonly awaited: AwaitedCount

  constructor(channel: ClientChannel, sources: TaskSources, awaited: AwaitedCount) {
    this.channel = channel
    this.sources = sources
    this.awaited = awaited
  }

  /** Adds a run that is about to be submitted; returns its results in the shape of the plan's targets. */
  start(
    run: number,
    about: Pick<Computation, 'plan' | 'targets' | 'taskOf' | 'options'>,
    abortError: (signal: AbortSignal) => Error,
  ): Promise<unknown> {
    const { plan, taskOf, options } = about
    const { signal } = options
    return new Promise((resolve, reject) => {
      const listener = (): void => this.abandon(run, abortError(signal!))
      signal?.addEventListener('abort', listener, { once: true })
      const stopListening = (): void => signal?.removeEventListener('abort', listener)
      this.awaited.begin()
      this.runs.set(run, { ...about, values: new Map(), resolve, reject, stopListening })
      this.sources.add(run, (task) => {
        const number = taskOf === undefined ? task : taskOf[task]
        return number === undefined ? undefined : { source: plan, task: number }
      })
    })
  }

  /** Cancels a computation and rejects its results with `reason`. */
  abandon(run: number, reason: unknown): void {
    this.take(run)?.reject(reason)
  }

  /** Cancels all computations; `error` makes the error for one. */
  cancelAll(error: (what: string) => Error): void {
    for (const run of [...this.runs.keys()]) this.take(run)!.reject(error('a computation'))
  }

  /** Returns the targets whose values have not come. */
  missingValues(number: number): Int32Array {
    const { targets, values } = this.runs.get(number)!
    return Int32Array.from(targets.keys()).filter((target) => !values.has(targets[target]!))
  }

  /** Returns the form of a submission that asks only for the values that have not come. */
  pendingSubmission(message: Submit): Submit {
    const run = this.runs.get(message.run)
    if (run === undefined || run.values.size === 0) return message
    const missing = this.missingValues(message.run)
    run.targets = Array.from(missing, (target) => run.targets[target]!)
    const listed = expandSubmit(message)!
    const keys = 'joined' in listed.keys ? listed.keys : packKeys(listed.keys)
    return { ...listed, keys, targets: missing.map((target) => listed.targets[target]!) }
  }

  onValues({ run: number, targets, values }: Values): void {
    const run = this.runs.get(number)
    if (run === undefined) return
    for (let i = 0; i < targets.length; i++) {
      const task = run.targets[targets[i]!]
      if (task !== undefined && isStored(values[i])) run.values.set(task, values[i])
    }
  }

  onProgress({ run: number, done }: ProgressReport): void {
    const run = this.runs.get(number)
    try {
      run?.options.onProgress?.({ done, total: run.plan.count })
    } catch (error) {
      // The caller's function failed, and the computation fails with it.
      this.abandon(number, error)
    }
  }

  async onDone(number: number): Promise<void> {
    const known = this.runs.get(number)
    // Values that were lost with a former session are sent again, and `done` after them.
    if (known === undefined || this.missingValues(number).length > 0) return
    const { plan, values, options, resolve, reject } = this.take(number)!
    try {
      for (const value of values.values()) if (isEncoded(value)) await prepare(value.bundles)
      options.onProgress?.({ done: plan.count, total: plan.count })
      resolve(shapeResults(plan.targets, (task) => loadResult(values.get(task))))
    } catch (error) {
      reject(error)
    }
  }

  async onFailed({ run: number, failure }: Failed): Promise<void> {
    const run = this.runs.get(number)
    if (run === undefined) return
    // Finds the task before the run is forgotten.
    const task =
      'run' in failure && 'task' in failure
        ? this.sources.find(failure.run, failure.task)
        : undefined
    this.take(number)
    run.reject(await errorOf(failure, () => task))
  }

  private take(number: number): Computation | undefined {
    const run = this.runs.get(number)
    if (run === undefined) return undefined
    this.runs.delete(number)
    this.awaited.end()
    this.sources.delete(number)
    run.stopListening()
    this.channel.endRun(number)
    this.channel.post({ op: 'cancel-run', run: number })
    return run
  }
}
