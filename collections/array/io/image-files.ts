/**
 * Files of images, which together are an array. They are decoded by the package sharp, which is optional and loaded when
 * it is first used, or by a function of the user.
 */
import { lazyPackage } from '../../../core/base/lazy-package.js'
import { registerType } from '../../../core/codec/objects/registered-types.js'
import type { Dtype } from '../block/dtype.js'
import { formatArgument } from '../block/format-argument.js'
import { copyInto, NDArray } from '../block/ndarray.js'
import { type Region, regionShape } from '../planning/regions.js'
import type { ArraySource } from './array-source.js'
import { fileToken } from './file-access.js'

/** How files of images are read. */
export interface ImreadOptions {
  /** Returns the image in a file, or a promise of it. The default reads PNG, JPEG, TIFF and others by sharp. */
  readonly imread?: ((path: string) => NDArray | PromiseLike<NDArray>) | undefined
  /** Returns the array to use in place of an image, such as a part of it; or a promise of the array. */
  readonly preprocess?: ((image: NDArray) => NDArray | PromiseLike<NDArray>) | undefined
}

/** The files of a stack of images, and the shape and dtype of each. */
export interface ImageLayout {
  readonly files: readonly string[]
  readonly shape: readonly number[]
  readonly dtype: Dtype
  readonly reading: ImreadOptions
}

/** The part of sharp that is used. The package is optional, so its own types may be missing. */
interface ImageReader {
  metadata(): Promise<{
    readonly width: number
    readonly height: number
    readonly channels: number
    readonly depth: string
    readonly space: string
    readonly pages?: number
  }>
  toColourspace(space: string): ImageReader
  raw(options: { readonly depth: string }): ImageReader
  toBuffer(): Promise<Buffer>
}

type OpenImage = (path: string, options: { pages: number; ignoreIcc: boolean }) => ImageReader

const sharp = lazyPackage<OpenImage>('sharp')

/** The images of several files, along a new first axis. */
export class ImageStack implements ArraySource {
  readonly layout: ImageLayout

  constructor(layout: ImageLayout) {
    this.layout = layout
  }

  get shape(): readonly number[] {
    return [this.layout.files.length, ...this.layout.shape]
  }

  get dtype(): Dtype {
    return this.layout.dtype
  }

  /** One chunk for each file. */
  get chunks(): readonly number[] {
    return [1, ...this.layout.shape.map((n) => Math.max(1, n))]
  }

  /** Undefined if functions of the user read the files: they may return something else each time. */
  get token(): string | undefined {
    const { files, reading } = this.layout
    return Object.keys(reading).length === 0 ? files.map(fileToken).join('\n') : undefined
  }

  /** Reads a region, whose axes but the first are whole. */
  async read(region: Region): Promise<NDArray> {
    const { files, shape, dtype, reading } = this.layout
    const { start, stop } = region[0]!
    const block = NDArray.zeros(dtype, regionShape(region))
    for (let i = start; i < stop; i++) {
      const image = await readImage(files[i]!, reading)
      if (image.dtype !== dtype || image.shape.join() !== shape.join()) {
        throw new RangeError(
          `imread: all images must have one shape and dtype; '${files[i]}' has [${image.shape}] of ${image.dtype}, the first one, '${files[0]}', [${shape}] of ${dtype}`,
        )
      }
      if (stop - start === 1) return image.reshape([1, ...shape])
      const place = shape.map((size) => ({ start: 0, step: 1, size }))
      copyInto(
        block.slice([{ start: i - start, step: 1, size: 1 }, ...place]),
        image.reshape([1, ...shape]),
      )
    }
    return block
  }
}

/**
 * Opens files of images. Only the metadata of the first one is read, or all of it if a function of the user reads it.
 */
export async function openImages(
  files: readonly string[],
  reading: ImreadOptions,
): Promise<ImageStack> {
  const first = files[0]!
  const { shape, dtype } =
    Object.keys(reading).length === 0 ? await imageFormat(first) : await readImage(first, reading)
  return new ImageStack({ files, shape, dtype, reading })
}

async function readImage(path: string, { imread, preprocess }: ImreadOptions): Promise<NDArray> {
  const image = imread === undefined ? await decodeImage(path) : await imread(path)
  assertImage(image, 'imread', path)
  if (preprocess === undefined) return image
  const processed = await preprocess(image)
  assertImage(processed, 'preprocess', path)
  return processed
}

function assertImage(image: unknown, name: string, path: string): asserts image is NDArray {
  if (image instanceof NDArray) return
  throw new TypeError(
    `imread: the function ${name} must return an NDArray; for '${path}' it returned ${formatArgument(image)}`,
  )
}

interface ImageFormat {
  readonly shape: readonly number[]
  readonly dtype: 'uint8' | 'uint16'
  readonly space: string
  readonly depth: string
}

const DTYPES: Readonly<Record<string, ImageFormat['dtype']>> = { uchar: 'uint8', ushort: 'uint16' }

/** Opens an image with all its pages. Colours stay as they are in the file, whatever profile it has. */
function openImage(path: string): ImageReader {
  let open: OpenImage
  try {
    open = sharp()
  } catch (cause) {
    throw new Error(
      'imread needs the package sharp, which is not installed where the task runs; write npm install sharp, or give a function { imread }',
      { cause },
    )
  }
  return open(path, { pages: -1, ignoreIcc: true })
}

async function imageFormat(path: string): Promise<ImageFormat> {
  const image = openImage(path)
  const { width, height, channels, depth, space, pages = 1 } = await named(path, image.metadata())
  const dtype = DTYPES[depth]
  if (dtype === undefined) {
    throw new TypeError(
      `imread: '${path}' has elements of type ${depth}; images of uint8 and uint16 are read. Give a function { imread } for others`,
    )
  }
  // Pages are one below the other.
  const size = pages === 1 ? [height, width] : [pages, height / pages, width]
  return { shape: channels === 1 ? size : [...size, channels], dtype, space, depth }
}

async function decodeImage(path: string): Promise<NDArray> {
  const { shape, dtype, space, depth } = await imageFormat(path)
  const pixels = openImage(path).toColourspace(space).raw({ depth })
  const bytes = Uint8Array.from(await named(path, pixels.toBuffer()))
  const elements = dtype === 'uint8' ? bytes : new Uint16Array(bytes.buffer)
  return new NDArray(dtype, elements, shape)
}

/** Adds the path to an error of sharp. */
function named<T>(path: string, result: Promise<T>): Promise<T> {
  return result.catch((cause: unknown) => {
    throw new Error(`imread: '${path}' cannot be read: ${(cause as Error).message}`, { cause })
  })
}

registerType('skein.ImageStack', {
  class: ImageStack,
  module: 'collections/array/io/image-files',
  encode: ({ layout }) => layout,
  decode: (layout) => new ImageStack(layout),
})
