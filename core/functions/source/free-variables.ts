/**
 * Finds the free variables of a piece of source code: names that it uses but does not declare.
 *
 * The walk records every identifier with its scope and every declaration with the scope that it belongs
 * to. Both are matched at the end, as declarations may follow their uses. `this`, `super`,
 * `new.target`, `import.meta` and private names (`#x`) are treated as names that functions and classes
 * declare.
 */

import { DerivedVariables } from './derived-variables.js'
import { visitDestructuring } from './destructuring.js'
import {
  checkedForAbsence,
  checkedForPresence,
  comparedWithNullish,
  isNullishLiteral,
  type MemberChain,
  staticName,
} from './member-chains.js'
import type { ChainAlias, NameVisitor } from './name-visitor.js'
import { visitConditional, visitLowered } from './optional-chains.js'
import { nameOf, Scope, type ScopedUse, type Use } from './scope.js'
import { eachChild, type SyntaxNode } from './syntax.js'

const namesOfFunctions = ['this', 'arguments', 'new.target']
const namesOfInitializers = ['this', 'new.target']

const repeatingNode = /Function|^For|While/

/** The walk over a tree. `uses` holds every use of every name once it is done. */
export class ScopeWalk implements NameVisitor {
  readonly uses: ScopedUse[] = []
  /** The functions and loops: code that may run more than once. */
  readonly repeats: SyntaxNode[] = []
  /** Start positions of identifiers that are both the key of a property and its value, as in `{ a }`. */
  readonly shorthands = new Set<number>()
  /** The chains that compiler-made temporary names, as in a lowered `a.b?.c`, currently refer to. */
  readonly aliases = new Map<string, MemberChain>()
  readonly chainAliases: ChainAlias[] = []
  private readonly derivedVariables = new DerivedVariables()
  readonly root = new Scope(undefined, 'function', { start: 0, end: Number.POSITIVE_INFINITY })

  /** Returns the uses of names that the tree does not declare, by name. */
  freeVariables(): Map<string, Use[]> {
    this.resolveAliases()
    const found = new Map<string, Use[]>()
    for (const use of this.uses) {
      if (use.scope.find(use.name) !== undefined) continue
      const list = found.get(use.name)
      if (list === undefined) found.set(use.name, [use])
      else list.push(use)
    }
    return found
  }

  /** Adds the uses that are made through other names. To be called once, when the walk is done. */
  resolveAliases(): void {
    for (const aliasing of this.chainAliases) this.addAliasUse(aliasing)
    this.derivedVariables.addUses(this.uses)
  }

  /** Adds a use of the whole chain if its alias is used outside the lowered expression. */
  private addAliasUse({ name, scope, node, chain }: ChainAlias): void {
    const declared = scope.find(name)
    const escapes = (use: ScopedUse) =>
      use.name === name &&
      !use.assigned &&
      (use.node.start < node.start || use.node.end > node.end) &&
      use.scope.find(name) === declared
    if (this.uses.some(escapes)) this.addUse(nameOf(chain.root)!, chain.root, scope, chain)
  }

  visit(node: SyntaxNode, scope: Scope): void {
    if (repeatingNode.test(node.type)) this.repeats.push(node)
    const handler = handlers[node.type]
    if (handler === undefined) this.children(node, scope)
    else handler(this, node, scope)
  }

  children(node: SyntaxNode, scope: Scope): void {
    eachChild(node, (child) => this.visit(child, scope))
  }

  visitAll(nodes: unknown, scope: Scope): void {
    for (const node of nodes as (SyntaxNode | null)[]) if (node !== null) this.visit(node, scope)
  }

  addUse(name: string, node: SyntaxNode, scope: Scope, how: Partial<Use> = {}): void {
    const { path = [], called = false, assigned = false, mutated = false, probed = false } = how
    this.uses.push({ name, node, scope, path, called, assigned, mutated, probed })
  }

