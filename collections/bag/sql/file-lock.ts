/**
 * A lock on a file, for databases that one thread of one process may write at a time: a folder beside the file. Its time is that at which the owner
 * was last known to live.
 */
import { mkdirSync, rmSync, statSync, utimesSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

/** Milliseconds between looks at a lock, and between signs of life. */
const [LOOK_INTERVAL, LIFE_INTERVAL] = [20, 1000]
/** Milliseconds without a sign of life after which an owner is taken for dead. */
const DEAD_AFTER = 15_000

/** Waits for the lock of a file, calls a function, and gives the lock back. */
export async function withFileLock<T>(path: string, use: () => Promise<T>): Promise<T> {
  const lock = `${path}.skein-lock`
  while (!take(lock)) await sleep(LOOK_INTERVAL)
  const alive = setInterval(() => {
    const now = new Date()
    try {
      utimesSync(lock, now, now)
    } catch {
      // This process was stopped for so long that another took the lock.
    }
  }, LIFE_INTERVAL)
  try {
    return await use()
  } finally {
    clearInterval(alive)
    rmSync(lock, { recursive: true, force: true })
  }
}

function take(lock: string): boolean {
  try {
    mkdirSync(lock)
    return true
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'EEXIST') throw error
    const since = statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? Date.now()
    if (Date.now() - since > DEAD_AFTER) rmSync(lock, { recursive: true, force: true })
    return false
  }
}
