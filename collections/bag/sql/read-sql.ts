/** The steps that read the result of a query: the borders of partitions, and the rows of each. */
import { describeValue } from '../../../core/base/describe-value.js'
import { operations } from '../../../core/base/operations.js'
import { type SqlDatabase, type SqlRow, type SqlWork, useDatabase } from './connections.js'
import { boundValue, placeholder, quoted } from './sql-text.js'

/** What is read. */
export interface SqlReading {
  readonly database: SqlDatabase
  /** A table, or a query in parentheses with a name. */
  readonly source: string
  /** The parameters of the query. */
  readonly parameters: readonly unknown[]
  /** The column whose values divide the rows. */
  readonly partitionOn: string | undefined
  readonly npartitions: number
}

/** Returns the values of the key at which all partitions but the first begin. */
export function sqlBordersStep(
  reading: SqlReading,
): readonly unknown[] | Promise<readonly unknown[]> {
  return useDatabase({ operation: 'fromSql', database: reading.database }, findBorders(reading))
}

function* findBorders(reading: SqlReading): SqlWork<readonly unknown[]> {
  const { source, parameters, partitionOn, npartitions } = reading
  const key = quoted(partitionOn!)
  const text = `select min(${key}) as "low", max(${key}) as "high" from ${source}`
  const [row] = yield { text, values: parameters.map(boundValue) }
  return bordersBetween(row!.low, row!.high, npartitions, partitionOn!)
}

/** Divides a range of keys evenly. */
export function bordersBetween(
  low: unknown,
  high: unknown,
  npartitions: number,
  partitionOn: string,
): readonly unknown[] {
  const steps = Array.from({ length: npartitions - 1 }, (_, i) => i + 1)
  if (low === null || high === null) return steps.map(() => null)
  if (low instanceof Date && high instanceof Date) {
    const [from, to] = [low.getTime(), high.getTime()]
    return steps.map((i) => new Date(from + Math.ceil(((to - from) * i) / npartitions)))
  }
  const isWhole = (value: unknown): value is number | bigint =>
    typeof value === 'bigint' || Number.isSafeInteger(value)
  if (isWhole(low) && isWhole(high)) {
    const [from, count] = [BigInt(low), BigInt(high) - BigInt(low) + 1n]
    return steps.map((i) => {
      const border = from + (count * BigInt(i) + BigInt(npartitions) - 1n) / BigInt(npartitions)
      return Number.isSafeInteger(Number(border)) ? Number(border) : border
    })
  }
  if (typeof low === 'number' && typeof high === 'number')
    return steps.map((i) => low + ((high - low) * i) / npartitions)
  throw new TypeError(
    `fromSql: the range of '${partitionOn}' from ${describeValue(low)} to ${describeValue(high)} cannot be divided evenly; give divisions`,
  )
}

/**
 * Reads the rows of a partition. The first one has those without a key too.
 *
 * @param borders A list of the borders of all partitions, if they were found by a task.
 */
export function readSqlStep(
  borders: readonly (readonly unknown[])[],
  position: number,
  reading: SqlReading,
  divisions: readonly unknown[] | undefined,
): readonly SqlRow[] | Promise<readonly SqlRow[]> {
  const use = { operation: 'fromSql', database: reading.database } as const
  return useDatabase(use, readRows(reading, position, divisions ?? borders[0] ?? []))
}

function* readRows(
  { database: { dialect }, source, parameters, partitionOn, npartitions }: SqlReading,
  position: number,
  borders: readonly unknown[],
): SqlWork<readonly SqlRow[]> {
  const values = parameters.map(boundValue)
  const bind = (value: unknown): string => placeholder(dialect, values.push(boundValue(value)))
  const conditions: string[] = []
  if (npartitions > 1 && borders[0] === null) {
    // There are no keys.
    if (position > 0) return []
  } else if (npartitions > 1) {
    const key = quoted(partitionOn!)
    if (position > 0) conditions.push(`${key} >= ${bind(borders[position - 1])}`)
    if (position === 0) conditions.push(`(${key} < ${bind(borders[0])} or ${key} is null)`)
    else if (position < npartitions - 1) conditions.push(`${key} < ${bind(borders[position])}`)
  }
  const where = conditions.length === 0 ? '' : ` where ${conditions.join(' and ')}`
  return yield { text: `select * from ${source}${where}`, values }
}

operations('collections/bag/sql/read-sql', { sqlBordersStep, readSqlStep })
