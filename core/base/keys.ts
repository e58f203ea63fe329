/**
 * Keys: the names of results. The only place where they are made or split.
 *
 * A layer's block has the key `name:index` (Bag) or `name:i,j` (Array); a layer with no axes has its
 * bare name. Users may choose any other text for the keys of graphs they write by hand.
 */

export type Key = string

/** Keys in a shape: one key, or lists of them to any depth; results come back in that shape. */
export type Keys = Key | readonly Keys[]

/** The key of the block at these coordinates: `blockKey('sum-3f', [0, 1])` is `'sum-3f:0,1'`. */
export function blockKey(name: string, coordinates: readonly number[]): Key {
  return coordinates.length === 0 ? name : `${name}:${coordinates.join(',')}`
}

/** The coordinates of a block from its position in row-major order. */
export function unravel(block: number, numblocks: readonly number[]): number[] {
  const coordinates = new Array<number>(numblocks.length)
  let rest = block
  for (let axis = numblocks.length - 1; axis >= 0; axis--) {
    const n = numblocks[axis]!
    coordinates[axis] = rest % n
    rest = Math.floor(rest / n)
  }
  return coordinates
}

/** The position in row-major order of the block at these coordinates. */
export function ravel(coordinates: readonly number[], numblocks: readonly number[]): number {
  let block = 0
  for (let axis = 0; axis < numblocks.length; axis++)
    block = block * numblocks[axis]! + coordinates[axis]!
  return block
}

/** How many blocks a grid of this shape has. */
export function countBlocks(numblocks: readonly number[]): number {
  let count = 1
  for (const n of numblocks) count *= n
  return count
}
