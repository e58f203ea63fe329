/**
 * What Bag, Item and Array have in common: a layer, how its blocks become the user's value, and
 * compute, persist and visualize written once. Collections never change; every operation gives a
 * new one.
 */
import { writeFile } from 'node:fs/promises'
import type { Key } from '../../core/base/keys.js'
import type { OperationReference } from '../../core/base/operations.js'
import {
  type CollectionDescriptor,
  type CollectionKind,
  type Computable,
  describeCollection,
  finalizeCollection,
  kindOfCollection,
  layersToDescriptors,
  withRemoteBlocks,
} from '../../core/graph/descriptor.js'
import { dotToSvg, toDot } from '../../core/graph/dot.js'
import { type ComputeOptions, persistKeys } from '../../core/graph/get.js'
import { LayerGraph } from '../../core/graph/graph.js'
import { blockKeys, dataLayer, type Layer } from '../../core/graph/layer.js'
import { fuseLayers } from '../../core/graph/optimize/fuse-layers.js'
import { type RemoteValue, remoteLayer } from '../../core/graph/remote-value.js'
import { assertGetOptions, chooseGet } from '../../core/run/choose-get.js'
import { getThreads } from '../../core/run/threads/get-threads.js'

/** A lazy value made of the blocks of one layer; `Result` is what computing it gives. */
export abstract class Collection<Result> implements Computable<Result> {
  /** The layer whose blocks are this collection's partitions or chunks. */
  readonly layer: Layer

  constructor(layer: Layer) {
    this.layer = layer
  }

  /** The user's value, from the values of all blocks in row-major order. */
  protected abstract finalize(blocks: readonly unknown[]): Result

  /** The operation that makes such a collection again from its layer, and what else it must know. */
  protected abstract describe(): { readonly reviver: OperationReference; readonly meta: unknown }

  /** The same collection over another layer with the same grid. */
  protected abstract withLayer(layer: Layer): this

  /** The name of the layer: `operation-token`. */
  get name(): string {
    return this.layer.name
  }

  /** The keys of the blocks, in row-major order. */
  get keys(): readonly Key[] {
    return blockKeys(this.layer)
  }

  /** The graph as it will be run: only what is needed, chains fused. */
  optimize(): LayerGraph {
    return LayerGraph.of(...fuseLayers([this.layer]))
  }

  /** The graph as it was built. */
  get graph(): LayerGraph {
    return LayerGraph.of(this.layer)
  }

  /** Runs the graph and gives the value. */
  async compute(options: ComputeOptions = {}): Promise<Result> {
    return this.finalize(await this.computeBlocks(options, 'compute'))
  }

  /** Runs the graph and gives a collection of the same kind whose blocks are there already. */
  async persist(options: ComputeOptions = {}): Promise<this> {
    assertGetOptions(options, 'persist', ['get'])
    const { get, ...rest } = options
    const keep = chooseGet(get, getThreads)[persistKeys]
    if (keep !== undefined)
      return this[withRemoteBlocks](await keep(this.optimize(), this.keys, rest))
    const blocks = await this.computeBlocks(options, 'persist')
    return this.withLayer(dataLayer(this.layer.name, this.layer.numblocks, blocks))
  }

  /** The same collection, its blocks being results that a cluster keeps. */
  [withRemoteBlocks](values: readonly RemoteValue[]): this {
    return this.withLayer(remoteLayer(this.layer.name, this.layer.numblocks, values))
  }

  /** The collection's value from that of its blocks. */
  [finalizeCollection](blocks: readonly unknown[]): Result {
    return this.finalize(blocks)
  }

  /** The values of all blocks, in row-major order. */
  protected async computeBlocks(
    options: ComputeOptions,
    what: string,
  ): Promise<readonly unknown[]> {
    assertGetOptions(options, what, ['get'])
    const { get, ...rest } = options
    const run = chooseGet(get, getThreads)
    return (await run(this.optimize(), this.keys, rest)) as readonly unknown[]
  }

  /**
   * Draws the graph as it will be run and gives the drawing as SVG, or as DOT text.
   *
   * @param options `filename`: also write it there; `optimize: false`: draw it as it was built.
   * @throws RangeError for more than 2,000 tasks.
   */
  async visualize(
    options: { filename?: string; format?: 'svg' | 'dot'; optimize?: boolean } = {},
  ): Promise<string> {
    const { filename, optimize = true } = options
    const format = options.format ?? (filename?.endsWith('.dot') ? 'dot' : 'svg')
    const isOther = filename !== undefined && !/\.(svg|dot)$/.test(filename) && !options.format
    if ((format !== 'svg' && format !== 'dot') || isOther) {
      const given = isOther ? `the filename '${filename}'` : `the format '${String(format)}'`
      throw new RangeError(`visualize: a drawing is SVG or DOT text (.svg, .dot), got ${given}`)
    }
    const dot = toDot(optimize ? this.optimize() : this.graph)
    const drawing = format === 'dot' ? dot : await dotToSvg(dot)
    if (filename !== undefined) await writeFile(filename, drawing)
    return drawing
  }

  [kindOfCollection](): CollectionKind {
    return this.describe()
  }

  [describeCollection](): CollectionDescriptor {
    const { reviver, meta } = this.describe()
    return { reviver, layers: layersToDescriptors(this.layer), meta }
  }
}
