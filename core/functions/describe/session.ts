/**
 * One moment: functions that are described while it lasts go along with the function that it began
 * with, and share variables and objects with it and with one another.
 */
import { askingOnce } from '../engine/surroundings.js'
import type { FunctionDescription } from '../types.js'
import { changedObjects } from './mutations.js'
import { Cells } from './shared-variables.js'

/** What was found at one moment: descriptions, and the variables that functions share. */
export class Moment {
  readonly descriptions = new Map<Function, FunctionDescription>()
  readonly cells = new Cells()
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

let moment: Moment | undefined

/** The moment that lasts now. */
export function currentMoment(): Moment | undefined {
  return moment
}

/**
 * Runs `body`, which is synchronous and describes `root`, within which a function need not be looked
 * at twice.
 */
export function atOneMoment<T>(root: Function, body: () => T): T {
  if (moment !== undefined) return body()
  moment = new Moment(root)
  try {
    return askingOnce(body)
  } finally {
    moment = undefined
  }
}
