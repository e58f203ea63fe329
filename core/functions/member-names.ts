/**
 * The computed names of a class's members, `[key]() {}`, as text that needs no variables. They were
 * computed when the class was made, and the variables may have changed or gone since: so a method is
 * looked for in the class by its text. Only the names of fields, which leave no trace, are computed again.
 */
import { NotPortableError } from '../errors.js'
import type { ScopeVariables } from './inspect.js'
import type { Use } from './scope.js'
import type { SyntaxNode } from './syntax.js'

/** A member name that is an expression: what stands for it in the text, and what it uses. */
export interface ComputedKey {
  readonly marker: string
  readonly expression: string
  readonly names: readonly string[]
  /** The text of the whole member, and where the class has what it makes. */
  readonly member: string
  readonly kind: 'get' | 'set' | 'value'
  readonly isStatic: boolean
}

/** The members of a class. */
export function membersOf(node: SyntaxNode): readonly SyntaxNode[] {
  return (node.body as SyntaxNode).body as SyntaxNode[]
}

/** Marks the computed names that cannot be computed before the captured values are there. */
export function markKeys(
  source: string,
  node: SyntaxNode,
  shift: number,
  free: Map<string, Use[]>,
  suffix: string,
  replace: (node: SyntaxNode, text: string) => void,
): ComputedKey[] {
  const keys: ComputedKey[] = []
  for (const member of membersOf(node)) {
    const key = member.key as SyntaxNode | undefined
    if (key === undefined || member.computed !== true || member.type === 'StaticBlock') continue
    if (member.static === true && member.type === 'PropertyDefinition') continue
    const inside = (use: Use) => use.node.start >= key.start && use.node.end <= key.end
    const names = [...free].filter(([, uses]) => uses.some(inside)).map(([name]) => name)
    if (names.length === 0) continue
    const marker = `$skeinKey${keys.length}${suffix}$`
    replace(key, marker)
    keys.push({
      marker,
      expression: source.slice(key.start - shift, key.end - shift),
      names,
      member: source.slice(member.start - shift, member.end - shift),
      kind: member.kind === 'get' || member.kind === 'set' ? member.kind : 'value',
      isStatic: member.static === true,
    })
    for (const name of names) {
      const rest = free.get(name)!.filter((use) => !inside(use))
      if (rest.length > 0) free.set(name, rest)
      else free.delete(name)
    }
  }
  return keys
}

/** The markers in the text of a class, and the names that stand for them. */
export function memberNames(
  fn: Function,
  keys: readonly ComputedKey[],
  path: readonly string[],
  scopes: readonly ScopeVariables[],
): [marker: string, name: string][] {
  const found = new Set<string>()
  return keys.map((computed) => {
    const name = keyOfMember(fn, computed, found) ?? computeAgain(computed, path, scopes)
    return [computed.marker, keyText(name, [...path, `[${computed.expression}]`])]
  })
}

/** The key under which a class has a method with this text, that is not another one's already. */
function keyOfMember(
  fn: Function,
  { member, kind, isStatic }: ComputedKey,
  found: Set<string>,
): PropertyKey | undefined {
  const holder = (isStatic ? fn : fn.prototype) as object
  return Reflect.ownKeys(holder).find((key) => {
    const made: unknown = Object.getOwnPropertyDescriptor(holder, key)![kind]
    if (typeof made !== 'function' || !member.endsWith(Function.prototype.toString.call(made)))
      return false
    const taken = `${isStatic} ${kind} ${typeof key} ${String(key)}`
    return !found.has(taken) && found.add(taken)
  })
}

function computeAgain(
  { expression, names }: ComputedKey,
  path: readonly string[],
  scopes: readonly ScopeVariables[],
): unknown {
  const scopeOf = (name: string) => scopes.find((scope) => Object.hasOwn(scope.variables, name))
  const captured = names.filter((name) => scopeOf(name) !== undefined)
  const values = captured.map((name) => scopeOf(name)!.variables[name])
  try {
    return new Function(...captured, `return (${expression})`)(...values) as unknown
  } catch {
    throw new NotPortableError(
      [...path, `[${expression}]`],
      'the name of a field is computed, and of what can no longer be seen; write the name itself, ' +
        'or set the field in the constructor',
    )
  }
}

function keyText(key: unknown, path: readonly string[]): string {
  if (typeof key !== 'symbol') return JSON.stringify(String(key))
  const name = Symbol.keyFor(key)
  if (name !== undefined) return `Symbol.for(${JSON.stringify(name)})`
  if (key.description?.startsWith('Symbol.') === true) return key.description
  throw new NotPortableError(
    path,
    'a member is named by a symbol that exists in this thread only; use Symbol.for',
  )
}
