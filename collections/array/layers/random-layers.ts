/**
 * Layers of random arrays. An element is a function of the key, which comes from the seed, and of its position in the
 * array, so the chunks do not matter.
 */

import { arg } from '../../../core/graph/recipe.js'
import { formatArgument } from '../block/format-argument.js'
import { NDArray } from '../block/ndarray.js'
import type { PhiloxKey } from '../kernels/philox.js'
import {
  type DistributionName,
  type RowDistribution,
  randomKey,
  randomPermutation,
} from '../kernels/random-kernel.js'
import { commonShape } from '../planning/broadcast.js'
import { type ChunksSpec, normalizeChunks } from '../planning/chunks-argument.js'
import { assertShape } from '../planning/shape-arguments.js'
import {
  choiceStep,
  drawnStep,
  quantileStep,
  randomRowsStep,
  randomStep,
} from '../steps/random-steps.js'
import { type ArraySpec, BLOCK_POSITION, blockwise, isArraySpec, shapeOf } from './array-spec.js'
import { fromArrayLayer } from './creation-layers.js'
import { checkParameter, checkTogether, DISTRIBUTIONS, type Distribution } from './distributions.js'
import { indexLayer } from './indexing-layers.js'
import { rechunkTo } from './rechunk-layers.js'
import { reshapeLayer } from './reshape-layers.js'
import { broadcastLayer } from './shape-layers.js'

/** The options of random arrays. The same seed and shape give the same numbers anywhere, whatever the chunks. */
export interface RandomOptions {
  /** The chunk sizes. The default is `'auto'`: blocks of at most 16 MiB. */
  readonly chunks?: ChunksSpec | undefined
  /** An integer of 0 or more. The default is a new random one for each array. */
  readonly seed?: number | undefined
}

/** The options of random arrays whose shape is an option. */
export interface SizeOptions {
  /** The shape of the array. By default that of the parameters. */
  readonly size?: number | readonly number[] | null | undefined
  /** The chunk sizes. The default is `'auto'`: blocks of at most 16 MiB. */
  readonly chunks?: ChunksSpec | undefined
}

/** Where random numbers come from: a seed, and how many arrays of that seed there were before. */
export interface RandomSource {
  readonly seed: number
  readonly stream: number
}

/** Checks a seed; undefined and null stand for a random one. */
export function checkSeed(operation: string, seed: unknown): number {
  if (seed === undefined || seed === null) return Math.floor(Math.random() * 2 ** 53)
  if (Number.isSafeInteger(seed) && (seed as number) >= 0) return seed as number
  throw new RangeError(
    `${operation}: the seed must be an integer of 0 or more; got ${formatArgument(seed)}`,
  )
}

/** A request for random numbers, before it is checked. */
export interface RandomRequest {
  readonly operation: string
  readonly source: RandomSource
  /** The shape; undefined for that of the parameters. */
  readonly shape: unknown
  readonly chunks: ChunksSpec | undefined
}

/** Makes an array of a distribution, given its parameters by name. */
export function distributionLayer(
  distribution: Distribution,
  given: Readonly<Record<string, unknown>>,
  request: RandomRequest,
): ArraySpec {
  const { operation } = request
  const { sampler, parameters, dtype } = DISTRIBUTIONS[distribution]
  const values = parameters.map((spec) => {
    const value = given[spec.name] ?? ('byDefault' in spec ? spec.byDefault : undefined)
    if (value === undefined) {
      throw new TypeError(`${operation}: give the parameter ${spec.name}`)
    }
    const array = arrayOf(value)
    if (array !== undefined) return array
    checkParameter(operation, spec, value)
    return value
  })
  checkTogether(operation, distribution, values)
  return sampledLayer(sampler, values, dtype, request)
}

/** Returns the array of a parameter that is one, or a list; undefined for a single number. */
function arrayOf(value: unknown): ArraySpec | undefined {
  if (isArraySpec(value)) return value
  const isList = Array.isArray(value) || ArrayBuffer.isView(value) || value instanceof NDArray
  return isList ? fromArrayLayer(value, {}) : undefined
}

