/**
 * The lazy N-d array that users see: a thin face over the functions that build graphs.
 *
 * An array is a grid of blocks of one dtype. Nothing is computed until `compute()`, which gives one
 * block, or a plain value for an array of no axes.
 */

import { operations } from '../../core/base/operations.js'
import type { Layer } from '../../core/graph/layer.js'
import { type Delayed, delayedBlocks } from '../base/delayed.js'
import type {
  AnyArray,
  DotProduct,
  Fractional,
  Product,
  Reduced,
  ReductionArgument,
  Summed,
  Unary,
} from './array-types.js'
import { Chunk, copyInto } from './block/chunk.js'
import { assertDtype, type Dtype, dtypeInfo, type ScalarOf } from './block/dtype.js'
import { ElementwiseMethods } from './elementwise-methods.js'
import type { ReductionName } from './kernels/partial-reductions.js'
import type { ArraySpec } from './layers/array-spec.js'
import { type MapBlocksOptions, mapBlocksLayer } from './layers/creation-layers.js'
import { astypeLayer, isSpec } from './layers/elementwise-layers.js'
import { indexLayer } from './layers/indexing-layers.js'
import { matmulLayer } from './layers/linear-algebra-layers.js'
import { rechunkTo, reshapeLayer, transposeLayer } from './layers/rechunk-layers.js'
import { type ReductionOptions, reductionLayer } from './layers/reduction-layers.js'
import {
  blockShape,
  bounds,
  type ChunksSpec,
  forEachBlock,
  type Grid,
  gridShape,
  normalizeAxis,
  normalizeChunks,
  numblocksOf,
  show,
} from './planning/chunk-grid.js'
import type { IndexItem } from './planning/index-plan.js'

/** The element or elements that an index gives. */
type Indexed<D extends Dtype, I extends readonly IndexItem[]> = I extends readonly number[]
  ? ChunkedArray<D, Chunk<D> | ScalarOf<D>>
  : ChunkedArray<D>

/** A lazy array of dtype `D`; `compute` gives `Result`. */
export class ChunkedArray<D extends Dtype = Dtype, Result = Chunk<D>> extends ElementwiseMethods<
  D,
  Result
