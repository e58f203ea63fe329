/**
 * The steps that write records to a table: one prepares it, and then each partition is written in a transaction.
 *
 * In the same transaction a row is added to the table `skein_writes`, with the name of the call and the number of the partition. A task that is tried again finds
 * it and writes nothing, whatever became of the answer of the first attempt. Two attempts at the same time wait for each other at that row.
 */
import { describeValue } from '../../../core/base/describe-value.js'
import { operations } from '../../../core/base/operations.js'
import { type Partition, PartitionStream } from '../engine/partition-stream.js'
import {
  type SqlDatabase,
  type SqlDialect,
  type SqlRow,
  type SqlWork,
  useDatabase,
} from './connections.js'
import { boundValue, placeholder, quoted, sqlType, tableName } from './sql-text.js'

/** What is written. */
export interface SqlWriting {
  readonly database: SqlDatabase
  /** The name of the table, after that of its schema, if it has one. */
  readonly table: readonly string[]
  /** The name of the call. */
  readonly run: string
  readonly ifExists: 'fail' | 'replace' | 'append'
  /** The fields that are written; undefined for those of the first record. */
  readonly columns: readonly string[] | undefined
  /** The types of columns, as the database names them. */
  readonly types: Readonly<Record<string, string>>
}

/** What a partition has written. */
export interface WrittenRows {
  /** The table. */
  readonly table: string
  /** The number of rows. */
  readonly items: number
}

const WRITES = '"skein_writes"'
/** Stands for the preparation in the place of a partition. */
const PREPARATION = -1
/** The most parameters of a statement; SQLite has 32,766 and PostgreSQL 65,535. */
const MOST_PARAMETERS = 30_000
/** A number for the lock that orders the creation of tables in PostgreSQL. */
const CREATION_LOCK = 5_353_014

const begin = (dialect: SqlDialect): string =>
  dialect === 'sqlite' ? 'begin immediate' : 'begin transaction'

/** Prepares the table. */
export function prepareSqlStep(writing: SqlWriting): string | Promise<string> {
  return useDatabase({ operation: 'toSql', database: writing.database }, prepare(writing))
}

function* prepare({ database: { dialect }, table, run, ifExists }: SqlWriting): SqlWork<string> {
  const name = tableName(table)
  yield* createTable(
    dialect,
    `${WRITES} ("run" varchar(64), "part" integer, "items" integer, "written" varchar(32), primary key ("run", "part"))`,
  )
  yield { text: begin(dialect) }
  if (yield* isNew(dialect, run, PREPARATION, 0)) {
    const exists = yield* tableExists(dialect, table)
    if (exists && ifExists === 'fail') {
      throw new RangeError(
        `toSql: the table ${name} exists; set ifExists to 'append' or to 'replace'`,
      )
    }
    if (exists && ifExists === 'replace') yield { text: `drop table ${name}` }
  }
  yield { text: 'commit' }
  return name
}

/** Creates a table unless it exists. Of two PostgreSQL transactions that do so at once, one would fail. */
function* createTable(dialect: SqlDialect, definition: string): SqlWork<void> {
  yield { text: begin(dialect) }
  if (dialect === 'postgres') yield { text: `select pg_advisory_xact_lock(${CREATION_LOCK})` }
  yield { text: `create table if not exists ${definition}` }
  yield { text: 'commit' }
}

/** Adds the row that says that a part is written. Returns false if there is one. */
function* isNew(dialect: SqlDialect, run: string, part: number, items: number): SqlWork<boolean> {
  const marks = [1, 2, 3, 4].map((number) => placeholder(dialect, number)).join(', ')
  const added = yield {
    text: `insert into ${WRITES} ("run", "part", "items", "written") values (${marks}) on conflict do nothing returning "part"`,
    values: [run, part, items, new Date().toISOString()],
  }
  return added.length > 0
}

