/** Zarr of version 2 and 3: what Python wrote is read, and it reads what is written here. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import * as da from '../../../../collections/array/index.js'
import { getThreads } from '../../../../core/run/threads/get-threads.js'
import { hasModule } from '../../../support/python.js'
import {
  checkInPython,
  dtypes,
  ramp,
  rampArray,
  temporaryFolder,
  unpackFixture,
} from './storage-support.js'

const folder = temporaryFolder()
const at = (...parts: string[]) => path.join(folder, ...parts)
unpackFixture('zarr-files.json', folder)
const withZarr = hasModule('zarr')
const hasPackage = await import('numcodecs' as string).then(
  () => true,
  () => false,
)

/** Computes an array in this thread; Zarr is read and written by asynchronous tasks, which `getSync` does not run. */
async function list(array: da.ChunkedArray<da.Dtype, unknown>): Promise<unknown> {
  const result = await array.compute({ get: getThreads })
  return result instanceof da.NDArray ? result.toArray() : result
}

const table = ramp('float64', [7, 5])

describe('arrays of Python', () => {
  test.each(dtypes)('of %s', async (dtype) => {
    for (const version of [2, 3]) {
      const x = await da.fromZarr(at(`v${version}-${dtype}`))
      expect([x.dtype, x.chunks]).toEqual([
        dtype,
        [
          [2, 1],
          [3, 1],
        ],
      ])
      expect(await list(x)).toEqual(ramp(dtype))
    }
  })

  test.each([
    'v2-big',
    'v3-big',
    'v2-fortran',
    'v3-transposed',
    'v2-gzip',
    'v2-zlib',
    'v3-gzip',
    'v3-crc',
    'v3-shards',
    'v3-shards-plain',
    'v2-keys',
    'v3-keys',
  ])('%s', async (name) => {
    const expected = name.endsWith('big') ? ramp('int32') : table
    expect(await list(await da.fromZarr(at(name)))).toEqual(expected)
    expect(await list(await da.fromZarr(at(name), { chunks: [-1, 3] }))).toEqual(expected)
  })

  test
    .skipIf(!hasPackage)
    .each(['v2-zstd', 'v2-lz4', 'v2-blosc', 'v3-zstd', 'v3-blosc', 'v3-default', 'v2-default'])(
    '%s, with numcodecs',
    async (name) => {
      expect(await list(await da.fromZarr(at(name)))).toEqual(table)
    },
  )

  test.skipIf(hasPackage)('says what to install where numcodecs is missing', async () => {
    const x = await da.fromZarr(at('v3-blosc'))
    await expect(list(x)).rejects.toThrow(/npm install numcodecs/)
  })

  test.skipIf(!hasPackage)('with chunks that are not written, and without axes', async () => {
    expect(await list(await da.fromZarr(at('v3-fill')))).toEqual([1, 2, NaN, NaN, NaN])
    expect(await list(await da.fromZarr(at('v2-fill')))).toEqual([1n, 2n, -7n, -7n, -7n])
    expect(await list(await da.fromZarr(at('v3-scalar')))).toBe(7)
  })

  test('in groups, with attributes', async () => {
    for (const version of [2, 3] as const) {
      const x = await da.openZarr(at(`group${version}`), { component: 'inner/x' })
      expect(x.attributes).toEqual({ unit: 'm' })
      expect([x.version, x.shape, x.fillValue]).toEqual([version, [3], 0])
    }
    await expect(da.fromZarr(at('group3'))).rejects.toThrow(/is a group; name an array/)
    await expect(da.fromZarr(at('group3'), { component: 'y' })).rejects.toThrow(/does not exist/)
  })

  test('in a Map, and over HTTP with parts of shards', async () => {
    const files = new Map<string, Uint8Array>()
    for (const name of readdirSync(at('v3-shards'), { recursive: true, withFileTypes: true })) {
      const file = path.join(name.parentPath, name.name)
      if (name.isFile()) files.set(path.relative(at('v3-shards'), file), readFileSync(file))
    }
    expect(await list(await da.fromZarr(files))).toEqual(table)
    const ranges: (string | undefined)[] = []
    const server = createServer((request, response) => {
      const bytes = files.get(request.url!.replace(/^\/data\//, ''))
      const range = /^bytes=(\d*)-(\d+)$/.exec(request.headers.range ?? '')
      ranges.push(request.headers.range)
      if (bytes === undefined) response.writeHead(404).end()
      else if (range === null) response.writeHead(200).end(bytes)
      else {
        const [, first, last] = range
        const part =
          first === ''
            ? bytes.subarray(bytes.length - Number(last))
            : bytes.subarray(Number(first), Number(last) + 1)
        response.writeHead(206).end(part)
      }
    }).listen(0, '127.0.0.1')
    try {
      await new Promise((resolve) => server.once('listening', resolve))
      const { port } = server.address() as AddressInfo
      const address = `http://127.0.0.1:${port}/data/`
      const source = await da.openZarr(address)
      const part = await source.read([
        { start: 1, stop: 2 },
        { start: 4, stop: 5 },
      ])
      expect(part.toArray()).toEqual([[(table as number[][])[1]![4]]])
      // The metadata, the index of one shard, and one chunk of it.
      expect(ranges.filter((range) => range !== undefined)).toHaveLength(2)
      expect(await list(await da.fromZarr(address))).toEqual(table)
      await expect(da.fromZarr(`${address}/none`)).rejects.toThrow(/does not exist/)
    } finally {
      server.close()
    }
  })
})

describe('toZarr', () => {
  const made = (name: string) => at('made', name)

  test('writes arrays that are read again', async () => {
    for (const version of [2, 3] as const) {
      for (const dtype of dtypes) {
        const x = await da.toZarr(rampArray(dtype), made(`v${version}-${dtype}`), { version })
        expect(await list(x)).toEqual(ramp(dtype))
      }
      const compressors = ['gzip', ...(version === 2 ? ['zlib'] : [])] as ('gzip' | 'zlib')[]
      for (const compressor of compressors) {
        const options = { version, compressor, chunks: [3, 2] } as const
        await rampArray('float64', [7, 5]).toZarr(made(`v${version}-${compressor}`), options)
        expect(await list(await da.fromZarr(made(`v${version}-${compressor}`)))).toEqual(table)
      }
    }
    const shards = { chunks: [2, 1], shards: [4, 5], compressor: 'gzip' } as const
    await rampArray('float64', [7, 5]).toZarr(made('shards'), shards)
    expect(await list(await da.fromZarr(made('shards')))).toEqual(table)
    await da.fromArray(7, { dtype: 'int32' }).toZarr(made('scalar'))
    expect(await list(await da.fromZarr(made('scalar')))).toBe(7)
  })

  test.skipIf(!hasPackage)('compresses with numcodecs', async () => {
    for (const version of [2, 3] as const) {
      for (const name of ['zstd', 'blosc', 'lz4'] as const) {
        const x = await rampArray('float64', [7, 5]).toZarr(made(`v${version}-${name}`), {
          version,
          compressor: name,
        })
        expect(await list(x)).toEqual(table)
      }
    }
  })

  test.skipIf(!withZarr)('writes what Python reads', () => {
    checkInPython(
      `
import zarr, os
count = 0
for version in (2, 3):
    for dtype in "${dtypes.join(' ')}".split():
        same(zarr.open_array(f"{folder}/made/v{version}-{dtype}", mode="r")[...], ramp(dtype)); count += 1
    for name in ("gzip", "zlib", "zstd", "blosc", "lz4"):
        path = f"{folder}/made/v{version}-{name}"
        if os.path.exists(path): same(zarr.open_array(path, mode="r")[...], ramp("float64", (7, 5)))
same(zarr.open_array(f"{folder}/made/shards", mode="r")[...], ramp("float64", (7, 5)))
assert zarr.open_array(f"{folder}/made/scalar", mode="r")[...] == 7
assert count == 26
`,
      folder,
    )
  })

  test('rechunks so that no two tasks write one chunk', async () => {
    const x = rampArray(
      'float64',
      [7, 5],
      [
        [2, 2, 3],
        [1, 4],
      ],
    )
    const stored = await x.toZarr(made('aligned'), { chunks: 3 })
    expect(stored.chunks).toEqual([
      [3, 3, 1],
      [3, 2],
    ])
    expect(await list(stored)).toEqual(table)
  })

  test('writes groups, attributes and fill values', async () => {
    for (const version of [2, 3] as const) {
      const options = { version, component: 'a/b/x', attributes: { unit: 'm' }, fillValue: NaN }
      const root = made(`group${version}`)
      await rampArray('float32').toZarr(root, options)
      const empty = { ...options, component: 'a/empty', shape: [2], dtype: 'float32' } as const
      await da.createZarr(root, empty)
      expect(await list(await da.fromZarr(root, { component: 'a/empty' }))).toEqual([NaN, NaN])
    }
    if (!withZarr) return
    checkInPython(
      `
import zarr
for version in (2, 3):
    group = zarr.open_group(f"{folder}/made/group{version}", mode="r")
    same(group["a/b/x"][...], ramp("float32"))
    assert dict(group["a/b/x"].attrs) == {"unit": "m"}
    assert np.isnan(group["a/empty"][...]).all() and len(list(group["a"].members())) == 2
`,
      folder,
    )
  })

  test('opens groups, with consolidated metadata and without', async () => {
    for (const version of [2, 3] as const) {
      const python = await da.openZarrGroup(at(`group${version}`))
      expect([python.version, python.attributes]).toEqual([version, { title: 'both' }])
      expect(Object.keys(python.arrays)).toEqual(['inner/x'])
      expect(python.arrays['inner/x']!.attributes).toEqual({ unit: 'm' })
      const root = made(`group${version}`)
      const found = async () => Object.keys((await da.openZarrGroup(root)).arrays)
      expect(await found()).toEqual(['a/b/x', 'a/empty'])
      await da.consolidateZarr(root)
      expect(await found()).toEqual(['a/b/x', 'a/empty'])
      const below = await da.openZarrGroup(root, { component: 'a' })
      expect(Object.keys(below.arrays)).toEqual(['b/x', 'empty'])
      expect(await list(da.fromArray(below.arrays['b/x']!))).toEqual(ramp('float32'))
    }
    await expect(da.openZarrGroup(made('none'))).rejects.toThrow(/group at .* does not exist/)
    const files = new Map([
      ['zarr.json', readFileSync(path.join(made('group3'), 'a', 'zarr.json'))],
    ])
    await expect(da.openZarrGroup(files)).rejects.toThrow(/no consolidated metadata/)
    if (!withZarr) return
    checkInPython(
      `
import zarr
for version in (2, 3):
    group = zarr.open_consolidated(f"{folder}/made/group{version}")
    same(group["a/b/x"][...], ramp("float32"))
`,
      folder,
    )
  })

  test('writes regions, also parts of chunks and shards', async () => {
    for (const [name, format] of Object.entries({
      region: { chunks: [2, 3] },
      shardRegion: { chunks: [2, 1], shards: [4, 3] },
    })) {
      const all = await da.createZarr(made(name), { shape: [7, 5], dtype: 'float64', ...format })
      await da.store(rampArray('float64', [7, 5]), all)
      await da.ones([3, 2]).toZarr(made(name), { region: ['2:5', '1:3'] })
      const expected = (table as number[][]).map((row, i) =>
        row.map((v, j) => (i >= 2 && i < 5 && j >= 1 && j < 3 ? 1 : v)),
      )
      expect(await list(await da.fromZarr(made(name)))).toEqual(expected)
    }
  })

  test('refuses an array that exists, unless it is overwritten or resumed', async () => {
    const x = rampArray('float64', [7, 5], [4, 5])
    await x.toZarr(made('again'))
    await expect(x.toZarr(made('again'))).rejects.toThrow(/exists; give \{ overwrite: true \}/)
    const stored = await rampArray('int8').toZarr(made('again'), { overwrite: true })
    expect(await list(stored)).toEqual(ramp('int8'))
    mkdirSync(made('mine'))
    writeFileSync(path.join(made('mine'), 'letter.txt'), 'dear')
    await expect(x.toZarr(made('mine'), { overwrite: true })).rejects.toThrow(/is not removed/)
    await x.toZarr(made('resumed'))
    const second = path.join(made('resumed'), 'c', '1', '0')
    const before = readFileSync(second)
    writeFileSync(second, 'kept')
    rmSync(path.join(made('resumed'), 'c', '0'), { recursive: true })
    await x.toZarr(made('resumed'), { resume: true })
    expect(readFileSync(second, 'utf8')).toBe('kept')
    writeFileSync(second, before)
    expect(await list(await da.fromZarr(made('resumed')))).toEqual(table)
    await expect(x.astype('float32').toZarr(made('resumed'), { resume: true })).rejects.toThrow(
      /is float64 of shape .* not float32/,
    )
  })

  test('leaves no temporary files', () => {
    const files = readdirSync(at('made'), { recursive: true }).map(String)
    expect(files.filter((name) => name.endsWith('.part'))).toEqual([])
    expect(existsSync(path.join(made('aligned'), 'zarr.json'))).toBe(true)
  })

  test('checks its arguments', async () => {
    const x = rampArray('float64')
    const loose = (options: object) => () => da.toZarr(x, made('never'), options)
    await expect(async () => loose({ compressor: 'zip' })()).rejects.toThrow(
      /null or one of 'gzip'/,
    )
    await expect(async () => loose({ compressor: { name: 'gzip', speed: 1 } })()).rejects.toThrow(
      /'speed'/,
    )
    await expect(async () => loose({ version: 1 })()).rejects.toThrow(/version must be 2 or 3/)
    await expect(async () => loose({ shards: [3, 3] })()).rejects.toThrow(/multiples of the chunks/)
    await expect(async () => loose({ region: [':', ':'], chunks: 2 })()).rejects.toThrow(
      /chunks cannot be/,
    )
    await expect(async () => loose({ component: '../x' })()).rejects.toThrow(/a path in the store/)
    await expect(async () => loose({ mode: 'w' })()).rejects.toThrow(/no option 'mode'/)
    await expect(da.toZarr(x, new Map())).rejects.toThrow(/memory of this process/)
    await expect(da.fromZarr(3 as never)).rejects.toThrow(/a path, a URL, a Map/)
    await expect(x.toZarr('http://localhost/x')).rejects.toThrow()
  })
})
