/**
 * The function of `da` that reads images.
 */
import { checkArguments, checkOptions } from '../../../core/base/argument-checks.js'
import { lazyPackage } from '../../../core/base/lazy-package.js'
import { formatArgument } from '../block/format-argument.js'
import { ChunkedArray } from '../chunked-array.js'
import { localPath } from '../io/file-access.js'
import { type ImreadOptions, openImages } from '../io/image-files.js'
import { sourceLayer } from '../layers/storage-layers.js'

const tinyglobby = lazyPackage<typeof import('tinyglobby')>('tinyglobby')

/**
 * Makes an array of files of images: one chunk for each file, along a new first axis. Its shape is `[n, height, width]`
 * or `[n, height, width, channels]`, of uint8 or uint16; files of several pages have an axis of pages after the first.
 * The metadata of the first file is read at once, each file by the task that needs it. PNG, JPEG, TIFF and others are read by
 * the package sharp, which is optional. Dask: `dask.array.image.imread`.
 * @param pattern A path, a pattern such as `'images/a-*.png'`, or a list of paths. Files of a pattern are sorted by name.
 * @param options `imread` reads a file in place of sharp, and `preprocess` changes each image. With either, the first file
 *   is read at once.
 * @throws RangeError (as a rejection) if there are no such files. A file of another shape or dtype is an error of its task.
 * @example const x = await da.imread('images/a-*.png', { preprocess: (image) => image.at(':', ':', 0) })
 */
export async function imread(
  pattern: string | readonly string[],
  options: ImreadOptions = {},
): Promise<ChunkedArray> {
  checkArguments('imread', arguments, 2, 'da.imread(pattern, options)')
  checkOptions(options, ['imread', 'preprocess'], 'imread')
  const given = Object.entries(options).filter(([, fn]) => fn !== undefined)
  for (const [name, fn] of given) {
    if (typeof fn === 'function') continue
    throw new TypeError(`imread: ${name} must be a function; got ${formatArgument(fn)}`)
  }
  const stack = await openImages(imageFiles(pattern), Object.fromEntries(given))
  return new ChunkedArray(sourceLayer(stack, {}, 'imread'))
}

function imageFiles(pattern: string | readonly string[]): readonly string[] {
  const files = Array.isArray(pattern)
    ? pattern.map((path) => localPath(path, 'imread'))
    : filesOf(pattern as string)
  if (files.length > 0) return files
  throw new RangeError(`imread: there are no files ${formatArgument(pattern)}`)
}

function filesOf(pattern: string): readonly string[] {
  const path = localPath(pattern, 'imread')
  if (!tinyglobby().isDynamicPattern(pattern)) return [path]
  return tinyglobby().globSync(pattern, { absolute: true }).sort()
}
