/** Random indices of arrays of all dtypes and odd chunks, against NumPy and Dask; also of blocks in memory. */
import { describe, expect, test } from 'vitest'
import type { Dtype } from '../../../../collections/array/block/dtype.js'
import * as da from '../../../../collections/array/index.js'
import { get } from '../array-support.js'
import { chunkOf, type Encoded, elements, fixture, type Outcome } from '../numpy-fixtures.js'

interface LazyItem {
  readonly lazy: never
  readonly dtype: Dtype
  readonly chunks: readonly (readonly number[])[]
}

interface Case {
  readonly dtype: Dtype
  readonly shape: readonly number[]
  readonly chunks: readonly (readonly number[])[]
  readonly index: readonly (da.IndexItem | LazyItem)[]
  readonly out: Outcome
}

const isLazyItem = (item: unknown): item is LazyItem => Object.hasOwn(Object(item), 'lazy')

/** Makes the block whose elements the script computes, too. */
function block(shape: readonly number[], dtype: Dtype): da.NDArray {
  const size = shape.reduce((a, b) => a * b, 1)
  const values = Array.from({ length: size }, (_, i): Encoded => {
    if (dtype === 'bool') return i % 3 === 0
    return dtype.startsWith('complex') ? [i % 97, i % 5] : i % 97
  })
  return chunkOf(dtype, values, shape)
}

function lazyBlock({ lazy, dtype, chunks }: LazyItem): da.NDArray {
  const shape = chunks.map((sizes) => sizes.reduce((a, b) => a + b, 0))
  return chunkOf(dtype, [lazy].flat(Infinity) as Encoded[], shape)
}

const arrayOf = (item: LazyItem) => da.fromArray(lazyBlock(item) as never, { chunks: item.chunks })

const isKnown = (array: { readonly shape: readonly number[] }) => !array.shape.some(Number.isNaN)

function expectOutcome(result: unknown, { dtype, shape, values }: Outcome, about: unknown): void {
  const expected = elements(chunkOf(dtype as Dtype, values))
  if (result instanceof da.NDArray) {
    expect([about, result.dtype, result.shape, elements(result)]).toEqual([
      about,
      dtype,
      shape,
      expected,
    ])
  } else expect([about, [], [result]]).toEqual([about, shape, expected])
}

const tables = fixture<Record<'at' | 'vindex', Case[]>>('indexing')

describe('indices', () => {
  test('are as in NumPy', async () => {
    expect(tables.at.length).toBeGreaterThan(600)
    for (const { dtype, shape, chunks, index, out } of tables.at) {
      const x = da.fromArray(block(shape, dtype) as never, { chunks })
      const items = index.map((item) => (isLazyItem(item) ? arrayOf(item) : item))
      const about = JSON.stringify([dtype, shape, chunks, index])
      const got = x.at(...(items as da.IndexItem[]))
      if (isKnown(got)) expect([about, got.shape]).toEqual([about, out.shape])
      expectOutcome(await got.compute({ get }), out, about)
    }
  })

  test('of blocks are the same', () => {
    for (const { dtype, shape, index, out } of tables.at) {
      const items = index.map((item) => (isLazyItem(item) ? lazyBlock(item) : item))
      expectOutcome(block(shape, dtype).at(...items), out, JSON.stringify([shape, index]))
    }
  })

  test('of axes whose sizes are not known are the same', async () => {
    for (const { dtype, shape, chunks, index, out } of tables.at) {
      const x = da.fromArray(block(shape, dtype) as never, { chunks })
      const items = index.map((item) => (isLazyItem(item) ? arrayOf(item) : item))
      // A mask that is true everywhere changes nothing but the knowledge of sizes.
      const all = (axis: number) =>
        da.ones([shape[axis]!], { dtype: 'bool', chunks: [chunks[axis]!] })
      const unknown = shape.reduce<da.ChunkedArray>(
        (y, _, axis) => y.at(...shape.slice(0, axis).map(() => ':'), all(axis)),
        x,
      )
      expect(unknown.shape.every(Number.isNaN)).toBe(true)
      const about = JSON.stringify([dtype, shape, chunks, index])
      expectOutcome(await unknown.at(...(items as da.IndexItem[])).compute({ get }), out, about)
    }
  })

  test('of points are as in Dask', async () => {
    for (const { dtype, shape, chunks, index, out } of tables.vindex) {
      const x = da.fromArray(block(shape, dtype) as never, { chunks })
      const items = index.map((item) => (isLazyItem(item) ? arrayOf(item) : item))
      const got = x.vindex.at(...(items as da.IndexItem[]))
      const about = JSON.stringify([shape, chunks, index])
      expect([about, got.shape]).toEqual([about, out.shape])
      expectOutcome(await got.compute({ get }), out, about)
    }
  })
})
