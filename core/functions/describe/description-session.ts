/**
 * Sessions: functions that are described within one session are sent together. They share variables and
 * objects with the root function and with one another.
 */
import { cachingInternals } from '../engine/function-internals.js'
import type { FunctionDescription } from '../types.js'
import { changedObjects } from './changed-objects.js'
import { SharedVariables } from './shared-variables.js'

/** The descriptions and shared variables of functions that are sent together. */
export class DescriptionSession {
  readonly descriptions = new Map<Function, FunctionDescription>()
  readonly sharedVariables = new SharedVariables()
  /** The function from which all others were reached. */
  readonly root: Function
  private changed: { readonly objects: ReadonlySet<object> | undefined } | undefined

  constructor(root: Function) {
    this.root = root
  }

  /** Whether a function of the session may assign to members of this object. */
  changes(object: object): boolean {
    this.changed ??= { objects: changedObjects(this.root) }
    return this.changed.objects?.has(object) ?? true
  }
}

let session: DescriptionSession | undefined

/** Returns the session that is running. */
export function currentSession(): DescriptionSession | undefined {
  return session
}

/**
 * Runs `body`, which describes `root` and is synchronous, in a session. Within it each function is described
 * once. A nested call joins the running session.
 */
export function inDescriptionSession<T>(root: Function, body: () => T): T {
  if (session !== undefined) return body()
  session = new DescriptionSession(root)
  try {
    return cachingInternals(body)
  } finally {
    session = undefined
  }
}
