/**
 * Layers of arrays that are made from parameters, from values in this process, or from a lazy value.
 */

import { checkOptions } from '../../../core/base/argument-checks.js'
import { captureCallSite } from '../../../core/base/call-site.js'
import { dataLayer, IndexedLayer } from '../../../core/graph/layer.js'
import { arg, recipe } from '../../../core/graph/recipe.js'
import { serializeLater } from '../../../core/graph/serialized-params.js'
import { checkWholeNumber } from '../../base/argument-checks.js'
import { layerName } from '../../base/layer-builders.js'
import { isLazy, type LazyOf, layerOfLazy } from '../../base/lazy-arguments.js'
import {
  assertDtype,
  type Dtype,
  dtypeOfData,
  isBig,
  isComplex,
  isComplexValue,
  realDtype,
  type Scalar,
  toElement,
} from '../block/dtype.js'
import { formatArgument } from '../block/format-argument.js'
import { copyInto, NDArray, sizeOf } from '../block/ndarray.js'
import {
  blockShape,
  chunkBounds,
  forEachBlock,
  type Grid,
  numblocksOf,
} from '../planning/chunk-grid.js'
import { type ChunksSpec, normalizeChunks } from '../planning/chunks-argument.js'
import { assertShape } from '../planning/shape-arguments.js'
import { chunkFromValues } from '../steps/chunk-from-values.js'
import {
  arangeStep,
  delayedStep,
  eyeStep,
  fullStep,
  linspaceStep,
} from '../steps/creation-steps.js'
import { type ArraySpec, arrayOfLayer, BLOCK_POSITION, blockwise } from './array-spec.js'

/** The options of functions that make arrays. */
export interface CreationOptions<D extends Dtype = Dtype> {
  /** The chunk sizes. The default is `'auto'`: blocks of at most 16 MiB. */
  readonly chunks?: ChunksSpec | undefined
  /** The dtype of the elements. */
  readonly dtype?: D | undefined
}

const CREATION_OPTIONS = ['chunks', 'dtype'] as const

/** Makes an array of values in this process. The values are copied. NumPy: `array`. */
export function fromArrayLayer(
  values: unknown,
  options: CreationOptions & { readonly shape?: readonly number[] | undefined },
): ArraySpec {
  checkOptions(options, [...CREATION_OPTIONS, 'shape'], 'fromArray')
  let whole = chunkOfPairs(values, options) ?? chunkFromValues(values, 'fromArray', options.dtype)
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
  const chunks = normalizeChunks(options.chunks, shape, 'fromArray', { dtype })
  const blocks = copyBlocks(whole, chunks)
  const name = layerName('array', dtype, chunks, blocks)
  const params = blocks.map(serializeLater)
  return arrayOfLayer(dataLayer(name, numblocksOf(chunks), params), dtype, chunks)
}

/** Returns the chunk of a typed array that holds the parts of complex numbers in turns, if it is one. */
function chunkOfPairs(
  values: unknown,
  { dtype, shape }: CreationOptions & { readonly shape?: readonly number[] | undefined },
): NDArray | undefined {
  if (dtype === undefined || shape === undefined) return undefined
  assertDtype(dtype, 'fromArray')
  assertShape(shape, 'fromArray')
  if (!isComplex(dtype) || dtypeOfData(values) !== realDtype(dtype)) return undefined
  const numbers = values as Float64Array
  return numbers.length === 2 * sizeOf(shape) ? new NDArray(dtype, numbers, shape) : undefined
}

/** Copies a chunk to blocks, each in memory of its own. */
function copyBlocks(whole: NDArray, chunks: Grid): NDArray[] {
  const bounds = chunks.map(chunkBounds)
  const blocks: NDArray[] = []
  forEachBlock(chunks, (at) => {
    const shape = blockShape(chunks, at)
    const block = NDArray.zeros(whole.dtype, shape)
    const slices = at.map((c, axis) => ({ start: bounds[axis]![c]!, step: 1, size: shape[axis]! }))
    copyInto(block, whole.slice(slices))
    blocks.push(block)
  })
  return blocks
}

/** Makes an array of one block, which a lazy value computes. */
export function fromDelayedLayer(
  value: LazyOf<unknown>,
  options: { readonly shape: unknown; readonly dtype?: Dtype },
): ArraySpec {
  checkOptions(options, ['shape', 'dtype'], 'fromDelayed')
  if (!isLazy(value)) {
    throw new TypeError(
      `fromDelayed: expected a lazy value, such as delayed(fn)(...), got ${formatArgument(value)}`,
    )
  }
  const { shape: sizes, dtype = 'float64' } = options ?? {}
  const shape = typeof sizes === 'number' ? [sizes] : sizes
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
  return arrayOfLayer(layer, dtype, chunks)
}

/** Makes an array of one value. */
export function fullLayer(
  operation: string,
  shape: unknown,
  value: unknown,
  options: CreationOptions,
): ArraySpec {
  checkOptions(options, CREATION_OPTIONS, operation)
  const { dtype = dtypeOfFill(value, operation) } = options
  const sizes = typeof shape === 'number' ? [shape] : shape
  assertShape(sizes, operation)
  assertDtype(dtype, operation)
  const element = toElement(value as Scalar, dtype, operation)
  const grid = normalizeChunks(options.chunks, sizes, operation, { dtype })
  return blockwise({
    operation,
    fn: fullStep,
    args: [arg.value(grid), arg.param(0), arg.value(dtype), arg.value(element)],
    params: BLOCK_POSITION,
    dtype,
    chunks: grid,
    content: [element],
    costPerElement: 1,
  })
}

