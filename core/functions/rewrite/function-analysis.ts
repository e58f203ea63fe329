/**
 * The analysis of a function's source code, made once for each distinct source: its form, its free
 * variables, and the source code to send, without the instrumentation of the sender's tools.
 */
import { type Token, type TokenType, tokenizer, tokTypes } from 'acorn'
import { isConstantName } from '../engine/intrinsics.js'
import { ScopeWalk } from '../source/free-variables.js'
import type { ScopedUse, Use } from '../source/scope.js'
import { dependsOnStrictness } from '../source/strictness.js'
import { type FunctionSyntax, parseFunction, type SyntaxNode } from '../source/syntax.js'
import { unboundThisUse } from '../source/unbound-this.js'
import { membersOf } from '../source/written-members.js'
import type { FunctionForm, SourceDescription } from '../types.js'
import { type ComputedKey, markComputedKeys } from './computed-member-names.js'
import { findImports, stripTools } from './instrumentation.js'
import {
  inertArgumentsFor,
  type PrivateMembers,
  privateMembersOf,
  revivalInsertions,
} from './private-member-code.js'
import {
  ARGUMENTS_NAME,
  BASE_NAME,
  IMPORT_NAME,
  META_NAME,
  STATICS_NAME,
  suffixFor,
  THIS_NAME,
} from './reserved-names.js'
import { applyEdits, covers, type Edit, isWithin } from './source-edits.js'
import { arrowFactoriesCode, type ClassArrow, findClassArrows } from './super-arrow-code.js'
import { GLOBALS_NAME, type UserGlobals } from './user-globals.js'

/** The facts that hold for every function with the same source code. */
export interface Analysis {
  /** The source code to send: valid inside an object literal for methods, as an expression for others. */
  readonly source: string
  readonly form: FunctionForm
  readonly strict: boolean
  /** Whether it may behave differently in sloppy mode. */
  readonly dependsOnStrictness: boolean
  /** Its free variables in the order of the source code, and how each is used. */
  readonly free: ReadonlyMap<string, readonly Use[]>
  /** It is a class that extends anything but a literal `null`. */
  readonly extends: boolean
  /** The private static fields of a class, in the order of their initialization. */
  readonly privateStatics: readonly string[]
  /** The literal specifiers that it imports when it runs, by `import(...)` or `require`. */
  readonly imported: readonly string[]
  /** The name that replaces an arrow's `this`. */
  readonly outerThisName: string
  /** The source code of arguments with which its parameters compute nothing. */
  readonly inertArguments: string
  /**
   * The suffix of our names in the source code that is sent; empty unless the user's code has such
   * names as well.
   */
  readonly suffix: string
  /** Whether it uses `import(...)`. */
  readonly importing: boolean
  /** The private members that a class gives to its instances. */
  readonly privates: PrivateMembers | undefined
  /** The arrows in a class that only the class can create. */
  readonly classArrows: readonly ClassArrow[]
  /**
   * The names of a class's members that are computed from free variables; a placeholder stands for
   * each.
   */
  readonly computedKeys: readonly ComputedKey[]
  /**
   * Returns the source code in which these variables are read from and assigned to shared objects with
   * a member `v`, and another object replaces the global one.
   */
  withSharedVariables(names: readonly string[], globals?: UserGlobals): string
  /**
   * Returns the source code that follows a name, of which the beginning is enough to see how the name
   * is used.
   */
  sourceAfter(node: SyntaxNode): string
  /**
   * Its own name, if it uses that, and the source code without it. The name of a declaration is a
   * variable like others.
   */
  readonly ownName:
    | { readonly name: string; readonly without: string; readonly assigned: boolean }
    | undefined
  /** Its `length`, unless that was changed. */
  readonly length: number
  /** Whether it can be called with `new`. */
  readonly isConstructor: boolean
  /** The source code of the first member that it reads from a `this` that its caller must provide. */
  readonly unboundThis: string | undefined
  /**
   * The offset in the function's own source code of the location that the engine reports: zero for
   * arrows, and for classes without a constructor; else the position of the parameters.
   */
  readonly locationOffset: number
  /**
   * The description of all functions with this source code, if they capture nothing; set with the first
   * one.
   */
  plain: SourceDescription | undefined
}

/** The replacement for the computed or private name of a method. */
const METHOD_NAME = '_'

const cache = new Map<string, Analysis | null>()
const CACHE_SIZE = 5000

/** Analyzes the source code of a function; undefined if it cannot be parsed. */
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

