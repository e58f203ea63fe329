/** Arrays of sources, and `store` into targets. Needs a build for threads. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import * as da from '../../../../collections/array/index.js'
import { get, list, matrix, tasks } from '../array-support.js'

const folder = mkdtempSync(path.join(tmpdir(), 'skein-store-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Returns a source whose elements are `100 * i + j`. */
function table(rows: number, columns: number) {
  return {
    shape: [rows, columns],
    dtype: 'float64' as const,
    chunks: [2, columns],
    read([i, j]: da.Region) {
      return Array.from({ length: i!.stop - i!.start }, (_, a) =>
        Array.from({ length: j!.stop - j!.start }, (_, b) => 100 * (i!.start + a) + j!.start + b),
      )
    },
  }
}

/** Returns a target that keeps each block in a file of its own. */
function files(name: string, shape: number[], chunks?: number[]) {
  const prefix = path.join(folder, name)
  const fileOf = (region: da.Region) =>
    `${prefix}-${region.map(({ start, stop }) => `${start}_${stop}`).join('-')}`
  return {
    shape,
    dtype: 'float64' as const,
    chunks,
    async set(region: da.Region, block: da.NDArray) {
      const { writeFileSync } = await import('node:fs')
      writeFileSync(fileOf(region), JSON.stringify(block.toArray()))
      block.data.fill(-1 as never)
    },
    async has(region: da.Region) {
      const { existsSync } = await import('node:fs')
      return existsSync(fileOf(region))
    },
    async read(region: da.Region) {
      const { readFileSync } = await import('node:fs')
      return JSON.parse(readFileSync(fileOf(region), 'utf8')) as number[][]
    },
  }
}

const written = (name: string) =>
  readdirSync(folder)
    .filter((file) => file.startsWith(`${name}-`))
    .sort()
    .map((file) => file.slice(name.length + 1))

describe('fromArray of a source', () => {
  test('reads one region for each block', async () => {
    const x = da.fromArray(table(5, 3))
    expect(x.chunks).toEqual([[2, 2, 1], [3]])
    expect(x.dtype).toBe('float64')
    expect(tasks(x)).toEqual(['fromArray 3'])
    expect(await list(x.at('1:4', -1))).toEqual([102, 202, 302])
    expect(await list(da.fromArray(table(5, 3), { chunks: [-1, 2] }).sum())).toBe(3015)
  })

  test('runs on threads, and accepts promises and typed arrays', async () => {
    const source = {
      shape: [4, 4],
      dtype: 'int16' as const,
      read: async (region: da.Region) => {
        const [a, b] = region.map(({ start, stop }) => stop - start) as [number, number]
        return new Int16Array(a * b).fill(region[0]!.start)
      },
    }
    const x = da.fromArray(source, { chunks: 2 })
    expect((await x.compute()).toArray()).toEqual([
      [0, 0, 0, 0],
      [0, 0, 0, 0],
      [2, 2, 2, 2],
      [2, 2, 2, 2],
    ])
  })

  test('reads once what several arrays of one token need, and each time without a token', () => {
    const named = () => da.fromArray({ ...table(4, 2), token: 'v1' }).name
    expect(named()).toBe(named())
    expect(da.fromArray(table(4, 2)).name).not.toBe(da.fromArray(table(4, 2)).name)
  })

  test('checks the source, its blocks and options', async () => {
    const source = table(4, 2)
    const loose = (value: unknown, options?: object) => () => da.fromArray(value as never, options)
    expect(loose({ shape: [2], dtype: 'int8' })).toThrow(/needs a method read\(region\)/)
    expect(loose({ ...source, shape: 4 })).toThrow(/the shape must be a list/)
    expect(loose({ ...source, dtype: 'float16' })).toThrow(/"float16" is not a dtype/)
    expect(loose({ ...source, chunks: [2] })).toThrow(/one size of 1 or more per axis/)
    expect(loose(source, { dtype: 'int8' })).toThrow(/no option 'dtype'/)
    const short = da.fromArray({ ...source, read: () => [[1, 2]] })
    await expect(short.compute({ get })).rejects.toThrow(/returned a block of shape \[1,2\]/)
  })
})

