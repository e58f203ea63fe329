/**
 * What the text of a function says about it, read once per text: its form, the names it needs from
 * its surroundings, and the text to send, from which what only the sender's tools want is gone.
 */
import { isConstantName } from './intrinsics.js'
import { ScopeWalk, type Use } from './scopes.js'
import { eachChild, type FunctionSyntax, parseFunction, type SyntaxNode } from './syntax.js'
import type { FunctionForm, SourceDescription } from './types.js'

/** What is known of every function with one text. */
export interface Analysis {
  /** The text to send: valid inside an object literal for methods, as an expression for others. */
  readonly source: string
  readonly form: FunctionForm
  readonly strict: boolean
  /** The names that the surroundings supply, in the order of the text, and how each is used. */
  readonly free: ReadonlyMap<string, readonly Use[]>
  /** A class that extends something which is not written out as `null`. */
  readonly extends: boolean
  /** Whether it can be called with `new`. */
  readonly constructs: boolean
  /** The description of all functions with this text, if they capture nothing; made with the first. */
  plain: SourceDescription | undefined
}

/** The name under which `import.meta` goes along, as only modules may contain the words. */
export const META_NAME = '$importMeta'

/** The name under which the `arguments` of the function around an arrow go along. */
export const ARGUMENTS_NAME = '$arguments'

/** The place of a method's name in the text that is sent. */
export const METHOD_NAME = '_'

/** What a class extends in the text that is sent, until it is told what it extends in truth. */
export const BASE_NAME = '$base'

const cache = new Map<string, Analysis | null>()
const CACHE_SIZE = 5000

/** Analyses a function's text; undefined if it cannot be read. */
export function analyze(source: string): Analysis | undefined {
  let found = cache.get(source)
  if (found === undefined) {
    const syntax = parseFunction(source)
    found = syntax === undefined ? null : analyzeSyntax(source, syntax)
    if (cache.size >= CACHE_SIZE) cache.delete(cache.keys().next().value!)
    cache.set(source, found)
  }
  return found ?? undefined
}

const renames: ReadonlyMap<string, string> = new Map([
  ['import.meta', META_NAME],
  ['arguments', ARGUMENTS_NAME],
])

interface Edit {
  readonly start: number
  readonly end: number
  readonly text: string
}

function analyzeSyntax(source: string, syntax: FunctionSyntax): Analysis {
  const { node, form, strict, shift, key } = syntax
  const edits: Edit[] = []
  const replace = (n: SyntaxNode, text: string) =>
    edits.push({ start: n.start - shift, end: n.end - shift, text })

  let heritage = false
  if (key !== undefined) edits.push(keyEdit(source, key, shift))
  if (form === 'class') {
    const base = node.superClass as SyntaxNode | null
    heritage = base !== null && !(base.type === 'Literal' && base.value === null)
    if (heritage) replace(base!, BASE_NAME)
    stripStatics(node, replace)
  }
  const skipped = stripTools(node, replace)
  const walk = new ScopeWalk()
  walk.visit(node, walk.root)
  const free = new Map<string, Use[]>()
  for (const [name, uses] of walk.free()) {
    const kept = uses.filter(({ node: at }) => !edits.some((e) => covers(e, at, shift)))
    if (kept.length === 0 || isConstantName(name)) continue
    free.set(name, kept)
    const renamed = renames.get(name)
    if (renamed !== undefined) for (const use of kept) replace(use.node, renamed)
  }
  for (const name of skipped) free.delete(name)
  const plainFunction = node.type === 'FunctionExpression' && key === undefined
  const constructs = form === 'class' || (plainFunction && !node.generator && !node.async)
  const text = applyEdits(source, edits)
  return { source: text, form, strict, free, extends: heritage, constructs, plain: undefined }
}

function covers(edit: Edit, node: SyntaxNode, shift: number): boolean {
  return node.start - shift >= edit.start && node.end - shift <= edit.end
}

/** A method's name may be computed from variables of its class; the text sent has a plain one. */
function keyEdit(source: string, key: SyntaxNode, shift: number): Edit {
  let start = key.start - shift
  let end = key.end - shift
  const before = source.slice(0, start).trimEnd()
  if (before.endsWith('[')) {
    start = before.length - 1
    end = source.indexOf(']', end) + 1
  }
  return { start, end, text: METHOD_NAME }
}

/** Static fields and blocks ran already; what they made goes along as the class's properties. */
function stripStatics(node: SyntaxNode, replace: (n: SyntaxNode, text: string) => void): void {
  for (const member of (node.body as SyntaxNode).body as SyntaxNode[]) {
    const isPrivate = (member.key as SyntaxNode | undefined)?.type === 'PrivateIdentifier'
    const field = member.type === 'PropertyDefinition' && member.static === true
    if (member.type === 'StaticBlock' || (field && !isPrivate)) replace(member, ';')
  }
}

const coverageName = /^cov_[0-9a-z]+$/
const dynamicImportName = /^__vi(te_ssr)?_dynamic_import__$|^__vi_ssr_dynamic_import__$/

/** Takes coverage counters out, and turns a test runner's `import` back into the language's. */
function stripTools(root: SyntaxNode, replace: (n: SyntaxNode, text: string) => void): Set<string> {
  const names = new Set<string>()
  const visit = (node: SyntaxNode): void => {
    if (node.type === 'UpdateExpression') {
      const name = counterName(node.argument as SyntaxNode)
      if (name !== undefined) {
        names.add(name)
        replace(node, '0')
        return
      }
    }
    const callee = node.callee as SyntaxNode | undefined
    if (node.type === 'CallExpression' && callee?.type === 'Identifier') {
      const name = callee.name as string
      if (dynamicImportName.test(name)) {
        names.add(name)
        replace(callee, 'import')
      }
    }
    eachChild(node, visit)
  }
  visit(root)
  return names
}

function counterName(node: SyntaxNode): string | undefined {
  let root = node
  while (root.type === 'MemberExpression') root = root.object as SyntaxNode
  const callee = root.type === 'CallExpression' ? (root.callee as SyntaxNode) : undefined
  const name = callee?.type === 'Identifier' ? (callee.name as string) : ''
  return coverageName.test(name) ? name : undefined
}

function applyEdits(source: string, edits: readonly Edit[]): string {
  let text = source
  for (const { start, end, text: replacement } of [...edits].sort((a, b) => b.start - a.start))
    text = text.slice(0, start) + replacement + text.slice(end)
  return text
}
