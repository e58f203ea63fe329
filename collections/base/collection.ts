/**
 * The base class of Bag, Item, Delayed and Array: a layer, how its blocks become the user's value, and
 * `compute`, `persist` and `visualize`. Collections are immutable; every operation returns a new one.
 */
import { checkArguments } from '../../core/base/argument-checks.js'
import { describeValue } from '../../core/base/describe-value.js'
import type { Key } from '../../core/base/keys.js'
import type { OperationReference } from '../../core/base/operations.js'
import { type PlainUseAdvice, plainUseAdvice, refusePlainUse } from '../../core/base/plain-use.js'
import { bundles } from '../../core/codec/index.js'
import {
  type Computable,
  describeCollection,
  finalizeCollection,
  kindOfCollection,
  withRemoteBlocks,
} from '../../core/graph/collection-interface.js'
import {
  type CollectionDescriptor,
  type CollectionKind,
  layersToDescriptors,
} from '../../core/graph/descriptor.js'
import { type ComputeOptions, persistKeys } from '../../core/graph/get.js'
import { LayerGraph } from '../../core/graph/graph.js'
import { blockKeys, dataLayer, type Layer } from '../../core/graph/layer.js'
import { fuseLayers } from '../../core/graph/optimize/fuse-layers.js'
import { type RemoteValue, remoteLayer } from '../../core/graph/remote-value.js'
import { serializeLater } from '../../core/graph/serialized-params.js'
import { assertGetOptions, chooseGet } from '../../core/run/choose-get.js'
import { getThreads } from '../../core/run/threads/get-threads.js'
import { type DrawingOptions, drawGraph } from './draw-graph.js'
import { type Explanation, explainGraph, type LayerBlocks } from './explain.js'

/** The graphs of collections as they are run. A collection that is computed again has the same recipes, which are encoded already. */
const optimized = new WeakMap<Layer, LayerGraph>()

/** The method of a collection that checks that its value fits into memory. */
export const assertFits = Symbol('assertFits')

/** The method of a collection that describes the blocks of one of its layers. */
export const blocksOfLayer = Symbol('blocksOfLayer')

/** The method of a collection that returns the same collection with computed blocks. */
export const withLocalBlocks = Symbol('withLocalBlocks')

/**
 * A lazy value made of the blocks of one layer. Computing it gives a `Result`.
 *
 * Using it as a plain value (`x + 1`, `x > 1`, a template string, `x.length`, `x[0]`,
 * `JSON.stringify(x)`) throws a TypeError that says what to write. `if (x)` cannot be caught and is
 * always true.
 */
export abstract class Collection<Result> implements Computable<Result> {
  static {
    refusePlainUse(Collection.prototype, 'layer')
  }

  /** The layer whose blocks are the collection's partitions or chunks. */
  readonly layer: Layer

  /** Makes a collection of the blocks of a layer. Users call functions of `da`, `db` and `delayed`. */
  constructor(layer: Layer) {
    if (typeof layer !== 'object' || layer === null || !('numblocks' in layer))
      throw new TypeError(
        `a ${this[plainUseAdvice].kind} is not made with new; write db.fromSequence(list), da.fromArray(values), delayed(fn)(...args) or another function of db or da; got ${describeValue(layer)}`,
      )
    this.layer = layer
  }

  /** Makes the user's value of the values of all blocks, in row-major order. */
  protected abstract finalize(blocks: readonly unknown[]): Result

  /** Returns the operation that revives such a collection from its layer, and its further argument. */
  protected abstract revival(): { readonly reviver: OperationReference; readonly meta: unknown }

  /** Returns the same kind of collection over another layer with the same grid. */
  protected abstract withLayer(layer: Layer): this

  /** What errors advise when the collection is used as a plain value. */
  get [plainUseAdvice](): PlainUseAdvice {
    return { kind: 'lazy value', compute: 'await value.compute()' }
  }

  /** The name of the layer: `operation-token`. */
  get name(): string {
    return this.layer.name
  }

  /** The keys of the blocks, in row-major order. */
  get keys(): readonly Key[] {
    return blockKeys(this.layer)
  }

  /** Returns the graph as it is run: only the tasks that are needed, with chains fused. */
  optimize(): LayerGraph {
    checkArguments('optimize', arguments, 0, 'x.optimize()')
    const { layer } = this
    let graph = optimized.get(layer)
    if (graph === undefined) optimized.set(layer, (graph = LayerGraph.of(...fuseLayers([layer]))))
    return graph
  }

  /** The graph as it was built, before optimization. */
  get graph(): LayerGraph {
    return LayerGraph.of(this.layer)
  }

