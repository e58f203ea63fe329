/**
 * Plans which part of a value each chunk of an axis receives when elements are replaced. Integers only.
 */
import type { AxisIndex } from '../block/index-parser.js'
import { chunkBounds } from './chunk-grid.js'
import { type AxisSelection, findBlock, planAxis } from './index-plan.js'

/** What happens along one axis. */
export interface AxisAssignment {
  /** The number of selected elements; 1 for an integer. */
  readonly size: number
  /** The order in which the value is read, if it is not that of the selection. */
  readonly order?: readonly number[]
  /** The sizes of the chunks of the value, in that order. */
  readonly sizes: readonly number[]
  /** For each chunk of the axis, the elements that are replaced and the chunk of the value; undefined for none. */
  readonly parts: readonly ({ readonly take: AxisSelection; readonly chunk: number } | undefined)[]
}

/** Plans the replacement of the elements that an index selects from an axis. */
export function planAssignment(index: AxisIndex, sizes: readonly number[]): AxisAssignment {
  if (index.kind === 'list') return planListed(index.positions, sizes)
  const chunks = planAxis(index, sizes)
  const parts: { take: AxisSelection; chunk: number }[] = []
  let size = 0
  chunks.forEach((chunk, i) => {
    const { block, take } = chunk.pieces[0]!
    size += chunk.size
    if (chunk.size > 0) parts[block] = { take, chunk: i }
  })
  const own = sizes.map((_, block) => parts[block])
  return { size, sizes: chunks.map((chunk) => chunk.size), parts: own }
}

/** Plans a list: of equal positions the last one counts. */
function planListed(positions: readonly number[], sizes: readonly number[]): AxisAssignment {
  const last = new Map(positions.map((position, i) => [position, i]))
  const sorted = [...last.keys()].sort((a, b) => a - b)
  const edges = chunkBounds(sizes)
  const takes: number[][] = sizes.map(() => [])
  for (const position of sorted) {
    const block = findBlock(edges, position)
    takes[block]!.push(position - edges[block]!)
  }
  let chunk = 0
  return {
    size: positions.length,
    order: sorted.map((position) => last.get(position)!),
    sizes: sorted.length === 0 ? [0] : takes.flatMap(({ length }) => (length > 0 ? [length] : [])),
    parts: takes.map((take) => (take.length === 0 ? undefined : { take, chunk: chunk++ })),
  }
}
