/** Bags: lazy lists of items in partitions. Use as `import * as db from 'skein/bag'`. */
export { fromArrow } from './arrow.js'
export { Bag } from './bag.js'
export {
  concat,
  fromDelayed,
  fromSequence,
  type PartitionOptions,
  range,
  readText,
  zip,
} from './create.js'
export type { FoldOptions } from './fold-options.js'
export { Item } from './item.js'
export type { TextOperations } from './strings.js'
export type { ReadTextOptions } from './text-files.js'
export type { Field, FieldValue, Key, KeyValue, SplitOptions } from './types.js'
export type { WriteOptions } from './write.js'
