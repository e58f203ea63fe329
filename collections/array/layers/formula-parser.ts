/**
 * Expressions as text: mathjs reads them, and they become the same operations that methods add.
 *
 * Only the reading is mathjs's. The result is plain data: a list of operations, each reading earlier ones.
 */
import { parseSyntax } from '../../../core/expressions/read.js'
import { OPERATORS, type OperatorName } from '../expressions/elementwise-operators.js'

/** An argument of a formula's operation: a variable, a number, or an earlier operation's result. */
export type FormulaArg =
  | { readonly kind: 'variable'; readonly name: string }
  | { readonly kind: 'number'; readonly value: number | boolean }
  | { readonly kind: 'result'; readonly index: number }

/** A formula read: operations in order, and what its value is. */
export interface Formula {
  readonly operations: readonly {
    readonly op: OperatorName
    readonly args: readonly FormulaArg[]
  }[]
  readonly value: FormulaArg
}

/** What we read of mathjs's nodes. */
interface ParsedNode {
  readonly type: string
  readonly name?: string
  readonly value?: unknown
  readonly op?: string
  readonly fn?: string | { readonly name?: string }
  readonly args?: readonly ParsedNode[]
  readonly content?: ParsedNode
  readonly condition?: ParsedNode
  readonly trueExpr?: ParsedNode
  readonly falseExpr?: ParsedNode
  readonly conditionals?: readonly string[]
  readonly params?: readonly ParsedNode[]
}

/** mathjs's names for operators and functions that have another name here. */
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

/** How many arguments an operation of a formula takes. */
export type ArityOf = (op: OperatorName) => number

/**
 * Reads a formula whose variables are `names`. Unknown names and functions, and whatever mathjs has
 * that arrays lack, are errors that say where in the text they are.
 */
export function readFormula(text: string, names: readonly string[], arityOf: ArityOf): Formula {
  if (typeof text !== 'string' || text.trim() === '') {
    throw new TypeError("evaluate: the expression must be a text such as 'sqrt(x^2 + y^2)'")
  }
  const reader = new FormulaReader(text, new Set(names), arityOf)
  const value = reader.read(parseSyntax(text, 'evaluate') as ParsedNode)
  return { operations: reader.operations, value }
}

function pointer(text: string, at: number): string {
  return `\n  ${text}\n  ${' '.repeat(Math.max(0, at))}^`
}

class FormulaReader {
  readonly operations: { op: OperatorName; args: FormulaArg[] }[] = []
  private readonly text: string
  private readonly names: ReadonlySet<string>
  private readonly arityOf: ArityOf
  private readonly known = new Map<string, FormulaArg>()

  constructor(text: string, names: ReadonlySet<string>, arityOf: ArityOf) {
    this.text = text
    this.names = names
    this.arityOf = arityOf
  }

  read(node: ParsedNode): FormulaArg {
    switch (node.type) {
      case 'ParenthesisNode':
        return this.read(node.content!)
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
        const params = node.params!.map((param) => this.read(param))
        return node
          .conditionals!.map((name, i) =>
            this.add(RENAMED[name] ?? (name as OperatorName), [params[i]!, params[i + 1]!]),
          )
          .reduce((a, b) => this.add('logicalAnd', [a, b]))
      }
      default:
        throw this.error(`${node.type.replace(/Node$/, '').toLowerCase()}s are not for arrays`, '')
    }
  }

  private symbol(name: string): FormulaArg {
    if (this.names.has(name)) return { kind: 'variable', name }
    if (Object.hasOwn(CONSTANTS, name)) return { kind: 'number', value: CONSTANTS[name]! }
    const given = [...this.names].join(', ') || 'none'
    throw this.error(`'${name}' is not a variable; the variables are: ${given}`, name)
  }

  private operator(node: ParsedNode): FormulaArg {
    const name = typeof node.fn === 'string' ? node.fn : (node.fn?.name ?? '')
    const args = node.args!
    if (name === 'unaryPlus') return this.read(args[0]!)
    if (name === 'unaryMinus') {
      const arg = this.read(args[0]!)
      if (arg.kind === 'number' && typeof arg.value === 'number')
        return { ...arg, value: -arg.value }
      return this.add('negative', [arg])
    }
    const op = this.find(name)
    if (op === undefined)
      throw this.error(`the operator '${node.op}' is not for arrays`, node.op ?? '')
    return this.apply(op, args)
  }

  private call(name: string, args: readonly ParsedNode[]): FormulaArg {
    if ((name === 'log' || name === 'atan2' || name === 'pow') && args.length === 2) {
      if (name !== 'log') return this.apply(RENAMED[name]!, args)
      return this.add(
        'divide',
        args.map((arg) => this.add('log', [this.read(arg)])),
      )
    }
    const op = this.find(name)
    if (op === undefined) throw this.error(`'${name}' is not a function of arrays`, name)
    const takes = this.arityOf(op)
    if ((op === 'minimum' || op === 'maximum') && args.length > 2) {
      return args.map((arg) => this.read(arg)).reduce((a, b) => this.add(op, [a, b]))
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

  private apply(op: OperatorName, args: readonly ParsedNode[]): FormulaArg {
    return this.add(
      op,
      args.map((arg) => this.read(arg)),
    )
  }

  /** Adds an operation, or finds that it is there already: `x^2 + x^2` squares once. */
  private add(op: OperatorName, args: FormulaArg[]): FormulaArg {
    const key = `${op}(${args.map(argKey).join()})`
    let result = this.known.get(key)
    if (result === undefined) {
      result = { kind: 'result', index: this.operations.push({ op, args }) - 1 }
      this.known.set(key, result)
    }
    return result
  }

  private error(what: string, word: string): SyntaxError {
    const at = word === '' ? -1 : findWord(this.text, word)
    const place = at < 0 ? '' : ` (at character ${at + 1})${pointer(this.text, at)}`
    return new SyntaxError(`evaluate: in '${this.text}': ${what}${place}`)
  }
}

function argKey(arg: FormulaArg): string {
  if (arg.kind === 'variable') return arg.name
  if (arg.kind === 'result') return `#${arg.index}`
  return Object.is(arg.value, -0) ? '=-0' : `=${String(arg.value)}`
}

/** Where a name stands in the text, not as part of a longer one; mathjs's nodes do not say. */
function findWord(text: string, word: string): number {
  if (!/^\w+$/.test(word)) return text.indexOf(word)
  return new RegExp(`(?<![\\w$])${word}(?![\\w$])`).exec(text)?.index ?? -1
}
