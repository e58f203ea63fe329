/** mapBlocks, blockwise, unifyChunks and applyGufunc: what functions of blocks receive and return. */
import { describe, expect, test } from 'vitest'
import * as da from '../../../../collections/array/index.js'
import { delayed } from '../../../../collections/base/delayed.js'
import { list, matrix } from '../array-support.js'

const x = da.fromArray(matrix(4, 3), { chunks: [3, 2] })

describe('mapBlocks', () => {
  test('passes further arguments: arrays that broadcast, lazy items and plain values', async () => {
    const row = da.fromArray([10, 20, 30], { chunks: 3 })
    const sum = x.mapBlocks(
      (block, other, lazy, plain) => {
        const columns = block.shape[1]!
        return block.data.map((v, i) => v + other.data[i % columns]! + lazy + plain.by)
      },
      row,
      delayed(() => 100)(),
      { by: 1000 },
      { dtype: 'float64' },
    )
    const expected = matrix(4, 3).map((r) => r.map((v, j) => v + 10 * (j + 1) + 1100))
    expect(await list(sum)).toEqual(expected)
    expect(await list(da.mapBlocks((a, b) => a.data.map((v, i) => v - b.data[i]!), x, x))).toEqual(
      matrix(4, 3).map((r) => r.map(() => 0)),
    )
  })

  test('tells a function with one more parameter where its block is', async () => {
    const ids = x.mapBlocks((block, { blockId }) =>
      block.data.map(() => blockId[0]! * 10 + blockId[1]!),
    )
    expect(await list(ids)).toEqual([
      [0, 0, 1],
      [0, 0, 1],
      [0, 0, 1],
      [10, 10, 11],
    ])
    const info = x.mapBlocks(
      (_block, { blockInfo }) => {
        const { arrayLocation, chunkLocation, shape, numChunks } = blockInfo[0]!
        const { chunkShape } = blockInfo.output
        return [[...arrayLocation.flat(), ...chunkLocation, ...shape, ...numChunks, ...chunkShape]]
      },
      { chunks: [1, 12], dtype: 'float64' },
    )
    const rows = (await list(info)) as number[][]
    expect(rows[1]!.slice(12)).toEqual([3, 4, 2, 3, 1, 1, 4, 3, 2, 2, 1, 12])
  })

  test('removes and adds axes', async () => {
    const sums = x.mapBlocks(
      (block) => block.toArray().map((r) => (r as number[]).reduce((a, b) => a + b, 0)),
      { dropAxis: 1 },
    )
    expect(sums.chunks).toEqual([[3, 1]])
    expect(await list(sums)).toEqual(matrix(4, 3).map(([a, b, c]) => a! + b! + c!))
    const added = x.mapBlocks((block) => block.reshape([1, ...block.shape]), { newAxis: 0 })
    expect(added.chunks).toEqual([[1], [3, 1], [2, 1]])
    expect(await list(added)).toEqual([matrix(4, 3)])
    const pair = x.mapBlocks((block) => [block.toArray(), block.toArray()] as number[][][], {
      newAxis: 0,
      chunks: [2, [3, 1], [2, 1]],
    })
    expect(await list(pair)).toEqual([matrix(4, 3), matrix(4, 3)])
  })

  test('makes blocks of nothing but their position', async () => {
    const made = da.mapBlocks(({ blockId }) => [blockId[0]!, blockId[0]!], { chunks: [[2, 2, 2]] })
    expect(await list(made)).toEqual([0, 0, 1, 1, 2, 2])
  })

  test('infers the dtype of the result', () => {
    const ints = x.astype('int32')
    expect(x.mapBlocks((block) => Float32Array.from(block.data)).dtype).toBe('float32')
    expect(x.mapBlocks((block) => block.data.map((v) => v)).dtype).toBe('float64')
    expect(ints.mapBlocks((block) => Float64Array.from(block.data)).dtype).toBe('float64')
    expect(ints.mapBlocks((block) => block.toArray()).dtype).toBe('int32')
    expect(x.gt(1).mapBlocks((block) => block.data.map((v) => 1 - v)).dtype).toBe('bool')
    expect(x.mapBlocks(() => [[true]]).dtype).toBe('bool')
    const fails = () => {
      throw new Error('not now')
    }
    expect(ints.mapBlocks(fails).dtype).toBe('int32')
    expect(ints.mapBlocks(async (block) => Float64Array.from(block.data)).dtype).toBe('int32')
  })

  test('refuses what it cannot use', () => {
    const loose = x as unknown as Record<'mapBlocks', (...args: unknown[]) => unknown>
    expect(() => loose.mapBlocks(() => 1, { axis: 1 })).toThrow(/there is no option 'axis'/)
    expect(() => x.mapBlocks(() => 1, { dropAxis: 2 })).toThrow(/axis 2 is not an axis/)
    expect(() => da.mapBlocks(() => 1, x, da.ones(5))).toThrow(/sizes 3 and 5/)
    expect(() => da.mapBlocks(() => 1, {})).toThrow(/without arrays give the chunk sizes/)
  })
})

