/**
 * Members of a class that its text does not show: decorators put other functions in the place of
 * those that were written.
 */

const functionToString = Function.prototype.toString

/**
 * The methods and accessors, by key, that stand where the text of the class has others, or none; of an
 * accessor only the half that was replaced.
 */
export function replacedMembers(Class: Function, holder: object): PropertyDescriptorMap {
  const found: PropertyDescriptorMap = {}
  let source: string | undefined
  const replaced = (fn: unknown): fn is () => unknown => {
    if (typeof fn !== 'function') return false
    source ??= functionToString.call(Class)
    return !source.includes(functionToString.call(fn))
  }
  for (const key of Reflect.ownKeys(holder) as string[]) {
    if (key === 'constructor' || key === 'prototype') continue
    const { enumerable, value, get, set } = Object.getOwnPropertyDescriptor(holder, key)!
    if (enumerable === true) continue
    const about = { enumerable: true, configurable: true }
    if (replaced(value)) found[key] = { ...about, value }
    else if (replaced(get)) found[key] = { ...about, get, ...(replaced(set) ? { set } : {}) }
    else if (replaced(set)) found[key] = { ...about, set }
  }
  return found
}
