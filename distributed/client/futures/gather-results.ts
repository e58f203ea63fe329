/** Results of futures in the form in which the futures came. */
import { Future } from './future.js'

const skipped = Symbol('skipped')

/** Whether a value is an object as `{ ... }` makes it. */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  return (
    typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
  )
}

/** What stands for the futures in lists and plain objects: their results, failed ones left out if told so. */
export async function gatherIn(value: unknown, skips: boolean, depth = 0): Promise<unknown> {
  if (value instanceof Future) {
    return skips && depth > 0 ? value.result().catch(() => skipped) : value.result()
  }
  if (depth > 100) return value
  if (Array.isArray(value)) {
    const results = await Promise.all(value.map((item) => gatherIn(item, skips, depth + 1)))
    return skips ? results.filter((item) => item !== skipped) : results
  }
  if (!isPlainObject(value)) return value
  const entries = Object.entries(value).map(async ([name, item]) => {
    return [name, await gatherIn(item, skips, depth + 1)] as const
  })
  const found = await Promise.all(entries)
  return Object.fromEntries(found.filter(([, item]) => item !== skipped))
}
