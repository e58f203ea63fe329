/**
 * Plans which part of a diagonal lies in which blocks. Integers only.
 */
import { chunkBounds } from './chunk-grid.js'
import { findBlock } from './index-plan.js'

/** A part of a diagonal that lies in one block. */
export interface DiagonalPiece {
  readonly rowBlock: number
  readonly columnBlock: number
  /** The position of the first element in the block. */
  readonly row: number
  readonly column: number
  readonly size: number
}

/**
 * Divides a diagonal at the chunk boundaries of rows and columns: `planDiagonal([2, 2], [3, 1], 0)` has pieces of
 * 2, 1 and 1 elements.
 */
export function planDiagonal(
  rows: readonly number[],
  columns: readonly number[],
  offset: number,
): DiagonalPiece[] {
  const [rowBounds, columnBounds] = [chunkBounds(rows), chunkBounds(columns)]
  let row = Math.max(0, -offset)
  let column = Math.max(0, offset)
  const pieces: DiagonalPiece[] = []
  while (row < rowBounds.at(-1)! && column < columnBounds.at(-1)!) {
    const rowBlock = findBlock(rowBounds, row)
    const columnBlock = findBlock(columnBounds, column)
    const size = Math.min(rowBounds[rowBlock + 1]! - row, columnBounds[columnBlock + 1]! - column)
    pieces.push({
      rowBlock,
      columnBlock,
      row: row - rowBounds[rowBlock]!,
      column: column - columnBounds[columnBlock]!,
      size,
    })
    row += size
    column += size
  }
  if (pieces.length > 0) return pieces
  return [{ rowBlock: 0, columnBlock: 0, row: 0, column: 0, size: 0 }]
}
