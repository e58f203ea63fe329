/**
 * `compute`, `persist`, `optimize` and `visualize` of several lazy values at once. They become one graph,
 * so what they share is computed once.
 */
import { describeValue } from '../../core/base/describe-value.js'
import { bundles } from '../../core/codec/index.js'
import { hasPlainPrototype } from '../../core/functions/engine/own-prototypes.js'
import { annotationNames } from '../../core/graph/annotate.js'
import { finalizeCollection, withRemoteBlocks } from '../../core/graph/collection-interface.js'
import { type ComputeOptions, persistKeys } from '../../core/graph/get.js'
import { LayerGraph } from '../../core/graph/graph.js'
import { blockKeys, type Layer } from '../../core/graph/layer.js'
import { extractLazyValues, insertValues } from '../../core/graph/nested-values.js'
import { fuseLayers } from '../../core/graph/optimize/fuse-layers.js'
import { assertGetOptions, chooseGet } from '../../core/run/choose-get.js'
import { getThreads } from '../../core/run/threads/get-threads.js'
import { assertFits, Collection, withLocalBlocks } from './collection.js'
import type { Computed } from './delayed.js'
import { type DrawingOptions, drawGraph, drawingOptions } from './draw-graph.js'
import { isLazy, type LazyOf, layerOfLazy } from './lazy-arguments.js'

/** The names of the options of `compute`. */
const computeOptions = ['get', 'signal', 'onProgress', ...annotationNames]

/** The arguments before the options: all, unless the last one is an object of options `O`. */
export type WithoutOptions<V extends readonly unknown[], O> = V extends readonly [
  ...infer Values,
  infer Last,
]
  ? Last extends LazyOf<unknown> | readonly unknown[]
    ? V
    : Last extends O
      ? keyof Last extends keyof O
        ? Values
        : V
      : V
  : V

/** The computed values of the arguments of `compute`. */
export type ComputedValues<V extends readonly unknown[]> = Computed<
  WithoutOptions<V, ComputeOptions>
>

/** The values that `persist` returns: the arguments without the options. */
export type PersistedValues<V extends readonly unknown[]> = WithoutOptions<V, ComputeOptions>

/**
 * Computes several lazy values in one pass: what they share is computed once.
 *
 * Lists and plain objects are searched for lazy values; everything else is returned as it is. The last
 * argument may be the options of `compute`, if it contains no lazy value.
 *
 * @returns The values, in a list with one entry per argument.
 * @throws TypeError (as a rejection) for options that do not exist.
 * @throws TaskError (as a rejection) if a task fails.
 * @example
 * const x = da.random.normal([1_000_000], { seed: 1 })
 * const [low, high, { mean }] = await compute(x.min(), x.max(), { mean: x.mean() })
 * const [total] = await compute(x.sum(), { get: getSync })
 */
export async function compute<const V extends readonly unknown[]>(
  ...values: V
): Promise<ComputedValues<V>> {
  const { lazy, options, insert } = splitArguments(values, computeOptions, 'compute')
  const blocks = await computeLayers(lazy, options as ComputeOptions, 'compute')
  const results = lazy.map((value, i) => finalizeLazy(value, blocks[i]!))
  return insert(results) as unknown as ComputedValues<V>
}

/**
 * Computes the blocks of several collections in one pass, and returns the same collections with their
 * blocks computed. With a cluster the blocks stay in the memory of its workers.
 *
 * Arguments are those of `compute`.
 *
 * @throws TypeError (as a rejection) for options that do not exist, and for futures.
 * @throws TaskError (as a rejection) if a task fails.
 * @example const [x, y] = await persist(da.ones([100]), da.zeros([100]))
 */
export async function persist<const V extends readonly unknown[]>(
  ...values: V
): Promise<PersistedValues<V>> {
  const { lazy, options, insert } = splitArguments(values, computeOptions, 'persist')
  const collections = lazy.map((value) => {
    if (value instanceof Collection) return value
    throw new TypeError(
      `persist: expected collections, got ${describeValue(value)}; a future is being computed already`,
    )
  })
  const results = await persistTogether(collections, options as ComputeOptions)
  return insert(results) as unknown as PersistedValues<V>
}

/**
 * Returns the graph of several lazy values as `compute` runs it: only the tasks that are needed, with
 * chains fused.
 *
 * @example console.log(optimize(x.min(), x.max()))
 */
export function optimize(...values: readonly unknown[]): LayerGraph {
  const { lazy } = splitArguments(values, [], 'optimize')
  return LayerGraph.of(...fuseLayers(lazy.map(layerOf)))
}

