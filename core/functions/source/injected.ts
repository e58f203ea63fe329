/**
 * What functions are given where they run, made of what came along: `import(...)`, `import.meta`, `require`.
 * What it was made of is remembered, so that a function which came can be sent on.
 */
import type { SourceDescription } from '../types.js'

/** What of these a captured value is; it stands before the variable's name, as in `import:$skein`. */
export type Given = 'import' | 'import.meta' | 'require' | 'files'

const origins = new WeakMap<object, { readonly kind: Given; readonly value: unknown }>()

/** Notes what a value was made of that a function was given. */
export function noteOrigin(made: unknown, kind: Given, value: unknown): void {
  if ((typeof made === 'object' && made !== null) || typeof made === 'function')
    origins.set(made, { kind, value })
}

/** What a value was made of that a function was given. */
export function originOf(value: unknown): { kind: Given; value: unknown } | undefined {
  return typeof value === 'object' || typeof value === 'function'
    ? origins.get(value as object)
    : undefined
}

/** The variable that the name of a captured value says, and what of these it is given, if any. */
export function readName(name: string): { variable: string; given: Given | undefined } {
  const at = name.indexOf(':')
  return at < 0
    ? { variable: name, given: undefined }
    : { variable: name.slice(at + 1), given: name.slice(0, at) as Given }
}

const descriptions = new WeakMap<Function, SourceDescription>()

/** Notes what a function was built of whose own text does not say it. */
export function noteDescription(fn: Function, description: SourceDescription): void {
  descriptions.set(fn, description)
}

/** What such a function was built of. */
export function builtOf(fn: Function): SourceDescription | undefined {
  return descriptions.get(fn)
}
