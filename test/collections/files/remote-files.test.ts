/** Files on web servers and in S3, the standard input, and file systems of users. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { gzipSync } from 'node:zlib'
import { afterAll, describe, expect, test } from 'vitest'
import * as db from '../../../collections/bag/index.js'
import { getSync } from '../../../core/run/get-sync.js'
import { getThreads } from '../../../core/run/threads/get-threads.js'
import { ACCESS } from '../array/io/s3-server.js'
import { startServer } from './server-process.js'

const folder = mkdtempSync(join(tmpdir(), 'skein-remote-'))
const lines = Array.from({ length: 20_000 }, (_, i) => `line ${i} of a file`)
const text = `${lines.join('\n')}\n`
mkdirSync(join(folder, 'logs/2024 (a)'), { recursive: true })
writeFileSync(join(folder, 'large.txt'), text)
writeFileSync(join(folder, 'large.txt.gz'), gzipSync(text))
writeFileSync(join(folder, 'empty.txt'), '')
for (const i of [1, 2, 10]) writeFileSync(join(folder, `logs/part${i}.txt`), `${i}a\n${i}b\n`)
writeFileSync(join(folder, 'logs/2024 (a)/part3.txt'), '3a\n')

const [web, s3] = await Promise.all([
  startServer('web-server.mjs', folder),
  startServer('s3-process.ts'),
])
afterAll(() => {
  web.close()
  s3.close()
  rmSync(folder, { recursive: true })
})
const sync = { get: getSync }

describe('a web server', () => {
  test.each(['plain', 'whole', 'shaky', 'broken'])('%s: gives the lines of files', async (mode) => {
    const bag = db.readText(`${web.url}/${mode}/large.txt`, { blocksize: 50_000 })
    expect(bag.npartitions).toBe(mode === 'plain' || mode === 'shaky' ? 9 : 1)
    expect(await bag.compute(sync)).toEqual(lines)
    const packed = db.readText(`${web.url}/${mode}/large.txt.gz`)
    expect(await packed.compute(sync)).toEqual(lines)
    expect(await db.readText(`${web.url}/${mode}/empty.txt`).compute(sync)).toEqual([])
  })

  test('is read by threads, and the path of a line is its address', async () => {
    const url = `${web.url}/plain/logs/part2.txt`
    const bag = db.readText(new URL(url), { includePath: true })
    expect(await bag.compute({ get: getThreads })).toEqual([
      ['2a', url],
      ['2b', url],
    ])
  })

  test('has a partition for each address in fromUrl, and lazy lists without a collection', async () => {
    const urls = [1, 10].map((i) => `${web.url}/plain/logs/part${i}.txt`)
    const bag = db.fromUrl(urls)
    expect(bag.npartitions).toBe(2)
    expect(await bag.compute(sync)).toEqual(['1a', '1b', '10a', '10b'])
    const parts = db.readText(urls, { collection: false })
    expect(await parts[1]!.compute(sync)).toEqual(['10a', '10b'])
    expect(() => db.readText(urls, { collection: 1 as never })).toThrow(/true or false/)
  })

  test('is searched by the links of its pages', async () => {
    const all = (pattern: string) => db.readText(`${web.url}/plain/${pattern}`).compute(sync)
    expect(await all('logs/part*.txt')).toEqual(['1a', '1b', '2a', '2b', '10a', '10b'])
    expect(await all('logs/part{1,2}.txt')).toEqual(['1a', '1b', '2a', '2b'])
    expect(await all('logs/**/part[13].txt')).toEqual(['3a', '1a', '1b'])
    expect(() => db.readText(`${web.url}/plain/logs/*.csv`)).toThrow(/readText: no file matches/)
  })

  test('is asked for no more than is needed', async () => {
    const sent = async () => Number(await (await fetch(`${web.url}/bytes-sent`)).text())
    const before = await sent()
    expect(await db.readText(`${web.url}/plain/large.txt`).take(2, sync)).toEqual(lines.slice(0, 2))
    expect((await sent()) - before).toBeLessThan(3 * 65_536)
  })

  test('is named by errors', () => {
    const missing = `${web.url}/plain/none.txt`
    expect(() => db.readText(missing)).toThrow(`readText: ${missing}: there is no such file`)
    const nobody = 'http://127.0.0.1:9/a.txt'
    expect(() => db.readText(nobody, { storageOptions: { retries: 0 } })).toThrow(
      /readText: .*:9\/a.txt: the server cannot be reached \(/,
    )
    expect(() => db.readText(nobody, { storageOptions: { retrys: 0 } })).toThrow(/retrys/)
    expect(() => db.fromSequence(['a']).toTextfiles(`${web.url}/out-*.txt`)).toThrow(/read only/)
  })
})

