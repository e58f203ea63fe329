/**
 * Optional chains, `a?.b`, in the forms into which compilers translate them for old targets:
 * `(t = a) == null ? void 0 : t.b` and `(t = a) != null && t.b`. The temporary name is an alias of the chain.
 */

import {
  checkedForAbsence,
  isNullishLiteral,
  type MemberChain,
  staticName,
} from './member-chains.js'
import type { NameVisitor } from './name-visitor.js'
import type { Scope, Use } from './scope.js'
import type { SyntaxNode } from './syntax.js'

/** Visits `a?.b` as compilers write it: `a === null || a === void 0 ? void 0 : a.b`. */
export function visitConditional(
  walk: NameVisitor,
  node: SyntaxNode,
  checked: SyntaxNode,
  scope: Scope,
  how: Partial<Use>,
): MemberChain | undefined {
  const { test, consequent, alternate } = node as unknown as Record<string, SyntaxNode>
  walk.visit(consequent!, scope)
  if (test!.type === 'LogicalExpression') walk.visit(test!.right as SyntaxNode, scope)
  return visitLowered(walk, node, checked, alternate!, scope, how)
}

/**
 * Visits the part of a lowered chain after the check; the checked value may have a temporary name
 * there.
 */
export function visitLowered(
  walk: NameVisitor,
  node: SyntaxNode,
  checked: SyntaxNode,
  rest: SyntaxNode,
  scope: Scope,
  how: Partial<Use>,
): MemberChain | undefined {
  const target = checked.type === 'AssignmentExpression' ? (checked.left as SyntaxNode) : undefined
  if (target?.type !== 'Identifier') {
    walk.probe(checked, scope)
    return visitChain(walk, rest, scope, how)
  }
  const name = target.name as string
  walk.assign(target, scope)
  const chain = visitChain(walk, checked.right as SyntaxNode, scope, { probed: true })
  if (chain === undefined) return visitChain(walk, rest, scope, how)
  const outer = walk.aliases.get(name)
  walk.aliases.set(name, chain)
  walk.chainAliases.push({ name, scope, node, chain })
  const chainAfter = visitChain(walk, rest, scope, how)
  if (outer === undefined) walk.aliases.delete(name)
  else walk.aliases.set(name, outer)
  return chainAfter
}

/** Visits an expression; returns it as a member chain if it is a name followed by static members. */
function visitChain(
  walk: NameVisitor,
  node: SyntaxNode,
  scope: Scope,
  how: Partial<Use>,
): MemberChain | undefined {
  if (node.type === 'ConditionalExpression') {
    const check = isNullishLiteral(node.consequent) ? checkedForAbsence(node.test) : undefined
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
