/**
 * The functions of `da` that make arrays like others, and arrays of positions, under NumPy's names.
 */
import { checkArguments, checkOptions } from '../../../core/base/argument-checks.js'
import type { AnyArray } from '../array-types.js'
import { assertDtype, type Dtype, type Scalar } from '../block/dtype.js'
import { formatArgument } from '../block/format-argument.js'
import { ChunkedArray } from '../chunked-array.js'
import { type ArrayArgument, arrayOfValues } from '../layers/array-arguments.js'
import { type ArraySpec, isArraySpec, shapeOf } from '../layers/array-spec.js'
import { concatenateLayer, stackLayer } from '../layers/concatenate-layers.js'
import { arangeLayer, type CreationOptions, fullLayer } from '../layers/creation-layers.js'
import { astypeLayer } from '../layers/elementwise-layers.js'
import { assertArray } from '../layers/operands.js'
import { reshapeLayer } from '../layers/reshape-layers.js'
import { broadcastLayer } from '../layers/shape-layers.js'
import { normalizeChunks } from '../planning/chunks-argument.js'
import { assertShape } from '../planning/shape-arguments.js'
import type { Shape } from './creation-functions.js'

/** The options of functions that make an array like another one. */
export interface LikeOptions<D extends Dtype = Dtype> extends CreationOptions<D> {
  /** The shape. The default is that of the array. */
  readonly shape?: Shape | undefined
}

function filledLike(
  operation: string,
  x: ArraySpec,
  value: Scalar,
  options: LikeOptions,
): ArraySpec {
  assertArray(x, operation)
  checkOptions(options, ['chunks', 'dtype', 'shape'], operation)
  const { shape = shapeOf(x), dtype = x.dtype } = options
  const own = options.shape === undefined ? x.chunks : undefined
  return fullLayer(operation, shape, value, { dtype, chunks: options.chunks ?? own })
}

/**
 * Makes zeros of the shape, dtype and chunks of an array, unless options say otherwise. NumPy: `zeros_like`.
 * @example da.zerosLike(x, { dtype: 'int32' })
 */
export function zerosLike<A extends AnyArray, D extends Dtype = A['dtype']>(
  x: A,
  options: LikeOptions<D> = {},
): ChunkedArray<D> {
  checkArguments('zerosLike', arguments, 2, 'da.zerosLike(x, { dtype })')
  return new ChunkedArray(filledLike('zerosLike', x, 0, options))
}

/**
 * Makes ones of the shape, dtype and chunks of an array, unless options say otherwise. NumPy: `ones_like`.
 * @example da.onesLike(x)
 */
export function onesLike<A extends AnyArray, D extends Dtype = A['dtype']>(
  x: A,
  options: LikeOptions<D> = {},
): ChunkedArray<D> {
  checkArguments('onesLike', arguments, 2, 'da.onesLike(x, { dtype })')
  return new ChunkedArray(filledLike('onesLike', x, 1, options))
}

/**
 * Makes an array of one value, of the shape, dtype and chunks of another, unless options say otherwise. NumPy: `full_like`.
 * @throws RangeError for an integer that the dtype cannot hold; TypeError for a fraction and an integer dtype.
 * @example da.fullLike(x, 7)
 */
export function fullLike<A extends AnyArray, D extends Dtype = A['dtype']>(
  x: A,
  value: Scalar,
  options: LikeOptions<D> = {},
): ChunkedArray<D> {
  checkArguments('fullLike', arguments, 3, 'da.fullLike(x, value, { dtype })')
  return new ChunkedArray(filledLike('fullLike', x, value, options))
}

/** Makes an array like another one, for values to come: of zeros. NumPy: `empty_like`. */
export function emptyLike<A extends AnyArray, D extends Dtype = A['dtype']>(
  x: A,
  options: LikeOptions<D> = {},
): ChunkedArray<D> {
  checkArguments('emptyLike', arguments, 2, 'da.emptyLike(x, { dtype })')
  return new ChunkedArray(filledLike('emptyLike', x, 0, options))
}

