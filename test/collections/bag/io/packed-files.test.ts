/** Compressed files, as the tools of each format write them; `make-record-fixtures.py` has written them. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brotliCompressSync, brotliDecompressSync } from 'node:zlib'
import { afterAll, expect, test } from 'vitest'
import * as db from '../../../../collections/bag/index.js'
import { getSync } from '../../../../core/run/get-sync.js'
import { getThreads } from '../../../../core/run/threads/get-threads.js'

const folder = mkdtempSync(join(tmpdir(), 'skein-packed-'))
afterAll(() => rmSync(folder, { recursive: true }))
const sync = { get: getSync }
const lines = Array.from({ length: 20_000 }, (_, i) => `line ${i} of ${i % 7}`)
const fixture = new URL('../../../fixtures/records/packed.json', import.meta.url)
const packed = JSON.parse(readFileSync(fixture, 'utf8')) as Record<string, string>
const files = Object.entries(packed).map(
  ([suffix, text]) => [suffix, Buffer.from(text, 'base64')] as const,
)
const names: Readonly<Record<string, 'zstd' | 'bzip2' | 'xz' | 'lz4'>> = {
  zst: 'zstd',
  bz2: 'bzip2',
  xz: 'xz',
  lz4: 'lz4',
}

test.each(files)(
  '.%s is read, by its name, its first bytes or the option',
  async (suffix, bytes) => {
    const path = join(folder, `a.${suffix}`)
    const unnamed = join(folder, `${suffix}.log`)
    writeFileSync(path, bytes)
    writeFileSync(unnamed, bytes)
    const bag = db.readText(path)
    expect(bag.npartitions).toBe(1)
    expect(await bag.compute(sync)).toEqual(lines)
    expect(await db.readText(unnamed).take(3, sync)).toEqual(lines.slice(0, 3))
    const named = db.readText(unnamed, { compression: names[suffix]! })
    expect(await named.count().compute({ get: getThreads })).toBe(20_000)
    expect(() => db.readText(path, { blocksize: 100 })).toThrow(/which is compressed/)
  },
)

test.each(files)('a damaged .%s is an error that names it', async (suffix, bytes) => {
  const path = join(folder, `half.${suffix}`)
  writeFileSync(path, bytes.subarray(0, bytes.length * 0.7))
  await expect(db.readText(path).count().compute(sync)).rejects.toThrow(
    `cannot decompress '${path}' as ${names[suffix]}: `,
  )
  writeFileSync(path, 'this is a file of text and of no other kind\n')
  await expect(db.readText(path).count().compute(sync)).rejects.toThrow(/cannot decompress/)
})

test('Brotli is known by the suffix .br', async () => {
  const path = join(folder, 'a.br')
  writeFileSync(path, brotliCompressSync(`${lines.join('\n')}\n`))
  expect(await db.readText(path).compute(sync)).toEqual(lines)
})

test.each(['gz', 'br', 'zst'])('.%s is written, and read again', async (suffix) => {
  const bag = db.fromSequence(lines, { npartitions: 2 })
  const pattern = join(folder, `out-*.txt.${suffix}`)
  await bag.toTextfiles(pattern, { get: getThreads })
  expect(await db.readText(pattern).compute(sync)).toEqual(lines)
  const records = bag.map((line) => ({ line }))
  const written = await records.toJson(join(folder, `json-*.${suffix}`), sync)
  expect(written.map(({ bytes }) => [bytes, bytes < 200_000])).toEqual(
    written.map(({ path }) => [readFileSync(path).length, true]),
  )
  if (suffix === 'br') {
    const text = brotliDecompressSync(readFileSync(written[1]!.path)).toString()
    expect(text.startsWith('{"line":"line 10000 of 4"}\n')).toBe(true)
  }
  const failing = bag.map((line) => (line.startsWith('line 19999') ? 5 : line))
  await expect(failing.toTextfiles(join(folder, `failed-*.${suffix}`), sync)).rejects.toThrow(
    /must be a string/,
  )
  expect(readdirSync(folder).filter((name) => name.endsWith('.part'))).toEqual([])
  expect(readdirSync(folder)).not.toContain(`failed-1.${suffix}`)
})

test('other compressions are refused', () => {
  expect(() => db.readText('a', { compression: 'zip' as never })).toThrow()
  const bag = db.fromSequence(['a'], { npartitions: 1 })
  expect(() => bag.toTextfiles('a.bz2')).toThrow(/only gzip \(\.gz\), Brotli/)
  expect(() => bag.toTextfiles('a.txt', { compression: 'xz' as never })).toThrow(
    /compression must be/,
  )
})
