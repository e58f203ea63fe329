/**
 * What users hand to operations of any collection, as far as the checks are the same: options of
 * known names, and how a value is shown in an error.
 */

/** An options object of known names, so that a misspelt one does not pass unseen. */
export function checkOptions(options: unknown, names: readonly string[], what: string): void {
  if (options === undefined) return
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new TypeError(
      `${what}: options must be an object such as { ${names[0]}: ... }, got ${show(options)}`,
    )
  }
  for (const name of Object.keys(options)) {
    if (names.includes(name)) continue
    throw new TypeError(
      `${what}: there is no option '${name}'; the options are ${names.join(', ')}`,
    )
  }
}

const inspect = Symbol.for('nodejs.util.inspect.custom')

/** What a collection says of itself, so that no message prints its graph; undefined for others. */
export function showCollection(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null || !('layer' in value)) return undefined
  const own = (value as { [inspect]?: unknown })[inspect]
  return typeof own === 'function' ? String(own.call(value)) : undefined
}

/** A value in a few characters, for messages. */
export function show(value: unknown): string {
  if (typeof value === 'string') {
    return value.length > 40 ? `${JSON.stringify(value.slice(0, 40))}...` : JSON.stringify(value)
  }
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value === 'function') return `the function ${value.name || '(anonymous)'}`
  if (typeof value !== 'object' || value === null) return String(value)
  if (Array.isArray(value)) return `an array of ${value.length}`
  if (value instanceof Date)
    return `the date ${Number.isNaN(value.getTime()) ? 'NaN' : value.toISOString()}`
  const collection = showCollection(value)
  if (collection !== undefined) return collection
  const name = Object.getPrototypeOf(value)?.constructor?.name
  const keys = Object.keys(value)
  const shown = keys.slice(0, 5).join(', ') + (keys.length > 5 ? ', ...' : '')
  return `${name === 'Object' || name === undefined ? 'an object' : `a ${name}`} { ${shown} }`
}
