/** The result of parsing an expression, and the names that expressions treat specially. */
import type { Position } from './errors.js'
import type { MathNode } from './mathjs.js'

/** A parsed and checked expression. */
export interface ParsedExpression {
  /** The source as mathjs formats it, so that white space makes no difference. */
  readonly source: string
  /** The computed expression; of a definition `f(x, y) = body`, the body. */
  readonly body: MathNode
  /** The parameters of a definition; undefined for an expression over fields. */
  readonly params: readonly string[] | undefined
  /** The names that are fields, operands or constants, in the order of the source. */
  readonly variables: readonly string[]
  /** Whether it can be compiled to JavaScript; otherwise mathjs evaluates it. */
  readonly canCompile: boolean
  readonly positions: ReadonlyMap<MathNode, Position>
  /** Where each variable occurs first. */
  readonly firstUse: ReadonlyMap<string, Position>
}

/** The values of names that are neither fields nor operands. */
export const CONSTANTS: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ['pi', Math.PI],
  ['PI', Math.PI],
  ['tau', 2 * Math.PI],
  ['e', Math.E],
  ['E', Math.E],
  ['phi', (1 + Math.sqrt(5)) / 2],
  ...(['LN2', 'LN10', 'LOG2E', 'LOG10E', 'SQRT2', 'SQRT1_2'] as const).map(
    (name) => [name, Math[name]] as const,
  ),
])

/** Whether a name is one that every object or function inherits, such as `constructor`. */
export function isInheritedName(name: string): boolean {
  return name in Object.prototype || name === 'prototype'
}

/** Returns the field that `object.name` or `object["name"]` reads; undefined for other indices. */
export function propertyOf(node: MathNode): string | undefined {
  const dimensions = node.index?.dimensions
  const only = dimensions?.length === 1 ? dimensions[0]! : undefined
  return only?.type === 'ConstantNode' && typeof only.value === 'string' ? only.value : undefined
}
