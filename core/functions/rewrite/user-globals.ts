/** The user's own globals, as the source code of a function refers to them. */
import type { SyntaxNode } from '../source/syntax.js'

/** The name of the object that replaces `globalThis`; not longer than that. */
export const GLOBALS_NAME = '$skeinG'

/** The object that replaces the global object in a function. */
export interface UserGlobals {
  /** The nodes in the source code that it replaces. */
  readonly nodes: ReadonlySet<SyntaxNode>
  /** The members that are sent. */
  readonly members: unknown
}
