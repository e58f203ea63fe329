/**
 * Expressions that mathjs evaluates as a whole. It looks names up here, and what an expression
 * assigns stays here, for the time of one call.
 */
import { mathjs } from './mathjs.js'
import type { Reading } from './read.js'
import { callError, lookUp, missing, plain } from './records.js'

/** An expression's function. */
export type CompiledExpression = (...args: unknown[]) => unknown

/** Names for mathjs to look up; what an expression assigns stays here. */
class Names {
  args: readonly unknown[] = []
  current: string | undefined
  private readonly reading: Reading
  private readonly own = new Map<string, unknown>()

  constructor(reading: Reading) {
    this.reading = reading
  }

  begin(args: readonly unknown[]): void {
    this.args = args
    this.current = undefined
    this.own.clear()
  }

  has(name: string): boolean {
    return this.own.has(name) || this.reading.variables.includes(name)
  }

  get(name: string): unknown {
    if (this.own.has(name)) return this.own.get(name)
    const value = lookUp(this.reading, name, this.args)
    if (value !== undefined) return value
    const fn = mathjs().find(name)
    if (fn !== undefined) return fn
    this.current = name
    throw missing(this.reading, name, this.args)
  }

  set(name: string, value: unknown): void {
    this.own.set(name, value)
  }

  keys(): Iterable<string> {
    return [...this.reading.variables, ...this.own.keys()]
  }
}

/** The function of an expression, evaluated by mathjs at each call. */
export function interpret(reading: Reading): CompiledExpression {
  const evaluator = reading.body.compile()
  const names = new Names(reading)
  return (...args) => {
    names.begin(args)
    try {
      return plain(evaluator.evaluate(names))
    } catch (error) {
      const { current } = names
      const at = current === undefined ? undefined : reading.firstUse.get(current)
      throw callError(reading, error, at, args)
    } finally {
      names.args = []
    }
  }
}
