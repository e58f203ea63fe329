/** Names of the types of items, inferred from a sample of them. */

/** The most fields of a record whose types are named. */
const MOST_FIELDS = 30

/** Returns the type of some values, as TypeScript writes it: `{ user: string, note?: string }`. */
export function typeNameOf(values: readonly unknown[]): string {
  if (values.length === 0) return 'unknown'
  const records = values.filter(isRecord)
  const lists = values.filter(Array.isArray)
  const others = values.filter((value) => !isRecord(value) && !Array.isArray(value))
  const names = new Set(others.map(simpleName))
  if (records.length > 0) names.add(recordName(records))
  if (lists.length > 0) names.add(listName(lists))
  return [...names].join(' | ')
}

function isRecord(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || prototype === Object.prototype
}

function simpleName(value: unknown): string {
  if (value === null) return 'null'
  if (typeof value !== 'object') return typeof value
  return value.constructor?.name ?? 'object'
}

function recordName(records: readonly Record<string, unknown>[]): string {
  const fields = new Map<string, unknown[]>()
  for (const record of records) {
    for (const [name, value] of Object.entries(record)) {
      const values = fields.get(name)
      if (values === undefined) fields.set(name, [value])
      else values.push(value)
    }
  }
  const named = [...fields].slice(0, MOST_FIELDS).map(([name, values]) => {
    const key = /^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name)
    return `${key}${values.length < records.length ? '?' : ''}: ${typeNameOf(values)}`
  })
  if (fields.size > MOST_FIELDS) named.push(`... ${fields.size - MOST_FIELDS} more`)
  return named.length === 0 ? '{}' : `{ ${named.join(', ')} }`
}

/** Short lists of one length are named item by item if these are of different types, others by all of their items. */
function listName(lists: readonly (readonly unknown[])[]): string {
  const { length } = lists[0]!
  if (length > 0 && length <= 4 && lists.every((list) => list.length === length)) {
    const names = Array.from({ length }, (_, i) => typeNameOf(lists.map((list) => list[i])))
    if (new Set(names).size > 1) return `[${names.join(', ')}]`
  }
  const item = typeNameOf(lists.flatMap((list) => list.slice(0, 100)))
  return /[ |]/.test(item) && !item.startsWith('{') ? `(${item})[]` : `${item}[]`
}