const withSigning = await import('aws4fetch').then(
  () => true,
  () => false,
)

describe.skipIf(!withSigning)('S3', () => {
  const storageOptions = { endpoint: s3.url, region: 'eu-test-1', ...ACCESS }
  const options = { storageOptions }

  test('is written and read', async () => {
    const bag = db.fromSequence(lines, { npartitions: 3 })
    const paths = await bag.toTextfiles('s3://data/run/part-*.txt', { ...options, get: getThreads })
    expect(paths).toEqual([0, 1, 2].map((i) => `s3://data/run/part-${i}.txt`))
    const read = db.readText('s3://data/run/*.txt', { ...options, blocksize: 100_000 })
    expect(read.npartitions).toBe(6)
    expect(await read.compute({ get: getThreads })).toEqual(lines)
    expect(await db.readText('s3://data/run/part-1.txt', options).count().compute(sync)).toBe(6667)
    expect(() => db.readText('s3://data/run/none.txt', options)).toThrow(/no such object/)
    expect(() => db.readText('s3://data/none/*', options)).toThrow(/no file matches/)
  })

  test('gets large objects in parts, and nothing of those that fail', async () => {
    const large = db.range(3, { npartitions: 1 }).map((i) => `${i}`.repeat(3e6))
    await large.toTextfiles('s3://data/large/a.txt', { ...options, ...sync })
    const sizes = db.readText('s3://data/large/*', options).map((line) => line.length)
    expect(await sizes.compute(sync)).toEqual([3e6, 3e6, 3e6])
    const failing = db.range(900, { npartitions: 1 }).map((i) => {
      if (i === 899) throw new Error('late')
      return 'x'.repeat(10_000)
    })
    await expect(
      failing.toTextfiles('s3://data/failed/a.txt', { ...options, ...sync }),
    ).rejects.toThrow('late')
    expect(() => db.readText('s3://data/failed/*', options)).toThrow(/no file matches/)
  })

  test('finds 10,000 small objects by one call and groups them into few tasks', async () => {
    const bag = db.readText('s3://data/many/file*.txt', options)
    expect(bag.npartitions).toBeLessThan(5)
    expect(await bag.take(3, sync)).toEqual(['0', '1', '2'])
    const some = db.readText('s3://data/many/file12*.txt', options)
    expect(await some.count().compute(sync)).toBe(111)
  })
})

test('the standard input is read once', () => {
  const program = `
    import { db } from 'skein'
    console.log(await db.readText('-').map((line) => line.length).sum().compute())`
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
    input: text,
    encoding: 'utf8',
  })
  expect(stderr).toBe('')
  expect(stdout).toBe(`${text.length - lines.length}\n`)
})

test('a file system of a user has a scheme of its own', async () => {
  const module = join(folder, 'memory.mjs')
  writeFileSync(
    module,
    `const bytes = new TextEncoder().encode('a\\nb\\nc\\n')
    export const fileSystem = {
      locate: (url, options) => options ?? {},
      find: async (pattern) => [{ url: pattern, size: bytes.length, version: '1', ranges: true }],
      read: async (url, start, end) => bytes.slice(start, end),
    }`,
  )
  db.registerFileSystem('memory', pathToFileURL(module))
  const bag = db.readText('memory://any/file', { blocksize: 2 })
  expect(bag.npartitions).toBe(3)
  expect(await bag.compute({ get: getThreads })).toEqual(['a', 'b', 'c'])
  expect(() => db.registerFileSystem('file', pathToFileURL(module))).toThrow(/local files/)
  expect(() => db.registerFileSystem('x y', pathToFileURL(module))).toThrow(/must be a name/)
  expect(() => db.registerFileSystem('x1', './memory.mjs')).toThrow(/must be a URL/)
})
