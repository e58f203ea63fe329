/**
 * Members of a class that its text does not show: decorators put other functions in the place of
 * those that were written.
 */

const functionToString = Function.prototype.toString

/** The methods, by name, that stand where the text of the class has others, or none. */
export function replacedMembers(Class: Function, holder: object): Record<string, Function> {
  const found: Record<string, Function> = {}
  let source: string | undefined
  for (const key of Object.getOwnPropertyNames(holder)) {
    if (key === 'constructor' || key === 'prototype') continue
    const descriptor = Object.getOwnPropertyDescriptor(holder, key)!
    const value: unknown = descriptor.value
    if (descriptor.enumerable === true || typeof value !== 'function') continue
    source ??= functionToString.call(Class)
    if (!source.includes(functionToString.call(value))) found[key] = value
  }
  return found
}
