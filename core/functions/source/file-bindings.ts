/**
 * The names in a file: which are imported and from where, which are exported, and which are ever
 * assigned to. Each file is read once, as the source code that the engine runs, whichever compiler made
 * it.
 */

import type { FunctionLocation } from '../engine/function-internals.js'
import { type ScriptSource, scriptSource } from '../engine/scripts.js'
import { ScopeWalk } from './free-variables.js'
import { Scope } from './scope.js'
import { type SourceRange, strictRanges } from './strictness.js'
import { eachChild, parseFile, type SyntaxNode } from './syntax.js'

/** The module and export that a name was imported from; an empty path is the whole module. */
export interface ImportedName {
  readonly specifier: string
  readonly path: readonly string[]
  /** The name holds the result of `require`, or a compiler's wrapper of it, instead of an import. */
  readonly required: boolean
}

/** One variable of a file. */
export interface FileVariable {
  /** The range in which it is visible. */
  readonly range: SourceRange
  /** It is declared outside all functions, so it exists once. */
  readonly isTop: boolean
  /** It is assigned to after its declaration. */
  assigned: boolean
  /** It is assigned to by another function than the one that declares it. */
  reassigned: boolean
  /** Some function assigns to a member of its value. */
  mutated: boolean
}

/** The names of a file. */
export interface FileBindings {
  readonly url: string
  readonly isModule: boolean
  /** It contains packages, as the output of a bundler. */
  readonly isBundle: boolean
  readonly imports: ReadonlyMap<string, ImportedName>
  /** Every variable by name; undefined for a file that could not be parsed. */
  readonly variables: ReadonlyMap<string, readonly FileVariable[]> | undefined
  /** The ranges of the functions and loops of the file. */
  readonly repeats: readonly SourceRange[]
  /** The position at which each line starts. */
  readonly lines: readonly number[]
  /** The number of the first line in locations. */
  readonly startLine: number
  /** Top-level names that are exported, by their local name. */
  readonly exports: ReadonlyMap<string, string>
  /** The ranges of strict code; undefined for a file that could not be parsed. */
  readonly strict: readonly SourceRange[] | undefined
}

const files = new Map<string, FileBindings | null>()

/**
 * Returns the names of the file that contains a function; undefined if there is none, or it is not
 * JavaScript.
 */
export function fileBindings(location: FunctionLocation | undefined): FileBindings | undefined {
  if (location === undefined) return undefined
  let found = files.get(location.scriptId)
  if (found === undefined) {
    const script = scriptSource(location.scriptId)
    found = script === undefined ? null : readBindings(script)
    files.set(location.scriptId, found)
  }
  return found ?? undefined
}

/** Larger files are not parsed: that takes long, and they are usually bundles in which names say little. */
const LARGEST_FILE = 4_000_000

function readBindings({ url, source, isModule, startLine }: ScriptSource): FileBindings {
  const program = source.length > LARGEST_FILE ? undefined : parseFile(source, isModule)
  const imports = new Map<string, ImportedName>()
  const exports = new Map<string, string>()
  const names = { url, isModule, isBundle: isBundle(source), imports, exports, startLine }
  if (program === undefined)
    return { ...names, variables: undefined, repeats: [], lines: [0], strict: undefined }
  collectImports(program, imports, exports)
  for (const node of program.body as SyntaxNode[]) collectExports(node, exports)
  const walk = new ScopeWalk()
  const top = new Scope(walk.root, 'function', program)
  walk.visit(program, top)
  walk.resolveAliases()
  return {
    ...names,
    variables: collectVariables(walk, wrappedTop(walk, program, top), setterOf(source)),
    repeats: walk.repeats.map(({ start, end }) => ({ start, end })),
    lines: lineStarts(source),
    strict: strictRanges(program, isModule),
  }
}

