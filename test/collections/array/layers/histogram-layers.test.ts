/** Histograms of arrays. */

import { expect, test } from 'vitest'
import * as da from '../../../../collections/array/index.js'
import { list } from '../array-support.js'

test('histogram returns counts and edges', async () => {
  const x = da.fromArray([0, 1, 1, 2, 5, 9, 10, NaN], { chunks: 3 })
  const [counts, edges] = da.histogram(x, { bins: 2, range: [0, 10] })
  expect(await list(counts)).toEqual([4n, 3n])
  expect(edges).toEqual([0, 5, 10])
  expect(await list(da.histogram(x, { bins: [0, 1, 2, 11] })[0])).toEqual([1n, 2n, 4n])
  expect(() => da.histogram(x, { bins: 3 })).toThrow(/range must be/)
  expect(() => da.histogram(x, { bins: [3, 2] })).toThrow(/in ascending order/)
})
