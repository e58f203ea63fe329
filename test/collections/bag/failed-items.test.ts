/** Errors of functions on items name the item: its file and line, or its position in the partition. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, describe, expect, test } from 'vitest'
import * as db from '../../../collections/bag/index.js'
import { TaskError } from '../../../core/base/errors.js'
import { getSync } from '../../../core/run/get-sync.js'
import { getThreads } from '../../../core/run/threads/get-threads.js'

const folder = mkdtempSync(join(tmpdir(), 'skein-failed-'))
afterAll(() => rmSync(folder, { recursive: true }))

const rows = Array.from({ length: 5000 }, (_, i) => JSON.stringify({ i }))
rows[3456] = '{ "i": 3456, bad'
const path = join(folder, 'rows.jsonl')
writeFileSync(path, rows.join('\n'))
writeFileSync(`${path}.gz`, gzipSync(rows.join('\n')))

describe.each([
  ['getSync', getSync],
  ['getThreads', getThreads],
] as const)('%s', (_, get) => {
  test('a dirty line names the file, the line and its beginning', async () => {
    const expected = `in line 3457 of '${path}': ${JSON.stringify(rows[3456])}`
    for (const blocksize of [null, 1000, 20_000]) {
      const bag = db.readText(path, { blocksize })
      await expect(bag.map(JSON.parse).compute({ get })).rejects.toThrow(expected)
      const longer = bag
        .filter((line) => line !== '')
        .map(JSON.parse)
        .map((row: { i: number }) => row.i)
        .sum()
      await expect(longer.compute({ get })).rejects.toThrow(expected)
    }
    const packed = db
      .readText(`${path}.gz`, { includePath: true })
      .starmap((line) => JSON.parse(line))
    await expect(packed.compute({ get })).rejects.toThrow(`in line 3457 of '${path}.gz': [`)
    const asynchronous = db.readText(path).map(async (line) => JSON.parse(line))
    if (get === getThreads) await expect(asynchronous.compute({ get })).rejects.toThrow(expected)
  })

  test('the error keeps its class and its message', async () => {
    const error = await db
      .readText(path)
      .map(JSON.parse)
      .compute({ get })
      .then(
        () => undefined,
        (thrown: unknown) => thrown,
      )
    expect(error).toBeInstanceOf(TaskError)
    const { cause } = error as TaskError
    expect(cause).toBeInstanceOf(SyntaxError)
    expect((cause as SyntaxError).message).not.toContain(path)
  })

  test('items that are not from a file have their position', async () => {
    const bag = db.fromSequence(['1', '2', 'x', '4'], { npartitions: 1 })
    await expect(bag.map(JSON.parse).compute({ get })).rejects.toThrow(
      'in item 3 of the partition: "x"',
    )
    const long = db.fromSequence([`[${'1,'.repeat(500)}`])
    await expect(long.map(JSON.parse).compute({ get })).rejects.toThrow(
      /in item 1 of the partition: "\[(1,){39}1"\.\.\.$/m,
    )
    const fails = db.range(5000, { npartitions: 1 }).map((x) => {
      if (x === 4000) throw new Error('dirty')
      return x
    })
    await expect(fails.compute({ get })).rejects.toThrow('in item 4001 of the partition: 4000')
    await expect(fails.take(5000).then((items) => items.length)).rejects.toThrow('in item 4001')
  })

  test('JSON.parse as a callback receives only the item', async () => {
    const bag = db.fromSequence(['{"a":[1,2]}', '"b"', '3'], { npartitions: 2 })
    expect(await bag.map(JSON.parse).compute({ get })).toEqual([{ a: [1, 2] }, 'b', 3])
    expect(await bag.map(Number).count().compute({ get })).toBe(3)
    expect(
      await db.fromSequence(['10', '10', '10'], { npartitions: 1 }).map(parseInt).compute({ get }),
    ).toEqual([10, 10, 10])
  })

  test('zip of bags of different lengths names zip and where it was called', async () => {
    const shorter = db.fromSequence([1, 2, 3, 4], { npartitions: 2 })
    const longer = db.fromSequence([1, 2, 3, 4, 5, 6], { npartitions: 2 }).map((x) => x)
    for (const zipped of [db.zip(shorter, longer), db.zip(longer, shorter)]) {
      await expect(zipped.compute({ get })).rejects.toThrow(
        /failed in zip \(added at .*failed-items\.test\.ts:\d+.*must have the same length/s,
      )
    }
    const mapped = shorter.map((x, y) => x + y, longer)
    await expect(mapped.compute({ get })).rejects.toThrow(/failed in map \(added at .*failed-items/)
  })
})

test('errors that cannot be changed, and other thrown values, are reported as they are', async () => {
  const get = getSync
  const frozen = db.range(1).map(() => {
    throw Object.freeze(new Error('frozen'))
  })
  await expect(frozen.compute({ get })).rejects.toThrow('frozen')
  const value = db.range(1).map(() => {
    throw 'a string'
  })
  await expect(value.compute({ get })).rejects.toThrow('a string')
})
