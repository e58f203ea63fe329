/**
 * Operands of array operations: checks, and alignment of arrays with different shapes and grids.
 */
import { isLazy } from '../../base/lazy-arguments.js'
import { isScalar, type Scalar } from '../block/dtype.js'
import { formatArgument } from '../block/format-argument.js'
import { NDArray } from '../block/ndarray.js'
import { alignGrids } from '../planning/broadcast.js'
import { type Grid, hasUnknown, isUnknown, sameGrid } from '../planning/chunk-grid.js'
import { type ArrayInput, type ArraySpec, isArraySpec } from './array-spec.js'
import { rechunkTo, wholeAxes } from './rechunk-layers.js'
import { declareEqual, declareSizes } from './unknown-sizes.js'

/** An operand: a lazy array or a plain value. */
export type OperandSpec = ArraySpec | Scalar

/** Throws a TypeError unless a value is an array or a plain value. */
export function assertOperand(value: unknown, operation: string): asserts value is OperandSpec {
  if (isArraySpec(value) || isScalar(value)) return
  throw new TypeError(
    `${operation}: ${formatArgument(value)} is neither an array nor a number, bigint, boolean or complex number${adviceFor(value)}`,
  )
}

/** Throws a TypeError unless a value is an array. */
export function assertArray(value: unknown, operation: string): asserts value is ArraySpec {
  if (isArraySpec(value)) return
  throw new TypeError(
    `${operation}: expected an array; got ${formatArgument(value)}${adviceFor(value)}`,
  )
}

/** Throws a TypeError unless a value is a list of one array or more. */
export function assertArrays(
  values: unknown,
  operation: string,
): asserts values is readonly ArraySpec[] {
  if (!Array.isArray(values) || values.length === 0) {
    throw new TypeError(
      `${operation}: expected a list of one array or more; got ${formatArgument(values)}`,
    )
  }
  values.forEach((value: unknown, i) => {
    if (isArraySpec(value)) return
    throw new TypeError(
      `${operation}: item ${i} of the list must be an array; got ${formatArgument(value)}${adviceFor(value)}`,
    )
  })
}

/** Says how to make an array of a value that is none. */
function adviceFor(value: unknown): string {
  if (Array.isArray(value) || ArrayBuffer.isView(value) || value instanceof NDArray) {
    return '; make it an array with da.fromArray first'
  }
  if (isLazy(value) && 'mask' in value) {
    return '; of a masked array write x.filled(value) or x.data'
  }
  if (isLazy(value)) return '; make it an array with da.fromDelayed(value, { shape, dtype }) first'
  if (isPromise(value)) return '; write await before it'
  return ''
}

function isPromise(value: unknown): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as { then?: unknown }).then === 'function'
  )
}

/** Rechunks arrays to a common grid, and returns how their blocks match the blocks of that grid. */
export function alignArrays(
  operation: string,
  arrays: readonly ArraySpec[],
): { readonly inputs: readonly ArrayInput[]; readonly chunks: Grid } {
  const first = arrays[0]!.chunks
  if (arrays.every((array) => array.chunks === first || sameGrid(array.chunks, first))) {
    return { inputs: arrays.map((array) => ({ array })), chunks: first }
  }
  const sources = resolveUnknown(arrays)
  const { chunks, grids, axes } = alignGrids(
    operation,
    sources.map((array) => array.chunks),
  )
  const inputs = sources.map((source, i): ArrayInput => {
    const array = rechunkTo(source, grids[i]!)
    const same = grids[i]!.length === chunks.length && axes[i]!.every((axis, a) => axis === a)
    return same ? { array } : { array, axes: axes[i]! }
  })
  return { inputs, chunks }
}

/**
 * Makes axes of arrays that broadcast one chunk, where the sizes are not known and not those of one list. The tasks
 * that read the blocks broadcast them.
 */
function resolveUnknown(arrays: readonly ArraySpec[]): readonly ArraySpec[] {
  if (!arrays.some(({ chunks }) => hasUnknown(chunks))) return arrays
  const ndim = Math.max(...arrays.map(({ chunks }) => chunks.length))
  let resolved = arrays
  for (let axis = 0; axis < ndim; axis++) {
    const own = (array: ArraySpec) => array.chunks[axis - ndim + array.chunks.length]
    const repeats = (sizes: readonly number[]) => sizes.length === 1 && sizes[0] === 1
    const lists = resolved.flatMap((array) => {
      const sizes = own(array)
      return sizes === undefined || repeats(sizes) ? [] : [sizes]
    })
    if (!lists.some(isUnknown) || lists.every((sizes) => sizes === lists[0])) continue
    resolved = resolved.map((array) => wholeAxes(array, [axis - ndim + array.chunks.length]))
  }
  return resolved
}

/**
 * Makes arrays agree along some axes, if the sizes of these are not known in all of them: axes that are not
 * divided alike become one chunk. `axes[k][i]` is axis `k` in array `i`. Tasks check that sizes which
 * must be equal are.
 */
export function alignUnknown(
  arrays: readonly ArraySpec[],
  axes: readonly (readonly number[])[],
  operation: string,
): readonly ArraySpec[] {
  let aligned = arrays
  for (const own of axes) {
    const lists = aligned.map((array, i) => array.chunks[own[i]!]!)
    if (!lists.some(isUnknown) || lists.every((sizes) => sizes === lists[0])) continue
    const whole = aligned.map((array, i) => wholeAxes(array, [own[i]!]))
    const sizes = whole.map((array, i) => array.chunks[own[i]!]!)
    const reference = Math.max(
      0,
      sizes.findIndex((list) => !isUnknown(list)),
    )
    aligned = whole.map((array, i) => {
      if (i === reference || !isUnknown(sizes[i]!)) return array
      if (isUnknown(sizes[reference]!)) {
        return declareEqual([array, own[i]!], [whole[reference]!, own[reference]!], operation)
      }
      const chunks = array.chunks.map((list, a) => (a === own[i] ? sizes[reference]! : list))
      return declareSizes(array, chunks, operation)
    })
  }
  return aligned
}
