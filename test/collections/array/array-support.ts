/** Helpers of the tests of arrays. */
import * as da from '../../../collections/array/index.js'
import { countTasks } from '../../../core/graph/layer.js'
import { getSync } from '../../../core/run/get-sync.js'

export const get = getSync

/** Returns the operations of the optimized graph, each with its number of tasks. */
export function tasks(array: da.ChunkedArray<da.Dtype, unknown>): string[] {
  return array
    .optimize()
    .layers.map((layer) => `${layer.name.replace(/-[0-9a-f]{24}$/, '')} ${countTasks([layer])}`)
}

/** Computes an array to nested lists, or to a plain value. */
export async function list(array: da.ChunkedArray<da.Dtype, unknown>): Promise<unknown> {
  const result = await array.compute({ get })
  return result instanceof da.NDArray ? result.toArray() : result
}

/** Makes nested lists of consecutive numbers. */
export const matrix = (rows: number, columns: number) =>
  Array.from({ length: rows }, (_, i) => Array.from({ length: columns }, (_, j) => i * columns + j))
