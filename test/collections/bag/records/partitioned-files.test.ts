/** Files in folders that are named by columns, and filters that leave files and row groups out. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import * as db from '../../../../collections/bag/index.js'
import { getSync } from '../../../../core/run/get-sync.js'
import { getThreads } from '../../../../core/run/threads/get-threads.js'
import { hasModule, runPython } from '../../../support/python.js'

const folder = mkdtempSync(join(tmpdir(), 'skein-folders-'))
afterAll(() => rmSync(folder, { recursive: true }))
const threads = { get: getThreads }
const at = (name: string) => join(folder, name)
const rows = Array.from({ length: 24 }, (_, i) => ({
  id: i,
  day: `2024-01-0${1 + (i % 3)}`,
  part: i % 2,
  x: i / 4,
}))
type Row = (typeof rows)[number]
const bag = db.fromSequence(rows, { npartitions: 2 })
const byId = (a: Row, b: Row) => a.id - b.id
const namesIn = (name: string): string[] =>
  readdirSync(at(name), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(at(name), join(entry.parentPath, entry.name)))
    .sort()

describe('partitionBy', () => {
  const writers = {
    parquet: (path: string) => bag.toParquet(path, { partitionBy: 'day', ...threads }),
    arrow: (path: string) => bag.toArrow(path, { partitionBy: ['day'], get: getSync }),
    csv: (path: string) => bag.toCsv(path, { partitionBy: 'day', ...threads }),
    jsonl: (path: string) => bag.toJson(path, { partitionBy: 'day', get: getSync }),
  }
  const readers = {
    parquet: (paths: string) => db.readParquet<Row>(paths),
    arrow: (paths: string) => db.readArrow<Row>(paths),
    csv: (paths: string) => db.readCsv<Row>(paths, { hivePartitioning: true }),
    jsonl: (paths: string) => db.readJson<Row>(paths, { hivePartitioning: true }),
  }

  test.each(['parquet', 'arrow', 'csv', 'jsonl'] as const)('of %s', async (format) => {
    const written = await writers[format](at(format))
    const expected = [1, 2, 3].flatMap((day) =>
      [0, 1].map((part) => join(`day=2024-01-0${day}`, `part-${part}.${format}`)),
    )
    expect(namesIn(format)).toEqual(expected)
    expect(written.map(({ path }) => relative(at(format), path)).sort()).toEqual(expected)
    expect(written.map(({ items }) => items)).toEqual([4, 4, 4, 4, 4, 4])
    expect(written[0]!.bytes).toBe(readFileSync(written[0]!.path).length)
    const read = readers[format](at(`${format}/**/*.${format}`))
    expect((await read.compute(threads)).sort(byId)).toEqual(rows)
  })

  test('of several columns, with names for files', async () => {
    await bag.toJson(at('two/a-*.jsonl.gz'), { partitionBy: ['part', 'day'], ...threads })
    expect(namesIn('two')[0]).toBe(join('part=0', 'day=2024-01-01', 'a-0.jsonl.gz'))
    const read = db.readJson<Row>(at('two/**/*.gz'), { hivePartitioning: true })
    expect((await read.compute(threads)).sort(byId)).toEqual(rows)
  })

  test('of values that are no names of folders', async () => {
    const values = ['a/b=c', '..', 'ü %', null, 'x'].map((key, id) => ({ id, key }))
    const odd = db.fromSequence(values, { npartitions: 1 })
    await odd.toArrow(at('odd'), { partitionBy: 'key', ...threads })
    const read = db.readArrow<{ id: number; key: string }>(at('odd/**/*.arrow'))
    expect((await read.compute(threads)).sort((a, b) => a.id - b.id)).toEqual(values)
  })

  test('leaves nothing of a task that fails', async () => {
    const failing = db.fromSequence(rows, { npartitions: 1 }).map((row) => {
      if (row.id === 20) throw new Error('no twenty')
      return row
    })
    for (const write of [
      () => failing.toCsv(at('bad'), { partitionBy: 'day', ...threads }),
      () => failing.toParquet(at('bad'), { partitionBy: 'day', ...threads }),
    ])
      await expect(write()).rejects.toThrow(/no twenty/)
    const mixed = db.fromSequence<object>(
      [
        { day: 1, a: 1 },
        { day: 2, a: 1 },
        { day: 2, a: 'x' },
      ],
      { npartitions: 1 },
    )
    await expect(mixed.toArrow(at('bad'), { partitionBy: 'day', ...threads })).rejects.toThrow(
      /"x" in the column 'a'/,
    )
    await expect(mixed.toJson(at('bad'), { partitionBy: 'b', ...threads })).rejects.toThrow(
      /no field 'b'/,
    )
    expect(namesIn('bad')).toEqual([])
    expect(() => mixed.toJson(at('bad'), { partitionBy: 5 as never })).toThrow(/partitionBy must/)
  })
})

describe('filters of Parquet', () => {
  test('do not read row groups that their statistics exclude', async () => {
    const [file] = await db
      .fromSequence(rows, { npartitions: 1 })
      .toParquet(at('groups.pq'), { rowGroupSize: 4, compression: null, ...threads })
    const read = (filter: string) => db.readParquet<Row>(file!.path, { filter })
    expect(db.readParquet(file!.path).npartitions).toBe(6)
    const cases = {
      'id > 17': 2,
      'id >= 16 and x < 100': 2,
      '3 >= id': 1,
      'id == 9': 1,
      'x < -1': 1,
      '(x > 1) and id < 12 and part == 0': 2,
      'id > 17 or id < 2': 6,
      'day == "2024-01-02"': 6,
      'day == "2025"': 1,
    }
    for (const [filter, groups] of Object.entries(cases)) {
      const bag = read(filter)
      expect(bag.npartitions, filter).toBe(groups)
      const wanted = await db.fromSequence(rows).filter(filter).compute(threads)
      expect(await bag.compute(threads), filter).toEqual(wanted)
    }
    // The bytes of the first row groups are not even looked at.
    const bytes = readFileSync(file!.path)
    bytes.fill(255, 4, 600)
    writeFileSync(at('damaged.pq'), bytes)
    const damaged = db.readParquet<Row>(at('damaged.pq'), { filter: 'id > 19', columns: ['x'] })
    expect(await damaged.compute(threads)).toEqual(rows.slice(20).map(({ x }) => ({ x })))
    await expect(db.readParquet(at('damaged.pq')).compute(threads)).rejects.toThrow()
  })

  test('leave out records whose compared column is null', async () => {
    const values = [{ a: 1 }, { a: null }, { a: 3 }]
    await db.fromSequence(values, { npartitions: 1 }).toParquet(at('null.pq'), threads)
    const read = db.readParquet(at('null.pq'), { filter: 'a > 2' })
    expect(await read.compute(threads)).toEqual([{ a: 3 }])
  })

  test('do not open files that their folders exclude', async () => {
    const all = at('days/**/*.parquet')
    await bag.toParquet(at('days'), { partitionBy: ['part', 'day'], ...threads })
    for (const name of namesIn('days').filter((file) => file.startsWith('part=0')))
      writeFileSync(at(join('days', name)), 'no Parquet')
    const filter = 'part == 1 and day == "2024-01-02" and x > 3'
    const read = db.readParquet<Row>(all, { filter, columns: ['id'] })
    expect(await read.pluck('id').compute(threads)).toEqual([13, 19])
    expect(read.npartitions).toBe(1)
    expect(() => db.readParquet(all)).toThrow(/no file of Parquet/)
  })

  test('that are no expressions are refused at the call', () => {
    expect(() => db.readParquet(at('groups.pq'), { filter: 'id >' })).toThrow(SyntaxError)
    expect(() => db.readParquet(at('groups.pq'), { filter: 5 as never })).toThrow(/an expression/)
  })
})

test.skipIf(!hasModule('pyarrow.dataset, polars, duckdb'))(
  'pyarrow, Polars and DuckDB read the folders, and theirs are read (skipped without them)',
  async () => {
    await bag.toParquet(at('ours'), { partitionBy: ['part', 'day'], ...threads })
    const output = runPython(
      `
