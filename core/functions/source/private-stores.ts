/**
 * The WeakMaps and WeakSets by which compilers implement private members for old targets:
 * `_Point_secret.set(this, value)` in a constructor, `__classPrivateFieldGet(this, _Point_secret, 'f')`
 * elsewhere.
 *
 * Only the class's own code can see them, so the receiver starts with an empty one, and the entries of
 * instances are sent with the instances. A WeakMap of any other kind cannot be sent. The file shows
 * which kind it is: a variable that is assigned once and otherwise only passed to the compiler's helper
 * functions is a private store.
 */
import { types } from 'node:util'
import type { FunctionLocation } from '../engine/function-internals.js'
import { scriptSource } from '../engine/scripts.js'
import { lineStarts } from './file-bindings.js'
import { ScopeWalk } from './free-variables.js'
import { Scope } from './scope.js'
import { eachChild, parseFile, type SyntaxNode } from './syntax.js'

/** Holds a private member for instances: the value of a field, or a mark for a method. */
export type PrivateStore = WeakMap<object, unknown> | WeakSet<object>

const stores = new WeakSet<object>()

/** Whether an object is known to be a private store. */
export function isPrivateStore(object: object): object is PrivateStore {
  return stores.has(object)
}

/** Creates an empty store in the receiving process. */
export function createPrivateStore(ofValues: boolean): PrivateStore {
  const store = ofValues ? new WeakMap<object, unknown>() : new WeakSet<object>()
  stores.add(store)
  return store
}

const byOwner = new WeakMap<Function, Map<string, PrivateStore>>()
const noPrivateStores: ReadonlyMap<string, PrivateStore> = new Map()

/**
 * Returns the stores that a class uses, by their names in its source code, as far as it was described
 * or built.
 */
export function privateStoresOf(owner: Function): ReadonlyMap<string, PrivateStore> {
  return byOwner.get(owner) ?? noPrivateStores
}

/** Records that a class uses a value under a name, if the value is a private store. */
export function recordPrivateStore(owner: Function, name: string, value: unknown): void {
  if (typeof value !== 'object' || value === null || !isPrivateStore(value)) return
  const known = byOwner.get(owner)
  if (known === undefined) byOwner.set(owner, new Map([[name, value]]))
  else known.set(name, value)
}

/** A private static member: the name of the store, the class, the value. */
export type PrivateStaticEntry = readonly [name: string, owner: Function, value: unknown]

/** Returns the private static members that are in the stores of a function or class. */
export function privateStaticEntries(
  fn: Function,
  captures: readonly unknown[],
): PrivateStaticEntry[] {
  const found: PrivateStaticEntry[] = []
  for (const [name, store] of privateStoresOf(fn))
    for (const owner of new Set([fn, ...captures]))
      if (typeof owner === 'function' && store.has(owner))
        found.push([name, owner, types.isWeakMap(store) ? store.get(owner) : true])
  return found
}

/** Adds an object and its value to a store. */
export function addToStore(store: PrivateStore, object: object, value: unknown): void {
  if (types.isWeakMap(store)) store.set(object, value)
  else (store as WeakSet<object>).add(object)
}

/** Restores the private static members that `privateStaticEntries` returned. */
export function restorePrivateStatics(fn: Function, entries: readonly PrivateStaticEntry[]): void {
  for (const [name, owner, value] of entries) {
    const store = privateStoresOf(fn).get(name)
    if (store !== undefined) addToStore(store, owner, value)
  }
}

/** Checks whether the value of a variable is a private store, and records it if so. */
export function detectPrivateStore(
  name: string,
  value: unknown,
  location: FunctionLocation | undefined,
): void {
  if (!types.isWeakMap(value) && !types.isWeakSet(value)) return
  if (location === undefined || stores.has(value)) return
  if (isPrivateVariable(name, location)) stores.add(value)
}

interface Variable {
  readonly start: number
  readonly end: number
  isPrivate: boolean
}

type Variables = ReadonlyMap<string, readonly Variable[]>

interface ReadFile {
  readonly variables: Variables
  readonly lines: readonly number[]
  readonly startLine: number
}

const files = new Map<string, ReadFile | undefined>()

function isPrivateVariable(name: string, { scriptId, line, column }: FunctionLocation): boolean {
  if (!files.has(scriptId)) files.set(scriptId, readFile(scriptId))
  const file = files.get(scriptId)
  const at = (file?.lines[line - file.startLine] ?? 0) + column
  const enclosing = file?.variables.get(name)?.filter(({ start, end }) => at >= start && at <= end)
  if (enclosing === undefined || enclosing.length === 0) return false
  return enclosing.reduce((a, b) => (b.end - b.start < a.end - a.start ? b : a)).isPrivate
}

