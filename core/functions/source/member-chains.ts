/**
 * Chains of members, `a.b.c`, in the forms in which they are looked at before they are followed:
 * `a && a.b`, `a == null`, and what compilers make of `a?.b` for targets that have no such thing.
 */

import type { ScopeWalk } from './free-variables.js'
import { nameOf, type Scope, type Use } from './scope.js'
import type { SyntaxNode } from './syntax.js'

/** `a.b.c`: a name, and members by their names. */
export interface Chain {
  readonly root: SyntaxNode
  readonly path: readonly string[]
}

/** That a name stands for a chain within a node. */
export interface Aliasing {
  readonly name: string
  readonly scope: Scope
  readonly node: SyntaxNode
  readonly chain: Chain
}

/** The name of a member, if it is written out. */
export function staticName(member: SyntaxNode): string | undefined {
  const property = member.property as SyntaxNode
  if (member.computed === true) return textOf(property)
  return property.type === 'Identifier' ? (property.name as string) : undefined
}

/** The name of a property in a pattern, if it is written out. */
export function keyName(property: SyntaxNode): string | undefined {
  const key = property.key as SyntaxNode | undefined
  if (key === undefined) return undefined
  const isName = property.computed !== true && key.type === 'Identifier'
  return isName ? (key.name as string) : textOf(key)
}

/** What names a member in brackets: a text, a template without holes, a number. */
function textOf(node: SyntaxNode): string | undefined {
  if (node.type === 'TemplateLiteral') {
    const [first, ...more] = node.quasis as { value: { cooked: string } }[]
    return more.length === 0 ? first!.value.cooked : undefined
  }
  if (node.type !== 'Literal') return undefined
  const { value } = node
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint'
    ? String(value)
    : undefined
}

/** The chain that an expression is, if it is one from a name on by static members. */
export function chainOf(node: SyntaxNode): Chain | undefined {
  const path: string[] = []
  let root = node
  while (root.type === 'MemberExpression' || root.type === 'ChainExpression') {
    if (root.type === 'MemberExpression') {
      const name = staticName(root)
      if (name === undefined) return undefined
      path.unshift(name)
    }
    root = (root.object ?? root.expression) as SyntaxNode
  }
  return nameOf(root) === undefined ? undefined : { root, path }
}

/** `null`, `undefined` or `void 0`. */
export function isNothing(value: unknown): boolean {
  const node = value as SyntaxNode
  if (node.type === 'Literal') return node.value === null && node.raw === 'null'
  if (node.type === 'Identifier') return node.name === 'undefined'
  return node.type === 'UnaryExpression' && node.operator === 'void'
}

/** What an expression compares with `null` or `undefined`. */
export function comparedWithNothing(node: SyntaxNode): SyntaxNode | undefined {
  if (node.type !== 'BinaryExpression' || !/^[!=]==?$/.test(node.operator as string))
    return undefined
  if (isNothing(node.right)) return node.left as SyntaxNode
  return isNothing(node.left) ? (node.right as SyntaxNode) : undefined
}

/** What `x == null` and `x === null || x === void 0` look at; `x` may be `(y = x)` at first. */
export function checkedForNothing(value: unknown): SyntaxNode | undefined {
  const node = value as SyntaxNode
  const isPair = node.type === 'LogicalExpression' && node.operator === '||'
  const test = isPair ? (node.left as SyntaxNode) : node
  if (isPair && comparedWithNothing(node.right as SyntaxNode)?.type !== 'Identifier')
    return undefined
  return /^==/.test((test.operator as string | undefined) ?? '')
    ? comparedWithNothing(test)
    : undefined
}

/** `(t = a.b) != null && t.c`: what is checked under another name, if it is so. */
export function checkedForMore(node: SyntaxNode): SyntaxNode | undefined {
  const left = node.left as SyntaxNode
  const compared = comparedWithNothing(left)
  const isMore = compared?.type === 'AssignmentExpression' && /^!/.test(left.operator as string)
  return isMore ? compared : undefined
}

/** `a?.b` as compilers write it: `a === null || a === void 0 ? void 0 : a.b`. */
export function visitConditional(
  walk: ScopeWalk,
  node: SyntaxNode,
  checked: SyntaxNode,
  scope: Scope,
  how: Partial<Use>,
): Chain | undefined {
  const { test, consequent, alternate } = node as unknown as Record<string, SyntaxNode>
  walk.visit(consequent!, scope)
  if (test!.type === 'LogicalExpression') walk.visit(test!.right as SyntaxNode, scope)
  return visitLowered(walk, node, checked, alternate!, scope, how)
}

/** The rest of a chain, in which what was checked may have another name. */
export function visitLowered(
  walk: ScopeWalk,
  node: SyntaxNode,
  checked: SyntaxNode,
  rest: SyntaxNode,
  scope: Scope,
  how: Partial<Use>,
): Chain | undefined {
  const target = checked.type === 'AssignmentExpression' ? (checked.left as SyntaxNode) : undefined
  if (target?.type !== 'Identifier') {
    walk.probe(checked, scope)
    return visitChain(walk, rest, scope, how)
  }
  const name = target.name as string
  walk.assign(target, scope)
  const chain = visitChain(walk, checked.right as SyntaxNode, scope, { probed: true })
  if (chain === undefined) return visitChain(walk, rest, scope, how)
  const before = walk.aliases.get(name)
  walk.aliases.set(name, chain)
  walk.aliasings.push({ name, scope, node, chain })
  const whole = visitChain(walk, rest, scope, how)
  if (before === undefined) walk.aliases.delete(name)
  else walk.aliases.set(name, before)
  return whole
}

/** Visits what may be a chain; gives the chain, if it is one from a name on by static members. */
function visitChain(
  walk: ScopeWalk,
  node: SyntaxNode,
  scope: Scope,
  how: Partial<Use>,
): Chain | undefined {
  if (node.type === 'ConditionalExpression') {
    const check = isNothing(node.consequent) ? checkedForNothing(node.test) : undefined
    if (check !== undefined) return visitConditional(walk, node, check, scope, how)
  }
  const path: string[] = []
  let root = node
  while (root.type === 'MemberExpression') {
    const name = staticName(root)
    if (name === undefined) break
    path.unshift(name)
    root = root.object as SyntaxNode
  }
  if (root.type !== 'Identifier') {
    walk.visit(node, scope)
    return undefined
  }
  walk.name(root, scope, { ...how, path })
  const alias = walk.aliases.get(root.name as string)
  return alias === undefined ? { root, path } : { root: alias.root, path: [...alias.path, ...path] }
}