import sys, json, pyarrow, pyarrow.dataset as ds, polars, duckdb
folder = sys.argv[1]
rows = ds.dataset(folder + "/ours", partitioning="hive").to_table()
found = [rows.to_pylist(), polars.read_parquet(folder + "/ours/**/*.parquet", hive_partitioning=True).to_dicts(),
  duckdb.sql(f"select * from read_parquet('{folder}/ours/**/*.parquet', hive_partitioning=true)").to_arrow_table().to_pylist()]
print(json.dumps([sorted([r["id"], str(r["day"]), r["part"], r["x"]] for r in part) for part in found]))
ds.write_dataset(rows, folder + "/pyarrow", format="parquet", partitioning=["day", "part"], partitioning_flavor="hive")
polars.from_arrow(rows).write_parquet(polars.PartitionBy(folder + "/polars", key=["day", "part"]))
duckdb.sql("select * from rows").write_parquet(folder + "/duckdb", partition_by=["day", "part"])
`,
      folder,
    )
    const wanted = rows.map(({ id, day, part, x }) => [id, day, part, x])
    expect(JSON.parse(output)).toEqual([wanted, wanted, wanted])
    for (const name of ['pyarrow', 'polars', 'duckdb']) {
      const read = db.readParquet<Row>(at(`${name}/**/*.parquet`), { filter: 'part == 1' })
      const found = (await read.compute(threads)).sort(byId)
      expect(found, name).toEqual(rows.filter(({ part }) => part === 1))
    }
  },
)
