/** Arrays as collections: persisting, reviving, computing. */

import { describe, expect, test } from 'vitest'
import * as da from '../../../collections/array/index.js'
import { loadOperations } from '../../../core/base/operations.js'
import { decode, encode } from '../../../core/codec/index.js'
import { describeCollection } from '../../../core/graph/collection-interface.js'
import { reviveCollection } from '../../../core/graph/descriptor.js'
import { get, list } from './array-support.js'

describe('collections', () => {
  test('persist keeps the name and computes once', async () => {
    const x = da.random.random([6], { chunks: 2, seed: 3 }).add(1)
    const persisted = await x.persist({ get })
    expect(persisted.name).toBe(x.name)
    expect(await list(persisted)).toEqual(await list(x))
    expect(await list(persisted.sub(x).abs().max())).toBe(0)
  })

  test('are revived from their description', async () => {
    const x = da.random.random([4, 3], { chunks: 2, seed: 3 }).sum({ axis: 0 })
    await loadOperations('collections/array/steps/random-steps')
    await loadOperations('collections/array/steps/elementwise-steps')
    await loadOperations('collections/array/steps/reduction-steps')
    const revived = (await reviveCollection(
      decode(encode(x[describeCollection]())) as never,
    )) as typeof x
    expect(revived).toBeInstanceOf(da.ChunkedArray)
    expect(revived.name).toBe(x.name)
    expect(await list(revived)).toEqual(await list(x))
  })

  test('the result is contiguous and owns its memory', async () => {
    const result = await da.arange(6).reshape(2, 3).T.compute({ get })
    expect([...result.data]).toEqual([0, 3, 1, 4, 2, 5])
    expect(result.shape).toEqual([3, 2])
    expect(result.dtype).toBe('float64')
  })
})
