/**
 * Parses formulas in mathjs's syntax into elementwise operations.
 *
 * mathjs only builds the syntax tree. The result is plain data: a list of operations, each of which
 * may use the results of earlier ones. Repeated subexpressions become one operation.
 */
import type { MathNode } from '../../../core/expressions/mathjs.js'
import { parseSyntax } from '../../../core/expressions/parse-expression.js'
import { arity } from '../expressions/elementwise-operators.js'
import { OPERATORS, type OperatorName } from '../expressions/operator-table.js'

/** An argument of a formula's operation: a variable, a number, or an earlier operation's result. */
export type FormulaArg =
  | { readonly kind: 'variable'; readonly name: string }
  | { readonly kind: 'number'; readonly value: number | boolean }
  | { readonly kind: 'result'; readonly index: number }

/** One operation of a formula. */
export interface FormulaOperation {
  readonly op: OperatorName
  readonly args: readonly FormulaArg[]
}

/** A parsed formula: its operations in order, and its value. */
export interface Formula {
  readonly operations: readonly FormulaOperation[]
  readonly value: FormulaArg
}

/** Operations by mathjs's names, where the names differ. */
const RENAMED: Readonly<Record<string, OperatorName>> = {
  unaryMinus: 'negative',
  pow: 'power',
  dotPow: 'power',
  dotMultiply: 'multiply',
  dotDivide: 'divide',
  mod: 'remainder',
  smaller: 'less',
  smallerEq: 'lessEqual',
  larger: 'greater',
  largerEq: 'greaterEqual',
  unequal: 'notEqual',
  and: 'logicalAnd',
  or: 'logicalOr',
  xor: 'logicalXor',
  not: 'logicalNot',
  bitAnd: 'bitwiseAnd',
  bitOr: 'bitwiseOr',
  bitXor: 'bitwiseXor',
  bitNot: 'invert',
  abs: 'absolute',
  fix: 'trunc',
  asin: 'arcsin',
  acos: 'arccos',
  atan: 'arctan',
  atan2: 'arctan2',
  asinh: 'arcsinh',
  acosh: 'arccosh',
  atanh: 'arctanh',
  min: 'minimum',
  max: 'maximum',
  isNaN: 'isnan',
}

const CONSTANTS: Readonly<Record<string, number | boolean>> = {
  pi: Math.PI,
  PI: Math.PI,
  tau: 2 * Math.PI,
  e: Math.E,
  E: Math.E,
  Infinity,
  NaN,
  true: true,
  false: false,
}

/**
 * Parses a formula whose variables are `names`. Throws a SyntaxError, with the position in the
 * formula, for unknown names and for syntax that arrays do not support.
 */
export function parseFormula(source: string, names: readonly string[]): Formula {
  if (typeof source !== 'string' || source.trim() === '') {
    throw new TypeError("evaluate: the expression must be a string such as 'sqrt(x^2 + y^2)'")
  }
  const converter = new FormulaConverter(source, new Set(names))
  const value = converter.convert(parseSyntax(source, 'evaluate') as MathNode)
  return { operations: converter.operations, value }
}

/** Formats a formula with a caret below one of its characters. */
function pointer(source: string, at: number): string {
  return `\n  ${source}\n  ${' '.repeat(Math.max(0, at))}^`
}

/** Converts a syntax tree to operations. */
class FormulaConverter {
  readonly operations: FormulaOperation[] = []
  private readonly source: string
  private readonly names: ReadonlySet<string>
  /** The operations so far, by operator and arguments. */
  private readonly known = new Map<string, FormulaArg>()

  constructor(source: string, names: ReadonlySet<string>) {
    this.source = source
    this.names = names
  }

  /** Adds the operations of a node and its arguments. Returns the value of the node. */
  convert(node: MathNode): FormulaArg {
    switch (node.type) {
      case 'ParenthesisNode':
        return this.convert(node.content!)
      case 'ConstantNode':
        if (typeof node.value === 'number' || typeof node.value === 'boolean') {
          return { kind: 'number', value: node.value }
        }
        throw this.error(`${JSON.stringify(node.value)} is not a number`, String(node.value))
      case 'SymbolNode':
        return this.symbol(node.name!)
      case 'OperatorNode':
        return this.operator(node)
      case 'FunctionNode': {
        const name = typeof node.fn === 'string' ? node.fn : (node.fn?.name ?? node.name ?? '')
        return this.call(name, node.args ?? [])
      }
      case 'ConditionalNode':
        return this.apply('where', [node.condition!, node.trueExpr!, node.falseExpr!])
      case 'RelationalNode': {
        const params = node.params!.map((param) => this.convert(param as MathNode))
        return node
          .conditionals!.map((name, i) =>
            this.add(RENAMED[name] ?? (name as OperatorName), [params[i]!, params[i + 1]!]),
          )
          .reduce((a, b) => this.add('logicalAnd', [a, b]))
      }
      default:
        throw this.error(
          `${node.type.replace(/Node$/, '').toLowerCase()}s are not supported for arrays`,
          '',
        )
    }
  }

