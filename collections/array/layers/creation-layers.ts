/**
 * Graphs of arrays that are made from nothing, or from values in this process.
 */
import { captureCallSite } from '../../../core/base/call-site.js'
import { countBlocks } from '../../../core/base/keys.js'
import { capture } from '../../../core/capture.js'
import { type BlockParam, dataLayer, IndexedLayer } from '../../../core/graph/layer.js'
import { arg, recipe } from '../../../core/graph/recipe.js'
import { checkOptions } from '../../base/argument-checks.js'
import { isLazy, type LazyOf, layerOfLazy } from '../../base/lazy-arguments.js'
import { Chunk, copyInto, sizeOf } from '../block/chunk.js'
import { assertDtype, type Dtype, type Scalar, toElement } from '../block/dtype.js'
import {
  assertShape,
  blockShape,
  bounds,
  type ChunksSpec,
  forEachBlock,
  type Grid,
  normalizeChunks,
  numblocksOf,
  show,
} from '../planning/chunk-grid.js'
import {
  type Distribution,
  delayedStep,
  eyeStep,
  fullStep,
  linspaceStep,
  mapBlocksStep,
  randomStep,
  rangeStep,
} from '../steps/block-steps.js'
import { chunkFrom } from '../steps/chunk-from-values.js'
import { type ArraySpec, blockwise, layerName } from './array-spec.js'
import { alignArrays, assertOperand, isSpec } from './elementwise-layers.js'

/** What every creation function can be told. */
export interface CreationOptions<D extends Dtype = Dtype> {
  readonly chunks?: ChunksSpec | undefined
  readonly dtype?: D | undefined
}

/** The names of `CreationOptions`. */
export const CREATION_OPTIONS = ['chunks', 'dtype'] as const

/** Values of this process, cut into chunks, each copied to memory of its own. */
export function fromValues(
  values: unknown,
  options: CreationOptions & { readonly shape?: readonly number[] | undefined },
): ArraySpec {
  checkOptions(options, [...CREATION_OPTIONS, 'shape'], 'fromArray')
  let whole = chunkFrom(values, 'fromArray', options.dtype)
  if (options.shape !== undefined) {
    assertShape(options.shape, 'fromArray')
    if (sizeOf(options.shape) !== whole.size) {
      throw new RangeError(
        `fromArray: ${whole.size} values do not fill shape [${options.shape}], which takes ${sizeOf(options.shape)}`,
      )
    }
    whole = whole.reshape(options.shape)
  }
  const { dtype, shape } = whole
  const chunks = normalizeChunks(options.chunks, shape, 'fromArray', dtype)
  const edges = chunks.map(bounds)
  const blocks: Chunk[] = []
  forEachBlock(chunks, (at) => {
    const own = blockShape(chunks, at)
    const block = Chunk.zeros(dtype, own)
    const slices = at.map((c, axis) => ({ start: edges[axis]![c]!, step: 1, size: own[axis]! }))
    copyInto(block, whole.slice(slices))
    blocks.push(block)
  })
  const name = layerName('array', dtype, chunks, blocks)
  return { layer: dataLayer(name, numblocksOf(chunks), blocks), dtype, chunks }
}

/** One block that a lazy value gives. */
export function delayedLayer(
  value: LazyOf<unknown>,
  options: { readonly shape: unknown; readonly dtype?: Dtype },
): ArraySpec {
  checkOptions(options, ['shape', 'dtype'], 'fromDelayed')
  if (!isLazy(value)) {
    throw new TypeError(
      `fromDelayed: expected a lazy value, such as delayed(fn)(...), got ${show(value)}`,
    )
  }
  const { shape: given, dtype = 'float64' } = options ?? {}
  const shape = typeof given === 'number' ? [given] : given
  assertShape(shape, 'fromDelayed')
  assertDtype(dtype, 'fromDelayed')
  const source = layerOfLazy(value)
  const chunks = shape.map((size) => [size])
  const args = [arg.input(0), arg.value(shape), arg.value(dtype)]
  const site = captureCallSite()
  const node = { recipe: recipe(delayedStep, args, { label: 'fromDelayed', site }), inputs: [0, 0] }
  const layer = new IndexedLayer({
    name: layerName('fromDelayed', source.name, shape, dtype),
    numblocks: numblocksOf(chunks),
    dependencies: [source],
    nodes: [{ ...node, params: [] }],
  })
  return { layer, dtype, chunks }
}

