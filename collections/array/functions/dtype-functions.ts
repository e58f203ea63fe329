/** The functions of `da` about dtypes and shapes, which compute nothing. */
import { checkArguments } from '../../../core/base/argument-checks.js'
import type { AnyArray, Operand } from '../array-types.js'
import {
  assertCasting,
  assertDtype,
  type Casting,
  castingAllows,
  DTYPES,
  type Dtype,
  type DtypeInfo,
  dtypeInfo,
  isScalar,
  resultType,
  type Scalar,
  weak,
} from '../block/dtype.js'
import { formatArgument } from '../block/format-argument.js'
import { type BinaryArray, ChunkedArray } from '../chunked-array.js'
import { arrayOfValues } from '../layers/array-arguments.js'
import { isArraySpec, shapeOf } from '../layers/array-spec.js'
import { type AstypeOptions, astypeLayer } from '../layers/elementwise-layers.js'
import { assertArray } from '../layers/operands.js'
import { commonShape } from '../planning/broadcast.js'
import { assertShape } from '../planning/shape-arguments.js'
import type { ArrayLike } from './indexing-functions.js'

/** A kind of dtypes, as the Array API standard names them. */
export type DtypeKind =
  | 'bool'
  | 'signed integer'
  | 'unsigned integer'
  | 'integral'
  | 'real floating'
  | 'complex floating'
  | 'numeric'

const kinds: Readonly<Record<DtypeKind, readonly DtypeInfo['kind'][]>> = {
  bool: ['bool'],
  'signed integer': ['signed'],
  'unsigned integer': ['unsigned'],
  integral: ['signed', 'unsigned'],
  'real floating': ['float'],
  'complex floating': ['complex'],
  numeric: ['signed', 'unsigned', 'float', 'complex'],
}

/**
 * Returns whether a dtype is another, or of a kind, or any of a list of these.
 * @throws TypeError for names that are neither a dtype nor a kind.
 * @example da.isdtype(x.dtype, ['bool', 'integral'])
 */
export function isdtype(
  dtype: Dtype,
  kind: Dtype | DtypeKind | readonly (Dtype | DtypeKind)[],
): boolean {
  checkArguments('isdtype', arguments, 2, "da.isdtype(x.dtype, 'integral')")
  assertDtype(dtype, 'isdtype')
  const names: readonly string[] = Array.isArray(kind) ? kind : [kind as string]
  return names.map((name) => isOfKind(dtype, name)).includes(true)
}

function isOfKind(dtype: Dtype, name: string): boolean {
  if (Object.hasOwn(kinds, name)) {
    return kinds[name as DtypeKind].includes(dtypeInfo(dtype).kind)
  }
  if (DTYPES.includes(name as Dtype)) return dtype === name
  throw new TypeError(
    `isdtype: expected a dtype or one of the kinds ${Object.keys(kinds).join(', ')}; got ${formatArgument(name)}`,
  )
}

/**
 * Returns whether a dtype, or that of an array, can be converted. The rule is `'safe'` by default, which
 * allows conversions that keep every value.
 * @throws TypeError for dtypes and rules that do not exist.
 * @example da.canCast('int32', 'float64') // true
 */
export function canCast(from: Dtype | AnyArray, to: Dtype, casting: Casting = 'safe'): boolean {
  checkArguments('canCast', arguments, 3, "da.canCast('int32', 'float64', 'safe')")
  const dtype: unknown = isArraySpec(from) ? from.dtype : from
  assertDtype(dtype, 'canCast')
  assertDtype(to, 'canCast')
  assertCasting(casting, 'canCast')
  return castingAllows(dtype, to, casting)
}

/**
 * Returns the shape that shapes broadcast to.
 * @throws RangeError if they do not broadcast.
 * @example da.broadcastShapes([3, 1], [4]) // [3, 4]
 */
export function broadcastShapes(...shapes: readonly (readonly number[])[]): readonly number[] {
  for (const shape of shapes) assertShape(shape, 'broadcastShapes')
  return commonShape('broadcastShapes', shapes)
}

/**
 * Converts the elements to another dtype. Floats are truncated to integers; integers wrap around.
 * @param options `casting` says which conversions are allowed; `'unsafe'`, the default, allows all.
 * @throws TypeError for a dtype that does not exist, or a conversion that `casting` forbids.
 * @example da.astype(x, 'int32', { casting: 'safe' })
 */
export function convertDtype<A extends AnyArray, E extends Dtype>(
  x: A,
  dtype: E,
  options?: AstypeOptions,
): BinaryArray<E, A, A> {
  checkArguments('astype', arguments, 3, 'da.astype(x, dtype, options)')
  assertArray(x, 'astype')
  return new ChunkedArray(astypeLayer(x, dtype, options)) as BinaryArray<E, A, A>
}

/**
 * Returns the dtype that arrays, dtypes and plain values have in common, by NumPy's rules. Plain values do not widen
 * the dtypes of arrays of their kind.
 * @throws TypeError for dtypes that do not exist, and without arguments.
 * @example da.resultType(x, 'float32', 2)
 */
export function commonDtype(...values: readonly (Dtype | Operand)[]): Dtype {
  if (values.length === 0) {
    throw new TypeError(
      "resultType: expected arrays, dtypes or values, as in resultType(x, 'int8')",
    )
  }
  const types = values.map((value) => {
    if (isScalar(value)) return weak(value)
    const dtype: unknown = isArraySpec(value) ? value.dtype : value
    assertDtype(dtype, 'resultType')
    return dtype
  })
  return resultType(...types)
}

/**
 * Returns the number of axes of an array, or of values that one can be made of.
 * @throws TypeError for other values.
 * @example da.ndim([[1, 2], [3, 4]]) // 2
 */
export function ndim(x: ArrayLike | Scalar): number {
  checkArguments('ndim', arguments, 1, 'da.ndim(x)')
  return shapeOf(arrayOfValues(x, 'ndim')).length
}

/**
 * Returns the size of each axis of an array, or of values that one can be made of; NaN for sizes that are not known yet.
 * @throws TypeError for other values.
 * @example da.shape([[1, 2], [3, 4]]) // [2, 2]
 */
export function shape(x: ArrayLike | Scalar): readonly number[] {
  checkArguments('shape', arguments, 1, 'da.shape(x)')
  return shapeOf(arrayOfValues(x, 'shape'))
}
