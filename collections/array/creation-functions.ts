/**
 * The functions of `da` that make arrays.
 */

import { checkOptions } from '../base/argument-checks.js'
import type { LazyOf } from '../base/lazy-arguments.js'
import type { Nested } from './block/chunk.js'
import type { Dtype, Scalar } from './block/dtype.js'
import { ChunkedArray } from './chunked-array.js'
import {
  CREATION_OPTIONS,
  type CreationOptions,
  delayedLayer,
  eyeLayer,
  fromValues,
  fullLayer,
  linspaceLayer,
  randomLayer,
  rangeLayer,
} from './layers/creation-layers.js'
import { type ChunksSpec, show } from './planning/chunk-grid.js'
import type {
  AnyTypedArray,
  ArrayValues,
  DtypeOfData,
  DtypeOfScalar,
} from './steps/chunk-from-values.js'

/** A size, or one size an axis. */
export type Shape = number | readonly number[]

/**
 * An array of values: nested lists, or a typed array with its shape. Numbers are float64, booleans
 * bool, bigints int64, typed arrays what they are, unless `dtype` says otherwise.
 * @example da.fromArray([[1, 2], [3, 4]], { chunks: 1 })
 */
export function fromArray<D extends Dtype>(
  values: ArrayValues,
  options: FromArrayOptions<D> & { readonly dtype: D },
): ChunkedArray<D>
export function fromArray<V extends AnyTypedArray>(
  values: V,
  options?: FromArrayOptions,
): ChunkedArray<DtypeOfData<V>>
export function fromArray(
  values: Nested<number> | number,
  options?: FromArrayOptions,
): ChunkedArray<'float64'>
export function fromArray(
  values: Nested<bigint> | bigint,
  options?: FromArrayOptions,
): ChunkedArray<'int64'>
export function fromArray(
  values: Nested<boolean> | boolean,
  options?: FromArrayOptions,
): ChunkedArray<'bool'>
export function fromArray(values: ArrayValues, options: FromArrayOptions = {}): ChunkedArray {
  return new ChunkedArray(fromValues(values, options))
}

/** What `fromArray` can be told; `shape` is that of a typed array. */
export interface FromArrayOptions<D extends Dtype = Dtype> extends CreationOptions<D> {
  readonly shape?: readonly number[] | undefined
}

/**
 * An array of one block, which a lazy value gives: a block, nested lists, or a typed array that fills
 * the shape. Put several side by side with `concatenate` and `stack`.
 * @example da.fromDelayed(delayed(readImage)(path), { shape: [480, 640], dtype: 'uint8' })
 */
export function fromDelayed<D extends Dtype = 'float64'>(
  value: LazyOf<unknown>,
  options: { readonly shape: Shape; readonly dtype?: D },
): ChunkedArray<D> {
  return new ChunkedArray(delayedLayer(value, options))
}

/** Numbers from `start` (0 when left out) to before `stop`, `step` apart; float64, int64 of bigints. */
export function arange<D extends Dtype = 'float64'>(
  ...args: RangeArguments<number, D>
): ChunkedArray<D>
export function arange<D extends Dtype = 'int64'>(
  ...args: RangeArguments<bigint, D>
): ChunkedArray<D>
export function arange(
  ...args: RangeArguments<number, Dtype> | RangeArguments<bigint, Dtype>
): ChunkedArray {
  const last = args.at(-1)
  const hasOptions = typeof last === 'object' || last === undefined
  const options = (hasOptions ? (last ?? {}) : {}) as CreationOptions
  const numbers = (hasOptions ? args.slice(0, -1) : args) as readonly (number | bigint)[]
  if (numbers.length < 1 || numbers.length > 3) {
    throw new TypeError(
      `arange: expected stop, or start and stop, or start, stop and step; got ${show(args)}`,
    )
  }
  const big = typeof numbers[0] === 'bigint'
  const [start, stop] =
    numbers.length === 1 ? [big ? 0n : 0, numbers[0]!] : [numbers[0]!, numbers[1]!]
  return new ChunkedArray(rangeLayer(start, stop, numbers[2] ?? (big ? 1n : 1), options))
}

type RangeArguments<N, D extends Dtype> =
  | [stop: N, options?: CreationOptions<D>]
  | [start: N, stop: N, options?: CreationOptions<D>]
  | [start: N, stop: N, step: N, options?: CreationOptions<D>]

/** `count` numbers evenly from `start` to `stop`, both included unless `endpoint` is false. */
export function linspace<D extends Dtype = 'float64'>(
  start: number,
  stop: number,
  count = 50,
  options: CreationOptions<D> & { readonly endpoint?: boolean } = {},
): ChunkedArray<D> {
  return new ChunkedArray(linspaceLayer(start, stop, count, options))
}

