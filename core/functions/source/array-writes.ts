/**
 * Finds out from source code whether functions may write to arrays that they captured.
 *
 * Threads share a large array that functions only read. If one may be written to, each thread gets its own
 * copy. In doubt the answer is yes, which costs a copy.
 */
import { eachChild, parseFunction, type SyntaxNode } from './syntax.js'

const mutatingMethods = new Set(
  'set fill sort reverse copyWithin subarray write swap16 swap32 swap64 push pop shift unshift splice'.split(
    ' ',
  ),
)
const mutatingPrefix = /^(?:write|set)[A-Z]/

const cache = new Map<string, Writes>()
const CACHE_SIZE = 1000

interface Writes {
  /** It changes elements of a value that it did not create itself. */
  readonly changes: boolean
  /** It passes a value that it did not create itself to another function. */
  readonly passesOn: boolean
}

/**
 * Whether any of these functions may write to captured arrays. `foreign`: they call functions whose
 * source code is not among `sources`.
 */
export function mayWriteElements(sources: Iterable<string>, foreign: boolean): boolean {
  for (const source of sources) {
    const { changes, passesOn } = writesOf(source)
    if (changes || (foreign && passesOn)) return true
  }
  return false
}

function writesOf(source: string): Writes {
  let found = cache.get(source)
  if (found === undefined) {
    const node = parseFunction(source)?.node
    found = node === undefined ? { changes: true, passesOn: true } : analyzeWrites(node)
    if (cache.size >= CACHE_SIZE) cache.clear()
    cache.set(source, found)
  }
  return found
}

function analyzeWrites(node: SyntaxNode): Writes {
  const localNames = new Set<string>()
  walk(node, (child) => {
    if (child.type === 'VariableDeclarator' && createsValue(child.init as SyntaxNode | null))
      localNames.add((child.id as SyntaxNode).name as string)
  })
  let changes = false
  let passesOn = false
  const isOwn = (target: SyntaxNode) => {
    const root = rootOf(target)
    return root.type === 'Identifier' ? localNames.has(root.name as string) : createsValue(root)
  }
  walk(node, (child) => {
    const written = writtenBy(child)
    if (written !== undefined && elementsOf(written).some((target) => !isOwn(target)))
      changes = true
    if (child.type !== 'CallExpression' && child.type !== 'NewExpression') return
    const callee = child.callee as SyntaxNode
    if (callee.type === 'MemberExpression' && !isOwn(callee) && isMutatingCall(callee))
      changes = true
    for (const argument of child.arguments as SyntaxNode[])
      if (argument.type !== 'Literal' && !isFunction(argument) && !isOwn(argument)) passesOn = true
  })
  return { changes, passesOn }
}

function walk(node: SyntaxNode, visit: (node: SyntaxNode) => void): void {
  const stack = [node]
  while (stack.length > 0) {
    const next = stack.pop()!
    visit(next)
    eachChild(next, (child) => stack.push(child))
  }
}

/** Whether an expression creates a new value, other than a view of existing memory. */
function createsValue(node: SyntaxNode | null): boolean {
  if (node === null) return false
  if (node.type === 'NewExpression')
    return !(node.arguments as SyntaxNode[]).some(
      (argument) => argument.type === 'MemberExpression' && nameOf(argument) === 'buffer',
    )
  return /^(?:Array|Object|Arrow|Function|Template|Literal|Class)/.test(node.type)
}

function isFunction({ type }: SyntaxNode): boolean {
  return type === 'ArrowFunctionExpression' || type === 'FunctionExpression'
}

/** Returns the target of an assignment of any kind. */
function writtenBy(node: SyntaxNode): SyntaxNode | undefined {
  if (node.type === 'AssignmentExpression') return node.left as SyntaxNode
  if (node.type === 'UpdateExpression') return node.argument as SyntaxNode
  if (node.type === 'ForOfStatement' || node.type === 'ForInStatement')
    return node.left as SyntaxNode
  return undefined
}

/** Returns the elements among the targets of an assignment, which may be a pattern. */
function elementsOf(target: SyntaxNode): SyntaxNode[] {
  if (target.type === 'MemberExpression') return target.computed === true ? [target] : []
  if (!/Pattern$|^Property$|^RestElement$/.test(target.type)) return []
  const found: SyntaxNode[] = []
  eachChild(target, (child) => found.push(...elementsOf(child)))
  return found
}

function isMutatingCall(callee: SyntaxNode): boolean {
  const name = nameOf(callee)
  const root = rootOf(callee)
  if (root.type === 'Identifier' && root.name === 'Atomics') return name !== 'load'
  // A computed name may be any name.
  return name === undefined || mutatingMethods.has(name) || mutatingPrefix.test(name)
}

/** Returns the name of the member that is looked up; undefined if it is computed. */
function nameOf(member: SyntaxNode): string | undefined {
  return member.computed === true ? undefined : ((member.property as SyntaxNode).name as string)
}

function rootOf(node: SyntaxNode): SyntaxNode {
  let root = node
  while (root.type === 'MemberExpression' || root.type === 'ChainExpression')
    root = (root.type === 'ChainExpression' ? root.expression : root.object) as SyntaxNode
  return root
}
