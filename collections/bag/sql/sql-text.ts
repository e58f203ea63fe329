/** Texts of SQL: names in quotes, placeholders, types of columns, and values as databases take them. */
import { describeValue } from '../../../core/base/describe-value.js'
import type { SqlDialect } from './connections.js'

/** Returns the name of a table or a column in quotes. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** Returns the name of a table, which may be in a schema. */
export function tableName(parts: readonly string[]): string {
  return parts.map(quoted).join('.')
}

/** Returns the placeholder of a parameter in a statement, such as `$1`; parameters are counted from 1. */
export function placeholder(dialect: SqlDialect, number: number): string {
  return dialect === 'sqlite' ? `?${number}` : `$${number}`
}

/** Returns a value as databases take it: dates and objects as texts. */
export function boundValue(value: unknown): unknown {
  if (value === undefined || value === null) return null
  if (value instanceof Date) return value.toISOString()
  if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.length)
  if (typeof value === 'object') return JSON.stringify(value)
  if (['string', 'number', 'bigint', 'boolean'].includes(typeof value)) return value
  throw new TypeError(`SQL has no form for ${describeValue(value)}`)
}

/** The types of columns that are written. */
type ValueKind = 'number' | 'bigint' | 'boolean' | 'string' | 'date' | 'bytes' | 'json'

const TYPES: Readonly<Record<SqlDialect, Readonly<Record<ValueKind, string>>>> = {
  sqlite: {
    number: 'REAL',
    bigint: 'INTEGER',
    boolean: 'BOOLEAN',
    string: 'TEXT',
    date: 'TEXT',
    bytes: 'BLOB',
    json: 'TEXT',
  },
  postgres: {
    number: 'DOUBLE PRECISION',
    bigint: 'BIGINT',
    boolean: 'BOOLEAN',
    string: 'TEXT',
    date: 'TIMESTAMPTZ',
    bytes: 'BYTEA',
    json: 'JSONB',
  },
  duckdb: {
    number: 'DOUBLE',
    bigint: 'BIGINT',
    boolean: 'BOOLEAN',
    string: 'VARCHAR',
    date: 'TIMESTAMPTZ',
    bytes: 'BLOB',
    json: 'VARCHAR',
  },
}

/** Returns the type of the column that takes a value; that of strings for a missing one. */
export function sqlType(dialect: SqlDialect, value: unknown): string {
  return TYPES[dialect][kindOf(value)]
}

function kindOf(value: unknown): ValueKind {
  const type = typeof value
  if (type === 'number' || type === 'bigint' || type === 'boolean') return type
  if (value instanceof Date) return 'date'
  if (value instanceof Uint8Array) return 'bytes'
  return type === 'object' && value !== null ? 'json' : 'string'
}
