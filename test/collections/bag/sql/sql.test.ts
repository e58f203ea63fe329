/** `fromSql` and `toSql` with SQLite, DuckDB and a PostgreSQL server that is started for them. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as db from '../../../../collections/bag/index.js'
import {
  type SqlRow,
  type SqlWork,
  useDatabase,
} from '../../../../collections/bag/sql/connections.js'
import { bordersBetween } from '../../../../collections/bag/sql/read-sql.js'
import { writeSqlStep } from '../../../../collections/bag/sql/write-sql.js'
import type { Get } from '../../../../core/index.js'
import { getSync } from '../../../../core/run/get-sync.js'
import { getThreads } from '../../../../core/run/threads/get-threads.js'
import { LocalCluster } from '../../../../distributed/index.js'
import { type PostgresServer, startPostgres, whyNoPostgres } from '../../../support/postgres.js'

const folder = mkdtempSync(join(tmpdir(), 'skein-sql-'))
const threads = { get: getThreads }
const rows = Array.from({ length: 30 }, (_, i) => ({
  id: i,
  'na"me': i % 5 === 0 ? null : `näme '${i}"`,
  amount: i / 4,
  ok: i % 2 === 0,
}))
type Row = (typeof rows)[number]
const bag = db.fromSequence(rows, { npartitions: 4 })
const byId = (a: { id: number }, b: { id: number }) => a.id - b.id

let cluster: LocalCluster
let clusterGet: Get
let server: PostgresServer | undefined
beforeAll(async () => {
  cluster = await LocalCluster.start({ nworkers: 2 })
  clusterGet = (await cluster.client()).get as Get
  if (whyNoPostgres === undefined) server = await startPostgres()
})
afterAll(async () => {
  await cluster.close()
  server?.stop()
  rmSync(folder, { recursive: true })
})

const databases = [
  ['sqlite', () => `sqlite:${join(folder, 'a.db')}`, undefined],
  ['duckdb', () => `duckdb:${join(folder, 'a.duckdb')}`, undefined],
  ['postgres', () => server!.url, whyNoPostgres],
] as const

function* ask(text: string, values: readonly unknown[]): SqlWork<readonly SqlRow[]> {
  return yield { text, values }
}

describe.each(databases)('%s', (dialect, urlOf, whyNot) => {
  const skip = whyNot !== undefined
  /** Rows as the database has them: SQLite has no booleans. */
  const stored = (row: Row) => (dialect === 'sqlite' ? { ...row, ok: Number(row.ok) } : row)
  const query = (text: string, values: readonly unknown[] = []) => {
    const address = dialect === 'postgres' ? urlOf() : urlOf().replace(/^\w+:/, '')
    const use = { operation: 'toSql', database: { dialect, address } } as const
    return useDatabase(use, ask(text, values))
  }

  test.skipIf(skip)(`writes and reads on threads${skip ? `: ${whyNot}` : ''}`, async () => {
    const written = await bag.toSql('sales', urlOf(), threads)
    expect(written.map(({ items }) => items)).toEqual([8, 7, 8, 7])
    expect(written[0]!.table).toBe('"sales"')
    const all = db.fromSql<Row>('sales', urlOf())
    expect(all.npartitions).toBe(1)
    expect((await all.compute(threads)).sort(byId)).toEqual(rows.map(stored))
    const parts = db.fromSql<Row>('sales', urlOf(), { partitionOn: 'id', npartitions: 5 })
    const lengths = parts.mapPartitions((items) => [[...items].length])
    expect(await lengths.compute(threads)).toEqual([6, 6, 6, 6, 6])
    expect((await parts.compute(threads)).sort(byId)).toEqual(rows.map(stored))
  })

  test.skipIf(skip)('writes and reads on a cluster', async () => {
    const get = { get: clusterGet }
    await bag.toSql('clustered', urlOf(), get)
    const parts = db.fromSql<Row>('clustered', urlOf(), { partitionOn: 'id', npartitions: 3 })
    expect((await parts.compute(get)).sort(byId)).toEqual(rows.map(stored))
  })

  test.skipIf(skip)('binds parameters and quotes names', async () => {
    const mark = dialect === 'sqlite' ? '?' : '$1'
    const options = { partitionOn: 'id', npartitions: 2, parameters: [`näme '7"`] }
    const found = db.fromSql<Row>(`select * from sales where "na""me" = ${mark};`, urlOf(), options)
    expect(await found.compute(threads)).toEqual([stored(rows[7]!)])
    const odd = 'a"b; drop table sales'
    await bag.toSql([odd], urlOf(), { columns: ['id'], types: { id: 'integer' }, ...threads })
    expect(await db.fromSql([odd], urlOf()).count().compute(threads)).toBe(30)
    expect(await db.fromSql('sales', urlOf()).count().compute(threads)).toBe(30)
  })

  test.skipIf(skip)('divides ranges of keys, also with nulls and none', async () => {
    const keys = [3, null, 12, 7, null, 1].map((key, id) => ({ id, key }))
    await db.fromSequence(keys, { npartitions: 1 }).toSql('keyed', urlOf(), threads)
    const by = (options: object) =>
      db
        .fromSql<Row>('keyed', urlOf(), { partitionOn: 'key', ...options })
        .mapPartitions((items) => [[...items].map(({ id }) => id).sort()])
        .compute(threads)
    expect(await by({ npartitions: 3 })).toEqual([[0, 1, 4, 5], [3], [2]])
    expect(await by({ divisions: [5, 7, 13] })).toEqual([
      [0, 1, 4, 5],
      [2, 3],
    ])
    await query('delete from keyed where "key" is not null')
    expect(await by({ npartitions: 2 })).toEqual([[1, 4], []])
  })

  test.skipIf(skip)('keeps dates, large integers, bytes and objects', async () => {
    const when = new Date(Date.UTC(2024, 1, 29, 12, 30, 1, 500))
    const record = { when, big: 2n ** 60n, bytes: Uint8Array.of(0, 255), list: [1, { a: 'x' }] }
    await db.fromSequence([record], { npartitions: 1 }).toSql('kinds', urlOf(), threads)
    const [found] = await db.fromSql('kinds', urlOf()).compute(threads)
    expect(found!.big).toBe(record.big)
    expect(found!.bytes).toEqual(record.bytes)
    const list = found!.list
    expect(typeof list === 'string' ? JSON.parse(list) : list).toEqual(record.list)
    expect(new Date(found!.when as string)).toEqual(when)
    if (dialect === 'sqlite') return
    const parts = db.fromSql('kinds', urlOf(), { partitionOn: 'when', npartitions: 2 })
    expect(await parts.pluck('when').compute(threads)).toEqual([when])
  })

  test.skipIf(skip)('says what to do about a table that exists', async () => {
    const one = db.fromSequence([{ a: 1 }], { npartitions: 1 })
    const count = () => db.fromSql('again', urlOf()).count().compute(threads)
    await one.toSql('again', urlOf(), threads)
    await expect(one.toSql('again', urlOf(), threads)).rejects.toThrow(/"again" exists/)
    await one.toSql('again', urlOf(), { ifExists: 'append', ...threads })
    expect(await count()).toBe(2)
    await one.toSql('again', urlOf(), { ifExists: 'replace', ...threads })
    expect(await count()).toBe(1)
  })

  test.skipIf(skip)('writes a partition once, however often its task runs', async () => {
    const lazy = bag.toSql('once', urlOf(), { compute: false })
    const first = await lazy.compute(threads)
    expect(await lazy.compute({ get: clusterGet })).toEqual(first)
    expect(await db.fromSql('once', urlOf()).count().compute(threads)).toBe(30)
    // Two attempts at once, and a failed one before.
    const address = dialect === 'postgres' ? urlOf() : urlOf().replace(/^\w+:/, '')
    const writing = {
      database: { dialect, address },
      table: ['raced'],
      run: 'test',
      ifExists: 'append',
      columns: ['id'],
      types: { id: 'integer' },
    } as const
    const attempt = async (items: readonly unknown[]) => writeSqlStep(items, '"raced"', 0, writing)
    await expect(attempt([{ id: 1 }, { id: 'no number' }, { id: () => 1 }])).rejects.toThrow()
    await Promise.all([attempt([{ id: 1 }, { id: 2 }]), attempt([{ id: 1 }, { id: 2 }])])
    expect(await db.fromSql('raced', urlOf()).count().compute(threads)).toBe(2)
  })
})

