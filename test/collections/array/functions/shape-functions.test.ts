/** Functions that drop, add, move, reverse, roll and repeat axes, against NumPy, in several chunkings. */
import { describe, expect, test } from 'vitest'
import type { NDArray } from '../../../../collections/array/block/ndarray.js'
import * as da from '../../../../collections/array/index.js'
import { get, list, matrix, tasks } from '../array-support.js'
import {
  chunkOf,
  differences,
  type Encoded,
  elements,
  fixture,
  type Outcome,
} from '../numpy-fixtures.js'

interface Table {
  readonly inputs: Record<string, { dtype: da.Dtype; shape: number[]; values: Encoded[] }>
  readonly calls: { fn: string; x: string; args: unknown[]; out: Outcome }[]
}

const { inputs, calls } = fixture<Table>('shapes')

/** Makes an input with chunks of a length, or uneven ones. */
function input(name: string, length: number): da.ChunkedArray {
  const { dtype, shape, values } = inputs[name]!
  const block = chunkOf(dtype, values, shape)
  const chunks = shape.map((n) => (length === 0 && n > 2 ? [1, n - 1] : Math.max(1, length)))
  return da.fromArray(block as never, { chunks })
}

describe.each([5, 2, 1, 0])('in chunks of %i', (length) => {
  test.each(calls)('$fn of $x with $args', async ({ fn, x, args, out }) => {
    const call = (da as unknown as Record<string, (...args: unknown[]) => da.ChunkedArray>)[fn]!
    const y = call(input(x, length), ...args)
    expect([y.dtype, y.shape]).toEqual([out.dtype, out.shape])
    const result = (await y.compute({ get })) as NDArray | bigint | boolean
    const got = typeof result === 'object' ? elements(result) : [result]
    expect(differences(got, out.values, out.dtype, 0)).toEqual([])
  })
})

describe('shapes', () => {
  const x = da.fromArray(matrix(3, 4), { chunks: 2 })
  const v = da.fromArray([1, 2, 3], { chunks: 2 })

  test('hstack, vstack and dstack add the axes that are missing', async () => {
    expect(await list(da.vstack([v, da.ones([2, 3])]))).toEqual([
      [1, 2, 3],
      [1, 1, 1],
      [1, 1, 1],
    ])
    expect(await list(da.hstack([v, v.at(':1')]))).toEqual([1, 2, 3, 1])
    expect(await list(da.hstack([x, x.at(':', ':1')]))).toEqual(
      matrix(3, 4).map((row) => [...row, row[0]]),
    )
    expect(await list(da.dstack([v, v]))).toEqual([
      [
        [1, 1],
        [2, 2],
        [3, 3],
      ],
    ])
    expect(da.hstack([da.full([], 1), da.full([], 2)]).shape).toEqual([2])
  })

  test('broadcastArrays repeats to the common shape', async () => {
    const [a, b] = da.broadcastArrays(v, v.at(':', null))
    expect(await list(a!)).toEqual([
      [1, 2, 3],
      [1, 2, 3],
      [1, 2, 3],
    ])
    expect(await list(b!)).toEqual([
      [1, 1, 1],
      [2, 2, 2],
      [3, 3, 3],
    ])
  })

  test('methods do what the functions do', () => {
    expect(x.flatten().name).toBe(da.ravel(x).name)
    expect(x.at(null).squeeze(0).shape).toEqual([3, 4])
    expect(x.swapaxes(0, 1).name).toBe(da.swapaxes(x, 0, 1).name)
    expect(x.repeat(2, 0).name).toBe(da.repeat(x, 2, 0).name)
    expect(() => x.squeeze(0)).toThrow(/axis 0 has size 3/)
  })

  test('what changes nothing makes no task, and chunks stay as large as they were', () => {
    expect([da.squeeze(x).name, da.roll(x, 3, { axis: 0 }).name]).toEqual([x.name, x.name])
    expect([da.rot90(x, { k: 4 }).name, da.broadcastTo(x, [3, 4]).name]).toEqual([x.name, x.name])
    expect(da.roll(da.arange(100, { chunks: 10 }), 3).chunks).toEqual([new Array(10).fill(10)])
    expect(da.diff(da.arange(100, { chunks: 10 })).chunks).toEqual([[...new Array(9).fill(10), 9]])
    expect(da.repeat(da.arange(4, { chunks: 2 }), 3).chunks).toEqual([[6, 6]])
    expect(tasks(da.broadcastTo(v, [2, 3]))).toEqual(['array 2', 'broadcastTo 2'])
  })

  test.each([
    [() => da.squeeze(x, 0), RangeError, /squeeze: axis 0 has size 3; only axes of size 1/],
    [() => da.squeeze(x, { axes: 0 } as never), TypeError, /squeeze: there is no option 'axes'/],
    [() => da.expandDims(x, 5), RangeError, /expandDims: axis 5 is not an axis of an array with 3/],
    [() => da.moveaxis(x, [0, 1], 0), RangeError, /as many positions as axes/],
    [() => da.moveaxis(x, [0, 0], [0, 1]), RangeError, /each once/],
    [() => da.swapaxes(x, 0, 2), RangeError, /swapaxes: axis 2 is not an axis/],
    [() => da.matrixTranspose(v), RangeError, /matrixTranspose: axis -2/],
    [() => da.flip(x, 2), RangeError, /flip: axis 2/],
    [() => da.fliplr(v), RangeError, /fliplr: axis 1/],
    [() => da.rot90(x, { axes: [0, 0] }), RangeError, /rot90: expected two different axes/],
    [() => da.roll(x, 0.5), TypeError, /roll: the shift must be an integer; got 0.5/],
    [() => da.roll(x, [1, 2, 3], [0, 1]), RangeError, /as many shifts as axes/],
    [
      () => da.broadcastTo(x, [3, 5]),
      RangeError,
      /shape \[3,4\] cannot be repeated to fill \[3,5\]/,
    ],
    [() => da.tile(x, -1), RangeError, /tile: expected whole numbers of at least 0; got -1/],
    [() => da.repeat(v, [1, 2]), RangeError, /one number for each of the 3 elements/],
    [() => da.diff(x, { n: -1 }), RangeError, /diff: n must be a whole number/],
    [() => da.diff(da.full([], 1)), RangeError, /diff: axis -1/],
    [() => da.vstack([v, 1 as never]), TypeError, /vstack: item 1 of the list must be an array/],
  ])('%s is refused', (call, type, message) => {
    expect(call).toThrow(type)
    expect(call).toThrow(message)
  })
})
