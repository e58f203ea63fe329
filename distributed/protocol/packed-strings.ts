/** Many texts in one message field: joined, with the ends; taken apart only where one is wanted. */
import { columnOf } from '../../core/base/short-columns.js'
import type { PackedTexts } from './client-messages.js'

/** Joins texts: `['ab', 'c']` gives `{ text: 'abc', end: [2, 3] }`. */
export function packTexts(count: number, textOf: (index: number) => string): PackedTexts {
  const parts = new Array<string>(count)
  if (count === 1) {
    const text = textOf(0)
    return { text, end: columnOf([text.length]) }
  }
  const end = new Int32Array(count)
  let length = 0
  for (let i = 0; i < count; i++) {
    const part = textOf(i)
    parts[i] = part
    length += part.length
    end[i] = length
  }
  return { text: parts.join(''), end }
}

/** One of the texts. */
export function unpackText({ text, end }: PackedTexts, index: number): string {
  return text.slice(index === 0 ? 0 : end[index - 1]!, end[index]!)
}

/** The places at which a text is among them. */
export function findText({ text, end }: PackedTexts, wanted: string): number[] {
  const found: number[] = []
  if (wanted === '') return found
  for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + 1)) {
    const index = firstNotBelow(end, at + wanted.length)
    const start = index === 0 ? 0 : end[index - 1]!
    if (end[index] === at + wanted.length && start === at) found.push(index)
  }
  return found
}

/** The first place in a rising list whose number is not below one. */
function firstNotBelow(rising: Int32Array, number: number): number {
  let low = 0
  let high = rising.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (rising[middle]! < number) low = middle + 1
    else high = middle
  }
  return low
}
