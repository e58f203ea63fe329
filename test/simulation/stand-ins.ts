/**
 * What stands in for the parts of Skein that reach outside of the program. A test file that plays
 * simulations says so, before anything else:
 *
 *     vi.mock('../../distributed/zmq.js', () => import('./network.js'))
 */
import { currentWorld } from './current.js'

/** In the place of `distributed/log.ts`. */
export function log(who: string, what: string, error?: unknown): void {
  currentWorld().onLog(who, what, error)
}

export function note(): void {}

/** Nobody reads notes of what goes well. */
export function areNotesWanted(): boolean {
  return false
}

/** In the place of `distributed/storage/folder.ts`, as far as workers use it. */
export function readDirectory(directory: string | undefined): string | undefined {
  return directory
}

export function removeStaleFolders(): void {}

/** In the place of `node:crypto`: what hangs on an id must not hang on chance. */
export function randomUUID(): string {
  return currentWorld().nextId()
}
