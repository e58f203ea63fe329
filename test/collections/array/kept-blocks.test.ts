/** Blocks that code of the user keeps are never overwritten by later results, on threads. Needs a build. */
import { expect, test } from 'vitest'
import * as da from '../../../collections/array/index.js'
import { compute, delayed } from '../../../index.js'

// Blocks of 125 kB: large enough that their memory is used again.
const [rows, columns, blocks] = [125, 125, 24]
const shape = [rows * blocks, columns]

/** Returns an array of which each block is computed by a task that runs only code of this package. */
function computed(factor: number) {
  return da
    .arange(rows * blocks * columns)
    .reshape(shape)
    .rechunk([rows, columns])
    .mul(factor)
}

/** Returns work that reads an array and makes many blocks of the same size, in memory that is free. */
function moreWork(x: da.ChunkedArray<da.Dtype, unknown>) {
  return x
    .rechunk([2 * rows, columns])
    .add(1)
    .rechunk([rows, columns])
    .mul(2)
    .rechunk([2 * rows, columns])
    .sub(3)
    .rechunk([rows, columns])
}

/** Returns the sum of the first numbers up to `last`. */
const sumTo = (last: number) => (last * (last + 1)) / 2

test('a function that stores its input finds it unchanged later', async () => {
  interface Kept {
    readonly block: da.NDArray
    readonly sum: number
  }
  const x = computed(2)
  const keep = delayed((block: da.NDArray) => {
    const all = globalThis as { keptBlocks?: Kept[] }
    all.keptBlocks ??= []
    const sum = (block.data as Float64Array).reduce((sum, value) => sum + value, 0)
    all.keptBlocks.push({ block, sum })
  })
  const [sum] = await compute(moreWork(x).sum(), ...x.toDelayed().map((block) => keep(block)))
  const count = rows * blocks * columns
  expect(sum).toBe(4 * sumTo(count - 1) - count)
  await moreWork(computed(5)).sum().compute()
  const countKept = delayed((_: number) => {
    const all = (globalThis as { keptBlocks?: Kept[] }).keptBlocks ?? []
    const changed = all.filter(
      ({ block, sum }) =>
        (block.data as Float64Array).reduce((sum, value) => sum + value, 0) !== sum,
    )
    return 1000 * changed.length + all.length
  })
  const counts = await compute(...Array.from({ length: 64 }, (_, i) => countKept(i)))
  expect(Math.max(...counts)).toBeGreaterThan(0)
  expect(Math.max(...counts)).toBeLessThan(1000)
})

test('a view of its input that a function returns stays as it was', async () => {
  const x = computed(3)
  const turn = delayed((block: da.NDArray) => block.transpose())
  const views = x.toDelayed().map((block) => turn(block))
  const [, ...found] = await compute(moreWork(x).sum(), ...views)
  const wrong = found.map(({ data }, b) => {
    const first = b * rows * columns
    return (data as Float64Array).filter((value, i) => value !== 3 * (first + i)).length
  })
  expect(found[0]!.strides).toEqual([1, columns])
  expect(wrong).toEqual(Array(blocks).fill(0))
})

test('a view that an operation returns stays as it was', async () => {
  const x = computed(7)
  const [found] = await compute(x.transpose(), moreWork(x).sum())
  const table = found.toArray() as number[][]
  const wrong = table.map(
    (row, j) => row.filter((value, i) => value !== 7 * (i * columns + j)).length,
  )
  expect(wrong).toEqual(Array(columns).fill(0))
})