  /**
   * Declares the names of a pattern in the scope `target`, and visits its defaults and keys in `scope`;
   * `init` is the value that is destructured.
   */
  declare(pattern: SyntaxNode | null, target: Scope, scope: Scope, init?: SyntaxNode): void {
    visitDestructuring(this, pattern, init, scope, (id, from) => {
      const name = id.name as string
      target.names.add(name)
      if (from.length > 0) this.derivedVariables.add(name, target, from, scope)
    })
  }

  /** Visits a pattern that assigns `value` to names that exist already. */
  assign(pattern: SyntaxNode, scope: Scope, value?: SyntaxNode): void {
    visitDestructuring(this, pattern, value, scope, (name, from) => {
      this.addUse(name.name as string, name, scope, { assigned: true })
      for (const { root, path } of from) this.addUse(nameOf(root)!, root, scope, { path })
    })
  }

  /** Records a use of an identifier, and of the chain that it is an alias of. */
  name(node: SyntaxNode, scope: Scope, how: Partial<Use>): void {
    const name = nameOf(node)!
    this.addUse(name, node, scope, how)
    const chain = this.aliases.get(name)
    if (chain === undefined) return
    const path = [...chain.path, ...(how.path ?? [])]
    this.addUse(nameOf(chain.root)!, chain.root, scope, { ...how, path })
  }

  /** Records an expression whose existence alone is tested. */
  probe(node: SyntaxNode, scope: Scope): void {
    if (node.type === 'Identifier') this.name(node, scope, { probed: true })
    else if (node.type === 'MemberExpression') this.member(node, scope, { probed: true })
    else this.visit(node, scope)
  }

  /** Records a member expression: its static part if it starts with a name. */
  member(node: SyntaxNode, scope: Scope, how: Partial<Use>): void {
    const chain: SyntaxNode[] = []
    let root = node
    while (root.type === 'MemberExpression' || root.type === 'ChainExpression') {
      if (root.type === 'MemberExpression') chain.unshift(root)
      root = (root.object ?? root.expression) as SyntaxNode
    }
    const path: string[] = []
    for (const link of chain) {
      const name = staticName(link)
      if (name === undefined) break
      path.push(name)
    }
    const whole = path.length === chain.length
    for (const link of chain) {
      const property = link.property as SyntaxNode
      if (link.computed === true) this.visit(property, scope)
      else if (property.type === 'PrivateIdentifier') this.visit(property, scope)
    }
    const [called, probed] = [whole && how.called === true, whole && how.probed === true]
    if (nameOf(root) === undefined) this.visit(root, scope)
    else this.name(root, scope, { path, ...how, called, probed })
  }

  /** Visits a function: its parameters, then its body, which is the scope of its `var` declarations. */
  function(node: SyntaxNode, scope: Scope): void {
    const arrow = node.type === 'ArrowFunctionExpression'
    const params = new Scope(scope, 'function', node, arrow ? [] : namesOfFunctions)
    for (const param of node.params as SyntaxNode[]) this.declare(param, params, params)
    const body = node.body as SyntaxNode
    const inner = new Scope(params, 'function', node.body as SyntaxNode)
    if (body.type === 'BlockStatement') this.visitAll(body.body, inner)
    else this.visit(body, inner)
  }

  /** Visits a class. Its name and its private names are declared inside it only. */
  class(node: SyntaxNode, scope: Scope): void {
    const id = node.id as SyntaxNode | null
    const inner = new Scope(scope, 'block', node, id === null ? [] : [id.name as string])
    const members = (node.body as SyntaxNode).body as SyntaxNode[]
    for (const { key } of members as { key?: SyntaxNode }[])
      if (key?.type === 'PrivateIdentifier') inner.names.add(`#${key.name as string}`)
    if (node.superClass !== null) this.visit(node.superClass as SyntaxNode, inner)
    const body = new Scope(inner, 'block', node.body as SyntaxNode, ['super'])
    for (const member of members) {
      if (member.type === 'StaticBlock') {
        const block = new Scope(body, 'function', member, namesOfInitializers)
        this.visitAll(member.body, block)
        continue
      }
      if (member.computed === true) this.visit(member.key as SyntaxNode, inner)
      const value = member.value as SyntaxNode | null
      if (value === null) continue
      const field = member.type === 'PropertyDefinition'
      this.visit(value, field ? new Scope(body, 'function', value, namesOfInitializers) : body)
    }
  }
}

