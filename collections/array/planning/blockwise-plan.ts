/**
 * Plans operations whose blocks are named by indices, as `blockwise` is: the chunks along each index, and
 * the axes by which blocks are found. Integers only.
 */
import { chunkBounds, commonGrid, type Grid, gridShape, isUnknown } from './chunk-grid.js'
import { KNOW_SIZES } from './known-sizes.js'

/** The name of an axis: a letter of a string such as `'ij'`, or an item of a list. */
export type AxisLabel = string | number

/** An array's grid, with a label for each axis. */
export interface LabelledGrid {
  readonly chunks: Grid
  readonly index: readonly AxisLabel[]
}

/** The chunk sizes of each label. */
export type LabelChunks = ReadonlyMap<AxisLabel, readonly number[]>

/**
 * Returns, for each label, every chunk boundary of the axes that have it. Axes of size 1 repeat. Throws a
 * RangeError for axes of one label that have different sizes.
 */
export function unifyLabels(operation: string, grids: readonly LabelledGrid[]): LabelChunks {
  const lists = new Map<AxisLabel, (readonly number[])[]>()
  for (const { chunks, index } of grids) {
    index.forEach((label, axis) => {
      const list = lists.get(label)
      if (list === undefined) lists.set(label, [chunks[axis]!])
      else list.push(chunks[axis]!)
    })
  }
  const unified = new Map<AxisLabel, readonly number[]>()
  for (const [label, own] of lists) {
    const lengths = new Set(gridShape(own).filter((n) => n !== 1))
    const unknown = own.find(isUnknown)
    if (unknown !== undefined && own.some((sizes) => sizes !== unknown && !isSingle(sizes))) {
      throw new RangeError(
        `${operation}: some axes with index ${JSON.stringify(label)} have sizes that are not known, so they cannot be compared; ${KNOW_SIZES}`,
      )
    }
    if (lengths.size > 1) {
      throw new RangeError(
        `${operation}: the axes with index ${JSON.stringify(label)} have sizes ${gridShape(own).join(' and ')}; they must be equal or 1`,
      )
    }
    const [length = 1] = lengths
    const common = commonGrid(
      own.map((sizes) => [sizes]),
      [length],
    )
    unified.set(label, common[0]!)
  }
  return unified
}

/** Returns the grid that an array needs: the chunks of its labels, except for axes that repeat. */
export function gridOfLabels({ chunks, index }: LabelledGrid, labels: LabelChunks): Grid {
  return index.map((label, axis) => {
    const sizes = labels.get(label)!
    return total(chunks[axis]!) === total(sizes) ? sizes : chunks[axis]!
  })
}

/**
 * Returns, for each axis of an array, the position of its label in `out`: -1 for an axis that repeats one block.
 * A label that `out` lacks is numbered on from the end of `out`, in the order of `contracted`.
 */
export function blockAxes(
  grid: LabelledGrid,
  out: readonly AxisLabel[],
  contracted: readonly AxisLabel[],
  labels: LabelChunks,
): number[] {
  return grid.index.map((label, axis) => {
    const repeats = total(grid.chunks[axis]!) === 1 && total(labels.get(label)!) !== 1
    if (repeats) return -1
    const at = out.indexOf(label)
    return at >= 0 ? at : out.length + contracted.indexOf(label)
  })
}

/** Returns the first position and the end of a chunk of an axis. */
export function chunkSpan(sizes: readonly number[], chunk: number): [start: number, end: number] {
  const bounds = chunkBounds(sizes)
  return [bounds[chunk]!, bounds[chunk + 1]!]
}

function isSingle(sizes: readonly number[]): boolean {
  return sizes.length === 1 && sizes[0] === 1
}

function total(sizes: readonly number[]): number {
  return gridShape([sizes])[0]!
}
