/** Why threads end, in words, and the heap that they may fill. */
import { availableMemory, formatByteSize } from '../../base/available-memory.js'
import { parseByteSize } from '../../base/byte-size.js'
import { describeThrown } from '../../base/errors.js'
import { userFrames } from '../../functions/build/stack-frames.js'

/** The end of a thread. */
export interface ThreadExit {
  readonly reason: string
  /** Whether the pool ended it because of one task, so that its other tasks have nothing to do with it. */
  readonly isDeliberate: boolean
  /** The step of the running task that was called last. */
  readonly step: number
}

/** The smallest heap in which a thread can start, in bytes. */
const smallestHeap = 32 * 2 ** 20

/**
 * Returns the bytes that the heap of each thread may take, from the environment variable
 * `SKEIN_THREAD_MEMORY`; undefined for Node's own limit.
 *
 * @throws RangeError if it is not a size, or too small.
 */
export function threadMemory(): number | undefined {
  const given = process.env.SKEIN_THREAD_MEMORY
  if (given === undefined || given.trim() === '') return undefined
  const bytes = parseByteSize(given)
  if (bytes >= smallestHeap && bytes <= Number.MAX_SAFE_INTEGER) {
    if (bytes > availableMemory()) warnOfMemory(given)
    return bytes
  }
  throw new RangeError(
    `SKEIN_THREAD_MEMORY is the heap of a thread as a size such as '8GB', at least 32MiB, got '${given}'`,
  )
}

let isWarned = false

function warnOfMemory(given: string): void {
  if (isWarned) return
  isWarned = true
  process.stderr.write(
    `skein: SKEIN_THREAD_MEMORY is '${given}', more than the ${formatByteSize(availableMemory())} of this machine: a task that fills its heap ends the process\n`,
  )
}

/** Whether an error is the one of a thread whose heap is full. */
export function isHeapFull(error: unknown): boolean {
  return (error as NodeJS.ErrnoException | undefined)?.code === 'ERR_WORKER_OUT_OF_MEMORY'
}

/** Returns the error of a task that filled the heap of its thread; `limit` is in megabytes. */
export function heapFullError(limit: number | undefined): Error {
  return new Error(heapFullReason(limit))
}

function heapFullReason(limit: number | undefined): string {
  const size = limit === undefined ? '' : ` of ${Math.round(limit)} MB`
  return (
    `the heap${size} of its thread was full; set SKEIN_THREAD_MEMORY, such as SKEIN_THREAD_MEMORY=8GB, ` +
    'to give each thread more, or split the task'
  )
}

/** Says why a thread ended: `error` is what nothing caught in it, if anything. */
export function exitReason(
  code: number,
  thrown: { readonly error: unknown } | undefined,
  heapLimit: number | undefined,
): string {
  if (thrown === undefined) return `it exited with code ${code}, as by process.exit(${code})`
  const { error } = thrown
  if (isHeapFull(error)) return heapFullReason(heapLimit)
  const at = thrownAt(error)
  return `nothing caught an error of a timer or another callback: ${describeThrown(error)}${at}`
}

/** Returns where an error was thrown, ` (at /app/main.ts:3:5)`; empty if it is unknown. */
function thrownAt(error: unknown): string {
  try {
    const frame = error instanceof Error ? userFrames(String(error.stack), false)[0] : undefined
    const place =
      frame === undefined ? undefined : /\(?((?:file:\/\/|\/|[A-Za-z]:)[^()]*)\)?$/.exec(frame)
    return place?.[1] === undefined ? '' : ` (at ${place[1].replace(/^file:\/\/(?=\/)/, '')})`
  } catch {
    return ''
  }
}
