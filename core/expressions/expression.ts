/**
 * Expressions as functions: text in, a function out that travels as its text.
 *
 * A text is read when it is given, which finds what is wrong with it, and becomes code when the
 * function is first called. Equal texts, spaces apart, are one function in a thread.
 */
import { generate } from './generate.js'
import { type Reading, readExpression } from './read.js'

/** A function that was made of an expression; it takes items of any kind. */
export type Expression<R = number> = (...operands: unknown[]) => R

/** The texts of the functions made here. */
const texts = new WeakMap<Function, string>()
/** Functions by what the user wrote, and by what it is without its spaces. */
const byText = new Map<string, Expression<unknown>>()

/** Programs that make texts by the thousand shall not fill the memory with them. */
const MOST = 2_000

/**
 * A function of an expression in mathjs's language. With one argument, names are its fields, or `x`
 * is the argument itself; with several, `x`, `y` and `z` are the arguments. `f(a, b) = ...` names them.
 *
 * @example expression('sqrt(x^2 + y^2)')({ x: 3, y: 4 }); bag.groupby(expression('floor(age / 10)'))
 */
export function expression<R = number>(text: string): Expression<R> {
  return expressionFunction(text, 'expression') as Expression<R>
}

/** As `expression`, for the operation that was given the text. */
export function expressionFunction(text: string, operation: string): Expression<unknown> {
  const known = byText.get(text)
  if (known !== undefined) return known
  const reading = readExpression(text, operation)
  const fn = byText.get(reading.text) ?? makeFunction(reading)
  if (byText.size >= MOST) byText.clear()
  byText.set(text, fn)
  byText.set(reading.text, fn)
  return fn
}

/** The text that a function made of an expression travels as; undefined for all other functions. */
export function expressionText(fn: Function): string | undefined {
  return texts.get(fn)
}

function makeFunction({ text }: Reading): Expression<unknown> {
  // Read again, so that errors point into the text that all threads have.
  const fn = generate(() => readExpression(text, 'expression'))
  Object.defineProperty(fn, 'name', { value: text })
  texts.set(fn, text)
  return fn
}
