/**
 * `da`: lazy N-d arrays in chunks, with NumPy's names and results.
 */

import '../../core/base/supported-runtime.js'

export type { ComputeOptions } from '../../core/index.js'
export type { ArgumentItem, ArgumentItems, ArgumentValue } from '../base/argument-types.js'
export type { Collection } from '../base/collection.js'
export type { DrawingOptions } from '../base/draw-graph.js'
export type { ExplainedLayer, ExplainedStep, Explanation, LayerBlocks } from '../base/explain.js'
export type { Delayed, Item, ItemOperand } from '../base/item.js'
export type { LazyOf as LazyValue, RemoteOf as RemoteResult } from '../base/lazy-arguments.js'
export type { FileAccess } from '../files/file-system.js'
export type { StorageOptions } from '../files/remote-files.js'
export type { S3Credentials, S3Location, S3Options } from '../files/s3-location.js'
export type {
  AnyArray,
  BinaryFloatDtype,
  BinaryFloatDtypeOf,
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
export { type IndexedBlock, NDArray, type Nested } from './block/ndarray.js'
export {
  type BinaryArray,
  ChunkedArray,
  ChunkedArray as Array,
  type DotProductArray,
  type DtypeOption,
  type IndexedArray,
  type Indexer,
  type ProductArray,
  type ReducedArray,
  type ReductionDtype,
  type UnaryArray,
} from './chunked-array.js'
export * from './functions/axis-functions.js'
export {
  applyBlockwise as blockwise,
  applyGufunc,
  asGufunc,
  type GufuncResult,
  gufunc,
  mapBlocks,
  rechunk,
  unifyChunks,
} from './functions/block-functions.js'
export * from './functions/composed-functions.js'
export * from './functions/constants.js'
export * from './functions/covariance-functions.js'
export * from './functions/creation-functions.js'
export * from './functions/cumulative-functions.js'
export * from './functions/diagonal-functions.js'
export {
  broadcastShapes,
  canCast,
  commonDtype as resultType,
  convertDtype as astype,
  type DtypeKind,
  isdtype,
  ndim,
  shape,
} from './functions/dtype-functions.js'
export * from './functions/elementwise-functions.js'
export * from './functions/fft-functions.js'
export * from './functions/float-parts-functions.js'
export * from './functions/histogram-functions.js'
export * from './functions/image-functions.js'
export * from './functions/indexing-functions.js'
export * from './functions/joining-functions.js'
export { concatenate as concat } from './functions/joining-functions.js'
export * from './functions/like-functions.js'
export * as linalg from './functions/linalg.js'
export * from './functions/linear-algebra-functions.js'
export * as ma from './functions/ma.js'
export * from './functions/npy-functions.js'
export * from './functions/overlap-functions.js'
export * from './functions/pad-functions.js'
export * from './functions/position-functions.js'
export * from './functions/quantile-functions.js'
export * from './functions/random-functions.js'
export * from './functions/random-generator.js'
export * from './functions/random-types.js'
export * from './functions/reduction-functions.js'
export * from './functions/reshape-functions.js'
export * from './functions/shape-functions.js'
export * from './functions/sorting-functions.js'
export * from './functions/standard-names.js'
export * from './functions/statistics-functions.js'
export * as stats from './functions/stats.js'
export * from './functions/storage-functions.js'
export * from './functions/unique-functions.js'
export * from './functions/zarr-functions.js'
export type {
  ArraySource,
  ArrayTarget,
  RegionValues,
} from './io/array-source.js'
export { BinaryFile, type BinaryLayout } from './io/binary-file.js'
export type { ByteOrder } from './io/element-code.js'
export type { ImreadOptions } from './io/image-files.js'
export { ZarrArray, type ZarrPlace } from './io/zarr/zarr-array.js'
export type { ZarrGroup } from './io/zarr/zarr-group.js'
export type {
  ChunkCodecs,
  CodecConfig,
  ShardCodecs,
  ZarrMetadata,
} from './io/zarr/zarr-metadata.js'
export type { SentLocation, ZarrLocation, ZarrStore } from './io/zarr/zarr-store.js'
export type { ElementOrder, OutsideMode } from './kernels/position-kernel.js'
export type { QuantileMethod } from './kernels/quantile-methods.js'
export type { AlongAxisOptions } from './layers/along-axis-layers.js'
export type { ArrayArgument } from './layers/array-arguments.js'
export type { ArraySpec } from './layers/array-spec.js'
export type { BincountOptions } from './layers/bincount-layers.js'
export type { AxisArgument, ConcatenateAxis } from './layers/concatenate-layers.js'
export type { CreationOptions } from './layers/creation-layers.js'
export type {
  CumulativeArgument,
  CumulativeOptions,
  CumulativeSumOptions,
} from './layers/cumulative-layers.js'
export type { CustomReductionOptions } from './layers/custom-reduction-layers.js'
export type { AxesDiagonalOptions, TraceOptions } from './layers/diagonal-layers.js'
export type { AstypeOptions } from './layers/elementwise-layers.js'
export type { FftAxesOptions, FftName, FftNorm, FftOptions } from './layers/fft-layers.js'
export type { GufuncOptions } from './layers/gufunc-layers.js'
export type { Bins, HistogramAxesOptions, HistogramOptions } from './layers/histogram-layers.js'
export type { LazyIndexItem } from './layers/lazy-index-layers.js'
export type {
  BlockwiseOptions,
  InferredDtype,
  MapBlocksOptions,
} from './layers/map-blocks-layers.js'
export type { MomentOptions } from './layers/moment-layers.js'
export type {
  BinaryOptions,
  FileOrderOptions,
  NpyStackOptions,
  ToBinaryOptions,
  ToNpyOptions,
  ToNpzOptions,
} from './layers/npy-layers.js'
export type { MapOverlapOptions, OverlapOptions, PerAxis } from './layers/overlap-layers.js'
export type { PadFunction, PadMode, PadOptions, PadWidth } from './layers/pad-layers.js'
export type { AxisList, TensordotAxes } from './layers/product-layers.js'
export type { QuantileOptions } from './layers/quantile-layers.js'
export type { ChoiceOptions, RandomOptions, SizeOptions } from './layers/random-layers.js'
export type { RechunkOptions } from './layers/rechunk-layers.js'
export type {
  AxisReductionOptions,
  ReductionArgument,
  ReductionOptions,
} from './layers/reduction-layers.js'
export type { SortArgument, SortOptions } from './layers/sort-layers.js'
export type { SourceOptions } from './layers/storage-layers.js'
export type { StoreOptions } from './layers/store-arrays.js'
export type { TopkArgument, TopkOptions } from './layers/topk-layers.js'
export type {
  CreateZarrOptions,
  ToZarrOptions,
  ZarrCompressor,
  ZarrFormatOptions,
} from './layers/zarr-layers.js'
export type { AxisLabel } from './planning/blockwise-plan.js'
export type { Grid } from './planning/chunk-grid.js'
export type { AxisChunks, ByteSize, ChunksSpec } from './planning/chunks-argument.js'
export type { Boundary, Overlap } from './planning/overlap-plan.js'
export type { PerSide, SidePair } from './planning/pad-arguments.js'
export type { AxisRange, Region, RegionSpec } from './planning/regions.js'
export type {
  AnyTypedArray,
  ArrayValues,
  DtypeOfData,
  DtypeOfScalar,
} from './steps/chunk-from-values.js'
export type { BlockContext, BlockLocation, ResultLocation } from './steps/map-blocks-steps.js'
