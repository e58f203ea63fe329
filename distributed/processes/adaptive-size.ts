/** How many workers a cluster has that adapts to its work. */
import { assertOptions, assertTimeout } from '../base/options.js'
import type { SchedulerInfo } from '../protocol/info.js'

/** Options of `cluster.adapt`. */
export interface AdaptOptions {
  /** The least number of workers. By default 0. */
  readonly minimum?: number
  /** The greatest number of workers. */
  readonly maximum: number
  /** Milliseconds between two looks at the work. By default 1000. */
  readonly interval?: number
  /** How many looks in a row must find too many workers before some leave. By default 3. */
  readonly wait?: number
}

/** The most workers of a cluster. */
export const mostWorkers = 1024

/** Throws unless a value is a number of workers. */
export function assertWorkerCount(n: unknown, what: string, least = 0): asserts n is number {
  if (typeof n === 'number' && Number.isInteger(n) && n >= least && n <= mostWorkers) return
  throw new RangeError(
    `${what} is a whole number from ${least} to ${mostWorkers}, got ${String(n)}`,
  )
}

/** Returns options with their defaults. Throws TypeError or RangeError for invalid ones. */
export function readAdaptOptions(options: AdaptOptions): Required<AdaptOptions> {
  assertOptions(options, 'adapt', ['minimum', 'maximum', 'interval', 'wait'])
  const { minimum = 0, maximum, interval = 1000, wait = 3 } = options
  assertWorkerCount(minimum, 'adapt: minimum')
  assertWorkerCount(maximum, 'adapt: maximum', 1)
  if (minimum > maximum)
    throw new RangeError(`adapt: minimum is at most maximum, got ${minimum} and ${maximum}`)
  assertTimeout(interval, 'adapt: interval')
  assertWorkerCount(wait, 'adapt: wait', 1)
  return { minimum, maximum, interval, wait }
}

/** Returns how many workers with `nthreads` threads could work at once on what is unfinished and ready. */
export function usefulWorkers({ workers, queued }: SchedulerInfo, nthreads: number): number {
  const inHand = workers.reduce((sum, worker) => sum + worker.inHand, 0)
  return Math.ceil((queued + inHand) / nthreads)
}

/**
 * Decides on the size of a cluster. It grows at once, and shrinks only after `wait` decisions in a row that asked for less, to the most
 * that one of them asked for: so a pause between bursts of work does not cost a start of workers.
 */
export class AdaptiveSize {
  private readonly options: Required<AdaptOptions>
  private lower: number[] = []

  constructor(options: Required<AdaptOptions>) {
    this.options = options
  }

  /** Returns the next size of a cluster of `current` workers, of which `useful` could work at once. */
  next(current: number, useful: number): number {
    const { minimum, maximum, wait } = this.options
    const wanted = Math.min(Math.max(useful, minimum), maximum)
    if (wanted >= current) {
      this.lower = []
      return wanted
    }
    this.lower.push(wanted)
    if (this.lower.length < wait) return current
    const size = Math.max(...this.lower)
    this.lower = []
    return size
  }
}
