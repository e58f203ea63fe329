/** The step that makes chunks of arrays of partitions. */
import { operations } from '../../../core/base/operations.js'
import type { Dtype } from '../../array/block/dtype.js'
import { NDArray } from '../../array/block/ndarray.js'
import { chunkFromValues } from '../../array/steps/chunk-from-values.js'
import { type MaybePromise, whenReady } from '../engine/partial-values.js'
import { type Partition, PartitionStream } from '../engine/partition-stream.js'

/** Makes a chunk of the items of a partition, which are numbers or equally long lists of numbers. */
export function toArrayStep(
  partition: Partition,
  dtype: Dtype,
  shape: readonly number[],
): MaybePromise<NDArray> {
  return whenReady(PartitionStream.of(partition).finish(), (items) => {
    if (items.length === 0) return NDArray.zeros(dtype, [0, ...shape])
    const chunk = chunkFromValues(items, 'toArray', dtype)
    const found = chunk.shape.slice(1)
    if (found.length === shape.length && found.every((n, axis) => n === shape[axis])) return chunk
    throw new RangeError(
      `toArray: the items have the shape [${found.join(', ')}], expected [${shape.join(', ')}]; give the shape of one item with { shape }`,
    )
  })
}

operations('collections/bag/steps/array-steps', { toArrayStep })
