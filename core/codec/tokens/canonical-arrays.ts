/** Arrays as bytes to be hashed: a run of holes is one thing, so that a sparse array costs what is in it. */

import { Tag } from '../bytes/hash-sink.js'
import type { CanonicalWriter } from '../interfaces.js'
import { arrayExtras, isIndex } from '../objects/own-extras.js'
import { writeExtras } from './canonical-properties.js'

/** Holes that are stepped over one by one. */
const NEAR = 16

/** Writes the elements of an array, and what it carries besides. */
export function writeArrayContent(walk: CanonicalWriter, array: readonly unknown[]): void {
  const { sink } = walk
  const start = sink.pos
  sink.u8(Tag.array)
  sink.uint(array.length)
  let far: Iterator<number> | undefined
  for (let i = 0; i < array.length; i++) {
    const element = array[i]
    if (element === undefined && !(i in array)) {
      let next = i + 1
      const near = Math.min(array.length, i + NEAR)
      while (next < near && !(next in array)) next++
      if (next === near && near < array.length) {
        far ??= indexesOf(array)
        do next = far.next().value ?? array.length
        while (next < near)
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

/** The indexes of an array that are there, ascending. */
function indexesOf(array: readonly unknown[]): Iterator<number> {
  return Object.keys(array).filter(isIndex).map(Number).values()
}