function analyzeSyntax(source: string, syntax: FunctionSyntax): Analysis {
  const { node, form, strict, shift, key } = syntax
  const suffix = suffixFor(source)
  const edits: Edit[] = []
  const replace = (n: SyntaxNode, text: string) =>
    edits.push({ start: n.start - shift, end: n.end - shift, text })

  let heritage = false
  let privateStatics: readonly string[] = []
  let privates: PrivateMembers | undefined
  if (key !== undefined && !isPlainKey(syntax)) edits.push(keyEdit(source, syntax, key))
  if (form === 'class') {
    const base = node.superClass as SyntaxNode | null
    heritage = base !== null && !(base.type === 'Literal' && base.value === null)
    if (heritage) replace(base!, BASE_NAME + suffix)
    privateStatics = stripStatics(node, replace)
    if (privateStatics.length > 0) edits.push(privateSetter(node, privateStatics, shift, suffix))
    privates = privateMembersOf(node)
    if (privates !== undefined)
      for (const { at, text } of revivalInsertions(node, privates, suffix))
        edits.push({ start: at - shift, end: at - shift, text })
  }
  const importName = IMPORT_NAME + suffix
  const skipped = stripTools(node, importName, (n, text) =>
    edits.push({ start: n.start - shift, end: n.end - shift, text, short: true }),
  )
  const { imported, importing } = findImports(node, (at) => {
    if (!edits.some((e) => covers(e, at, shift)))
      edits.push({ start: at.start - shift, end: at.start - shift + 6, text: importName })
  })
  const walk = new ScopeWalk()
  walk.visit(node, walk.root)
  const free = new Map<string, Use[]>()
  let outerThisName = THIS_NAME
  while (source.includes(outerThisName)) outerThisName += '$'
  const renames: ReadonlyMap<string, string> = new Map([
    ['import.meta', META_NAME + suffix],
    ['arguments', ARGUMENTS_NAME + suffix],
    ['this', outerThisName],
  ])
  const renameEdit = (n: SyntaxNode, text: string, name: string): Edit => ({
    start: n.start - shift,
    end: n.end - shift,
    text: walk.shorthands.has(n.start) ? `${name}: ${text}` : text,
  })
  const replaceName = (n: SyntaxNode, text: string, name: string) =>
    edits.push(renameEdit(n, text, name))
  for (const [name, uses] of walk.freeVariables()) {
    const kept = uses.filter(({ node: at }) => !edits.some((e) => covers(e, at, shift)))
    if (kept.length === 0 || isConstantName(name)) continue
    free.set(name, kept)
    const renamed = renames.get(name)
    if (renamed === undefined) continue
    // `const { a, b } = name` uses a name twice at one position.
    for (const at of new Set(kept.map((use) => use.node))) replaceName(at, renamed, name)
  }
  for (const name of skipped) free.delete(name)
  const computedKeys =
    form === 'class' ? markComputedKeys(source, node, shift, free, suffix, replace) : []
  const plainFunction = node.type === 'FunctionExpression' && key === undefined
  const isConstructor = form === 'class' || (plainFunction && !node.generator && !node.async)
  const ownName = plainFunction ? ownNameOf(source, syntax, walk) : undefined
  const classArrows =
    form === 'class' ? findClassArrows(node, walk.uses, (name) => free.has(name), shift) : []
  const edited = (all: readonly Edit[]): string => {
    if (classArrows.length === 0) return applyEdits(source, all)
    const at = node.end - 1 - shift
    const textOf = ({ start, end }: ClassArrow) => {
      const within = all.filter((e) => e.start < end && e.end > start && isWithin(e, start, end))
      const moved = within.map((e) => ({ ...e, start: e.start - start, end: e.end - start }))
      return applyEdits(source.slice(start, end), moved)
    }
    const makers = { start: at, end: at, text: arrowFactoriesCode(classArrows, suffix, textOf) }
    return applyEdits(source, [...all, makers])
  }
  const text = edited(edits)
  const withSharedVariables = (names: readonly string[], globals?: UserGlobals) => {
    const more = names.flatMap((name) =>
      free.get(name)!.map(({ node: at }) => {
        // Called as a member, a function would get the shared object as its `this`.
        const called = /^\s*[(`]/.test(source.slice(at.end - shift))
        return renameEdit(at, called ? `(0,${name}.v)` : `${name}.v`, name)
      }),
    )
    const globalsName = GLOBALS_NAME + suffix
    for (const node of globals?.nodes ?? []) more.push(renameEdit(node, globalsName, globalsName))
    return edited([...edits, ...more])
  }
  return {
    source: text,
    form,
    strict,
    // An assignment to the name of a function expression is ignored in sloppy mode and throws in strict
    // mode.
    dependsOnStrictness: strict && (dependsOnStrictness(node, free) || ownName?.assigned === true),
    free,
    extends: heritage,
    privateStatics,
    privates,
    imported,
    suffix,
    importing,
    classArrows,
    outerThisName,
    inertArguments: form === 'class' ? '' : inertArgumentsFor(node.params as SyntaxNode[]),
    computedKeys,
    withSharedVariables,
    sourceAfter: (at) => source.slice(at.end - shift, at.end - shift + 200),
    isConstructor,
    ownName,
    length: lengthOf(node),
    unboundThis: source.includes('this')
      ? unboundThisUse(node, (at) => source.slice(at.start - shift, at.end - shift))
      : undefined,
    locationOffset: locationOffset(source, syntax),
    plain: undefined,
  }
}

function locationOffset(source: string, syntax: FunctionSyntax): number {
  const { node, form, shift, key } = syntax
  if (form === 'class') {
    const maker = membersOf(node).find((member) => member.kind === 'constructor')
    return maker === undefined ? 0 : (maker.value as SyntaxNode).start - shift
  }
  if (node.type !== 'FunctionExpression') return 0
  if (key === undefined) return Math.max(source.indexOf('('), 0)
  // The function is built with a shorter name, so its source code has to start further to the right.
  const { start, end, text } = keyEdit(source, syntax, key)
  return node.start - shift - (end - start - text.length)
}

/** Returns how a function expression uses its own name; undefined if it has none, or does not use it. */
function ownNameOf(
  source: string,
  { node, shift }: FunctionSyntax,
  walk: ScopeWalk,
): Analysis['ownName'] {
  const id = node.id as SyntaxNode | null
  if (id === null) return undefined
  const name = id.name as string
  const isOwn = (use: ScopedUse) => use.name === name && use.scope.find(name)?.range === node
  const uses = walk.uses.filter(isOwn)
  if (uses.length === 0) return undefined
  const [start, end] = [id.start - shift, id.end - shift]
  const without = source.slice(0, start) + ' '.repeat(end - start) + source.slice(end)
  return { name, without, assigned: uses.some(({ assigned }) => assigned) }
}

/** Returns the `length` of a function: the number of parameters before the first optional one. */
function lengthOf(node: SyntaxNode): number {
  const isClass = node.type === 'ClassExpression'
  const maker = isClass ? membersOf(node).find(({ kind }) => kind === 'constructor') : undefined
  const params = ((isClass ? maker?.value : node) as SyntaxNode | undefined)?.params ?? []
  const optional = (params as SyntaxNode[]).findIndex(({ type }) => /^(Assign|Rest)/.test(type))
  return optional < 0 ? (params as SyntaxNode[]).length : optional
}

/** Whether a method keeps its name: it is neither computed nor private. */
function isPlainKey({ key, computed }: FunctionSyntax): boolean {
  return !computed && key?.type !== 'PrivateIdentifier'
}

/** Returns the edit that replaces a computed or private method name by a plain one. */
function keyEdit(source: string, { shift, computed }: FunctionSyntax, key: SyntaxNode): Edit {
  let start = key.start - shift
  let end = key.end - shift
  if (computed) {
    // Comments and parentheses may surround the expression in the brackets.
    start = bracketIn(source, 0, tokTypes.bracketL).start
    end = bracketIn(source, end, tokTypes.bracketR).end
  }
  const glued = /\w$/.test(source.slice(0, start))
  return { start, end, text: glued ? ` ${METHOD_NAME}` : METHOD_NAME, short: true }
}

/** Returns the first bracket of a type from a position on, which must not be inside an expression. */
function bracketIn(source: string, from: number, type: TokenType): Token {
  const tokens = tokenizer(source.slice(from), { ecmaVersion: 'latest' })
  let token = tokens.getToken()
  while (token.type !== type) token = tokens.getToken()
  return { ...token, start: token.start + from, end: token.end + from }
}

type Replace = (node: SyntaxNode, text: string) => void

/**
 * Removes static fields and blocks, which have run already; their results are sent as properties of the
 * class. Private static fields stay without a value; their names are returned.
 */
function stripStatics(node: SyntaxNode, replace: Replace): string[] {
  const names: string[] = []
  for (const member of membersOf(node)) {
    const key = member.key as SyntaxNode | undefined
    const field = member.type === 'PropertyDefinition' && member.static === true
    if (field && key?.type === 'PrivateIdentifier') {
      names.push(`#${key.name as string}`)
      replace(member, `static #${key.name as string};`)
    } else if (field || member.type === 'StaticBlock') replace(member, ';')
  }
  return names
}

/**
 * Returns the edit that adds code to the end of a class by which its private static fields can be set
 * once from outside.
 */
function privateSetter(
  node: SyntaxNode,
  names: readonly string[],
  shift: number,
  suffix: string,
): Edit {
  const at = (node.body as SyntaxNode).end - 1 - shift
  const sets = names.map((name, i) => `this.${name}=v[${i}]`).join(';')
  return { start: at, end: at, text: `;static{${STATICS_NAME}${suffix}((v)=>{${sets}})}` }
}
