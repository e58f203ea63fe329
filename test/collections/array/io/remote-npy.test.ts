/** `.npy`, `.npz` and raw files of NumPy on web servers and in S3: only what a block needs is read. */
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import * as da from '../../../../collections/array/index.js'
import { locateRemote, RemoteWriter } from '../../../../collections/files/remote-files.js'
import { getThreads } from '../../../../core/run/threads/get-threads.js'
import { startServer } from '../../files/server-process.js'
import { list } from '../array-support.js'
import { ACCESS } from './s3-server.js'
import { dtypes, ramp, temporaryFolder, unpackFixture } from './storage-support.js'

const folder = temporaryFolder()
const at = (name: string) => path.join(folder, name)
unpackFixture('npy-files.json', folder)
const rows = 3000
const columns = 1000
await da.toNpy(at('large.npy'), da.arange(rows * columns).reshape(rows, columns))
const headerLength = 128

const [web, s3] = await Promise.all([
  startServer('web-server.mjs', folder),
  startServer('s3-process.ts'),
])
afterAll(() => {
  web.close()
  s3.close()
})
const sent = async () => Number(await (await fetch(`${web.url}/bytes-sent`)).text())

describe.each(['plain', 'whole'])('a web server that is %s', (mode) => {
  test.each(dtypes)('has .npy files of %s', async (dtype) => {
    const x = da.fromNpy(`${web.url}/${mode}/${dtype}.npy`)
    expect([x.dtype, await list(x)]).toEqual([dtype, ramp(dtype)])
    const url = new URL(`${web.url}/${mode}/${dtype}-big-fortran.npy`)
    expect(await list(da.fromNpy(url, { chunks: [2, 3] }))).toEqual(ramp(dtype))
  })

  test.each(['plain', 'packed'])('has archives: %s', async (kind) => {
    const local = da.fromNpz(at(`${kind}.npz`))
    const arrays = da.fromNpz(`${web.url}/${mode}/${kind}.npz`)
    expect(Object.keys(arrays)).toEqual(Object.keys(local))
    for (const [name, x] of Object.entries(arrays))
      expect(await list(x)).toEqual(await list(local[name]!))
  })

  test('has raw files', async () => {
    const x = da.fromBinary(`${web.url}/${mode}/float64.npy`, {
      dtype: 'float64',
      offset: headerLength,
    })
    expect(await list(x.reshape(3, 4))).toEqual(ramp('float64'))
  })
})

test('requests that fail are repeated', async () => {
  expect(await list(da.fromNpy(`${web.url}/shaky/int8.npy`))).toEqual(ramp('int8'))
})

test('a block is read by threads, and nothing else', async () => {
  const before = await sent()
  const x = da.fromNpy(`${web.url}/plain/large.npy`, { chunks: [100, -1] })
  const block = x.at('200:300', 7)
  expect(await block.sum().compute({ get: getThreads })).toBe(100 * 7 + 1000 * ((200 + 299) * 50))
  expect((await sent()) - before).toBeLessThan(100 * columns * 8 + 10_000)
  const wide = da
    .fromNpy(`${web.url}/plain/large.npy`, { chunks: [-1, 500] })
    .at('10:13', '600:602')
  expect(await list(wide)).toEqual([10, 11, 12].map((i) => [i * 1000 + 600, i * 1000 + 601]))
})

test('errors name the address', async () => {
  const missing = `${web.url}/plain/none.npy`
  expect(() => da.fromNpy(missing)).toThrow(`fromNpy: ${missing}: there is no such file`)
  expect(() => da.fromNpz(`${web.url}/plain/float64.npy`)).toThrow('is not a ZIP archive')
  expect(() => da.fromNpy(`${web.url}/plain/plain.npz`)).toThrow('is not an .npy file')
  expect(() => da.fromNpy(`${web.url}/plain/*64.npy`)).toThrow(
    /matches \d files; an array is read from one/,
  )
  expect(() => da.fromNpy('hdfs://a/x.npy')).toThrow('there is no file system for hdfs://')
  expect(() => da.fromNpy(missing, { storageOptions: { retrys: 1 } })).toThrow("'retrys'")
  expect(() => da.fromNpy(missing, { storage: {} } as never)).toThrow("'storage'")
  writeFileSync(at('cut-far.npy'), readFileSync(at('float64.npy')).subarray(0, 200))
  await expect(list(da.fromNpy(`${web.url}/plain/cut-far.npy`))).rejects.toThrow(
    'ends after 200 bytes',
  )
  const source = da.fromNpy(`${web.url}/plain/float64.npy`)
  expect(() => source.toNpy(`${web.url}/plain/new.npy`)).toThrow('on another machine')
})

const withSigning = await import('aws4fetch').then(
  () => true,
  () => false,
)

test.skipIf(!withSigning)('objects of S3 are read', async () => {
  const storageOptions = { endpoint: s3.url, region: 'eu-test-1', ...ACCESS }
  for (const name of ['float64.npy', 'plain.npz']) {
    const url = `s3://data/${name}`
    const writer = new RemoteWriter(url, locateRemote('s3', url, storageOptions))
    writer.write(readFileSync(at(name)))
    writer.commit()
  }
  const x = da.fromNpy('s3://data/float64.npy', { storageOptions, chunks: 2 })
  expect(await list(x)).toEqual(ramp('float64'))
  const arrays = da.fromNpz('s3://data/plain.npz', { storageOptions })
  const local = da.fromNpz(at('plain.npz'))
  for (const [name, y] of Object.entries(arrays))
    expect(await list(y)).toEqual(await list(local[name]!))
  const raw = { dtype: 'float64', offset: headerLength, shape: [3, 4], storageOptions } as const
  expect(await list(da.fromBinary('s3://data/float64.npy', raw))).toEqual(ramp('float64'))
  expect(() => da.fromNpy('s3://data/none.npy', { storageOptions })).toThrow('no such object')
})
