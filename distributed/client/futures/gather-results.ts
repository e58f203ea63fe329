/** Gathers the results of futures in the form in which the futures were given. */
import { describeValue } from '../../../core/base/describe-value.js'
import { hasPlainPrototype } from '../../../core/functions/engine/own-prototypes.js'
import { isComputable } from '../../../core/graph/collection-interface.js'
import { Future } from './future.js'

const skipped = Symbol('skipped')

/** The depth of nested lists and objects beyond which futures are not looked for. */
const maxDepth = 100

/** Whether a value is an object such as `{ ... }` makes. */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && hasPlainPrototype(value)
}

/**
 * Replaces the futures in lists and plain objects by their results. With `skipsFailed`, failed ones
 * are left out of lists and objects instead of rejecting.
 */
export async function gatherResults(
  value: unknown,
  skipsFailed: boolean,
  depth = 0,
): Promise<unknown> {
  if (value instanceof Future) {
    return skipsFailed && depth > 0 ? value.result().catch(() => skipped) : value.result()
  }
  if (depth > maxDepth) return value
  if (isComputable(value))
    throw new TypeError(
      `gather: ${describeValue(value)} is a collection, which has no result yet; write await client.gather(client.compute(collection)), or await collection.compute({ get: client.get })`,
    )
  if (Array.isArray(value)) {
    const results = await Promise.all(
      value.map((item) => gatherResults(item, skipsFailed, depth + 1)),
    )
    return skipsFailed ? results.filter((item) => item !== skipped) : results
  }
  // A list, because a Set would make one of equal results.
  if (value instanceof Set) return gatherResults([...value], skipsFailed, depth)
  if (value instanceof Map) {
    const entries = (await gatherResults([...value], skipsFailed, depth)) as [unknown, unknown][]
    // An entry whose value is skipped has its key only.
    return new Map(entries.filter((entry) => entry.length === 2))
  }
  if (!isPlainObject(value)) return value
  const entries = Object.entries(value).map(async ([name, item]) => {
    return [name, await gatherResults(item, skipsFailed, depth + 1)] as const
  })
  const results = await Promise.all(entries)
  return Object.fromEntries(results.filter(([, item]) => item !== skipped))
}
