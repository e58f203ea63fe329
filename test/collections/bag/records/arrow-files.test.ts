/** `readArrow` and `toArrow`, with files of pyarrow; `make-record-fixtures.py` has written them. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { tableFromIPC } from 'apache-arrow'
import { afterAll, describe, expect, test } from 'vitest'
import * as db from '../../../../collections/bag/index.js'
import { getSync } from '../../../../core/run/get-sync.js'
import { getThreads } from '../../../../core/run/threads/get-threads.js'

const folder = mkdtempSync(join(tmpdir(), 'skein-arrow-'))
afterAll(() => rmSync(folder, { recursive: true }))
const threads = { get: getThreads }
const at = (name: string) => join(folder, name)
const fixture = new URL('../../../fixtures/records/arrow.json', import.meta.url)
const files = Object.entries(JSON.parse(readFileSync(fixture, 'utf8')) as Record<string, string>)
for (const [name, text] of files) writeFileSync(at(`${name}.arrow`), Buffer.from(text, 'base64'))
const rows = Array.from({ length: 10 }, (_, i) => ({
  id: i,
  name: i % 3 === 0 ? null : `näme ${i}`,
  x: i / 4,
  ok: i % 2 === 0,
  when: new Date(Date.UTC(2024, 0, 1 + i, 12, 30)),
  tags: Array(i % 3).fill('a'),
  big: 2n ** 60n + BigInt(i),
  kind: ['red', 'green'][i % 2],
  point: { x: i, y: null },
}))

describe('files of pyarrow', () => {
  test.each(files.map(([name]) => name))('%s', async (name) => {
    const bag = db.readArrow(at(`${name}.arrow`))
    expect(await bag.compute(threads)).toEqual(rows)
    expect(await bag.compute({ get: getSync })).toEqual(rows)
  })

  test('of several names, and of some columns', async () => {
    const bag = db.readArrow<{ x: number; kind: string }>(at('*.arrow'), { columns: ['kind', 'x'] })
    const found = await bag.compute(threads)
    expect(found).toEqual([1, 2, 3, 4].flatMap(() => rows.map(({ kind, x }) => ({ kind, x }))))
    expect(Object.keys(found[0]!)).toEqual(['kind', 'x'])
  })

  test('that are not whole, or have no such column, are named at the call', async () => {
    const bytes = readFileSync(at('plain.arrow'))
    writeFileSync(at('half.dat'), bytes.subarray(0, 900))
    expect(() => db.readArrow(at('half.dat'))).toThrow(/half.dat' was not written completely/)
    expect(() => db.readArrow(at('plain.arrow'), { columns: ['y'] })).toThrow(
      /has no column "y", only id, name/,
    )
    expect(() => db.readArrow(at('plain.arrow'), { rows: 5 } as never)).toThrow(/rows/)
    writeFileSync(at('text.dat'), 'this is no file of Arrow')
    await expect(db.readArrow(at('text.dat')).compute(threads)).rejects.toThrow(
      /cannot read '.*text.dat'/,
    )
  })
})

describe('writing', () => {
  const bag = db.fromSequence(rows, { npartitions: 3 })

  test.each(['arrow', 'arrows', 'feather'])('a file with the suffix .%s', async (suffix) => {
    const pattern = at(`out-*.${suffix}`)
    const written = await bag.toArrow(pattern, { batchSize: 2, ...threads })
    expect(written.map(({ items }) => items)).toEqual([4, 3, 3])
    expect(written[0]!.bytes).toBe(readFileSync(written[0]!.path).length)
    const table = tableFromIPC(readFileSync(written[0]!.path))
    expect([table.numRows, table.batches.length]).toEqual([4, 2])
    const read = await db.readArrow<Record<string, unknown>>(pattern).compute(threads)
    const asText = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value))
    for (const [i, { tags, point, ...others }] of read.entries()) {
      const { tags: ownTags, point: ownPoint, ...own } = rows[i]!
      expect(others).toEqual(own)
      expect([tags, point]).toEqual([asText(ownTags), asText(ownPoint)])
    }
  })

  test('refuses what has no column or another type, and leaves nothing', async () => {
    const mixed = db.fromSequence<unknown>([{ a: 1 }, { a: 'x' }], { npartitions: 1 })
    await expect(mixed.toArrow(at('bad.arrow'), threads)).rejects.toThrow(
      /"x" in the column 'a' is no number/,
    )
    const uneven = db.fromSequence<unknown>([{ a: 1 }, { b: 2 }], { npartitions: 1 })
    await expect(uneven.toArrow(at('bad.arrow'), threads)).rejects.toThrow(/the field 'b'/)
    await uneven.toArrow(at('chosen.arrow'), { columns: ['b', 'a'], ...threads })
    expect(await db.readArrow(at('chosen.arrow')).compute(threads)).toEqual([
      { b: null, a: 1 },
      { b: 2, a: null },
    ])
    expect(readdirSync(folder).filter((name) => /bad|part$/.test(name))).toEqual([])
  })
})
