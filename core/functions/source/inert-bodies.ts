/**
 * Functions that can be called without effects: all that they use is one variable around them, which holds a frozen
 * object without prototype during the call, their own variables and literals. Whatever they do with that object
 * does nothing or throws an error, without calling the user's code.
 */
import { eachChild, type SyntaxNode } from './syntax.js'

/** Nodes that do nothing but what their children do. Loops are left out, as they may not end. */
const harmless = new Set([
  ...['BlockStatement', 'ExpressionStatement', 'ReturnStatement', 'IfStatement', 'EmptyStatement'],
  ...['Literal', 'TemplateLiteral', 'TemplateElement', 'UnaryExpression', 'BinaryExpression'],
  ...['LogicalExpression', 'ConditionalExpression', 'SequenceExpression', 'ArrayExpression'],
  ...['ObjectExpression', 'SpreadElement', 'ChainExpression', 'ParenthesizedExpression'],
  ...['VariableDeclaration'],
])

/**
 * Returns the one variable from outside that a function uses, if it can be called without effects while that
 * variable holds such an object; undefined for other functions.
 *
 * `(v) => { x = v }` gives `x`; `() => ++state.count` gives `state`; `() => log(x)` gives undefined.
 */
export function onlyVariableOf(fn: SyntaxNode): string | undefined {
  if (fn.type === 'ClassExpression' || fn.async === true || fn.generator === true) return undefined
  const own = new Set(['undefined'])
  for (const param of fn.params as SyntaxNode[]) {
    if (param.type !== 'Identifier') return undefined
    own.add(param.name as string)
  }
  const body = fn.body as SyntaxNode
  addDeclared(body, own)
  const free = new Set<string>()
  return isInert(body, own, free) && free.size === 1 ? [...free][0] : undefined
}

function addDeclared(node: SyntaxNode, into: Set<string>): void {
  if (node.type === 'VariableDeclarator' && isIdentifier(node.id as SyntaxNode))
    into.add((node.id as SyntaxNode).name as string)
  eachChild(node, (child) => addDeclared(child, into))
}

/** Whether a part of a function has no effects; adds the variables from outside to `free`. */
function isInert(node: SyntaxNode, own: ReadonlySet<string>, free: Set<string>): boolean {
  const isPart = (child: unknown) => isInert(child as SyntaxNode, own, free)
  switch (node.type) {
    case 'Identifier':
      if (!own.has(node.name as string)) free.add(node.name as string)
      return true
    case 'MemberExpression':
      return (
        isRooted(node) && isPart(node.object) && (node.computed !== true || isPart(node.property))
      )
    case 'CallExpression':
      return isRooted(node.callee as SyntaxNode) && isPart(node.callee) && areParts(node.arguments)
    case 'AssignmentExpression':
      return isTarget(node.left as SyntaxNode) && isPart(node.left) && isPart(node.right)
    case 'UpdateExpression':
      return isTarget(node.argument as SyntaxNode) && isPart(node.argument)
    case 'VariableDeclarator':
      return isIdentifier(node.id as SyntaxNode) && (node.init === null || isPart(node.init))
    case 'Property':
      return (
        node.kind === 'init' && node.computed !== true && node.method !== true && isPart(node.value)
      )
    default:
      return harmless.has(node.type) && areChildrenInert(node, isPart)
  }

  function areParts(list: unknown): boolean {
    return (list as SyntaxNode[]).every(isPart)
  }
}

function areChildrenInert(node: SyntaxNode, isPart: (child: SyntaxNode) => boolean): boolean {
  let all = true
  eachChild(node, (child) => {
    if (!isPart(child)) all = false
  })
  return all
}

function isIdentifier({ type }: SyntaxNode): boolean {
  return type === 'Identifier'
}

function isTarget(node: SyntaxNode): boolean {
  return isIdentifier(node) || isRooted(node)
}

/** Whether it is a variable, or a member of one: a member of a literal may be one that the user has defined. */
function isRooted(node: SyntaxNode): boolean {
  if (node.type === 'MemberExpression' || node.type === 'CallExpression')
    return isRooted((node.type === 'MemberExpression' ? node.object : node.callee) as SyntaxNode)
  return isIdentifier(node)
}
