/** Bags: lazy lists of items in partitions. Use as `import * as db from 'skein/bag'`. */

export { Item } from '../base/item.js'
export { Bag, type TextOperations } from './bag.js'
export type { FoldbyOptions, FoldOptions, PluckOptions } from './bag-arguments.js'
export {
  concat,
  fromArrow,
  fromDelayed,
  fromSequence,
  type ItemOfLazyList,
  type PartitionOptions,
  range,
  readText,
  zip,
} from './creation-functions.js'
export type { ReadTextOptions } from './io/read-text-plan.js'
export type { WriteOptions } from './io/write-text-plan.js'
export type { Field, FieldValue, Key, KeyValue, SplitOptions } from './item-types.js'
