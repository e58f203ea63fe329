/**
 * Parses expressions. mathjs parses the source; `ExpressionChecker` then rejects everything that is wrong
 * whatever the items are, so that mistakes are found when the operation is added.
 */
import { captureCallSite } from '../base/call-site.js'
import { ExpressionError, type ExpressionSource, positionOf } from './errors.js'
import { ExpressionChecker } from './expression-checker.js'
import { findForeignOperator } from './javascript-operators.js'
import { type MathNode, mathjs } from './mathjs.js'
import type { ParsedExpression } from './parsed-expression.js'

/** The longest source. Longer ones are programs, and mathjs would recurse too deeply in them. */
const maxLength = 10_000

/**
 * Parses the source of an expression into mathjs's nodes, without checking names and functions;
 * `operation` begins the messages of errors.
 *
 * @throws ExpressionError
 */
export function parseSyntax(source: string, operation: string): MathNode {
  return parse({ source, operation, site: captureCallSite() })
}

/**
 * Parses and checks an expression; `operation` begins the messages of errors.
 *
 * @throws ExpressionError
 */
export function parseExpression(source: string, operation: string): ParsedExpression {
  const given = { source, operation, site: captureCallSite() }
  const tree = parse(given)
  const checker = new ExpressionChecker(given)
  checker.check(tree)
  const params = tree.type === 'FunctionAssignmentNode' ? (tree.params as string[]) : undefined
  return {
    source: normalize(source, tree),
    body: params === undefined ? tree : tree.expr!,
    params,
    variables: [...checker.variables],
    canCompile: checker.canCompile,
    positions: checker.positions,
    firstUse: checker.firstUse,
  }
}

function parse(given: ExpressionSource): MathNode {
  const { source } = given
  const empty = "it is empty; write a string such as 'sqrt(x^2 + y^2)'"
  if (source.trim() === '') throw new ExpressionError(given, empty, undefined)
  if (source.length > maxLength)
    throw new ExpressionError(
      { ...given, source: `${source.slice(0, 40)}...` },
      `it has ${source.length} characters, more than ${maxLength}; write a function instead`,
      undefined,
    )
  const foreign = findForeignOperator(source)
  if (foreign !== undefined)
    throw new ExpressionError(given, foreign.advice, positionOf(source, foreign.index))
  const { parse: parseSource } = mathjs()
  let tree: MathNode
  try {
    tree = parseSource(source)
  } catch (error) {
    const { char, message } = error as { char?: number; message: string }
    const at = char === undefined ? undefined : positionOf(source, char - 1)
    const advice = /^Invalid left hand side of assignment/.test(message)
      ? "'=' assigns and does not compare; did you mean ==?"
      : message.replace(/ \(char \d+\)$/, '')
    throw new ExpressionError(given, advice, at)
  }
  // mathjs parses a source of comments only as a constant without a value.
  if (tree.type === 'ConstantNode' && tree.value === undefined && source.trim() !== 'undefined')
    throw new ExpressionError(given, empty, undefined)
  return tree
}

/** Returns the source as mathjs formats it, unless that would parse differently. */
function normalize(source: string, tree: MathNode): string {
  const formatted = tree.toString()
  if (formatted === source) return source
  try {
    return mathjs().parse(formatted).equals(tree) ? formatted : source.trim()
  } catch {
    return source.trim()
  }
}
