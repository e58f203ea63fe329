/**
 * One moment: functions that are described while it lasts go along with the function that it began
 * with, and share variables and objects with it and with one another.
 */
import { cachingInternals } from '../engine/function-internals.js'
import type { FunctionDescription } from '../types.js'
import { changedObjects } from './changed-objects.js'
import { SharedVariables } from './shared-variables.js'

/** What was found at one moment: descriptions, and the variables that functions share. */
export class DescriptionSession {
  readonly descriptions = new Map<Function, FunctionDescription>()
  readonly sharedVariables = new SharedVariables()
  /** The function that all others go along with. */
  readonly root: Function
  private changed: { readonly objects: ReadonlySet<object> | undefined } | undefined

  constructor(root: Function) {
    this.root = root
  }

  /** Whether a function that goes along assigns to members of this object, as far as can be seen. */
  changes(object: object): boolean {
    this.changed ??= { objects: changedObjects(this.root) }
    return this.changed.objects?.has(object) ?? true
  }
}

let moment: DescriptionSession | undefined

/** The moment that lasts now. */
export function currentSession(): DescriptionSession | undefined {
  return moment
}

/**
 * Runs `body`, which is synchronous and describes `root`, within which a function need not be looked
 * at twice.
 */
export function inDescriptionSession<T>(root: Function, body: () => T): T {
  if (moment !== undefined) return body()
  moment = new DescriptionSession(root)
  try {
    return cachingInternals(body)
  } finally {
    moment = undefined
  }
}