  /**
   * Computes the value.
   *
   * @param options `get` runs the graph; the default is that of `withGet` or `setGet`, else
   *   `getThreads`. `signal` aborts the computation and `onProgress` reports on it. Annotations, such
   *   as `retries`, hold for all tasks.
   * @throws TypeError (as a rejection) for options that do not exist.
   * @throws TaskError (as a rejection) if a task fails.
   */
  async compute(options: ComputeOptions = {}): Promise<Result> {
    checkArguments('compute', arguments, 1, 'x.compute(options)')
    return this.finalize(await this.computeBlocks(options, 'compute'))
  }

  /**
   * Computes the blocks and returns a collection of the same kind that holds them. With a cluster the
   * blocks stay in the memory of its workers.
   *
   * @param options Those of `compute`.
   * @throws TypeError (as a rejection) for options that do not exist.
   * @throws TaskError (as a rejection) if a task fails.
   */
  async persist(options: ComputeOptions = {}): Promise<this> {
    checkArguments('persist', arguments, 1, 'x.persist(options)')
    assertGetOptions(options, 'persist', ['get'])
    const { get, ...rest } = options
    const keep = chooseGet(get, [this.layer], getThreads)[persistKeys]
    if (keep !== undefined)
      return this[withRemoteBlocks](await keep(this.optimize(), this.keys, rest))
    return this[withLocalBlocks](await this.computeBlocks(options, 'persist'))
  }

  /** Returns the same collection with blocks that are values in this process. */
  [withLocalBlocks](blocks: readonly unknown[]): this {
    const { name, numblocks } = this.layer
    return this.withLayer(dataLayer(name, numblocks, blocks.map(serializeLater)))
  }

  /** Returns the same collection with blocks that are results held by a cluster. */
  [withRemoteBlocks](values: readonly RemoteValue[]): this {
    return this.withLayer(remoteLayer(this.layer.name, this.layer.numblocks, values))
  }

  /** Makes the collection's value of the values of its blocks. */
  [finalizeCollection](blocks: readonly unknown[]): Result {
    return this.finalize(blocks)
  }

  /**
   * Checks, before anything is computed, that the result fits into the memory of this process.
   * @throws RangeError if it does not.
   */
  [assertFits](_operation: string): void {}

  /** Computes the values of all blocks, in row-major order. */
  protected async computeBlocks(
    options: ComputeOptions,
    operation: string,
  ): Promise<readonly unknown[]> {
    assertGetOptions(options, operation, ['get'])
    this[assertFits](operation)
    const { get, ...rest } = options
    const run = chooseGet(get, [this.layer], getThreads)
    const blocks = (await run(this.optimize(), this.keys, rest)) as readonly unknown[]
    await bundles.turnIfFull()
    return blocks
  }

  /**
   * Draws the graph and returns the drawing as SVG or as DOT source.
   *
   * @param options `filename` also writes the drawing to a file. `format` is `'svg'` or `'dot'`; the
   *   default follows the filename's extension, else it is `'svg'`. `optimize: false` draws the graph
   *   as it was built, not as it is run.
   * @throws RangeError (as a rejection) for a graph of more than 2,000 tasks, or another format.
   * @throws TypeError (as a rejection) for options that do not exist.
   * @example await x.visualize({ filename: 'graph.svg' })
   */
  async visualize(options: DrawingOptions = {}): Promise<string> {
    checkArguments('visualize', arguments, 1, "x.visualize({ filename: 'graph.svg' })")
    return drawGraph((optimized) => (optimized ? this.optimize() : this.graph), options)
  }

  /**
   * Tells what `compute` runs, without running it: for each layer the operations that a task does, the number of tasks, and,
   * for arrays, the bytes of blocks and an estimate of the memory.
   * @example console.log(x.explain())
   */
  explain(): Explanation {
    checkArguments('explain', arguments, 0, 'x.explain()')
    const layers = new Map(this.graph.layers.map((layer) => [layer.name, layer]))
    return explainGraph(this.optimize(), this.layer, (name) => {
      const layer = layers.get(name)
      return layer === undefined ? undefined : this[blocksOfLayer](layer)
    })
  }

  /** Returns what is known about the blocks of a layer that this collection needs, for `explain`. */
  [blocksOfLayer](_layer: Layer): LayerBlocks | undefined {
    return undefined
  }

  /** Returns the operation that revives such a collection, and its further argument. */
  [kindOfCollection](): CollectionKind {
    return this.revival()
  }

  /** Returns the collection as plain data, from which `reviveCollection` makes it again. */
  [describeCollection](): CollectionDescriptor {
    const { reviver, meta } = this.revival()
    return { reviver, layers: layersToDescriptors(this.layer), meta }
  }
}
