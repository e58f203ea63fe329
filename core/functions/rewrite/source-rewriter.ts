/**
 * Rewrites the source code of one function for sending: it removes what tools added, replaces names that
 * mean something only where the function was written, and adds code to classes by which their private
 * members and arrows can be restored.
 */
import { isConstantName } from '../engine/intrinsics.js'
import { ScopeWalk } from '../source/free-variables.js'
import type { Use } from '../source/scope.js'
import type { FunctionSyntax, SyntaxNode } from '../source/syntax.js'
import { type ComputedKey, markComputedKeys } from './computed-member-names.js'
import { findImports, stripTools } from './instrumentation.js'
import { methodKeyEdit } from './method-key.js'
import { type PrivateMembers, privateMembersOf, revivalInsertions } from './private-member-code.js'
import {
  ARGUMENTS_NAME,
  BASE_NAME,
  GLOBALS_NAME,
  IMPORT_NAME,
  META_NAME,
  suffixFor,
  THIS_NAME,
} from './reserved-names.js'
import { applyEdits, covers, type Edit, isWithin } from './source-edits.js'
import { privateStaticSetter, stripStatics } from './static-member-code.js'
import { arrowFactoriesCode, type ClassArrow, findClassArrows } from './super-arrow-code.js'

/** The object that replaces the global object in a function. */
export interface UserGlobals {
  /** The nodes in the source code that it replaces. */
  readonly nodes: ReadonlySet<SyntaxNode>
  /** The nodes that are the name of a member alone, which becomes a member of it. */
  readonly names: ReadonlyMap<SyntaxNode, string>
  /** The members that are sent. */
  readonly members: unknown
}

/** The source code of one function with its edits. All steps run in the constructor, in their order. */
export class SourceRewriter {
  readonly suffix: string
  /** The name that replaces an arrow's `this`. */
  readonly outerThisName: string
  readonly freeVariables = new Map<string, Use[]>()
  readonly walk = new ScopeWalk()
  readonly hasBase: boolean = false
  readonly privateStatics: readonly string[] = []
  readonly privates: PrivateMembers | undefined
  readonly imported: readonly string[]
  readonly importing: boolean
  readonly computedKeys: readonly ComputedKey[] = []
  readonly classArrows: readonly ClassArrow[] = []
  private readonly source: string
  private readonly syntax: FunctionSyntax
  private readonly edits: Edit[] = []

  constructor(source: string, syntax: FunctionSyntax) {
    this.source = source
    this.syntax = syntax
    this.suffix = suffixFor(source)
    let outerThisName = THIS_NAME
    while (source.includes(outerThisName)) outerThisName += '$'
    this.outerThisName = outerThisName

    const { node, form } = syntax
    const isClass = form === 'class'
    const key = methodKeyEdit(source, syntax)
    if (key !== undefined) this.edits.push(key)
    if (isClass) {
      this.hasBase = this.replaceBase()
      this.privateStatics = this.replaceStatics()
      this.privates = this.addPrivateAccess()
    }
    const importName = IMPORT_NAME + this.suffix
    const toolNames = stripTools(node, importName, (n, code) => this.replace(n, code, true))
    const { imported, importing } = findImports(node, (at) => this.renameImport(at, importName))
    this.imported = imported
    this.importing = importing
    this.collectFreeVariables()
    for (const name of toolNames) this.freeVariables.delete(name)
    if (!isClass) return
    const replace = (n: SyntaxNode, code: string) => this.replace(n, code)
    const { freeVariables, suffix, walk } = this
    this.computedKeys = markComputedKeys(source, node, syntax.shift, freeVariables, suffix, replace)
    this.classArrows = findClassArrows(
      node,
      walk.uses,
      (name) => freeVariables.has(name),
      syntax.shift,
    )
  }

  private replace(node: SyntaxNode, code: string, short = false): void {
    const { start, end } = this.rangeOf(node)
    this.edits.push(short ? { start, end, code, short } : { start, end, code })
  }

  private rangeOf({ start, end }: SyntaxNode): { start: number; end: number } {
    const { shift } = this.syntax
    return { start: start - shift, end: end - shift }
  }

  private isReplaced(node: SyntaxNode): boolean {
    return this.edits.some((edit) => covers(edit, node, this.syntax.shift))
  }

