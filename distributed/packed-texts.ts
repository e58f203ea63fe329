/** Many texts in one message field: joined, with the ends; taken apart only where one is wanted. */
import type { PackedTexts } from './protocol.js'

/** Joins texts: `['ab', 'c']` gives `{ text: 'abc', end: [2, 3] }`. */
export function packTexts(count: number, textOf: (index: number) => string): PackedTexts {
  const parts = new Array<string>(count)
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
