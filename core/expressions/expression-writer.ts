/**
 * Writes the JavaScript source of an expression.
 *
 * Arithmetic, comparisons, logic, conditions and calls become JavaScript. Numbers are computed by
 * JavaScript where that gives exactly mathjs's result; everything else calls mathjs's functions. Before a
 * call that may fail, the code stores the index of its node in `at`, so that the error has a position.
 */
import { type MathFunction, type MathNode, mathjs } from './mathjs.js'
import { OPERANDS } from './name-lookup.js'
import { CONSTANTS, type ParsedExpression, propertyOf } from './parsed-expression.js'

const ARITHMETIC: Readonly<Record<string, string>> = {
  add: '+',
  subtract: '-',
  multiply: '*',
  divide: '/',
}

/** Comparisons that a JavaScript operator decides unless the numbers are nearly equal. */
const DISTINCT_COMPARISONS: Readonly<Record<string, string>> = {
  smaller: '<',
  smallerEq: '<',
  larger: '>',
  largerEq: '>',
}

/** Writes the source of a function of `count` arguments. */
export class ExpressionWriter {
  /** The functions of mathjs that the code calls, as `f0`, `f1` and so on. */
  readonly functions: Function[] = []
  /** The constants that have no literal, as `c0`, `c1` and so on. */
  readonly constants: unknown[] = []
  /** The nodes by the indices that the code stores in `at`. */
  readonly nodes: (MathNode | undefined)[] = [undefined]
  private readonly parsed: ParsedExpression
  private readonly count: number
  private readonly functionIndex = new Map<Function, number>()
  private temporaries = 0

  constructor(parsed: ParsedExpression, count: number) {
    this.parsed = parsed
    this.count = count
  }

  /** Returns the body of a function that creates the expression's function. */
  write(): string {
    const args = Array.from({ length: this.count }, (_, i) => `a${i}`)
    const result = this.emit(this.parsed.body)
    const temporaries = Array.from({ length: this.temporaries }, (_, i) => `t${i}`)
    const list = args.join(', ')
    return [
      "'use strict'",
      'const { operand, plain, missing, maybe, within, truth, failure } = support',
      ...this.functions.map((_, i) => `const f${i} = fns[${i}]`),
      ...this.constants.map((_, i) => `const c${i} = consts[${i}]`),
      `return function (${list}) {`,
      'let at = 0',
      'try {',
      ...this.emitLoads(args),
      ...(temporaries.length > 0 ? [`let ${temporaries.join(', ')}`] : []),
      `const result = ${result}`,
      "return typeof result === 'number' || typeof result === 'boolean' ? result : plain(result)",
      `} catch (error) { throw failure(error, at, [${list}]) }`,
      '}',
    ].join('\n')
  }

  /** Writes statements that read every name, fast for records and numbers; `missing` handles the rest. */
  private emitLoads(args: readonly string[]): string[] {
    const { params, variables } = this.parsed
    const lines: string[] = []
    const record = (a: string): string => {
      const line = `const r${a} = typeof ${a} === 'object' && ${a} !== null && !Array.isArray(${a})`
      if (!lines.includes(line)) lines.push(line)
      return `r${a}`
    }
    variables.forEach((name, i) => {
      const index = (params ?? OPERANDS).indexOf(name)
      if (params !== undefined || (args.length > 1 && index >= 0 && index < args.length)) {
        lines.push(
          index < 0
            ? `const v${i} = undefined`
            : `const v${i} = typeof a${index} === 'object' ? operand(a${index}) : a${index}`,
        )
      } else if (args.length === 1) {
        const other = index === 0 ? "typeof a0 === 'object' ? operand(a0) : a0" : 'undefined'
        lines.push(`const v${i} = ${record('a0')} ? a0[${JSON.stringify(name)}] : ${other}`)
      } else if (args.length === 2) {
        const field = JSON.stringify(name)
        const [p, q] = args.map((a, k) => {
          const read = `${record(a)} && !(Symbol.iterator in ${a}) && !ArrayBuffer.isView(${a})`
          lines.push(`const p${i}_${k} = ${read} ? ${a}[${field}] : undefined`)
          return `p${i}_${k}`
        })
        // The field of the only argument that has it; `maybe` handles the rest.
        lines.push(
          `const v${i} = ${p} === undefined ? ${q} ?? maybe(${field}, [a0, a1]) : ${q} === undefined ? ${p} : maybe(${field}, [a0, a1])`,
        )
      } else lines.push(`const v${i} = maybe(${JSON.stringify(name)}, [${args.join(', ')}])`)
    })
    return lines
  }

