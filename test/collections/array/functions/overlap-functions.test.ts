/** Overlapping blocks beside NumPy's pad and Dask, mapOverlap and sliding windows beside plain loops. */
import { describe, expect, test } from 'vitest'
import * as da from '../../../../collections/array/index.js'
import { list, matrix, tasks } from '../array-support.js'
import { fixture } from '../numpy-fixtures.js'

interface Case {
  readonly shape: readonly number[]
  readonly chunks: readonly (readonly number[])[]
  readonly depth: readonly [number, number][]
  readonly boundary: readonly (da.Boundary | number)[]
  readonly result: readonly number[]
  readonly values: readonly number[]
}

const iota = (shape: readonly number[], chunks: da.ChunksSpec) =>
  da
    .arange(shape.reduce((a, b) => a * b, 1))
    .reshape([...shape])
    .rechunk(chunks)

describe('overlap', () => {
  test.each(fixture<Case[]>('overlap'))(
    'of $shape in chunks $chunks by $depth, $boundary',
    async (own) => {
      const x = iota(own.shape, own.chunks)
      const grown = da.overlap.overlap(x, { depth: own.depth, boundary: own.boundary })
      expect(grown.shape).toEqual(own.result)
      expect([await list(grown)].flat(Infinity)).toEqual(own.values)
      // Without a boundary, chunks that are smaller than the depth have less overlap near the ends.
      const smallest = Math.min(...own.chunks.flat())
      if (own.boundary.includes('none') && smallest < Math.max(...own.depth.flat())) return
      const back = da.overlap.trimInternal(grown, own.depth, { boundary: own.boundary })
      expect(back.chunks).toEqual(x.chunks)
      expect(await list(back)).toEqual(await list(x))
    },
  )

  test('fetches slices of the neighbours, of which corners share those of edges', () => {
    const x = da.ones([300, 300], { chunks: 100 })
    expect(tasks(da.overlap.overlap(x, { depth: 1 }))).toEqual([
      'ones 9',
      'overlap-slices 24',
      'overlap 9',
    ])
  })

  test('keeps the dtype', async () => {
    for (const dtype of ['int64', 'bool', 'complex64', 'uint8'] as const) {
      const x = da.ones(3, { dtype, chunks: 2 })
      const grown = da.overlap.overlap(x, { depth: 1, boundary: 0 })
      expect(grown.dtype).toBe(dtype)
      expect((await list(da.sum(grown.astype('float64')))) as number).toBe(5)
    }
  })

  test('refuses depths and boundaries that do not exist', () => {
    const x = da.ones([4, 4])
    expect(() => da.overlap.overlap(x, { depth: -1 })).toThrow(/a depth is an integer of 0 or more/)
    expect(() => da.overlap.overlap(x, { depth: [1, 2, 3] })).toThrow(/3 entries for an array of 2/)
    expect(() => da.overlap.overlap(x, { depth: { 2: 1 } })).toThrow(/axis 2 is not an axis/)
    expect(() => da.overlap.overlap(x, { depth: 1, boundary: 'mirror' as never })).toThrow(
      /a boundary is 'reflect'/,
    )
    expect(() => da.overlap.trimInternal(da.ones(4, { chunks: 2 }), 2)).not.toThrow()
    expect(() => da.overlap.trimInternal(da.ones(4, { chunks: 2 }), 2, { boundary: 0 })).toThrow(
      /cannot be trimmed/,
    )
    const loose = x as unknown as Record<'mapOverlap', (...args: unknown[]) => unknown>
    expect(() => loose.mapOverlap(() => 1, { deep: 1 })).toThrow(/there is no option 'deep'/)
    expect(() => loose.mapOverlap(() => 1, { depth: 1, dropAxis: 1 })).toThrow(/trim: false/)
  })
})

/** Sums each element with its neighbours up to two away along the first axis, within the block. */
const smooth = (block: da.NDArray<'float64'>) => {
  const [rows, columns] = block.shape as [number, number]
  const at = (i: number, j: number) => (i < 0 || i >= rows ? 0 : block.data[i * columns + j]!)
  return block.data.map((v, k) => {
    const [i, j] = [Math.floor(k / columns), k % columns]
    return v + at(i - 1, j) + at(i + 1, j) + at(i - 2, j) + at(i + 2, j)
  })
}

describe('mapOverlap', () => {
  const rows = matrix(9, 3)
  const expected = rows.map((r, i) =>
    r.map((_, j) => [-2, -1, 0, 1, 2].reduce((sum, d) => sum + (rows[i + d]?.[j] ?? 0), 0)),
  )

  test.each([[[9]], [[4, 5]], [[1, 1, 2, 1, 4]]])(
    'gives the same with chunks %j',
    async (sizes) => {
      const x = da.fromArray(rows, { chunks: [sizes, [2, 1]] })
      const y = x.mapOverlap(smooth, { depth: { 0: 2 } })
      expect(y.chunks).toEqual(x.chunks)
      expect(await list(y)).toEqual(expected)
      expect(await list(da.mapOverlap(smooth, x, { depth: [2, 0], boundary: 0 }))).toEqual(expected)
    },
  )

  test('takes several arrays and values, and leaves the overlap with trim: false', async () => {
    const x = da.arange(6, { chunks: 2 })
    const y = da.arange(6, { chunks: 3 }).mul(10)
    const add = (a: da.NDArray<'float64'>, b: da.NDArray<'float64'>, by: number) =>
      a.data.map((v, i) => v + b.data[i]! + by)
    const sum = da.mapOverlap(add, x, y, 0.5, { depth: 1, boundary: 'periodic' })
    expect(await list(sum)).toEqual([0.5, 11.5, 22.5, 33.5, 44.5, 55.5])
    const wide = x.mapOverlap((block) => block, { depth: 1, boundary: -1, trim: false })
    expect(await list(wide)).toEqual([-1, 0, 1, 2, 1, 2, 3, 4, 3, 4, 5, -1])
  })
})

describe('slidingWindowView', () => {
  const view = da.lib.strideTricks.slidingWindowView

  test.each([1, 2, 5, 6, 7])('of a vector has windows of %d', async (width) => {
    for (const chunks of [7, 3, 1]) {
      const windows = view(da.arange(7, { chunks }), width)
      const expected = Array.from({ length: 8 - width }, (_, i) =>
        Array.from({ length: width }, (_, k) => i + k),
      )
      expect(windows.shape).toEqual([8 - width, width])
      expect(await list(windows)).toEqual(expected)
    }
  })

  test('of a matrix moves along some axes, as in NumPy', async () => {
    const x = da.fromArray(matrix(4, 5), { chunks: 2 })
    const windows = view(x, [2, 3])
    expect(windows.shape).toEqual([3, 3, 2, 3])
    const all = (await list(windows)) as number[][][][]
    expect(all[1]![2]).toEqual([
      [7, 8, 9],
      [12, 13, 14],
    ])
    expect(view(x, 2, { axis: 0 }).shape).toEqual([3, 5, 2])
    expect(await list(view(x, 3, { axis: -1 }).mean(-1))).toEqual(
      matrix(4, 5).map((r) => [1, 2, 3].map((j) => r[j]!)),
    )
  })

  test('of a moving average leaves no small chunks', () => {
    const average = view(da.ones(1000, { chunks: 100 }), 46).mean(-1)
    expect(average.chunks).toEqual([[...new Array(9).fill(100), 55]])
    expect(() => view(da.ones(3), 4)).toThrow(/a window of 4 exceeds axis 0 of 3/)
    expect(() => view(da.ones(3), [1, 1])).toThrow(/as many different axes/)
  })
})
