/**
 * Scopes, the stretches of code in which names are declared, and the uses of names that are noted
 * with them.
 */
import type { SyntaxNode } from './syntax.js'

/** How a free name is used: by which static members, and whether anything is assigned to it. */
export interface Use {
  /** Where the name stands. */
  readonly node: SyntaxNode
  /** The static members read from it, `['limit']` for `config.limit`; empty if it is used whole. */
  readonly path: readonly string[]
  /** The last member is called as a method, so what it belongs to is its `this`; or the name is. */
  readonly called: boolean
  /** The name itself is assigned to. */
  readonly written: boolean
  /** A member of it is assigned to or deleted. */
  readonly changed: boolean
  /** It matters only whether there is something. */
  readonly probed: boolean
}

type Holder = 'function' | 'block'

/** A stretch of code in which names are declared. */
export class Scope {
  readonly names = new Set<string>()
  readonly parent: Scope | undefined
  readonly holder: Holder
  /** The stretch of text it covers. */
  readonly range: { readonly start: number; readonly end: number }
  constructor(
    parent: Scope | undefined,
    holder: Holder,
    range: { readonly start: number; readonly end: number },
    names: readonly string[] = [],
  ) {
    this.parent = parent
    this.holder = holder
    this.range = range
    for (const name of names) this.names.add(name)
  }

  /** The nearest scope that `var` counts in. */
  get hoist(): Scope {
    let scope: Scope = this
    while (scope.holder === 'block' && scope.parent !== undefined) scope = scope.parent
    return scope
  }

  /** The scope that declares a name, this one or one around it. */
  find(name: string): Scope | undefined {
    let scope: Scope | undefined = this
    while (scope !== undefined && !scope.names.has(name)) scope = scope.parent
    return scope
  }
}

/** A use of a name, with the scope it stands in. */
export interface Noted extends Use {
  readonly name: string
  readonly scope: Scope
}

/** The name a node is, if it is a name or one of the words treated as names. */
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