/** The length from which a file is taken for a bundle, as minifiers leave nothing that names its packages. */
const SHORTEST_BUNDLE = 100_000
const bundledFile =
  /^\/\/(?:#region)? ?\S*node_modules\/|["'][^"'\n]*node_modules\/[^"'\n]+["']\s*[:(]/m

function isBundle(source: string): boolean {
  const map = source.lastIndexOf('//# sourceMappingURL=data:')
  const length = map < 0 ? source.length : map
  return length >= SHORTEST_BUNDLE || bundledFile.test(source)
}

const nowhere: SourceRange = { start: -1, end: -1 }

/** Returns the range of the code that sets the captured variables of a received function, once. */
function setterOf(source: string): SourceRange {
  const start = source.startsWith('(function($skein') ? source.indexOf('const $skeinGive') : -1
  return start < 0 ? nowhere : { start, end: source.indexOf('return[', start) }
}

function collectVariables(
  walk: ScopeWalk,
  top: Scope,
  setter: SourceRange,
): Map<string, FileVariable[]> {
  const byName = new Map<string, FileVariable[]>()
  const byScope = new Map<Scope, Map<string, FileVariable>>()
  for (const use of walk.uses) {
    const scope = use.scope.find(use.name)
    if (scope === undefined) continue
    let known = byScope.get(scope)
    if (known === undefined) byScope.set(scope, (known = new Map()))
    let variable = known.get(use.name)
    if (variable === undefined) {
      const { start, end } = scope.range
      const range = { start, end }
      const isTop = scope === top
      variable = { range, isTop, assigned: false, reassigned: false, mutated: false }
      known.set(use.name, variable)
      const list = byName.get(use.name)
      if (list === undefined) byName.set(use.name, [variable])
      else list.push(variable)
    }
    const { start: at } = use.node
    if (at >= setter.start && at < setter.end) continue
    if (use.assigned) {
      variable.assigned = true
      if (scope.hoist !== use.scope.hoist) variable.reassigned = true
    } else if (use.mutated && use.scope !== top) variable.mutated = true
  }
  return byName
}

export function lineStarts(source: string): number[] {
  const starts = [0]
  for (const match of source.matchAll(/\r\n|[\n\r\u2028\u2029]/g))
    starts.push(match.index + match[0].length)
  return starts
}

/** Whether the code at a location is strict; undefined if that is unknown. */
export function isStrictAt(file: FileBindings, location: FunctionLocation): boolean | undefined {
  const at = offsetOf(file, location)
  return file.strict?.some(({ start, end }) => at >= start && at <= end)
}

/** Converts a location to a position in its file. */
export function offsetOf(file: FileBindings, { line, column }: FunctionLocation): number {
  return (file.lines[line - file.startLine] ?? 0) + column
}

/**
 * Whether the function at a location is created once for each instance of a variable around it, so that
 * two such functions have separate variables. This holds if no loop and no other function lies between
 * the two.
 */
export function isCreatedOncePerVariable(
  file: FileBindings,
  { range }: FileVariable,
  location: FunctionLocation,
): boolean {
  const at = offsetOf(file, location)
  const enclosing = file.repeats.filter(
    ({ start, end }) =>
      start <= at &&
      at <= end &&
      start >= range.start &&
      end <= range.end &&
      end - start < range.end - range.start,
  )
  // The function itself is one of them.
  return enclosing.length === 1
}

/** Returns the variable that a name refers to at a location; undefined if that is unknown. */
export function variableAt(
  file: FileBindings,
  name: string,
  location: FunctionLocation,
): FileVariable | undefined {
  const at = offsetOf(file, location)
  let found: FileVariable | undefined
  for (const variable of file.variables?.get(name) ?? []) {
    const { start, end } = variable.range
    if (at < start || at > end) continue
    if (found === undefined || end - start <= found.range.end - found.range.start) found = variable
  }
  return found
}

/**
 * Returns where a function's source code starts, which is `offset` before the location that the engine
 * reports.
 */
export function startOf(
  { lines, startLine }: FileBindings,
  location: FunctionLocation,
  offset: number,
): { line: number; column: number } {
  let { line } = location
  let column = location.column - offset
  while (column < 0 && line > 0) {
    const at = line - startLine
    const length = (lines[at] ?? 0) - (lines[at - 1] ?? 0)
    if (length <= 0) break
    line--
    column += length
  }
  return { line, column: Math.max(column, 0) }
}

/**
 * Returns the scope of a file's own declarations: vite wraps a whole file in a function, and tsx in a
 * function that is called immediately.
 */
function wrappedTop(walk: ScopeWalk, program: SyntaxNode, top: Scope): Scope {
  const body = wrapperBody(program)
  for (const { name, scope } of walk.uses) {
    if (viteImport.test(name)) return scope
    if (body !== undefined && scope.range === body) return scope
  }
  return top
}

/** Returns the body of `(() => { ... })()` if this is all that a file contains. */
function wrapperBody(program: SyntaxNode): SyntaxNode | undefined {
  const statements = program.body as SyntaxNode[]
  if (!statements.every((s) => s.type === 'ExpressionStatement')) return undefined
  const call = statements.at(-1)?.expression as SyntaxNode | undefined
  if (call?.type !== 'CallExpression' || (call.arguments as SyntaxNode[]).length > 0)
    return undefined
  const callee = call.callee as SyntaxNode
  return callee.type === 'ArrowFunctionExpression' ? (callee.body as SyntaxNode) : undefined
}

function collectImports(
  program: SyntaxNode,
  imports: Map<string, ImportedName>,
  exports: Map<string, string>,
): void {
  const visit = (node: SyntaxNode): void => {
    if (node.type === 'ImportDeclaration') addImport(node, imports)
    else {
      if (node.type === 'VariableDeclarator') addRequired(node, imports)
      else if (node.type === 'CallExpression') addViteExport(node, exports)
      eachChild(node, visit)
    }
  }
  visit(program)
}

function addImport(node: SyntaxNode, imports: Map<string, ImportedName>): void {
  const specifier = (node.source as SyntaxNode).value as string
  for (const item of node.specifiers as SyntaxNode[]) {
    const local = (item.local as SyntaxNode).name as string
    const path =
      item.type === 'ImportNamespaceSpecifier'
        ? []
        : [item.type === 'ImportDefaultSpecifier' ? 'default' : nameOf(item.imported as SyntaxNode)]
    imports.set(local, { specifier, path, required: false })
  }
}

function nameOf(node: SyntaxNode): string {
  return (node.type === 'Literal' ? node.value : node.name) as string
}

/** Adds `const x = require('y')`, also with a compiler's wrappers around it, and vite's `await import`s. */
function addRequired(node: SyntaxNode, imports: Map<string, ImportedName>): void {
  const id = node.id as SyntaxNode
  const specifier = node.init === null ? undefined : requiredIn(node.init as SyntaxNode, 3)
  if (specifier === undefined || id.type !== 'Identifier') return
  imports.set(id.name as string, { specifier, path: [], required: true })
}

const viteExport = /^__vi(te_ssr)?_exportName__$/
const viteImport = /^__vite_ssr_import__$|^__vi_ssr_import__$|^__vi_import__$/

function requiredIn(node: SyntaxNode, depth: number): string | undefined {
  if (depth === 0) return undefined
  if (node.type === 'AwaitExpression') return requiredIn(node.argument as SyntaxNode, depth)
  if (node.type !== 'CallExpression') return undefined
  const callee = node.callee as SyntaxNode
  const first = (node.arguments as SyntaxNode[])[0]
  if (first === undefined) return undefined
  const name = callee.type === 'Identifier' ? (callee.name as string) : ''
  if (name === 'require' || viteImport.test(name))
    return typeof first.value === 'string' ? first.value : undefined
  return requiredIn(first, depth - 1)
}

/**
 * Adds an export in vite's form, `__vite_ssr_exportName__('name', () => { try { return local } catch {}
 * })`.
 */
function addViteExport(node: SyntaxNode, exports: Map<string, string>): void {
  const callee = node.callee as SyntaxNode
  if (callee.type !== 'Identifier' || !viteExport.test(callee.name as string)) return
  const [name, getter] = node.arguments as SyntaxNode[]
  const visit = (child: SyntaxNode): void => {
    const returned = child.type === 'ReturnStatement' ? (child.argument as SyntaxNode) : child.body
    const local = returned as SyntaxNode | null | undefined
    if (local?.type === 'Identifier') exports.set(local.name as string, name!.value as string)
    else eachChild(child, visit)
  }
  if (getter !== undefined) visit(getter)
}

function collectExports(node: SyntaxNode, exports: Map<string, string>): void {
  if (node.type === 'ExportDefaultDeclaration') {
    const id =
      (node.declaration as { id?: SyntaxNode | null }).id ?? (node.declaration as SyntaxNode)
    if (id.type === 'Identifier') exports.set(id.name as string, 'default')
  } else if (node.type === 'ExportNamedDeclaration') {
    if (node.source !== null) return
    for (const item of node.specifiers as SyntaxNode[])
      exports.set(nameOf(item.local as SyntaxNode), nameOf(item.exported as SyntaxNode))
    const declaration = node.declaration as SyntaxNode | null
    if (declaration === null) return
    const declared = (declaration.declarations as { id: SyntaxNode }[] | undefined) ?? [
      declaration as unknown as { id: SyntaxNode },
    ]
    for (const { id } of declared)
      if (id.type === 'Identifier') exports.set(id.name as string, id.name as string)
  }
}
