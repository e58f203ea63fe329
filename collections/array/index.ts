/**
 * `da`: lazy N-d arrays in chunks, with NumPy's names and results.
 */

export type { AnyArray, Operand, ReductionArgument } from './array-types.js'
export { Chunk, type Nested } from './block/chunk.js'
export type { DataOf, Dtype, Scalar, ScalarOf } from './block/dtype.js'
export { ChunkedArray, ChunkedArray as Array } from './chunked-array.js'
export * from './creation-functions.js'
export * from './functions.js'
export type { CreationOptions, MapBlocksOptions } from './layers/creation-layers.js'
export type { ReductionOptions } from './layers/reduction-layers.js'
export type { ChunksSpec, Grid } from './planning/chunk-grid.js'
export type { IndexItem } from './planning/index-plan.js'
export type { AnyTypedArray, ArrayValues } from './steps/chunk-from-values.js'
