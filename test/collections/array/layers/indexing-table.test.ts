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
  const values = dtype.startsWith('complex') ? lazy : [lazy].flat(Infinity)
  return chunkOf(dtype, values as Encoded[], shape)
}

const arrayOf = (item: LazyItem) => da.fromArray(lazyBlock(item), { chunks: item.chunks })

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

interface SetCase extends Case {
  readonly value: readonly Encoded[]
  readonly form: readonly number[]
}

interface Call extends Omit<Case, 'index'> {
  readonly fn: string
  readonly args: readonly unknown[]
}

const tables = fixture<{ at: Case[]; vindex: Case[]; set: SetCase[]; functions: Call[] }>(
  'indexing',
)

describe('indices', () => {
  test('are as in NumPy', async () => {
    expect(tables.at.length).toBeGreaterThan(600)
    for (const { dtype, shape, chunks, index, out } of tables.at) {
      const x = da.fromArray(block(shape, dtype), { chunks })
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
      const x = da.fromArray(block(shape, dtype), { chunks })
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
      const x = da.fromArray(block(shape, dtype), { chunks })
      const items = index.map((item) => (isLazyItem(item) ? arrayOf(item) : item))
      const got = x.vindex.at(...(items as da.IndexItem[]))
      const about = JSON.stringify([shape, chunks, index])
      expect([about, got.shape]).toEqual([about, out.shape])
      expectOutcome(await got.compute({ get }), out, about)
    }
  })

  test('are set as in NumPy', async () => {
    for (const { dtype, shape, chunks, index, value, form, out } of tables.set) {
      const x = da.fromArray(block(shape, dtype), { chunks })
      const items = index.map((item) => (isLazyItem(item) ? arrayOf(item) : item))
      const about = JSON.stringify([dtype, shape, chunks, index, form])
      const chunk = chunkOf(dtype, value, form)
      const got = x.set(items as da.IndexItem[], chunk)
      expect([about, got.chunks]).toEqual([about, x.chunks])
      expectOutcome(await got.compute({ get }), out, about)
      const lazy = da.fromArray(chunk, { chunks: 2 })
      expectOutcome(await x.set(items as da.IndexItem[], lazy).compute({ get }), out, about)
    }
  })
})

describe('functions that select elements', () => {
  const functions = new Map(Object.entries(da))

  test('are as in NumPy', async () => {
    for (const { fn, dtype, shape, chunks, args, out } of tables.functions) {
      const x = da.fromArray(block(shape, dtype), { chunks })
      const about = JSON.stringify([fn, dtype, shape, chunks, args])
      const own = args.map((arg) => (isLazyItem(arg) ? arrayOf(arg) : arg === 'x' ? x : arg))
      if (fn === 'searchsorted') own[0] = da.fromArray(own[0] as number[], { chunks: 4 })
      const takesArray = ['take', 'delete', 'insert', 'append', 'isin', 'digitize'].includes(fn)
      const [name, axis] = fn.split(' ') as [string, string | undefined]
      const call = functions.get(name) as (
        ...args: unknown[]
      ) => da.ChunkedArray | da.ChunkedArray[]
      const at = fn === 'compress' ? [own[0], x, own[1]] : takesArray ? [x, ...own] : own
      const result = call(...at)
      const got =
        axis === undefined
          ? (result as da.ChunkedArray)
          : (result as da.ChunkedArray[])[Number(axis)]!
      if (isKnown(got)) expect([about, got.shape]).toEqual([about, out.shape])
      expectOutcome(await got.compute({ get }), out, about)
    }
  })
})
