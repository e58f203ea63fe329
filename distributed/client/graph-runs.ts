/** Runs graphs and collections on the cluster, for their results or to keep them there. */
import { describeValue } from '../../core/base/describe-value.js'
import { CancelledError } from '../../core/base/errors.js'
import type { Key, Keys } from '../../core/base/keys.js'
import { withInterrupts } from '../../core/base/notebook.js'
import { withScopeAnnotations } from '../../core/graph/annotate.js'
import {
  type Computable,
  isComputable,
  withRemoteBlocks,
} from '../../core/graph/collection-interface.js'
import { graphOfValue } from '../../core/graph/collection-value.js'
import type { GetOptions } from '../../core/graph/get.js'
import type { GraphLike } from '../../core/graph/graph.js'
import { makePlan } from '../../core/graph/planning/make-plan.js'
import { RemoteValue } from '../../core/graph/remote-value.js'
import { annotationsInOptions, assertGetOptions } from '../../core/run/choose-get.js'
import type { ClientSession } from './client-session.js'
import type { Future } from './futures/future.js'
import { makeLayeredSubmission } from './submission/layered-submission.js'
import { makeSubmission, type SubmissionOptions } from './submission/plan-submission.js'

export class GraphRuns {
  private readonly session: ClientSession

  constructor(session: ClientSession) {
    this.session = session
  }

  /** Runs the tasks that `keys` need and returns their results in the shape of the keys. */
  async get(graph: GraphLike, keys: Keys, options: GetOptions): Promise<unknown> {
    assertGetOptions(options, 'client.get')
    const { session } = this
    session.assertOpen('get')
    const { signal, stopListening } = this.withTaskScope(withInterrupts(options.signal))
    if (signal?.aborted) throw abortError(signal)
    session.held.flush()
    const { channel } = session
    const run = channel.nextNumber()
    const submissionOptions = {
      run,
      wantsProgress: options.onProgress !== undefined,
      sent: channel.sentBundles,
      annotations: withScopeAnnotations(annotationsInOptions(options)),
    }
    const submission =
      makeLayeredSubmission(graph, keys, submissionOptions) ??
      submitTasks(graph, keys, submissionOptions)
    const { message, plan, targets, taskOf } = submission
    const about = { plan, targets, taskOf, options: { ...options, signal } }
    const result = session.computations.start(run, about, abortError)
    channel.submit(message)
    if (stopListening !== undefined) result.then(stopListening, stopListening)
    return result
  }

  /** Returns a signal that is also aborted when the task that runs now is not wanted any more. */
  private withTaskScope(signal: AbortSignal | undefined): {
    readonly signal: AbortSignal | undefined
    readonly stopListening?: () => void
  } {
    const scope = this.session.taskScope
    if (scope === undefined) return { signal }
    const controller = new AbortController()
    const stopListening = scope.onCancelled(() => controller.abort())
    const signals = signal === undefined ? [] : [signal]
    return { signal: AbortSignal.any([controller.signal, ...signals]), stopListening }
  }

  /** Computes a collection, or each of a list, and returns futures of their values. */
  compute(collections: Computable | readonly Computable[], options: GetOptions): unknown {
    return forEachCollection(collections, 'compute', (collection) => {
      const { graph, key } = graphOfValue(collection)
      return this.keep(graph, [key], options, 'compute')[0]
    })
  }

  /** Computes the blocks of a collection, or of each of a list, and returns collections of them. */
  persist(collections: Computable | readonly Computable[], options: GetOptions): unknown {
    return forEachCollection(collections, 'persist', (collection) => {
      const futures = this.keep(collection.optimize(), collection.keys, options, 'persist')
      return collection[withRemoteBlocks](futures)
    })
  }

  /** Computes keys and keeps their results; waits until they are there. */
  async persistKeys(
    graph: GraphLike,
    keys: readonly Key[],
    options: GetOptions,
  ): Promise<readonly RemoteValue[]> {
    const signal = withInterrupts(options.signal)
    if (signal?.aborted) throw abortError(signal)
    const futures = this.keep(graph, keys, options, 'persist')
    const onAbort = (): void => {
      for (const future of futures) future.cancel()
    }
    signal?.addEventListener('abort', onAbort, { once: true })
    try {
      for (const future of futures) {
        const error = await future.exception()
        if (signal?.aborted) throw abortError(signal)
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

  /** Submits keys whose results are kept; returns a future for each key. */
  keep(
    graph: GraphLike,
    keys: readonly Key[],
    options: GetOptions,
    what: string,
  ): Future<unknown>[] {
    assertGetOptions(options, what)
    const plan = makePlan(graph, keys, what)
    const { session } = this
    session.assertOpen(what)
    return session.held.submitPlan(plan, withScopeAnnotations(annotationsInOptions(options)))
  }
}

/** Applies `run` to a collection, or to each of a list, after checking all of them. */
function forEachCollection<T>(
  collections: unknown,
  what: string,
  run: (collection: Computable) => T,
): T | T[] {
  if (!Array.isArray(collections)) {
    assertCollection(collections, what)
    return run(collections)
  }
  for (const [i, item] of collections.entries())
    assertCollection(item, `${what}: number ${i} of the list`)
  return collections.map(run)
}

function assertCollection(value: unknown, what: string): asserts value is Computable {
  if (isComputable(value)) return
  const hint = value instanceof RemoteValue ? '; a future is being computed already' : ''
  throw new TypeError(
    `${what}: expected a collection, such as a Bag or an Array, or a list of them, got ${describeValue(value)}${hint}`,
  )
}

function abortError(signal: AbortSignal): CancelledError {
  return new CancelledError('The computation was aborted', { cause: signal.reason })
}

function submitTasks(graph: GraphLike, keys: Keys, options: SubmissionOptions) {
  const plan = makePlan(graph, keys, 'client.get')
  return { plan, ...makeSubmission(plan, options) }
}
