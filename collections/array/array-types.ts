/**
 * What the type checker knows of an array: its dtype, and whether computing it gives a block or one
 * value. Promotion is followed through chains of operations.
 */
import type { ComputeOptions } from '../../core/graph/get.js'
import type { Chunk } from './block/chunk.js'
import type { Dtype, Promote, Scalar, ScalarOf } from './block/dtype.js'
import type { ChunkedArray } from './chunked-array.js'
import type { ArraySpec } from './layers/array-spec.js'
import type { ReductionOptions } from './layers/reduction-layers.js'

/** A lazy array of any dtype, as far as operands need be known. */
export interface AnyArray extends ArraySpec {
  compute(options?: ComputeOptions): Promise<unknown>
}

/** What computing an array gives. */
export type ResultOf<A> = A extends { compute(options?: ComputeOptions): Promise<infer R> }
  ? R
  : never

/** What an operation may be given: an array, or a plain value. */
export type Operand = AnyArray | Scalar

/** The dtype in which an array and an operand meet. */
export type Meet<D extends Dtype, O> =
  O extends ChunkedArray<infer E, infer _>
    ? Promote<D, E>
    : O extends boolean
      ? D
      : O extends bigint
        ? D extends 'bool'
          ? 'int64'
          : D
        : D extends 'float32' | 'float64'
          ? D
          : (D extends 'bool' ? 'int64' : D) | 'float64'

/** The dtype in which two operands meet, of which one is an array. */
export type MeetBoth<A, B> = A extends AnyArray
  ? Meet<A['dtype'], B>
  : B extends AnyArray
    ? Meet<B['dtype'], A>
    : Dtype

/** The dtype of functions that give fractions. */
export type Fractional<D extends Dtype> = D extends 'float32' ? 'float32' : 'float64'

/** The dtype of sums and products. */
export type Summed<D extends Dtype> = D extends 'float32' | 'float64' ? D : 'int64'

/** The dtype of arithmetic that turns bool into uint8. */
export type Numeric<D extends Dtype> = D extends 'bool' ? 'uint8' : D

type IsSingle<O> = O extends AnyArray ? ([ResultOf<O>] extends [Scalar] ? true : false) : true

/** What computing an operation gives: one value if all operands are single values. */
export type Outcome<D extends Dtype, A, B> = false extends IsSingle<A> | IsSingle<B>
  ? Chunk<D>
  : ScalarOf<D>

/** The array that an operation on one gives. */
export type Unary<D extends Dtype, R> = ChunkedArray<
  D,
  [R] extends [Scalar] ? ScalarOf<D> : Chunk<D>
>

/** The array that an operation on two operands gives. */
export type Binary<D extends Dtype, A, B> = ChunkedArray<D, Outcome<D, A, B>>

/** Along which axes to reduce, and how: options, or just the axis or axes. */
export type ReductionArgument = ReductionOptions | number | readonly number[]

/** What a reduction leaves, as far as the call tells: without axes one value, else an array. */
export type Reduced<D extends Dtype, H> = H extends
  | { keepdims: true }
  | { axis: number | readonly number[] }
  | number
  | readonly number[]
  ? ChunkedArray<D>
  : ChunkedArray<D, ScalarOf<D>>

/** The matrix product of two arrays. */
export type Product<A extends AnyArray, B extends AnyArray> = ChunkedArray<
  Promote<A['dtype'], B['dtype']>
>

/** A product that is one value for two vectors. */
export type DotProduct<A extends AnyArray, B extends AnyArray> = ChunkedArray<
  Promote<A['dtype'], B['dtype']>,
  Chunk<Promote<A['dtype'], B['dtype']>> | ScalarOf<Promote<A['dtype'], B['dtype']>>
>
