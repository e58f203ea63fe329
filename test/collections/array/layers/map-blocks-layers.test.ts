/** Functions of blocks. */

import { describe, expect, test } from 'vitest'
import * as da from '../../../../collections/array/index.js'
import { getSync } from '../../../../core/run/get-sync.js'
import { list, matrix } from '../array-support.js'

describe('functions of blocks', () => {
  const x = da.fromArray(matrix(4, 3), { chunks: [3, 2] })

  test('receive a block and return one', async () => {
    const double = x.mapBlocks((block) => block.data.map((v) => v * 2))
    expect(await list(double)).toEqual(matrix(4, 3).map((r) => r.map((v) => 2 * v)))
    const shapes = x.mapBlocks((block) => [[block.shape[0]!, block.shape[1]!]], {
      chunks: [1, 2],
      dtype: 'int32',
    })
    expect(await list(shapes)).toEqual([
      [3, 2, 3, 1],
      [1, 2, 1, 1],
    ])
    const both = da.mapBlocks((a, b) => a.data.map((v, i) => v + b.data[i]!), [x, x.add(1)])
    expect(await list(both)).toEqual(matrix(4, 3).map((r) => r.map((v) => 2 * v + 1)))
  })

  test('may modify the block they receive', async () => {
    const sorted = x.mapBlocks((block) => block.data.sort((a, b) => b - a))
    expect(((await list(sorted)) as number[][])[0]).toEqual([7, 6, 8])
    expect(await list(x)).toEqual(matrix(4, 3))
  })

  test('that return a wrong shape are refused, with the name of the operation', () => {
    const wrong = x.mapBlocks(() => [1, 2])
    expect(() => getSync(wrong.optimize(), wrong.keys)).toThrow(
      /mapBlocks: the function returned a block of shape \[2\], expected \[3,2\]/,
    )
    expect(() => x.mapBlocks(5 as never)).toThrow(/expected a function/)
    expect(() => x.mapBlocks(() => 1, { chunks: [1] })).toThrow(/one entry per axis/)
  })
})
