/**
 * The functions of `da` that store arrays.
 */
import { checkArguments } from '../../../core/base/argument-checks.js'
import type { ComputeOptions } from '../../../core/graph/get.js'
import type { Delayed } from '../../base/item.js'
import type { AnyArray } from '../array-types.js'
import { ChunkedArray } from '../chunked-array.js'
import type { ArrayTarget } from '../io/array-source.js'
import { type StoreOptions, storeArrays } from '../layers/store-arrays.js'

/** What `store` writes: an array or a list of arrays. */
export type StoredSources = AnyArray | readonly AnyArray[]

/** The targets of arrays: one for an array, a list for a list. */
export type StoreTargets<S extends StoredSources> = S extends readonly AnyArray[]
  ? { readonly [K in keyof S]: ArrayTarget }
  : ArrayTarget

/** The arrays that read what was stored: one for an array, a list for a list. */
export type StoredArrays<S extends StoredSources> = S extends readonly AnyArray[]
  ? { -readonly [K in keyof S]: StoredArrayOf<S[K]> }
  : StoredArrayOf<S>

/** The array that reads what was stored of an array. */
export type StoredArrayOf<A> = A extends AnyArray ? ChunkedArray<A['dtype']> : never

/**
 * Writes arrays to targets, which are anything with a method `set(region, block)`. Every block is written by the task
 * that computes it, on a copy of the target. If the target has `chunks`, arrays are rechunked so that no two tasks of
 * a call write to one of them. The promise resolves when all is written. Dask: `store`.
 *
 * With `compute: false` the result is lazy and stores whenever it is computed. `returnStored` gives the arrays that read
 * what is stored. `resume` skips blocks for which `target.has(region)` is true. The other options are those of `compute`.
 *
 * @throws RangeError for regions and shapes that do not match.
 * @throws TypeError for other targets and dtypes, and options that do not exist.
 * @example await da.store(x, target, { regions: ['0:100', ':'] })
 */
export function store<const S extends StoredSources>(
  sources: S,
  targets: StoreTargets<S>,
  options: StoreOptions & { readonly compute: false; readonly returnStored: true },
): StoredArrays<S>
export function store<const S extends StoredSources>(
  sources: S,
  targets: StoreTargets<S>,
  options: StoreOptions & { readonly compute: false },
): Delayed<void>
export function store<const S extends StoredSources>(
  sources: S,
  targets: StoreTargets<S>,
  options: StoreOptions & ComputeOptions & { readonly returnStored: true },
): Promise<StoredArrays<S>>
export function store<const S extends StoredSources>(
  sources: S,
  targets: StoreTargets<S>,
  options?: StoreOptions & ComputeOptions,
): Promise<void>
export function store(
  sources: unknown,
  targets: unknown,
  options: StoreOptions & ComputeOptions = {},
): unknown {
  checkArguments('store', arguments, 3, 'da.store(sources, targets, options)')
  return storeArrays(sources, targets, options, (spec) => new ChunkedArray(spec))
}
