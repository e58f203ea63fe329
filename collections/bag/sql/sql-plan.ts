/** Plans `fromSql` and `toSql`: checks the arguments, and reads the addresses of databases. */
import { resolve } from 'node:path'
import { checkOptions } from '../../../core/base/argument-checks.js'
import { describeValue } from '../../../core/base/describe-value.js'
import type { ComputeOptions } from '../../../core/graph/get.js'
import { deepCopy } from '../../../core/graph/serialized-params.js'
import { checkWholeNumber } from '../../base/argument-checks.js'
import type { SqlDatabase } from './connections.js'
import type { SqlReading } from './read-sql.js'
import { tableName } from './sql-text.js'
import type { SqlWriting } from './write-sql.js'

/** The options of `fromSql`. */
export interface FromSqlOptions {
  /** The column whose values divide the rows into partitions: numbers or dates, best an indexed key. Without it there is one partition. */
  readonly partitionOn?: string | undefined
  /** The number of partitions. With `partitionOn` 8 by default. */
  readonly npartitions?: number | undefined
  /**
   * The values of `partitionOn` at which partitions begin, in order, and an end: n + 1 values make n partitions. Rows before the first and after the last value
   * belong to the first and the last partition. By default the range of values is divided evenly.
   */
  readonly divisions?: readonly (string | number | bigint | Date)[] | undefined
  /** The values of the parameters in the query: `$1`, `$2`, ... in PostgreSQL and DuckDB, `?` in SQLite. */
  readonly parameters?: readonly unknown[] | undefined
}

/** The options of `toSql`. */
export interface ToSqlOptions {
  /** What to do if the table exists: `'fail'`, the default, `'replace'` it by a new one, or `'append'` to it. */
  readonly ifExists?: 'fail' | 'replace' | 'append' | undefined
  /** The fields that are written. The default is those of the first record of each partition. */
  readonly columns?: readonly string[] | undefined
  /** The types of columns in a new table, as the database names them: `{ id: 'integer primary key' }`. The others are those of the first values. */
  readonly types?: Readonly<Record<string, string>> | undefined
}

/** What is read, and with which borders. */
export interface FromSqlPlan {
  readonly reading: SqlReading
  /** Differs for every call, as what is in the table may. */
  readonly run: string
  /** The borders, if they were given. */
  readonly borders: readonly unknown[] | undefined
}

/** What is written, and whether at once. */
export interface ToSqlPlan {
  readonly writing: SqlWriting
  readonly compute: boolean
  readonly computeOptions: ComputeOptions
}

const DEFAULT_PARTITIONS = 8

/** Checks the arguments of `fromSql` and returns its plan. */
export function planFromSql(
  source: string | readonly string[],
  connection: string,
  options: FromSqlOptions,
): FromSqlPlan {
  checkOptions(options, ['partitionOn', 'npartitions', 'divisions', 'parameters'], 'fromSql')
  const { partitionOn, npartitions, divisions, parameters = [] } = options
  if (partitionOn === undefined && (divisions !== undefined || (npartitions ?? 1) !== 1))
    throw new TypeError(
      'fromSql: several partitions need partitionOn, the column that divides rows',
    )
  if (partitionOn !== undefined && (typeof partitionOn !== 'string' || partitionOn === ''))
    throw new TypeError(
      `fromSql: partitionOn must be the name of a column, got ${describeValue(partitionOn)}`,
    )
  if (divisions !== undefined && npartitions !== undefined)
    throw new TypeError('fromSql: give either npartitions or divisions')
  if (divisions !== undefined && (!Array.isArray(divisions) || divisions.length < 2))
    throw new TypeError(
      `fromSql: divisions must be a list of at least two values, got ${describeValue(divisions)}`,
    )
  if (!Array.isArray(parameters))
    throw new TypeError(
      `fromSql: parameters must be a list of values, got ${describeValue(parameters)}`,
    )
  const count =
    divisions === undefined
      ? (npartitions ?? (partitionOn === undefined ? 1 : DEFAULT_PARTITIONS))
      : divisions.length - 1
  return {
    reading: {
      database: databaseOf(connection, 'fromSql'),
      source: sourceOf(source),
      parameters: deepCopy(parameters, ['fromSql', 'parameters']) as readonly unknown[],
      partitionOn,
      npartitions: checkWholeNumber(count, 1, 'fromSql', 'npartitions'),
    },
    run: crypto.randomUUID(),
    borders: divisions?.slice(1, -1),
  }
}