type Handler = (walk: ScopeWalk, node: SyntaxNode, scope: Scope) => void

const addName: Handler = (walk, node, scope) => walk.name(node, scope, {})
const skip: Handler = () => {}
const inBlock: Handler = (walk, node, scope) => walk.children(node, new Scope(scope, 'block', node))

const handlers: Readonly<Record<string, Handler | undefined>> = {
  Identifier: addName,
  ThisExpression: addName,
  Super: addName,
  MetaProperty: addName,
  PrivateIdentifier: addName,
  BreakStatement: skip,
  ContinueStatement: skip,
  ImportDeclaration: (_walk, node, scope) => {
    for (const specifier of node.specifiers as SyntaxNode[])
      scope.hoist.names.add((specifier.local as SyntaxNode).name as string)
  },
  ExportNamedDeclaration: (walk, node, scope) => {
    if (node.declaration !== null) walk.visit(node.declaration as SyntaxNode, scope)
  },
  ExportAllDeclaration: skip,
  LabeledStatement: (walk, node, scope) => walk.visit(node.body as SyntaxNode, scope),
  MemberExpression: (walk, node, scope) => walk.member(node, scope, {}),
  CallExpression: (walk, node, scope) => {
    walk.visitAll(node.arguments, scope)
    const callee = node.callee as SyntaxNode
    if (callee.type === 'MemberExpression') walk.member(callee, scope, { called: true })
    else if (callee.type === 'Identifier' && node.optional !== true)
      walk.name(callee, scope, { called: true })
    else walk.visit(callee, scope)
  },
  TaggedTemplateExpression: (walk, node, scope) => {
    walk.visit(node.quasi as SyntaxNode, scope)
    const tag = node.tag as SyntaxNode
    if (tag.type === 'MemberExpression') walk.member(tag, scope, { called: true })
    else walk.visit(tag, scope)
  },
  UnaryExpression: (walk, node, scope) => {
    const argument = node.argument as SyntaxNode
    if (node.operator === 'delete' && argument.type === 'MemberExpression')
      walk.member(argument, scope, { mutated: true })
    else if (node.operator === '!' || node.operator === 'typeof') walk.probe(argument, scope)
    else walk.visit(argument, scope)
  },
  BinaryExpression: (walk, node, scope) => {
    const compared = comparedWithNullish(node)
    if (compared === undefined) walk.children(node, scope)
    else walk.probe(compared, scope)
  },
  LogicalExpression: (walk, node, scope) => {
    const checked = node.operator === '&&' ? checkedForPresence(node) : undefined
    if (checked !== undefined) {
      visitLowered(walk, node, checked, node.right as SyntaxNode, scope, {})
      return
    }
    if (node.operator === '&&') walk.probe(node.left as SyntaxNode, scope)
    else walk.visit(node.left as SyntaxNode, scope)
    walk.visit(node.right as SyntaxNode, scope)
  },
  IfStatement: (walk, node, scope) => {
    walk.probe(node.test as SyntaxNode, scope)
    walk.visit(node.consequent as SyntaxNode, scope)
    if (node.alternate !== null) walk.visit(node.alternate as SyntaxNode, scope)
  },
  ConditionalExpression: (walk, node, scope) => {
    const check = isNullishLiteral(node.consequent) ? checkedForAbsence(node.test) : undefined
    if (check !== undefined) {
      visitConditional(walk, node, check, scope, {})
      return
    }
    walk.probe(node.test as SyntaxNode, scope)
    walk.visit(node.consequent as SyntaxNode, scope)
    walk.visit(node.alternate as SyntaxNode, scope)
  },
  ExpressionStatement: (walk, node, scope) =>
    visitUnused(walk, node.expression as SyntaxNode, scope),
  SequenceExpression: (walk, node, scope) => {
    const parts = node.expressions as SyntaxNode[]
    for (const part of parts.slice(0, -1)) visitUnused(walk, part, scope)
    walk.visit(parts.at(-1)!, scope)
  },
  UpdateExpression: (walk, node, scope) => walk.assign(node.argument as SyntaxNode, scope),
  AssignmentExpression: (walk, node, scope) => {
    walk.assign(node.left as SyntaxNode, scope)
    walk.visit(node.right as SyntaxNode, scope)
  },
  Property: (walk, node, scope) => {
    if (node.computed === true) walk.visit(node.key as SyntaxNode, scope)
    if (node.shorthand === true) walk.shorthands.add(node.start)
    // In `{ get: () => super.x }`, `super` is that of the method around the object.
    const isMethod = node.method === true || node.kind === 'get' || node.kind === 'set'
    const inside = isMethod ? new Scope(scope, 'block', node, ['super']) : scope
    walk.visit(node.value as SyntaxNode, inside)
  },
  VariableDeclaration: (walk, node, scope) => {
    const target = node.kind === 'var' ? scope.hoist : scope
    for (const { id, init } of node.declarations as { id: SyntaxNode; init: SyntaxNode | null }[])
      walk.declare(id, target, scope, init ?? undefined)
  },
  FunctionDeclaration: (walk, node, scope) => {
    const id = node.id as SyntaxNode | null
    if (id !== null) scope.names.add(id.name as string)
    walk.function(node, scope)
  },
  FunctionExpression: (walk, node, scope) => {
    const id = node.id as SyntaxNode | null
    walk.function(node, id === null ? scope : new Scope(scope, 'block', node, [id.name as string]))
  },
  ArrowFunctionExpression: (walk, node, scope) => walk.function(node, scope),
  ClassDeclaration: (walk, node, scope) => {
    const id = node.id as SyntaxNode | null
    if (id !== null) scope.names.add(id.name as string)
    walk.class(node, scope)
  },
  ClassExpression: (walk, node, scope) => walk.class(node, scope),
  BlockStatement: inBlock,
  ForStatement: inBlock,
  ForInStatement: (walk, node, scope) => visitLoop(walk, node, scope),
  ForOfStatement: (walk, node, scope) => visitLoop(walk, node, scope),
  SwitchStatement: (walk, node, scope) => {
    walk.visit(node.discriminant as SyntaxNode, scope)
    walk.visitAll(node.cases, new Scope(scope, 'block', node))
  },
  CatchClause: (walk, node, scope) => {
    const inner = new Scope(scope, 'block', node)
    walk.declare(node.param as SyntaxNode | null, inner, inner)
    walk.visit(node.body as SyntaxNode, inner)
  },
}

function visitLoop(walk: ScopeWalk, node: SyntaxNode, scope: Scope): void {
  const inner = new Scope(scope, 'block', node)
  const left = node.left as SyntaxNode
  if (left.type === 'VariableDeclaration') walk.visit(left, inner)
  else walk.assign(left, inner)
  walk.visit(node.right as SyntaxNode, inner)
  walk.visit(node.body as SyntaxNode, inner)
}

/** Visits an expression whose value is not used. */
function visitUnused(walk: ScopeWalk, node: SyntaxNode, scope: Scope): void {
  const left = node.left as SyntaxNode
  if (node.type === 'SequenceExpression')
    for (const part of node.expressions as SyntaxNode[]) visitUnused(walk, part, scope)
  else if (node.type === 'AssignmentExpression' && left.type === 'ObjectPattern')
    walk.assign(left, scope, node.right as SyntaxNode)
  else walk.visit(node, scope)
}
