/**
 * The functions of `da` that call a user's function with blocks, or change the chunks.
 */

import { checkArguments, checkOptions } from '../../../core/base/argument-checks.js'
import type { AnyArray, BlocksOf } from '../array-types.js'
import type { Dtype } from '../block/dtype.js'
import { ChunkedArray } from '../chunked-array.js'
import { type GufuncOptions, gufuncLayers, gufuncOptions } from '../layers/gufunc-layers.js'
import {
  blockwiseFunctionLayer,
  type InferredDtype,
  type MapBlocksOptions,
  mapBlocksLayer,
} from '../layers/map-blocks-layers.js'
import { assertArray } from '../layers/operands.js'
import { type RechunkOptions, rechunkLayer } from '../layers/rechunk-layers.js'
import { unifiedArrays } from '../layers/unify-layers.js'
import type { AxisLabel } from '../planning/blockwise-plan.js'
import type { ChunksSpec } from '../planning/chunks-argument.js'
import type { BlockContext } from '../steps/map-blocks-steps.js'

/**
 * Calls a function with the matching blocks of arrays, which broadcast. It receives copies of the blocks as
 * `NDArray`s, the values of other arguments, and, if it has one more parameter, a `BlockContext`. It returns an
 * `NDArray`, a typed array or nested lists. The arrays may stand in a list. Without arrays, `chunks` lists
 * the chunk sizes of every axis. Instead of a function, accepts a formula as in `evaluate`, in which the arrays
 * are `x`, `y` and `z`. A plain object at the end is taken for the options.
 * @param args Arrays, lazy items, futures and plain values, then the options.
 * @throws RangeError for shapes that do not broadcast and chunks that do not match.
 * @throws TypeError for options that do not exist.
 * @example da.mapBlocks((a, b) => a.data.map((v, i) => v + b.data[i]!), x, y)
 */
export function mapBlocks<
  const A extends readonly AnyArray[],
  R,
  E extends Dtype = InferredDtype<Awaited<R>, A[0]['dtype']>,
>(
  fn: (...blocks: [...BlocksOf<A>, BlockContext]) => R,
  arrays: A,
  options?: MapBlocksOptions<E>,
): ChunkedArray<E>
export function mapBlocks(expression: string, arrays: readonly AnyArray[]): ChunkedArray
export function mapBlocks<R, E extends Dtype = InferredDtype<Awaited<R>, 'float64'>>(
  fn: (context: BlockContext) => R,
  options: MapBlocksOptions<E>,
): ChunkedArray<E>
export function mapBlocks<
  A extends readonly [AnyArray, ...unknown[]],
  R,
  E extends Dtype = InferredDtype<Awaited<R>, A[0]['dtype']>,
>(
  fn: (...blocks: [...BlocksOf<A>, BlockContext]) => R,
  ...args: [...A, MapBlocksOptions<E>]
): ChunkedArray<E>
export function mapBlocks<
  A extends readonly [AnyArray, ...unknown[]],
  R,
  E extends Dtype = InferredDtype<Awaited<R>, A[0]['dtype']>,
>(fn: (...blocks: [...BlocksOf<A>, BlockContext]) => R, ...args: A): ChunkedArray<E>
export function mapBlocks(fn: unknown, ...args: readonly unknown[]): ChunkedArray {
  return new ChunkedArray(mapBlocksLayer(fn, args))
}

/**
 * Calls a function with blocks that are matched by indices, as in Einstein notation: `'ij'` names the axes of
 * the result, and each array is followed by the names of its axes. Values that are passed as they are have the
 * index null. Along indices that the result lacks, the function receives lists of blocks, or blocks that are
 * joined with `concatenate`.
 * @param args Arrays, each with its index, and then options.
 * @throws RangeError for indices whose sizes differ.
 * @throws TypeError for an index that is no string or list.
 * @example da.blockwise((a, b) => outer(a, b), 'ij', x, 'i', y, 'j', { dtype: 'float64' })
 */
export function applyBlockwise<D extends Dtype = Dtype>(
  fn: (...args: never[]) => unknown,
  index: string | readonly AxisLabel[],
  ...args: readonly unknown[]
): ChunkedArray<D> {
  return new ChunkedArray(blockwiseFunctionLayer(fn, index, args))
}

/**
 * Changes the chunk sizes of an array, as `x.rechunk(chunks, options)` does.
 * @param chunks For all axes, for each axis in a list, or by axis in an object: a size, a list of sizes, -1 for the whole
 * axis, `'auto'` for blocks of at most 16 MiB, `'100MiB'` for blocks of at most so many bytes, or `null` to leave it.
 * @throws RangeError for sizes that do not fit the shape, and axes that do not exist.
 * @throws TypeError for options that do not exist.
 * @example da.rechunk(x, { 0: 1000 }, { balance: true })
 */
