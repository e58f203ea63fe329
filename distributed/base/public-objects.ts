/**
 * What the public classes have in common: errors of their constructors, the line that they print, and why
 * they cannot be sent.
 */
import { describeValue } from '../../core/base/describe-value.js'
import { processBoundReason } from '../../core/base/process-bound.js'

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

/**
 * Makes the objects of a class print as their `toString()`, by `console.log`, in notebooks, in test
 * runners and as JSON, and be refused where they are sent. `kind` is such as `a Client`.
 */
export function makeProcessBound(prototype: { toString(): string }, kind: string): void {
  const define = (key: string | symbol, value: unknown) =>
    Object.defineProperty(prototype, key, { value, configurable: true, writable: true })
  function print(this: { toString(): string }): string {
    return this.toString()
  }
  define(Symbol.for('nodejs.util.inspect.custom'), print)
  define('toJSON', print)
  define(processBoundReason, onlyHereReason(kind))
}
