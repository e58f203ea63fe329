/**
 * Finds functions that need a `this` which they do not get: operations call their functions with
 * arguments alone, so `bag.map(shop.price)` would fail, or read from the global object, when it runs.
 *
 * Code that works without a `this` is accepted: `this?.x`, `this && this.x`, `this === undefined`, and
 * the `this` that compilers pass on, as in `__awaiter(this, ...)`. Only members read from `this`, or
 * from a variable that holds it, and `new this()` count.
 */
import { eachChild, type SyntaxNode } from './syntax.js'

/**
 * Returns the source code of the first member that a function reads from its own `this`, or of
 * `new this()`; undefined if there is none.
 */
export function unboundThisUse(
  fn: SyntaxNode,
  source: (node: SyntaxNode) => string,
): string | undefined {
  if (fn.type !== 'FunctionExpression') return undefined
  const aliases = new Set<string>()
  const isThis = (node: SyntaxNode | null | undefined): boolean =>
    node?.type === 'ThisExpression' ||
    (node?.type === 'Identifier' && aliases.has(node.name as string))
  let found: string | undefined
  const visit = (node: SyntaxNode): void => {
    if (found !== undefined) return
    switch (node.type) {
      case 'FunctionExpression':
      case 'FunctionDeclaration':
        visitNested(node, aliases, visit)
        return
      case 'ClassExpression':
      case 'ClassDeclaration':
        return
      case 'LogicalExpression':
      case 'ConditionalExpression':
      case 'IfStatement':
        // Code that tests `this` first works without one.
        if (testsThis((node.left ?? node.test) as SyntaxNode, isThis)) return
        break
      case 'MemberExpression':
        if (node.optional !== true && isThis(node.object as SyntaxNode)) found = source(node)
        break
      case 'VariableDeclarator':
        if (isThis(node.init as SyntaxNode | null)) {
          const id = node.id as SyntaxNode
          if (id.type === 'Identifier') aliases.add(id.name as string)
          else found = source(node)
          return
        }
        break
      case 'NewExpression':
        if (isThis(node.callee as SyntaxNode)) found = source(node)
        break
      case 'CallExpression':
        visitPassedOn(node, isThis, visit)
        break
    }
    eachChild(node, visit)
  }
  eachChild(fn, visit)
  return found
}

/**
 * Visits a nested function, which has a `this` of its own, but sees the variables that hold the outer
 * one.
 */
function visitNested(
  node: SyntaxNode,
  aliases: ReadonlySet<string>,
  visit: (node: SyntaxNode) => void,
): void {
  if (aliases.size === 0) return
  const inside = (child: SyntaxNode): void => {
    if (child.type === 'MemberExpression') {
      const object = child.object as SyntaxNode
      if (object.type === 'Identifier' && aliases.has(object.name as string)) visit(child)
    }
    eachChild(child, inside)
  }
  eachChild(node, inside)
}

/**
 * Visits the function in `__awaiter(this, void 0, void 0, function* () { ... })`, which runs with the
 * same `this`.
 */
function visitPassedOn(
  call: SyntaxNode,
  isThis: (node: SyntaxNode) => boolean,
  visit: (node: SyntaxNode) => void,
): void {
  const [first, ...rest] = call.arguments as SyntaxNode[]
  if (first === undefined || !isThis(first)) return
  const last = rest.at(-1)
  if (last?.type === 'FunctionExpression') eachChild(last, visit)
}

function testsThis(test: SyntaxNode, isThis: (node: SyntaxNode) => boolean): boolean {
  let tests = isThis(test)
  const visit = (node: SyntaxNode): void => {
    if (node.type === 'BinaryExpression' || node.type === 'UnaryExpression') {
      const sides = [node.left, node.right, node.argument] as (SyntaxNode | undefined)[]
      if (sides.some((side) => side !== undefined && isThis(side))) tests = true
    }
    if (node.type === 'LogicalExpression' && isThis(node.left as SyntaxNode)) tests = true
    if (node.type === 'ChainExpression') tests = true
    eachChild(node, visit)
  }
  visit(test)
  return tests
}
