/** Globals that the user made, as a function's source refers to them. */
import type { SyntaxNode } from '../source/syntax.js'

/** The name of the object that stands for `globalThis`; no longer than that. */
export const GLOBALS_NAME = '$skeinG'

/** What takes the place of the global object in a function. */
export interface UserGlobals {
  /** The places in the text where it does so. */
  readonly nodes: ReadonlySet<SyntaxNode>
  /** The members that go along. */
  readonly members: unknown
}
