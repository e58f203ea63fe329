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
  /** The function, or the value with functions, from which all others were reached. */
  readonly root: object
  /** Whether a function of the session uses a variable that functions assign to. */
  usesAssignedVariable = false
  /** Whether a function of the session is in a file that contains packages. */
  usesBundle = false
  private changed: { readonly objects: ReadonlySet<object> | undefined } | undefined

  constructor(root: object) {
    this.root = root
  }

  /** Whether a function of the session, or a user of the value, may assign to members of this object. */
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
 * Runs `body`, which describes `root` or the functions in it and is synchronous, in a session. Within it each
 * function is described once. A nested call joins the running session.
 */
export function inDescriptionSession<T>(root: object, body: () => T): T {
  if (session !== undefined) return body()
  session = new DescriptionSession(root)
  try {
    return cachingInternals(body)
  } finally {
    session = undefined
  }
}
