/**
 * The functions of `da` that call a user's function with blocks.
 */
import { checkArguments } from '../../../core/base/argument-checks.js'
import type { AnyArray } from '../array-types.js'
import type { Dtype } from '../block/dtype.js'
import type { NDArray } from '../block/ndarray.js'
import { ChunkedArray } from '../chunked-array.js'
import { type MapBlocksOptions, mapBlocksLayer } from '../layers/map-blocks-layers.js'

/**
 * Calls a function with the matching blocks of several arrays, which broadcast. It receives copies of
 * the blocks as `NDArray`s and returns a chunk, a typed array or nested lists. Instead of a function,
 * accepts a formula as in `evaluate`, in which the arrays are `x`, `y` and `z`.
 * @param options `dtype` and `chunks` of the result, if they differ from those of the first array.
 * @example da.mapBlocks((a, b) => a.data.map((v, i) => v + b.data[i]!), [x, y])
 */
export function mapBlocks<const A extends readonly AnyArray[], E extends Dtype = A[0]['dtype']>(
  fn: (...blocks: { -readonly [K in keyof A]: NDArray<A[K]['dtype']> }) => unknown,
  arrays: A,
  options?: MapBlocksOptions<E>,
): ChunkedArray<E>
export function mapBlocks(expression: string, arrays: readonly AnyArray[]): ChunkedArray
export function mapBlocks(
  fn: Function | string,
  arrays: readonly AnyArray[],
  options: MapBlocksOptions = {},
): ChunkedArray {
  checkArguments('mapBlocks', arguments, 3, 'da.mapBlocks(fn, [x, y], options)')
  return new ChunkedArray(mapBlocksLayer(fn, arrays, options))
}
