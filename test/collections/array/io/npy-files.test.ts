/** `.npy`, `.npz`, npy stacks and raw files: what NumPy and Dask wrote is read, and they read what is written here. */
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import * as da from '../../../../collections/array/index.js'
import { hasModule } from '../../../support/python.js'
import { get, list } from '../array-support.js'
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
unpackFixture('npy-files.json', folder)
const withNumpy = hasModule('numpy')
const withDask = hasModule('dask.array')

describe('files of NumPy', () => {
  test.each(dtypes)('%s', async (dtype) => {
    const x = da.fromNpy(at(`${dtype}.npy`))
    expect(x.dtype).toBe(dtype)
    expect(await list(x)).toEqual(ramp(dtype))
    const y = da.fromNpy(at(`${dtype}-big-fortran.npy`), { chunks: [2, 3] })
    expect(y.dtype).toBe(dtype)
    expect(await list(y)).toEqual(ramp(dtype))
  })

  test('of versions 1 to 3', async () => {
    for (const version of [1, 2, 3]) {
      expect(await list(da.fromNpy(at(`version${version}.npy`)))).toEqual(ramp('int16'))
    }
  })

  test('without axes, of one axis and without elements', async () => {
    expect(await list(da.fromNpy(at('scalar.npy')))).toBe(2.5)
    expect(await list(da.fromNpy(at('vector.npy')))).toEqual([0n, 1n, 2n, 3n, 4n])
    expect(da.fromNpy(at('empty.npy')).shape).toEqual([0, 3])
    expect(await list(da.fromNpy(at('empty.npy')))).toEqual([])
  })

  test('in any chunks', async () => {
    for (const chunks of [
      1,
      2,
      3,
      [4, 5, 6],
      [1, -1, 4],
      [3, 1, -1],
      [-1, 2, -1],
    ] as da.ChunksSpec[]) {
      const x = da.fromNpy(at('cube.npy'), { chunks })
      expect(await list(x)).toEqual(ramp('int32', [4, 5, 6]))
    }
  })

  test('with other elements are refused', () => {
    expect(() => da.fromNpy(at('half.npy'))).toThrow(/dtype "<f2", which arrays do not have/)
    expect(() => da.fromNpy(at('records.npy'))).toThrow(/holds records/)
    writeFileSync(at('text.npy'), 'x,y\n1,2\n')
    expect(() => da.fromNpy(at('text.npy'))).toThrow(/is not an \.npy file/)
    expect(() => da.openNpy('s3://bucket/x.npy')).toThrow(/on another machine/)
  })

  test('that are cut off are errors', async () => {
    writeFileSync(at('cut.npy'), readFileSync(at('cube.npy')))
    truncateSync(at('cut.npy'), 200)
    await expect(list(da.fromNpy(at('cut.npy')))).rejects.toThrow(/ends after 200 bytes/)
  })
})

test('regions of large rows are read without what is around them', async () => {
  await da.toNpy(
    at('wide.npy'),
    da.arange(60_000, { dtype: 'int32', chunks: -1 }).reshape(4, 15_000),
    { get },
  )
  const x = da.fromNpy(at('wide.npy'), { chunks: [2, 7_000] })
  expect(await list(x.at(3, '6999:7002'))).toEqual([51_999, 52_000, 52_001])
  // Only the first 7,000 elements of the first two rows are needed: the rest may be missing.
  truncateSync(at('wide.npy'), 128 + 4 * 22_000)
  expect(await list(x.at('1', '6998:7000'))).toEqual([21_998, 21_999])
})

test('short rows are read in pieces', async () => {
  const shape = [70_000, 2, 3] as const
  const x = da.arange(70_000 * 6, { dtype: 'int32', chunks: -1 }).reshape(...shape)
  await da.toNpy(at('long.npy'), x, { get })
  for (const chunks of [
    [-1, -1, 2],
    [-1, 1, -1],
    [40_000, 1, 1],
  ] as da.ChunksSpec[]) {
    const y = da.fromNpy(at('long.npy'), { chunks })
    expect(await list(y.eq(x).all())).toBe(true)
  }
})

