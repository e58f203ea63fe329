/**
 * The interface of the walk over a syntax tree that records uses of names. The helpers of the walk
 * (`destructuring.ts`, `optional-chains.ts`) depend on it, and `free-variables.ts` implements it.
 */

import type { MemberChain } from './member-chains.js'
import type { Scope, Use } from './scope.js'
import type { SyntaxNode } from './syntax.js'

/** A temporary name that a compiler gave to a part of a chain, valid within `node`. */
export interface ChainAlias {
  readonly name: string
  readonly scope: Scope
  readonly node: SyntaxNode
  readonly chain: MemberChain
}

/** Records the uses of names in a tree. */
export interface NameVisitor {
  /** Start positions of identifiers that are both the key of a property and its value, as in `{ a }`. */
  readonly shorthands: Set<number>
  /** The chains that compiler-made temporary names currently refer to. */
  readonly aliases: Map<string, MemberChain>
  readonly chainAliases: ChainAlias[]
  /** Visits an expression or statement of any kind. */
  visit(node: SyntaxNode, scope: Scope): void
  /** Records a use of a name. */
  addUse(name: string, node: SyntaxNode, scope: Scope, how?: Partial<Use>): void
  /** Records a use of an identifier, and of the chain that it is an alias of. */
  name(node: SyntaxNode, scope: Scope, how: Partial<Use>): void
  /** Records an expression whose existence alone is tested. */
  probe(node: SyntaxNode, scope: Scope): void
  /** Records a member expression: its static part if it starts with a name. */
  member(node: SyntaxNode, scope: Scope, how: Partial<Use>): void
  /** Visits a pattern that assigns `value` to names that exist already. */
  assign(pattern: SyntaxNode, scope: Scope, value?: SyntaxNode): void
}
