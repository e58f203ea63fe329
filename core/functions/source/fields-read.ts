/**
 * Finds out from source code which fields of an argument a function reads, so that its caller need not make the others.
 * In doubt the answer is undefined: the function may need the whole argument.
 */
import { keyName, staticName } from './member-chains.js'
import { eachChild, parseFunction, type SyntaxNode } from './syntax.js'

const cache = new WeakMap<Function, Map<number, readonly string[] | undefined>>()

/**
 * Returns the names of the fields that a function reads of its argument at a position, if it does nothing else with
 * it: `['a', 'b']` for `(r) => r.a + r.b`, and undefined for `(r) => [r]`.
 */
export function fieldsRead(fn: Function, position: number): readonly string[] | undefined {
  let found = cache.get(fn)
  if (found === undefined) cache.set(fn, (found = new Map()))
  if (!found.has(position)) found.set(position, findFields(fn, position))
  return found.get(position)
}

function findFields(fn: Function, position: number): readonly string[] | undefined {
  const source = Function.prototype.toString.call(fn)
  // The argument can be reached by these without its name.
  if (/\b(arguments|eval|with)\b/.test(source)) return undefined
  const node = parseFunction(source)?.node
  if (node === undefined || !isPlainFunction(node)) return undefined
  const params = node.params as readonly SyntaxNode[]
  if (params.some(({ type }) => type === 'RestElement')) return undefined
  const param = params[position]
  if (param === undefined) return []
  if (param.type === 'ObjectPattern') return fieldsOfPattern(param)
  if (param.type !== 'Identifier') return undefined
  const others = params.filter((other) => other !== param)
  return fieldsOfName(param.name as string, [...others, node.body as SyntaxNode])
}

function isPlainFunction({ type, generator }: SyntaxNode): boolean {
  return (type === 'ArrowFunctionExpression' || type === 'FunctionExpression') && !generator
}

/** Returns the fields of `{ a, b: [c], d = 1 }`. A computed name or the rest of the fields may be any. */
function fieldsOfPattern(pattern: SyntaxNode): readonly string[] | undefined {
  const fields: string[] = []
  for (const property of pattern.properties as readonly SyntaxNode[]) {
    const name = property.type === 'Property' ? keyName(property) : undefined
    if (name === undefined) return undefined
    fields.push(name)
  }
  return fields
}

/** Returns the fields that are read of a name, wherever it occurs. A variable of the same name counts as the argument. */
function fieldsOfName(name: string, nodes: readonly SyntaxNode[]): readonly string[] | undefined {
  const fields = new Set<string>()
  let isWhole = false
  const visit = (node: SyntaxNode, above: SyntaxNode | undefined, inPattern: boolean): void => {
    if (node.type === 'Identifier' && node.name === name) isWhole = true
    const object = node.object as SyntaxNode | undefined
    if (node.type === 'MemberExpression' && object?.type === 'Identifier' && object.name === name) {
      const field = staticName(node)
      // A member in a pattern may be assigned: `[r.a, { b: r.c }] = list`.
      if (field === undefined || inPattern || isUsedOtherwise(node, above)) isWhole = true
      else fields.add(field)
      return
    }
    const isPattern = node.type === 'ObjectPattern' || node.type === 'ArrayPattern'
    eachChild(node, (child) => {
      visit(child, node, inPattern || isPattern)
    })
  }
  for (const node of nodes) visit(node, undefined, false)
  return isWhole ? undefined : [...fields]
}

/** Whether a member is written or deleted, or called, which passes its object on. */
function isUsedOtherwise(member: SyntaxNode, above: SyntaxNode | undefined): boolean {
  switch (above?.type) {
    case 'CallExpression':
      return above.callee === member
    case 'TaggedTemplateExpression':
      return above.tag === member
    case 'AssignmentExpression':
    case 'ForInStatement':
    case 'ForOfStatement':
      return above.left === member
    case 'UnaryExpression':
      return above.operator === 'delete'
    case 'UpdateExpression':
    case 'RestElement':
    case 'ChainExpression':
      return true
    default:
      return false
  }
}
