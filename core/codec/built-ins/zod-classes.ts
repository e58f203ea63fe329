/**
 * The classes of zod. zod 4.6 adds the methods of a class to its prototype when the first schema of the class is
 * made, which may never happen where schemas are received.
 */
import { DecodeError } from '../../base/errors.js'

/** What every schema and check of zod 4 holds. */
interface Internals {
  readonly def?: unknown
  readonly constr?: new (def: unknown) => object
}

/** The prototypes that are complete, or that are none of zod's. */
const complete = new WeakSet<object>()

/** Whether objects with this prototype may be the first ones of a class of zod. */
export function mayBeIncomplete(prototype: object): boolean {
  if (complete.has(prototype)) return false
  const Class = prototype.constructor
  if (typeof Class === 'function' && Object.hasOwn(Class, 'init')) return true
  complete.add(prototype)
  return false
}

/** Lets zod complete the prototype of a schema, by making another schema of the same definition. */
export function completePrototype(schema: object): void {
  const prototype = Object.getPrototypeOf(schema) as object
  if (complete.has(prototype)) return
  const internals = Object.getOwnPropertyDescriptor(schema, '_zod')?.value as Internals | undefined
  const Class = internals?.constr
  if (typeof Class === 'function' && typeof internals?.def === 'object') {
    try {
      new Class(internals.def)
    } catch (cause) {
      throw new DecodeError(`zod could not make a schema of class ${Class.name} here`, { cause })
    }
  }
  complete.add(prototype)
}