describe('store', () => {
  test('writes every block to its region, on threads, and leaves the array as it was', async () => {
    const x = await da.fromArray(matrix(4, 3), { chunks: [2, 3] }).persist()
    await da.store(x, files('plain', [4, 3]))
    expect(written('plain')).toEqual(['0_2-0_3', '2_4-0_3'])
    expect(JSON.parse(readFileSync(path.join(folder, 'plain-2_4-0_3'), 'utf8'))).toEqual([
      [6, 7, 8],
      [9, 10, 11],
    ])
    expect((await x.compute()).toArray()).toEqual(matrix(4, 3))
  })

  test('rechunks to whole chunks of the target', async () => {
    await da.fromArray(matrix(5, 4), { chunks: 1 }).store(files('aligned', [5, 4], [2, 4]))
    expect(written('aligned')).toEqual(['0_2-0_4', '2_4-0_4', '4_5-0_4'])
  })

  test('writes to regions', async () => {
    const x = da.fromArray(matrix(2, 2))
    await da.store([x, x.add(1)], [files('region', [9, 9]), files('other', [2, 2])], {
      regions: [['3:5', { start: 6, stop: 8 }], undefined],
    })
    expect(written('region')).toEqual(['3_5-6_8'])
    expect(written('other')).toEqual(['0_2-0_2'])
  })

  test('returns what was stored', async () => {
    const x = da.fromArray(matrix(4, 2), { chunks: [2, 2] })
    const stored = await x.store(files('back', [9, 2]), {
      regions: ['5:', ':'],
      returnStored: true,
    })
    expect(stored.shape).toEqual([4, 2])
    expect((await stored.compute()).toArray()).toEqual(matrix(4, 2))
    const [lazily] = da.store([x], [files('later', [4, 2])], { compute: false, returnStored: true })
    expect(written('later')).toEqual([])
    expect((await lazily.at('2:').compute()).toArray()).toEqual([
      [4, 5],
      [6, 7],
    ])
    expect(written('later')).toEqual(['2_4-0_2'])
  })

  test('is lazy with compute: false, and stores again each time', async () => {
    const stored = da.fromArray(matrix(2, 2)).store(files('lazy', [2, 2]), { compute: false })
    expect(written('lazy')).toEqual([])
    expect(await stored.compute()).toBe(undefined)
    expect(written('lazy')).toHaveLength(1)
  })

  test('resumes: computes only blocks that are missing', async () => {
    const target = files('resumed', [4, 2])
    writeFileSync(path.join(folder, 'resumed-0_2-0_2'), '[[-1,-1],[-1,-1]]')
    const x = da.fromArray({ ...table(4, 2), read: onlyFrom2 }, { chunks: [2, 2] })
    await x.store(target, { resume: true })
    const stored = await x.store(target, { resume: true, returnStored: true })
    expect((await stored.compute()).toArray()).toEqual([
      [-1, -1],
      [-1, -1],
      [7, 7],
      [7, 7],
    ])
  })

  test('stores arrays without axes or elements', async () => {
    await da.fromArray(3).store(files('scalar', []))
    expect(readFileSync(path.join(folder, 'scalar-'), 'utf8')).toBe('3')
    await da.zeros([0, 2]).store(files('empty', [0, 2]))
    expect(written('empty')).toEqual([])
  })

  test('checks targets, regions and options at the call', () => {
    const x = da.fromArray(matrix(4, 2))
    const target = files('never', [4, 2])
    const loose =
      (...args: unknown[]) =>
      () =>
        (da.store as (...a: unknown[]) => unknown)(...args)
    expect(loose(x, {})).toThrow(/a target must be an object with a method set/)
    expect(loose(x, new Float64Array(8))).toThrow(/write await x\.compute\(\)/)
    expect(loose(new Float64Array(8), target)).toThrow(/da\.fromArray first/)
    expect(loose([x], target)).toThrow(/give a list of targets/)
    expect(loose([x, x], [target])).toThrow(/2 arrays and 1 targets/)
    expect(loose([x], [target], { regions: [':', ':'] })).toThrow(/1 arrays and 2 regions/)
    expect(loose(x, files('n', [8, 2]))).toThrow(/\[4,2\] and the target \[8,2\]; give the region/)
    expect(loose(x, files('n', [8, 2]), { regions: ['0:3', ':'] })).toThrow(/the region \[3,2\]/)
    expect(loose(x.astype('int32'), target)).toThrow(/write x\.astype\('float64'\)/)
    expect(loose(x, target, { region: [] })).toThrow(/no option 'region'/)
    expect(loose(x, target, { resume: true, compute: false })).toThrow(/needs compute: true/)
    const { has: _, read: __, ...bare } = target
    expect(loose(x, bare, { compute: false, returnStored: true })).toThrow(/needs a target with a/)
  })

  test('rejects if a target cannot write, or resume', async () => {
    const x = da.fromArray(matrix(4, 2))
    const broken = { set: () => Promise.reject(new Error('disk full')) }
    await expect(x.store(broken)).rejects.toThrow(/disk full/)
    await expect(x.store(broken, { resume: true })).rejects.toThrow(/a method has\(region\)/)
  })
})

function onlyFrom2([i]: da.Region): number[][] {
  if (i!.start < 2) throw new Error('read although it is stored')
  return [
    [7, 7],
    [7, 7],
  ]
}