/** Makes an array of a sampler; each parameter is a number or an array that broadcasts. */
function sampledLayer(
  sampler: DistributionName,
  values: readonly (number | ArraySpec)[],
  dtype: 'float64' | 'int64',
  request: RandomRequest,
): ArraySpec {
  const { operation, source } = request
  const arrays = values.filter(isArraySpec)
  const shape = shapeArgument(request.shape, arrays, operation)
  const chunks = normalizeChunks(request.chunks, shape, operation, { dtype })
  const key = randomKey(source.seed, source.stream, sampler)
  const fixed = values.map((value) => (typeof value === 'number' ? value : null))
  const inputs = arrays.map((array) => ({
    array: rechunkTo(broadcastLayer(array, shape, operation), chunks),
  }))
  return blockwise({
    operation,
    fn: randomStep,
    args: [
      arg.inputs(0, inputs.length),
      arg.value(chunks),
      arg.param(0),
      ...[sampler, key, fixed, dtype].map((value) => arg.value(value)),
    ],
    inputs,
    params: BLOCK_POSITION,
    dtype,
    chunks,
    content: [sampler, key, fixed],
    costPerElement: 25,
  })
}

/** Returns the shape that was given, or that of the parameters. */
function shapeArgument(
  shape: unknown,
  arrays: readonly ArraySpec[],
  operation: string,
): readonly number[] {
  if (shape === undefined || shape === null) {
    return commonShape(operation, [[], ...arrays.map(shapeOf)])
  }
  const sizes = typeof shape === 'number' ? [shape] : shape
  assertShape(sizes, operation)
  const all = commonShape(operation, [sizes, ...arrays.map(shapeOf)])
  if (all.join() === sizes.join()) return sizes
  throw new RangeError(
    `${operation}: the parameters broadcast to the shape [${all}], not to [${sizes}]`,
  )
}

/** Makes integers from `low` to before `high`, which are numbers or arrays. */
export function integersLayer(low: unknown, high: unknown, request: RandomRequest): ArraySpec {
  const { operation } = request
  const values = [low, high].map((value) => arrayOf(value) ?? (value as number))
  const [first, end] = values
  if (typeof first !== 'object' && typeof end !== 'object') {
    if (!Number.isSafeInteger(first) || !Number.isSafeInteger(end) || end! <= first!) {
      throw new RangeError(
        `${operation}: low and high must be integers, low < high; got ${formatArgument(first)} and ${formatArgument(end)}`,
      )
    }
    if (end! - first! > 2 ** 53) {
      throw new RangeError(
        `${operation}: high - low must be at most 2 ** 53; got ${formatArgument(first)} and ${formatArgument(end)}`,
      )
    }
  }
  return sampledLayer('integers', values, 'int64', request)
}

/** The options of `choice`. */
export interface ChoiceOptions extends SizeOptions {
  /** Whether a value may be drawn more than once, the default. */
  readonly replace?: boolean | undefined
  /** The probability of each value; they add up to 1. By default all are equal. */
  readonly p?: readonly number[] | Float64Array | undefined
}

/** Draws values of a list, a vector, or the integers below a number. */
export function choiceLayer(
  values: unknown,
  { replace = true, p }: Pick<ChoiceOptions, 'replace' | 'p'>,
  request: RandomRequest,
): ArraySpec {
  const { operation, source } = request
  const vector = arrayOf(values)
  if (vector !== undefined && vector.chunks.length !== 1) {
    throw new RangeError(`${operation}: the values must have one axis; got ${vector.chunks.length}`)
  }
  const n = vector === undefined ? values : shapeOf(vector)[0]!
  if (!Number.isSafeInteger(n) || (n as number) < 1) {
    throw new RangeError(
      `${operation}: expected an array, a list, or an integer of 1 or more; got ${formatArgument(values)}`,
    )
  }
  const weights = p === undefined ? undefined : checkWeights(operation, p, n as number)
  const drawn = replace
    ? weights === undefined
      ? integersLayer(0, n, request)
      : quantileLayer(weights, request)
    : distinctLayer(n as number, weights, randomKey(source.seed, source.stream, 'choice'), request)
  return vector === undefined ? drawn : gatherLayer(drawn, vector, operation)
}

/** Checks probabilities, and returns them. */
function checkWeights(operation: string, p: unknown, n: number): readonly number[] {
  const list = Array.isArray(p) || ArrayBuffer.isView(p) ? Array.from(p as Float64Array) : undefined
  const valid = list?.every((x) => typeof x === 'number' && x >= 0 && x <= 1) === true
  if (list === undefined || !valid || list.length !== n) {
    throw new RangeError(
      `${operation}: p must have a probability for each of the ${n} values; got ${formatArgument(p)}`,
    )
  }
  const sum = list.reduce((a, b) => a + b, 0)
  if (Math.abs(sum - 1) > 1e-8) {
    throw new RangeError(`${operation}: the probabilities must add up to 1; got ${sum}`)
  }
  return list
}

