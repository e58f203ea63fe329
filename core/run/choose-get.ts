/**
 * Which `get` runs a computation: the call's own, else the scope's, else the default, else the
 * collection's.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import { annotationNames, assertAnnotations } from '../graph/annotate.js'
import type { Get, GetOptions } from '../graph/get.js'
import type { Annotations } from '../graph/recipe.js'

/** Fails unless these are options of a `get`; misspelt ones are told, and `also` names further ones. */
export function assertGetOptions(
  options: unknown,
  what: string,
  also: readonly string[] = [],
): asserts options is GetOptions {
  if (typeof options !== 'object' || options === null) {
    const given = options === null ? 'null' : typeof options
    throw new TypeError(`${what}: options must be an object such as { signal }, got ${given}`)
  }
  const known = [...also, 'signal', 'onProgress', ...annotationNames]
  for (const name of Object.keys(options)) {
    if (known.includes(name)) continue
    throw new TypeError(`${what}: there is no option '${name}'; there are ${known.join(', ')}`)
  }
  const { signal, onProgress } = options as Partial<Record<keyof GetOptions, unknown>>
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw new TypeError(`${what}: signal must be an AbortSignal, got ${typeof signal}`)
  }
  if (onProgress !== undefined && typeof onProgress !== 'function') {
    throw new TypeError(`${what}: onProgress must be a function, got ${typeof onProgress}`)
  }
  assertAnnotations(options, what, known)
}

/** What the options of a `get` ask for all tasks; undefined if nothing. */
export function annotationsInOptions(options: GetOptions): Annotations | undefined {
  const asked = annotationNames.flatMap((name) => {
    return options[name] === undefined ? [] : [[name, options[name]] as const]
  })
  return asked.length === 0 ? undefined : Object.fromEntries(asked)
}

const scope = new AsyncLocalStorage<Get>()
let defaultGet: Get | undefined

/** Makes a `get` the default of this thread; `undefined` restores the collections' own. */
export function setGet(get: Get | undefined): void {
  if (get !== undefined) assertGet(get, 'setGet')
  defaultGet = get
}

/** Runs a function in whose reach, awaited parts included, computations use this `get`. */
export function withGet<T>(get: Get, body: () => T): T {
  assertGet(get, 'withGet')
  return scope.run(get, body)
}

/** The `get` to use for one computation. */
export function chooseGet(given: Get | undefined, fallback: Get): Get {
  if (given !== undefined) assertGet(given, 'compute')
  return given ?? scope.getStore() ?? defaultGet ?? fallback
}

function assertGet(get: unknown, what: string): asserts get is Get {
  if (typeof get !== 'function') {
    throw new TypeError(
      `${what}: get must be a function such as getSync or client.get, got ${typeof get}`,
    )
  }
}
