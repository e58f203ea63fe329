/** What the tests of arrays share. */
import * as da from '../../../collections/array/index.js'
import { countTasks } from '../../../core/graph/layer.js'
import { getSync } from '../../../core/run/get-sync.js'

export const get = getSync

/** The operations of the optimized graph with how many tasks each has. */
export function tasks(array: da.ChunkedArray<da.Dtype, unknown>): string[] {
  return array
    .optimize()
    .layers.map((layer) => `${layer.name.replace(/-[0-9a-f]{24}$/, '')} ${countTasks([layer])}`)
}

export async function list(array: da.ChunkedArray<da.Dtype, unknown>): Promise<unknown> {
  const result = await array.compute({ get })
  return result instanceof da.Chunk ? result.toArray() : result
}

export const matrix = (rows: number, columns: number) =>
  Array.from({ length: rows }, (_, i) => Array.from({ length: columns }, (_, j) => i * columns + j))
