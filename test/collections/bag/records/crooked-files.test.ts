/** Crooked files of CSV and JSON against Python's csv and json; `make-record-fixtures.py` writes what those read. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, expect, test } from 'vitest'
import * as db from '../../../../collections/bag/index.js'
import { getSync } from '../../../../core/run/get-sync.js'

const folder = mkdtempSync(join(tmpdir(), 'skein-crooked-'))
afterAll(() => rmSync(folder, { recursive: true }))
const sync = { get: getSync }

interface Cases {
  readonly csv: readonly { readonly text: string; readonly rows: readonly string[][] }[]
  readonly json: readonly { readonly text: string; readonly value: readonly [unknown] | null }[]
}
const file = new URL('../../../fixtures/records/crooked.json', import.meta.url)
const cases = JSON.parse(readFileSync(file, 'utf8')) as Cases

test('there are more than 200 cases', () => {
  expect(cases.csv.length + cases.json.length).toBeGreaterThan(200)
})

/** Small blocks for small files, so that there are not too many tasks. */
const blocksizes = ({ length }: string) => [null, length < 25 ? 1 : length < 150 ? 9 : 64]
test.each(cases.csv.map((item, i) => ({ ...item, i })))(
  'CSV $i: $text',
  async ({ text, rows, i }) => {
    const path = join(folder, `${i}.csv`)
    writeFileSync(path, text)
    writeFileSync(`${path}.gz`, gzipSync(text))
    const width = rows[0]?.length ?? 0
    const names = Array.from({ length: width }, (_, column) => `column${column}`)
    const types = Object.fromEntries(names.map((name) => [name, 'string' as const]))
    const options = { header: false, types, onError: 'collect' } as const
    const readers = [
      ...(i % 5 === 0 ? [db.readCsv(`${path}.gz`, options)] : []),
      ...blocksizes(text).map((blocksize) => db.readCsv(path, { ...options, blocksize })),
    ]
    for (const { records, rejects } of readers) {
      const found = (await records.compute(sync)).map((record) => Object.values(record))
      expect(found).toEqual(rows.filter((row) => row.length === width))
      const others = rows.filter((row) => row.length !== width)
      if (others.length > 0) expect(await rejects.count().compute(sync)).toBe(others.length)
    }
  },
)

const isBlank = (text: string) => /^[ \t\r]*$/.test(text)
const [valid, invalid] = [true, false].map((isValid) =>
  cases.json.filter(({ value, text }) => (value !== null) === isValid && !isBlank(text)),
)

test('JSON: each line that Python reads is read, and no other', async () => {
  const path = join(folder, 'lines.jsonl')
  writeFileSync(path, cases.json.map(({ text }) => `${text}\n`).join(''))
  for (const blocksize of [null, 10, 100]) {
    const { records, rejects } = db.readJson(path, { blocksize, onError: 'collect', lines: true })
    expect(await records.compute(sync)).toEqual(valid!.map(({ value }) => value![0]))
    const found = await rejects.compute(sync)
    expect(found.map(({ text }) => text)).toEqual(invalid!.map(({ text }) => text))
    const lines = cases.json.flatMap(({ text }, i) =>
      invalid!.some((item) => item.text === text) ? [i + 1] : [],
    )
    expect(found.map(({ line }) => line)).toEqual(lines)
  }
})

test.each(['\n', '', '  ', '\r\n\t'])('JSON: arrays with %j between items', async (space) => {
  const path = join(folder, 'array.json')
  const items = valid!.map(({ text }) => text.trim())
  writeFileSync(path, `${space}[${space}${items.join(`${space},${space}`)}${space}]${space}`)
  expect(await db.readJson(path).compute(sync)).toEqual(valid!.map(({ value }) => value![0]))
  writeFileSync(path, `[${valid![0]!.text},${'"x",'.repeat(30_000)}{"a": [1, "]"]}]`)
  expect(await db.readJson(path).count().compute(sync)).toBe(30_002)
})

test('JSON: values one after another, over several lines', async () => {
  const path = join(folder, 'values.json')
  const items = valid!.map(({ value }) => JSON.stringify(value![0], null, 2))
  writeFileSync(path, items.join('\n'))
  const read = db.readJson(path, { lines: false })
  expect(await read.compute(sync)).toEqual(items.map((text) => JSON.parse(text)))
})
