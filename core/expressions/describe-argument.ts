/** Describes arguments of expressions for messages of errors. */

/** Whether a value is a record: an object whose fields can be names of an expression. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !(Symbol.iterator in value) &&
    !ArrayBuffer.isView(value)
  )
}

/** Describes a value in a few words; a record with its first fields. */
export function describeArgument(value: unknown): string {
  if (!isRecord(value)) return describeShortly(value)
  const fields = Object.keys(value)
  const shown = fields.slice(0, 8).map((name) => `${name}: ${describeShortly(value[name])}`)
  if (fields.length > 8) shown.push('...')
  return shown.length === 0 ? '{}' : `{ ${shown.join(', ')} }`
}

function describeShortly(value: unknown): string {
  if (typeof value === 'string')
    return value.length > 40 ? `${JSON.stringify(value.slice(0, 40))}...` : JSON.stringify(value)
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value === 'function') return 'a function'
  if (typeof value === 'symbol') return String(value)
  if (typeof value !== 'object' || value === null) return String(value)
  if (Array.isArray(value)) return `an array of ${value.length}`
  if (value instanceof Date) return 'a date'
  const name: unknown = value.constructor?.name
  return name === 'Object' || typeof name !== 'string' ? 'a record' : `a ${name}`
}
