/** Runs the garbage collector for shared memory, which V8 does not count when it decides whether to run it. */
import { runInNewContext } from 'node:vm'
import { lazyPackage } from './lazy-package.js'

const v8 = lazyPackage<typeof import('node:v8')>('node:v8')

type Collector = (options?: { readonly type: 'minor' }) => void

let collector: Collector | undefined

/** How often `gc` is looked for, when other threads of the process hide it at the same time. */
const attempts = 100

/**
 * Returns V8's `gc`; undefined if it was not found. Flags are those of the whole process: another thread that does the same may
 * reset the flag before the context of this one exists.
 */
function findCollector(): Collector | undefined {
  let found: Collector | undefined
  for (let attempt = 0; attempt < attempts && found === undefined; attempt++) {
    v8().setFlagsFromString('--expose-gc')
    found = runInNewContext('globalThis.gc') as Collector | undefined
  }
  // Otherwise contexts that the user makes later would have a global `gc`.
  if (!('gc' in globalThis)) v8().setFlagsFromString('--no-expose-gc')
  return found
}

function collect(options?: { readonly type: 'minor' }): void {
  collector ??= findCollector()
  if (options === undefined) collector?.()
  else collector?.(options)
}

/** Runs the garbage collector. */
export function collectGarbage(): void {
  dropped = 0
  young = 0
  old = 0
  collect()
}

/** The bytes of dropped shared memory at which garbage is collected when the thread is idle, unless the heap is large. */
const collectAt = 4 * 1024 * 1024
/** The bytes of used data at which young garbage is collected, which takes less than a millisecond. */
const collectYoungAt = 32 * 1024 * 1024
/** The bytes of dropped shared memory at which all garbage is collected while tasks run, unless the heap is large. */
const collectDroppedAt = 64 * 1024 * 1024
/** The bytes of used data at which all garbage is collected, unless the heap is large. */
const collectOldAt = 256 * 1024 * 1024
/** The bytes below which garbage is never worth a collection while tasks run. */
const leastGarbage = 8 * 1024 * 1024
/** The bytes of garbage that this thread may have while the process has more bytes than `crowdedAt`. */
let garbageLimit = Number.POSITIVE_INFINITY

/** The bytes of the process above which garbage is collected sooner. */
let crowdedAt = Number.POSITIVE_INFINITY

/**
 * Makes this thread, one of `nthreads`, collect garbage sooner while the process has more than seven tenths of `memoryLimit` bytes: the
 * garbage of all threads is then at most about an eighth of it.
 */
export function limitGarbage(memoryLimit: number, nthreads = 1): void {
  garbageLimit = Math.max(memoryLimit / 8 / nthreads, leastGarbage)
  crowdedAt = 0.7 * memoryLimit
}

let dropped = 0
let young = 0
let old = 0

/** Notes that shared memory of so many bytes was dropped in this thread. */
export function noteDropped(nbytes: number): void {
  dropped += nbytes
}

/** Runs the garbage collector if enough shared memory was dropped to be worth the time. */
export function collectDropped(): void {
  if (dropped < collectAt || dropped < heapSize() / 4) return
  collectGarbage()
}

/** Notes that this thread has allocated so many bytes of shared memory, or is done with them. */
export function noteUsed(nbytes: number): void {
  young += nbytes
}

/** Runs the garbage collector if this thread is done with much data. */
export function collectUsed(): void {
  if (dropped >= collectDroppedAt && dropped >= 4 * heapSize()) {
    collectGarbage()
    return
  }
  if (isCrowded()) {
    collectGarbage()
    return
  }
  if (young < collectYoungAt) return
  old += young
  young = 0
  if (old >= collectOldAt && old >= 4 * heapSize()) collectGarbage()
  else collect({ type: 'minor' })
}

/** Whether the garbage of this thread is too much for what the process may use. */
function isCrowded(): boolean {
  const garbage = dropped + young + old
  if (garbage < garbageLimit || garbage < heapSize()) return false
  return process.memoryUsage.rss() > crowdedAt
}

function heapSize(): number {
  return v8().getHeapStatistics().used_heap_size
}
