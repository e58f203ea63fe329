/**
 * `da`: lazy N-d arrays in chunks, with NumPy's names and results.
 */
export { Chunk, type Nested } from './chunk.js'
export { ChunkedArray, ChunkedArray as Array } from './chunked-array.js'
export * from './creation.js'
export type { CreationOptions, MapBlocksOptions } from './creation-layers.js'
export type { DataOf, Dtype, Scalar, ScalarOf } from './dtype.js'
export * from './functions.js'
export type { ChunksSpec, Grid } from './grid.js'
export type { ReductionOptions } from './reduction-layers.js'
export type { IndexItem } from './slicing.js'
export type { AnyArray, Operand, ReductionArgument } from './types.js'
export type { AnyTypedArray, ArrayValues } from './values.js'
