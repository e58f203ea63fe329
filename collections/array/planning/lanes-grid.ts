/**
 * Plans grids whose blocks hold a whole axis. Integers only.
 */
import { evenSizes, type Grid, gridShape } from './chunk-grid.js'

/**
 * Returns a grid with one chunk along an axis, and blocks of about `elements` elements: the chunks of the other axes
 * are divided as far as needed. `lanesGrid([[4, 4], [2, 2]], 0, 8)` is `[[8], [1, 1, 1, 1]]`.
 */
export function lanesGrid(grid: Grid, axis: number, elements: number): Grid {
  const shape = gridShape(grid)
  let room = Math.max(1, Math.floor(elements / Math.max(1, shape[axis]!)))
  return grid.map((sizes, a) => {
    if (a === axis) return [shape[a]!]
    const largest = Math.max(1, ...sizes)
    if (largest <= room) {
      room = Math.floor(room / largest)
      return sizes
    }
    const size = room
    room = 1
    return sizes.flatMap((n) => evenSizes(n, size))
  })
}
