/**
 * Layers of windows that slide along axes.
 */

import { arg } from '../../../core/graph/recipe.js'
import { formatArgument } from '../block/format-argument.js'
import { assertKnown } from '../planning/known-sizes.js'
import { windowSizes } from '../planning/overlap-plan.js'
import { normalizeAxis } from '../planning/shape-arguments.js'
import { slidingWindowStep } from '../steps/overlap-steps.js'
import { type ArraySpec, blockwise, shapeOf } from './array-spec.js'
import { assertArray } from './operands.js'
import { spanLayer } from './overlap-layers.js'

/** Makes windows that move along some axes; the axes of the windows are the last ones. NumPy: `sliding_window_view`. */
export function slidingWindowLayer(
  array: unknown,
  windowShape: unknown,
  axis: number | readonly number[] | null | undefined,
): ArraySpec {
  const operation = 'slidingWindowView'
  assertArray(array, operation)
  const widths = (
    typeof windowShape === 'number' ? [windowShape] : windowShape
  ) as readonly number[]
  if (!Array.isArray(widths) || !widths.every((w) => Number.isSafeInteger(w) && w >= 1)) {
    throw new RangeError(
      `${operation}: the window has a size of 1 or more for each axis; got ${formatArgument(windowShape)}`,
    )
  }
  const ndim = array.chunks.length
  const list = axis ?? array.chunks.map((_, a) => a)
  const axes = (typeof list === 'number' ? [list] : list).map((a) =>
    normalizeAxis(a, ndim, operation),
  )
  if (axes.length !== widths.length || new Set(axes).size !== axes.length) {
    throw new RangeError(
      `${operation}: the window ${formatArgument(windowShape)} needs as many different axes as sizes; got ${formatArgument(axis ?? axes)}`,
    )
  }
  assertKnown(array.chunks, operation)
  const shape = shapeOf(array)
  const width = shape.map((_, a) => widths[axes.indexOf(a)] ?? 1)
  width.forEach((w, a) => {
    if (w <= shape[a]!) return
    throw new RangeError(`${operation}: a window of ${w} exceeds axis ${a} of ${shape[a]}`)
  })
  const sizes = array.chunks.map((own, a) => windowSizes(own, width[a]!))
  const spans = sizes.map((own, a) => {
    let from = 0
    return own.map((size): [number, number] => {
      const start = from
      from += size
      return [start, from + width[a]! - 1]
    })
  })
  const whole = spanLayer(
    operation,
    array,
    spans,
    shape.map(() => 'none' as const),
  )
  const windows = axes.map((a, i) => [a, widths[i]!] as const)
  return blockwise({
    operation,
    fn: slidingWindowStep,
    args: [arg.input(0), arg.value(windows)],
    inputs: [{ array: whole, axes: shape.map((_, a) => a) }],
    dtype: array.dtype,
    chunks: [...sizes, ...widths.map((w) => [w])],
    content: [windows],
  })
}