  /** Replaces the base of a class; returns whether it has one other than a literal `null`. */
  private replaceBase(): boolean {
    const base = this.syntax.node.superClass as SyntaxNode | null
    const hasBase = base !== null && !(base.type === 'Literal' && base.value === null)
    if (hasBase) this.replace(base!, BASE_NAME + this.suffix)
    return hasBase
  }

  private replaceStatics(): readonly string[] {
    const { node, shift } = this.syntax
    const names = stripStatics(node, (n, code) => this.replace(n, code))
    if (names.length === 0) return names
    const at = (node.body as SyntaxNode).end - 1 - shift
    this.edits.push({ start: at, end: at, code: privateStaticSetter(names, this.suffix) })
    return names
  }

  private addPrivateAccess(): PrivateMembers | undefined {
    const { node, shift } = this.syntax
    const privates = privateMembersOf(node)
    if (privates !== undefined)
      for (const { at, code } of revivalInsertions(node, privates, this.suffix))
        this.edits.push({ start: at - shift, end: at - shift, code })
    return privates
  }

  private renameImport(node: SyntaxNode, importName: string): void {
    if (this.isReplaced(node)) return
    const { start } = this.rangeOf(node)
    this.edits.push({ start, end: start + 'import'.length, code: importName })
  }

  /** Finds the free variables that are left, and renames those that are keywords. */
  private collectFreeVariables(): void {
    const renames: ReadonlyMap<string, string> = new Map([
      ['import.meta', META_NAME + this.suffix],
      ['arguments', ARGUMENTS_NAME + this.suffix],
      ['this', this.outerThisName],
    ])
    this.walk.visit(this.syntax.node, this.walk.root)
    for (const [name, uses] of this.walk.freeVariables()) {
      const left = uses.filter(({ node }) => !this.isReplaced(node))
      if (left.length === 0 || isConstantName(name)) continue
      this.freeVariables.set(name, left)
      const renamed = renames.get(name)
      if (renamed === undefined) continue
      // `const { a, b } = name` uses a name twice at one position.
      for (const node of new Set(left.map((use) => use.node)))
        this.edits.push(this.renameEdit(node, renamed, name))
    }
  }

  private renameEdit(node: SyntaxNode, code: string, name: string): Edit {
    const isShorthand = this.walk.shorthands.has(node.start)
    return { ...this.rangeOf(node), code: isShorthand ? `${name}: ${code}` : code }
  }

  /** Returns the source code to send. */
  rewritten(): string {
    return this.apply(this.edits)
  }

  /**
   * Returns the source code in which these variables are read from and assigned to shared objects with a
   * member `v`, and another object replaces the global one.
   */
  withSharedVariables(names: readonly string[], globals?: UserGlobals): string {
    const toMember = (node: SyntaxNode, name: string, member: string): Edit => {
      // Called as a member, a function would get the shared object as its `this`.
      const isCalled = /^\s*[(`]/.test(this.source.slice(this.rangeOf(node).end))
      return this.renameEdit(node, isCalled ? `(0,${member})` : member, name)
    }
    const more = names.flatMap((name) =>
      this.freeVariables.get(name)!.map(({ node }) => toMember(node, name, `${name}.v`)),
    )
    const globalsName = GLOBALS_NAME + this.suffix
    for (const [node, name] of globals?.names ?? [])
      more.push(toMember(node, name, `${globalsName}.${name}`))
    for (const node of globals?.nodes ?? [])
      more.push(this.renameEdit(node, globalsName, globalsName))
    return this.apply([...this.edits, ...more])
  }

  /** Applies edits, and adds the methods by which a class creates its arrows. */
  private apply(edits: readonly Edit[]): string {
    const { classArrows, source, suffix } = this
    if (classArrows.length === 0) return applyEdits(source, edits)
    const { node, shift } = this.syntax
    const codeOf = ({ start, end }: ClassArrow) => {
      const within = edits.filter((e) => e.start < end && e.end > start && isWithin(e, start, end))
      const moved = within.map((e) => ({ ...e, start: e.start - start, end: e.end - start }))
      return applyEdits(source.slice(start, end), moved)
    }
    const at = node.end - 1 - shift
    const factories = { start: at, end: at, code: arrowFactoriesCode(classArrows, suffix, codeOf) }
    return applyEdits(source, [...edits, factories])
  }
}