/** Makes an array for values to come: of zeros, of float64 unless `dtype` is given. */
export function empty<D extends Dtype = 'float64'>(
  shape: Shape,
  options: CreationOptions<D> = {},
): ChunkedArray<D> {
  checkArguments('empty', arguments, 2, 'da.empty(shape, { dtype })')
  return new ChunkedArray(fullLayer('empty', shape, 0, options))
}

/**
 * Returns an array as it is, or makes one of values as `fromArray` does; of another dtype if `dtype` is given.
 * @throws TypeError for what is neither an array nor values.
 * @example da.asarray([1, 2, 3])
 */
export function asarray<D extends Dtype = Dtype>(
  values: ArrayArgument,
  options: CreationOptions<D> = {},
): ChunkedArray<D> {
  checkArguments('asarray', arguments, 2, 'da.asarray(values, { dtype, chunks })')
  checkOptions(options, ['chunks', 'dtype'], 'asarray')
  const { dtype, chunks } = options
  if (dtype !== undefined) assertDtype(dtype, 'asarray')
  const spec = arrayOfValues(values, 'asarray', isArraySpec(values) ? {} : { dtype, chunks })
  return new ChunkedArray(dtype === undefined ? spec : astypeLayer(spec, dtype))
}

export { asarray as array, asarray as asanyarray }

/** The options of `meshgrid`. */
export interface MeshgridOptions {
  /** Whether the first two axes are y and x, as in plots (`'xy'`, the default), or in the order given. */
  readonly indexing?: 'xy' | 'ij' | undefined
  /** Whether the other axes of each result have size 1. The default is false. */
  readonly sparse?: boolean | undefined
}

/**
 * Returns the coordinates of a grid, one array for each vector; options come last.
 * @throws TypeError for another `indexing`.
 * @example const [X, Y] = da.meshgrid(x, y, { indexing: 'ij' })
 */
export function meshgrid(...args: readonly (AnyArray | MeshgridOptions)[]): ChunkedArray[] {
  const last = args.at(-1)
  const options = (last === undefined || isArraySpec(last) ? {} : last) as MeshgridOptions
  const arrays = (isArraySpec(last) ? args : args.slice(0, -1)) as readonly AnyArray[]
  checkOptions(options, ['indexing', 'sparse'], 'meshgrid')
  const { indexing = 'xy', sparse = false } = options
  if (indexing !== 'xy' && indexing !== 'ij') {
    throw new TypeError(`meshgrid: indexing must be 'xy' or 'ij'; got ${formatArgument(indexing)}`)
  }
  for (const x of arrays) assertArray(x, 'meshgrid')
  const swaps = indexing === 'xy' && arrays.length > 1
  const axisOf = (i: number) => (swaps && i < 2 ? 1 - i : i)
  const flat = arrays.map((x) => reshapeLayer(x, [-1]))
  const shape = flat.map((_, axis) => shapeOf(flat[axisOf(axis)]!)[0]!)
  return flat.map((x, i) => {
    const own = reshapeLayer(
      x,
      shape.map((n, axis) => (axis === axisOf(i) ? n : 1)),
    )
    return new ChunkedArray(sparse ? own : broadcastLayer(own, shape, 'meshgrid'))
  })
}

/** Returns, for each axis of a grid, the position of each element along it. */
function positionArrays(
  sizes: readonly number[],
  options: CreationOptions,
  operation: string,
): ArraySpec[] {
  const { dtype = 'int64' } = options
  assertShape(sizes, operation)
  assertDtype(dtype, operation)
  const grid = normalizeChunks(options.chunks, sizes, operation, { dtype })
  return sizes.map((n, axis) => {
    const line = astypeLayer(arangeLayer([n, { chunks: [grid[axis]!] }]), dtype)
    const placed = reshapeLayer(
      line,
      sizes.map((size, a) => (a === axis ? size : 1)),
    )
    return broadcastLayer(placed, sizes, operation)
  })
}