  private emit(node: MathNode): string {
    switch (node.type) {
      case 'ParenthesisNode':
        return this.emit(node.content!)
      case 'ConstantNode':
        return this.emitConstant(node.value)
      case 'SymbolNode':
        return this.emitSymbol(node, 'missing')
      case 'OperatorNode':
        return this.emitOperator(node)
      case 'FunctionNode':
        return this.emitCall(node, (node.fn as MathNode).name!, node.args!)
      case 'ConditionalNode':
        return `(${this.emitCondition(node.condition!)} ? ${this.emit(node.trueExpr!)} : ${this.emit(node.falseExpr!)})`
      case 'RelationalNode':
        return this.emitRelations(node)
      case 'AccessorNode':
        return this.emitAccessor(node)
      case 'ArrayNode':
        return `[${node.items!.map((item) => this.emit(item)).join(', ')}]`
      default:
        throw new Error(`Invariant broken: no code for a ${node.type}`)
    }
  }

  private emitConstant(value: unknown): string {
    if (typeof value === 'number')
      return value < 0 || Object.is(value, -0) ? `(${value})` : `${value}`
    if (typeof value === 'boolean' || value === null || value === undefined) return String(value)
    return `c${this.constants.push(value) - 1}`
  }

  /** Writes a name. Without a value it is an error (`missing`) or undefined (`maybe`). */
  private emitSymbol(node: MathNode, absent: 'missing' | 'maybe'): string {
    const name = node.name!
    const args = Array.from({ length: this.count }, (_, i) => `a${i}`).join(', ')
    const v = `v${this.parsed.variables.indexOf(name)}`
    if (CONSTANTS.has(name) && this.parsed.params !== undefined)
      return this.parsed.params.includes(name) ? v : this.emitConstant(CONSTANTS.get(name))
    return `(${v} === undefined ? (at = ${this.indexOf(node)}, ${absent}(${JSON.stringify(name)}, [${args}])) : ${v})`
  }

  /** Returns the index of a node, to be stored in `at`. */
  private indexOf(node: MathNode): number {
    return this.nodes.push(node) - 1
  }

  private newTemporary(): string {
    return `t${this.temporaries++}`
  }

  private functionName(fn: Function): string {
    let index = this.functionIndex.get(fn)
    if (index === undefined) this.functionIndex.set(fn, (index = this.functions.push(fn) - 1))
    return `f${index}`
  }

  private emitOperator(node: MathNode): string {
    const name = node.fn as string
    const args = node.args!
    switch (name) {
      case 'and':
      case 'or':
        return `(${this.emitLogicalOperand(node, args[0]!)} ${name === 'and' ? '&&' : '||'} ${this.emitLogicalOperand(node, args[1]!)})`
      case 'nullish':
        return `(${this.emitOptional(args[0]!)} ?? ${this.emit(args[1]!)})`
      case 'equal':
      case 'unequal': {
        const nothing = args.some(isNothing)
        const [a, b] = args.map((arg) =>
          nothing ? `(${this.emitOptional(arg)} ?? null)` : this.emit(arg),
        )
        return this.emitComparison(node, name, a!, b!)
      }
      case 'smaller':
      case 'smallerEq':
      case 'larger':
      case 'largerEq':
        return this.emitComparison(node, name, this.emit(args[0]!), this.emit(args[1]!))
      default:
        return this.emitCall(node, name, args)
    }
  }

  /** Writes an operand of `and` or `or` as a boolean. */
  private emitLogicalOperand(node: MathNode, operandNode: MathNode): string {
    const [t, not] = [this.newTemporary(), this.functionName(this.findFunction('not'))]
    return `(${t} = ${this.emit(operandNode)}, typeof ${t} === 'boolean' ? ${t} : (at = ${this.indexOf(node)}, !${not}(${t})))`
  }

  /** Writes a condition as a boolean. */
  private emitCondition(node: MathNode): string {
    const t = this.newTemporary()
    return `(${t} = ${this.emit(node)}, typeof ${t} === 'boolean' ? ${t} : (at = ${this.indexOf(node)}, truth(${t})))`
  }

  /** Writes a value that may be missing: the left side of `??`, or one that is compared with `null`. */
  private emitOptional(node: MathNode): string {
    if (node.type === 'ParenthesisNode') return this.emitOptional(node.content!)
    if (node.type === 'SymbolNode') return this.emitSymbol(node, 'maybe')
    if (node.type === 'AccessorNode') return this.emitAccessor(node, true)
    return this.emit(node)
  }

