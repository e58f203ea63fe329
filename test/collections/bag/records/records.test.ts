/** `readJson`, `readCsv`, `toJson` and `toCsv`. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import * as v from 'valibot'
import { afterAll, describe, expect, expectTypeOf, test } from 'vitest'
import { z } from 'zod'
import * as db from '../../../../collections/bag/index.js'
import { getSync } from '../../../../core/run/get-sync.js'
import { getThreads } from '../../../../core/run/threads/get-threads.js'

const folder = mkdtempSync(join(tmpdir(), 'skein-records-'))
afterAll(() => rmSync(folder, { recursive: true }))
const sync = { get: getSync }
const at = (name: string) => join(folder, name)
function write(name: string, content: string | Buffer): string {
  writeFileSync(at(name), content)
  return at(name)
}

describe('a dirty record', () => {
  const dirty = write('dirty.jsonl', `${'{"a":1}\n'.repeat(40)}{"a":\n${'{"a":2}\n'.repeat(40)}`)

  test('is an error with the file, the line and its beginning', async () => {
    for (const blocksize of [null, 50]) {
      const error = await db
        .readJson(dirty, { blocksize })
        .count()
        .compute(sync)
        .catch((e) => e)
      expect(error.message).toMatch(/failed in readJson \(added at .*records.test.ts:\d+:\d+\)/)
      expect(error.message).toContain(`${dirty}:41: `)
      expect(error.message).toContain('in "{\\"a\\":"; onError:')
    }
    const packed = write('dirty.csv.gz', gzipSync('a,b\n1,2\n3\n'))
    await expect(db.readCsv(packed).compute({ get: getThreads })).rejects.toThrow(
      `${packed}:3: there is 1 field in place of 2, in "3"`,
    )
  })

  test('is skipped or collected', async () => {
    expect(await db.readJson(dirty, { onError: 'skip' }).count().compute(sync)).toBe(80)
    const { records, rejects } = db.readJson<{ a: number }>(dirty, {
      onError: 'collect',
      blocksize: 100,
    })
    expect(await records.pluck('a').sum().compute(sync)).toBe(120)
    const [reject, ...others] = await rejects.compute(sync)
    expect(reject).toMatchObject({ path: dirty, line: 41, text: '{"a":' })
    expect(reject!.reason).toMatch(/JSON/)
    expect(others).toEqual([])
  })

  test('has its line after fields with line ends', async () => {
    const path = write('lines.csv', `a,b\n${'"1\n2",3\n'.repeat(20)}4\n5,6\n`)
    for (const blocksize of [null, 30]) {
      const { rejects } = db.readCsv(path, { onError: 'collect', blocksize })
      const found = await rejects.compute(sync)
      expect(found.map(({ line, text }) => [line, text])).toEqual([[42, '4']])
    }
  })

  test('may be one that a schema refuses', async () => {
    const path = write('people.csv', 'name,age\nann,30\nbob,-1\n')
    const schema = z.object({ name: z.string(), age: z.number().min(0) })
    const { records, rejects } = db.readCsv(path, { schema, onError: 'collect' })
    expectTypeOf(await records.compute(sync)).toEqualTypeOf<{ name: string; age: number }[]>()
    expect(await records.compute({ get: getThreads })).toEqual([{ name: 'ann', age: 30 }])
    expect(await rejects.pluck('reason').compute(sync)).toEqual([
      expect.stringMatching(/^age: .*>=0/),
    ])
    const lines = write('people.jsonl', '{"name":"ann"}\n{"name":5}\n')
    const valibot = v.object({ name: v.pipe(v.string(), v.toUpperCase()) })
    const read = db.readJson(lines, { schema: valibot, onError: 'skip' })
    expect(await read.pluck('name').compute(sync)).toEqual(['ANN'])
    await expect(db.readJson(lines, { schema: valibot }).compute(sync)).rejects.toThrow(
      /people.jsonl:2: name: /,
    )
  })
})

describe('columns of CSV', () => {
  const text = 'zip,amount,ok,note,none\n01234,1.5,true,x,\n99999,,FALSE,,\n'

  test('have inferred types, or those that are given', async () => {
    const path = write('types.csv', text)
    expect(await db.readCsv(path).compute(sync)).toEqual([
      { zip: '01234', amount: 1.5, ok: true, note: 'x', none: '' },
      { zip: '99999', amount: null, ok: false, note: '', none: '' },
    ])
    const types = { zip: 'bigint', amount: 'string', none: 'date' } as const
    const [first] = await db
      .readCsv(path, { types, columns: ['none', 'amount', 'zip'] })
      .compute(sync)
    expect(first).toEqual({ zip: 1234n, amount: '1.5', none: null })
    expect(() => db.readCsv(path, { types: { zap: 'string' } })).toThrow(
      /no column "zap", only 'zip'/,
    )
    expect(() => db.readCsv(path, { types: { zip: 'int' as never } })).toThrow(/the type of 'zip'/)
    expect(() => db.readCsv(path, { delimiter: ';;' })).toThrow(/one character/)
    expect(() => db.readCsv(path, { seperator: ';' } as never)).toThrow(/seperator/)
  })

  test('hold numbers exactly as Number reads them', async () => {
    const numbers = [
      '0.1',
      '-12.75',
      '1e21',
      '.5',
      '5.',
      '123456789012345678',
      '0.30000000000000004',
    ]
    numbers.push('9007199254740993', '1.7976931348623157e308', '00.5', '-0', '999999999999999.9')
    const path = write('numbers.csv', `x\n${numbers.join('\n')}\n`)
    const read = db.readCsv<{ x: number }>(path, { types: { x: 'number' } })
    expect(await read.pluck('x').compute(sync)).toEqual(numbers.map(Number))
  })

  test('are the same in all files', async () => {
    write('same1.csv', 'a,b\n1,2\n')
    write('same2.csv', 'b,a\n3,4\n')
    await expect(db.readCsv(at('same*.csv')).compute(sync)).rejects.toThrow(
      /same2.csv:1: the columns are \["b","a"\] and those of the first file \["a","b"\]/,
    )
  })

  test('have made-up names if there are none, and tabs in .tsv', async () => {
    const path = write('tabs.tsv', '1\t2,3\n')
    expect(await db.readCsv(path, { header: false }).compute(sync)).toEqual([
      { column0: 1, column1: '2,3' },
    ])
    expect(await db.readCsv(path, { header: ['x', 'y'] }).compute(sync)).toEqual([
      { x: 1, y: '2,3' },
    ])
    const odd = write('odd.csv', 'a,,a,__proto__\n1,2,3,4\n')
    const [record] = (await db.readCsv(odd).compute(sync)) as [object]
    expect(Object.entries(record)).toEqual([
      ['a', 1],
      ['column1', 2],
      ['a.1', 3],
      ['__proto__', 4],
    ])
  })
})

test('large files are cut, and whole records are read by every task', async () => {
  const rows = Array.from({ length: 30_000 }, (_, i) => [i, i % 7 === 0 ? `a "b",\n${i}` : `é${i}`])
  const quoted = rows.map(([i, s]) => `${i},"${String(s).replaceAll('"', '""')}"`)
  const path = write('large.csv', `n,s\n${quoted.join('\n')}\n`)
  const expected = rows.map(([n, s]) => ({ n, s }))
  for (const blocksize of [10_000, 100_001, null]) {
    const bag = db.readCsv(path, { blocksize })
    expect(await bag.compute(sync)).toEqual(expected)
  }
  expect(await db.readCsv(path, { blocksize: 50_000 }).compute({ get: getThreads })).toEqual(
    expected,
  )
  const wide = write('wide.csv', Buffer.from(`\ufeffn,s\n${quoted.join('\n')}\n`, 'utf16le'))
  expect(await db.readCsv(wide, { blocksize: 50_000 }).compute(sync)).toEqual(expected)
  const plain = write('plain.csv', `n\n${rows.map(([n]) => n).join('\n')}\n`)
  const lines = db.readCsv<{ n: number }>(plain, { blocksize: 1000, newlinesInFields: false })
  expect(await lines.pluck('n').compute(sync)).toEqual(rows.map(([n]) => n))
})

describe('writing', () => {
  const records = [
    { id: 1, name: 'ann, "b"', when: new Date(0), tags: ['x'], n: null },
    { id: 2, name: 'line\nend', when: new Date(1e12), tags: [], n: 0.1 },
    { id: 3, name: '', when: new Date(5), tags: [], n: -5 },
  ]
  const bag = db.fromSequence(records, { npartitions: 2 })

  test('JSON says what was written, and is read again', async () => {
    const written = await bag.toJson(at('out-*.jsonl.gz'), sync)
    expect(written.map(({ path, items }) => [path, items])).toEqual([
      [at('out-0.jsonl.gz'), 2],
      [at('out-1.jsonl.gz'), 1],
    ])
    const bytes = readFileSync(at('out-0.jsonl.gz'))
    expect(written[0]!.bytes).toBe(bytes.length)
    expect(gunzipSync(bytes).toString()).toBe(
      `${JSON.stringify(records[0])}\n${JSON.stringify(records[1])}\n`,
    )
    const plain = JSON.parse(JSON.stringify(records))
    expect(await db.readJson(at('out-*.jsonl.gz')).compute(sync)).toEqual(plain)
    await bag.toJson(at('array-*.json'), { lines: false, ...sync })
    expect(JSON.parse(readFileSync(at('array-1.json'), 'utf8'))).toEqual([plain[2]])
    expect(await db.readJson(at('array-*.json')).compute({ get: getThreads })).toEqual(plain)
    const lazy = bag.toJson(at('lazy-*.json'), { compute: false })
    expect(await lazy.pluck('items').sum().compute(sync)).toBe(3)
    await expect(bag.map(() => undefined).toJson(at('none-*.json'), sync)).rejects.toThrow(
      /JSON has no form for undefined/,
    )
    expect(readdirSync(folder).filter((name) => /none|part/.test(name))).toEqual([])
  })

  test('JSON lines have names of their own', async () => {
    await bag.toJsonl(at('own-*.jsonl'), sync)
    const plain = JSON.parse(JSON.stringify(records))
    expect(await db.readJsonl(at('own-*.jsonl')).compute(sync)).toEqual(plain)
    const { rejects } = db.readJsonl(at('own-*.jsonl'), { onError: 'collect' })
    expect(await rejects.count().compute(sync)).toBe(0)
    expect(() => db.readJsonl(at('own-0.jsonl'), { lines: false } as never)).toThrow(
      /^readJsonl.*lines/,
    )
    expect(() => bag.toJsonl(at('x.jsonl'), { lines: false } as never)).toThrow(/^toJsonl.*lines/)
    expect(() => db.readJsonl(at('no-*.jsonl'))).toThrow(/^readJsonl: no file/)
  })

  test('CSV quotes what needs it, and is read again', async () => {
    await bag.toCsv(at('out-*.csv'), sync)
    expect(readFileSync(at('out-0.csv'), 'utf8')).toBe(
      'id,name,when,tags,n\n1,"ann, ""b""",1970-01-01T00:00:00.000Z,"[""x""]",\n2,"line\nend",2001-09-09T01:46:40.000Z,[],0.1\n',
    )
    const types = { when: 'date', n: 'number', tags: 'string' } as const
    const read = await db.readCsv(at('out-*.csv'), { types }).compute(sync)
    expect(read).toEqual(
      records.map((record) => ({ ...record, tags: JSON.stringify(record.tags) })),
    )
    await bag.toCsv(at('out-*.tsv'), { columns: ['n', 'id'], ...sync })
    expect(readFileSync(at('out-1.tsv'), 'utf8')).toBe('n\tid\n-5\t3\n')
    const uneven = db.fromSequence([{ a: 1 }, { b: 2 }], { npartitions: 1 })
    await expect(uneven.toCsv(at('uneven.csv'), sync)).rejects.toThrow(/give columns/)
    const single = db.fromSequence([{ a: '' }, { a: null }, { a: 'x' }], { npartitions: 1 })
    await single.toCsv(at('single.csv'), sync)
    expect(await db.readCsv(at('single.csv')).pluck('a').compute(sync)).toEqual(['', '', 'x'])
  })
})

test('the types of records can be given', () => {
  const path = write('typed.jsonl', '{}\n')
  expectTypeOf(db.readJson(path)).toEqualTypeOf<db.Bag<unknown>>()
  expectTypeOf(db.readCsv<{ a: string }>(path)).toEqualTypeOf<db.Bag<{ a: string }>>()
  expectTypeOf(db.readCsv(path)).toEqualTypeOf<db.Bag<Record<string, db.CsvValue>>>()
})
