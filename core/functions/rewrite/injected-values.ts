/**
 * What functions are given where they run, made of what came along: `import(...)`, `import.meta`, `require`.
 * What it was made of is remembered, so that a function which came can be sent on.
 */
import type { SourceDescription } from '../types.js'

/** What of these a captured value is; it stands before the variable's name, as in `import:$skein`. */
export type InjectedKind = 'import' | 'import.meta' | 'require' | 'files'

const origins = new WeakMap<object, { readonly kind: InjectedKind; readonly value: unknown }>()

/** Notes what a value was made of that a function was given. */
export function recordInjected(made: unknown, kind: InjectedKind, value: unknown): void {
  if ((typeof made === 'object' && made !== null) || typeof made === 'function')
    origins.set(made, { kind, value })
}

/** What a value was made of that a function was given. */
export function injectedOrigin(value: unknown): { kind: InjectedKind; value: unknown } | undefined {
  return typeof value === 'object' || typeof value === 'function'
    ? origins.get(value as object)
    : undefined
}

/** The variable that the name of a captured value says, and what of these it is given, if any. */
export function parseCaptureName(name: string): {
  variable: string
  given: InjectedKind | undefined
} {
  const at = name.indexOf(':')
  return at < 0
    ? { variable: name, given: undefined }
    : { variable: name.slice(at + 1), given: name.slice(0, at) as InjectedKind }
}

const descriptions = new WeakMap<Function, SourceDescription>()

/** Notes what a function was built of whose own text does not say it. */
export function recordDescription(fn: Function, description: SourceDescription): void {
  descriptions.set(fn, description)
}

/** What such a function was built of. */
export function recordedDescription(fn: Function): SourceDescription | undefined {
  return descriptions.get(fn)
}
