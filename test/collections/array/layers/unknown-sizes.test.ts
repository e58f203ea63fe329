/** Arrays whose sizes depend on values: masks, and what operations do with them. */
import { describe, expect, test } from 'vitest'
import * as da from '../../../../collections/array/index.js'
import { get, list, tasks } from '../array-support.js'

const values = [3, -1, 4, -1, -5, 9, 2, -6, 5, 3]
const x = da.fromArray(values, { chunks: [[3, 4, 3]] })
const mask = x.gt(0)
const positive = values.filter((value) => value > 0)
const chosen = x.at(mask)
const table = da.arange(24, { chunks: 5 }).reshape(8, 3).rechunk([3, 2])
const rowMask = da.fromArray([true, false, true, true, false, false, true, false], { chunks: 3 })
const rows = table.at(rowMask)
const kept = [0, 2, 3, 6].map((i) => [3 * i, 3 * i + 1, 3 * i + 2])
const flat = kept.flat()

describe('unknown sizes', () => {
  test('are NaN in shape and chunks, and printed', async () => {
    expect([chosen.shape, chosen.chunks]).toEqual([[NaN], [[NaN, NaN, NaN]]])
    expect(rows.shape).toEqual([NaN, 3])
    expect(chosen.size).toBeNaN()
    expect(rows.toString()).toBe(
      'ChunkedArray<float64, shape [NaN, 3], chunks [[NaN, NaN, NaN], [2, 1]]>',
    )
    expect(await list(chosen)).toEqual(positive)
    expect(await list(rows)).toEqual(kept)
    expect(tasks(chosen)).toEqual(['compress 3'])
  })

  test('become known by computeChunkSizes', async () => {
    const known = await rows.computeChunkSizes({ get })
    expect(known.chunks).toEqual([
      [2, 1, 1],
      [2, 1],
    ])
    expect(await list(known.at('::-1', 0))).toEqual([18, 9, 6, 0])
    expect(await x.computeChunkSizes({ get })).toBe(x)
  })

  test('pass through elementwise operations and reductions', async () => {
    expect(tasks(chosen.mul(2).add(chosen))).toEqual(['add 3'])
    expect(await list(chosen.mul(2).add(chosen))).toEqual(positive.map((v) => 3 * v))
    // The same mask, written twice, selects as many elements.
    const twice = x.at(x.gt(0)).sub(x.mul(2).at(x.gt(0)))
    expect(twice.chunks).toEqual([[NaN, NaN, NaN]])
    expect(await list(twice)).toEqual(positive.map((v) => -v))
    for (const name of ['sum', 'mean', 'min', 'max', 'std', 'var', 'prod', 'any', 'all'] as const) {
      const expected = await list(da.fromArray(positive, { chunks: [[2, 2, 2]] })[name]())
      expect([name, await list(chosen[name]())]).toEqual([name, expected])
      const columns = await list(da.fromArray(kept, { chunks: [[2, 1, 1], 2] })[name](0))
      expect([name, await list(rows[name](0))]).toEqual([name, columns])
      const sums = await list(
        da.fromArray(kept, { chunks: [[2, 1, 1], 2] })[name](1, { keepdims: true }),
      )
      expect([name, await list(rows[name](1, { keepdims: true }))]).toEqual([name, sums])
    }
    expect(await list(chosen.argmax())).toBe(BigInt(positive.indexOf(9)))
    expect(await list(rows.argmin())).toBe(0n)
    expect(await list(rows.argmax(0))).toEqual([3n, 3n, 3n])
    const none = x.at(x.gt(100))
    expect(await list(none.sum())).toBe(0)
    expect(await list(none.mean())).toBeNaN()
    await expect(none.max().compute({ get })).rejects.toThrow(/no elements/)
  })

  test('of different masks are compared when they are computed', async () => {
    const few = x.at(x.gt(4))
    const others = x.at(x.lt(-1))
    expect(few.add(others).chunks).toEqual([[NaN]])
    expect(await list(few.add(others))).toEqual([4, -1])
    await expect(chosen.add(few).compute({ get })).rejects.toThrow(/do not broadcast/)
    const known = da.arange(positive.length, { chunks: 2 })
    expect(chosen.add(known).shape).toEqual([positive.length])
    expect(await list(chosen.add(known))).toEqual(positive.map((v, i) => v + i))
  })

  test('are no obstacle to indices', async () => {
    expect(await list(chosen.at('1:-1:2'))).toEqual(
      positive.slice(1, -1).filter((_, i) => i % 2 === 0),
    )
    expect(await list(chosen.at(-1))).toBe(3)
    expect(await list(chosen.at([0, -1]))).toEqual([3, 3])
    expect(chosen.at([0, -1]).shape).toEqual([2])
    expect(await list(rows.at('1:', 0))).toEqual(kept.slice(1).map((row) => row[0]))
    expect(await list(rows.at(':', 1))).toEqual(kept.map((row) => row[1]))
    expect(await list(chosen.at(chosen.gt(3)))).toEqual(positive.filter((v) => v > 3))
    expect(await list(chosen.at(x.at(mask).gt(3)))).toEqual(positive.filter((v) => v > 3))
    expect(await list(rows.at(rows.gt(7)))).toEqual(flat.filter((v) => v > 7))
    await expect(chosen.at(99).compute({ get })).rejects.toThrow(/99 is outside axis 0 of size 6/)
  })

  test('are no obstacle to other shapes, chunks and joins', async () => {
    expect(await list(rows.ravel())).toEqual(flat)
    expect(await list(rows.reshape(-1, 1, 3))).toEqual(kept.map((row) => [row]))
    expect(rows.reshape(2, -1).shape).toEqual([2, NaN])
    expect(await list(rows.reshape(2, -1))).toEqual([flat.slice(0, 6), flat.slice(6)])
    expect(await list(rows.reshape(12))).toEqual(flat)
    await expect(rows.reshape(13).compute({ get })).rejects.toThrow(/12 elements do not fit/)
    expect(await list(rows.T)).toEqual([0, 1, 2].map((i) => kept.map((row) => row[i])))
    expect(rows.rechunk(-1).chunks).toEqual([[NaN], [3]])
    expect(rows.rechunk([-1, 1]).chunks).toEqual([[NaN], [1, 1, 1]])
    expect(await list(rows.rechunk(['auto', 3]))).toEqual(kept)
    expect(rows.rechunk([[1, 3], 3]).shape).toEqual([4, 3])
    expect(await list(rows.rechunk([[1, 3], 3]))).toEqual(kept)
    await expect(rows.rechunk([[1, 4], 3]).compute({ get })).rejects.toThrow(
      /turned out to have 4 elements, expected 5/,
    )
    expect(() => rows.rechunk([2, 3])).toThrow(/await x\.computeChunkSizes\(\)/)
    expect(await list(da.concatenate([chosen, x]))).toEqual([...positive, ...values])
    expect(await list(da.concatenate([rows, rows], 1))).toEqual(kept.map((row) => [...row, ...row]))
    expect(await list(da.stack([chosen, chosen.neg()], 1))).toEqual(positive.map((v) => [v, -v]))
    const known = da.arange(positive.length)
    expect(await list(da.stack([chosen, known]))).toEqual([positive, positive.map((_, i) => i)])
    const other = x.at(x.gt(4))
    await expect(da.stack([chosen, other]).compute({ get })).rejects.toThrow(
      /turned out to have 2 elements, expected 6/,
    )
  })

  test('pass through functions of blocks', async () => {
    expect(
      await list(rows.mapBlocks((block) => block.data.map((v) => v + 1), { dtype: 'float64' })),
    ).toEqual(kept.map((row) => row.map((v) => v + 1)))
  })

  test('are no obstacle to matrix products', async () => {
    const expected = await list(da.fromArray(kept).T.matmul(da.fromArray(kept)))
    expect(await list(rows.T.matmul(rows))).toEqual(expected)
    const wide = await list(da.fromArray(kept).matmul(da.fromArray(kept).T))
    expect(await list(rows.matmul(rows.T))).toEqual(wide)
    expect(await list(chosen.dot(da.ones([positive.length])))).toBe(
      positive.reduce((a, b) => a + b),
    )
    await expect(chosen.dot(da.ones([3])).compute({ get })).rejects.toThrow(
      /turned out to have 6 elements, expected 3/,
    )
  })
})
