/** `da.imread`: images that the test makes with sharp are read again. */
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import * as da from '../../../../collections/array/index.js'
import { getThreads } from '../../../../core/run/threads/get-threads.js'
import { temporaryFolder } from './storage-support.js'

const folder = temporaryFolder()
const at = (name: string) => path.join(folder, name)
/** Without sharp, which is optional, only functions of the user are tested. */
const sharp = await import('sharp').then(
  (module) => module.default,
  () => undefined,
)

async function list(array: da.ChunkedArray): Promise<unknown> {
  return (await array.compute({ get: getThreads })).toArray()
}

/** The numbers from `first` on, as nested lists. */
function numbers(shape: readonly number[], first: number, step: number): unknown {
  let next = first
  const build = (axis: number): unknown => {
    if (axis < shape.length) return Array.from({ length: shape[axis]! }, () => build(axis + 1))
    next += step
    return next - step
  }
  return build(0)
}

const FORMATS = {
  'gray.png': { shape: [2, 3], space: 'b-w', bits: 8 },
  'rgb.png': { shape: [2, 3, 3], space: 'srgb', bits: 8 },
  'rgba.png': { shape: [2, 3, 4], space: 'srgb', bits: 8 },
  'gray16.png': { shape: [2, 3], space: 'grey16', bits: 16 },
  'rgb16.tif': { shape: [2, 3, 3], space: 'rgb16', bits: 16 },
  'pages.tif': { shape: [4, 2, 3], space: 'b-w', bits: 8 },
} as const

/** Writes an image of ascending numbers. */
async function write(name: string, format: keyof typeof FORMATS, first: number): Promise<void> {
  const { shape, space, bits } = FORMATS[format]
  const isPaged = format === 'pages.tif'
  const [height, width, channels = 1] = isPaged ? [shape[0] * shape[1], 3] : shape
  const flat = numbers([height * width * channels], first, bits === 8 ? 1 : 1000) as number[]
  const elements = bits === 8 ? Uint8Array.from(flat) : Uint16Array.from(flat)
  const raw = { width, height, channels: channels as 1 | 3 | 4, ...(isPaged && { pageHeight: 2 }) }
  const image = sharp!(elements, { raw }).toColourspace(space)
  await (name.endsWith('png') ? image.png() : image.tiff({ compression: 'lzw' })).toFile(at(name))
}

describe.skipIf(sharp === undefined)('imread with sharp, which is not installed otherwise', () => {
  test.each(Object.keys(FORMATS) as (keyof typeof FORMATS)[])('reads %s', async (format) => {
    const { shape, bits } = FORMATS[format]
    await write(`1-${format}`, format, 5)
    await write(`0-${format}`, format, 0)
    const x = await da.imread(at(`*-${format}`).replaceAll('\\', '/'))
    expect([x.dtype, x.shape]).toEqual([`uint${bits}`, [2, ...shape]])
    expect(x.chunks[0]).toEqual([1, 1])
    const step = bits === 8 ? 1 : 1000
    expect(await list(x)).toEqual([numbers(shape, 0, step), numbers(shape, 5, step)])
  })

  test('reads JPEG, whose colours are nearly kept', async () => {
    const raw = { width: 8, height: 8, channels: 3 } as const
    await sharp!(Buffer.alloc(192, 100), { raw }).jpeg({ quality: 95 }).toFile(at('a.jpg'))
    const x = await da.imread(at('a.jpg'))
    expect([x.dtype, x.shape]).toEqual(['uint8', [1, 8, 8, 3]])
    const { data } = await x.compute({ get: getThreads })
    expect(Array.from(data as Uint8Array).every((v) => Math.abs(v - 100) <= 2)).toBe(true)
  })

  test('changes images by preprocess', async () => {
    await write('p.png', 'rgb.png', 0)
    const x = await da.imread(at('p.png'), {
      preprocess: (image) => image.at(':', ':', 1) as da.NDArray,
    })
    expect(x.shape).toEqual([1, 2, 3])
    expect(await list(x)).toEqual([numbers([2, 3], 1, 3)])
  })

  test('names a file of another shape, and one that is no image', async () => {
    await write('s0.png', 'rgb.png', 0)
    await write('s1.png', 'gray.png', 0)
    const x = await da.imread(at('s?.png').replaceAll('\\', '/'))
    await expect(list(x)).rejects.toThrow(/s1\.png' has \[2,3\] of uint8, .*s0\.png', \[2,3,3\]/)
    await expect(da.imread(at('none.png'))).rejects.toThrow(/none\.png' cannot be read/)
  })
})

test('imread takes a function in place of sharp', async () => {
  const x = await da.imread(['/b/12', '/a/7'], {
    imread: async (file) => da.NDArray.fromData(Float32Array.of(Number(file.slice(-1)), 1)),
    preprocess: (image) => image.reshape([2, 1]),
  })
  expect([x.dtype, x.shape]).toEqual(['float32', [2, 2, 1]])
  expect(await list(x)).toEqual([
    [[2], [1]],
    [[7], [1]],
  ])
})

test('imread checks its arguments', async () => {
  await expect(da.imread(`${folder}/*.none`)).rejects.toThrow(/there are no files/)
  await expect(da.imread([])).rejects.toThrow(/there are no files/)
  await expect(da.imread('x', { imread: 3 as never })).rejects.toThrow(/must be a function/)
  await expect(da.imread('x', { size: 3 } as never)).rejects.toThrow(/no option 'size'/)
  const wrong = { imread: () => [1] as never }
  await expect(da.imread('x', wrong)).rejects.toThrow(/imread must return an NDArray/)
})