> {
  readonly dtype: D
  /** For each axis, the sizes of its chunks. */
  readonly chunks: Grid

  constructor(spec: ArraySpec) {
    super(spec.layer)
    this.dtype = spec.dtype as D
    this.chunks = spec.chunks
  }

  get shape(): readonly number[] {
    return gridShape(this.chunks)
  }
  get ndim(): number {
    return this.chunks.length
  }
  /** How many elements there are. */
  get size(): number {
    return this.shape.reduce((a, b) => a * b, 1)
  }
  /** How many bytes the elements take. */
  get nbytes(): number {
    return this.size * dtypeInfo(this.dtype).bytes
  }
  /** How many blocks there are along each axis. */
  get numblocks(): readonly number[] {
    return numblocksOf(this.chunks)
  }
  /** How many blocks there are. */
  get npartitions(): number {
    return this.numblocks.reduce((a, b) => a * b, 1)
  }

  /** The sum; integers and bools add up to int64. */
  sum<const A extends ReductionArgument = {}>(how?: A): Reduced<Summed<D>, A> {
    return this.reduce('sum', how)
  }
  /** The product; integers and bools multiply to int64. */
  prod<const A extends ReductionArgument = {}>(how?: A): Reduced<Summed<D>, A> {
    return this.reduce('prod', how)
  }
  mean<const A extends ReductionArgument = {}>(how?: A): Reduced<Fractional<D>, A> {
    return this.reduce('mean', how)
  }
  /** The variance; `ddof` is subtracted from the count. */
  var<const A extends ReductionArgument = {}>(how?: A): Reduced<Fractional<D>, A> {
    return this.reduce('var', how)
  }
  /** The standard deviation; `ddof` is subtracted from the count. */
  std<const A extends ReductionArgument = {}>(how?: A): Reduced<Fractional<D>, A> {
    return this.reduce('std', how)
  }
  /** The smallest; NaN if any is. */
  min<const A extends ReductionArgument = {}>(how?: A): Reduced<D, A> {
    return this.reduce('min', how)
  }
  /** The largest; NaN if any is. */
  max<const A extends ReductionArgument = {}>(how?: A): Reduced<D, A> {
    return this.reduce('max', how)
  }
  /** Whether any is not zero. */
  any<const A extends ReductionArgument = {}>(how?: A): Reduced<'bool', A> {
    return this.reduce('any', how)
  }
  /** Whether none is zero. */
  all<const A extends ReductionArgument = {}>(how?: A): Reduced<'bool', A> {
    return this.reduce('all', how)
  }
  /** Where the smallest is: of equals the first, and the first NaN before all. */
  argmin<const A extends ReductionArgument = {}>(how?: A): Reduced<'int64', A> {
    return this.reduce('argmin', how)
  }
  /** Where the largest is: of equals the first, and the first NaN before all. */
  argmax<const A extends ReductionArgument = {}>(how?: A): Reduced<'int64', A> {
    return this.reduce('argmax', how)
  }

  private reduce<T>(name: ReductionName, how: ReductionArgument | undefined): T {
    const bare = typeof how === 'number' || Array.isArray(how)
    const options = bare ? { axis: how as number | readonly number[] } : how
    return this.wrap(reductionLayer(this, name, options as ReductionOptions | undefined)) as T
  }

  /**
   * Part of the array. Texts are slices, integers pick one and drop the axis, null adds an axis,
   * '...' stands for the axes between, and one list of integers picks those.
   * @example x.at('1:10:2', -1)
   */
  at<const I extends readonly IndexItem[]>(...index: I): Indexed<D, I> {
    return this.wrap(indexLayer(this, index)) as Indexed<D, I>
  }

  /** The array with its axes in another order, by default reversed. */
  transpose(...order: readonly number[] | readonly [readonly number[]]): ChunkedArray<D, Result> {
    const given = order.flat() as readonly number[]
    const reversed = this.chunks.map((_, axis) => this.ndim - 1 - axis)
    const axes =
      order.length === 0 ? reversed : given.map((a) => normalizeAxis(a, this.ndim, 'transpose'))
    if (new Set(axes).size !== this.ndim || axes.length !== this.ndim) {
      throw new RangeError(
        `transpose: the order ${show(given)} must name each of ${this.ndim} axes once`,
      )
    }
    return this.wrap(transposeLayer(this, axes)) as ChunkedArray<D, Result>
  }
  /** The array with its axes reversed. */
  get T(): ChunkedArray<D, Result> {
    return this.transpose()
  }
  /** The elements in row-major order under another shape; one size may be -1. */
  reshape(...shape: readonly number[] | readonly [readonly number[]]): ChunkedArray<D> {
    return this.wrap(reshapeLayer(this, shape.flat() as readonly number[])) as ChunkedArray<D>
  }
  /** The elements in row-major order along one axis. */
  ravel(): ChunkedArray<D> {
    return this.reshape(-1)
  }
  /** The same array cut into other chunks. */
  rechunk(chunks: ChunksSpec): ChunkedArray<D, Result> {
    if (chunks === undefined) {
      throw new TypeError(
        "rechunk: say how, such as rechunk(1000), rechunk([10, -1]) or rechunk('auto'); got undefined",
      )
    }
    const grid = normalizeChunks(chunks, this.shape, 'rechunk', this.dtype)
    return this.wrap(rechunkTo(this, grid)) as ChunkedArray<D, Result>
  }

  /** The matrix product, as NumPy's `@`. */
  matmul<O extends AnyArray>(other: O): Product<this, O> {
    return this.wrap(matmulLayer(this, other)) as Product<this, O>
  }
  /** The product of vectors (one value) and matrices. */
  dot<O extends AnyArray>(other: O): DotProduct<this, O> {
    if (isSpec(other) && (this.ndim > 2 || other.chunks.length > 2)) {
      throw new RangeError(
        'dot: arrays must have one or two axes; use matmul for stacks of matrices',
      )
    }
    return this.wrap(matmulLayer(this, other, 'dot')) as DotProduct<this, O>
  }

  /** The elements as another dtype. */
  astype<E extends Dtype>(dtype: E): Unary<E, Result> {
    assertDtype(dtype, 'astype')
    return this.wrap(astypeLayer(this, dtype)) as Unary<E, Result>
  }

  /**
   * A function of yours on every block. It gets a block (`shape`, `data`, `toArray()`) and gives a
   * block, a typed array or nested lists, of the same shape unless `chunks` says otherwise.
   */
  mapBlocks<E extends Dtype = D>(
    fn: (block: Chunk<D>) => unknown,
    options: MapBlocksOptions<E> = {},
  ): ChunkedArray<E> {
    return this.wrap(mapBlocksLayer(fn, [this], options)) as ChunkedArray<E>
  }

  override toString(): string {
    const chunks = this.chunks.map((sizes) =>
      sizes.length > 4
        ? `${sizes.slice(0, 3).join(', ')}, ... (${sizes.length})`
        : sizes.join(', '),
    )
    const cut = chunks.map((sizes) => `[${sizes}]`).join(', ')
    return `ChunkedArray<${this.dtype}, shape [${this.shape.join(', ')}], chunks [${cut}]>`
  }

  /** How `console.log` shows it. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString()
  }

  /** The blocks in row-major order, each as a lazy value. */
  toDelayed(): Delayed<Chunk<D>>[] {
    return delayedBlocks<Chunk<D>>(this.layer)
  }

  protected wrap(spec: ArraySpec): unknown {
    return new ChunkedArray(spec)
  }
  protected get spec(): ArraySpec {
    return this
  }
  protected finalize(blocks: readonly unknown[]): Result {
    const chunk = joinBlocks(blocks as readonly Chunk[], this.chunks, this.dtype)
    return (this.ndim === 0 ? chunk.item() : chunk) as Result
  }
  protected describe() {
    const { dtype, chunks } = this
    return {
      reviver: { module: 'collections/array/chunked-array', name: 'reviveArray' },
      meta: { dtype, chunks },
    }
  }
  protected withLayer(layer: Layer): this {
    return new ChunkedArray({ layer, dtype: this.dtype, chunks: this.chunks }) as unknown as this
  }
}

function joinBlocks(blocks: readonly Chunk[], chunks: Grid, dtype: Dtype): Chunk {
  if (blocks.length === 1) return blocks[0]!.contiguous()
  const whole = Chunk.zeros(dtype, gridShape(chunks))
  const edges = chunks.map(bounds)
  let block = 0
  forEachBlock(chunks, (at) => {
    const shape = blockShape(chunks, at)
    const place = shape.map((size, axis) => ({ start: edges[axis]![at[axis]!]!, step: 1, size }))
    copyInto(whole.slice(place), blocks[block++]!)
  })
  return whole
}

/** Makes an array again from its layer and what its description says. */
export function reviveArray(layer: Layer, meta: Omit<ArraySpec, 'layer'>): ChunkedArray {
  return new ChunkedArray({ layer, ...meta })
}

operations('collections/array/chunked-array', { reviveArray })