const COORDINATES: readonly BlockParam[] = [{ kind: 'coordinates' }]

/** An array of one value. */
export function fullLayer(
  operation: string,
  shape: unknown,
  value: Scalar,
  dtype: Dtype,
  chunks: ChunksSpec | undefined,
): ArraySpec {
  const sizes = typeof shape === 'number' ? [shape] : shape
  assertShape(sizes, operation)
  assertDtype(dtype, operation)
  const element = toElement(value, dtype, operation)
  const grid = normalizeChunks(chunks, sizes, operation, dtype)
  return blockwise({
    operation,
    fn: fullStep,
    args: [arg.value(grid), arg.param(0), arg.value(dtype), arg.value(element)],
    params: COORDINATES,
    dtype,
    chunks: grid,
    content: [element],
  })
}

/** Numbers from `start` to before `stop`, `step` apart. */
export function rangeLayer(
  start: number | bigint,
  stop: number | bigint,
  step: number | bigint,
  options: CreationOptions,
): ArraySpec {
  checkOptions(options, CREATION_OPTIONS, 'arange')
  for (const value of [start, stop, step]) {
    const ok = typeof value === 'bigint' || (typeof value === 'number' && Number.isFinite(value))
    if (!ok) throw new TypeError(`arange: expected finite numbers; got ${show(value)}`)
  }
  if (Number(step) === 0) throw new RangeError('arange: the step must not be 0')
  const big = [start, stop, step].some((value) => typeof value === 'bigint')
  const dtype = options.dtype ?? (big ? 'int64' : 'float64')
  assertDtype(dtype, 'arange')
  const size = Math.max(0, Math.ceil((Number(stop) - Number(start)) / Number(step)))
  const chunks = normalizeChunks(options.chunks, [size], 'arange', dtype)
  const [from, by] = [start, step].map((v) =>
    dtype === 'int64' ? toElement(v, dtype, 'arange') : v,
  )
  return blockwise({
    operation: 'arange',
    fn: rangeStep,
    args: [arg.value(chunks), arg.param(0), ...[dtype, from, by].map((v) => arg.value(v))],
    params: COORDINATES,
    dtype,
    chunks,
    content: [from, by],
  })
}

/** `count` numbers evenly from `start` to `stop`, which is the last one unless `endpoint` is false. */
export function linspaceLayer(
  start: number,
  stop: number,
  count: number,
  options: CreationOptions & { readonly endpoint?: boolean | undefined },
): ArraySpec {
  checkOptions(options, [...CREATION_OPTIONS, 'endpoint'], 'linspace')
  if (typeof start !== 'number' || typeof stop !== 'number') {
    throw new TypeError(`linspace: expected numbers; got ${show(start)} and ${show(stop)}`)
  }
  assertShape([count], 'linspace')
  const { dtype = 'float64', endpoint = true } = options
  assertDtype(dtype, 'linspace')
  const chunks = normalizeChunks(options.chunks, [count], 'linspace', dtype)
  const divisions = endpoint ? count - 1 : count
  return blockwise({
    operation: 'linspace',
    fn: linspaceStep,
    args: [
      arg.value(chunks),
      arg.param(0),
      ...[dtype, start, stop, divisions].map((v) => arg.value(v)),
    ],
    params: COORDINATES,
    dtype,
    chunks,
    content: [start, stop, divisions, endpoint],
  })
}

/** A matrix with ones on diagonal `k`. */
export function eyeLayer(
  rows: number,
  options: CreationOptions & {
    readonly columns?: number | undefined
    readonly k?: number | undefined
  },
): ArraySpec {
  checkOptions(options, [...CREATION_OPTIONS, 'columns', 'k'], 'eye')
  const { columns = rows, k = 0, dtype = 'float64' } = options
  assertShape([rows, columns], 'eye')
  assertDtype(dtype, 'eye')
  if (!Number.isInteger(k)) throw new TypeError(`eye: k must be an integer; got ${show(k)}`)
  const chunks = normalizeChunks(options.chunks, [rows, columns], 'eye', dtype)
  return blockwise({
    operation: 'eye',
    fn: eyeStep,
    args: [arg.value(chunks), arg.param(0), arg.value(dtype), arg.value(k)],
    params: COORDINATES,
    dtype,
    chunks,
    content: [k],
  })
}

