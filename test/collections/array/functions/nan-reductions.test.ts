/** Reductions that ignore NaN, dtypes of sums, diagonals and averages beside NumPy. */
import { expect, test } from 'vitest'
import { callsOf } from '../numpy-calls.js'

test.each(callsOf('nan-reductions'))('%s is as in NumPy', async (_, run) => {
  expect(await run()).toEqual([])
})
