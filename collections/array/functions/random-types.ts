/**
 * Types of the arguments and results of random arrays.
 */
import type { AnyArray } from '../array-types.js'
import type { Nested } from '../block/ndarray.js'
import type { RandomOptions } from '../layers/random-layers.js'
import type { AnyTypedArray, DtypeOfData } from '../steps/chunk-from-values.js'

/** A parameter of a distribution: a number, or numbers that broadcast with the shape. */
export type RandomParameter = number | AnyArray | Nested<number> | AnyTypedArray

/** The options of a distribution with required parameters `R` and optional ones `O`. */
export type DistributionOptions<R extends string, O extends string = never> = RandomOptions & {
  readonly [K in R]: RandomParameter
} & { readonly [K in O]?: RandomParameter | undefined }

/** The dtype of what `choice` and `permutation` draw. */
export type ChoiceDtype<A> = A extends number
  ? 'int64'
  : A extends AnyArray
    ? A['dtype']
    : A extends AnyTypedArray
      ? DtypeOfData<A>
      : 'float64'
