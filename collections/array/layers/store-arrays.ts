/**
 * Writes arrays to targets: what `da.store` and the methods that write files share.
 */
import { checkOptions } from '../../../core/base/argument-checks.js'
import { annotationNames } from '../../../core/graph/annotate.js'
import type { ComputeOptions } from '../../../core/graph/get.js'
import { Delayed } from '../../base/item.js'
import { formatArgument } from '../block/format-argument.js'
import type { RegionSpec } from '../planning/regions.js'
import type { ArraySpec } from './array-spec.js'
import {
  missingBlocks,
  planStore,
  type StorePlan,
  storeBlocksLayer,
  storedLayer,
  storeLayer,
} from './storage-layers.js'

/** The options of `store`. */
export interface StoreOptions {
  /**
   * The regions of the targets that are written: for one array a list of one slice per axis, such as
   * `['0:10', ':']`, for several arrays a list of such lists. The default is the whole target.
   */
  readonly regions?: RegionSpec | readonly (RegionSpec | undefined)[] | undefined
  /** Whether the blocks are written at once. True by default; otherwise the result is lazy. */
  readonly compute?: boolean | undefined
  /** Whether the result is the arrays that read what is stored. False by default. */
  readonly returnStored?: boolean | undefined
  /** Whether blocks that the target has already are not computed again. False by default. */
  readonly resume?: boolean | undefined
}

/** The options of a `get`, which methods that write accept besides their own. */
export const COMPUTE_OPTIONS = ['get', 'signal', 'onProgress', ...annotationNames] as const

/** The arrays of a call of `store`, and whether they were given as a list. */
interface StoreCall {
  readonly plans: readonly StorePlan[]
  readonly isList: boolean
}

function planCall(sources: unknown, targets: unknown, regions: unknown): StoreCall {
  if (!Array.isArray(sources)) {
    if (Array.isArray(targets)) throw countError(1, targets.length, 'target')
    return { plans: [planStore(sources, targets, regions as RegionSpec, 'store')], isList: false }
  }
  if (!Array.isArray(targets)) {
    throw new TypeError(
      `store: for a list of arrays give a list of targets; got ${formatArgument(targets)}`,
    )
  }
  if (sources.length === 0) throw new RangeError('store: give at least one array')
  if (targets.length !== sources.length) throw countError(sources.length, targets.length, 'target')
  if (regions !== undefined && (!Array.isArray(regions) || regions.length !== sources.length)) {
    throw countError(sources.length, Array.isArray(regions) ? regions.length : 1, 'region')
  }
  const plans = sources.map((source, i) =>
    planStore(source, targets[i], (regions as RegionSpec[] | undefined)?.[i], 'store'),
  )
  return { plans, isList: true }
}

function countError(arrays: number, others: number, what: string): RangeError {
  return new RangeError(
    `store: got ${arrays} arrays and ${others} ${what}s; give one ${what} for each array`,
  )
}

/** Stores arrays as `da.store` does; `wrap` makes an array of its layer. */
export function storeArrays<A>(
  sources: unknown,
  targets: unknown,
  options: StoreOptions & ComputeOptions,
  wrap: (spec: ArraySpec) => A,
): Delayed<void> | A | A[] | Promise<A | A[] | undefined> {
  const names = ['regions', 'compute', 'returnStored', 'resume', ...COMPUTE_OPTIONS]
  checkOptions(options, names, 'store')
  const { regions, compute = true, returnStored = false, resume = false, ...rest } = options
  const call = planCall(sources, targets, regions)
  const results = (make: (plan: StorePlan) => ArraySpec): A | A[] => {
    const arrays = call.plans.map((plan) => wrap(make(plan)))
    return call.isList ? arrays : arrays[0]!
  }
  if (compute) {
    const read = returnStored ? () => results(storedLayer) : undefined
    return writeBlocks(call.plans, resume, rest, read)
  }
  if (resume) {
    throw new TypeError('store: resume looks at the targets first, so it needs compute: true')
  }
  return returnStored
    ? results((plan) => storeBlocksLayer(plan, true))
    : new Delayed<void>(storeLayer(call.plans))
}

/** Writes the blocks of some plans; with `resume` only those that are missing. */
export async function writeBlocks<R = undefined>(
  plans: readonly StorePlan[],
  resume: boolean,
  options: ComputeOptions,
  result?: () => R,
): Promise<R | undefined> {
  const missing = resume ? await Promise.all(plans.map(missingBlocks)) : undefined
  if (missing === undefined || missing.some((blocks) => blocks.length > 0)) {
    await new Delayed<void>(storeLayer(plans, missing)).compute(options)
  }
  return result?.()
}