/** Draws positions with some probabilities. */
function quantileLayer(weights: readonly number[], request: RandomRequest): ArraySpec {
  let sum = 0
  const sums = weights.map((weight) => {
    sum += weight
    return sum
  })
  const normalized = sums.map((s) => s / sum)
  const uniform = sampledLayer('uniform', [0, 1], 'float64', request)
  return blockwise({
    operation: request.operation,
    fn: quantileStep,
    args: [arg.input(0), arg.value(normalized)],
    inputs: [{ array: uniform }],
    dtype: 'int64',
    chunks: uniform.chunks,
    content: [normalized],
  })
}

/** Draws different positions, in one task. */
function distinctLayer(
  n: number,
  weights: readonly number[] | undefined,
  key: PhiloxKey,
  request: RandomRequest,
): ArraySpec {
  const { operation } = request
  const shape = shapeArgument(request.shape, [], operation)
  const size = shape.reduce((a, b) => a * b, 1)
  const most = weights === undefined ? n : weights.filter((p) => p > 0).length
  if (size > most) {
    throw new RangeError(
      `${operation}: cannot draw ${size} different values of ${most}; leave replace out`,
    )
  }
  const content = [n, size, key, weights]
  const whole = blockwise({
    operation,
    fn: choiceStep,
    args: content.map((value) => arg.value(value)),
    dtype: 'int64',
    chunks: [[size]],
    content,
  })
  const shaped = reshapeLayer(whole, shape)
  return rechunkTo(shaped, normalizeChunks(request.chunks, shape, operation, { dtype: 'int64' }))
}

function gatherLayer(positions: ArraySpec, vector: ArraySpec, operation: string): ArraySpec {
  const whole = rechunkTo(vector, [[shapeOf(vector)[0]!]])
  return blockwise({
    operation,
    fn: drawnStep,
    args: [arg.input(0), arg.input(1)],
    inputs: [{ array: positions }, { array: whole, axes: [-1] }],
    dtype: vector.dtype,
    chunks: positions.chunks,
    content: [],
  })
}

/** Makes the integers below a number in random order, or the elements of an array along its first axis. */
export function permutationLayer(
  values: unknown,
  { seed, stream }: RandomSource,
  chunks: ChunksSpec | undefined,
  operation: string,
): ArraySpec {
  const key = randomKey(seed, stream, 'choice')
  const array = arrayOf(values)
  if (array === undefined) {
    if (!Number.isSafeInteger(values) || (values as number) < 0) {
      throw new RangeError(
        `${operation}: expected an array, a list, or an integer of 0 or more; got ${formatArgument(values)}`,
      )
    }
    const request = { operation, source: { seed, stream }, shape: values, chunks }
    return distinctLayer(values as number, undefined, key, request)
  }
  const shape = shapeOf(array)
  if (shape.length === 0) throw new RangeError(`${operation}: an array without axes has no order`)
  const permuted = indexLayer(array, [Array.from(randomPermutation(shape[0]!, key))])
  return chunks === undefined
    ? permuted
    : rechunkTo(permuted, normalizeChunks(chunks, shape, operation, { dtype: array.dtype }))
}

/** Makes rows of integers: how many of `count` draws fall to each weight. */
export function rowsLayer(
  distribution: RowDistribution,
  count: unknown,
  weights: unknown,
  request: RandomRequest,
): ArraySpec {
  const { operation, source } = request
  const list =
    Array.isArray(weights) || ArrayBuffer.isView(weights) ? Array.from(weights as number[]) : []
  const isInteger = (x: unknown) => Number.isSafeInteger(x) && (x as number) >= 0
  const total = list.reduce((a, b) => a + b, 0)
  const valid =
    distribution === 'multinomial'
      ? list.every((p) => p >= 0 && p <= 1) && total <= 1 + 1e-12
      : list.every(isInteger) && total >= (count as number)
  if (list.length === 0 || !isInteger(count) || !valid) {
    throw new RangeError(
      distribution === 'multinomial'
        ? `${operation}: expected a count and probabilities that add up to at most 1; got ${formatArgument(count)} and ${formatArgument(weights)}`
        : `${operation}: expected counts, and at most as many draws; got ${formatArgument(weights)} and ${formatArgument(count)}`,
    )
  }
  const shape = shapeArgument(request.shape, [], operation)
  const grid = normalizeChunks(request.chunks, shape, operation, { dtype: 'int64' })
  const key = randomKey(source.seed, source.stream, distribution)
  const content = [distribution, key, count, list]
  return blockwise({
    operation,
    fn: randomRowsStep,
    args: [arg.value(grid), arg.param(0), ...content.map((value) => arg.value(value))],
    params: BLOCK_POSITION,
    dtype: 'int64',
    chunks: [...grid, [list.length]],
    content,
  })
}
