/**
 * Layers that repeat elements of an axis: as often as numbers say, or as a lazy array says; then the size is not known.
 */
import { arg } from '../../../core/graph/recipe.js'
import { isInteger } from '../block/dtype.js'
import { normalizeAxis } from '../planning/shape-arguments.js'
import { repeatByStep } from '../steps/position-steps.js'
import { arrayOfPositions } from './array-arguments.js'
import { type ArraySpec, blockwise, shapeOf } from './array-spec.js'
import { indexAxis } from './indexing-layers.js'
import { alignUnknown } from './operands.js'
import { rechunkTo } from './rechunk-layers.js'
import { reshapeLayer } from './reshape-layers.js'
import { addAxesLayer, assertCounts, broadcastLayer } from './shape-layers.js'
import { unknownSizes } from './unknown-sizes.js'

/** Repeats each element along an axis: as often for all, or a number of times for each. */
export function repeatLayer(
  array: ArraySpec,
  repeats: number | readonly number[],
  axis: number | null | undefined,
): ArraySpec {
  assertCounts([repeats].flat(), 'repeat')
  if (axis === undefined || axis === null) return repeatLayer(reshapeLayer(array, [-1]), repeats, 0)
  const shape = shapeOf(array)
  const along = normalizeAxis(axis, shape.length, 'repeat')
  const n = shape[along]!
  if (typeof repeats !== 'number' && Number.isNaN(n)) {
    return repeatByLayer(array, arrayOfPositions(repeats), along)
  }
  if (typeof repeats !== 'number') {
    if (repeats.length !== n) {
      throw new RangeError(
        `repeat: expected one number for each of the ${n} elements of axis ${along}; got ${repeats.length}`,
      )
    }
    const positions = repeats.flatMap((count, i) => new Array<number>(count).fill(i))
    return indexAxis(array, along, positions)
  }
  const grown = [...shape.slice(0, along + 1), repeats, ...shape.slice(along + 1)]
  const filled = broadcastLayer(addAxesLayer(array, along + 1), grown, 'repeat')
  return reshapeLayer(
    filled,
    shape.map((size, a) => (a === along ? size * repeats : size)),
  )
}

/** Repeats each element along an axis as often as an array of integers says. */
export function repeatByLayer(
  array: ArraySpec,
  repeats: ArraySpec,
  axis: number | null | undefined,
): ArraySpec {
  const operation = 'repeat'
  if (!isInteger(repeats.dtype)) {
    throw new TypeError(`${operation}: expected an array of integers; got ${repeats.dtype}`)
  }
  if (axis === undefined || axis === null) {
    return repeatByLayer(reshapeLayer(array, [-1]), repeats, 0)
  }
  const along = normalizeAxis(axis, array.chunks.length, operation)
  const size = shapeOf(array)[along]!
  const single = repeats.chunks.length === 0 || shapeOf(repeats).join() === '1'
  const list = single && size !== 1 ? broadcastLayer(repeats, [size], operation) : repeats
  const own = list.chunks.length === 0 ? reshapeLayer(list, [1]) : list
  const count = shapeOf(own)[0]!
  if (own.chunks.length !== 1 || (count !== size && !Number.isNaN(count + size))) {
    throw new RangeError(
      `${operation}: expected one number for each of the ${size} elements of axis ${along}; got shape [${shapeOf(own)}]`,
    )
  }
  const [source, aligned] = alignUnknown([array, own], [[along, 0]], operation) as [
    ArraySpec,
    ArraySpec,
  ]
  const sizes = source.chunks[along]!
  const counts = Number.isNaN(count + size) ? aligned : rechunkTo(aligned, [sizes])
  const origin = `${operation} ${source.layer.name} ${counts.layer.name} ${along}`
  return blockwise({
    operation,
    fn: repeatByStep,
    args: [arg.input(0), arg.input(1), arg.value(along)],
    inputs: [{ array: source }, { array: counts, axes: [along] }],
    dtype: array.dtype,
    chunks: source.chunks.map((own, a) => (a === along ? unknownSizes(origin, sizes.length) : own)),
    content: [along],
  })
}
