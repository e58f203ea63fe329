/** Edits of source code that keep the line and column of everything that follows them. */
import type { SyntaxNode } from '../source/syntax.js'

/** A range of the source code and its replacement. */
export interface Edit {
  readonly start: number
  readonly end: number
  readonly code: string
  /** The columns after it may change. */
  readonly short?: boolean
}

/** Whether an edit is within a range. */
export function isWithin(edit: Edit, start: number, end: number): boolean {
  return edit.start >= start && edit.end <= end
}

/** Whether an edit replaces a node; the node's positions are `shift` larger than those of the edit. */
export function covers(edit: Edit, node: SyntaxNode, shift: number): boolean {
  return node.start - shift >= edit.start && node.end - shift <= edit.end
}

/** Returns the source code with all edits applied. */
export function applyEdits(source: string, edits: readonly Edit[]): string {
  let result = source
  let last: Edit | undefined
  // Insertions at a position come after a replacement that ends there; at one position the given order
  // holds.
  const ordered = [...edits].reverse().sort((a, b) => b.start - a.start || b.end - a.end)
  for (const edit of ordered) {
    const { start, end, short } = edit
    // A name with several uses at one position, as in `const { a, b } = c`, is replaced once.
    if (last?.start === start && last.end === end && last.code === edit.code) continue
    const filled = short === true ? edit.code : padded(edit.code, result.slice(start, end))
    result = result.slice(0, start) + filled + result.slice(end)
    last = edit
  }
  return result
}

/** Pads a replacement so that the code after it stays on its line and in its column, for stack traces. */
function padded(replacement: string, original: string): string {
  const lines = original.split('\n')
  if (lines.length === 1) return replacement.padEnd(original.length)
  return replacement + '\n'.repeat(lines.length - 1) + ' '.repeat(lines.at(-1)!.length)
}
