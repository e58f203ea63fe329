/**
 * Chooses the `get` of a computation: the one in its options, else that of the scope (`withGet`), else the
 * default (`setGet`), else that of the cluster that keeps some of the data, else the collection's own. Also checks the
 * options of a `get`.
 */

import { AsyncLocalStorage } from 'node:async_hooks'
import { checkArguments } from '../base/argument-checks.js'
import { annotationNames, assertAnnotations } from '../graph/annotate.js'
import type { Get, GetOptions } from '../graph/get.js'
import type { Layer } from '../graph/layer.js'
import type { Annotations } from '../graph/recipe.js'
import { findHolder } from '../graph/remote-value.js'

/**
 * Throws unless the value is an object of valid options of a `get`. `caller` begins the messages; `also` names
 * further options.
 *
 * @throws TypeError or RangeError
 */
export function assertGetOptions(
  options: unknown,
  caller: string,
  also: readonly string[] = [],
): asserts options is GetOptions {
  if (typeof options !== 'object' || options === null) {
    const given = options === null ? 'null' : typeof options
    throw new TypeError(`${caller}: options must be an object such as { signal }, got ${given}`)
  }
  const known = [...also, 'signal', 'onProgress', ...annotationNames]
  for (const name of Object.keys(options)) {
    if (known.includes(name)) continue
    throw new TypeError(`${caller}: there is no option '${name}'; there are ${known.join(', ')}`)
  }
  const { signal, onProgress } = options as Partial<Record<keyof GetOptions, unknown>>
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw new TypeError(`${caller}: signal must be an AbortSignal, got ${typeof signal}`)
  }
  if (onProgress !== undefined && typeof onProgress !== 'function') {
    throw new TypeError(`${caller}: onProgress must be a function, got ${typeof onProgress}`)
  }
  assertAnnotations(options, caller, known)
}

/** Returns the annotations among the options of a `get`, which hold for all its tasks; undefined if there are none. */
export function annotationsInOptions(options: GetOptions): Annotations | undefined {
  const found = annotationNames.flatMap((name) => {
    return options[name] === undefined ? [] : [[name, options[name]] as const]
  })
  return found.length === 0 ? undefined : Object.fromEntries(found)
}

const scope = new AsyncLocalStorage<Get>()
let defaultGet: Get | undefined

/**
 * Sets the `get` that computations of this thread use by default; `undefined` restores `getThreads`.
 *
 * @throws TypeError if it is no function.
 * @example setGet(client.get)
 */
export function setGet(get: Get | undefined): void {
  checkArguments('setGet', arguments, 1, 'setGet(get)')
  if (get !== undefined) assertGet(get, 'setGet')
  defaultGet = get
}

/**
 * Runs a function and returns its result. All computations that it starts, in awaited parts too, use
 * this `get` unless they are given another.
 *
 * @throws TypeError if `get` is no function; what the function throws.
 * @example const total = await withGet(getSync, () => bag.sum().compute())
 */
export function withGet<T>(get: Get, body: () => T): T {
  checkArguments('withGet', arguments, 2, 'withGet(get, () => ...)')
  assertGet(get, 'withGet')
  return scope.run(get, body)
}

/** Returns the `get` to use for a computation of layers. */
export function chooseGet(given: Get | undefined, layers: readonly Layer[], fallback: Get): Get {
  if (given !== undefined) assertGet(given, 'compute')
  const chosen = given ?? scope.getStore() ?? defaultGet
  return chosen ?? (findHolder(layers) as Get | undefined) ?? fallback
}

function assertGet(get: unknown, caller: string): asserts get is Get {
  if (typeof get !== 'function') {
    throw new TypeError(
      `${caller}: get must be a function such as getSync or client.get, got ${typeof get}`,
    )
  }
}
