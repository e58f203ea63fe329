/** The text of blocks, against NumPy's. */
import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import type { Dtype } from '../../../../collections/array/block/dtype.js'
import { NDArray } from '../../../../collections/array/block/ndarray.js'
import { chunkOf, type Encoded, fixture } from '../numpy-fixtures.js'

interface Printed {
  readonly dtype: Dtype
  readonly shape: readonly number[]
  readonly values: readonly Encoded[]
  readonly text: string
}

test.each(fixture<Printed[]>('printed'))('$dtype $shape: $text', (printed) => {
  const { dtype, shape, values, text } = printed
  expect(String(chunkOf(dtype, values, shape))).toBe(text)
})

test('console.log shows the dtype and the shape, too', () => {
  const chunk = new NDArray('float64', Float64Array.of(1, 2, 3, 4.5), [2, 2])
  expect(inspect(chunk)).toBe('NDArray(float64, [2, 2])\n[[1.  2. ]\n [3.  4.5]]')
  expect(inspect({ chunk: chunk.transpose() }, { compact: false })).toContain('[1.  3. ]')
  expect(inspect(NDArray.zeros('int64', []))).toBe('NDArray(int64, [])\n0')
})
