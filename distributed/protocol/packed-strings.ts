/** Many strings in one message field: joined, with the position at which each ends. Unpacked one by one, on demand. */
import { columnOf } from '../../core/base/short-columns.js'
import type { PackedStrings } from './client-messages.js'

/** Joins `count` strings: `['ab', 'c']` gives `{ joined: 'abc', ends: [2, 3] }`. */
export function packStrings(count: number, stringOf: (index: number) => string): PackedStrings {
  if (count === 1) {
    const joined = stringOf(0)
    return { joined, ends: columnOf([joined.length]) }
  }
  const parts = new Array<string>(count)
  const ends = new Int32Array(count)
  let length = 0
  for (let i = 0; i < count; i++) {
    const part = stringOf(i)
    parts[i] = part
    length += part.length
    ends[i] = length
  }
  return { joined: parts.join(''), ends }
}

/** Returns one of the strings. */
export function unpackString({ joined, ends }: PackedStrings, index: number): string {
  return joined.slice(index === 0 ? 0 : ends[index - 1]!, ends[index]!)
}

/** Returns the indices at which a string occurs among the packed ones. */
export function findString({ joined, ends }: PackedStrings, wanted: string): number[] {
  const found: number[] = []
  if (wanted === '') return found
  for (let at = joined.indexOf(wanted); at >= 0; at = joined.indexOf(wanted, at + 1)) {
    const index = firstNotBelow(ends, at + wanted.length)
    const start = index === 0 ? 0 : ends[index - 1]!
    if (ends[index] === at + wanted.length && start === at) found.push(index)
  }
  return found
}

/** Returns the index of the first number in an ascending list that is not below `bound`. */
function firstNotBelow(ascending: Int32Array, bound: number): number {
  let low = 0
  let high = ascending.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (ascending[middle]! < bound) low = middle + 1
    else high = middle
  }
  return low
}
