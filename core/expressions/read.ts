/**
 * Reading an expression: mathjs parses it, and everything is refused here that can be known to be
 * wrong before there are items: what does not parse, unknown and forbidden functions, names that
 * lead out of a record, assignments into records.
 */
import { type CallSite, captureCallSite } from '../base/call-site.js'
import { ExpressionError, type Position, positionOf } from './errors.js'
import { type MathNode, mathjs } from './mathjs.js'
import { Locator } from './positions.js'

/** An expression that was read. */
export interface Reading {
  /** The text as mathjs writes it, so that spaces make no difference. */
  readonly text: string
  /** What is computed; of `f(x, y) = body` the body. */
  readonly body: MathNode
  /** The names of a definition's arguments; undefined for an expression over fields. */
  readonly params: readonly string[] | undefined
  /** Names that are fields, operands or constants, in the order of the text. */
  readonly variables: readonly string[]
  /** Whether it has only what can be written as JavaScript. */
  readonly simple: boolean
  readonly positions: ReadonlyMap<MathNode, Position>
  /** Where each variable is first. */
  readonly firstUse: ReadonlyMap<string, Position>
}

/** What names stand for that are neither fields nor operands. */
export const CONSTANTS: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ['pi', Math.PI],
  ['PI', Math.PI],
  ['tau', 2 * Math.PI],
  ['e', Math.E],
  ['E', Math.E],
  ['phi', (1 + Math.sqrt(5)) / 2],
  ...(['LN2', 'LN10', 'LOG2E', 'LOG10E', 'SQRT2', 'SQRT1_2'] as const).map(
    (name) => [name, Math[name]] as const,
  ),
])

const postfix: ReadonlySet<string> = new Set(['!', "'"])

/** Longer texts are programs; mathjs would recurse too deeply in them. */
const LONGEST = 10_000

/** A text, the user's call that it was given to, and the line of that call. */
interface Given {
  readonly text: string
  readonly operation: string
  readonly site: CallSite
}

/** Parses a text, turning mathjs's complaint into one with a place. */
export function parseSyntax(text: string, operation: string): MathNode {
  return parse({ text, operation, site: captureCallSite() })
}

function parse(given: Given): MathNode {
  const { text } = given
  const empty = "it is empty; write a text such as 'sqrt(x^2 + y^2)'"
  if (text.trim() === '') throw new ExpressionError(given, empty, undefined)
  if (text.length > LONGEST)
    throw new ExpressionError(
      { ...given, text: `${text.slice(0, 40)}...` },
      `it has ${text.length} characters, of at most ${LONGEST}; write a function`,
      undefined,
    )
  const reader = mathjs()
  let tree: MathNode
  try {
    tree = reader.parse(text)
  } catch (error) {
    const { char, message } = error as { char?: number; message: string }
    const at = char === undefined ? undefined : positionOf(text, char - 1)
    throw new ExpressionError(given, message.replace(/ \(char \d+\)$/, ''), at)
  }
  // Comments alone are read as a constant without a value.
  if (tree.type === 'ConstantNode' && tree.value === undefined && text.trim() !== 'undefined')
    throw new ExpressionError(given, empty, undefined)
  return tree
}

/** Reads an expression; `operation` names the user's call in errors. */
export function readExpression(text: string, operation: string): Reading {
  const given = { text, operation, site: captureCallSite() }
  const tree = parse(given)
  const reader = new Reader(given)
  reader.top(tree)
  const params = tree.type === 'FunctionAssignmentNode' ? (tree.params as string[]) : undefined
  return {
    text: normalize(text, tree),
    body: params === undefined ? tree : tree.expr!,
    params,
    variables: [...reader.variables],
    simple: reader.simple,
    positions: reader.positions,
    firstUse: reader.firstUse,
  }
}

function normalize(text: string, tree: MathNode): string {
  const written = tree.toString()
  if (written === text) return text
  try {
    return mathjs().parse(written).equals(tree) ? written : text.trim()
  } catch {
    return text.trim()
  }
}

class Reader {
  readonly variables = new Set<string>()
  readonly positions = new Map<MathNode, Position>()
  readonly firstUse = new Map<string, Position>()
  simple = true
  private readonly given: Given
  private readonly locator: Locator
  private readonly seen = new Set<MathNode>()
  /** Names that the expression itself declares: arguments of its functions, and variables. */
  private bound: ReadonlySet<string> = new Set()
  private closed = false

  constructor(given: Given) {
    this.given = given
    this.locator = new Locator(given.text)
  }

  top(tree: MathNode): void {
    if (tree.type !== 'FunctionAssignmentNode') {
      this.visit(tree)
      return
    }
    this.locator.find(tree.name!)
    this.closed = true
    this.declare(tree.params as string[], () => this.visit(tree.expr!))
  }

  private declare(names: readonly string[], body: () => void): void {
    for (const name of names) this.checkName(name, this.locator.find(name))
    const outer = this.bound
    this.bound = new Set([...outer, ...names])
    body()
    this.bound = outer
  }

  private visit(node: MathNode): void {
    // `a + 5%` has `a` twice.
    if (this.seen.has(node)) return
    this.seen.add(node)
    switch (node.type) {
      case 'ConstantNode':
        break
      case 'ParenthesisNode':
        this.visit(node.content!)
        break
      case 'SymbolNode':
        this.symbol(node)
        break
      case 'OperatorNode':
        this.operator(node)
        break
      case 'FunctionNode':
        this.call(node)
        break
      case 'ConditionalNode':
        for (const part of [node.condition!, node.trueExpr!, node.falseExpr!]) this.visit(part)
        break
      case 'RelationalNode':
        for (const part of node.params as readonly MathNode[]) this.visit(part)
        break
      case 'AccessorNode':
        this.accessor(node)
        break
      case 'ArrayNode':
        for (const item of node.items!) this.visit(item)
        break
      default:
        this.simple = false
        this.statement(node)
    }
  }

