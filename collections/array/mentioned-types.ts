/** The types that the methods of arrays mention, for entry points whose classes make arrays. */
export type { FileAccess } from '../files/file-system.js'
export type {
  AnyArray,
  BinaryFloatDtype,
  BinaryResult,
  BlockOf,
  BlocksOf,
  CommonDtype,
  CommonDtypeOf,
  FloatDtype,
  NumericDtype,
  Operand,
  QuotientDtype,
  RealDtype,
  SumDtype,
  UnaryResult,
} from './array-types.js'
export type {
  Casting,
  Complex,
  DataOf,
  Dtype,
  DtypeOfData,
  Promote,
  Scalar,
  ScalarOf,
  TypedArray,
} from './block/dtype.js'
export type {
  AxisSlice,
  IndexArray,
  IndexBlock,
  IndexItem,
  IndexList,
} from './block/index-parser.js'
export type { IndexedBlock, NDArray, Nested } from './block/ndarray.js'
export type {
  BinaryArray,
  ChunkedArray,
  DotProductArray,
  DtypeOption,
  IndexedArray,
  Indexer,
  ProductArray,
  ReducedArray,
  ReductionDtype,
  UnaryArray,
} from './chunked-array.js'
export type { ArrayTarget, RegionValues } from './io/array-source.js'
export type { ZarrLocation, ZarrStore } from './io/zarr/zarr-store.js'
export type { ArraySpec } from './layers/array-spec.js'
export type { CumulativeArgument, CumulativeOptions } from './layers/cumulative-layers.js'
export type { TraceOptions } from './layers/diagonal-layers.js'
export type { AstypeOptions } from './layers/elementwise-layers.js'
export type { LazyIndexItem } from './layers/lazy-index-layers.js'
export type { InferredDtype, MapBlocksOptions } from './layers/map-blocks-layers.js'
export type { MomentOptions } from './layers/moment-layers.js'
export type { ToNpyOptions } from './layers/npy-layers.js'
export type { MapOverlapOptions, PerAxis } from './layers/overlap-layers.js'
export type { RechunkOptions } from './layers/rechunk-layers.js'
export type {
  AxisReductionOptions,
  ReductionArgument,
  ReductionOptions,
} from './layers/reduction-layers.js'
export type { StoreOptions } from './layers/store-arrays.js'
export type { TopkArgument, TopkOptions } from './layers/topk-layers.js'
export type { ToZarrOptions, ZarrCompressor } from './layers/zarr-layers.js'
export type { Grid } from './planning/chunk-grid.js'
export type { AxisChunks, ByteSize, ChunksSpec } from './planning/chunks-argument.js'
export type { Boundary, Overlap } from './planning/overlap-plan.js'
export type { AxisRange, Region, RegionSpec } from './planning/regions.js'
export type { AnyTypedArray, ArrayValues } from './steps/chunk-from-values.js'
export type { BlockContext, BlockLocation, ResultLocation } from './steps/map-blocks-steps.js'
