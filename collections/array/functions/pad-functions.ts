/**
 * The function of `da` that extends arrays at both ends of their axes, under NumPy's name.
 */
import { checkArguments } from '../../../core/base/argument-checks.js'
import type { AnyArray } from '../array-types.js'
import { ChunkedArray } from '../chunked-array.js'
import { assertArray } from '../layers/operands.js'
import { type PadOptions, type PadWidth, padLayer } from '../layers/pad-layers.js'

/**
 * Adds elements at both ends of the axes. The width is one number, `[before, after]`, a list of either for each axis, or
 * an object by axis. The mode says what is added: a constant, by default 0, the edge, a ramp, a statistic, the
 * elements reflected or repeated, or a function that fills in each vector along each axis, one axis after the other.
 * @throws RangeError for negative widths, and for empty axes with other modes than `'constant'` and `'empty'`.
 * @throws TypeError for modes that do not exist and options that the mode does not have.
 * @example da.pad(x, [[1, 1], [0, 2]], { mode: 'reflect' })
 * @example da.pad(x, 1, { mode: (vector, [before]) => vector.fill(-1, 0, before) })
 */
export function pad<A extends AnyArray>(
  x: A,
  width: PadWidth,
  options: PadOptions = {},
): ChunkedArray<A['dtype']> {
  checkArguments('pad', arguments, 3, "da.pad(x, width, { mode: 'constant' })")
  assertArray(x, 'pad')
  return new ChunkedArray(padLayer(x, width, options))
}
