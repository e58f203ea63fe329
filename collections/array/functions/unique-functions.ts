/**
 * The functions of `da` that find different elements, under the names of NumPy and of the Array API.
 */
import { checkArguments, checkOptions } from '../../../core/base/argument-checks.js'
import type { AnyArray } from '../array-types.js'
import type { Dtype, Promote } from '../block/dtype.js'
import { ChunkedArray } from '../chunked-array.js'
import { arrayOfValues } from '../layers/array-arguments.js'
import { concatenateLayer } from '../layers/concatenate-layers.js'
import { assertArray } from '../layers/operands.js'
import { uniqueLayers } from '../layers/unique-layers.js'
import type { ArrayLike } from './indexing-functions.js'

/** The options of `unique`. */
export interface UniqueOptions {
  /** Whether the position of the first of each element is returned. The default is false. */
  readonly returnIndex?: boolean | undefined
  /** Whether the position of each element among the different ones is returned. The default is false. */
  readonly returnInverse?: boolean | undefined
  /** Whether the number of each element is returned. The default is false. */
  readonly returnCounts?: boolean | undefined
  /** Whether all NaN are one element. The default is true. */
  readonly equalNan?: boolean | undefined
}

type Flag<O, N extends keyof UniqueOptions, R extends readonly unknown[]> = O extends {
  readonly [K in N]: true
}
  ? R
  : []

/** What `unique` returns: the elements, or a list of what the options ask for. */
export type UniqueResult<A extends AnyArray, O> = [
  ...Flag<O, 'returnIndex', [ChunkedArray<'int64'>]>,
  ...Flag<O, 'returnInverse', [ChunkedArray<'int64'>]>,
  ...Flag<O, 'returnCounts', [ChunkedArray<'int64'>]>,
] extends infer R extends readonly unknown[]
  ? R extends []
    ? ChunkedArray<A['dtype']>
    : [ChunkedArray<A['dtype']>, ...R]
  : never

/**
 * Returns the different elements in order, along one axis whose size is not known before they are computed. With
 * options, returns a list: the elements, then first positions, the position of each element among them, and counts.
 * @throws TypeError for options that do not exist.
 * @example const [values, counts] = da.unique(x, { returnCounts: true })
 */
export function unique<A extends AnyArray, const O extends UniqueOptions = {}>(
  x: A,
  options?: O,
): UniqueResult<A, O> {
  checkArguments('unique', arguments, 2, 'da.unique(x, { returnCounts: true })')
  assertArray(x, 'unique')
  const names = ['returnIndex', 'returnInverse', 'returnCounts', 'equalNan']
  checkOptions(options, names, 'unique')
  const { returnIndex, returnInverse, returnCounts, equalNan = true } = options ?? ({} as O)
  const found = uniqueLayers(x, equalNan)
  const values = new ChunkedArray(found.values)
  const further = [
    ...(returnIndex === true ? [found.index] : []),
    ...(returnInverse === true ? [found.inverse] : []),
    ...(returnCounts === true ? [found.counts] : []),
  ].map((spec) => new ChunkedArray(spec))
  return (further.length === 0 ? values : [values, ...further]) as never
}

/** Positions and counts of different elements. */
export interface UniqueFacts<A extends AnyArray> {
  /** The different elements, in order. */
  readonly values: ChunkedArray<A['dtype']>
  /** The position of the first of each, in row-major order. */
  readonly indices: ChunkedArray<'int64'>
  /** The position of each element of the array among the different ones. */
  readonly inverseIndices: ChunkedArray<'int64'>
  /** The number of each. */
  readonly counts: ChunkedArray<'int64'>
}

/** Returns all that is known of the different elements; each NaN is one of its own. Array API: `unique_all`. */
export function uniqueAll<A extends AnyArray>(x: A): UniqueFacts<A> {
  checkArguments('uniqueAll', arguments, 1, 'da.uniqueAll(x)')
  assertArray(x, 'uniqueAll')
  const { values, index, inverse, counts } = uniqueLayers(x, false)
  return {
    values: new ChunkedArray(values),
    indices: new ChunkedArray(index),
    inverseIndices: new ChunkedArray(inverse),
    counts: new ChunkedArray(counts),
  }
}

/** Returns the different elements and their counts; each NaN is one of its own. Array API: `unique_counts`. */
export function uniqueCounts<A extends AnyArray>(x: A): Pick<UniqueFacts<A>, 'values' | 'counts'> {
  checkArguments('uniqueCounts', arguments, 1, 'da.uniqueCounts(x)')
  const { values, counts } = uniqueAll(x)
  return { values, counts }
}

/** Returns the different elements and the position of each element among them. Array API: `unique_inverse`. */
export function uniqueInverse<A extends AnyArray>(
  x: A,
): Pick<UniqueFacts<A>, 'values' | 'inverseIndices'> {
  checkArguments('uniqueInverse', arguments, 1, 'da.uniqueInverse(x)')
  const { values, inverseIndices } = uniqueAll(x)
  return { values, inverseIndices }
}

/** Returns the different elements; each NaN is one of its own. Array API: `unique_values`. */
export function uniqueValues<A extends AnyArray>(x: A): ChunkedArray<A['dtype']> {
  checkArguments('uniqueValues', arguments, 1, 'da.uniqueValues(x)')
  return uniqueAll(x).values
}

/**
 * Returns the different elements of two arrays, which are flattened, in order.
 * @example da.union1d(x, [1, 2, 3])
 */
export function union1d<A extends AnyArray, B extends ArrayLike>(
  x: A,
  y: B,
): ChunkedArray<B extends AnyArray ? Promote<A['dtype'], B['dtype']> : Dtype> {
  checkArguments('union1d', arguments, 2, 'da.union1d(x, y)')
  assertArray(x, 'union1d')
  const joined = concatenateLayer([x, arrayOfValues(y, 'union1d')], null)
  return new ChunkedArray(uniqueLayers(joined, true).values) as never
}