/** Returns the dtype of an array that is filled with a value. */
function dtypeOfFill(value: unknown, operation: string): Dtype {
  switch (typeof value) {
    case 'number':
      return 'float64'
    case 'bigint':
      return 'int64'
    case 'boolean':
      return 'bool'
    default:
      if (isComplexValue(value)) return 'complex128'
      throw new TypeError(
        `${operation}: expected a number, bigint, boolean or complex number to fill with; got ${formatArgument(value)}`,
      )
  }
}

/** Makes an array of numbers: the arguments are those of `da.arange`. */
export function arangeLayer(args: readonly unknown[]): ArraySpec {
  const { start, stop, step, options } = arangeArguments(args)
  checkOptions(options, CREATION_OPTIONS, 'arange')
  assertFinite('arange', start, stop, step)
  if (Number(step) === 0) throw new RangeError('arange: the step must not be 0')
  const anyBigint = [start, stop, step].some((value) => typeof value === 'bigint')
  const dtype = options.dtype ?? (anyBigint ? 'int64' : 'float64')
  assertDtype(dtype, 'arange')
  const size = countSteps(start, stop, step)
  const chunks = normalizeChunks(options.chunks, [size], 'arange', { dtype })
  const [from, by] = [start, step].map((value) =>
    isBig(dtype) ? toElement(value, 'int64', 'arange') : value,
  )
  return blockwise({
    operation: 'arange',
    fn: arangeStep,
    args: [arg.value(chunks), arg.param(0), ...[dtype, from, by].map((v) => arg.value(v))],
    params: BLOCK_POSITION,
    dtype,
    chunks,
    content: [from, by],
    costPerElement: 2,
  })
}

/** Returns the number of elements of a range, exactly if all are whole: bigints may be too large for numbers. */
function countSteps(start: number | bigint, stop: number | bigint, step: number | bigint): number {
  if ([start, stop, step].every((value) => typeof value === 'bigint' || Number.isInteger(value))) {
    const by = BigInt(step)
    const round = by > 0n ? by - 1n : by + 1n
    const count = (BigInt(stop) - BigInt(start) + round) / by
    return count > 0n ? Number(count) : 0
  }
  return Math.max(0, Math.ceil((Number(stop) - Number(start)) / Number(step)))
}

/** Sorts the arguments of `arange`: stop; start, stop; or start, stop, step; then options. */
function arangeArguments(args: readonly unknown[]): {
  readonly start: number | bigint
  readonly stop: number | bigint
  readonly step: number | bigint
  readonly options: CreationOptions
} {
  const last = args.at(-1)
  const hasOptions = (typeof last === 'object' && last !== null) || last === undefined
  const options = (hasOptions ? (last ?? {}) : {}) as CreationOptions
  const numbers = (hasOptions ? args.slice(0, -1) : args) as readonly (number | bigint)[]
  if (numbers.length < 1 || numbers.length > 3) {
    throw new TypeError(
      `arange: expected stop, or start and stop, or start, stop and step; got ${formatArgument(args)}`,
    )
  }
  const isBigint = typeof numbers[0] === 'bigint'
  const [zero, one] = isBigint ? [0n, 1n] : [0, 1]
  const [start, stop] = numbers.length === 1 ? [zero, numbers[0]!] : [numbers[0]!, numbers[1]!]
  return { start, stop, step: numbers[2] ?? one, options }
}

function assertFinite(operation: string, ...values: readonly unknown[]): void {
  for (const value of values) {
    const ok = typeof value === 'bigint' || (typeof value === 'number' && Number.isFinite(value))
    if (!ok) {
      throw new TypeError(`${operation}: expected finite numbers; got ${formatArgument(value)}`)
    }
  }
}

/** Makes `count` evenly spaced numbers from `start` to `stop`, inclusive unless `endpoint` is false. */
export function linspaceLayer(
  start: number,
  stop: number,
  count: number,
  options: CreationOptions & { readonly endpoint?: boolean | undefined },
): ArraySpec {
  checkOptions(options, [...CREATION_OPTIONS, 'endpoint'], 'linspace')
  if (typeof start !== 'number' || typeof stop !== 'number') {
    throw new TypeError(
      `linspace: expected numbers; got ${formatArgument(start)} and ${formatArgument(stop)}`,
    )
  }
  checkWholeNumber(count, 0, 'linspace', 'count')
  const { dtype = 'float64', endpoint = true } = options
  if (typeof endpoint !== 'boolean') {
    throw new TypeError(`linspace: endpoint must be true or false; got ${formatArgument(endpoint)}`)
  }
  assertDtype(dtype, 'linspace')
  const chunks = normalizeChunks(options.chunks, [count], 'linspace', { dtype })
  const divisions = endpoint ? count - 1 : count
  return blockwise({
    operation: 'linspace',
    fn: linspaceStep,
    args: [
      arg.value(chunks),
      arg.param(0),
      ...[dtype, start, stop, divisions].map((v) => arg.value(v)),
    ],
    params: BLOCK_POSITION,
    dtype,
    chunks,
    content: [start, stop, divisions, endpoint],
    costPerElement: 2,
  })
}

/** Makes a matrix with ones on diagonal `k`. */
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
  if (!Number.isInteger(k))
    throw new TypeError(`eye: k must be an integer; got ${formatArgument(k)}`)
  const chunks = normalizeChunks(options.chunks, [rows, columns], 'eye', { dtype })
  return blockwise({
    operation: 'eye',
    fn: eyeStep,
    args: [arg.value(chunks), arg.param(0), arg.value(dtype), arg.value(k)],
    params: BLOCK_POSITION,
    dtype,
    chunks,
    content: [k],
    costPerElement: 1,
  })
}
