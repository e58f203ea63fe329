/**
 * Which value of this thread a reference was made of. The thread that made a reference can follow it
 * at once and synchronously, without importing the module again.
 */
import type { ModuleDescription, OperationDescription } from '../types.js'

type Reference = ModuleDescription | OperationDescription

const values = new Map<string, WeakRef<object>>()
const noted = new WeakSet<Reference>()

function keyOf(reference: Reference): string {
  return reference.kind === 'module'
    ? JSON.stringify([reference.specifier, ...reference.path])
    : `${reference.module}#${reference.name}`
}

/** Remembers what a reference was made of, and gives the reference. */
export function recordLocalValue<R extends Reference>(reference: R, value: object): R {
  if (noted.has(reference)) return reference
  noted.add(reference)
  values.set(keyOf(reference), new WeakRef(value))
  return reference
}

/** What a reference was made of; undefined if it was made in another thread. */
export function localValue(reference: Reference): object | undefined {
  return values.get(keyOf(reference))?.deref()
}
