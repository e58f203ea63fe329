/**
 * Layers of reductions by functions of the user: of each block, of joined partial results, and of the last ones.
 */

import { checkOptions } from '../../../core/base/argument-checks.js'
import { captureCallSite } from '../../../core/base/call-site.js'
import { capture } from '../../../core/capture.js'
import { arg, recipe } from '../../../core/graph/recipe.js'
import { checkSplitEvery } from '../../base/argument-checks.js'
import { assertDtype, type Dtype } from '../block/dtype.js'
import { formatArgument } from '../block/format-argument.js'
import { numblocksOf } from '../planning/chunk-grid.js'
import { normalizeAxes } from '../planning/shape-arguments.js'
import { reduceBlockStep, reducePartsStep } from '../steps/custom-reduction-steps.js'
import { type ArraySpec, blockwise, grouped, recipesByCount } from './array-spec.js'

/** The options of `reduction`. */
export interface CustomReductionOptions<D extends Dtype = Dtype> {
  /** The axis or axes to reduce. The default is all. */
  readonly axis?: number | readonly number[] | null | undefined
  /** Whether reduced axes stay, with size 1. The default is false. */
  readonly keepdims?: boolean | undefined
  /** The dtype of the result. The default is that of the array. */
  readonly dtype?: D | undefined
  /** Merges partial results before the last ones. The default is the function that aggregates. */
  readonly combine?: unknown
  /** The number of partial results that are merged at a time; false merges all at once. The default is 8. */
  readonly splitEvery?: number | false | undefined
}

/** The arguments of `reduction`, besides the array. */
interface CustomReduction {
  readonly chunk: unknown
  readonly aggregate: unknown
  readonly options: CustomReductionOptions
}

/** Reduces an array by functions of the user. */
export function customReductionLayer(array: ArraySpec, reduction: CustomReduction): ArraySpec {
  const { chunk, aggregate, options } = reduction
  checkOptions(options, ['axis', 'keepdims', 'dtype', 'combine', 'splitEvery'], 'reduction')
  const { keepdims = false, dtype = array.dtype, combine = aggregate } = options
  for (const fn of [chunk, aggregate, combine]) {
    if (typeof fn === 'function') continue
    throw new TypeError(
      `reduction: expected functions that reduce a block, merge and aggregate; got ${formatArgument(fn)}`,
    )
  }
  assertDtype(dtype, 'reduction')
  const fan = checkSplitEvery(options.splitEvery, 'reduction')
  const axes = normalizeAxes(options.axis, array.chunks.length, 'reduction')
  const first = capture(chunk as Function)
  let level = blockwise({
    operation: 'reduction-partial',
    fn: reduceBlockStep,
    args: [arg.value(first), arg.input(0), arg.value(axes)],
    inputs: [{ array }],
    dtype,
    chunks: array.chunks.map((sizes, axis) => (axes.includes(axis) ? sizes.map(() => 1) : sizes)),
    content: [first.token, axes],
  })
  const last = axes.at(-1) ?? 0
  for (const axis of axes) {
    while (level.chunks[axis]!.length > (axis === last ? fan : 1)) {
      level = mergeAlong(level, axis, fan, { fn: combine, axes, keepdims: true })
    }
  }
  return mergeAlong(level, last, Infinity, { fn: aggregate, axes, keepdims })
}

/** Merges up to `fan` neighbours along an axis. */
function mergeAlong(
  source: ArraySpec,
  axis: number,
  fan: number,
  merge: { readonly fn: unknown; readonly axes: readonly number[]; readonly keepdims: boolean },
): ArraySpec {
  const { axes, keepdims } = merge
  const captured = capture(merge.fn as Function)
  const site = captureCallSite()
  const { dtype } = source
  const fans = numblocksOf(source.chunks).map((n, a) => (a === axis ? Math.min(n, fan) : 1))
  const chunks = source.chunks.map((sizes, a) =>
    a === axis ? new Array<number>(Math.ceil(sizes.length / fans[a]!)).fill(1) : sizes,
  )
  const details = { axis, axes, keepdims, dtype }
  return grouped({
    operation: 'reduction',
    source,
    fan: fans,
    recipeFor: recipesByCount((count) => {
      const args = [arg.value(captured), arg.inputs(0, count), arg.value(details)]
      return recipe(reducePartsStep, args, { label: 'reduction', site })
    }),
    dtype,
    chunks: keepdims ? chunks : chunks.filter((_, a) => !axes.includes(a)),
    content: [captured.token, fans, axes, keepdims],
  })
}
