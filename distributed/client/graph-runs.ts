import { CancelledError } from '../../core/base/errors.js'
import type { Key, Keys } from '../../core/base/keys.js'
import { withScopeAnnotations } from '../../core/graph/annotate.js'
import {
  type Computable,
  graphOfValue,
  isComputable,
  withRemoteBlocks,
} from '../../core/graph/descriptor.js'
import { type Get, type GetOptions, persistKeys } from '../../core/graph/get.js'
import { type GraphLike, makePlan } from '../../core/graph/make-plan.js'
import type { RemoteValue } from '../../core/graph/remote-value.js'
import { annotationsInOptions, assertGetOptions } from '../../core/run/choose-get.js'
import { Connection } from './client-session.js'
import type { FuturesOf } from './futures/argument-types.js'
import type { Future } from './futures/future.js'
import { makeLayeredSubmission } from './submission/layered-submission.js'
import { makeSubmission, type SubmissionOptions } from './submission/plan-submission.js'

/** The `get` of a client: results that it persists stay on the workers. */
type ClientGet = ((graph: GraphLike, keys: Keys, options?: GetOptions) => Promise<unknown>) &
  Required<Pick<Get, typeof persistKeys>>

export abstract class Graphs extends Connection {
  /**
   * Runs what the keys need on the cluster and gives the results in the shape of the keys. Bound, so
   * that it can be handed over: `bag.compute({ get: client.get })`.
   *
   * @throws CycleError, MissingKeyError, GraphError for a graph or request that makes no sense;
   *   NotPortableError for what cannot travel; TaskError when a task throws; CancelledError when
   *   `options.signal` is aborted, the client is closed, or the scheduler is lost.
   */
  readonly get: ClientGet = Object.assign(
    (graph: GraphLike, keys: Keys, options: GetOptions = {}) => this.runGraph(graph, keys, options),
    {
      [persistKeys]: (graph: GraphLike, keys: readonly Key[], options: GetOptions = {}) =>
        this.persistGraph(graph, keys, options),
    },
  )

  private async runGraph(graph: GraphLike, keys: Keys, options: GetOptions): Promise<unknown> {
    assertGetOptions(options, 'client.get')
    this.assertOpen('get')
    const { signal, stop } = this.withTask(options.signal)
    if (signal?.aborted) throw aborted(signal)
    this.held.flush()
    const run = this.nextNumber++
    const how = {
      run,
      wantsProgress: options.onProgress !== undefined,
      sent: this.sentBundles,
      annotations: withScopeAnnotations(annotationsInOptions(options)),
    }
    const submission = makeLayeredSubmission(graph, keys, how) ?? listed(graph, keys, how)
    const { message, plan, targets, taskOf } = submission
    const about = { plan, targets, taskOf, options: { ...options, signal } }
    const result = this.computations.start(run, about, aborted)
    this.hand(message)
    if (stop !== undefined) result.then(stop, stop)
    return result
  }

  /** A signal that is aborted too when the task that runs now is not wanted any more. */
  private withTask(signal: AbortSignal | undefined): {
    readonly signal: AbortSignal | undefined
    readonly stop?: () => void
  } {
    const scope = this.scopeNow?.()
    if (scope === undefined) return { signal }
    const controller = new AbortController()
    const stop = scope.onCancelled(() => controller.abort())
    const signals = signal === undefined ? [] : [signal]
    return { signal: AbortSignal.any([controller.signal, ...signals]), stop }
  }

  /**
   * Computes a collection on the cluster, or several, and gives a future of each value at once. What
   * several have in common is computed once.
   *
   * @throws TypeError for what is no collection.
   * @example const [sum, most] = client.compute([bag.sum(), bag.max()])
   */
  compute<R>(collection: Computable<R>, options?: GetOptions): Future<R>
  compute<const C extends readonly Computable[]>(collections: C, options?: GetOptions): FuturesOf<C>
  compute(what: Computable | readonly Computable[], options: GetOptions = {}): unknown {
    return this.each(what, 'compute', (collection) => {
      const { graph, key } = graphOfValue(collection)
      return this.keep(graph, [key], options, 'compute')[0]
    })
  }

  /**
   * Computes the blocks of a collection on the cluster, or of several, and keeps them there; gives the
   * collections at once.
   *
   * @throws TypeError for what is no collection.
   * @example const words = client.persist(db.readText('*.txt').flatMap((line) => line.split(' ')))
   */
  persist<C extends Computable>(collection: C, options?: GetOptions): C
  persist<const C extends readonly Computable[]>(
    collections: C,
    options?: GetOptions,
  ): { -readonly [K in keyof C]: C[K] }
  persist(what: Computable | readonly Computable[], options: GetOptions = {}): unknown {
    return this.each(what, 'persist', (collection) => {
      const futures = this.keep(collection.optimize(), collection.keys, options, 'persist')
      return collection[withRemoteBlocks](futures)
    })
  }

  /** Does something for a collection, or for each of several; for none if one of them is none. */
  private each<T>(what: unknown, verb: string, run: (collection: Computable) => T): T | T[] {
    if (!Array.isArray(what)) {
      assertCollection(what, verb)
      return run(what)
    }
    for (const [i, item] of what.entries())
      assertCollection(item, `${verb}: number ${i} of the list`)
    return what.map(run)
  }

  private async persistGraph(
    graph: GraphLike,
    keys: readonly Key[],
    options: GetOptions,
  ): Promise<readonly RemoteValue[]> {
    const { signal } = options
    if (signal?.aborted) throw aborted(signal)
    const futures = this.keep(graph, keys, options, 'persist')
    const onAbort = (): void => {
      for (const future of futures) future.cancel()
    }
    signal?.addEventListener('abort', onAbort, { once: true })
    try {
      for (const future of futures) {
        const error = await future.exception()
        if (signal?.aborted) throw aborted(signal)
        if (error !== undefined) throw error
      }
    } catch (error) {
      for (const future of futures) future.release()
      throw error
    } finally {
      signal?.removeEventListener('abort', onAbort)
    }
    return futures
  }

  private keep(
    graph: GraphLike,
    keys: readonly Key[],
    options: GetOptions,
    what: string,
  ): Future<unknown>[] {
    assertGetOptions(options, what)
    const plan = makePlan(graph, keys, what)
    this.assertOpen(what)
    let taskOf: ArrayLike<number> = []
    const annotations = withScopeAnnotations(annotationsInOptions(options))
    const sent = this.sentBundles
    const places = new Map<number, number>()
    const make = (run: number) => {
      const how = { run, wantsProgress: false, sent, annotations, keeps: true }
      const submission = makeSubmission(plan, how)
      taskOf = submission.taskOf
      for (const [place, task] of submission.targets.entries()) places.set(task, place)
      return submission.message
    }
    const found = this.held.keep(plan, make, (task) => {
      const number = taskOf[task]
      return number === undefined ? undefined : { source: plan, task: number }
    })
    // Two keys may name one task.
    return (plan.targets as readonly number[]).map((task) => found[places.get(task)!]!)
  }
}

function assertCollection(value: unknown, what: string): asserts value is Computable {
  if (isComputable(value)) return
  const given = value === null ? 'null' : typeof value
  throw new TypeError(
    `${what}: expected a collection, such as a Bag or an Array, or a list of them, got ${given}`,
  )
}

function aborted(signal: AbortSignal): CancelledError {
  return new CancelledError('The computation was aborted', { cause: signal.reason })
}

function listed(graph: GraphLike, keys: Keys, how: SubmissionOptions) {
  const plan = makePlan(graph, keys, 'client.get')
  return { plan, ...makeSubmission(plan, how) }
}
