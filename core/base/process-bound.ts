/** Objects of this package that exist in one process only, such as clients. */

/**
 * The property of such an object with the reason why it cannot be sent and what to write instead, for
 * the NotPortableError.
 */
export const processBoundReason: unique symbol = Symbol('processBoundReason')

/** Returns the reason why an object cannot be sent, if it is one that exists in one process only. */
export function findProcessBoundReason(object: object): string | undefined {
  const reason: unknown = (object as { [processBoundReason]?: unknown })[processBoundReason]
  return typeof reason === 'string' ? reason : undefined
}
