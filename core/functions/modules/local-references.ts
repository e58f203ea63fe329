/**
 * The values in this thread that references were made from. So the thread that made a reference can
 * resolve it synchronously, without importing the module again.
 */
import type { ModuleDescription, OperationDescription } from '../types.js'

type Reference = ModuleDescription | OperationDescription

const values = new Map<string, WeakRef<object>>()
const recorded = new WeakSet<Reference>()

function keyOf(reference: Reference): string {
  return reference.kind === 'module'
    ? JSON.stringify([reference.specifier, ...reference.path])
    : `${reference.module}#${reference.name}`
}

/** Records the value that a reference was made from; returns the reference. */
export function recordLocalValue<R extends Reference>(reference: R, value: object): R {
  if (recorded.has(reference)) return reference
  recorded.add(reference)
  values.set(keyOf(reference), new WeakRef(value))
  return reference
}

/** Returns the value that a reference was made from; undefined if it was made in another thread. */
export function localValue(reference: Reference): object | undefined {
  return values.get(keyOf(reference))?.deref()
}
