/**
 * Destructuring patterns, `{ a, b: [c] = d }`, in declarations, parameters and assignments: the names
 * in them, and the members that they read. `const { a, b } = config` reads only `config.a` and
 * `config.b`.
 */

import { chainOf, keyName, type MemberChain } from './member-chains.js'
import type { NameVisitor } from './name-visitor.js'
import { nameOf, type Scope } from './scope.js'
import type { SyntaxNode } from './syntax.js'

/** Receives a name in a pattern and the chains that it may be a name for. */
type OnName = (name: SyntaxNode, from: readonly MemberChain[]) => void

/** Visits a pattern and the value that it destructures, if there is one. */
export function visitDestructuring(
  walk: NameVisitor,
  pattern: SyntaxNode | null,
  value: SyntaxNode | undefined,
  scope: Scope,
  onName: OnName,
): void {
  if (pattern === null) return
  const patterns = new PatternWalk(walk, scope, onName)
  const chain = value && patterns.source(value)
  patterns.visit(pattern, chain === undefined ? [] : [chain])
  if (value !== undefined && chain === undefined) walk.visit(value, scope)
}

class PatternWalk {
  private readonly walk: NameVisitor
  private readonly scope: Scope
  private readonly onName: OnName
  constructor(walk: NameVisitor, scope: Scope, onName: OnName) {
    this.walk = walk
    this.scope = scope
    this.onName = onName
  }

  /** Returns the chain that a pattern destructures, and records that the chain must exist. */
  source(value: SyntaxNode): MemberChain | undefined {
    const chain = chainOf(value)
    const name = chain && nameOf(chain.root)!
    if (name === undefined || this.walk.aliases.has(name)) return undefined
    this.walk.addUse(name, chain!.root, this.scope, { path: chain!.path, probed: true })
    return chain
  }

  /** Visits a pattern; `from` are the chains of the values that it may destructure. */
  visit(node: SyntaxNode, from: readonly MemberChain[]): void {
    switch (node.type) {
      case 'Identifier':
        this.onName(node, from)
        break
      case 'ObjectPattern':
        this.object(node, from)
        break
      case 'AssignmentPattern':
        this.withDefault(node, from)
        break
      case 'ArrayPattern':
        this.addWhole(from)
        for (const item of node.elements as (SyntaxNode | null)[])
          if (item !== null) this.visit(item, [])
        break
      case 'RestElement':
        this.visit(node.argument as SyntaxNode, [])
        break
      case 'MemberExpression':
        this.addWhole(from)
        this.walk.member(node, this.scope, { mutated: true })
        break
      default:
        this.addWhole(from)
        this.walk.visit(node, this.scope)
    }
  }

  private object(node: SyntaxNode, from: readonly MemberChain[]): void {
    const properties = node.properties as SyntaxNode[]
    const keys = properties.map(keyName)
    const isStatic = !keys.includes(undefined)
    if (!isStatic) this.addWhole(from)
    for (const [i, property] of properties.entries()) {
      if (property.computed === true) this.walk.visit(property.key as SyntaxNode, this.scope)
      const inner = (property.value ?? property.argument) as SyntaxNode
      if (property.shorthand === true) this.walk.shorthands.add(inner.start)
      const below = (chain: MemberChain) => ({ root: chain.root, path: [...chain.path, keys[i]!] })
      this.visit(inner, isStatic ? from.map(below) : [])
    }
  }

  private withDefault(node: SyntaxNode, from: readonly MemberChain[]): void {
    const [left, right] = [node.left as SyntaxNode, node.right as SyntaxNode]
    const other = this.source(right)
    this.visit(left, other === undefined ? from : [...from, other])
    if (other === undefined) this.walk.visit(right, this.scope)
  }

  /** Records that the whole values of these chains are used. */
  private addWhole(chains: readonly MemberChain[]): void {
    for (const { root, path } of chains) this.walk.addUse(nameOf(root)!, root, this.scope, { path })
  }
}