/** An array of zeros, float64 when no dtype is given. */
export function zeros<D extends Dtype = 'float64'>(
  shape: Shape,
  options: CreationOptions<D> = {},
): ChunkedArray<D> {
  return constant('zeros', shape, 0, options)
}

/** An array of ones, float64 when no dtype is given. */
export function ones<D extends Dtype = 'float64'>(
  shape: Shape,
  options: CreationOptions<D> = {},
): ChunkedArray<D> {
  return constant('ones', shape, 1, options)
}

/** An array of one value: a number makes float64, a boolean bool, a bigint int64. */
export function full<S extends Scalar, D extends Dtype = DtypeOfScalar<S>>(
  shape: Shape,
  value: S,
  options: CreationOptions<D> = {},
): ChunkedArray<D> {
  return constant('full', shape, value, options)
}

function constant<D extends Dtype>(
  operation: string,
  shape: Shape,
  value: Scalar,
  options: CreationOptions<D>,
): ChunkedArray<D> {
  checkOptions(options, CREATION_OPTIONS, operation)
  const own = ({ number: 'float64', bigint: 'int64', boolean: 'bool' } as Record<string, Dtype>)[
    typeof value
  ]
  if (own === undefined) {
    throw new TypeError(
      `${operation}: expected a number, bigint or boolean to fill with; got ${show(value)}`,
    )
  }
  return new ChunkedArray(fullLayer(operation, shape, value, options.dtype ?? own, options.chunks))
}

/** A matrix with ones on diagonal `k` (0: the main one, above it positive) and zeros elsewhere. */
export function eye<D extends Dtype = 'float64'>(
  rows: number,
  options: CreationOptions<D> & { readonly columns?: number; readonly k?: number } = {},
): ChunkedArray<D> {
  return new ChunkedArray(eyeLayer(rows, options))
}

/** What random arrays can be told. The same seed, shape and chunks give the same numbers anywhere. */
export interface RandomOptions {
  readonly chunks?: ChunksSpec | undefined
  readonly seed?: number | undefined
}

const RANDOM_OPTIONS = ['chunks', 'seed'] as const

function finite(operation: string, ...values: readonly unknown[]): void {
  for (const value of values) {
    if (typeof value !== 'number' || !Number.isFinite(value)) {
      throw new TypeError(`${operation}: expected finite numbers; got ${show(value)}`)
    }
  }
}

/** Arrays of random numbers: `da.random.normal([1000, 1000], { seed: 1 })`. */
export const random = {
  /** Uniform in [0, 1). */
  random(shape: Shape, options: RandomOptions = {}): ChunkedArray<'float64'> {
    checkOptions(options, RANDOM_OPTIONS, 'random.random')
    return new ChunkedArray(randomLayer('random.random', 'uniform', 0, 1, shape, options))
  },
  /** Uniform in [low, high). */
  uniform(
    shape: Shape,
    options: RandomOptions & { readonly low?: number; readonly high?: number } = {},
  ): ChunkedArray<'float64'> {
    checkOptions(options, [...RANDOM_OPTIONS, 'low', 'high'], 'random.uniform')
    const { low = 0, high = 1 } = options
    finite('random.uniform', low, high)
    return new ChunkedArray(randomLayer('random.uniform', 'uniform', low, high, shape, options))
  },
  /** Normally distributed around `loc` with standard deviation `scale`. */
  normal(
    shape: Shape,
    options: RandomOptions & { readonly loc?: number; readonly scale?: number } = {},
  ): ChunkedArray<'float64'> {
    checkOptions(options, [...RANDOM_OPTIONS, 'loc', 'scale'], 'random.normal')
    const { loc = 0, scale = 1 } = options
    finite('random.normal', loc, scale)
    if (scale < 0) throw new RangeError(`random.normal: scale must not be negative; got ${scale}`)
    return new ChunkedArray(randomLayer('random.normal', 'normal', loc, scale, shape, options))
  },
  /** Integers from `low` (0 when left out) up to but not including `high`, int64. */
  integers(
    shape: Shape,
    options: RandomOptions & { readonly low?: number; readonly high: number },
  ): ChunkedArray<'int64'> {
    checkOptions(options, [...RANDOM_OPTIONS, 'low', 'high'], 'random.integers')
    const { low = 0, high } = options
    if (!Number.isSafeInteger(low) || !Number.isSafeInteger(high) || high <= low) {
      throw new RangeError(
        `random.integers: low and high must be integers, low < high; got ${show(low)} and ${show(high)}`,
      )
    }
    return new ChunkedArray(randomLayer('random.integers', 'integers', low, high, shape, options))
  },
} as const