function readFile(scriptId: string): ReadFile | undefined {
  const script = scriptSource(scriptId)
  const program = script && parseFile(script.source, script.isModule)
  if (script === undefined || program === undefined) return undefined
  const { source, startLine } = script
  return { variables: readVariables(program, source), lines: lineStarts(source), startLine }
}

function readVariables(program: SyntaxNode, source: string): Variables {
  const stores = storeUses(program, helperNames(program, source))
  const walk = new ScopeWalk()
  walk.visit(program, new Scope(walk.root, 'function', program))
  const byScope = new Map<Scope, Map<string, Variable>>()
  const byName = new Map<string, Variable[]>()
  for (const { name, node, scope: at } of walk.uses) {
    const scope = at.find(name)
    if (scope === undefined) continue
    const known = byScope.get(scope) ?? new Map<string, Variable>()
    byScope.set(scope, known)
    let variable = known.get(name)
    if (variable === undefined) {
      variable = { start: scope.range.start, end: scope.range.end, isPrivate: true }
      known.set(name, variable)
      byName.set(name, [...(byName.get(name) ?? []), variable])
    }
    if (!stores.has(node.start)) variable.isPrivate = false
  }
  return byName
}

/** Error messages in the helper functions of tsc, esbuild, Babel and SWC. */
const helperMessage = /private (?:member|field|method|accessor)|['"]in['"] operator|set _\(/
const helperName = /private|ClassBrand|decorateElement/i

/** Returns the names of the helper functions in a file that read and write private members. */
function helperNames(program: SyntaxNode, source: string): Set<string> {
  const names = new Set<string>()
  const visit = (node: SyntaxNode): void => {
    const isFunction = node.type === 'FunctionDeclaration'
    if (isFunction || (node.type === 'VariableDeclarator' && isFunctionLike(node.init))) {
      const { id } = node as unknown as { id: SyntaxNode | null }
      const isShort = node.end - node.start < 2000
      if (
        isShort &&
        id?.type === 'Identifier' &&
        helperMessage.test(source.slice(node.start, node.end))
      )
        names.add(id.name as string)
    }
    eachChild(node, visit)
  }
  visit(program)
  return names
}

/** Also accepts `this && this.__helper || function () { ... }`. */
function isFunctionLike(init: unknown): boolean {
  const node = init as SyntaxNode | null
  if (node?.type === 'LogicalExpression') return isFunctionLike(node.right)
  return node?.type === 'ArrowFunctionExpression' || node?.type === 'FunctionExpression'
}

/** Returns the positions at which names are used as only a compiler uses private stores. */
function storeUses(program: SyntaxNode, helpers: ReadonlySet<string>): Set<number> {
  const found = new Set<number>()
  const addPosition = (node: SyntaxNode) => {
    if (node.type === 'Identifier') found.add(node.start)
  }
  const visit = (node: SyntaxNode): void => {
    if (node.type === 'AssignmentExpression') addPosition(node.left as SyntaxNode)
    else if (node.type === 'CallExpression') {
      const callee = node.callee as SyntaxNode
      const args = node.arguments as SyntaxNode[]
      const name = calledName(callee)
      if (name !== undefined && (helpers.has(name) || helperName.test(name)))
        args.forEach(addPosition)
      else if (callee.type === 'MemberExpression' && (name === 'set' || name === 'add'))
        if (isThis(args[0])) addPosition(callee.object as SyntaxNode)
    }
    eachChild(node, visit)
  }
  visit(program)
  return found
}

/** Returns `f` for `f()`, `m.f()` and `(0, m.f)()`. */
function calledName(callee: SyntaxNode): string | undefined {
  if (callee.type === 'SequenceExpression')
    return calledName((callee.expressions as SyntaxNode[]).at(-1)!)
  const named = callee.type === 'MemberExpression' ? (callee.property as SyntaxNode) : callee
  return named.type === 'Identifier' ? (named.name as string) : undefined
}

/** Whether a node is `this`, or `_this`, as compilers name the instance in constructors. */
function isThis(node: SyntaxNode | undefined): boolean {
  return node?.type === 'ThisExpression' || /^_this\d*$/.test((node?.name as string) ?? '')
}
