/**
 * Evaluates expressions with mathjs, for those that are not compiled. mathjs looks names up in a scope
 * that lasts for one call: what an expression assigns is not visible to others.
 */
import { callError } from './call-error.js'
import { mathjs } from './mathjs.js'
import { lookUp, missingNameError } from './name-lookup.js'
import type { ParsedExpression } from './parsed-expression.js'
import { toPlain } from './plain-result.js'

/** The function of an expression. */
export type ExpressionFunction = (...args: unknown[]) => unknown

/** The names of a call, as mathjs looks them up. */
class CallScope {
  args: readonly unknown[] = []
  /** The name without a value that ended the call. */
  missing: string | undefined
  private readonly parsed: ParsedExpression
  private readonly assigned = new Map<string, unknown>()

  constructor(parsed: ParsedExpression) {
    this.parsed = parsed
  }

  begin(args: readonly unknown[]): void {
    this.args = args
    this.missing = undefined
    this.assigned.clear()
  }

  has(name: string): boolean {
    return this.assigned.has(name) || this.parsed.variables.includes(name)
  }

  get(name: string): unknown {
    if (this.assigned.has(name)) return this.assigned.get(name)
    const value = lookUp(this.parsed, name, this.args)
    if (value !== undefined) return value
    const fn = mathjs().find(name)
    if (fn !== undefined) return fn
    this.missing = name
    throw missingNameError(this.parsed, name, this.args)
  }

  set(name: string, value: unknown): void {
    this.assigned.set(name, value)
  }

  keys(): Iterable<string> {
    return [...this.parsed.variables, ...this.assigned.keys()]
  }
}

/** Returns the function of an expression, which mathjs evaluates at each call. */
export function evaluateExpression(parsed: ParsedExpression): ExpressionFunction {
  const evaluator = parsed.body.compile()
  const scope = new CallScope(parsed)
  return (...args) => {
    scope.begin(args)
    try {
      return toPlain(evaluator.evaluate(scope))
    } catch (error) {
      const { missing } = scope
      const at = missing === undefined ? undefined : parsed.firstUse.get(missing)
      throw callError(parsed, error, at, args)
    } finally {
      scope.args = []
    }
  }
}