/**
 * Makes the positions of a grid: the first axis says along which axis; of int64 unless `dtype` is given.
 * @throws RangeError for sizes that are not whole numbers.
 * @example da.indices([2, 3])
 */
export function indices<D extends Dtype = 'int64'>(
  dims: readonly number[],
  options: CreationOptions<D> = {},
): ChunkedArray<D> {
  checkArguments('indices', arguments, 2, 'da.indices([2, 3], { dtype })')
  checkOptions(options, ['chunks', 'dtype'], 'indices')
  if (dims.length === 0)
    return new ChunkedArray(fullLayer('indices', [0], 0, { dtype: options.dtype ?? 'int64' }))
  return new ChunkedArray(stackLayer(positionArrays(dims, options, 'indices'), 0))
}

/** The options of `fromfunction`. */
export interface FromFunctionOptions<D extends Dtype = Dtype> extends CreationOptions<D> {
  /** The size of each axis. */
  readonly shape: readonly number[]
}

/**
 * Calls a function with the lazy positions along each axis, and returns its array, or its value everywhere.
 * @throws RangeError for sizes that are not whole numbers.
 * @example da.fromfunction((i, j) => i.add(j), { shape: [3, 3] })
 */
export function fromfunction<D extends Dtype = 'float64'>(
  fn: (...positions: ChunkedArray<D>[]) => AnyArray | Scalar,
  options: FromFunctionOptions<D>,
): ChunkedArray {
  checkArguments('fromfunction', arguments, 2, 'da.fromfunction(fn, { shape })')
  checkOptions(options, ['shape', 'chunks', 'dtype'], 'fromfunction')
  const { shape, chunks, dtype = 'float64' as D } = options ?? {}
  const positions = positionArrays(shape, { chunks, dtype }, 'fromfunction')
  const result = fn(...positions.map((spec) => new ChunkedArray<D>(spec)))
  return new ChunkedArray(
    broadcastLayer(arrayOfValues(result, 'fromfunction'), shape, 'fromfunction'),
  )
}

/** Nested lists of arrays. */
export type NestedArrays = AnyArray | readonly NestedArrays[]

/**
 * Joins nested lists of arrays: the innermost along the last axis, those around them along the axes before.
 * @throws TypeError for lists of different depths; RangeError for shapes that do not fit.
 * @example da.block([[a, b], [c, d]])
 */
export function block(arrays: NestedArrays): ChunkedArray {
  checkArguments('block', arguments, 1, 'da.block([[a, b], [c, d]])')
  const depth = depthOf(arrays)
  const ndim = Math.max(depth, ...leavesOf(arrays).map((x) => x.chunks.length))
  const join = (level: NestedArrays, axis: number): ArraySpec => {
    if (isArraySpec(level)) {
      const missing = ndim - level.chunks.length
      return reshapeLayer(level, [...new Array<number>(missing).fill(1), ...shapeOf(level)])
    }
    return concatenateLayer(
      (level as readonly NestedArrays[]).map((part) => join(part, axis + 1)),
      axis,
    )
  }
  return new ChunkedArray(join(arrays, ndim - depth))
}

function leavesOf(level: NestedArrays): ArraySpec[] {
  if (isArraySpec(level)) return [level]
  return (level as readonly NestedArrays[]).flatMap(leavesOf)
}

function depthOf(level: NestedArrays): number {
  if (!Array.isArray(level)) {
    assertArray(level, 'block')
    return 0
  }
  const depths = new Set((level as readonly NestedArrays[]).map(depthOf))
  if (depths.size !== 1)
    throw new TypeError('block: lists must have one depth, and at least one array')
  return 1 + [...depths][0]!
}