describe('toNpy', () => {
  test('writes files that are read again, in any order and chunks', async () => {
    for (const dtype of dtypes) {
      for (const order of ['C', 'F'] as const) {
        const file = at('out', `${dtype}-${order}.npy`)
        await da.toNpy(file, rampArray(dtype), { order, get })
        expect(await list(da.fromNpy(file))).toEqual(ramp(dtype))
      }
    }
    if (!withNumpy) return
    checkInPython(
      `
for dtype in "${dtypes.join(' ')}".split():
    for order in "CF":
        x = np.load(f"{folder}/out/{dtype}-{order}.npy")
        same(x, ramp(dtype))
        assert x.flags["C_CONTIGUOUS" if order == "C" else "F_CONTIGUOUS"]
`,
      folder,
    )
  })

  test('writes on threads', async () => {
    await rampArray('float64', [9, 7]).toNpy(at('threads.npy'))
    expect((await da.fromNpy(at('threads.npy'), { chunks: 4 }).compute()).toArray()).toEqual(
      ramp('float64', [9, 7]),
    )
  })

  test('leaves the old file, and nothing else, if it fails', async () => {
    mkdirSync(at('atomic'))
    writeFileSync(at('atomic', 'x.npy'), 'old')
    const x = rampArray('float64').mapBlocks(() => {
      throw new Error('no block')
    })
    await expect(da.toNpy(at('atomic', 'x.npy'), x, { get })).rejects.toThrow(/no block/)
    expect(readdirSync(at('atomic'))).toEqual(['x.npy'])
    expect(readFileSync(at('atomic', 'x.npy'), 'utf8')).toBe('old')
  })

  test('checks its arguments', () => {
    const loose = da.toNpy as (...args: unknown[]) => unknown
    expect(() => loose(at('n.npy'), [1])).toThrow(/da\.fromArray first/)
    expect(() => loose(3, rampArray('int8'))).toThrow(/the path must be a string/)
    expect(() => loose(at('n.npy'), rampArray('int8'), { order: 'K' })).toThrow(/one of 'C', 'F'/)
    expect(() => loose(at('n.npy'), rampArray('int8'), { chunks: 2 })).toThrow(/no option 'chunks'/)
  })
})

test('a file that is written in regions', async () => {
  const file = da.createNpy(at('regions.npy'), { shape: [5, 4], dtype: 'int16' })
  await da.store(rampArray('int16'), file, { regions: ['2:', ':'], get })
  await da.store(rampArray('int16', [1, 4]), da.openNpy(at('regions.npy')), {
    regions: ['1:2', ':'],
    get,
  })
  expect(await list(da.fromNpy(at('regions.npy')))).toEqual([
    [0, 0, 0, 0],
    ...(ramp('int16', [1, 4]) as number[][]),
    ...(ramp('int16') as number[][]),
  ])
})

describe('raw files', () => {
  test('of every dtype, order and byte order', async () => {
    for (const dtype of dtypes) {
      const [order, byteOrder] = ['F', 'big'] as const
      await da.toBinary(at('raw'), rampArray(dtype), { order, byteOrder, get })
      const shape = [3, 4]
      expect(await list(da.fromBinary(at('raw'), { dtype, shape, order, byteOrder }))).toEqual(
        ramp(dtype),
      )
    }
  })

  test('have one axis by default, after an offset', async () => {
    writeFileSync(at('raw'), Buffer.from([9, 1, 0, 2, 0]))
    expect(await list(da.fromBinary(at('raw'), { dtype: 'int16', offset: 1 }))).toEqual([1, 2])
    expect(() => da.fromBinary(at('raw'), { dtype: 'int16' })).toThrow(/not a whole number/)
    expect(() => da.fromBinary(at('raw'), { dtype: 'int16', shape: [3] })).toThrow(
      /fewer than the 6/,
    )
    expect(() => da.openBinary(at('raw'), { dtype: 'f2' as 'int8' })).toThrow(/not a dtype/)
  })
})

