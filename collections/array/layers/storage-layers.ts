/**
 * Layers that read arrays from sources and write them to targets.
 */
import { checkOptions } from '../../../core/base/argument-checks.js'
import { captureCallSite } from '../../../core/base/call-site.js'
import { countBlocks } from '../../../core/base/keys.js'
import type { Layer } from '../../../core/graph/layer.js'
import { arg } from '../../../core/graph/recipe.js'
import { deepCopy } from '../../../core/graph/serialized-params.js'
import { indexedLayer } from '../../base/layer-builders.js'
import type { Dtype } from '../block/dtype.js'
import { formatArgument } from '../block/format-argument.js'
import {
  type ArraySource,
  type ArrayTarget,
  assertSource,
  assertTarget,
} from '../io/array-source.js'
import { type Grid, numblocksOf } from '../planning/chunk-grid.js'
import { type ChunksSpec, normalizeChunks } from '../planning/chunks-argument.js'
import { assertKnown } from '../planning/known-sizes.js'
import {
  alignSizes,
  blockRegion,
  parseRegion,
  type Region,
  type RegionSpec,
  regionShape,
} from '../planning/regions.js'
import { readRegionStep, storedStep, storeStep } from '../steps/storage-steps.js'
import { type ArraySpec, BLOCK_POSITION, blockwise, shapeOf } from './array-spec.js'
import { assertArray } from './operands.js'
import { rechunkTo } from './rechunk-layers.js'

/** The options of `fromArray` for a source. */
export interface SourceOptions {
  /** The chunks of the array. The default is the source's own, else `'auto'`. */
  readonly chunks?: ChunksSpec | undefined
}

/** Makes an array each of whose blocks is read from a source by a task of its own. */
export function sourceLayer(
  value: unknown,
  options: SourceOptions,
  operation = 'fromArray',
): ArraySpec {
  checkOptions(options, ['chunks'], operation)
  assertSource(value, operation)
  const { shape, dtype } = value
  const chunks = normalizeChunks(options.chunks ?? value.chunks, shape, operation, { dtype })
  return readLayer(value, dtype, { chunks, operation, token: value.token })
}

/** Makes an array of the part of a source that a grid covers, beginning at `starts`. */
function readLayer(
  source: Pick<ArraySource, 'read'>,
  dtype: Dtype,
  about: {
    readonly chunks: Grid
    readonly operation: string
    readonly starts?: readonly number[]
    readonly token?: string | undefined
  },
): ArraySpec {
  const { chunks, operation, starts = chunks.map(() => 0), token } = about
  return blockwise({
    operation,
    fn: readRegionStep,
    args: [
      arg.value(deepCopy(source, [operation, 'source'])),
      arg.value(chunks),
      arg.value(starts),
      arg.value(dtype),
      arg.param(0),
    ],
    params: BLOCK_POSITION,
    dtype,
    chunks,
    content: [token ?? crypto.randomUUID(), starts],
  })
}

/** An array and the target of its blocks. */
export interface StorePlan {
  /** The array, rechunked to whole chunks of the target. */
  readonly source: ArraySpec
  readonly target: ArrayTarget
  /** The element of the target at which the array begins. */
  readonly starts: readonly number[]
  readonly operation: string
}

/**
 * Plans how an array is written to a target, or to a region of it.
 * @throws RangeError if shapes differ, TypeError if dtypes differ.
 */
