/** Collects garbage, whether or not Node was started with `--expose-gc`. */
import { setTimeout as sleep } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

let collect: (() => void) | undefined

/** Collects the garbage of this thread, and lets the callbacks run that wait for it. */
export async function collectGarbage(): Promise<void> {
  if (collect === undefined) {
    setFlagsFromString('--expose-gc')
    collect = runInNewContext('gc') as () => void
  }
  for (let round = 0; round < 3; round++) {
    // Weak references keep their targets until the turn of the event loop ends.
    await sleep(5)
    collect()
  }
  await sleep(5)
}
