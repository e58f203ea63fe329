/**
 * From an expression to a function.
 *
 * Arithmetic, comparisons, logic, conditions and calls are written as JavaScript: numbers are worked
 * on at once, where that gives exactly what mathjs gives, and everything else goes to mathjs's
 * function. What has more in it (blocks, ranges, indices, functions in functions) is evaluated by
 * mathjs as a whole. Functions are made for the number of arguments that they are called with.
 */
import { type CompiledExpression, interpret } from './interpret.js'
import type { MathFunction, MathNode } from './mathjs.js'
import { mathjs } from './mathjs.js'
import { CONSTANTS, propertyOf, type Reading } from './read.js'
import { callError, fieldWithin, lookUp, missing, OPERANDS, operand, plain } from './records.js'

/**
 * The function that an expression stands for, for calls of any number of arguments; `read` is called
 * at the first call.
 */
export function generate(read: () => Reading): CompiledExpression {
  const made = new Map<number, CompiledExpression>()
  const forCount = (count: number): CompiledExpression => {
    let found = made.get(count)
    if (found === undefined) made.set(count, (found = compileFor(read(), count)))
    return found
  }
  let one: CompiledExpression | undefined
  let two: CompiledExpression | undefined
  return (...args) => {
    if (args.length === 1) return (one ??= forCount(1))(args[0])
    if (args.length === 2) return (two ??= forCount(2))(args[0], args[1])
    return forCount(args.length)(...args)
  }
}

function compileFor(reading: Reading, count: number): CompiledExpression {
  const { params, text, simple } = reading
  if (params !== undefined && count < params.length)
    throw new TypeError(
      `${text}: it takes ${params.length} argument${params.length === 1 ? '' : 's'} and got ${count}; ` +
        'to use the fields of one record, write the part after the = alone',
    )
  return simple ? compile(reading, count) : interpret(reading)
}

function compile(reading: Reading, count: number): CompiledExpression {
  const writer = new Writer(reading, count)
  const body = writer.write()
  const make = new Function('support', 'fns', 'consts', body) as (
    support: object,
    fns: readonly Function[],
    consts: readonly unknown[],
  ) => CompiledExpression
  const support = {
    operand,
    plain,
    missing: (name: string, args: readonly unknown[]): unknown => {
      const value = lookUp(reading, name, args)
      if (value !== undefined) return value
      throw missing(reading, name, args)
    },
    maybe: (name: string, args: readonly unknown[]): unknown => lookUp(reading, name, args),
    within: fieldWithin,
    truth,
    failure: (error: unknown, node: number, args: readonly unknown[]) => {
      const at = writer.nodes[node]
      return callError(reading, error, at && reading.positions.get(at), args)
    },
  }
  return make(support, writer.functions, writer.constants)
}

/** Whether a condition holds, as mathjs sees it. */
function truth(value: unknown): boolean {
  if (value === null || value === undefined) return false
  if (typeof value === 'object') throw new TypeError('a condition cannot be an object or a list')
  return Boolean(value)
}

const ARITHMETIC: Readonly<Record<string, string>> = {
  add: '+',
  subtract: '-',
  multiply: '*',
  divide: '/',
}

/** Comparisons that JavaScript's own operator decides, unless the numbers are nearly equal. */
const APART: Readonly<Record<string, string>> = {
  smaller: '<',
  smallerEq: '<',
  larger: '>',
  largerEq: '>',
}

/** Writes the JavaScript of an expression for a number of arguments. */
class Writer {
  readonly functions: Function[] = []
  readonly constants: unknown[] = []
  /** Nodes by the numbers that the code notes before it calls what may fail. */
  readonly nodes: (MathNode | undefined)[] = [undefined]
  private readonly reading: Reading
  private readonly count: number
  private readonly places = new Map<Function, number>()
  private temporaries = 0

  constructor(reading: Reading, count: number) {
    this.reading = reading
    this.count = count
  }

