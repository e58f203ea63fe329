/**
 * Arrays as canonical bytes. A run of holes is written as one count, so that the time for a sparse
 * array depends on the elements that it has.
 */

import { Tag } from '../bytes/hash-sink.js'
import type { CanonicalWriter } from '../interfaces.js'
import { arrayExtras, isIndex } from '../objects/own-extras.js'
import { writeExtras } from './canonical-properties.js'

/** How many holes are skipped one by one before the indexes are listed. */
const MAX_SCANNED = 16

/** Writes the elements and extra properties of an array. */
export function writeArrayContent(walk: CanonicalWriter, array: readonly unknown[]): void {
  const { sink } = walk
  const start = sink.pos
  sink.u8(Tag.array)
  sink.uint(array.length)
  let indexes: Iterator<number> | undefined
  for (let i = 0; i < array.length; i++) {
    const element = array[i]
    if (element === undefined && !(i in array)) {
      let next = i + 1
      const scanEnd = Math.min(array.length, i + MAX_SCANNED)
      while (next < scanEnd && !(next in array)) next++
      if (next === scanEnd && scanEnd < array.length) {
        indexes ??= indexesOf(array)
        do next = indexes.next().value ?? array.length
        while (next < scanEnd)
      }
      sink.u8(Tag.hole)
      sink.uint(next - i)
      i = next - 1
    } else {
      walk.writeChild(i, element)
      sink.foldSoFar(start)
    }
  }
  writeExtras(walk, array, arrayExtras(array))
}

/** Returns the indexes of the elements that an array has, ascending. */
function indexesOf(array: readonly unknown[]): Iterator<number> {
  return Object.keys(array).filter(isIndex).map(Number).values()
}