  private emitAccessor(node: MathNode, lenient = node.optionalChaining === true): string {
    const name = JSON.stringify(propertyOf(node))
    const t = this.newTemporary()
    const object = lenient ? this.emitOptional(node.object!) : this.emit(node.object!)
    return `(${t} = ${object}, at = ${this.indexOf(node)}, within(${t}, ${name}, ${lenient}))`
  }

  /** Writes a chain of comparisons such as `1 < x <= 5`. */
  private emitRelations(node: MathNode): string {
    const params = node.params as readonly MathNode[]
    const first = this.newTemporary()
    let before = first
    const links = node.conditionals!.map((name, i) => {
      const next = this.newTemporary()
      const link = `(${next} = ${this.emit(params[i + 1]!)}, ${this.emitComparison(node, name, before, next)})`
      before = next
      return link
    })
    return `(${first} = ${this.emit(params[0]!)}, ${links.join(' && ')})`
  }

  private emitComparison(node: MathNode, name: string, left: string, right: string): string {
    const [a, b] = [this.newTemporary(), this.newTemporary()]
    const general = `(at = ${this.indexOf(node)}, ${this.functionName(this.findFunction(name))}(${a}, ${b}))`
    return `(${a} = ${left}, ${b} = ${right}, ${areNumbers(a, b)} ? ${this.emitNumberComparison(name, a, b)} : ${general})`
  }

  /** mathjs compares numbers with a tolerance for rounding; JavaScript decides for those that are farther apart. */
  private emitNumberComparison(name: string, a: string, b: string): string {
    if (name === 'equal' || name === 'unequal') {
      const same = this.functionName(mathjs().forNumbers('equal', 2)!)
      const equal = `(${a} === ${b} || ${same}(${a}, ${b}))`
      return name === 'equal' ? equal : `!${equal}`
    }
    const operator = DISTINCT_COMPARISONS[name]!
    const [great, small] = operator === '>' ? [a, b] : [b, a]
    const far = `${great} - ${small} > (Math.abs(${a}) + Math.abs(${b})) * 1e-11 + 1e-14`
    const exact = this.functionName(mathjs().forNumbers(name, 2)!)
    return `(${far} || ${exact}(${a}, ${b}))`
  }

  private emitCall(node: MathNode, name: string, args: readonly MathNode[]): string {
    const fn = this.findFunction(name)
    const temporaries = args.map(() => this.newTemporary())
    const values = args.map((arg, i) => `${temporaries[i]} = ${this.emit(arg)}, `).join('')
    const list = temporaries.join(', ')
    const index = this.indexOf(node)
    const general = `(at = ${index}, ${this.functionName(fn)}(${list}))`
    const numeric = this.emitNumericCall(name, args, temporaries)
    if (numeric === undefined) return `(${values}${general})`
    return `(${values}${areNumbers(...temporaries)} ? (${numeric.fails ? `at = ${index}, ` : ''}${numeric.code}) : ${general})`
  }

  /** Writes a call whose arguments are all numbers; `fails` if it may throw. Undefined if mathjs has no version for numbers. */
  private emitNumericCall(
    name: string,
    args: readonly MathNode[],
    names: readonly string[],
  ): { readonly code: string; readonly fails: boolean } | undefined {
    const operator = Object.hasOwn(ARITHMETIC, name) ? ARITHMETIC[name] : undefined
    const [a, b] = names
    if (operator !== undefined && names.length === 2)
      return { code: `${a} ${operator} ${b}`, fails: false }
    if (name === 'unaryMinus') return { code: `-${a}`, fails: false }
    if (name === 'unaryPlus') return { code: `${a}`, fails: false }
    // For exponents that are natural numbers, mathjs's power is JavaScript's.
    const exponent = args[1]?.type === 'ConstantNode' ? args[1].value : undefined
    if (name === 'pow' && Number.isSafeInteger(exponent) && (exponent as number) >= 0)
      return { code: `Math.pow(${a}, ${b})`, fails: false }
    if (names.length === 0 || names.length > 2) return undefined
    const version = mathjs().forNumbers(name, names.length)
    return version && { code: `${this.functionName(version)}(${names.join(', ')})`, fails: true }
  }

  private findFunction(name: string): MathFunction {
    return mathjs().find(name)!
  }
}

/** Writes a test whether all temporaries are numbers. */
function areNumbers(...names: readonly string[]): string {
  return names.map((name) => `typeof ${name} === 'number'`).join(' && ')
}

function isNothing(node: MathNode): boolean {
  return node.type === 'ConstantNode' && (node.value === null || node.value === undefined)
}
