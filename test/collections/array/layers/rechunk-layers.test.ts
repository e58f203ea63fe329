/** Rechunked arrays: their elements, their chunks, and the options of `rechunk`. */
import { describe, expect, test } from 'vitest'
import * as da from '../../../../collections/array/index.js'
import { layersOf } from '../../../../core/graph/layer.js'
import { get } from '../array-support.js'

const shapes = [[24], [12, 10], [5, 6, 4], [0, 3], [1, 7]]
const ways = [
  { threshold: Number.POSITIVE_INFINITY },
  { blockSizeLimit: 1 },
  { blockSizeLimit: 200 },
  { threshold: 0.01 },
  {},
]

/** Divides an axis into odd chunks, some of which may be empty. */
function oddSizes(n: number, kind: number): readonly number[] {
  if (n === 0 || kind === 0) return [n]
  if (kind === 1) return new Array<number>(n).fill(1)
  if (kind === 2) return [0, Math.floor(n / 3), n - Math.floor(n / 3)]
  const sizes: number[] = []
  for (let left = n; left > 0; left -= sizes.at(-1)!) sizes.push(Math.min(left, 1 + (left % kind)))
  return sizes
}

describe('rechunk', () => {
  test.each(shapes)(
    'keeps the elements of shape %j, in one stage and in several',
    async (...shape) => {
      const size = shape.reduce((a, b) => a * b)
      const expected = Array.from({ length: size }, (_, i) => i)
      for (let kind = 0; kind < 12; kind++) {
        const from = shape.map((n, axis) => oddSizes(n, (kind + axis) % 6))
        const to = shape.map((n, axis) => oddSizes(n, (2 * kind + 3 * axis + 1) % 7))
        const x = da.arange(size, { chunks: 7 }).reshape(shape).rechunk(from)
        for (const way of [ways[kind % 5]!, ways[(kind + 2) % 5]!]) {
          const y = x.rechunk(to, way)
          expect(y.chunks).toEqual(to)
          expect((await y.compute({ get })).reshape([-1]).toArray()).toEqual(expected)
        }
      }
    },
  )

  test('goes over chunks in between where there would be many pieces', async () => {
    const x = da.arange(40_000, { chunks: 100 }).reshape([200, 200]).rechunk([1, 200])
    const y = x.rechunk([200, 1])
    const direct = x.rechunk([200, 1], { threshold: Number.POSITIVE_INFINITY })
    const stages = (array: { layer: Parameters<typeof layersOf>[0][number] }) =>
      layersOf([array.layer]).length - layersOf([x.layer]).length
    expect(stages(direct)).toBe(1)
    expect(stages(y)).toBeGreaterThan(1)
    expect(y.chunks).toEqual(direct.chunks)
    expect(await da.allclose(y, direct).compute({ get })).toBe(true)
  })

  test('takes chunks by axis and in bytes, and balances them', () => {
    const x = da.ones([100, 60], { chunks: [30, 25] })
    expect(x.rechunk({ 0: 50 }).chunks).toEqual([
      [50, 50],
      [25, 25, 10],
    ])
    expect(x.rechunk({ [-1]: -1 }).chunks).toEqual([[30, 30, 30, 10], [60]])
    expect(x.rechunk([null, 60]).chunks).toEqual([[30, 30, 30, 10], [60]])
    expect(x.rechunk([null, '4800B']).chunks[1]).toEqual([20, 20, 20])
    expect(x.rechunk({ 0: 'auto', 1: -1 }, { blockSizeLimit: '9600 B' }).chunks).toEqual([
      [20, 20, 20, 20, 20],
      [60],
    ])
    expect(da.rechunk(x, 30, { balance: true }).chunks).toEqual([
      [34, 33, 33],
      [30, 30],
    ])
    expect(x.rechunk('100MiB').numblocks).toEqual([1, 1])
    expect(da.zeros([8, 8], { chunks: { 0: 2 } }).chunks).toEqual([[2, 2, 2, 2], [8]])
    expect(da.zeros([8, 8], { chunks: '128 B' }).chunks).toEqual([
      [4, 4],
      [4, 4],
    ])
  })

  test('takes the same chunks along axes whose sizes are not known', () => {
    const x = da.ones([8, 6], { chunks: 3 })
    const rows = x.at(x.sum(1).gt(0))
    expect(rows.rechunk({ 1: 2 }).chunks[1]).toEqual([2, 2, 2])
    expect(rows.rechunk({ 1: 2 }).numblocks).toEqual([3, 3])
    expect(rows.rechunk([null, -1]).numblocks).toEqual([3, 1])
    expect(rows.rechunk({ 0: -1 }).numblocks).toEqual([1, 2])
    expect(() => rows.rechunk({ 0: 5 })).toThrow(/computeChunkSizes/)
  })

  test('refuses what it does not know', () => {
    const x = da.ones([4, 4])
    const rechunk = (chunks: unknown, options?: unknown) => () =>
      x.rechunk(chunks as never, options as never)
    expect(rechunk(2, { method: 'p2p' })).toThrow(/rechunk: .*method/)
    expect(rechunk(2, { balance: 1 })).toThrow(/balance must be true or false; got 1/)
    expect(rechunk(2, { threshold: 0 })).toThrow(/threshold must be a number above 0/)
    expect(rechunk(2, { blockSizeLimit: 'much' })).toThrow(/blockSizeLimit must be .*got "much"/)
    expect(rechunk(2, { blockSizeLimit: -5 })).toThrow(/blockSizeLimit must be/)
    expect(rechunk({ 2: 1 })).toThrow(/axis 2/)
    expect(rechunk({ 0: 'all' })).toThrow(/chunks of axis 0 must be/)
    expect(rechunk(null)).toThrow(/give the chunks, .*got null/)
    expect(rechunk(undefined)).toThrow(/give the chunks/)
  })
})
