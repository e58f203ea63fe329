/**
 * Layers of random arrays. Each block has a generator of its own, seeded by the seed of the array and
 * the position of the block.
 */

import { checkOptions } from '../../../core/base/argument-checks.js'
import { arg } from '../../../core/graph/recipe.js'
import { formatArgument } from '../block/format-argument.js'
import { type ChunksSpec, normalizeChunks } from '../planning/chunks-argument.js'
import { assertShape } from '../planning/shape-arguments.js'
import { type Distribution, randomStep } from '../steps/creation-steps.js'
import { type ArraySpec, BLOCK_POSITION, blockwise } from './array-spec.js'

/** The options of random arrays. The same seed, shape and chunks give the same numbers anywhere. */
export interface RandomOptions {
  /** The chunk sizes. The default is `'auto'`: blocks of at most 16 MiB. */
  readonly chunks?: ChunksSpec | undefined
  /** An integer of 0 or more. The default is a new random one for each array. */
  readonly seed?: number | undefined
}

const RANDOM_OPTIONS = ['chunks', 'seed'] as const

/** Makes uniform numbers in [0, 1). */
export function randomLayer(shape: unknown, options: RandomOptions): ArraySpec {
  checkOptions(options, RANDOM_OPTIONS, 'random.random')
  return distributionLayer('random.random', 'uniform', [0, 1], shape, options)
}

/** Makes uniform numbers in [low, high). */
export function uniformLayer(
  shape: unknown,
  options: RandomOptions & { readonly low?: number; readonly high?: number },
): ArraySpec {
  checkOptions(options, [...RANDOM_OPTIONS, 'low', 'high'], 'random.uniform')
  const { low = 0, high = 1 } = options
  assertFinite('random.uniform', low, high)
  return distributionLayer('random.uniform', 'uniform', [low, high], shape, options)
}

/** Makes normally distributed numbers with mean `loc` and standard deviation `scale`. */
export function normalLayer(
  shape: unknown,
  options: RandomOptions & { readonly loc?: number; readonly scale?: number },
): ArraySpec {
  checkOptions(options, [...RANDOM_OPTIONS, 'loc', 'scale'], 'random.normal')
  const { loc = 0, scale = 1 } = options
  assertFinite('random.normal', loc, scale)
  if (scale < 0) throw new RangeError(`random.normal: scale must not be negative; got ${scale}`)
  return distributionLayer('random.normal', 'normal', [loc, scale], shape, options)
}

/** Makes integers from `low` to before `high`. */
export function integersLayer(
  shape: unknown,
  options: RandomOptions & { readonly low?: number; readonly high: number },
): ArraySpec {
  checkOptions(options, [...RANDOM_OPTIONS, 'low', 'high'], 'random.integers')
  const { low = 0, high } = options
  if (!Number.isSafeInteger(low) || !Number.isSafeInteger(high) || high <= low) {
    throw new RangeError(
      `random.integers: low and high must be integers, low < high; got ${formatArgument(low)} and ${formatArgument(high)}`,
    )
  }
  if (high - low > 2 ** 53) {
    throw new RangeError(
      `random.integers: high - low must be at most 2 ** 53; got ${formatArgument(low)} and ${formatArgument(high)}`,
    )
  }
  return distributionLayer('random.integers', 'integers', [low, high], shape, options)
}

function distributionLayer(
  operation: string,
  distribution: Distribution,
  [a, b]: readonly [number, number],
  shape: unknown,
  options: RandomOptions,
): ArraySpec {
  const sizes = typeof shape === 'number' ? [shape] : shape
  assertShape(sizes, operation)
  const { seed = randomSeed() } = options
  if (!Number.isSafeInteger(seed) || seed < 0) {
    throw new RangeError(
      `${operation}: the seed must be an integer of 0 or more; got ${formatArgument(seed)}`,
    )
  }
  const dtype = distribution === 'integers' ? 'int64' : 'float64'
  const chunks = normalizeChunks(options.chunks, sizes, operation, dtype)
  const values = [distribution, seed, a, b]
  return blockwise({
    operation,
    fn: randomStep,
    args: [arg.value(chunks), arg.param(0), ...values.map((v) => arg.value(v))],
    params: BLOCK_POSITION,
    dtype,
    chunks,
    content: values,
    costPerElement: 25,
  })
}

const randomSeed = () => Math.floor(Math.random() * 2 ** 53)

function assertFinite(operation: string, ...values: readonly unknown[]): void {
  for (const value of values) {
    if (typeof value !== 'number' || !Number.isFinite(value)) {
      throw new TypeError(`${operation}: expected finite numbers; got ${formatArgument(value)}`)
    }
  }
}
