/** Annotations for all that is built within a scope. */
import { AsyncLocalStorage } from 'node:async_hooks'
import { type Annotations, setAnnotationScope } from './recipe.js'

const scope = new AsyncLocalStorage<Annotations>()
/** What can be asked for tasks. */
export const annotationNames = ['retries', 'priority', 'workers', 'resources', 'timeout'] as const
const names: readonly string[] = annotationNames

/**
 * Runs a function; tasks that are built within it, awaited parts included, are to be run as the
 * annotations say. What is within wins over what is around it.
 *
 * - `retries`: how often a task that fails is tried again.
 * - `priority`: more is sooner; 0 by default.
 * - `workers`: names, addresses or machines of the workers that may run it.
 * - `resources`: what it takes of what workers were started with, such as `{ GPU: 1 }`.
 * - `timeout`: milliseconds that it may run; then it is stopped, and fails with a TimeoutError as cause.
 *
 * @throws TypeError or RangeError for annotations that make no sense.
 * @example const big = annotate({ workers: ['big-1'] }, () => bag.map(train))
 */
export function annotate<T>(annotations: Annotations, body: () => T): T {
  assertAnnotations(annotations, 'annotate')
  if (typeof body !== 'function')
    throw new TypeError(`annotate: the second argument is a function, got ${typeof body}`)
  return scope.run({ ...scope.getStore(), ...annotations }, body)
}

/** What the scope asks for, and what is asked besides, which wins; undefined if nothing is. */
export function withScopeAnnotations(more: Annotations | undefined): Annotations | undefined {
  const around = scope.getStore()
  if (around === undefined) return more
  return more === undefined ? around : { ...around, ...more }
}

/** Fails unless these are annotations; misspelt ones are told, and `also` names other options. */
export function assertAnnotations(
  given: unknown,
  what: string,
  also: readonly string[] = [],
): asserts given is Annotations {
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw new TypeError(`${what}: annotations are an object such as { retries: 2 }`)
  for (const name of Object.keys(given)) {
    if (names.includes(name) || also.includes(name)) continue
    const known = [...names, ...also].join(', ')
    throw new TypeError(`${what}: there is no '${name}'; there are ${known}`)
  }
  const { retries, priority, workers, resources, timeout } = given as Record<string, unknown>
  if (retries !== undefined && !(Number.isInteger(retries) && (retries as number) >= 0))
    throw new RangeError(`${what}: retries is a whole number from 0 on, got ${String(retries)}`)
  if (priority !== undefined && !Number.isFinite(priority))
    throw new RangeError(`${what}: priority is a number, got ${String(priority)}`)
  const isTime = typeof timeout === 'number' && timeout > 0 && timeout < 2 ** 31
  if (timeout !== undefined && !isTime)
    throw new RangeError(
      `${what}: timeout is a number of milliseconds above 0, got ${String(timeout)}`,
    )
  if (workers !== undefined && !isListOfTexts(workers))
    throw new TypeError(`${what}: workers is a list of names, such as ['worker-1']`)
  if (resources === undefined) return
  const amounts = typeof resources === 'object' ? Object.values(resources ?? {}) : [undefined]
  if (!amounts.every((amount) => typeof amount === 'number' && amount >= 0))
    throw new TypeError(`${what}: resources are amounts by name, such as { GPU: 1 }`)
}

function isListOfTexts(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === 'string')
}

setAnnotationScope(withScopeAnnotations)
