/**
 * Replaces computed names of class members, `[key]() {}`, by constant ones in the source code that is
 * sent. They were computed when the class was created, and the variables may have changed since. So the
 * key of a method is looked up in the class (`written-members.ts`). Only the keys of fields, which
 * leave no property on the class, are computed again.
 */
import { NotPortableError } from '../../base/errors.js'
import type { ScopeVariables } from '../engine/function-internals.js'
import type { Use } from '../source/scope.js'
import type { SyntaxNode } from '../source/syntax.js'
import {
  keysOfMembers,
  membersOf,
  type WrittenMember,
  writtenMembers,
} from '../source/written-members.js'

/** A computed member name: its placeholder in the source code, and the variables that it uses. */
export interface ComputedKey {
  readonly marker: string
  readonly expression: string
  readonly names: readonly string[]
  /** All methods and accessors of the class, and the index of this one among them; -1 for a field. */
  readonly written: readonly WrittenMember[]
  readonly at: number
}

/**
 * Replaces the computed names that use variables by placeholders. Names that only these expressions use
 * are removed from `free`.
 */
export function markComputedKeys(
  source: string,
  node: SyntaxNode,
  shift: number,
  free: Map<string, Use[]>,
  suffix: string,
  replace: (node: SyntaxNode, code: string) => void,
): ComputedKey[] {
  const keys: ComputedKey[] = []
  let written: readonly WrittenMember[] | undefined
  for (const [index, member] of membersOf(node).entries()) {
    const key = member.key as SyntaxNode | undefined
    if (key === undefined || member.computed !== true || member.type === 'StaticBlock') continue
    if (member.static === true && member.type === 'PropertyDefinition') continue
    const inside = (use: Use) => use.node.start >= key.start && use.node.end <= key.end
    const names = [...free].filter(([, uses]) => uses.some(inside)).map(([name]) => name)
    if (names.length === 0) continue
    const marker = `$skeinKey${keys.length}${suffix}$`
    replace(key, marker)
    written ??= writtenMembers(source, node, shift)
    const last = lastOf(key)
    keys.push({
      marker,
      expression: source.slice(last.start - shift, last.end - shift),
      names,
      written,
      at: written.findIndex((other) => other.index === index),
    })
    for (const name of names) {
      const rest = free.get(name)!.filter((use) => !inside(use))
      if (rest.length > 0) free.set(name, rest)
      else free.delete(name)
    }
  }
  return keys
}

/** Returns the part of an expression that gives its value; compilers add side effects to computed names. */
function lastOf(node: SyntaxNode): SyntaxNode {
  if (node.type === 'AssignmentExpression' && node.operator === '=')
    return lastOf(node.right as SyntaxNode)
  if (node.type === 'SequenceExpression') return lastOf((node.expressions as SyntaxNode[]).at(-1)!)
  return node
}

/** Returns the placeholders in the source code of a class and the code of the keys that replace them. */
export function computedMemberNames(
  fn: Function,
  keys: readonly ComputedKey[],
  path: readonly string[],
  scopes: readonly ScopeVariables[],
): [marker: string, name: string][] {
  const compute = (computed: ComputedKey) => computeAgain(computed, scopes)
  const guess = (index: number) => {
    const computed = keys.find(({ at }) => at === index)
    return computed && compute(computed)
  }
  const known = keys.length === 0 ? [] : keysOfMembers(fn, keys[0]!.written, guess)
  return keys.map((computed) => {
    const memberPath = [...path, `[${computed.expression}]`]
    const name = known[computed.at] ?? compute(computed)
    if (name === undefined) throw new NotPortableError(memberPath, unknownNameReason)
    return [computed.marker, keyCode(name, memberPath)]
  })
}

const unknownNameReason =
  'the name of a member is computed from variables that are no longer visible; write the name itself, ' +
  'or set it in the constructor'

/** Evaluates an expression with the variables that are still visible; undefined if that is not possible. */
function computeAgain(
  { expression, names }: ComputedKey,
  scopes: readonly ScopeVariables[],
): PropertyKey | undefined {
  const scopeOf = (name: string) => scopes.find((scope) => Object.hasOwn(scope.variables, name))
  const captured = names.filter((name) => scopeOf(name) !== undefined)
  try {
    const values = captured.map((name) => scopeOf(name)!.variables[name])
    const value: unknown = new Function(...captured, `return (${expression})`)(...values)
    return typeof value === 'symbol' ? value : String(value)
  } catch {
    return undefined
  }
}

/** Returns the code of an expression for a key. */
export function keyCode(key: unknown, path: readonly string[]): string {
  if (typeof key !== 'symbol') return JSON.stringify(String(key))
  const name = Symbol.keyFor(key)
  if (name !== undefined) return `Symbol.for(${JSON.stringify(name)})`
  if (key.description?.startsWith('Symbol.') === true) return key.description
  throw new NotPortableError(
    path,
    'a member is named by a symbol that exists in this thread only; use Symbol.for',
  )
}
