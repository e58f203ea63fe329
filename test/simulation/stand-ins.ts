/** What stands in for small parts of Skein that reach outside of the program (`mocks.ts`). */
import { currentWorld } from './current.js'

/** In the place of `distributed/base/log.ts`. */
export function logEvent(who: string, what: string, error?: unknown): void {
  currentWorld().onLog(who, what, error)
}

export function logInfo(): void {}

/** Nobody reads notes of what goes well. */
export function isInfoLogged(): boolean {
  return false
}

/** In the place of `distributed/storage/temporary-folder.ts`, as far as workers use it. */
export function readLocalDirectory(directory: string | undefined): string | undefined {
  return directory
}

export function removeStaleFolders(): void {}

const watched = new WeakMap<object, { release(): void }>()

/** In the place of `distributed/client/futures/release-collected.ts`: nothing is collected but by `collect`. */
export function releaseWhenCollected(handle: object, held: { release(): void }): void {
  watched.set(handle, held)
}

export function stopWatching(handle: object): boolean {
  return watched.delete(handle)
}

/** What the garbage collector does with a future that nobody can reach any more. */
export function collect(handle: object): void {
  const held = watched.get(handle)
  if (watched.delete(handle)) held?.release()
}

/** In the place of `node:crypto`: what hangs on an id must not hang on chance. */
export function randomUUID(): string {
  return currentWorld().nextId()
}

/** A function that takes real time, for which virtual time waits. */
export function inNoTime<A extends unknown[]>(
  load: (...args: A) => Promise<void>,
): (...args: A) => Promise<void> {
  return (...args) => currentWorld().time.wait(load(...args))
}
