/** Checks expressions for mistakes that can be found without their arguments. */
import { ExpressionError, type ExpressionSource, type Position } from './errors.js'
import { type MathNode, mathjs } from './mathjs.js'
import { CONSTANTS, isInheritedName, propertyOf } from './parsed-expression.js'
import { TokenLocator } from './token-locator.js'

const postfix: ReadonlySet<string> = new Set(['!', "'"])

/** Operators that evaluate their second operand only if they need it, and can be compiled. */
const LAZY: ReadonlySet<string> = new Set(['and', 'or', 'nullish'])

/**
 * Checks a parsed expression and collects its variables and positions. Rejects unknown and forbidden
 * functions, names that every object inherits, assignments outside of blocks, assignments to records, and
 * method calls.
 */
export class ExpressionChecker {
  /** The names that are fields, operands or constants, in the order of the source. */
  readonly variables = new Set<string>()
  readonly positions = new Map<MathNode, Position>()
  /** Where each variable occurs first. */
  readonly firstUse = new Map<string, Position>()
  /** Whether the expression has only nodes that can be compiled to JavaScript. */
  canCompile = true
  private readonly given: ExpressionSource
  private readonly locator: TokenLocator
  private readonly seen = new Set<MathNode>()
  /** The parts of blocks such as `a = 2 x; a + 1`. Only there, an assignment is no mistake for `==`. */
  private readonly statements = new Set<MathNode>()
  /** Names that the expression declares: parameters of its functions, and assigned variables. */
  private bound: ReadonlySet<string> = new Set()
  /** Whether the expression is a definition with parameters, so that other names cannot be fields. */
  private hasParams = false

  constructor(given: ExpressionSource) {
    this.given = given
    this.locator = new TokenLocator(given.source)
  }

  /** Checks a whole expression. */
  check(tree: MathNode): void {
    if (tree.type !== 'FunctionAssignmentNode') {
      this.visit(tree)
      return
    }
    this.locator.find(tree.name!)
    this.hasParams = true
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
    // mathjs parses `a + 5%` into a tree with `a` twice.
    if (this.seen.has(node)) return
    this.seen.add(node)
    switch (node.type) {
      case 'ConstantNode':
        break
      case 'ParenthesisNode':
        this.visit(node.content!)
        break
      case 'SymbolNode':
        this.checkSymbol(node)
        break
      case 'OperatorNode':
        this.checkOperator(node)
        break
      case 'FunctionNode':
        this.checkCall(node)
        break
      case 'ConditionalNode':
        for (const part of [node.condition!, node.trueExpr!, node.falseExpr!]) this.visit(part)
        break
      case 'RelationalNode':
        for (const part of node.params as readonly MathNode[]) this.visit(part)
        break
      case 'AccessorNode':
        this.checkAccessor(node)
        break
      case 'ArrayNode':
        for (const item of node.items!) this.visit(item)
        break
      default:
        this.canCompile = false
        this.checkStatement(node)
    }
  }

  /** Checks a node that cannot be compiled. */
  private checkStatement(node: MathNode): void {
    switch (node.type) {
      case 'AssignmentNode': {
        if (node.object!.type !== 'SymbolNode')
          throw this.error('it would change a record; return a new value instead', undefined)
        const { name } = node.object!
        const at = this.locator.find(name!)
        this.checkName(name!, at)
        if (node.index !== null && node.index !== undefined)
          throw this.error('it would change a record; return a new value instead', at)
        if (!this.statements.has(node)) {
          throw this.error(
            `it assigns to '${name}' and does not compare; did you mean ==?`,
            this.locator.find('=') ?? at,
          )
        }
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
        for (const block of node.blocks!) {
          this.statements.add(block.node)
          this.visit(block.node)
        }
        break
      default:
        node.forEach((child) => {
          this.visit(child)
        })
    }
  }

  private checkSymbol(node: MathNode): void {
    const name = node.name!
    const at = this.locator.find(name)
    this.setPosition(node, at)
    if (this.bound.has(name) && !this.hasParams) {
      this.canCompile = false
      return
    }
    if (this.bound.has(name)) {
      this.addVariable(name, at)
      return
    }
    this.checkName(name, at)
    if (this.hasParams && !CONSTANTS.has(name) && name !== 'end') {
      if (mathjs().find(name) === undefined)
        throw this.error(`'${name}' is neither an argument nor a constant`, at)
      this.canCompile = false
    }
    if (name !== 'end') this.addVariable(name, at)
  }

  private addVariable(name: string, at: Position | undefined): void {
    this.variables.add(name)
    if (at !== undefined && !this.firstUse.has(name)) this.firstUse.set(name, at)
  }

  private checkOperator(node: MathNode): void {
    const args = node.args!
    const { op = '' } = node
    if (args.length === 2) {
      this.visit(args[0]!)
      if (node.implicit !== true) this.setPosition(node, this.locator.find(op))
      this.visit(args[1]!)
    } else {
      if (!postfix.has(op)) this.setPosition(node, this.locator.find(op))
      this.visit(args[0]!)
      if (postfix.has(op)) this.setPosition(node, this.locator.find(op))
    }
    const name = node.fn as string
    const fn = mathjs().find(name)
    if (fn === undefined)
      throw this.error(
        `the operator '${op}' is not allowed in expressions`,
        this.positions.get(node),
      )
    if (fn.rawArgs === true && !LAZY.has(name)) this.canCompile = false
  }

  private checkCall(node: MathNode): void {
    const callee = node.fn as MathNode
    if (callee.type !== 'SymbolNode') {
      const { name } = callee
      throw this.error(
        'methods cannot be called; use a function instead',
        name === undefined ? undefined : this.locator.find(name),
      )
    }
    const name = callee.name!
    const at = this.locator.find(name)
    this.setPosition(node, at)
    if (this.bound.has(name)) this.canCompile = false
    else {
      const fn = mathjs().find(name)
      if (fn === undefined) throw this.error(unknownFunction(name, node), at)
      if (fn.rawArgs === true) this.canCompile = false
    }
    for (const arg of node.args!) {
      if (arg.type === 'SymbolNode' && mathjs().find(arg.name!) !== undefined)
        this.canCompile = false
      this.visit(arg)
    }
  }

  private checkAccessor(node: MathNode): void {
    this.visit(node.object!)
    const name = propertyOf(node)
    if (name === undefined) {
      this.canCompile = false
      this.visit(node.index!)
    } else {
      const at = this.locator.find(name) ?? this.locator.find(JSON.stringify(name))
      this.setPosition(node, at)
      this.checkName(name, at)
    }
  }

  /** Rejects names that every object inherits, such as `constructor`. */
  private checkName(name: string, at: Position | undefined): void {
    if (!isInheritedName(name)) return
    throw this.error(`'${name}' cannot be the name of a field or a variable`, at)
  }

  private setPosition(node: MathNode, at: Position | undefined): void {
    if (at !== undefined) this.positions.set(node, at)
  }

  private error(problem: string, at: Position | undefined): ExpressionError {
    return new ExpressionError(this.given, problem, at)
  }
}

/** Returns the message for a call of a function that expressions do not have. */
function unknownFunction(name: string, node: MathNode): string {
  if (mathjs().forbids(name)) return `the function '${name}' is not allowed in expressions`
  const [arg] = node.args!
  const product = node.args!.length === 1 ? `; for a product write ${name} * (${arg})` : ''
  return `there is no function '${name}'${product}`
}
