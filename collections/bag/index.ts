/** Bags: lazy lists of items in partitions. Use as `import * as db from 'skein/bag'`. */

export { Item } from '../base/item.js'
export { Bag } from './bag.js'
export {
  concat,
  fromDelayed,
  fromSequence,
  type PartitionOptions,
  range,
  readText,
  zip,
} from './creation.js'
export type { FoldOptions } from './fold-options.js'
export { fromArrow } from './from-arrow.js'
export type { ReadTextOptions } from './io/text-files.js'
export type { WriteOptions } from './io/write-text.js'
export type { TextOperations } from './strings.js'
export type { Field, FieldValue, Key, KeyValue, SplitOptions } from './types.js'