export function planStore(
  array: unknown,
  target: unknown,
  spec: RegionSpec | undefined,
  operation: string,
): StorePlan {
  assertArray(array, operation)
  assertTarget(target, operation)
  const shape = shapeOf(array)
  assertKnown(array.chunks, operation)
  if (target.dtype !== undefined && target.dtype !== array.dtype) {
    throw new TypeError(
      `${operation}: the array is of ${array.dtype} and the target of ${target.dtype}; write x.astype('${target.dtype}')`,
    )
  }
  const region: Region | undefined =
    spec === undefined ? undefined : parseRegion(spec, target.shape, operation)
  const expected = region === undefined ? (target.shape ?? shape) : regionShape(region)
  if (expected.length !== shape.length || expected.some((n, axis) => n !== shape[axis])) {
    throw new RangeError(
      `${operation}: the array has shape [${shape}] and the ${region === undefined ? 'target' : 'region'} [${expected}]; ${region === undefined ? 'give the region of the target with { regions }' : 'give a region of the same shape'}`,
    )
  }
  const starts = region?.map(({ start }) => start) ?? shape.map(() => 0)
  const { chunks } = target
  const grid =
    chunks === undefined
      ? array.chunks
      : array.chunks.map((sizes, axis) => alignSizes(sizes, chunks[axis]!, starts[axis]!))
  return { source: rechunkTo(array, grid), target, starts, operation }
}

/** Writes every block of a plan. The blocks of the layer are null, or those that were read again. */
export function storeBlocksLayer(plan: StorePlan, reads: boolean): ArraySpec {
  const { source, target, starts, operation } = plan
  if (reads) assertReadable(target, operation)
  return blockwise({
    operation,
    fn: storeStep,
    args: [
      arg.input(0),
      arg.value(deepCopy(target, [operation, 'target'])),
      arg.value(source.chunks),
      arg.value(starts),
      arg.value(reads),
      arg.param(0),
    ],
    inputs: [{ array: source }],
    params: BLOCK_POSITION,
    dtype: source.dtype,
    chunks: source.chunks,
    // Storing again is another task, whatever was stored before.
    content: [crypto.randomUUID()],
  })
}

/** Returns a layer of one block that is computed when the blocks of some plans are written: all, or those listed. */
export function storeLayer(
  plans: readonly StorePlan[],
  missing?: readonly (readonly number[])[],
): Layer {
  const layers = plans.map((plan) => storeBlocksLayer(plan, false).layer)
  const inputs = layers.flatMap((layer, i) => {
    const blocks = missing?.[i] ?? Array.from({ length: countBlocks(layer.numblocks) }, (_, b) => b)
    return blocks.flatMap((block) => [i, block])
  })
  const info = { label: plans[0]!.operation, site: captureCallSite() }
  const options = { gather: true, numblocks: [], name: `${info.label}-end` }
  return indexedLayer(info, { fn: storedStep }, layers, [{ inputs }], options)
}

/** Makes the array that reads what was stored. */
export function storedLayer({ source, target, starts, operation }: StorePlan): ArraySpec {
  assertReadable(target, operation)
  return readLayer(target, source.dtype, { chunks: source.chunks, operation: 'stored', starts })
}

function assertReadable(
  target: ArrayTarget,
  operation: string,
): asserts target is ArrayTarget & Required<Pick<ArrayTarget, 'read'>> {
  if (typeof target.read === 'function') return
  throw new TypeError(
    `${operation}: returnStored needs a target with a method read(region); got ${formatArgument(Object.keys(target))}`,
  )
}

/** The numbers of blocks that are looked up at a time. */
const LOOKED_UP = 64

/** Returns the blocks of a plan that the target does not have yet. */
export async function missingBlocks(plan: StorePlan): Promise<number[]> {
  const { source, target, starts, operation } = plan
  const { has } = target
  if (typeof has !== 'function') {
    throw new TypeError(
      `${operation}: resume needs a target with a method has(region); got ${formatArgument(Object.keys(target))}`,
    )
  }
  const count = countBlocks(numblocksOf(source.chunks))
  const missing: number[] = []
  for (let first = 0; first < count; first += LOOKED_UP) {
    const blocks = Array.from({ length: Math.min(LOOKED_UP, count - first) }, (_, i) => first + i)
    const known = await Promise.all(
      blocks.map((block) => has.call(target, blockRegion(source.chunks, block, starts))),
    )
    missing.push(...blocks.filter((_, i) => !known[i]))
  }
  return missing
}
