/**
 * The get that runs a graph on threads of this process: the default of every collection.
 *
 * The threads are started when they are first needed, shared by all computations, and let the
 * process end when nothing is being computed.
 */
import { availableParallelism } from 'node:os'
import type { Keys } from '../../base/keys.js'
import type { GetOptions } from '../../graph/get.js'
import { type GraphLike, makePlan } from '../../graph/make-plan.js'
import { assertLocal } from '../../graph/remote-value.js'
import { assertGetOptions } from '../choose-get.js'
import { LocalScheduler } from './local-scheduler.js'

let scheduler: LocalScheduler | undefined

/**
 * Runs what the keys need on this machine's cores and gives the results in the shape of the keys.
 *
 * @throws CycleError, MissingKeyError, GraphError for a graph or request that makes no sense;
 *   NotPortableError for a function or value that cannot go to a thread; TaskError when a task
 *   throws; CancelledError when `options.signal` is aborted.
 * @example await getThreads({ x: 1, y: [add, 'x', 2] }, 'y') // 3
 */
export async function getThreads(
  graph: GraphLike,
  keys: Keys,
  options: GetOptions = {},
): Promise<unknown> {
  assertGetOptions(options, 'getThreads')
  const plan = makePlan(graph, keys, 'getThreads')
  assertLocal(plan.recipes, 'getThreads')
  scheduler ??= new LocalScheduler(threadCount())
  return scheduler.run(plan, options)
}

/** Ends the threads; the next computation starts new ones. */
export async function closeThreads(): Promise<void> {
  const closing = scheduler
  scheduler = undefined
  await closing?.close()
}

function threadCount(): number {
  const wanted = Number(process.env.SKEIN_THREADS)
  return Number.isInteger(wanted) && wanted > 0 ? wanted : availableParallelism()
}
