/**
 * Brings several arrays to common chunks.
 */
import { type AxisLabel, gridOfLabels, unifyLabels } from '../planning/blockwise-plan.js'
import type { ArraySpec } from './array-spec.js'
import { labelledArguments } from './blockwise-layers.js'
import { rechunkTo } from './rechunk-layers.js'

/** Rechunks arrays, each followed by its index, so that axes of one index have the same chunks. */
export function unifiedArrays(args: readonly unknown[]): {
  readonly chunks: Readonly<Record<AxisLabel, readonly number[]>>
  readonly arrays: readonly ArraySpec[]
} {
  const pairs = labelledArguments(args, 'unifyChunks').map(({ value, index }) => {
    if (index !== undefined) return { array: value as ArraySpec, index }
    throw new TypeError(
      "unifyChunks: each array needs an index, as in unifyChunks(x, 'ij', y, 'j')",
    )
  })
  const labels = unifyLabels(
    'unifyChunks',
    pairs.map(({ array, index }) => ({ chunks: array.chunks, index })),
  )
  const arrays = pairs.map(({ array, index }) =>
    rechunkTo(array, gridOfLabels({ chunks: array.chunks, index }, labels)),
  )
  return { chunks: Object.fromEntries(labels), arrays }
}
