/**
 * The analysis of a function's source code, made once for each distinct source: its form, its free
 * variables, and the source code to send.
 */
import type { ScopeWalk } from '../source/free-variables.js'
import type { ScopedUse, Use } from '../source/scope.js'
import { dependsOnStrictness } from '../source/strictness.js'
import { type FunctionSyntax, parseFunction, type SyntaxNode } from '../source/syntax.js'
import { unboundThisUse } from '../source/unbound-this.js'
import { membersOf } from '../source/written-members.js'
import type { FunctionForm, SourceDescription } from '../types.js'
import type { ComputedKey } from './computed-member-names.js'
import { methodKeyExcess } from './method-key.js'
import { inertArgumentsFor, type PrivateMembers } from './private-member-code.js'
import { SourceRewriter, type UserGlobals } from './source-rewriter.js'
import type { ClassArrow } from './super-arrow-code.js'

/** The facts that hold for every function with the same source code. */
export interface Analysis {
  /** The source code to send: valid inside an object literal for methods, as an expression for others. */
  readonly source: string
  readonly form: FunctionForm
  readonly strict: boolean
  /** Whether it may behave differently in sloppy mode. */
  readonly dependsOnStrictness: boolean
  /** Its free variables in the order of the source code, and how each is used. */
  readonly freeVariables: ReadonlyMap<string, readonly Use[]>
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
  /** How it uses its own `this`; undefined for code that uses `super` or a direct `eval`. */
  readonly thisUses: readonly Use[] | undefined
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
  const rewriter = new SourceRewriter(source, syntax)
  const { freeVariables, walk } = rewriter
  const isFunction = node.type === 'FunctionExpression' && key === undefined
  const ownName = isFunction ? ownNameOf(source, syntax, walk) : undefined
  return {
    source: rewriter.rewritten(),
    form,
    strict,
    // An assignment to the name of a function expression is ignored in sloppy mode and throws in strict mode.
    dependsOnStrictness:
      strict && (dependsOnStrictness(node, freeVariables) || ownName?.assigned === true),
    freeVariables,
    extends: rewriter.hasBase,
    thisUses: thisUsesOf(node, walk),
    privateStatics: rewriter.privateStatics,
    privates: rewriter.privates,
    imported: rewriter.imported,
    suffix: rewriter.suffix,
    importing: rewriter.importing,
    classArrows: rewriter.classArrows,
    outerThisName: rewriter.outerThisName,
    inertArguments: form === 'class' ? '' : inertArgumentsFor(node.params as SyntaxNode[]),
    computedKeys: rewriter.computedKeys,
    withSharedVariables: (names, globals) => rewriter.withSharedVariables(names, globals),
    sourceAfter: (at) => source.slice(at.end - shift, at.end - shift + 200),
    isConstructor: form === 'class' || (isFunction && !node.generator && !node.async),
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
    const start = constructorOf(node)?.start
    return start === undefined ? 0 : start - shift
  }
  if (node.type !== 'FunctionExpression') return 0
  if (key === undefined) return Math.max(source.indexOf('('), 0)
  return node.start - shift - methodKeyExcess(source, syntax, key)
}

function constructorOf(node: SyntaxNode): SyntaxNode | undefined {
  return membersOf(node).find(({ kind }) => kind === 'constructor')?.value as SyntaxNode | undefined
}

/** Returns how a function uses its own `this`; undefined if that cannot be determined. */
function thisUsesOf(node: SyntaxNode, walk: ScopeWalk): readonly Use[] | undefined {
  const uses: Use[] = []
  for (const use of walk.uses) {
    if (use.name === 'super' || use.name === 'eval') return undefined
    if (use.name === 'this' && use.scope.find('this')?.range === node) uses.push(use)
  }
  return uses
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
  const params = (node.type === 'ClassExpression' ? constructorOf(node) : node)?.params ?? []
  const optional = (params as SyntaxNode[]).findIndex(({ type }) => /^(Assign|Rest)/.test(type))
  return optional < 0 ? (params as SyntaxNode[]).length : optional
}
