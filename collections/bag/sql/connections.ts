/**
 * Connections to SQL databases: SQLite, PostgreSQL and DuckDB. Work with a database is a generator of queries, so that it is written once:
 * SQLite answers synchronously, the others with promises. A connection that is closed in the middle of a transaction undoes it.
 */
import { lazyPackage, loadOptional } from '../../../core/base/lazy-package.js'
import { withFileLock } from './file-lock.js'

/** The databases. */
export type SqlDialect = 'sqlite' | 'postgres' | 'duckdb'

/** A database, as tasks get it. */
export interface SqlDatabase {
  readonly dialect: SqlDialect
  /** The path of the file, or the URL of the server. */
  readonly address: string
}

/** A query with its parameters. */
export interface SqlQuery {
  readonly text: string
  readonly values?: readonly unknown[]
}

/** A row of a result. */
export type SqlRow = Record<string, unknown>

/** Work with a database. It yields queries and is given their rows. */
export type SqlWork<T> = Generator<SqlQuery, T, readonly SqlRow[]>

/** What a step does with a database. */
interface SqlUse {
  readonly operation: 'fromSql' | 'toSql'
  readonly database: SqlDatabase
}

/** Connects to a database, does the work, and closes the connection. */
export function useDatabase<T>({ operation, database }: SqlUse, work: SqlWork<T>): T | Promise<T> {
  const { dialect, address } = database
  switch (dialect) {
    case 'sqlite':
      return useSqlite(address, operation, work)
    case 'postgres':
      return usePostgres(address, operation, work)
    case 'duckdb':
      return operation === 'fromSql'
        ? useDuckdb(address, operation, work)
        : withFileLock(address, () => useDuckdb(address, operation, work))
    default:
      return dialect satisfies never
  }
}

async function answer<T>(
  work: SqlWork<T>,
  ask: (query: SqlQuery) => Promise<readonly SqlRow[]>,
): Promise<T> {
  let step = work.next()
  while (step.done !== true) step = work.next(await ask(step.value))
  return step.value
}

/** Makes numbers of the bigints of rows that numbers can hold, and bytes plain. */
function plainRows(rows: readonly SqlRow[]): readonly SqlRow[] {
  return rows.map((row) => {
    const plain: SqlRow = {}
    for (const name in row) plain[name] = plainField(row[name])
    return plain
  })
}

function plainField(value: unknown): unknown {
  if (typeof value === 'bigint') {
    const number = Number(value)
    return Number.isSafeInteger(number) ? number : value
  }
  if (value instanceof ArrayBuffer) return new Uint8Array(value)
  return value instanceof Uint8Array ? Uint8Array.from(value) : value
}

// SQLite

/** The part of `node:sqlite` and of libsql, which has the interface of better-sqlite3, that is used. */
interface SqliteDatabase {
  prepare(text: string): SqliteStatement
  close(): void
}
interface SqliteStatement {
  all(...values: readonly unknown[]): readonly SqlRow[]
  /** Of Node. */
  setReadBigInts?(enabled: boolean): void
  /** Of libsql. */
  safeIntegers?(enabled: boolean): unknown
  readonly reader?: boolean
  run(...values: readonly unknown[]): unknown
}
type SqliteClass = new (path: string) => SqliteDatabase

const libsql = lazyPackage<SqliteClass>('libsql')

/** Returns the SQLite of Node, which Node 20 does not have, or that of a package. */
function sqliteClass(operation: string): SqliteClass {
  const { getBuiltinModule } = process as { getBuiltinModule?: (name: string) => unknown }
  const builtin = getBuiltinModule?.('node:sqlite') as { DatabaseSync: SqliteClass } | undefined
  return builtin?.DatabaseSync ?? loadOptional(libsql, 'libsql', operation)
}

