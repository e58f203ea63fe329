/** Errors about optional packages that are not installed. Here none of them can be found. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import Module from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import zlib from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import * as db from '../../../../collections/bag/index.js'
import {
  type SqlDialect,
  type SqlWork,
  useDatabase,
} from '../../../../collections/bag/sql/connections.js'
import { getSync } from '../../../../core/run/get-sync.js'

const missing =
  /^(hyparquet|hyparquet-writer|hyparquet-writer\/.*|avsc|pg|libsql|fzstd|@duckdb\/node-api)$/
const folder = mkdtempSync(join(tmpdir(), 'skein-missing-'))
const at = (name: string) => join(folder, name)
const resolver = Module as unknown as { _resolveFilename: (...args: unknown[]) => string }
const resolveFilename = resolver._resolveFilename
beforeAll(() => {
  resolver._resolveFilename = (request, ...others) => {
    if (!missing.test(String(request))) return resolveFilename(request, ...others)
    throw Object.assign(new Error(`Cannot find module '${request}'`), { code: 'MODULE_NOT_FOUND' })
  }
})
afterAll(() => {
  resolver._resolveFilename = resolveFilename
  rmSync(folder, { recursive: true })
})

const bag = db.fromSequence([{ id: 1 }], { npartitions: 1 })
const sync = { get: getSync }
const needs = (operation: string, name: string): RegExp =>
  new RegExp(`${operation} needs the package ${name}, .*write npm install ${name}$`, 'm')

test('of Parquet', async () => {
  writeFileSync(at('a.parquet'), 'PAR1PAR1')
  expect(() => db.readParquet(at('a.parquet'))).toThrow(needs('readParquet', 'hyparquet'))
  await expect(bag.toParquet(at('b.parquet'), sync)).rejects.toThrow(
    needs('toParquet', 'hyparquet-writer'),
  )
})

test('of Avro', async () => {
  expect(() => bag.toAvro(at('b.avro'), 'int')).toThrow(needs('toAvro', 'avsc'))
  const header = `4f626a010014${'00'.repeat(20)}`
  writeFileSync(at('a.avro'), Buffer.from(header, 'hex'))
  expect(() => db.readAvro(at('a.avro'))).toThrow(needs('readAvro', 'avsc'))
})

test('of databases', async () => {
  const use = (operation: 'fromSql' | 'toSql', dialect: SqlDialect) =>
    useDatabase({ operation, database: { dialect, address: at('x') } }, nothing())
  await expect(use('fromSql', 'postgres')).rejects.toThrow(needs('fromSql', 'pg'))
  await expect(use('toSql', 'duckdb')).rejects.toThrow(needs('toSql', '@duckdb/node-api'))
})

function* nothing(): SqlWork<void> {}

const hasSqlite = Module.builtinModules.includes('node:sqlite')
test.skipIf(hasSqlite)('of SQLite, which this Node does not have', async () => {
  await expect(db.fromSql('t', `sqlite:${at('a.db')}`).compute(sync)).rejects.toThrow(
    needs('fromSql', 'libsql'),
  )
})

test.skipIf('zstdDecompressSync' in zlib)(
  'of Zstandard, which this Node does not have',
  async () => {
    const fixture = new URL('../../../fixtures/records/arrow.json', import.meta.url)
    const { zstd } = JSON.parse(readFileSync(fixture, 'utf8')) as { zstd: string }
    writeFileSync(at('zstd.arrow'), Buffer.from(zstd, 'base64'))
    await expect(db.readArrow(at('zstd.arrow')).compute(sync)).rejects.toThrow(
      needs('readArrow', 'fzstd'),
    )
  },
)
