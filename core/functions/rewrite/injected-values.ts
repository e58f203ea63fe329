/**
 * Values that a function gets where it runs, such as `import(...)`, `import.meta` and `require`: each
 * is created from data that was sent. The data is recorded, so that a received function can be sent on.
 */
import type { SourceDescription } from '../types.js'

/** The kinds of injected values. The kind is a prefix of the capture's name, as in `import:$skein`. */
export type InjectedKind = 'import' | 'import.meta' | 'require' | 'files'

const origins = new WeakMap<object, { readonly kind: InjectedKind; readonly value: unknown }>()

/** Records the data that an injected value was created from. */
export function recordInjected(made: unknown, kind: InjectedKind, value: unknown): void {
  if ((typeof made === 'object' && made !== null) || typeof made === 'function')
    origins.set(made, { kind, value })
}

/** Returns the kind of an injected value and the data that it was created from. */
export function injectedOrigin(value: unknown): { kind: InjectedKind; value: unknown } | undefined {
  return typeof value === 'object' || typeof value === 'function'
    ? origins.get(value as object)
    : undefined
}

/** Splits the name of a capture into the variable and, if it has one, the kind of the injected value. */
export function parseCaptureName(name: string): {
  variable: string
  injected: InjectedKind | undefined
} {
  const at = name.indexOf(':')
  return at < 0
    ? { variable: name, injected: undefined }
    : { variable: name.slice(at + 1), injected: name.slice(0, at) as InjectedKind }
}

const descriptions = new WeakMap<Function, SourceDescription>()

/** Records the description that a function was built from, if its own source code does not show it. */
export function recordDescription(fn: Function, description: SourceDescription): void {
  descriptions.set(fn, description)
}

/** Returns the recorded description of a function. */
export function recordedDescription(fn: Function): SourceDescription | undefined {
  return descriptions.get(fn)
}