function useSqlite<T>(path: string, operation: string, work: SqlWork<T>): T {
  const Database = sqliteClass(operation)
  const database = new Database(path)
  try {
    // Tasks write one after the other.
    database.prepare('pragma busy_timeout = 60000').all()
    let step = work.next()
    while (step.done !== true) {
      const { text, values = [] } = step.value
      const statement = database.prepare(text)
      statement.setReadBigInts?.(true)
      const isReader = statement.reader ?? true
      if (isReader) statement.safeIntegers?.(true)
      const bound = values.map((value) => (typeof value === 'boolean' ? Number(value) : value))
      let rows: readonly SqlRow[] = []
      if (isReader) rows = statement.all(...bound)
      else statement.run(...bound)
      step = work.next(plainRows(rows))
    }
    return step.value
  } catch (error) {
    undo(database)
    throw error
  } finally {
    database.close()
  }
}

/** Ends a transaction, if there is one: libsql does not when it closes a database whose statements were not yet collected as garbage. */
function undo(database: SqliteDatabase): void {
  try {
    database.prepare('rollback').run()
  } catch {
    // No transaction had begun.
  }
}

// PostgreSQL

/** The part of pg that is used. */
interface PostgresPackage {
  readonly Client: new (
    config: object,
  ) => {
    connect(): Promise<unknown>
    query(query: { text: string; values: unknown[] }): Promise<{ readonly rows: readonly SqlRow[] }>
    end(): Promise<void>
  }
  readonly types: { getTypeParser(type: number, format?: string): (text: string) => unknown }
}

const pg = lazyPackage<PostgresPackage>('pg')

/** How values of types are read that pg itself gives as texts, or as dates of the local time zone. */
const POSTGRES_TYPES: Readonly<Record<number, (text: string) => unknown>> = {
  20: BigInt,
  1700: Number,
  1082: (text) => new Date(`${text}T00:00:00Z`),
  1114: (text) => new Date(`${text.replace(' ', 'T')}Z`),
}

async function usePostgres<T>(url: string, operation: string, work: SqlWork<T>): Promise<T> {
  const { Client, types } = loadOptional(pg, 'pg', operation)
  const getTypeParser = (type: number, format?: string): unknown =>
    (format !== 'binary' && POSTGRES_TYPES[type]) || types.getTypeParser(type, format)
  const client = new Client({ connectionString: url, types: { getTypeParser } })
  try {
    await client.connect()
    return await answer(work, async ({ text, values = [] }) =>
      plainRows((await client.query({ text, values: [...values] })).rows),
    )
  } finally {
    await client.end()
  }
}

// DuckDB

/** The part of @duckdb/node-api that is used. */
interface DuckdbPackage {
  readonly DuckDBInstance: {
    create(path: string, options?: Readonly<Record<string, string>>): Promise<DuckdbInstance>
  }
  blobValue(bytes: Uint8Array): unknown
}
interface DuckdbInstance {
  connect(): Promise<{
    runAndReadAll(
      text: string,
      values: unknown[],
    ): Promise<{ getRowObjectsJS(): readonly SqlRow[] }>
    closeSync(): void
  }>
  closeSync(): void
}

const duckdb = lazyPackage<DuckdbPackage>('@duckdb/node-api')

async function useDuckdb<T>(
  path: string,
  operation: 'fromSql' | 'toSql',
  work: SqlWork<T>,
): Promise<T> {
  const { DuckDBInstance, blobValue } = loadOptional(duckdb, '@duckdb/node-api', operation)
  const options = { threads: '1', ...(operation === 'fromSql' && { access_mode: 'READ_ONLY' }) }
  const instance = await DuckDBInstance.create(path, options)
  try {
    const connection = await instance.connect()
    try {
      return await answer(work, async ({ text, values = [] }) => {
        const bound = values.map((value) =>
          value instanceof Uint8Array ? blobValue(value) : value,
        )
        return plainRows((await connection.runAndReadAll(text, bound)).getRowObjectsJS())
      })
    } finally {
      connection.closeSync()
    }
  } finally {
    instance.closeSync()
  }
}
