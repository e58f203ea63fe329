/**
 * Member expressions with static names, `a.b.c`, and comparisons of them with `null` and `undefined`.
 * These functions look at single nodes and do not walk the tree.
 */

import { nameOf } from './scope.js'
import type { SyntaxNode } from './syntax.js'

/** A member expression such as `a.b.c`: a root name and static member names. */
export interface MemberChain {
  readonly root: SyntaxNode
  readonly path: readonly string[]
}

/** Returns the name of a member, if it is static. */
export function staticName(member: SyntaxNode): string | undefined {
  const property = member.property as SyntaxNode
  if (member.computed === true) return constantKey(property)
  return property.type === 'Identifier' ? (property.name as string) : undefined
}

/** Returns the key of a property in a destructuring pattern, if it is static. */
export function keyName(property: SyntaxNode): string | undefined {
  const key = property.key as SyntaxNode | undefined
  if (key === undefined) return undefined
  const isName = property.computed !== true && key.type === 'Identifier'
  return isName ? (key.name as string) : constantKey(key)
}

/**
 * Returns the value of a constant key in brackets: a string, a template without expressions, or a
 * number.
 */
function constantKey(node: SyntaxNode): string | undefined {
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

/** Returns an expression as a member chain; undefined unless it is a name followed by static members. */
export function chainOf(node: SyntaxNode): MemberChain | undefined {
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

/** Whether a node is `null`, `undefined` or `void 0`. */
export function isNullishLiteral(value: unknown): boolean {
  const node = value as SyntaxNode
  if (node.type === 'Literal') return node.value === null && node.raw === 'null'
  if (node.type === 'Identifier') return node.name === 'undefined'
  return node.type === 'UnaryExpression' && node.operator === 'void'
}

/** Returns the operand that an expression compares with `null` or `undefined`. */
export function comparedWithNullish(node: SyntaxNode): SyntaxNode | undefined {
  if (node.type !== 'BinaryExpression' || !/^[!=]==?$/.test(node.operator as string))
    return undefined
  if (isNullishLiteral(node.right)) return node.left as SyntaxNode
  return isNullishLiteral(node.left) ? (node.right as SyntaxNode) : undefined
}

/** Returns the `x` of `x == null` and `x === null || x === void 0`; the first `x` may be `(y = x)`. */
export function checkedForAbsence(value: unknown): SyntaxNode | undefined {
  const node = value as SyntaxNode
  const isPair = node.type === 'LogicalExpression' && node.operator === '||'
  const test = isPair ? (node.left as SyntaxNode) : node
  if (isPair && comparedWithNullish(node.right as SyntaxNode)?.type !== 'Identifier')
    return undefined
  return /^==/.test((test.operator as string | undefined) ?? '')
    ? comparedWithNullish(test)
    : undefined
}

/** Returns the assignment that `(t = a.b) != null && t.c` tests, if the node has this form. */
export function checkedForPresence(node: SyntaxNode): SyntaxNode | undefined {
  const left = node.left as SyntaxNode
  const compared = comparedWithNullish(left)
  const isPresenceCheck =
    compared?.type === 'AssignmentExpression' && /^!/.test(left.operator as string)
  return isPresenceCheck ? compared : undefined
}
