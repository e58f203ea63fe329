/** Folders whose names are values of columns: `day=2024-01-01`, as Hive, Spark, pandas, Polars and DuckDB write and read them. */
import { describeValue } from '../../../core/base/describe-value.js'
import { convertField, inferTypes } from './csv-types.js'

/** Stands for a missing value. */
const MISSING = '__HIVE_DEFAULT_PARTITION__'

/** The values that the folders of a file give to its records. */
export type HiveValues = Readonly<Record<string, string | number | boolean | null>>

/** Returns the name of the folder for a value. Characters that mean something in paths are written as in URLs. */
export function hiveFolder(name: string, value: unknown, operation: string): string {
  return `${encode(name)}=${encode(textOf(value, name, operation))}`
}

function textOf(value: unknown, name: string, operation: string): string {
  if (value === null || value === undefined) return MISSING
  if (value instanceof Date) return value.toISOString().replace('T00:00:00.000Z', '')
  const isPlain = ['string', 'number', 'bigint', 'boolean'].includes(typeof value)
  if (isPlain && value !== '') return String(value)
  throw new TypeError(
    `${operation}: ${describeValue(value)} in the column '${name}' cannot name a folder`,
  )
}

function encode(text: string): string {
  // A name of dots alone would be another folder.
  return /^\.+$/.test(text) ? text.replaceAll('.', '%2E') : encodeURIComponent(text)
}

/**
 * Returns the values that the folders of each file give. They are numbers or booleans if all of their column are, and else
 * strings; null for a missing one. No file has any unless all have the same columns.
 */
export function hiveValues(paths: readonly string[]): readonly HiveValues[] {
  const texts = paths.map(foldersOf)
  const names = Object.keys(texts[0] ?? {})
  const agree = texts.every((found) => Object.keys(found).join('/') === names.join('/'))
  if (!agree || names.length === 0) return paths.map(() => ({}))
  const rows = texts.map((found) => names.map((name) => found[name] ?? ''))
  const types = inferTypes(rows, names.length)
  return texts.map((found) =>
    Object.fromEntries(
      names.map((name, i) => {
        const text = found[name]!
        return [name, text === null ? null : (convertField(text, types[i]!) as string)]
      }),
    ),
  )
}

/** Returns the columns and the texts of the folders in a path. */
function foldersOf(path: string): Record<string, string | null> {
  const found: Record<string, string | null> = {}
  for (const part of path.split(/[/\\]/).slice(0, -1)) {
    const at = part.indexOf('=')
    if (at <= 0) continue
    const text = decode(part.slice(at + 1))
    found[decode(part.slice(0, at))] = text === MISSING ? null : text
  }
  return found
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
