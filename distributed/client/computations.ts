/** The computations of a client that give their results and are over: what `client.get` runs. */
import { prepare } from '../../core/codec/index.js'
import type { GetOptions } from '../../core/graph/get.js'
import { shapeResults } from '../../core/graph/plan.js'
import { isEncoded, loadResult, type StoredValue } from '../../core/graph/stored-value.js'
import { isStored } from '../protocol/field-kinds.js'
import type { Failed, ProgressReport, Submit, Values } from '../protocol/index.js'
import { expandSubmit, packKeys } from '../protocol/layered-submit.js'
import { errorOf, type TaskSource } from './futures/failure-errors.js'
import type { RunPlan } from './submission/plan-submission.js'

/** A computation under way. */
interface Computation {
  readonly plan: RunPlan
  /** The plan's tasks whose results come, by their places in what was last submitted. */
  targets: readonly number[]
  /** By number in the submission, the number in the plan; undefined if they are the same. */
  readonly taskOf: ArrayLike<number> | undefined
  readonly values: Map<number, StoredValue>
  readonly options: GetOptions
  readonly resolve: (value: unknown) => void
  readonly reject: (error: unknown) => void
  readonly stopListening: () => void
}

type FindTask = (run: string, task: number) => { source: TaskSource; task: number } | undefined

export class Computations {
  private readonly runs = new Map<number, Computation>()
  private readonly find: FindTask
  /** Tells the scheduler that nothing more is wanted of a computation. */
  private readonly onOver: (run: number) => void

  constructor(host: { find: FindTask; onOver: (run: number) => void }) {
    this.find = host.find
    this.onOver = host.onOver
  }

  /** The places of what has not come yet. */
  lacking(number: number): Int32Array {
    const { targets, values } = this.runs.get(number)!
    return Int32Array.from(targets.keys()).filter((place) => !values.has(targets[place]!))
  }

  /** What is to be submitted so that the rest comes. */
  withoutWhatCame(message: Submit): Submit {
    const run = this.runs.get(message.run)
    if (run === undefined || run.values.size === 0) return message
    const places = this.lacking(message.run)
    run.targets = Array.from(places, (place) => run.targets[place]!)
    const listed = expandSubmit(message)!
    const keys = 'joined' in listed.keys ? listed.keys : packKeys(listed.keys)
    return { ...listed, keys, targets: places.map((place) => listed.targets[place]!) }
  }

  /** The results of a run that is being submitted. */
  start(
    run: number,
    about: Pick<Computation, 'plan' | 'targets' | 'taskOf' | 'options'>,
    onAbort: (signal: AbortSignal) => Error,
  ): Promise<unknown> {
    const { signal } = about.options
    return new Promise((resolve, reject) => {
      const listener = (): void => this.abandon(run, onAbort(signal!))
      signal?.addEventListener('abort', listener, { once: true })
      const stopListening = (): void => signal?.removeEventListener('abort', listener)
      this.runs.set(run, { ...about, values: new Map(), resolve, reject, stopListening })
    })
  }

  /** Gives up a computation for a reason of the caller's. */
  abandon(run: number, reason: unknown): void {
    const given = this.take(run)
    if (given === undefined) return
    given.reject(reason)
  }

  /** What is known of a task of one of these. */
  findTask(run: number, task: number): { source: TaskSource; task: number } | undefined {
    const known = this.runs.get(run)
    if (known === undefined) return undefined
    const number = known.taskOf === undefined ? task : known.taskOf[task]
    return number === undefined ? undefined : { source: known.plan, task: number }
  }

  /** Ends all, for a reason. */
  endAll(error: (what: string) => Error): void {
    for (const run of [...this.runs.keys()]) this.take(run)!.reject(error('a computation'))
  }

  onValues({ run: number, targets, values }: Values): void {
    const run = this.runs.get(number)
    if (run === undefined) return
    for (let i = 0; i < targets.length; i++) {
      const task = run.targets[targets[i]!]
      if (task !== undefined && isStored(values[i])) run.values.set(task, values[i])
    }
  }

  onProgress({ run, done }: ProgressReport): void {
    const known = this.runs.get(run)
    try {
      known?.options.onProgress?.({ done, total: known.plan.count })
    } catch (error) {
      // The caller's own function failed: that is this computation's failure.
      this.abandon(run, error)
    }
  }

  async onDone(number: number): Promise<void> {
    const known = this.runs.get(number)
    // Values may have been lost with a former session: they come again, and then this word does.
    if (known === undefined || this.lacking(number).length > 0) return
    const run = this.take(number)!
    const { plan, values, options } = run
    try {
      for (const value of values.values()) if (isEncoded(value)) await prepare(value.bundles)
      options.onProgress?.({ done: plan.count, total: plan.count })
      run.resolve(shapeResults(plan.targets, (task) => loadResult(values.get(task))))
    } catch (error) {
      run.reject(error)
    }
  }

  async onFailed({ run: number, failure }: Failed): Promise<void> {
    const run = this.runs.get(number)
    if (run === undefined) return
    // Who it is, is asked while it is still known.
    const found =
      'run' in failure && 'task' in failure ? this.find(failure.run, failure.task) : undefined
    this.take(number)
    run.reject(await errorOf(failure, () => found))
  }

  private take(number: number): Computation | undefined {
    const run = this.runs.get(number)
    if (run === undefined) return undefined
    this.runs.delete(number)
    run.stopListening()
    this.onOver(number)
    return run
  }
}
