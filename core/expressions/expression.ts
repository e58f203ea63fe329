/**
 * Creates functions from expressions. Such a function is sent as the source of its expression.
 *
 * The source is parsed immediately, which finds mistakes, and compiled when the function is first called.
 * Sources that differ only in white space give the same function in a thread.
 */
import { checkArguments } from '../base/argument-checks.js'
import { compileExpression } from './compile-expression.js'
import { OPERANDS } from './name-lookup.js'
import { parseExpression } from './parse-expression.js'

/** A function created from an expression; it takes items of any kind. */
export type Expression<R = number> = (...operands: unknown[]) => R

/** The sources of the functions created here. */
const sources = new WeakMap<Function, string>()
/** Functions by the source that the user wrote, and by the normalized source. */
const bySource = new Map<string, Expression<unknown>>()

/** The most sources that are cached, for programs that generate expressions. */
const maxCached = 2_000

/**
 * Creates a function from an expression in mathjs's language. Called with one argument, names are its
 * fields, or `x` is the argument itself; called with several, `x`, `y` and `z` are the arguments. A
 * definition `f(a, b) = ...` names the arguments.
 *
 * @throws ExpressionError, a SyntaxError, for a string that is not an expression.
 * @example expression('sqrt(x^2 + y^2)')({ x: 3, y: 4 }); bag.groupby(expression('floor(age / 10)'))
 */
export function expression<R = number>(source: string): Expression<R> {
  checkArguments('expression', arguments, 1, "expression('x + 1')")
  return expressionFunction(source, 'expression') as Expression<R>
}

/** Creates a function like `expression`; `operation` begins the messages of errors. */
export function expressionFunction(source: string, operation: string): Expression<unknown> {
  const known = bySource.get(source)
  if (known !== undefined) return known
  const parsed = parseExpression(source, operation)
  const fn = bySource.get(parsed.source) ?? makeFunction(parsed.source)
  if (bySource.size >= maxCached) bySource.clear()
  bySource.set(source, fn)
  bySource.set(parsed.source, fn)
  return fn
}

/** Returns the source of a function created from an expression; undefined for all other functions. */
export function expressionSource(fn: Function): string | undefined {
  return sources.get(fn)
}

/** The names that an expression reads of a record, and whether it may need the whole record. */
export interface ExpressionNames {
  /** The names, of which some may be constants. */
  readonly names: readonly string[]
  /** Whether the argument itself has a name in the expression, so that it may be used as a whole. */
  readonly isWhole: boolean
}

/**
 * Returns the names that may be fields of one of the arguments of a call of a function created from an expression;
 * undefined for all other functions.
 *
 * @param count The number of arguments of the call.
 */
export function expressionNames(
  fn: Function,
  position: number,
  count: number,
): ExpressionNames | undefined {
  const source = sources.get(fn)
  if (source === undefined) return undefined
  const { variables, params } = parseExpression(source, 'expression')
  if (params !== undefined) return { names: [], isWhole: position < params.length }
  // The only argument of a call is `x` unless it has a field of that name.
  const operands = count === 1 ? [] : OPERANDS.slice(0, count)
  return {
    names: variables.filter((name) => !operands.includes(name)),
    isWhole: variables.includes(operands[position] ?? ''),
  }
}

function makeFunction(source: string): Expression<unknown> {
  // The normalized source is parsed again, so that errors show positions in the source that all threads have.
  const fn = compileExpression(() => parseExpression(source, 'expression'))
  Object.defineProperty(fn, 'name', { value: source })
  sources.set(fn, source)
  return fn
}
