/** Changes of a text that leave what comes after them on its line and in its column. */
import type { SyntaxNode } from '../source/syntax.js'

/** A stretch of a text, and what takes its place. */
export interface Edit {
  readonly start: number
  readonly end: number
  readonly text: string
  /** What comes after it need not stay in its column. */
  readonly short?: boolean
}

/** Whether a change lies in a stretch. */
export function isWithin(edit: Edit, start: number, end: number): boolean {
  return edit.start >= start && edit.end <= end
}

/** Whether a change takes the place of a node, which is `shift` further on in its own text. */
export function covers(edit: Edit, node: SyntaxNode, shift: number): boolean {
  return node.start - shift >= edit.start && node.end - shift <= edit.end
}

/** The text with all changes made. */
export function applyEdits(source: string, edits: readonly Edit[]): string {
  let text = source
  let last: Edit | undefined
  // What is put before something comes after what it is replaced by; at one place, in the order given.
  const ordered = [...edits].reverse().sort((a, b) => b.start - a.start || b.end - a.end)
  for (const edit of ordered) {
    const { start, end, short } = edit
    // What is used in several ways at one place, as in `const { a, b } = c`, is edited once.
    if (last?.start === start && last.end === end && last.text === edit.text) continue
    const filled = short === true ? edit.text : padded(edit.text, text.slice(start, end))
    text = text.slice(0, start) + filled + text.slice(end)
    last = edit
  }
  return text
}

/** What comes after a replacement stays on its line and in its column, for stack traces. */
function padded(replacement: string, original: string): string {
  const lines = original.split('\n')
  if (lines.length === 1) return replacement.padEnd(original.length)
  return replacement + '\n'.repeat(lines.length - 1) + ' '.repeat(lines.at(-1)!.length)
}