/**
 * Draws the graph of several lazy values and returns the drawing as SVG or as DOT source. The last
 * argument may be the options of a collection's `visualize`.
 *
 * @throws RangeError (as a rejection) for a graph of more than 2,000 tasks, or another format.
 * @throws TypeError (as a rejection) for options that do not exist.
 * @example await visualize(x.min(), x.max(), { filename: 'graph.svg' })
 */
export async function visualize(...values: readonly unknown[]): Promise<string> {
  const { lazy, options } = splitArguments(values, drawingOptions, 'visualize')
  const layers = lazy.map(layerOf)
  return drawGraph(
    (optimized) => LayerGraph.of(...(optimized ? fuseLayers(layers) : layers)),
    options as DrawingOptions,
  )
}

/** Arguments without the options: their lazy values, and how to put results in the place of those. */
interface SplitArguments {
  readonly lazy: readonly LazyOf<unknown>[]
  readonly options: object
  readonly insert: (results: readonly unknown[]) => unknown[]
}

/** Splits arguments into values and options: a last plain object, without a lazy value, of options' names. */
function splitArguments(
  given: readonly unknown[],
  names: readonly string[],
  operation: string,
): SplitArguments {
  const last = given.at(-1)
  const isOptions = isPlainObject(last) && !containsLazy(last)
  if (isOptions) assertNames(last, names, operation)
  const values = isOptions ? given.slice(0, -1) : [...given]
  const found: LazyOf<unknown>[] = []
  const { plain, paths } = extractLazyValues(values, isLazy, found)
  return {
    lazy: found,
    options: isOptions ? last : {},
    insert(results) {
      paths.forEach((path, i) => {
        insertValues(plain, [path], results[i])
      })
      return plain as unknown[]
    },
  }
}

function isPlainObject(value: unknown): value is object {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || isLazy(value)) {
    return false
  }
  return Object.getPrototypeOf(value) === null || hasPlainPrototype(value)
}

function containsLazy(value: object): boolean {
  return extractLazyValues(value, isLazy, []).paths.length > 0
}

function assertNames(value: object, names: readonly string[], operation: string): void {
  for (const name of Object.keys(value)) {
    if (names.includes(name)) continue
    const known = names.length === 0 ? 'it has no options' : `the options are ${names.join(', ')}`
    throw new TypeError(
      `${operation}: the last argument contains no lazy value and '${name}' is not an option; ${known}`,
    )
  }
}

function layerOf(value: LazyOf<unknown>): Layer {
  return value instanceof Collection ? value.layer : layerOfLazy(value)
}

function finalizeLazy(value: LazyOf<unknown>, blocks: readonly unknown[]): unknown {
  return value instanceof Collection ? value[finalizeCollection](blocks) : blocks[0]
}

/** Computes the blocks of every value, in row-major order. */
async function computeLayers(
  values: readonly LazyOf<unknown>[],
  options: ComputeOptions,
  operation: string,
): Promise<readonly (readonly unknown[])[]> {
  assertGetOptions(options, operation, ['get'])
  if (values.length === 0) return []
  for (const value of values) if (value instanceof Collection) value[assertFits](operation)
  const { get, ...rest } = options
  const layers = values.map(layerOf)
  const run = chooseGet(get, layers, getThreads)
  const graph = LayerGraph.of(...fuseLayers(layers))
  const blocks = await run(graph, layers.map(blockKeys), rest)
  await bundles.turnIfFull()
  return blocks as readonly (readonly unknown[])[]
}

async function persistTogether(
  collections: readonly Collection<unknown>[],
  options: ComputeOptions,
): Promise<readonly Collection<unknown>[]> {
  assertGetOptions(options, 'persist', ['get'])
  const { get, ...rest } = options
  const layers = collections.map(({ layer }) => layer)
  const keep = chooseGet(get, layers, getThreads)[persistKeys]
  if (keep === undefined || collections.length === 0) {
    const blocks = await computeLayers(collections, options, 'persist')
    return collections.map((collection, i) => collection[withLocalBlocks](blocks[i]!))
  }
  const keys = layers.map(blockKeys)
  const values = await keep(LayerGraph.of(...fuseLayers(layers)), keys.flat(), rest)
  let from = 0
  return collections.map((collection, i) => {
    const own = values.slice(from, (from += keys[i]!.length))
    return collection[withRemoteBlocks](own)
  })
}
