/** Every reduction of blocks, against NumPy. */
import { describe, expect, test } from 'vitest'
import type { Dtype } from '../../../../collections/array/block/dtype.js'
import type { NDArray } from '../../../../collections/array/block/ndarray.js'
import {
  aggregate,
  combine,
  type PartialResult,
  type ReductionName,
  reduceBlock,
  reductionDtype,
} from '../../../../collections/array/kernels/partial-reductions.js'
import {
  chunkOf,
  differences,
  type Encoded,
  elements,
  fixture,
  type Outcome,
} from '../numpy-fixtures.js'

interface Table {
  inputs: Record<string, { dtype: Dtype; shape: number[]; values: Encoded[] }>
  cases: { x: string; op: ReductionName; axis: number | number[] | null; out: Outcome }[]
}

const { inputs, cases } = fixture<Table>('reductions')

const chunks = Object.fromEntries(
  Object.entries(inputs).map(([k, v]) => [k, chunkOf(v.dtype, v.values, v.shape)]),
)

/** Tolerances, since the order of sums differs from NumPy's and float32 accumulates in float64. */
const ulps = { sum: 64, prod: 16, mean: 64, var: 32, std: 32 } as Record<string, number>

function reduce(x: NDArray, op: ReductionName, axes: readonly number[], cuts: readonly number[][]) {
  const parts: PartialResult[] = []
  const whole = { shape: x.shape }
  // Only reduced axes are divided, so that all partial results have one shape.
  const walk = (axis: number, start: number[], size: number[]): void => {
    if (axis === x.shape.length) {
      const block = x.slice(start.map((s, i) => ({ start: s, step: 1, size: size[i]! })))
      parts.push(reduceBlock(block, op, axes, { ...whole, start }))
      return
    }
    const edges = axes.includes(axis) ? [0, ...cuts[axis]!, x.shape[axis]!] : [0, x.shape[axis]!]
    for (let i = 0; i + 1 < edges.length; i++) {
      walk(axis + 1, [...start, edges[i]!], [...size, edges[i + 1]! - edges[i]!])
    }
  }
  walk(0, [], [])
  const half = Math.ceil(parts.length / 2)
  const combined =
    parts.length > 2
      ? [combine(parts.slice(half), op), combine(parts.slice(0, half), op)]
      : parts.reverse()
  let count = 1
  for (const axis of axes) count *= x.shape[axis]!
  const dtype = reductionDtype(op, x.dtype)
  return aggregate(combined, { name: op, dtype, axes, keepdims: false, count, ddof: 0 }).finish()
}

describe.each([
  ['one block', [[], [], []]],
  ['blocks', [[1], [2], [2, 3]]],
  ['blocks, some of them empty', [[0, 2], [3, 3], [5]]],
])('against NumPy in %s', (_, cuts) => {
  test.each(cases)('$op of $x along $axis', ({ x, op, axis, out }) => {
    const axes = axis === null ? [0, 1, 2] : [axis].flat()
    const result = reduce(chunks[x]!, op, axes, cuts)
    expect(result.dtype).toBe(out.dtype)
    expect(result.shape).toEqual(out.shape)
    expect(differences(elements(result), out.values, out.dtype, ulps[op] ?? 0)).toEqual([])
  })
})