describe('blockwise', () => {
  const a = da.fromArray([1, 2, 3, 4, 5], { chunks: 2 })
  const b = da.fromArray([10, 20, 30], { chunks: 2 })

  test('matches blocks by their indices', async () => {
    const outer = (p: da.NDArray<'float64'>, q: da.NDArray<'float64'>) =>
      [...p.data].map((v) => [...q.data].map((w) => v * w))
    const product = da.blockwise(outer, 'ij', a, 'i', b, 'j', { dtype: 'float64' })
    expect(product.chunks).toEqual([
      [2, 2, 1],
      [2, 1],
    ])
    expect(await list(product)).toEqual([1, 2, 3, 4, 5].map((v) => [10, 20, 30].map((w) => v * w)))
    const flipped = da.blockwise((p: da.NDArray) => p.transpose(), 'ji', x, 'ij')
    expect(await list(flipped)).toEqual(await list(x.T))
    const diagonal = da.blockwise(
      (p: da.NDArray<'float64'>, n: number) => p.data.map((v) => v + n),
      'i',
      a,
      'i',
      5,
      null,
    )
    expect(await list(diagonal)).toEqual([6, 7, 8, 9, 10])
  })

  test('passes lists along indices that the result lacks, or joined blocks', async () => {
    const sumOf = (block: da.NDArray<'float64'>) => [...block.data].reduce((s, v) => s + v, 0)
    const nested = da.blockwise(
      (blocks: da.NDArray<'float64'>[][]) => [
        blocks.length,
        blocks[0]!.length,
        sumOf(blocks[1]![1]!),
      ],
      'k',
      x,
      'ij',
      { newAxes: { k: 3 }, dtype: 'float64' },
    )
    expect(await list(nested)).toEqual([2, 2, 11])
    const rows = da.blockwise(
      (blocks: da.NDArray<'float64'>[]) =>
        blocks[0]!
          .toArray()
          .map((_, i) => blocks.flatMap((p) => p.toArray()[i] as number[]).reduce((s, v) => s + v)),
      'i',
      x,
      'ij',
    )
    expect(await list(rows)).toEqual(matrix(4, 3).map((r) => r.reduce((s, v) => s + v)))
    const whole = da.blockwise((p: da.NDArray) => [p.shape[0]!, p.shape[1]!], 'k', x, 'ij', {
      newAxes: { k: 2 },
      concatenate: true,
    })
    expect(await list(whole)).toEqual([4, 3])
  })

  test('adjusts chunks, adds axes, and aligns arrays', async () => {
    const twice = da.blockwise((p: da.NDArray<'float64'>) => [...p.data, ...p.data], 'i', a, 'i', {
      adjustChunks: { i: (n: number) => 2 * n },
    })
    expect(twice.chunks).toEqual([[4, 4, 2]])
    expect(await list(twice)).toEqual([1, 2, 1, 2, 3, 4, 3, 4, 5, 5])
    const other = a.rechunk([3, 2])
    const sum = da.blockwise(
      (p: da.NDArray<'float64'>, q: da.NDArray<'float64'>) => p.data.map((v, i) => v + q.data[i]!),
      'i',
      a,
      'i',
      other,
      'i',
    )
    expect(sum.chunks).toEqual([[2, 1, 1, 1]])
    expect(await list(sum)).toEqual([2, 4, 6, 8, 10])
    expect(() => da.blockwise(() => 1, 'i', a, 'i', other, 'i', { alignArrays: false })).toThrow(
      /same number of blocks/,
    )
  })

  test('refuses what does not match', () => {
    const fn = () => 1
    expect(() => da.blockwise(fn, 'i', a, 'i', b, 'i')).toThrow(/index "i" have sizes 5 and 3/)
    expect(() => da.blockwise(fn, 'ij', a, 'i')).toThrow(/no array has the index "j"/)
    expect(() => da.blockwise(fn, 'i', a, 'ij')).toThrow(/2 names for an array of 1 axes/)
    expect(() => da.blockwise(fn, 'i', a)).toThrow(/followed by its index/)
    expect(() => da.blockwise(fn, 'i', 5, 'i')).toThrow(/needs an array before it/)
    expect(() => da.blockwise(fn, 'i', a, 'i', { newAxes: { i: 2 } })).toThrow(/is an axis already/)
    expect(() => da.blockwise(fn, 'i', a, 'i', { adjustChunks: { j: 2 } })).toThrow(/no index of/)
  })

  test('unifyChunks gives axes of one index the same chunks', async () => {
    const [chunks, [p, q]] = da.unifyChunks(x, 'ij', da.ones(4, { chunks: 2 }), ['i'])
    expect(chunks).toEqual({ i: [2, 1, 1], j: [2, 1] })
    expect(p!.chunks).toEqual([
      [2, 1, 1],
      [2, 1],
    ])
    expect(q!.chunks).toEqual([[2, 1, 1]])
    expect(await list(p!)).toEqual(matrix(4, 3))
  })
})

