/** What is around functions, asked of the engine once while one function is captured. */
import { type Surroundings, surroundings } from './inspector.js'

let kept: Map<Function, Surroundings> | undefined

/** Runs `body`, which is synchronous, and during which no variable is to change. */
export function askingOnce<T>(body: () => T): T {
  kept = new Map()
  try {
    return body()
  } finally {
    kept = undefined
  }
}

/** A function's scopes and location, or what it was bound to. */
export function around(fn: Function): Surroundings {
  let found = kept?.get(fn)
  if (found === undefined) {
    found = surroundings(fn)
    kept?.set(fn, found)
  }
  return found
}