export function rechunk<A extends AnyArray>(
  x: A,
  chunks: ChunksSpec,
  options: RechunkOptions = {},
): ChunkedArray<A['dtype']> {
  checkArguments('rechunk', arguments, 3, 'da.rechunk(x, { 0: 1000 }, { balance: true })')
  assertArray(x, 'rechunk')
  return new ChunkedArray(rechunkLayer(x, chunks, options))
}

/**
 * Rechunks arrays so that axes of one index have the same chunks. Each array is followed by the names of its
 * axes: letters of a string, or a list.
 * @returns The chunk sizes of each index, and the arrays.
 * @throws RangeError for indices whose sizes differ.
 * @throws TypeError for arrays without an index.
 * @example const [chunks, [a, b]] = da.unifyChunks(x, 'ij', y, 'jk')
 */
export function unifyChunks(
  ...args: readonly (AnyArray | string | readonly AxisLabel[])[]
): [chunks: Readonly<Record<AxisLabel, readonly number[]>>, arrays: ChunkedArray[]] {
  const { chunks, arrays } = unifiedArrays(args)
  return [chunks, arrays.map((array) => new ChunkedArray(array))]
}

/** One array, or a list of them if a signature such as `'(i)->(),()'` has several results. */
export type GufuncResult<S extends string> = string extends S
  ? ChunkedArray | ChunkedArray[]
  : S extends `${string}->${string})${string})`
    ? ChunkedArray[]
    : ChunkedArray

/**
 * Applies a function that works on the last axes of its blocks, called core axes, as the signature says:
 * `'(i)->()'` for a function that reduces the last axis, `'(i,j),(j)->(i)'` for one of a matrix and a vector. All
 * other axes broadcast and stay chunked; core axes are rechunked to one chunk.
 * @param args An array for each argument in the signature, then options. With `vectorize`, the function is
 * called for each position of the other axes, with plain values for arguments without core axes.
 * @returns One array, or a list if the signature has several results.
 * @throws RangeError for a malformed signature, and for axes and sizes that do not match.
 * @throws TypeError for options that do not exist, or if the number of arguments differs from the signature.
 * @example da.applyGufunc((v) => Math.max(...v.data), '(i)->()', x, { vectorize: true, outputDtypes: 'float64' })
 */
export function applyGufunc<const S extends string>(
  fn: (...args: never[]) => unknown,
  signature: S,
  ...args: readonly unknown[]
): GufuncResult<S> {
  const results = gufuncLayers(fn, signature, args).map((spec) => new ChunkedArray(spec))
  return (results.length === 1 ? results[0] : results) as GufuncResult<S>
}

/**
 * Makes a function that applies `fn` as `applyGufunc` does.
 * @param options `signature`, such as `'(i)->()'`, and the options of `applyGufunc`.
 * @returns A function of arrays.
 * @throws TypeError without a signature, and (when it is called) as `applyGufunc` does.
 * @example const total = da.gufunc((v) => Math.max(...v.data), { signature: '(i)->()', vectorize: true })
 */
export function gufunc<const S extends string>(
  fn: (...args: never[]) => unknown,
  options: GufuncOptions & { readonly signature: S },
): (...arrays: readonly unknown[]) => GufuncResult<S> {
  checkArguments('gufunc', arguments, 2, "da.gufunc(fn, { signature: '(i)->()' })")
  const { signature, ...how } = options ?? {}
  if (typeof signature !== 'string') {
    throw new TypeError("gufunc: give a signature, such as { signature: '(i)->()' }")
  }
  checkOptions(how, gufuncOptions, 'gufunc')
  return (...arrays) => applyGufunc(fn, signature, ...arrays, how)
}

/**
 * Makes a function that turns functions of blocks into functions of arrays, as `gufunc` does.
 * @throws TypeError for options that do not exist.
 * @example const total = da.asGufunc('(i)->()', { vectorize: true })((v) => Math.max(...v.data))
 */
export function asGufunc<const S extends string>(
  signature: S,
  options: GufuncOptions = {},
): (fn: (...args: never[]) => unknown) => (...arrays: readonly unknown[]) => GufuncResult<S> {
  checkArguments('asGufunc', arguments, 2, "da.asGufunc('(i)->()', { outputDtypes })")
  checkOptions(options, gufuncOptions, 'asGufunc')
  return (fn) => gufunc(fn, { ...options, signature })
}