test('SQLite without threads', async () => {
  const url = `sqlite:${join(folder, 'sync.db')}`
  await bag.toSql('sales', url, { get: getSync })
  const parts = db.fromSql<Row>('sales', url, { partitionOn: 'id', npartitions: 3 })
  expect(await parts.pluck('id').sum().compute({ get: getSync })).toBe(435)
})

test('borders divide ranges evenly', () => {
  expect(bordersBetween(0, 9, 5, 'k')).toEqual([2, 4, 6, 8])
  expect(bordersBetween(0, 1, 3, 'k')).toEqual([1, 2])
  expect(bordersBetween(0.5, 1.5, 2, 'k')).toEqual([1])
  expect(bordersBetween(2n ** 60n, 2n ** 60n + 3n, 2, 'k')).toEqual([2n ** 60n + 2n])
  expect(bordersBetween(null, null, 2, 'k')).toEqual([null])
  expect(() => bordersBetween('a', 'z', 2, 'k')).toThrow(/give divisions/)
})

test('refuses wrong arguments at the call', () => {
  const url = 'sqlite:x.db'
  expect(() => db.fromSql('t', 'mysql://me:secret@host/db')).toThrow(/'sqlite:file.db'/)
  expect(() => db.fromSql('t', 'mysql://me:secret@host/db')).not.toThrow(/secret/)
  expect(() => db.fromSql('t', 'sqlite::memory:')).toThrow(/in memory/)
  expect(() => db.fromSql('t', url, { npartitions: 3 })).toThrow(/need partitionOn/)
  expect(() => db.fromSql('t', url, { chunks: 3 } as never)).toThrow(/chunks/)
  expect(() => db.fromSql('', url)).toThrow(/the table must be/)
  expect(() => bag.toSql('t', url, { ifExists: 'drop' as never })).toThrow(/ifExists/)
  expect(() => bag.toSql('t', url, { types: { id: 'int); drop' } })).toThrow(/the type of 'id'/)
})
