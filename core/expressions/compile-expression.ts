/**
 * Compiles expressions to JavaScript functions.
 *
 * A function is compiled for each number of arguments that it is called with. Expressions that cannot be
 * compiled (blocks, ranges, indices, functions in functions) are evaluated by mathjs.
 */
import { callError } from './call-error.js'
import { type ExpressionFunction, evaluateExpression } from './evaluate-expression.js'
import { ExpressionWriter } from './expression-writer.js'
import { lookUp, missingNameError, readField, toOperand } from './name-lookup.js'
import type { ParsedExpression } from './parsed-expression.js'
import { toPlain } from './plain-result.js'

/**
 * Returns the function of an expression, for calls with any number of arguments. `parse` is called at the
 * first call.
 */
export function compileExpression(parse: () => ParsedExpression): ExpressionFunction {
  const compiled = new Map<number, ExpressionFunction>()
  const forCount = (count: number): ExpressionFunction => {
    let found = compiled.get(count)
    if (found === undefined) compiled.set(count, (found = compileFor(parse(), count)))
    return found
  }
  let one: ExpressionFunction | undefined
  let two: ExpressionFunction | undefined
  return (...args) => {
    if (args.length === 1) return (one ??= forCount(1))(args[0])
    if (args.length === 2) return (two ??= forCount(2))(args[0], args[1])
    return forCount(args.length)(...args)
  }
}

function compileFor(parsed: ParsedExpression, count: number): ExpressionFunction {
  const { params, source, canCompile } = parsed
  if (params !== undefined && count < params.length)
    throw new TypeError(
      `${source}: it takes ${params.length} argument${params.length === 1 ? '' : 's'} and got ${count}; ` +
        'to use the fields of one record, write only the part after the =',
    )
  return canCompile ? compile(parsed, count) : evaluateExpression(parsed)
}

function compile(parsed: ParsedExpression, count: number): ExpressionFunction {
  const writer = new ExpressionWriter(parsed, count)
  const body = writer.write()
  const make = new Function('support', 'fns', 'consts', body) as (
    support: object,
    fns: readonly Function[],
    consts: readonly unknown[],
  ) => ExpressionFunction
  /** The functions that the generated code calls by these names. */
  const support = {
    operand: toOperand,
    plain: toPlain,
    missing: (name: string, args: readonly unknown[]): unknown => {
      const value = lookUp(parsed, name, args)
      if (value !== undefined) return value
      throw missingNameError(parsed, name, args)
    },
    maybe: (name: string, args: readonly unknown[]): unknown => lookUp(parsed, name, args),
    within: readField,
    truth: isTruthy,
    failure: (error: unknown, node: number, args: readonly unknown[]) => {
      const at = writer.nodes[node]
      return callError(parsed, error, at && parsed.positions.get(at), args)
    },
  }
  return make(support, writer.functions, writer.constants)
}

/** Whether a condition holds, by mathjs's rules. */
function isTruthy(value: unknown): boolean {
  if (value === null || value === undefined) return false
  if (typeof value === 'object') throw new TypeError('a condition cannot be an object or a list')
  return Boolean(value)
}