  write(): string {
    const args = Array.from({ length: this.count }, (_, i) => `a${i}`)
    const result = this.emit(this.reading.body)
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
      ...this.loads(args),
      ...(temporaries.length > 0 ? [`let ${temporaries.join(', ')}`] : []),
      `const result = ${result}`,
      "return typeof result === 'number' || typeof result === 'boolean' ? result : plain(result)",
      `} catch (error) { throw failure(error, at, [${list}]) }`,
      '}',
    ].join('\n')
  }

  /** Reads every name in the way that is quick for records and numbers; `missing` does the rest. */
  private loads(args: readonly string[]): string[] {
    const { params, variables } = this.reading
    const lines: string[] = []
    const record = (a: string): string => {
      const line = `const r${a} = typeof ${a} === 'object' && ${a} !== null && !Array.isArray(${a})`
      if (!lines.includes(line)) lines.push(line)
      return `r${a}`
    }
    variables.forEach((name, i) => {
      const place = (params ?? OPERANDS).indexOf(name)
      if (params !== undefined || (args.length > 1 && place >= 0 && place < args.length)) {
        lines.push(
          place < 0
            ? `const v${i} = undefined`
            : `const v${i} = typeof a${place} === 'object' ? operand(a${place}) : a${place}`,
        )
      } else if (args.length === 1) {
        const other = place === 0 ? "typeof a0 === 'object' ? operand(a0) : a0" : 'undefined'
        lines.push(`const v${i} = ${record('a0')} ? a0[${JSON.stringify(name)}] : ${other}`)
      } else lines.push(`const v${i} = maybe(${JSON.stringify(name)}, [${args.join(', ')}])`)
    })
    return lines
  }

  private emit(node: MathNode): string {
    switch (node.type) {
      case 'ParenthesisNode':
        return this.emit(node.content!)
      case 'ConstantNode':
        return this.constant(node.value)
      case 'SymbolNode':
        return this.symbol(node, 'missing')
      case 'OperatorNode':
        return this.operator(node)
      case 'FunctionNode':
        return this.call(node, (node.fn as MathNode).name!, node.args!)
      case 'ConditionalNode':
        return `(${this.truth(node.condition!)} ? ${this.emit(node.trueExpr!)} : ${this.emit(node.falseExpr!)})`
      case 'RelationalNode':
        return this.relations(node)
      case 'AccessorNode':
        return this.accessor(node)
      case 'ArrayNode':
        return `[${node.items!.map((item) => this.emit(item)).join(', ')}]`
      default:
        throw new Error(`Invariant broken: no code for a ${node.type}`)
    }
  }

  private constant(value: unknown): string {
    if (typeof value === 'number')
      return value < 0 || Object.is(value, -0) ? `(${value})` : `${value}`
    if (typeof value === 'boolean' || value === null || value === undefined) return String(value)
    return `c${this.constants.push(value) - 1}`
  }

  /** A name; `absent` says what its absence is: an error, or undefined. */
  private symbol(node: MathNode, absent: 'missing' | 'maybe'): string {
    const name = node.name!
    const args = Array.from({ length: this.count }, (_, i) => `a${i}`).join(', ')
    const v = `v${this.reading.variables.indexOf(name)}`
    if (CONSTANTS.has(name) && this.reading.params !== undefined)
      return this.reading.params.includes(name) ? v : this.constant(CONSTANTS.get(name))
    return `(${v} === undefined ? (at = ${this.note(node)}, ${absent}(${JSON.stringify(name)}, [${args}])) : ${v})`
  }

  private note(node: MathNode): number {
    return this.nodes.push(node) - 1
  }

  private temporary(): string {
    return `t${this.temporaries++}`
  }

  private fn(fn: Function): string {
    let place = this.places.get(fn)
    if (place === undefined) this.places.set(fn, (place = this.functions.push(fn) - 1))
    return `f${place}`
  }

  private operator(node: MathNode): string {
    const name = node.fn as string
    const args = node.args!
    switch (name) {
      case 'and':
      case 'or':
        return `(${this.logical(node, args[0]!)} ${name === 'and' ? '&&' : '||'} ${this.logical(node, args[1]!)})`
      case 'nullish':
        return `(${this.lenient(args[0]!)} ?? ${this.emit(args[1]!)})`
      case 'equal':
      case 'unequal': {
        const nothing = args.some(isNothing)
        const [a, b] = args.map((arg) =>
          nothing ? `(${this.lenient(arg)} ?? null)` : this.emit(arg),
        )
        return this.compare(node, name, a!, b!)
      }
      case 'smaller':
      case 'smallerEq':
      case 'larger':
      case 'largerEq':
        return this.compare(node, name, this.emit(args[0]!), this.emit(args[1]!))
      default:
        return this.call(node, name, args)
    }
  }

  /** An operand of `and` or `or` as a boolean. */
  private logical(node: MathNode, operandNode: MathNode): string {
    const [t, not] = [this.temporary(), this.fn(this.function('not'))]
    return `(${t} = ${this.emit(operandNode)}, typeof ${t} === 'boolean' ? ${t} : (at = ${this.note(node)}, !${not}(${t})))`
  }

  private truth(node: MathNode): string {
    const t = this.temporary()
    return `(${t} = ${this.emit(node)}, typeof ${t} === 'boolean' ? ${t} : (at = ${this.note(node)}, truth(${t})))`
  }

  /** What may be missing without being an error: the left side of `??` and what `null` is compared with. */
  private lenient(node: MathNode): string {
    if (node.type === 'ParenthesisNode') return this.lenient(node.content!)
    if (node.type === 'SymbolNode') return this.symbol(node, 'maybe')
    if (node.type === 'AccessorNode') return this.accessor(node, true)
    return this.emit(node)
  }

  private accessor(node: MathNode, lenient = node.optionalChaining === true): string {
    const name = JSON.stringify(propertyOf(node))
    const t = this.temporary()
    const object = lenient ? this.lenient(node.object!) : this.emit(node.object!)
    return `(${t} = ${object}, at = ${this.note(node)}, within(${t}, ${name}, ${lenient}))`
  }

  private relations(node: MathNode): string {
    const params = node.params as readonly MathNode[]
    const first = this.temporary()
    let before = first
    const links = node.conditionals!.map((name, i) => {
      const next = this.temporary()
      const link = `(${next} = ${this.emit(params[i + 1]!)}, ${this.compare(node, name, before, next)})`
      before = next
      return link
    })
    return `(${first} = ${this.emit(params[0]!)}, ${links.join(' && ')})`
  }

  private compare(node: MathNode, name: string, left: string, right: string): string {
    const [a, b] = [this.temporary(), this.temporary()]
    const general = `(at = ${this.note(node)}, ${this.fn(this.function(name))}(${a}, ${b}))`
    return `(${a} = ${left}, ${b} = ${right}, ${numbers(a, b)} ? ${this.compareNumbers(name, a, b)} : ${general})`
  }

  /** mathjs takes numbers for equal that differ by rounding; what is farther apart needs no second look. */
  private compareNumbers(name: string, a: string, b: string): string {
    if (name === 'equal' || name === 'unequal') {
      const same = this.fn(mathjs().forNumbers('equal', 2)!)
      const equal = `(${a} === ${b} || ${same}(${a}, ${b}))`
      return name === 'equal' ? equal : `!${equal}`
    }
    const operator = APART[name]!
    const [great, small] = operator === '>' ? [a, b] : [b, a]
    const far = `${great} - ${small} > (Math.abs(${a}) + Math.abs(${b})) * 1e-11 + 1e-14`
    const exact = this.fn(mathjs().forNumbers(name, 2)!)
    return `(${far} || ${exact}(${a}, ${b}))`
  }

  private call(node: MathNode, name: string, args: readonly MathNode[]): string {
    const fn = this.function(name)
    const temporaries = args.map(() => this.temporary())
    const values = args.map((arg, i) => `${temporaries[i]} = ${this.emit(arg)}, `).join('')
    const list = temporaries.join(', ')
    const note = this.note(node)
    const general = `(at = ${note}, ${this.fn(fn)}(${list}))`
    const quick = this.quick(name, args, temporaries)
    if (quick === undefined) return `(${values}${general})`
    return `(${values}${numbers(...temporaries)} ? (${quick.fails ? `at = ${note}, ` : ''}${quick.code}) : ${general})`
  }

  /** The code for numbers alone. */
  private quick(
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
    // With a whole, positive exponent, mathjs's power is JavaScript's.
    const exponent = args[1]?.type === 'ConstantNode' ? args[1].value : undefined
    if (name === 'pow' && Number.isSafeInteger(exponent) && (exponent as number) >= 0)
      return { code: `Math.pow(${a}, ${b})`, fails: false }
    if (names.length === 0 || names.length > 2) return undefined
    const version = mathjs().forNumbers(name, names.length)
    return version && { code: `${this.fn(version)}(${names.join(', ')})`, fails: true }
  }

  private function(name: string): MathFunction {
    return mathjs().find(name)!
  }
}

function numbers(...names: readonly string[]): string {
  return names.map((name) => `typeof ${name} === 'number'`).join(' && ')
}

function isNothing(node: MathNode): boolean {
  return node.type === 'ConstantNode' && (node.value === null || node.value === undefined)
}