/** Random numbers; every block has a stream of its own, made from the seed and its position. */
export function randomLayer(
  operation: string,
  distribution: Distribution,
  a: number,
  b: number,
  shape: unknown,
  options: { readonly chunks?: ChunksSpec | undefined; readonly seed?: number | undefined },
): ArraySpec {
  const sizes = typeof shape === 'number' ? [shape] : shape
  assertShape(sizes, operation)
  const { seed = freshSeed() } = options
  if (!Number.isSafeInteger(seed) || seed < 0) {
    throw new RangeError(
      `${operation}: the seed must be an integer of 0 or more; got ${show(seed)}`,
    )
  }
  const dtype = distribution === 'integers' ? 'int64' : 'float64'
  const chunks = normalizeChunks(options.chunks, sizes, operation, dtype)
  const values = [distribution, seed, a, b]
  return blockwise({
    operation,
    fn: randomStep,
    args: [arg.value(chunks), arg.param(0), arg.param(1), ...values.map((v) => arg.value(v))],
    params: [{ kind: 'coordinates' }, { kind: 'block' }],
    dtype,
    chunks,
    content: values,
  })
}

const freshSeed = () => Math.floor(Math.random() * 2 ** 53)

/** What `mapBlocks` can be told. */
export interface MapBlocksOptions<D extends Dtype = Dtype> {
  /** The dtype of what the function gives; the first array's when left out. */
  readonly dtype?: D | undefined
  /** The sizes of the blocks it gives, if they are not those it gets. As many along each axis. */
  readonly chunks?: readonly (number | readonly number[])[] | undefined
}

/** A user's function called on the matching blocks of arrays that broadcast. */
export function mapBlocksLayer(
  fn: unknown,
  operands: readonly unknown[],
  options: MapBlocksOptions,
): ArraySpec {
  checkOptions(options, CREATION_OPTIONS, 'mapBlocks')
  if (typeof fn !== 'function') {
    throw new TypeError(`mapBlocks: expected a function of blocks; got ${show(fn)}`)
  }
  const arrays = operands.map((operand) => {
    assertOperand(operand, 'mapBlocks')
    if (!isSpec(operand)) throw new TypeError(`mapBlocks: ${show(operand)} is not an array`)
    return operand
  })
  const { inputs, chunks } = alignArrays('mapBlocks', arrays)
  const dtype = options.dtype ?? arrays[0]!.dtype
  assertDtype(dtype, 'mapBlocks')
  const grid = options.chunks === undefined ? chunks : givenGrid(options.chunks, chunks)
  const captured = capture(fn)
  return blockwise({
    operation: 'mapBlocks',
    fn: mapBlocksStep,
    args: [
      arg.value(captured),
      arg.inputs(0, inputs.length),
      arg.value(grid),
      arg.param(0),
      arg.value(dtype),
    ],
    inputs,
    params: COORDINATES,
    dtype,
    chunks: grid,
    content: [captured.token],
  })
}

/** The grid that a function gives: one size an axis stands for every block along it. */
function givenGrid(sizes: readonly (number | readonly number[])[], own: Grid): Grid {
  const wrong = (axis: number) =>
    new RangeError(
      `mapBlocks: chunks ${show(sizes)} must have one entry per axis, each a size or ${own[axis]?.length ?? 0} sizes, for blocks [${numblocksOf(own)}] (${countBlocks(numblocksOf(own))} in all)`,
    )
  if (!Array.isArray(sizes) || sizes.length !== own.length) throw wrong(0)
  return sizes.map((given, axis) => {
    const list = typeof given === 'number' ? own[axis]!.map(() => given) : given
    const ok =
      Array.isArray(list) &&
      list.length === own[axis]!.length &&
      list.every((n: unknown) => Number.isSafeInteger(n) && (n as number) >= 0)
    if (!ok) throw wrong(axis)
    return list as readonly number[]
  })
}
