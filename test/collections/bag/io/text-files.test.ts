/** `db.readText` and `toTextfiles`. */
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { gunzipSync, gzipSync } from 'node:zlib'
import { afterAll, describe, expect, test } from 'vitest'
import * as db from '../../../../collections/bag/index.js'
import { planReadText } from '../../../../collections/bag/io/read-text-plan.js'
import { naturalOrder } from '../../../../collections/files/file-patterns.js'
import { makePlan } from '../../../../core/graph/planning/make-plan.js'
import { getSync } from '../../../../core/run/get-sync.js'

const folder = mkdtempSync(join(tmpdir(), 'skein-files-'))
afterAll(() => rmSync(folder, { recursive: true }))
const sync = { get: getSync }

const at = (...names: string[]) => join(folder, ...names)
function write(name: string, content: string | Buffer): string {
  mkdirSync(join(at(name), '..'), { recursive: true })
  writeFileSync(at(name), content)
  return at(name)
}

for (const i of [1, 2, 10]) write(`parts/part${i}.txt`, `${i}a\n${i}b\n`)
write('parts/compressed.txt.gz', gzipSync('compressed\n'))
write('parts/deep/other.txt', 'deep\n')

describe('readText', () => {
  test('finds files by patterns, in natural order, each once', async () => {
    const bag = db.readText(at('parts', 'part*.txt'))
    expect(bag.npartitions).toBe(3)
    expect(await bag.compute(sync)).toEqual(['1a', '1b', '2a', '2b', '10a', '10b'])
    expect(
      await db
        .readText(at('parts', '**', '*.txt'))
        .count()
        .compute(sync),
    ).toBe(7)
    const twice = [at('parts/part2.txt'), at('parts', 'part?.txt')]
    expect(await db.readText(twice).compute(sync)).toEqual(['2a', '2b', '1a', '1b'])
  })

  test('reads file URLs, compressed files, and files whose names look like patterns', async () => {
    expect(await db.readText(pathToFileURL(at('parts/part1.txt'))).compute(sync)).toEqual([
      '1a',
      '1b',
    ])
    expect(
      await db
        .readText(pathToFileURL(at('parts/part1.txt')).href)
        .count()
        .compute(sync),
    ).toBe(2)
    expect(await db.readText(at('parts', '*.gz')).compute(sync)).toEqual(['compressed'])
    expect(await db.readText(write('odd [1].txt', 'odd\n')).compute(sync)).toEqual(['odd'])
    expect(await db.readText(write('empty.txt', '')).compute(sync)).toEqual([])
  })

  test('cuts large files into blocks of 8 MiB by default', () => {
    const path = at('large.txt')
    writeFileSync(path, '')
    truncateSync(path, 2 ** 30)
    expect(planReadText(path, {}).partitions.length).toBe(128)
  })

  test('cuts files by blocksize without changing the lines', async () => {
    const expected = Array.from({ length: 1000 }, (_, i) => `line ${i}`)
    const path = write('large.txt', expected.join('\n'))
    for (const blocksize of [1, 7, 100, 5000, '1 KiB', '2kb', null]) {
      const bag = db.readText(path, { blocksize })
      expect(await bag.compute(sync)).toEqual(expected)
    }
    expect(db.readText(path, { blocksize: '1 KiB' }).npartitions).toBe(
      Math.ceil(readFileSync(path).length / 1024),
    )
    expect(db.readText(path, { blocksize: null }).npartitions).toBe(1)
    expect(db.readText(path).npartitions).toBe(1)
  })

  test('cuts large files into 16 partitions by default', () => {
    const mib = 1 << 20
    const path = write('sized.txt', Buffer.alloc(20 * mib, 10))
    const { partitions } = planReadText(path, {})
    expect(partitions.length).toBe(16)
    expect(
      partitions
        .flat()
        .every(
          ({ start, end }, i, all) => i === 0 || start === all[i - 1]!.end || end === undefined,
        ),
    ).toBe(true)
  })

  test('puts several files into one partition if it is asked to or there are many', () => {
    const all = at('parts', 'part*.txt')
    expect(db.readText(all, { filesPerPartition: 2 }).npartitions).toBe(2)
    for (let i = 0; i < 300; i++) write(`many/${i}.txt`, 'x\n')
    expect(db.readText(at('many', '*.txt')).npartitions).toBe(1)
    expect(db.readText(at('many', '*.txt'), { blocksize: null }).npartitions).toBe(300)
  })

  test('includes the path of each line', async () => {
    const path = at('parts/part1.txt')
    expect(await db.readText(path, { includePath: true }).compute(sync)).toEqual([
      ['1a', path],
      ['1b', path],
    ])
  })

  test('has another name after a file was changed', () => {
    const path = write('changing.txt', 'a\n')
    const name = db.readText(path).name
    expect(db.readText(path).name).toBe(name)
    utimesSync(path, 1, 1)
    expect(db.readText(path).name).not.toBe(name)
  })

  test('reads, splits and counts in one task for each partition', () => {
    const counts = db
      .readText(at('parts', 'part*.txt'))
      .map((line) => line.split(''))
      .flatten()
      .frequencies()
    expect(makePlan(counts.optimize(), counts.keys).count).toBe(3 + 1)
  })

  test('refuses wrong arguments when it is called', () => {
    const path = at('parts/part1.txt')
    expect(() => db.readText(at('none*.txt'))).toThrow(/no file matches/)
    expect(() => db.readText(at('none.txt'))).toThrow(/no such file/)
    expect(() => db.readText(folder)).toThrow(/is a folder/)
    expect(() => db.readText([])).toThrow(/at least one path/)
    expect(() => db.readText(5 as never)).toThrow(/must be a string or a URL/)
    expect(() => db.readText(new URL('gs://x/y'))).toThrow(/cannot be reached/)
    expect(() => db.readText(path, { blocksize: 0 })).toThrow(/blocksize/)
    expect(() => db.readText(path, { blocksize: 'big' })).toThrow(/blocksize/)
    expect(() => db.readText(path, { blocksize: 10, filesPerPartition: 1 })).toThrow(/not both/)
    expect(() => db.readText(at('parts', '*.gz'), { blocksize: 10 })).toThrow(/which is compressed/)
    expect(() => db.readText(path, { encoding: 'klingon' })).toThrow(/encoding/)
    expect(() => db.readText(path, { compression: 'zip' as never })).toThrow(/compression/)
    expect(() => db.readText(path, { linedelimiter: '' })).toThrow(/linedelimiter/)
    expect(() => db.readText(path, { linedelimiter: '||', blocksize: 1 })).toThrow(
      /can overlap itself/,
    )
    expect(() => db.readText(path, { blockSize: 1 } as never)).toThrow(/no option 'blockSize'/)
  })
})