  /** What only mathjs evaluates. */
  private statement(node: MathNode): void {
    switch (node.type) {
      case 'AssignmentNode': {
        if (node.object!.type !== 'SymbolNode')
          throw this.error('it would change a record; give a new value instead', undefined)
        const { name } = node.object!
        const at = this.locator.find(name!)
        this.checkName(name!, at)
        if (node.index !== null && node.index !== undefined)
          throw this.error('it would change a record; give a new value instead', at)
        this.visit(node.value as MathNode)
        this.bound = new Set([...this.bound, name!])
        break
      }
      case 'FunctionAssignmentNode':
        this.checkName(node.name!, this.locator.find(node.name!))
        this.bound = new Set([...this.bound, node.name!])
        this.declare(node.params as string[], () => this.visit(node.expr!))
        break
      case 'BlockNode':
        if (node.blocks!.every((block) => !block.visible))
          throw this.error('it has no value: its last part ends in a semicolon', undefined)
        for (const block of node.blocks!) this.visit(block.node)
        break
      default:
        node.forEach((child) => {
          this.visit(child)
        })
    }
  }

  private symbol(node: MathNode): void {
    const name = node.name!
    const at = this.locator.find(name)
    this.place(node, at)
    if (this.bound.has(name) && !this.closed) {
      this.simple = false
      return
    }
    if (this.bound.has(name)) {
      this.use(name, at)
      return
    }
    this.checkName(name, at)
    if (this.closed && !CONSTANTS.has(name) && name !== 'end') {
      if (mathjs().find(name) === undefined)
        throw this.error(`'${name}' is neither an argument nor a constant`, at)
      this.simple = false
    }
    if (name !== 'end') this.use(name, at)
  }

  private use(name: string, at: Position | undefined): void {
    this.variables.add(name)
    if (at !== undefined && !this.firstUse.has(name)) this.firstUse.set(name, at)
  }

  private operator(node: MathNode): void {
    const args = node.args!
    const { op = '' } = node
    if (args.length === 2) {
      this.visit(args[0]!)
      if (node.implicit !== true) this.place(node, this.locator.find(op))
      this.visit(args[1]!)
    } else {
      if (!postfix.has(op)) this.place(node, this.locator.find(op))
      this.visit(args[0]!)
      if (postfix.has(op)) this.place(node, this.locator.find(op))
    }
    const name = node.fn as string
    const fn = mathjs().find(name)
    if (fn === undefined)
      throw this.error(`the operator '${op}' is not for expressions`, this.positions.get(node))
    if (fn.rawArgs === true && !LAZY.has(name)) this.simple = false
  }

  private call(node: MathNode): void {
    const callee = node.fn as MathNode
    if (callee.type !== 'SymbolNode') {
      const { name } = callee
      throw this.error(
        'methods cannot be called; pass what they need to a function',
        name === undefined ? undefined : this.locator.find(name),
      )
    }
    const name = callee.name!
    const at = this.locator.find(name)
    this.place(node, at)
    if (this.bound.has(name)) this.simple = false
    else {
      const fn = mathjs().find(name)
      if (fn === undefined) throw this.error(this.noFunction(name, node), at)
      if (fn.rawArgs === true) this.simple = false
    }
    for (const arg of node.args!) {
      if (arg.type === 'SymbolNode' && mathjs().find(arg.name!) !== undefined) this.simple = false
      this.visit(arg)
    }
  }

  private noFunction(name: string, node: MathNode): string {
    if (mathjs().forbids(name)) return `the function '${name}' is not for expressions`
    const [arg] = node.args!
    const product = node.args!.length === 1 ? `; for a product write ${name} * (${arg})` : ''
    return `there is no function '${name}'${product}`
  }

  private accessor(node: MathNode): void {
    this.visit(node.object!)
    const name = propertyOf(node)
    if (name === undefined) {
      this.simple = false
      this.visit(node.index!)
    } else {
      const at = this.locator.find(name) ?? this.locator.find(JSON.stringify(name))
      this.place(node, at)
      this.checkName(name, at)
    }
  }

  /** Refuses names that objects have without being given them. */
  private checkName(name: string, at: Position | undefined): void {
    if (!isInheritedName(name)) return
    throw this.error(`'${name}' cannot be the name of a field or a variable`, at)
  }

  private place(node: MathNode, at: Position | undefined): void {
    if (at !== undefined) this.positions.set(node, at)
  }

  private error(what: string, at: Position | undefined): ExpressionError {
    return new ExpressionError(this.given, what, at)
  }
}

/** Operators that look at their second operand only if they need it, and are written so. */
const LAZY: ReadonlySet<string> = new Set(['and', 'or', 'nullish'])

/** Whether objects have something of this name without being given it. */
export function isInheritedName(name: string): boolean {
  return name in Object.prototype || name === 'prototype'
}

/** The field that `object.name` or `object["name"]` takes; undefined for other indices. */
export function propertyOf(node: MathNode): string | undefined {
  const dimensions = node.index?.dimensions
  const only = dimensions?.length === 1 ? dimensions[0]! : undefined
  return only?.type === 'ConstantNode' && typeof only.value === 'string' ? only.value : undefined
}
