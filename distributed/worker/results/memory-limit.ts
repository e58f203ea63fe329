/** The memory limit of a worker, and the memory that its process uses. */
import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { availableMemory } from '../../../core/base/available-memory.js'
import { parseByteSize } from '../../../core/base/byte-size.js'
import { logEvent } from '../../base/log.js'
import { type MemoryThresholds, noMemoryLimit } from '../state/memory-state.js'

/** Thresholds as fractions of the memory limit; false for never. */
export interface MemoryFractions {
  /** Of stored bytes: the least recently used results are written to disk. By default 0.6. */
  readonly memoryTarget?: number | false
  /** Of the memory of the process: more results are written to disk. By default 0.7. */
  readonly memorySpill?: number | false
  /** Of either: tasks run one at a time. By default 0.8. */
  readonly memoryPause?: number | false
}

/** Smaller limits apply to stored bytes only, because Node itself takes a good part of them. */
const smallestProcessLimit = 256 * 1024 * 1024

/** A limit below this is a mistake, such as '2' for 2 GB: nothing would fit. */
const smallestLimit = 64e3

const unlimited = Number.POSITIVE_INFINITY

/**
 * Returns the bytes of a limit that a user gave: a number of bytes, a string such as '2GB', a fraction
 * of the machine's memory, or 'auto'; infinity for no limit. Throws RangeError for anything else.
 */
export function readMemoryLimit(limit: unknown, nthreads: number, what: string): number {
  if (limit === undefined || limit === 'auto') return memoryShare(nthreads / availableParallelism())
  const bytes =
    typeof limit === 'string'
      ? parseByteSize(limit)
      : typeof limit === 'number'
        ? limit
        : Number.NaN
  if (bytes === 0 || bytes === unlimited) return unlimited
  if (bytes > 0 && bytes < 1) return memoryShare(bytes)
  if (bytes >= smallestLimit) return Math.floor(bytes)
  const given = typeof limit === 'string' ? `'${limit}'` : String(limit)
  if (bytes >= 1)
    throw new RangeError(
      `${what}: memoryLimit is ${given}, ${Math.floor(bytes)} bytes; the smallest limit is 64 kB. Write a unit, as in '2GB' (there are kB, MB, GB, TB, KiB, MiB, GiB and TiB), a fraction of the machine's memory below 1, or 0 for no limit`,
    )
  throw new RangeError(
    `${what}: memoryLimit is a number of bytes, a string such as '2GB', a fraction of the machine's memory, 'auto', or 0 for no limit; got ${given}`,
  )
}

/** Warns if a worker's limit is more than the machine or container has; returns at most that. */
export function checkMemoryLimit(bytes: number, who: string): number {
  const available = availableMemory()
  if (bytes === unlimited || bytes <= available) return bytes
  const [limit, most] = [bytes, available].map((size) => `${(size / 1e9).toFixed(1)} GB`)
  logEvent(
    who,
    `the memory limit of ${limit} is more than the ${most} of this machine, so results are not written to disk in time`,
  )
  return available
}

/** Returns a share of the memory that this process may use, in bytes. */
export function memoryShare(fraction: number): number {
  return Math.floor(availableMemory() * Math.min(1, fraction))
}

/** Returns the thresholds of a limit. Throws RangeError for invalid fractions. */
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
  const bytesAt = (fraction: number | false): number =>
    fraction === false ? unlimited : limit * fraction
  return {
    limit,
    target: bytesAt(memoryTarget),
    spill: bytesAt(memorySpill),
    pause: bytesAt(memoryPause),
  }
}

/** Returns the bytes of this process that count against a limit: 0 if the limit is none, or small. */
export function processBytes(limit: number): number {
  return limit >= smallestProcessLimit && limit < unlimited ? residentBytes() : 0
}

/** Returns the memory of the process without mapped files, which the system frees when it must. */
function residentBytes(): number {
  try {
    const status = readFileSync('/proc/self/status', 'latin1')
    const kilobytes = (name: string): number =>
      Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1])
    const held = (kilobytes('RssAnon') + kilobytes('RssShmem')) * 1024
    if (held > 0) return held
  } catch {
    // Not Linux.
  }
  return process.memoryUsage.rss()
}