describe('toTextfiles', () => {
  const bag = db.fromSequence(['a', 'ü', 'c'], { npartitions: 2 })

  test('writes a file for each partition and returns the paths', async () => {
    const paths = await bag.toTextfiles(at('out', 'x-*.txt'), sync)
    expect(paths).toEqual([at('out', 'x-0.txt'), at('out', 'x-1.txt')])
    expect(paths.map((path) => readFileSync(path, 'utf8'))).toEqual(['a\nü\n', 'c\n'])
    expect(readdirSync(at('out')).length).toBe(2)
    expect(await db.readText(at('out', '*')).compute(sync)).toEqual(['a', 'ü', 'c'])
  })

  test('compresses, names and encodes files as the options say', async () => {
    const nameFunction = (i: number) => `part-${i + 1}`
    const paths = await bag.toTextfiles(at('gz', '*.gz'), {
      ...sync,
      nameFunction,
      lastEndline: false,
      encoding: 'latin1',
    })
    expect(paths).toEqual([at('gz', 'part-1.gz'), at('gz', 'part-2.gz')])
    expect(gunzipSync(readFileSync(paths[0]!)).toString('latin1')).toBe('a\nü')
    const lazy = bag.toTextfiles([at('l1'), at('l2')], { compute: false })
    expect(await lazy.compute(sync)).toEqual([at('l1'), at('l2')])
    expect(await db.range(1).map(String).toTextfiles(at('single.txt'), sync)).toEqual([
      at('single.txt'),
    ])
  })

  test('numbers files so that their names sort in the order of the partitions', async () => {
    const paths = await db
      .range(12, { npartitions: 12 })
      .map(String)
      .toTextfiles(at('sorted', '*.txt'), sync)
    expect([...paths].sort()).toEqual(paths)
  })

  test('refuses wrong arguments', async () => {
    expect(() => bag.toTextfiles(at('same.txt'))).toThrow(/must have a \*/)
    expect(() => bag.toTextfiles([at('a')])).toThrow(/different one for each of 2/)
    expect(() => bag.toTextfiles(at('*'), { nameFunction: (i) => String(9 - i) })).toThrow(
      /in the order of the partitions/,
    )
    expect(() => bag.toTextfiles(at('*'), { compression: 'zip' as never })).toThrow(/compression/)
    await expect(db.range(1).toTextfiles(at('bad', '*.txt'), sync)).rejects.toThrow(
      /must be a string, got 0/,
    )
    expect(readdirSync(at('bad'))).toEqual([])
  })
})

test('natural order compares numbers in names by value', () => {
  expect(['x10', 'x9', 'x1', 'a', 'x1b2'].sort(naturalOrder)).toEqual([
    'a',
    'x1',
    'x1b2',
    'x9',
    'x10',
  ])
  expect(['01', '1'].sort(naturalOrder)).toEqual(['01', '1'])
})
