/**
 * The functions of `da` that take elements at positions along an axis and convert positions to coordinates, under
 * NumPy's names.
 */
import { checkArguments, checkOptions } from '../../../core/base/argument-checks.js'
import type { AnyArray } from '../array-types.js'
import { ChunkedArray } from '../chunked-array.js'
import type { ElementOrder, OutsideMode } from '../kernels/position-kernel.js'
import { assertArray } from '../layers/operands.js'
import { ravelIndexLayer, takeAlongLayer, unravelIndexLayers } from '../layers/position-layers.js'
import { asArray } from '../layers/search-layers.js'
import type { ArrayLike } from './indexing-functions.js'

/** The axis of `takeAlongAxis`. */
export interface AlongAxisOption {
  /** The axis, negative ones counted from the end; null flattens both arrays first. The default is the last. */
  readonly axis?: number | null | undefined
}

/**
 * Takes the elements at the positions in an array of integers along an axis, such as those that `argsort` returns. The
 * other axes broadcast. Positions outside the axis fail when they are computed. NumPy: `take_along_axis`.
 * @throws RangeError unless both have equally many axes.
 * @throws TypeError for positions that are no integers.
 * @example da.takeAlongAxis(x, da.argsort(x), { axis: -1 })
 */
export function takeAlongAxis<A extends AnyArray>(
  x: A,
  indices: ArrayLike,
  axis: number | null | AlongAxisOption = -1,
): ChunkedArray<A['dtype']> {
  checkArguments('takeAlongAxis', arguments, 3, 'da.takeAlongAxis(x, indices, { axis: -1 })')
  assertArray(x, 'takeAlongAxis')
  const options = typeof axis === 'number' || axis === null ? { axis } : axis
  checkOptions(options, ['axis'], 'takeAlongAxis')
  const along = options.axis === undefined ? -1 : options.axis
  return new ChunkedArray(takeAlongLayer(x, asArray(indices), along))
}

/** The options of `ravelMultiIndex`. */
export interface RavelIndexOptions {
  /** How coordinates outside the shape are handled, for all axes or for each. The default, `'raise'`, throws. */
  readonly mode?: OutsideMode | readonly OutsideMode[] | undefined
  /** Whether the elements of the last axis are neighbours, `'C'`, the default, or those of the first, `'F'`. */
  readonly order?: ElementOrder | undefined
}

/**
 * Returns the positions in a flattened array of a shape. The coordinates are a list with an array for each axis, which
 * broadcast, or one array whose first axis is that of the coordinates. With the mode `'raise'`, coordinates outside
 * fail when they are computed. NumPy: `ravel_multi_index`.
 * @throws RangeError unless there are coordinates for each axis.
 * @throws TypeError for coordinates that are no integers.
 * @example da.ravelMultiIndex([rows, columns], [100, 20])
 */
export function ravelMultiIndex(
  indices: ArrayLike | readonly ArrayLike[],
  dims: readonly number[],
  options: RavelIndexOptions = {},
): ChunkedArray<'int64'> {
  checkArguments('ravelMultiIndex', arguments, 3, 'da.ravelMultiIndex(indices, dims, { mode })')
  checkOptions(options, ['mode', 'order'], 'ravelMultiIndex')
  const { mode = 'raise', order = 'C' } = options
  return new ChunkedArray(ravelIndexLayer(indices, dims, mode, order))
}

/**
 * Returns the coordinates of positions in a flattened array of a shape, an array for each axis. Positions outside fail
 * when they are computed. NumPy: `unravel_index`.
 * @throws TypeError for positions that are no integers.
 * @example const [rows, columns] = da.unravelIndex(positions, [100, 20])
 */
export function unravelIndex(
  indices: ArrayLike,
  dims: readonly number[],
  options: Pick<RavelIndexOptions, 'order'> = {},
): ChunkedArray<'int64'>[] {
  checkArguments('unravelIndex', arguments, 3, "da.unravelIndex(indices, dims, { order: 'C' })")
  checkOptions(options, ['order'], 'unravelIndex')
  return unravelIndexLayers(indices, dims, options.order ?? 'C').map((s) => new ChunkedArray(s))
}
