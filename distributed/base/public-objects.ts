/** What the public classes have in common: errors of their constructors, and why they cannot be sent. */
import { describeValue } from '../../core/base/describe-value.js'

/**
 * Throws a TypeError unless a constructor was called by this package itself.
 *
 * @param isOwn Whether its arguments are those of this package.
 * @param given The first argument.
 * @param kind The kind of object with its article, such as `a Client`.
 * @param instead What to write instead, such as `await Client.connect(address)`.
 */
export function assertOwnCall(isOwn: boolean, given: unknown, kind: string, instead: string): void {
  if (isOwn) return
  const got = given === undefined ? '' : `; got ${describeValue(given)}`
  throw new TypeError(`${kind} is not made with new; write ${instead}${got}`)
}

/** The reason why an object of a cluster cannot be sent; `kind` is such as `a Client`. */
export function onlyHereReason(kind: string): string {
  return `it is ${kind}, which exists in this process only; a task gets a client of the cluster that it runs on by getClient()`
}
