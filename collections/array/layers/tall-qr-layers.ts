/**
 * The QR decomposition of a tall matrix that is chunked along its rows only: each chunk is decomposed, and the stacked
 * upper triangles are decomposed in the same way, until one chunk is left.
 * Source: A. Benson, D. Gleich and J. Demmel, Direct QR factorizations for tall-and-skinny matrices in MapReduce
 * architectures, IEEE BigData (2013).
 */
import { arg } from '../../../core/graph/recipe.js'
import { matmulOnceStep, qrFactorsStep, qrTimesStep, qrUpperStep } from '../steps/matrix-steps.js'
import { type ArraySpec, blockwise, shapeOf } from './array-spec.js'
import { matrixLayers } from './matrix-layers.js'
import { rechunkTo } from './rechunk-layers.js'

/** A QR decomposition whose Q is formed when it is used. */
export interface TallQr {
  readonly r: ArraySpec
  /** Returns Q. */
  q(): ArraySpec
  /** Returns Q times a matrix that is one block. */
  times(small: ArraySpec): ArraySpec
}

/** How many times as many rows as columns the stacked triangles have that one task decomposes. */
const MOST_STACKED = 16

/** Decomposes a matrix whose columns are one chunk. */
export function tallQr(array: ArraySpec, operation: string): TallQr {
  const [, columns] = shapeOf(array) as [number, number]
  const source = rechunkTo(array, [mergedRows(array.chunks[0]!, columns), [columns]])
  const rows = source.chunks[0]!
  if (rows.length === 1) return wholeQr(source, operation)
  const factors = blockwise({
    operation: `${operation}-factors`,
    fn: qrFactorsStep,
    args: [arg.input(0)],
    inputs: [{ array: source }],
    dtype: source.dtype,
    chunks: source.chunks,
    content: [],
  })
  const heights = rows.map((n) => Math.min(n, columns))
  const upper = blockwise({
    operation: `${operation}-upper`,
    fn: qrUpperStep,
    args: [arg.input(0)],
    inputs: [{ array: factors }],
    dtype: source.dtype,
    chunks: [heights, [columns]],
    content: [],
  })
  const most = Math.max(MOST_STACKED * columns, 2 * Math.max(...heights))
  const joined = tallQr(rechunkTo(upper, [groupedRows(heights, most), [columns]]), operation)
  const times = (small: ArraySpec): ArraySpec => {
    const width = small.chunks[1]!
    const matching = rechunkTo(small, [heights, width])
    return blockwise({
      operation: `${operation}-q`,
      fn: qrTimesStep,
      args: [arg.input(0), arg.input(1)],
      inputs: [
        { array: factors, axes: [0, -1] },
        { array: matching, axes: [0, -1] },
      ],
      dtype: source.dtype,
      chunks: [rows, width],
      content: [],
    })
  }
  return { r: joined.r, q: () => times(joined.q()), times: (small) => times(joined.times(small)) }
}

/** Decomposes a matrix that is one block. */
function wholeQr(array: ArraySpec, operation: string): TallQr {
  const { dtype } = array
  const [m, n] = shapeOf(array) as [number, number]
  const least = Math.min(m, n)
  const outputs = [
    { dtype, sizes: [m, least] },
    { dtype, sizes: [least, n] },
  ]
  const [q, r] = matrixLayers('qr', [array], outputs, { operation }) as [ArraySpec, ArraySpec]
  const times = (small: ArraySpec) =>
    blockwise({
      operation: `${operation}-times`,
      fn: matmulOnceStep,
      args: [arg.input(0), arg.input(1)],
      inputs: [{ array: q }, { array: small }],
      dtype,
      chunks: [[m], small.chunks[1]!],
      content: [],
    })
  return { r, q: () => q, times }
}

/** Merges chunks until each has at least as many rows as columns, if possible. */
function mergedRows(rows: readonly number[], columns: number): number[] {
  const merged: number[] = []
  let open = 0
  for (const n of rows) {
    open += n
    if (open < columns) continue
    merged.push(open)
    open = 0
  }
  if (open > 0 || merged.length === 0) merged.push((merged.pop() ?? 0) + open)
  return merged
}

/** Joins chunks to groups of at most `most` rows. */
function groupedRows(rows: readonly number[], most: number): number[] {
  const groups: number[] = []
  let open = 0
  for (const n of rows) {
    if (open > 0 && open + n > most) {
      groups.push(open)
      open = 0
    }
    open += n
  }
  groups.push(open)
  return groups
}
