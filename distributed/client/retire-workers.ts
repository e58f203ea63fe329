/** Workers that a client lets leave: asks the scheduler, and waits until they have left. */
import { TimeoutError } from '../../core/base/errors.js'
import { assertOptions, assertTimeout } from '../base/options.js'
import type { WorkerInfo } from '../protocol/info.js'
import type { ClientSession } from './client-session.js'
import type { ClusterInspection } from './cluster-inspection.js'

/** Options of `client.retireWorkers`. */
export interface RetireOptions {
  /** Milliseconds to wait until they have left. By default there is no limit. */
  readonly timeout?: number
}

/** Milliseconds between two looks at the workers, at first and at most. */
const [firstPause, longestPause] = [10, 250]

/**
 * Lets workers leave, and waits until they have; returns their names.
 *
 * @throws RangeError for a worker that is not there, TimeoutError if one has not left in time.
 */
export async function retireWorkers(
  session: ClientSession,
  inspection: ClusterInspection,
  names: string | readonly string[],
  options: RetireOptions,
): Promise<string[]> {
  const what = 'retireWorkers'
  assertOptions(options, what, ['timeout'])
  const { timeout } = options
  assertTimeout(timeout, `${what}: timeout`)
  const leaving = await inspection.workersNamed(names, what)
  const isSame = (a: WorkerInfo, b: WorkerInfo): boolean => a.name === b.name && a.pid === b.pid
  const asked = new Set<number>()
  const deadline = performance.now() + (timeout ?? Number.POSITIVE_INFINITY)
  for (let pause = firstPause, left = leaving; left.length > 0; ) {
    // A worker gets another number when it joins again, after a restart of the scheduler for example.
    const workers = left.map(({ worker }) => worker).filter((worker) => !asked.has(worker))
    for (const worker of workers) asked.add(worker)
    if (workers.length > 0)
      await session.ask((request) => {
        return { op: 'retire-workers', request, workers: Int32Array.from(workers) }
      })
    await new Promise((resolve) => setTimeout(resolve, pause))
    pause = Math.min(2 * pause, longestPause)
    const present = await inspection.workers()
    left = present.filter((info) => leaving.some((other) => isSame(info, other)))
    if (left.length > 0 && performance.now() >= deadline) {
      const who = left.map(({ name }) => name).join(', ')
      throw new TimeoutError(
        timeout!,
        `${what}: not left within ${timeout} ms: ${who}, with tasks or results that take longer; they leave later`,
      )
    }
  }
  return leaving.map(({ name }) => name)
}
