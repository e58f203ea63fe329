/**
 * The functions of `da` on blocks that overlap their neighbours, and on sliding windows.
 */
import { checkArguments, checkOptions } from '../../../core/base/argument-checks.js'
import type { AnyArray, BlocksOf } from '../array-types.js'
import type { Dtype } from '../block/dtype.js'
import { ChunkedArray } from '../chunked-array.js'
import { pushLayer } from '../layers/dtype-view-layers.js'
import type { InferredDtype } from '../layers/map-blocks-layers.js'
import { assertArray } from '../layers/operands.js'
import {
  type MapOverlapOptions,
  mapOverlapLayer,
  type OverlapOptions,
  overlapLayer,
  trimLayer,
} from '../layers/overlap-layers.js'
import { slidingWindowLayer } from '../layers/sliding-window-layers.js'
import type { BlockContext } from '../steps/map-blocks-steps.js'

/**
 * Calls a function with blocks that have some elements of their neighbours, and cuts these off the results. The arrays
 * broadcast; the function receives what a function of `mapBlocks` does. Chunks may be smaller than the depth.
 * @param args Arrays and other values, then options: `depth`, `boundary`, `trim`, and those of `mapBlocks`.
 * @throws RangeError for depths and boundaries that do not exist, and shapes that do not broadcast.
 * @throws TypeError for options that do not exist.
 * @example da.mapOverlap((block) => smooth(block), x, { depth: 1, boundary: 'reflect' })
 */
export function mapOverlap<
  A extends readonly [AnyArray, ...unknown[]],
  R,
  E extends Dtype = InferredDtype<Awaited<R>, A[0]['dtype']>,
>(
  fn: (...blocks: [...BlocksOf<A>, BlockContext]) => R,
  ...args: [...A, MapOverlapOptions<E>]
): ChunkedArray<E> {
  return new ChunkedArray(mapOverlapLayer(fn, args))
}

/**
 * Replaces each NaN by the last number before it along an axis, which becomes one chunk.
 * @param options `n` is the most NaN in a row that are replaced, by default all; `axis` is -1 by default.
 * @throws RangeError for an `n` below 1, and axes that do not exist.
 * @throws TypeError for complex arrays.
 * @example da.push(x, { n: 3, axis: 0 })
 */
export function push<A extends AnyArray>(
  x: A,
  options: { readonly n?: number | null | undefined; readonly axis?: number | undefined } = {},
): ChunkedArray<A['dtype']> {
  checkArguments('push', arguments, 2, 'da.push(x, { n, axis })')
  assertArray(x, 'push')
  checkOptions(options, ['n', 'axis'], 'push')
  return new ChunkedArray(pushLayer(x, options.n, options.axis ?? -1))
}

/**
 * Functions of overlapping blocks.
 * @example da.overlap.overlap(x, { depth: { 0: 2 }, boundary: 'periodic' })
 */
export const overlap = {
  /** Gives each block the neighbouring elements of the blocks around it, and those beyond the ends of an axis. */
  overlap<A extends AnyArray>(x: A, options: OverlapOptions = {}): ChunkedArray<A['dtype']> {
    checkArguments('overlap', arguments, 2, 'da.overlap.overlap(x, { depth, boundary })')
    return new ChunkedArray(overlapLayer(x, options))
  },

  /**
   * Cuts the overlap off each block, except beyond the ends of axes whose boundary is `'none'`. Chunks must have been at
   * least as large as the depth, if the boundary is `'none'`.
   */
  trimInternal<A extends AnyArray>(
    x: A,
    axes: OverlapOptions['depth'],
    options: Pick<OverlapOptions, 'boundary'> = {},
  ): ChunkedArray<A['dtype']> {
    checkArguments('trimInternal', arguments, 3, 'da.overlap.trimInternal(x, axes, { boundary })')
    checkOptions(options, ['boundary'], 'trimInternal')
    return new ChunkedArray(trimLayer(x, axes, options.boundary))
  },

  /** Cuts the overlap off each block: `trimInternal`, with the options of `overlap`. */
  trimOverlap<A extends AnyArray>(
    x: A,
    depth: OverlapOptions['depth'],
    options: Pick<OverlapOptions, 'boundary'> = {},
  ): ChunkedArray<A['dtype']> {
    checkArguments('trimOverlap', arguments, 3, 'da.overlap.trimOverlap(x, depth, { boundary })')
    checkOptions(options, ['boundary'], 'trimOverlap')
    return new ChunkedArray(trimLayer(x, depth, options.boundary, 'trimOverlap'))
  },

  /** Calls a function with blocks that overlap their neighbours: the same as `da.mapOverlap`. */
  mapOverlap,
} as const

/** Functions that NumPy has in `lib`. */
export const lib = {
  /** Functions that change the strides of arrays. */
  strideTricks: {
    /**
     * Makes windows that move along some axes, by default all; the axes of the windows are the last ones. The chunks
     * stay as they are, but for the end of each axis.
     * @throws RangeError for windows that exceed the array.
     * @example da.lib.strideTricks.slidingWindowView(x, 30, { axis: 0 }).mean(-1)
     */
    slidingWindowView<A extends AnyArray>(
      x: A,
      windowShape: number | readonly number[],
      options: { readonly axis?: number | readonly number[] | null | undefined } = {},
    ): ChunkedArray<A['dtype']> {
      const usage = 'slidingWindowView(x, windowShape, { axis })'
      checkArguments('slidingWindowView', arguments, 3, usage)
      checkOptions(options, ['axis'], 'slidingWindowView')
      return new ChunkedArray(slidingWindowLayer(x, windowShape, options.axis))
    },
  },
} as const