function* tableExists(dialect: SqlDialect, table: readonly string[]): SqlWork<boolean> {
  const name = table.at(-1)!
  if (dialect === 'postgres') {
    const [row] = yield { text: 'select to_regclass($1) as "found"', values: [tableName(table)] }
    return row!.found !== null
  }
  if (dialect === 'sqlite') {
    const master = tableName([...table.slice(0, -1), 'sqlite_master'])
    const text = `select 1 from ${master} where "type" = 'table' and lower("name") = lower(?1)`
    return (yield { text, values: [name] }).length > 0
  }
  const schema = table.length > 1 ? table.at(-2)! : 'main'
  const text =
    'select 1 from information_schema.tables where lower(table_name) = lower($1) and lower(table_schema) = lower($2)'
  return (yield { text, values: [name, schema] }).length > 0
}

/** Writes a partition. `prepared` is the result of the preparation. */
export function writeSqlStep(
  partition: Partition,
  prepared: string,
  part: number,
  writing: SqlWriting,
): readonly WrittenRows[] | Promise<readonly WrittenRows[]> {
  const items = PartitionStream.of(partition).finish()
  const write = (records: readonly unknown[]) =>
    useDatabase(
      { operation: 'toSql', database: writing.database },
      writePart(writing, records, part),
    )
  const rowsOf = (count: number): readonly WrittenRows[] => [{ table: prepared, items: count }]
  if (items instanceof Promise) return items.then(write).then(rowsOf)
  const written = write(items)
  return written instanceof Promise ? written.then(rowsOf) : rowsOf(written)
}

function* writePart(
  { database: { dialect }, table, run, columns: wanted, types }: SqlWriting,
  records: readonly unknown[],
  part: number,
): SqlWork<number> {
  const rows = records.map(assertRecord)
  const columns = wanted ?? Object.keys(rows[0] ?? {})
  const name = tableName(table)
  if (columns.length > 0) {
    if (wanted === undefined) assertFields(rows, columns)
    const typed = columns.map((column) => {
      const sample = rows.find((row) => row[column] !== null && row[column] !== undefined)
      const type = Object.hasOwn(types, column)
        ? types[column]!
        : sqlType(dialect, sample?.[column])
      return `${quoted(column)} ${type}`
    })
    yield* createTable(dialect, `${name} (${typed.join(', ')})`)
  }
  yield { text: begin(dialect) }
  if (yield* isNew(dialect, run, part, rows.length)) {
    const size = Math.max(1, Math.floor(MOST_PARAMETERS / Math.max(1, columns.length)))
    for (let start = 0; start < rows.length; start += size)
      yield insertion(dialect, name, columns, rows.slice(start, start + size))
  }
  yield { text: 'commit' }
  return rows.length
}

function insertion(
  dialect: SqlDialect,
  name: string,
  columns: readonly string[],
  rows: readonly SqlRow[],
) {
  let number = 0
  const tuple = (): string => `(${columns.map(() => placeholder(dialect, ++number)).join(', ')})`
  const tuples = rows.map(tuple).join(', ')
  return {
    text: `insert into ${name} (${columns.map(quoted).join(', ')}) values ${tuples}`,
    values: rows.flatMap((row) => columns.map((column) => boundValue(row[column]))),
  }
}

function assertRecord(item: unknown): SqlRow {
  if (typeof item === 'object' && item !== null) return item as SqlRow
  throw new TypeError(`toSql: every item must be a record, got ${describeValue(item)}`)
}

function assertFields(rows: readonly SqlRow[], columns: readonly string[]): void {
  const known = new Set(columns)
  for (const row of rows) {
    const other = Object.keys(row).find((name) => !known.has(name))
    if (other === undefined) continue
    throw new TypeError(
      `toSql: a record has the field '${other}', which the first one does not have; give columns, such as { columns: ${JSON.stringify(columns)} }`,
    )
  }
}

operations('collections/bag/sql/write-sql', { prepareSqlStep, writeSqlStep })
