/** Assembling blocks. */
import { expect, test } from 'vitest'
import type { Dtype } from '../../../../collections/array/block/dtype.js'
import { NDArray } from '../../../../collections/array/block/ndarray.js'
import { assembleBlock } from '../../../../collections/array/kernels/assemble-block.js'

function counting<D extends Dtype>(dtype: D, shape: number[], start = 1): NDArray<D> {
  const chunk = NDArray.zeros(dtype, shape)
  const data = chunk.data as unknown as (number | bigint)[]
  for (let i = 0; i < chunk.size; i++) data[i] = dtype === 'int64' ? BigInt(start + i) : start + i
  return chunk
}

test('a block is assembled from parts of others', () => {
  const part = { start: 1, step: 1, size: 2 }
  const out = assembleBlock(
    [counting('int32', [3, 3]), counting('int32', [3, 3], 100)],
    'int32',
    [2, 4],
    [
      { source: 0, take: [part, part], to: [0, 0] },
      { source: 1, take: [part, part], to: [0, 2] },
    ],
  )
  expect(out.toArray()).toEqual([
    [5, 6, 104, 105],
    [8, 9, 107, 108],
  ])
})
