/** Paths and patterns: names that look like patterns, Windows paths, and addresses of other machines. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import * as db from '../../../collections/bag/index.js'
import { findFiles } from '../../../collections/files/file-patterns.js'
import { getSync } from '../../../core/run/get-sync.js'

const folder = mkdtempSync(join(tmpdir(), 'skein-patterns-'))
afterAll(() => rmSync(folder, { recursive: true }))

const names = [
  'd (copy)/a.txt',
  'd (copy)/b.txt',
  'd (copy)/deep/c.txt',
  '{x,y}/a.txt',
  '+(x)/a.txt',
  '@(v)/a.txt',
  '!(v)/a.txt',
  '[z]/a.txt',
  'x/plain.txt',
  'y/plain.txt',
  'v/plain.txt',
  'report (1).txt',
  'report (2).txt',
  '{b}.txt',
  'year=2024/month=1/(raw)/a.txt',
  'year=2024/month=2/(raw)/a.txt',
]
for (const name of names) {
  mkdirSync(dirname(join(folder, name)), { recursive: true })
  writeFileSync(join(folder, name), name)
}

const find = (pattern: string) => findFiles(pattern).map(({ path }) => relative(folder, path))

test.each([
  ['d (copy)/*.txt', ['d (copy)/a.txt', 'd (copy)/b.txt']],
  ['d (copy)/**/*.txt', ['d (copy)/a.txt', 'd (copy)/b.txt', 'd (copy)/deep/c.txt']],
  ['d (copy)/a.txt', ['d (copy)/a.txt']],
  ['d (copy)/{a,b}.txt', ['d (copy)/a.txt', 'd (copy)/b.txt']],
  ['{x,y}/*.txt', ['{x,y}/a.txt']],
  ['+(x)/*.txt', ['+(x)/a.txt']],
  ['@(v)/*.txt', ['@(v)/a.txt']],
  ['!(v)/*.txt', ['!(v)/a.txt']],
  ['[z]/*.txt', ['[z]/a.txt']],
  ['{b}.txt', ['{b}.txt']],
  ['report (*).txt', ['report (1).txt', 'report (2).txt']],
  ['report (1)*', ['report (1).txt']],
  [
    'year=*/month=*/(raw)/*.txt',
    ['year=2024/month=1/(raw)/a.txt', 'year=2024/month=2/(raw)/a.txt'],
  ],
  ['{x,y,v}/plain.txt', ['v/plain.txt', 'x/plain.txt', 'y/plain.txt']],
  ['{x/plain,y/plain}.txt', ['x/plain.txt', 'y/plain.txt']],
  ['@(x|y)/plain.txt', ['x/plain.txt', 'y/plain.txt']],
  ['[xy]/*.txt', ['x/plain.txt', 'y/plain.txt']],
  ['d (copy)\\*.txt', ['d (copy)/a.txt', 'd (copy)/b.txt']],
  ['x\\plain.txt', ['x/plain.txt']],
])('%s', (pattern, expected) => {
  expect(find(`${folder}/${pattern}`)).toEqual(expected)
})

test('patterns may be relative', () => {
  const before = process.cwd()
  process.chdir(folder)
  try {
    expect(find('d (copy)/*.txt')).toEqual(['d (copy)/a.txt', 'd (copy)/b.txt'])
    expect(find('./[xy]/*.txt')).toEqual(['x/plain.txt', 'y/plain.txt'])
    expect(find('*/plain.txt')).toEqual(['v/plain.txt', 'x/plain.txt', 'y/plain.txt'])
  } finally {
    process.chdir(before)
  }
})

test('what matches nothing is an error', () => {
  expect(() => find(`${folder}/d (copy)/*.csv`)).toThrow(/no file matches '.*d \(copy\)\/\*.csv'/)
  expect(() => find(`${folder}/none.txt`)).toThrow(/no such file/)
  expect(() => find(`${folder}/d (copy)`)).toThrow(/is a folder/)
})

test('addresses without a file system are named', () => {
  for (const address of ['gs://bucket/a.txt', 'GS://b/*', 'hdfs://x/y']) {
    expect(() => db.readText(address)).toThrow(
      `readText: '${address}' cannot be reached: there is no file system for ${address.slice(0, address.indexOf(':')).toLowerCase()}://, only for file://, http://, https://, s3://`,
    )
  }
  expect(() => db.readText(new URL('gs://bucket/a.txt'))).toThrow(/cannot be reached/)
  expect(() => db.fromSequence(['a']).toTextfiles('gs://bucket/*.txt')).toThrow(
    /toTextfiles: 'gs:\/\/bucket\/0.txt' cannot be reached/,
  )
})

test('file: URLs are paths for writing too', async () => {
  const url = `${pathToFileURL(folder).href}/out-*.txt`
  const paths = await db.fromSequence(['a']).toTextfiles(url, { get: getSync })
  expect(paths).toEqual([join(folder, 'out-0.txt')])
  expect(await db.readText(paths).compute({ get: getSync })).toEqual(['a'])
})
