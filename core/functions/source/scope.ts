/**
 * Scopes (stretches of source code in which names are declared) and the uses of names that are recorded
 * with them.
 */
import type { SyntaxNode } from './syntax.js'

/** One use of a name: which static members of it are read, and whether it is assigned to. */
export interface Use {
  /** The node of the name. */
  readonly node: SyntaxNode
  /**
   * The static members that are read from it, `['limit']` for `config.limit`; empty for the whole
   * value.
   */
  readonly path: readonly string[]
  /**
   * The last member of the path is called as a method and receives the value before it as `this`; or
   * the name itself is called.
   */
  readonly called: boolean
  /** The name itself is assigned to. */
  readonly assigned: boolean
  /** A member of the value is assigned to or deleted. */
  readonly mutated: boolean
  /** The use only tests whether there is a value. */
  readonly probed: boolean
}

type ScopeKind = 'function' | 'block'

/** A stretch of source code in which names are declared. */
export class Scope {
  readonly names = new Set<string>()
  readonly parent: Scope | undefined
  readonly kind: ScopeKind
  /** The source positions that it covers. */
  readonly range: { readonly start: number; readonly end: number }
  constructor(
    parent: Scope | undefined,
    kind: ScopeKind,
    range: { readonly start: number; readonly end: number },
    names: readonly string[] = [],
  ) {
    this.parent = parent
    this.kind = kind
    this.range = range
    for (const name of names) this.names.add(name)
  }

  /** The nearest function scope, in which `var` declares its names. */
  get hoist(): Scope {
    let scope: Scope = this
    while (scope.kind === 'block' && scope.parent !== undefined) scope = scope.parent
    return scope
  }

  /** Returns the scope that declares a name: this one or one around it. */
  find(name: string): Scope | undefined {
    let scope: Scope | undefined = this
    while (scope !== undefined && !scope.names.has(name)) scope = scope.parent
    return scope
  }
}

/** A use of a name and the scope in which it occurs. */
export interface ScopedUse extends Use {
  readonly name: string
  readonly scope: Scope
}

/** Returns the name of an identifier, or of a keyword that is treated as a name. */
export function nameOf(node: SyntaxNode): string | undefined {
  switch (node.type) {
    case 'Identifier':
      return node.name as string
    case 'ThisExpression':
      return 'this'
    case 'Super':
      return 'super'
    case 'MetaProperty':
      return (node.meta as SyntaxNode).name === 'import' ? 'import.meta' : 'new.target'
    case 'PrivateIdentifier':
      return `#${node.name as string}`
    default:
      return undefined
  }
}
