/**
 * The `get` that runs graphs on threads of this process: the default of every collection.
 *
 * The threads are started when they are first needed and shared by all computations. They do not keep
 * the process alive while nothing is computed.
 */

import { availableParallelism } from 'node:os'
import { checkArguments } from '../../base/argument-checks.js'
import type { Keys } from '../../base/keys.js'
import { withInterrupts } from '../../base/notebook.js'
import { assertOpenFiles, filesOfThread } from '../../base/open-files.js'
import { checkSettings } from '../../base/settings.js'
import type { GetOptions } from '../../graph/get.js'
import type { GraphLike } from '../../graph/graph.js'
import { makePlan } from '../../graph/planning/make-plan.js'
import { assertLocal } from '../../graph/remote-value.js'
import { assertGetOptions } from '../choose-get.js'
import { LocalScheduler } from './local-scheduler.js'
import { resultLimit } from './result-limit.js'
import { threadMemory } from './thread-exit.js'
import { outputWritten } from './thread-output.js'

let scheduler: LocalScheduler | undefined

/**
 * Runs the tasks that the keys need on this machine's cores and returns their results in the shape of the
 * keys. It starts a thread for each core, or as many as the environment variable `SKEIN_THREADS` says.
 *
 * @throws CycleError, MissingKeyError or GraphError for an invalid graph or request; NotPortableError for
 *   a function or value that cannot be sent to a thread; TaskError if a task throws; CancelledError if
 *   `options.signal` is aborted; SkeinError with the code `OPEN_FILES` if the process may not open enough
 *   files; RangeError if `SKEIN_THREADS`, `SKEIN_THREAD_MEMORY` or
 *   `SKEIN_MEMORY_LIMIT` makes no sense.
 * @example await getThreads({ x: 1, y: [add, 'x', 2] }, 'y') // 3
 */
export async function getThreads(
  graph: GraphLike,
  keys: Keys,
  options: GetOptions = {},
): Promise<unknown> {
  checkArguments('getThreads', arguments, 3, 'getThreads(graph, keys, options)')
  assertGetOptions(options, 'getThreads')
  const plan = makePlan(graph, keys, 'getThreads')
  assertLocal(plan.recipes, 'getThreads')
  if (scheduler?.isBroken === true) await closeThreads()
  scheduler ??= startScheduler()
  const signal = withInterrupts(options.signal)
  try {
    return await scheduler.run(plan, { ...options, signal })
  } finally {
    if (signal?.aborted !== true) await outputWritten()
  }
}

function startScheduler(): LocalScheduler {
  checkSettings()
  const nthreads = threadCount()
  const what = `getThreads with ${nthreads} ${nthreads === 1 ? 'thread' : 'threads'}`
  const fewer = 'set SKEIN_THREADS to a smaller number'
  assertOpenFiles(nthreads * filesOfThread, what, nthreads === 1 ? undefined : fewer)
  return new LocalScheduler(nthreads, threadMemory(), resultLimit())
}

/** Ends the threads and cancels running computations. The next computation starts new threads. */
export async function closeThreads(): Promise<void> {
  const closing = scheduler
  scheduler = undefined
  await closing?.close()
}

/** The most threads that `SKEIN_THREADS` may ask for. */
const maxThreads = 1024

function threadCount(): number {
  const given = process.env.SKEIN_THREADS
  if (given === undefined || given.trim() === '') return availableParallelism()
  const wanted = Number(given)
  if (Number.isInteger(wanted) && wanted >= 1 && wanted <= maxThreads) return wanted
  throw new RangeError(
    `SKEIN_THREADS is the number of threads, a whole number from 1 to ${maxThreads}, got '${given}'`,
  )
}