/** Returns a table, or a query in parentheses. */
function sourceOf(source: string | readonly string[]): string {
  const query = typeof source === 'string' ? source.trim().replace(/[\s;]+$/, '') : ''
  if (/^(select|with|values|from)\s/i.test(query)) return `(${query}\n) as "skein_query"`
  return tableName(tableParts(source, 'fromSql'))
}

/** Returns the schema, if there is one, and the name of a table. */
function tableParts(table: unknown, operation: string): string[] {
  const parts: readonly unknown[] = Array.isArray(table)
    ? table
    : typeof table === 'string'
      ? table.split('.')
      : []
  const areNames = parts.every(
    (part) => typeof part === 'string' && part !== '' && !part.includes('\0'),
  )
  if (areNames && parts.length > 0) return parts as string[]
  throw new TypeError(
    `${operation}: the table must be a name such as 'sales' or 'schema.sales', got ${describeValue(table)}`,
  )
}

/** Reads the address of a database. */
function databaseOf(connection: unknown, operation: string): SqlDatabase {
  const address = typeof connection === 'string' ? connection : ''
  if (/^postgres(ql)?:\/\//i.test(address)) return { dialect: 'postgres', address }
  const [, scheme, path] = /^(sqlite|duckdb):(?:\/\/(?=\/))?(.+)$/i.exec(address) ?? []
  if (scheme !== undefined && path !== ':memory:')
    return { dialect: scheme.toLowerCase() as 'sqlite' | 'duckdb', address: resolve(path!) }
  if (scheme !== undefined)
    throw new RangeError(`${operation}: tasks cannot share a database in memory; give a file`)
  throw new RangeError(
    `${operation}: the connection must be 'sqlite:file.db', 'duckdb:file.duckdb' or 'postgres://user@host/database', got ${describeValue(withoutPassword(connection))}`,
  )
}

function withoutPassword(connection: unknown): unknown {
  return typeof connection === 'string' ? connection.replace(/:[^:@/]*@/, ':***@') : connection
}

/** Checks the arguments of `toSql` and returns its plan. */
export function planToSql(
  table: string | readonly string[],
  connection: string,
  options: ToSqlOptions & { readonly compute?: boolean } & ComputeOptions,
): ToSqlPlan {
  checkOptions(
    options,
    ['ifExists', 'columns', 'types', 'compute', 'get', 'signal', 'onProgress'],
    'toSql',
  )
  const { ifExists = 'fail', columns, types = {}, compute = true, ...computeOptions } = options
  if (!['fail', 'replace', 'append'].includes(ifExists))
    throw new RangeError(
      `toSql: ifExists must be 'fail', 'replace' or 'append', got ${describeValue(ifExists)}`,
    )
  if (columns !== undefined && !Array.isArray(columns))
    throw new TypeError(`toSql: columns must be a list of names, got ${describeValue(columns)}`)
  for (const [name, type] of Object.entries(types)) {
    if (typeof type === 'string' && /^[\w ]+(\([\d, ]+\))?[\w ]*$/.test(type)) continue
    throw new RangeError(
      `toSql: the type of '${name}' must be one such as 'integer' or 'numeric(10, 2)', got ${describeValue(type)}`,
    )
  }
  const writing = {
    database: databaseOf(connection, 'toSql'),
    table: tableParts(table, 'toSql'),
    run: crypto.randomUUID(),
    ifExists,
    columns: columns as readonly string[] | undefined,
    types: { ...types },
  }
  return { writing, compute, computeOptions }
}