describe('.npz', () => {
  test.each(['plain', 'packed'])('%s, as NumPy writes it', async (name) => {
    const arrays = da.fromNpz(at(`${name}.npz`))
    expect(Object.keys(arrays)).toEqual(['x', 'y'])
    expect(await list(arrays.x!)).toEqual(ramp('float64'))
    expect(await list(arrays.y!)).toEqual(ramp('int16'))
    const cut = da.fromNpz(at(`${name}.npz`), { chunks: 2 })
    expect(cut.x!.numblocks).toEqual([2, 2])
    expect(await list(cut.y!)).toEqual(ramp('int16'))
  })

  test('is written so that it can be read again', async () => {
    const arrays = { x: rampArray('float64'), y: rampArray('complex64', [5]) }
    await da.toNpz(at('a.npz'), arrays, { get })
    await da.toNpz(at('b.npz'), arrays, { compressed: true, get })
    for (const name of ['a', 'b']) {
      const { x, y } = da.fromNpz(at(`${name}.npz`))
      expect(await list(x!)).toEqual(ramp('float64'))
      expect(await list(y!)).toEqual(ramp('complex64', [5]))
    }
    expect(readdirSync(folder).filter((name) => name.includes('.part'))).toEqual([])
    if (!withNumpy) return
    checkInPython(
      `
import zipfile
for name in "ab":
    data = np.load(f"{folder}/{name}.npz")
    same(data["x"], ramp("float64")); same(data["y"], ramp("complex64", (5,)))
    assert zipfile.ZipFile(f"{folder}/{name}.npz").testzip() is None
`,
      folder,
    )
  })

  test('refuses other files', () => {
    expect(() => da.fromNpz(at('vector.npy'))).toThrow(/is not a ZIP archive/)
    expect(() => da.toNpz(at('c.npz'), rampArray('int8') as never)).toThrow(/such as \{ x, y \}/)
  })
})

describe('npy stacks', () => {
  test('of Dask', async () => {
    const x = da.fromNpyStack(at('stack'))
    expect(x.chunks).toEqual([[3, 3, 1], [4]])
    expect(await list(x)).toEqual(ramp('float32', [7, 4]))
    expect(await list(da.fromNpyStack(at('stack1')))).toEqual(ramp('int64', [3, 5]))
    expect(await list(da.fromNpyStack(at('stack'), { chunks: [5, 3] }))).toEqual(
      ramp('float32', [7, 4]),
    )
  })

  test('are written so that Dask and this package read them', async () => {
    await da.toNpyStack(at('s0'), rampArray('int64', [7, 4], [3, 2]), { get })
    await da.toNpyStack(at('s1'), rampArray('bool', [3, 5], [2, [2, 1, 2]]), { axis: 1, get })
    expect(readdirSync(at('s0')).sort()).toEqual(['0.npy', '1.npy', '2.npy', 'info'])
    expect(await list(da.fromNpyStack(at('s0')))).toEqual(ramp('int64', [7, 4]))
    expect(da.fromNpyStack(at('s1')).chunks).toEqual([[3], [2, 1, 2]])
    expect(await list(da.fromNpyStack(at('s1')))).toEqual(ramp('bool', [3, 5]))
    if (!withDask) return
    checkInPython(
      `
import dask.array as da
x = da.from_npy_stack(f"{folder}/s0"); assert x.chunks == ((3, 3, 1), (4,)); same(x.compute(), ramp("int64", (7, 4)))
same(da.from_npy_stack(f"{folder}/s1").compute(), ramp("bool", (3, 5)))
`,
      folder,
    )
  })

  test('resume with the files that are missing', async () => {
    const read = () => [[0, 0]]
    const x = rampArray('float64', [4, 2], [1, 2])
    await da.toNpyStack(at('resumed'), x, { get })
    const before = readFileSync(at('resumed', '1.npy'))
    writeFileSync(at('resumed', '1.npy'), 'kept')
    const again = da.fromArray({ shape: [4, 2], dtype: 'float64', read }, { chunks: [1, 2] })
    await da.toNpyStack(at('resumed'), again, { resume: true, get })
    expect(readFileSync(at('resumed', '1.npy'), 'utf8')).toBe('kept')
    writeFileSync(at('resumed', '1.npy'), before)
    expect(existsSync(at('resumed', '3.npy'))).toBe(true)
    expect(() => da.toNpyStack(at('resumed'), rampArray('int8', [4, 2]), { resume: true })).toThrow(
      /cannot be resumed/,
    )
    expect(() => da.fromNpyStack(at('out'))).toThrow(/is not an npy stack/)
  })
})
