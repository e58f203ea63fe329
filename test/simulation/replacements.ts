/** Replacements of small modules that reach outside of the program (see `mocks.ts`). */
import { currentWorld } from './current-world.js'

/** Replaces `distributed/base/log.ts`. */
export function logEvent(who: string, what: string, error?: unknown): void {
  currentWorld().onLog(who, what, error)
}

export function logInfo(): void {}

/** Info lines are not logged. */
export function isInfoLogged(): boolean {
  return false
}

/** Replaces the functions of `distributed/storage/temporary-folder.ts` that workers use. */
export function readLocalDirectory(directory: string | undefined): string | undefined {
  return directory
}

export async function removeStaleFolders(): Promise<void> {}

const watched = new WeakMap<object, { release(): void }>()

/** Replaces `distributed/client/futures/release-collected.ts`: only `collect` collects futures. */
export function releaseWhenCollected(handle: object, held: { release(): void }): void {
  watched.set(handle, held)
}

export function stopWatching(handle: object): boolean {
  return watched.delete(handle)
}

/** Does what the garbage collector does with an unreachable future. */
export function collect(handle: object): void {
  const held = watched.get(handle)
  if (watched.delete(handle)) held?.release()
}

/** Replaces `node:crypto`: ids must depend on the seed alone. */
export function randomUUID(): string {
  return currentWorld().nextId()
}

/** Wraps a function that takes real time, so that virtual time waits for it. */
export function inNoTime<A extends unknown[]>(
  load: (...args: A) => Promise<void>,
): (...args: A) => Promise<void> {
  return (...args) => currentWorld().time.wait(load(...args))
}
