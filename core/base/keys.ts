/**
 * Keys: the names of results. Keys are made and split only here.
 *
 * A layer's block has the key `name:index` (Bag) or `name:i,j` (Array); a layer without axes has its
 * bare name. In graphs written by hand, any other string is a valid key.
 */

/** The name of a result in a graph. */
export type Key = string

/** One key, or nested lists of keys; results come back in the same shape. */
export type Keys = Key | readonly Keys[]

/** Returns the key of the block at the given coordinates: `blockKey('sum-3f', [0, 1])` is `'sum-3f:0,1'`. */
export function blockKey(name: string, coordinates: readonly number[]): Key {
  return coordinates.length === 0 ? name : `${name}:${coordinates.join(',')}`
}

/** Returns the coordinates of a block from its position in row-major order. */
export function blockCoordinates(block: number, numblocks: readonly number[]): number[] {
  const coordinates = new Array<number>(numblocks.length)
  let rest = block
  for (let axis = numblocks.length - 1; axis >= 0; axis--) {
    const n = numblocks[axis]!
    coordinates[axis] = rest % n
    rest = Math.floor(rest / n)
  }
  return coordinates
}

/** Returns the position in row-major order of the block at the given coordinates. */
export function blockNumber(coordinates: readonly number[], numblocks: readonly number[]): number {
  let block = 0
  for (let axis = 0; axis < numblocks.length; axis++)
    block = block * numblocks[axis]! + coordinates[axis]!
  return block
}

/** Returns the number of blocks of a grid: the product of `numblocks`. */
export function countBlocks(numblocks: readonly number[]): number {
  let count = 1
  for (const n of numblocks) count *= n
  return count
}
