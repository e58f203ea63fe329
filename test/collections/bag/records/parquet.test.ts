/** `readParquet` and `toParquet`, with files of pyarrow; `make-record-fixtures.py` has written them. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import * as db from '../../../../collections/bag/index.js'
import { getThreads } from '../../../../core/run/threads/get-threads.js'

const folder = mkdtempSync(join(tmpdir(), 'skein-parquet-'))
afterAll(() => rmSync(folder, { recursive: true }))
const threads = { get: getThreads }
const at = (name: string) => join(folder, name)
const fixture = new URL('../../../fixtures/records/parquet.json', import.meta.url)
const files = Object.entries(JSON.parse(readFileSync(fixture, 'utf8')) as Record<string, string>)
for (const [codec, text] of files) {
  writeFileSync(at(`${codec}.parquet`), Buffer.from(text, 'base64'))
}
const rows = Array.from({ length: 10 }, (_, i) => ({
  id: i,
  name: i % 3 === 0 ? null : `näme ${i}`,
  x: i / 4,
  ok: i % 2 === 0,
  when: new Date(Date.UTC(2024, 0, 1 + i, 12, 30)),
  tags: Array(i % 3).fill('a'),
  big: 2n ** 60n + BigInt(i),
}))

describe('files of pyarrow', () => {
  test.each(files.map(([codec]) => codec))('with compression %s', async (codec) => {
    const bag = db.readParquet(at(`${codec}.parquet`))
    expect(bag.npartitions).toBe(3)
    const found = await bag.compute(threads)
    // Lists that are empty have the type of the others.
    expect(found).toEqual(rows)
  })

  test('of several names, and of some columns', async () => {
    const bag = db.readParquet<{ x: number; id: number }>(at('*.parquet'), { columns: ['x', 'id'] })
    expect(bag.npartitions).toBe(15)
    expect((await bag.compute(threads)).slice(10)).toEqual(
      [1, 2, 3, 4].flatMap(() => rows.map(({ id, x }) => ({ id, x }))),
    )
    expect(await bag.pluck('x').sum().compute(threads)).toBe(5 * 11.25)
  })

  test('of which a chain uses some columns', async () => {
    const bag = db.readParquet<(typeof rows)[0]>(at('snappy.parquet'))
    const whole = db.fromSequence(rows, { npartitions: 3 })
    const chains: ((items: typeof bag) => { compute(o: object): Promise<unknown> })[] = [
      (items) => items.filter('x > 0.5').foldby('ok', 'x + id', 0, 'x + y'),
      (items) => items.map(({ name, tags }) => [name, tags]),
      (items) => items.filter((row) => row.id > 3).count(),
      (items) => items.count(),
      (items) => items.pluck('big').max(),
      (items) => items.map('x + 1'),
      (items) => items.map(async (row) => row.x),
      (items) => items.pluck('nothing' as 'x', -1),
      (items) => items.take(1, { compute: false }),
      (items) => db.zip(items, items.pluck('id')),
    ]
    for (const chain of chains) {
      expect([String(chain), await chain(bag).compute(threads)]).toEqual([
        String(chain),
        await chain(whole).compute(threads),
      ])
    }
    await expect(bag.map('name + 1').compute(threads)).rejects.toThrow(
      /id: 1, name: "näme 1"|the item is/,
    )
    await expect(bag.pluck('nothing' as 'x').compute(threads)).rejects.toThrow(
      /no field "nothing" in an object \{ id, name, x, ok, when/,
    )
  })

  test('that are not whole, or have no such column, are named at the call', () => {
    const bytes = readFileSync(at('snappy.parquet'))
    writeFileSync(at('half.dat'), bytes.subarray(0, 500))
    expect(() => db.readParquet(at('half.dat'))).toThrow(/half.dat' is no file of Parquet/)
    expect(() => db.readParquet(at('snappy.parquet'), { columns: ['y'] })).toThrow(
      /has no column "y", only id, name/,
    )
    expect(() => db.readParquet(at('snappy.parquet'), { rows: 5 } as never)).toThrow(/rows/)
  })
})

describe('writing', () => {
  const records = rows.map((row) => ({ ...row, name: row.name }))
  const bag = db.fromSequence(records, { npartitions: 3 })

  test.each(['snappy', 'gzip', 'brotli', null] as const)(
    'with compression %s',
    async (compression) => {
      const pattern = at(`out-${compression}-*.pq`)
      const written = await bag.toParquet(pattern, { compression, rowGroupSize: 2, ...threads })
      expect(written.map(({ items }) => items)).toEqual([4, 3, 3])
      expect(written[0]!.bytes).toBe(readFileSync(written[0]!.path).length)
      const read = db.readParquet(pattern)
      expect(read.npartitions).toBe(6)
      expect(await read.compute(threads)).toEqual(records)
    },
  )

  test('refuses what has no column or another type, and leaves nothing', async () => {
    const mixed = db.fromSequence<unknown>([{ a: 1 }, { a: 'x' }], { npartitions: 1 })
    const target = { path: at('bad.pq'), ...threads }
    await expect(mixed.toParquet(target.path, threads)).rejects.toThrow(
      /"x" in the column 'a' is no DOUBLE/,
    )
    const uneven = db.fromSequence<unknown>([{ a: 1 }, { b: 2 }], { npartitions: 1 })
    await expect(uneven.toParquet(target.path, threads)).rejects.toThrow(/the field 'b'/)
    await uneven.toParquet(at('chosen.pq'), { columns: ['b', 'a'], ...threads })
    expect(await db.readParquet(at('chosen.pq')).compute(threads)).toEqual([
      { b: null, a: 1 },
      { b: 2, a: null },
    ])
    expect(() => uneven.toParquet(target.path, { compression: 'lzo' as never })).toThrow(/lzo/)
    expect(readdirSync(folder).filter((name) => /bad|part$/.test(name))).toEqual([])
  })
})