describe('applyGufunc', () => {
  const sum = (block: da.NDArray<'float64'>) => [...block.data].reduce((s, v) => s + v, 0)
  const rowSums = (block: da.NDArray<'float64'>) =>
    block.toArray().map((r) => (r as number[]).reduce((s, v) => s + v, 0))

  test('reduces core axes, which become one chunk', async () => {
    const rows = da.applyGufunc(rowSums, '(i)->()', x, { outputDtypes: 'float64' })
    expect(rows.chunks).toEqual([[3, 1]])
    expect(await list(rows)).toEqual(matrix(4, 3).map((r) => r.reduce((s, v) => s + v)))
    const vectorized = da.applyGufunc(sum, '(i)->()', x, { vectorize: true })
    expect(await list(vectorized)).toEqual(await list(rows))
    const columns = da.applyGufunc(sum, '(i)->()', x, { vectorize: true, axis: 0, keepdims: true })
    expect(await list(columns)).toEqual([[18, 22, 26]])
    expect(() => da.applyGufunc(sum, '(i)->()', x, { allowRechunk: false })).toThrow(/2 chunks/)
  })

  test('gives one array for each result', async () => {
    const [low, high] = da.applyGufunc(
      (v: da.NDArray<'float64'>) => [Math.min(...v.data), Math.max(...v.data)],
      '(i)->(),()',
      x,
      { vectorize: true, outputDtypes: ['float64', 'int32'] },
    )
    expect([low!.dtype, high!.dtype]).toEqual(['float64', 'int32'])
    expect(await list(low!)).toEqual([0, 3, 6, 9])
    expect(await list(high!)).toEqual([2, 5, 8, 11])
  })

  test('broadcasts loop axes, takes plain values and makes new core axes', async () => {
    const scaled = da.applyGufunc(
      (v: da.NDArray<'float64'>, k: number) => v.data.map((e) => e * k),
      '(i),()->(i)',
      x,
      da.fromArray([1, 10, 100, 1000], { chunks: 2 }),
      { vectorize: true },
    )
    expect(await list(scaled)).toEqual(matrix(4, 3).map((r, i) => r.map((v) => v * 10 ** i)))
    const powers = da.applyGufunc((v: number) => [v, v * v], '()->(k)', x, {
      vectorize: true,
      outputSizes: { k: 2 },
    })
    expect(await list(powers)).toEqual(matrix(4, 3).map((r) => r.map((v) => [v, v * v])))
    const outer = da.applyGufunc(
      (v: da.NDArray<'float64'>, w: da.NDArray<'float64'>) =>
        [...v.data].map((p) => [...w.data].map((q) => p * q)),
      '(i),(j)->(i,j)',
      da.fromArray([1, 2], { chunks: 1 }),
      da.fromArray([3, 4, 5], { chunks: 2 }),
      { vectorize: true, axes: [0, 0, [1, 0]] },
    )
    expect(await list(outer)).toEqual([
      [3, 6],
      [4, 8],
      [5, 10],
    ])
  })

  test('refuses what does not match the signature', () => {
    expect(() => da.applyGufunc(sum, '(i)', x)).toThrow(/the signature must be like/)
    expect(() => da.applyGufunc(sum, '(i),(i)->()', x)).toThrow(/has 2 arguments; got 1/)
    expect(() => da.applyGufunc(sum, '(i),(i)->()', x, da.ones(5))).toThrow(/sizes 3 and 5/)
    expect(() => da.applyGufunc(sum, '()->(k)', x)).toThrow(/give its size with \{ outputSizes \}/)
    expect(() => da.applyGufunc(sum, '(i)->()', x, { axes: [[0, 1]] })).toThrow(/axes must have/)
  })
})
