/**
 * The error for a text that is no expression, and how errors point into a text.
 */
import type { CallSite } from '../base/call-site.js'

/** Where something is in a text, counted from one. */
export interface Position {
  readonly line: number
  readonly column: number
}

/** A text that is no expression: where it is wrong, and the user's line that gave it. */
export class ExpressionError extends SyntaxError {
  readonly code = 'BAD_EXPRESSION'
  readonly expression: string
  readonly line: number | undefined
  readonly column: number | undefined
  readonly site: string | undefined

  constructor(
    given: { readonly operation: string; readonly text: string; readonly site: CallSite },
    what: string,
    at: Position | undefined,
  ) {
    const { operation, text: expression } = given
    const site = given.site.location
    const added = site === undefined ? '' : `\n  given at ${site}`
    super(
      `${operation}: '${expression}' is no expression: ${what}${formatPosition(expression, at)}${added}`,
    )
    this.expression = expression
    this.line = at?.line
    this.column = at?.column
    this.site = site
  }
  override get name(): string {
    return 'ExpressionError'
  }
}

/** ` (line 1, column 5)` and the line with a caret below the place; nothing for an unknown one. */
export function formatPosition(text: string, at: Position | undefined): string {
  if (at === undefined) return ''
  const line = text.split('\n')[at.line - 1] ?? ''
  // Tabs stay tabs, so that the caret stands below its character.
  const before = line.slice(0, at.column - 1).replace(/[^\t]/g, ' ')
  return ` (line ${at.line}, column ${at.column})\n  ${line}\n  ${before}^`
}

/** The line and column of a character. */
export function positionOf(text: string, offset: number): Position {
  const before = text.slice(0, Math.max(0, offset))
  const start = before.lastIndexOf('\n') + 1
  return { line: before.split('\n').length, column: before.length - start + 1 }
}
