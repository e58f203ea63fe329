/**
 * What the text of a function says about it, read once per text: its form, the names it needs from
 * its readFunctionInternals, and the text to send, from which what only the sender's tools want is gone.
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

/** What is known of every function with one text. */
export interface Analysis {
  /** The text to send: valid inside an object literal for methods, as an expression for others. */
  readonly source: string
  readonly form: FunctionForm
  readonly strict: boolean
  /** Whether it may do something else in sloppy code than in strict code. */
  readonly dependsOnStrictness: boolean
  /** The names that the readFunctionInternals supply, in the order of the text, and how each is used. */
  readonly free: ReadonlyMap<string, readonly Use[]>
  /** A class that extends something which is not written out as `null`. */
  readonly extends: boolean
  /** The private static fields of a class, in the order in which they are given their values. */
  readonly privateStatics: readonly string[]
  /** What it imports while it runs, by `import(...)` or `require`, as far as its text says. */
  readonly imported: readonly string[]
  /** The name that stands for the `this` of the function internals an arrow. */
  readonly outerThisName: string
  /** The text of arguments that its parameters take without computing anything. */
  readonly inertArguments: string
  /** What follows the names that the text sent has of ours, as the user has some of them. */
  readonly suffix: string
  /** Whether it says `import(...)`. */
  readonly importing: boolean
  /** The private members that a class gives to its instances. */
  readonly privates: PrivateMembers | undefined
  /** The arrows in a class that only the class can make. */
  readonly classArrows: readonly ClassArrow[]
  /** Names of a class's members that are computed from names internals it; each to be filled in. */
  readonly computedKeys: readonly ComputedKey[]
  /**
   * The text, if these names are held by sharedVariables, objects with a member `v`, which are shared, and
   * another object stands for the global one.
   */
  withSharedVariables(names: readonly string[], globals?: UserGlobals): string
  /** What stands behind the place of a name, as far as it tells how the name is used. */
  sourceAfter(node: SyntaxNode): string
  /** Its own name, if it uses that, and the text without it: of a declaration it is a variable like others. */
  readonly ownName:
    | { readonly name: string; readonly without: string; readonly assigned: boolean }
    | undefined
  /** What its `length` is, if nobody changed that. */
  readonly length: number
  /** Whether it can be called with `new`. */
  readonly isConstructor: boolean
  /** What the function reads from a `this` that its caller must createInjected, as it stands in the text. */
  readonly unboundThis: string | undefined
  /**
   * How far into the function's own text the engine says it is: an arrow and a class at their start,
   * others, and a class with a constructor, at the parameters.
   */
  readonly locationOffset: number
  /** The description of all functions with this text, if they capture nothing; made with the first. */
  plain: SourceDescription | undefined
}

/** The place of a computed or private method's name in the text that is sent. */
const METHOD_NAME = '_'

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
    // `const { a, b } = name` uses a name twice in one place.
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
        // Called as a member, a function would get the cell for its `this`.
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
    // What is assigned to the name of an expression is lost, or not allowed.
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
  // What is built has a shorter name, so its text has to start further to the right.
  const { start, end, text } = keyEdit(source, syntax, key)
  return node.start - shift - (end - start - text.length)
}

/** How a function expression uses its own name; undefined if it has none, or does not use it. */
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

/** How many arguments a function is said to take: as many as stand before the first that need not be given. */
function lengthOf(node: SyntaxNode): number {
  const isClass = node.type === 'ClassExpression'
  const maker = isClass ? membersOf(node).find(({ kind }) => kind === 'constructor') : undefined
  const params = ((isClass ? maker?.value : node) as SyntaxNode | undefined)?.params ?? []
  const optional = (params as SyntaxNode[]).findIndex(({ type }) => /^(Assign|Rest)/.test(type))
  return optional < 0 ? (params as SyntaxNode[]).length : optional
}

/** Whether a method's name can stay as it is written: it uses no names, and is no private one. */
function isPlainKey({ key, computed }: FunctionSyntax): boolean {
  return !computed && key?.type !== 'PrivateIdentifier'
}

/** A method's name may be computed from variables of its class; the text sent has a plain one. */
function keyEdit(source: string, { shift, computed }: FunctionSyntax, key: SyntaxNode): Edit {
  let start = key.start - shift
  let end = key.end - shift
  if (computed) {
    // Before and after the expression in the brackets there may be comments and parentheses.
    start = bracketIn(source, 0, tokTypes.bracketL).start
    end = bracketIn(source, end, tokTypes.bracketR).end
  }
  const glued = /\w$/.test(source.slice(0, start))
  return { start, end, text: glued ? ` ${METHOD_NAME}` : METHOD_NAME, short: true }
}

/** The first bracket of a kind from a place on, at which no expression has begun. */
function bracketIn(source: string, from: number, type: TokenType): Token {
  const tokens = tokenizer(source.slice(from), { ecmaVersion: 'latest' })
  let token = tokens.getToken()
  while (token.type !== type) token = tokens.getToken()
  return { ...token, start: token.start + from, end: token.end + from }
}

type Replace = (node: SyntaxNode, text: string) => void

/**
 * Static fields and blocks ran already; what they made goes along as the class's properties. Private
 * fields stay, without a value; their names are given.
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

/** Code at the end of a class that lets private static fields be set from outside, once. */
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
