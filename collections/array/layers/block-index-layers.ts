/**
 * Layers that select whole blocks: `x.blocks.at(0, '1:')`.
 */
import { blockNumber } from '../../../core/base/keys.js'
import type { BlockNode } from '../../../core/graph/layer.js'
import { ALIAS } from '../../../core/graph/recipe.js'
import { type IndexItem, parseIndex } from '../block/index-parser.js'
import { forEachBlock, numblocksOf } from '../planning/chunk-grid.js'
import { type ArraySpec, indexed } from './array-spec.js'

/** Selects blocks by an index of the grid of blocks. Integers keep their axis, as in Dask. */
export function blocksLayer(array: ArraySpec, items: readonly IndexItem[]): ArraySpec {
  const numblocks = numblocksOf(array.chunks)
  const { entries, listShape } = parseIndex(items, numblocks, 'blocks')
  const lists = entries.filter(({ kind }) => kind === 'list').length
  if (lists > 1 || (lists === 1 && listShape.length !== 1) || entries.length > numblocks.length) {
    throw new RangeError('blocks: expected integers and slices, one list at most, and no new axes')
  }
  const chosen = entries.map((entry) => {
    if (entry.kind === 'pick') return [entry.position]
    if (entry.kind === 'list') return entry.positions
    if (entry.kind === 'newaxis') return []
    return Array.from({ length: entry.size }, (_, i) => entry.start + i * entry.step)
  })
  chosen.forEach((blocks, axis) => {
    if (blocks.length > 0) return
    throw new RangeError(`blocks: the index selects no block of axis ${axis}`)
  })
  const chunks = chosen.map((blocks, axis) => blocks.map((block) => array.chunks[axis]![block]!))
  const nodes: BlockNode[] = []
  forEachBlock(chunks, (at) => {
    const own = at.map((c, axis) => chosen[axis]![c]!)
    nodes.push({ recipe: ALIAS, inputs: [0, blockNumber(own, numblocks)], params: [] })
  })
  return indexed({
    operation: 'blocks',
    sources: [array],
    nodes,
    dtype: array.dtype,
    chunks,
    content: [chosen],
  })
}
