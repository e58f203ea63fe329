/** Runs the garbage collector for shared memory, which V8 does not count when it decides whether to run it. */
import { getHeapStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

let collector: (() => void) | undefined

/** Runs the garbage collector. */
export function collectGarbage(): void {
  if (collector === undefined) {
    setFlagsFromString('--expose-gc')
    collector = runInNewContext('gc') as () => void
  }
  collector()
}

/** The bytes of dropped shared memory at which garbage is collected, unless the heap is large. */
const collectAt = 4 * 1024 * 1024

let dropped = 0

/** Notes that shared memory of so many bytes was dropped in this thread. */
export function noteDropped(nbytes: number): void {
  dropped += nbytes
}

/** Runs the garbage collector if enough shared memory was dropped to be worth the time. */
export function collectDropped(): void {
  if (dropped < collectAt || dropped < getHeapStatistics().used_heap_size / 4) return
  dropped = 0
  collectGarbage()
}
