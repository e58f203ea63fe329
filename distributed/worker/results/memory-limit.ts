/** How much memory a worker may use, and how much its process does. */
import { readFileSync } from 'node:fs'
import { availableParallelism, totalmem } from 'node:os'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { parseByteSize } from '../../../core/base/byte-size.js'
import { type MemoryThresholds, noMemoryLimit } from '../state/memory-state.js'

/** Fractions of the limit at which something is done; false for never. */
export interface MemoryFractions {
  /** Of stored bytes: results not used for longest are written to disk. By default 0.6. */
  readonly memoryTarget?: number | false
  /** Of the process's memory: more results are written. By default 0.7. */
  readonly memorySpill?: number | false
  /** Of either: no new tasks but one at a time. By default 0.8. */
  readonly memoryPause?: number | false
}

/** Node itself takes a good part of less than this, so of smaller limits only stored bytes count. */
const processFrom = 512 * 1024 * 1024

const unlimited = Number.POSITIVE_INFINITY

/**
 * Bytes from what a user gave as limit: a number, a text such as '2GB', a fraction of the memory
 * there is, or 'auto'; infinite for no limit.
 */
export function readMemoryLimit(limit: unknown, nthreads: number, what: string): number {
  if (limit === undefined || limit === 'auto') return share(nthreads / availableParallelism())
  const bytes =
    typeof limit === 'string'
      ? parseByteSize(limit)
      : typeof limit === 'number'
        ? limit
        : Number.NaN
  if (bytes === 0 || bytes === unlimited) return unlimited
  if (bytes > 0 && bytes < 1) return share(bytes)
  if (bytes >= 1) return Math.floor(bytes)
  const given = typeof limit === 'string' ? `'${limit}'` : String(limit)
  throw new RangeError(
    `${what}: memoryLimit is a number of bytes, a text such as '2GB', a fraction of the machine's memory, 'auto', or 0 for no limit; got ${given}`,
  )
}

/** A share of the memory that this process may use. */
export function share(fraction: number): number {
  return Math.floor(availableMemory() * Math.min(1, fraction))
}

/** What the machine has, or what the container of this process may use of it. */
function availableMemory(): number {
  const constrained = process.constrainedMemory?.() ?? 0
  return constrained > 0 ? Math.min(constrained, totalmem()) : totalmem()
}

/** The marks of a limit. Fails with RangeError for fractions that make no sense. */
export function memoryThresholds(
  limit: number,
  fractions: MemoryFractions,
  what: string,
): MemoryThresholds {
  const { memoryTarget = 0.6, memorySpill = 0.7, memoryPause = 0.8 } = fractions
  for (const [name, value] of Object.entries({ memoryTarget, memorySpill, memoryPause })) {
    if (value === false || (typeof value === 'number' && value > 0 && value <= 1)) continue
    throw new RangeError(`${what}: ${name} is a fraction above 0 up to 1, or false; got ${value}`)
  }
  if (limit === unlimited) return noMemoryLimit
  const mark = (fraction: number | false): number =>
    fraction === false ? unlimited : limit * fraction
  return {
    limit,
    target: mark(memoryTarget),
    spill: mark(memorySpill),
    pause: mark(memoryPause),
  }
}

/** Bytes of this process to be weighed against its limit; 0 if they are not to count. */
export function processBytes(limit: number): number {
  return limit >= processFrom && limit < unlimited ? heldBytes() : 0
}

/** What the process holds, without the files it has mapped, which the system takes back when it must. */
function heldBytes(): number {
  try {
    const status = readFileSync('/proc/self/status', 'latin1')
    const kilobytes = (name: string): number =>
      Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1])
    const held = (kilobytes('RssAnon') + kilobytes('RssShmem')) * 1024
    if (held > 0) return held
  } catch {
    // Another system than Linux.
  }
  return process.memoryUsage.rss()
}

let collector: (() => void) | undefined

/** Has the collector give back now what is not used any more. */
export function collectGarbage(): void {
  if (collector === undefined) {
    setFlagsFromString('--expose-gc')
    collector = runInNewContext('gc') as () => void
  }
  collector()
}
