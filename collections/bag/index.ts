/** Bags: lazy lists of items in partitions. Use as `import * as db from 'skein/bag'`. */

import '../../core/base/supported-runtime.js'

export type { ComputeOptions } from '../../core/index.js'
// The types of the array that `bag.toArray()` makes.
export type * from '../array/mentioned-types.js'
export type {
  ArgumentItem,
  ArgumentItems,
  ArgumentPartition,
  ArgumentPartitions,
  ArgumentValue,
} from '../base/argument-types.js'
export type { Collection } from '../base/collection.js'
export type { DrawingOptions } from '../base/draw-graph.js'
export type { ExplainedLayer, ExplainedStep, Explanation, LayerBlocks } from '../base/explain.js'
export type { Delayed, ItemOperand } from '../base/item.js'
export { Item } from '../base/item.js'
export type { LazyOf as LazyValue, RemoteOf as RemoteResult } from '../base/lazy-arguments.js'
export type { StreamCodec } from '../files/decompress.js'
export {
  type FileSystem,
  registerFileSystem,
  type StoredFile,
  type StoredFileWriter,
} from '../files/file-system.js'
export type { HttpOptions } from '../files/http-files.js'
export type { StorageOptions } from '../files/remote-files.js'
export type { S3Options } from '../files/s3-location.js'
export { Bag, type ItemsAndRejects, type TextOperations } from './bag.js'
export type {
  BagSortOptions,
  DistinctOptions,
  FoldbyOptions,
  FoldOptions,
  JoinOptions,
  PluckOptions,
} from './bag-arguments.js'
export {
  concat,
  fromArrow,
  fromAsyncIterable,
  fromDelayed,
  fromSequence,
  type ItemOfLazyList,
  type ItemOfList,
  map,
  mapPartitions,
  type PartitionOptions,
  range,
  readText,
  zip,
} from './creation-functions.js'
export type { ItemReject } from './engine/failed-item.js'
export {
  type CollectedRecords,
  type FilePatterns,
  fromSql,
  fromUrl,
  readArrow,
  readAvro,
  readCsv,
  readJson,
  readJsonl,
  readParquet,
  type SchemaOutput,
} from './file-functions.js'
export type { ReadTextOptions } from './io/read-text-plan.js'
export type { Codec, WriteCodec } from './io/text-format.js'
export type { WriteOptions } from './io/write-text-plan.js'
export type { Field, FieldValue, Joined, Key, KeyValue, SplitOptions } from './item-types.js'
export { type RandomSampleOptions, random } from './random-functions.js'
export type { ReadArrowOptions, WriteArrowOptions } from './records/arrow-file-plan.js'
export type { AvroCodec } from './records/avro-codecs.js'
export type { ReadAvroOptions, WriteAvroOptions } from './records/avro-plan.js'
export type { AvroSchema } from './records/avro-types.js'
export type { ColumnType, CsvValue } from './records/csv-types.js'
export type { OnError, Reject } from './records/dirty-records.js'
export type { ReadParquetOptions, WriteParquetOptions } from './records/parquet-plan.js'
export type { ParquetCodec } from './records/parquet-steps.js'
export type {
  ReadCsvOptions,
  ReadJsonOptions,
  ReadRecordOptions,
} from './records/read-records-plan.js'
export type { WrittenFile } from './records/record-files.js'
export type { RecordSchema, SchemaIssue, SchemaResult } from './records/record-schema.js'
export type {
  WriteCsvOptions,
  WriteJsonOptions,
  WriteRecordOptions,
} from './records/write-records-plan.js'
export type { FromSqlOptions, ToSqlOptions } from './sql/sql-plan.js'
export type { WrittenRows } from './sql/write-sql.js'
export type { JoinKind } from './steps/join-steps.js'
