/**
 * Type inference for arrays: the dtype of a result, and whether computing it gives a chunk or one
 * value. Dtypes are followed through chains of operations.
 */
import type { ComputeOptions } from '../../core/graph/get.js'
import type { ArgumentValue } from '../base/argument-types.js'
import type { Complex, Dtype, Promote, Scalar, ScalarOf } from './block/dtype.js'
import type { NDArray } from './block/ndarray.js'
import type { ArraySpec } from './layers/array-spec.js'

/** A lazy array of any dtype, as far as operations on it need to know. */
export interface AnyArray extends ArraySpec {
  /** Computes the array: to a chunk, or to one value if it has no axes. */
  compute(options?: ComputeOptions): Promise<unknown>
}

/** A lazy array of dtype `D`. */
interface ArrayOf<D extends Dtype> extends AnyArray {
  readonly dtype: D
}

/** An operand of an elementwise operation: an array or a plain value. */
export type Operand = AnyArray | Scalar

/** The type of the computed value of an array. */
type ResultOf<A> = A extends { compute(options?: ComputeOptions): Promise<infer R> } ? R : never

/** The common dtype of an array of dtype `D` and an operand. */
export type CommonDtype<D extends Dtype, O> =
  O extends ArrayOf<infer E>
    ? Promote<D, E>
    : O extends boolean
      ? D
      : O extends bigint
        ? D extends 'bool'
          ? 'int64'
          : D
        : O extends Complex
          ? D extends 'float32' | 'complex64'
            ? 'complex64'
            : 'complex128'
          : D extends 'float32' | 'float64' | 'complex64' | 'complex128'
            ? D
            : (D extends 'bool' ? 'int64' : D) | 'float64'

/** The common dtype of two operands, at least one of them an array. */
export type CommonDtypeOf<A, B> = A extends AnyArray
  ? CommonDtype<A['dtype'], B>
  : B extends AnyArray
    ? CommonDtype<B['dtype'], A>
    : Dtype

/** The dtype of functions with fractional results, such as `sqrt`. */
export type FloatDtype<D extends Dtype> = D extends 'float32' | 'int16' | 'uint16'
  ? 'float32'
  : D extends 'complex64' | 'complex128'
    ? D
    : 'float64'

/** The dtype of functions with fractional results of an array of dtype `D` and an operand, such as `hypot`. */
export type BinaryFloatDtype<D extends Dtype, O> =
  O extends ArrayOf<infer E>
    ? [D | E] extends ['bool' | 'int8' | 'uint8']
      ? 'float64'
      : [D | E] extends ['bool' | 'int8' | 'uint8' | 'int16' | 'uint16']
        ? 'float32'
        : FloatDtype<Promote<D, E>>
    : FloatDtype<CommonDtype<D, O>>

/** The dtype of functions with fractional results of two operands, at least one of them an array. */
export type BinaryFloatDtypeOf<A, B> = A extends AnyArray
  ? BinaryFloatDtype<A['dtype'], B>
  : B extends AnyArray
    ? BinaryFloatDtype<B['dtype'], A>
    : Dtype

/** The dtype of quotients and means. */
export type QuotientDtype<D extends Dtype> = D extends 'float32' | 'complex64' | 'complex128'
  ? D
  : 'float64'

/** The dtype of magnitudes and of real and imaginary parts. */
export type RealDtype<D extends Dtype> = D extends 'complex64'
  ? 'float32'
  : D extends 'complex128'
    ? 'float64'
    : D

/** The dtype of sums and products. */
export type SumDtype<D extends Dtype> = D extends 'float32' | 'float64' | 'complex64' | 'complex128'
  ? D
  : D extends 'uint8' | 'uint16' | 'uint32' | 'uint64'
    ? 'uint64'
    : 'int64'

/** The dtype of arithmetic that converts bool to int8. */
export type NumericDtype<D extends Dtype> = D extends 'bool' ? 'int8' : D

/** The computed value for one array: one value if that of `R` is. */
export type UnaryResult<D extends Dtype, R> = [R] extends [Scalar] ? ScalarOf<D> : NDArray<D>

type IsSingle<O> = O extends AnyArray ? ([ResultOf<O>] extends [Scalar] ? true : false) : true

/** The computed value for two operands: one value if both are single values. */
export type BinaryResult<D extends Dtype, A, B> = false extends IsSingle<A> | IsSingle<B>
  ? NDArray<D>
  : ScalarOf<D>

/** What a function of blocks receives for an argument: of an array a block, else the computed value. */
export type BlockOf<A> = A extends AnyArray ? NDArray<A['dtype']> : ArgumentValue<A>

/** `BlockOf` of each of several arguments. */
export type BlocksOf<A extends readonly unknown[]> = { -readonly [K in keyof A]: BlockOf<A[K]> }
