/** Annotations: settings for the tasks that are built within a scope. */

import { AsyncLocalStorage } from 'node:async_hooks'
import { checkArguments } from '../base/argument-checks.js'
import { type Annotations, setAnnotationScope } from './recipe.js'

const scope = new AsyncLocalStorage<Annotations>()
/** The names of all annotations. */
export const annotationNames = [
  'retries',
  'priority',
  'workers',
  'allowOtherWorkers',
  'resources',
  'timeout',
] as const
const names: readonly string[] = annotationNames

/**
 * Runs a function and annotates all tasks that are built within it, in awaited parts too. Inner
 * annotations take precedence over outer ones.
 *
 * - `retries`: how many times a failed task is retried; 0 by default.
 * - `priority`: tasks with a higher priority run first; 0 by default.
 * - `workers`: names, addresses or hosts of the workers that may run the task. `node7` is also the host `node7.cluster.local`.
 * - `allowOtherWorkers`: whether others may run it while none of `workers` has room; false by default.
 * - `resources`: what the task takes of the resources of its worker, such as `{ GPU: 1 }`.
 * - `timeout`: milliseconds that the task may run. It is then stopped and fails with a TimeoutError as cause.
 *
 * @throws TypeError or RangeError for invalid annotations.
 * @example const big = annotate({ workers: ['big-1'] }, () => bag.map(train))
 */
export function annotate<T>(annotations: Annotations, body: () => T): T {
  checkArguments('annotate', arguments, 2, 'annotate({ retries: 2 }, () => ...)')
  assertAnnotations(annotations, 'annotate')
  if (typeof body !== 'function')
    throw new TypeError(`annotate: the second argument is a function, got ${typeof body}`)
  return scope.run({ ...scope.getStore(), ...annotations }, body)
}

/** Merges annotations into those of the current scope and takes precedence over them; undefined if there are none. */
export function withScopeAnnotations(own: Annotations | undefined): Annotations | undefined {
  const outer = scope.getStore()
  if (outer === undefined) return own
  return own === undefined ? outer : { ...outer, ...own }
}

/**
 * Throws unless the value is an object of valid annotations. `caller` begins the messages; `also` names
 * other options that the object may have.
 *
 * @throws TypeError or RangeError
 */
export function assertAnnotations(
  given: unknown,
  caller: string,
  also: readonly string[] = [],
): asserts given is Annotations {
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw new TypeError(`${caller}: annotations are an object such as { retries: 2 }`)
  for (const name of Object.keys(given)) {
    if (names.includes(name) || also.includes(name)) continue
    const known = [...names, ...also].join(', ')
    throw new TypeError(`${caller}: there is no '${name}'; there are ${known}`)
  }
  const { retries, priority, workers, allowOtherWorkers, resources, timeout } = given as Record<
    string,
    unknown
  >
  if (retries !== undefined && !(Number.isInteger(retries) && (retries as number) >= 0))
    throw new RangeError(`${caller}: retries is a whole number from 0 on, got ${String(retries)}`)
  if (priority !== undefined && !Number.isFinite(priority))
    throw new RangeError(`${caller}: priority is a number, got ${String(priority)}`)
  const isTime = typeof timeout === 'number' && timeout > 0 && timeout < 2 ** 31
  if (timeout !== undefined && !isTime)
    throw new RangeError(
      `${caller}: timeout is a number of milliseconds above 0, got ${String(timeout)}`,
    )
  if (workers !== undefined && !isListOfStrings(workers))
    throw new TypeError(`${caller}: workers is a list of names, such as ['worker-1']`)
  if (allowOtherWorkers !== undefined && typeof allowOtherWorkers !== 'boolean')
    throw new TypeError(
      `${caller}: allowOtherWorkers is true or false, got ${String(allowOtherWorkers)}`,
    )
  if (resources === undefined) return
  const amounts = typeof resources === 'object' ? Object.values(resources ?? {}) : [undefined]
  if (!amounts.every((amount) => typeof amount === 'number' && amount >= 0))
    throw new TypeError(`${caller}: resources are amounts by name, such as { GPU: 1 }`)
}

function isListOfStrings(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === 'string')
}

setAnnotationScope(withScopeAnnotations)
