/** Workers in a few words, for the lines that clusters, schedulers and clients print. */
import { formatByteSize } from '../../core/base/available-memory.js'
import type { WorkerInfo } from './info.js'

/** Returns how many workers there are, their threads and memory: `2 workers, 4 threads, 8.0 GB`. */
export function describeWorkers(
  workers: readonly Pick<WorkerInfo, 'nthreads' | 'memory'>[],
): string {
  if (workers.length === 0) return 'no workers'
  const threads = workers.reduce((sum, { nthreads }) => sum + nthreads, 0)
  const memory = workers.reduce(
    (sum, { memory: { limit } }) => sum + (limit ?? Number.POSITIVE_INFINITY),
    0,
  )
  const limit = Number.isFinite(memory) ? formatByteSize(memory) : 'no memory limit'
  return `${counted(workers.length, 'worker')}, ${counted(threads, 'thread')}, ${limit}`
}

/** Returns a number with its noun: `1 worker`, `2 workers`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}
