/** The error for an invalid expression, and positions in the source of expressions. */
import type { CallSite } from '../base/call-site.js'

/** A position in a string; lines and columns count from one. */
export interface Position {
  readonly line: number
  readonly column: number
}

/** An expression as the user wrote it, and the operation it was passed to. */
export interface ExpressionSource {
  readonly source: string
  readonly operation: string
  readonly site: CallSite
}

/** A string that is not a valid expression. */
export class ExpressionError extends SyntaxError {
  /** Always `BAD_EXPRESSION`. */
  readonly code = 'BAD_EXPRESSION'
  /** The string. */
  readonly expression: string
  /** Where it is wrong, counted from one; undefined if that is unknown. */
  readonly line: number | undefined
  /** The column in its line, counted from one; undefined if that is unknown. */
  readonly column: number | undefined
  /** Where the user's code passed it. */
  readonly site: string | undefined

  /** Made by Skein only. */
  constructor(given: ExpressionSource, problem: string, at: Position | undefined) {
    const { operation, source: expression } = given
    const site = given.site.location
    const added = site === undefined ? '' : `\n  given at ${site}`
    super(
      `${operation}: '${expression}' is not an expression: ${problem}${formatPosition(expression, at)}${added}`,
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

/** Formats a position as ` (line 1, column 5)` and the line with a caret; '' for an unknown position. */
export function formatPosition(source: string, at: Position | undefined): string {
  if (at === undefined) return ''
  const line = source.split('\n')[at.line - 1] ?? ''
  // Tabs are kept, so that the caret is below its character.
  const before = line.slice(0, at.column - 1).replace(/[^\t]/g, ' ')
  return ` (line ${at.line}, column ${at.column})\n  ${line}\n  ${before}^`
}

/** Returns the line and column of a character. */
export function positionOf(source: string, offset: number): Position {
  const before = source.slice(0, Math.max(0, offset))
  const start = before.lastIndexOf('\n') + 1
  return { line: before.split('\n').length, column: before.length - start + 1 }
}
