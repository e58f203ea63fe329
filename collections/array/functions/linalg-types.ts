/** The types of results of `da.linalg`. */
import type { AnyArray, QuotientDtype, RealDtype } from '../array-types.js'
import type { ChunkedArray } from '../chunked-array.js'
import type { ArrayOrValue } from './linear-algebra-functions.js'

/** The array of the dtype in which linear algebra computes. */
export type InexactArray<A extends AnyArray> = ChunkedArray<QuotientDtype<A['dtype']>>

/** The array of the dtype of magnitudes: a float. */
export type MagnitudeArray<A extends AnyArray> = ChunkedArray<RealDtype<QuotientDtype<A['dtype']>>>

/** The array of the complex dtype of the same precision. */
export type ComplexArray<A extends AnyArray> = ChunkedArray<
  RealDtype<QuotientDtype<A['dtype']>> extends 'float32' ? 'complex64' : 'complex128'
>

/** Magnitudes, or one value if no axis is left. */
export type Magnitudes<A extends AnyArray> = ArrayOrValue<RealDtype<QuotientDtype<A['dtype']>>>

/** Numbers of the dtype in which linear algebra computes, or one value if no axis is left. */
export type InexactValues<A extends AnyArray> = ArrayOrValue<QuotientDtype<A['dtype']>>
