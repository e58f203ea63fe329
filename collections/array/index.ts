/**
 * `da`: lazy N-d arrays in chunks, with NumPy's names and results.
 */
export type { AnyArray, Operand } from './array-types.js'
export { Chunk, type Nested } from './block/chunk.js'
export type { Casting, DataOf, Dtype, Scalar, ScalarOf } from './block/dtype.js'
export * from './block-functions.js'
export { ChunkedArray, ChunkedArray as Array } from './chunked-array.js'
export * from './creation-functions.js'
export * from './elementwise-functions.js'
export type { AxisArgument } from './layers/concatenate-layers.js'
export type { CreationOptions } from './layers/creation-layers.js'
export type { AstypeOptions } from './layers/elementwise-layers.js'
export type { HistogramOptions } from './layers/histogram-layers.js'
export type { MapBlocksOptions } from './layers/map-blocks-layers.js'
export type { RandomOptions } from './layers/random-layers.js'
export type {
  AxisReductionOptions,
  ReductionArgument,
  ReductionOptions,
} from './layers/reduction-layers.js'
export * from './linear-algebra-functions.js'
export type { Grid } from './planning/chunk-grid.js'
export type { ChunksSpec } from './planning/chunks-argument.js'
export type { IndexItem } from './planning/index-parser.js'
export * from './reduction-functions.js'
export * from './reshape-functions.js'
export type { AnyTypedArray, ArrayValues } from './steps/chunk-from-values.js'
