/** `readAvro` and `toAvro`, against fastavro where Python has it. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import zlib from 'node:zlib'
import { afterAll, describe, expect, test } from 'vitest'
import * as db from '../../../../collections/bag/index.js'
import { getSync } from '../../../../core/run/get-sync.js'
import { getThreads } from '../../../../core/run/threads/get-threads.js'
import { hasModule, runPython } from '../../../support/python.js'

const folder = mkdtempSync(join(tmpdir(), 'skein-avro-'))
afterAll(() => rmSync(folder, { recursive: true }))
const threads = { get: getThreads }
const at = (name: string) => join(folder, name)
const schema = {
  type: 'record',
  name: 'Row',
  fields: [
    { name: 'id', type: 'long' },
    { name: 'name', type: ['null', 'string'], default: null },
    { name: 'x', type: ['null', 'int', 'double'] },
    { name: 'when', type: { type: 'long', logicalType: 'timestamp-millis' } },
    { name: 'tags', type: { type: 'array', items: 'string' } },
    { name: 'more', type: { type: 'map', values: 'bytes' } },
    { name: 'price', type: { type: 'bytes', logicalType: 'decimal', precision: 10, scale: 2 } },
  ],
} as const
const rows = Array.from({ length: 40 }, (_, i) => ({
  id: i === 7 ? 2n ** 60n : i - 20,
  name: i % 3 === 0 ? null : `näme ${i}`,
  x: i % 4 === 0 ? null : i / 4,
  when: new Date(Date.UTC(2024, 0, 1 + i, 12, 30)),
  tags: Array(i % 3).fill('a'),
  more: { k: Uint8Array.of(i, 255) },
  price: i - 20.25,
}))
/** As avsc takes them: a number in a union of several kinds of numbers has its name. */
const given = rows.map((row) => ({
  ...row,
  x: row.x === null ? null : { double: row.x },
  more: { k: Buffer.from(row.more.k) },
}))
const bag = db.fromSequence(given, { npartitions: 2 })
const hasZstd = 'zstdCompressSync' in zlib
const codecs = ['null', 'deflate', 'snappy', ...(hasZstd ? (['zstandard'] as const) : [])] as const

describe('files of ours', () => {
  test.each(codecs)('with the codec %s', async (codec) => {
    const pattern = at(`own-${codec}-*.avro`)
    const written = await bag.toAvro(pattern, schema, { codec, syncInterval: 200, ...threads })
    expect(written.map(({ items }) => items)).toEqual([20, 20])
    expect(written[0]!.bytes).toBe(readFileSync(written[0]!.path).length)
    expect(await db.readAvro(pattern).compute(threads)).toEqual(rows)
    expect(await db.readAvro(pattern).compute({ get: getSync })).toEqual(rows)
  })

  test('are cut anywhere', async () => {
    const path = at('cut.avro')
    await bag
      .repartition({ npartitions: 1 })
      .toAvro(path, schema, { syncInterval: 100, ...threads })
    const { length } = readFileSync(path)
    for (const blocksize of [50, 177, 640, 1000, length - 1, length]) {
      const cut = db.readAvro(path, { blocksize })
      expect(cut.npartitions).toBe(Math.ceil(length / blocksize))
      expect(await cut.compute({ get: getSync }), `${blocksize}`).toEqual(rows)
    }
    const whole = db.readAvro(path, { blocksize: null, columns: ['x', 'id'] })
    expect(await whole.compute({ get: getSync })).toEqual(rows.map(({ id, x }) => ({ id, x })))
  })

  test('are in folders, and have values that are no records', async () => {
    const days = db.fromSequence([1, 2, 3].map((a) => ({ a, day: a % 2 })))
    const own = { type: 'record', name: 'R', fields: [{ name: 'a', type: 'int' }] }
    await days.toAvro(at('days'), own, { partitionBy: 'day', ...threads })
    const read = db.readAvro<{ a: number }>(at('days/**/*.avro'))
    const found = (await read.compute(threads)).sort((x, y) => x.a - y.a)
    expect(found).toEqual([1, 2, 3].map((a) => ({ a, day: a % 2 })))
    await db.range(5, { npartitions: 1 }).toAvro(at('numbers.avro'), 'int', threads)
    expect(await db.readAvro<number>(at('numbers.avro')).sum().compute(threads)).toBe(10)
  })
})

test('refuses what does not fit, and leaves nothing', async () => {
  const wrong = db.fromSequence([{ id: 'x' }], { npartitions: 1 })
  await expect(wrong.toAvro(at('bad.avro'), schema, threads)).rejects.toThrow(
    /does not fit the sch/,
  )
  expect(() => wrong.toAvro(at('bad.avro'), { type: 'rekord' })).toThrow(
    /the schema is none of Avro/,
  )
  expect(() => wrong.toAvro(at('bad.avro'), schema, { codec: 'lzo' as never })).toThrow(/lzo/)
  expect(() => wrong.toAvro(at('bad.avro'), schema, { level: 1 } as never)).toThrow(/level/)
  expect(readdirSync(folder).filter((name) => /bad|part$/.test(name))).toEqual([])
  writeFileSync(at('text.avro'), 'no Avro')
  expect(() => db.readAvro(at('text.avro'))).toThrow(/text.avro' is no file of Avro/)
  const bytes = readFileSync(at('cut.avro'))
  writeFileSync(at('short.avro'), bytes.subarray(0, bytes.length - 5))
  await expect(db.readAvro(at('short.avro')).compute(threads)).rejects.toThrow(
    /short.avro': the file ends in the middle of a block/,
  )
  expect(() => db.readAvro(at('cut.avro'), { columns: ['y'] })).toThrow(/no column "y", only id, /)
  expect(() => db.readAvro(at('cut.avro'), { blocksize: 'x' })).toThrow(/blocksize must be/)
})

test.skipIf(!hasModule('fastavro, cramjam, backports.zstd'))(
  'fastavro reads ours, and its files are read (skipped without it)',
  async () => {
    const names = codecs.map((codec) => `own-${codec}-0.avro`)
    const output = runPython(
      `
import sys, json, fastavro, datetime, decimal
folder, names = sys.argv[1], json.loads(sys.argv[2])
def plain(row):
    return [row["id"], row["name"], row["x"], row["when"].isoformat()[:16], row["tags"], list(row["more"]["k"]), float(row["price"])]
for name in names:
    reader = fastavro.reader(open(folder + "/" + name, "rb"))
    rows = list(reader)
    print(json.dumps([plain(row) for row in rows]))
for codec in ["null", "deflate", "snappy", "zstandard"]:
    with open(f"{folder}/fast-{codec}.avro", "wb") as file:
        fastavro.writer(file, reader.writer_schema, rows, codec=codec, sync_interval=300)
`,
      folder,
      JSON.stringify(names),
    )
    const first = rows.slice(0, 20)
    const wanted = first.map(({ id, name, x, when, tags, more, price }) => [
      Number(id),
      name,
      x,
      when.toISOString().slice(0, 16),
      tags,
      [...more.k],
      price,
    ])
    const found = output
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown)
    expect(found).toEqual(names.map(() => wanted))
    for (const codec of ['null', 'deflate', 'snappy', 'zstandard']) {
      const read = db.readAvro(at(`fast-${codec}.avro`), { blocksize: 500 })
      expect(read.npartitions).toBeGreaterThan(1)
      expect(await read.compute(threads), codec).toEqual(first)
    }
  },
)