  private symbol(name: string): FormulaArg {
    if (this.names.has(name)) return { kind: 'variable', name }
    if (Object.hasOwn(CONSTANTS, name)) return { kind: 'number', value: CONSTANTS[name]! }
    const names = [...this.names].join(', ') || 'none'
    throw this.error(`'${name}' is not a variable; the variables are: ${names}`, name)
  }

  private operator(node: MathNode): FormulaArg {
    const name = typeof node.fn === 'string' ? node.fn : (node.fn?.name ?? '')
    const args = node.args!
    if (name === 'unaryPlus') return this.convert(args[0]!)
    if (name === 'unaryMinus') {
      const arg = this.convert(args[0]!)
      if (arg.kind === 'number' && typeof arg.value === 'number')
        return { ...arg, value: -arg.value }
      return this.add('negative', [arg])
    }
    const op = this.find(name)
    if (op === undefined)
      throw this.error(`the operator '${node.op}' is not supported for arrays`, node.op ?? '')
    return this.apply(op, args)
  }

  private call(name: string, args: readonly MathNode[]): FormulaArg {
    if ((name === 'log' || name === 'atan2' || name === 'pow') && args.length === 2) {
      if (name !== 'log') return this.apply(RENAMED[name]!, args)
      return this.add(
        'divide',
        args.map((arg) => this.add('log', [this.convert(arg)])),
      )
    }
    const op = this.find(name)
    if (op === undefined) throw this.error(`'${name}' is not a function of arrays`, name)
    const takes = arity(op)
    if ((op === 'minimum' || op === 'maximum') && args.length > 2) {
      return args.map((arg) => this.convert(arg)).reduce((a, b) => this.add(op, [a, b]))
    }
    if (args.length !== takes) {
      throw this.error(
        `${name} takes ${takes} argument${takes === 1 ? '' : 's'}, not ${args.length}`,
        name,
      )
    }
    return this.apply(op, args)
  }

  private find(name: string): OperatorName | undefined {
    const renamed = Object.hasOwn(RENAMED, name) ? RENAMED[name] : name
    return OPERATORS.find((op) => op === renamed)
  }

  private apply(op: OperatorName, args: readonly MathNode[]): FormulaArg {
    return this.add(
      op,
      args.map((arg) => this.convert(arg)),
    )
  }

  /** Adds an operation unless an equal one exists: `x^2 + x^2` squares once. */
  private add(op: OperatorName, args: FormulaArg[]): FormulaArg {
    const key = `${op}(${args.map(argKey).join()})`
    let result = this.known.get(key)
    if (result === undefined) {
      result = { kind: 'result', index: this.operations.push({ op, args }) - 1 }
      this.known.set(key, result)
    }
    return result
  }

  /** Makes an error about a name or operator of the formula. */
  private error(what: string, symbol: string): SyntaxError {
    const at = symbol === '' ? -1 : findSymbol(this.source, symbol)
    const position = at < 0 ? '' : ` (at character ${at + 1})${pointer(this.source, at)}`
    return new SyntaxError(`evaluate: in '${this.source}': ${what}${position}`)
  }
}

function argKey(arg: FormulaArg): string {
  if (arg.kind === 'variable') return arg.name
  if (arg.kind === 'result') return `#${arg.index}`
  return Object.is(arg.value, -0) ? '=-0' : `=${String(arg.value)}`
}

/** Finds a symbol that is not part of a longer name; mathjs's nodes have no positions. */
function findSymbol(source: string, symbol: string): number {
  if (!/^\w+$/.test(symbol)) return source.indexOf(symbol)
  return new RegExp(`(?<![\\w$])${symbol}(?![\\w$])`).exec(source)?.index ?? -1
}
