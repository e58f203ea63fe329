/**
 * The methods and accessors in a class's source code, and the keys under which the class has them.
 *
 * A computed key is not evaluated again, as its variables may have changed. Instead the method is found
 * in the class by its source code, or, if a decorator replaced it, by its order: a class gets its
 * members in the order of its source code, and a replacement keeps the position.
 */
import type { SyntaxNode } from './syntax.js'

/** The kind of a member: a method, or one half of an accessor. */
export type MemberKind = 'value' | 'get' | 'set'

/** One method, or one half of an accessor, that is not private. */
export interface WrittenMember {
  readonly source: string
  readonly kind: MemberKind
  readonly isStatic: boolean
  /** The key, if it is not computed. */
  readonly key: string | undefined
  /** Its index among all members of the class. */
  readonly index: number
}

/** Returns the members of a class. */
export function membersOf(node: SyntaxNode): readonly SyntaxNode[] {
  return (node.body as SyntaxNode).body as SyntaxNode[]
}

/**
 * Returns the methods and accessors of a class; `shift` is the difference between positions of `node`
 * and of `source`.
 */
export function writtenMembers(source: string, node: SyntaxNode, shift: number): WrittenMember[] {
  const found: WrittenMember[] = []
  for (const [index, member] of membersOf(node).entries()) {
    const { type, name, value } = (member.key ?? {}) as SyntaxNode
    if (member.type !== 'MethodDefinition' || member.kind === 'constructor') continue
    if (type === 'PrivateIdentifier') continue
    const isWritten = member.computed !== true
    found.push({
      source: source.slice(member.start - shift, member.end - shift),
      kind: member.kind === 'get' || member.kind === 'set' ? member.kind : 'value',
      isStatic: member.static === true,
      key: isWritten ? String(name ?? value) : undefined,
      index,
    })
  }
  return found
}

/**
 * Returns the keys of these members, in their order; undefined where a key is unknown. `guess` returns
 * a likely key of the member with an index, for those that are found neither by source code nor by
 * order.
 */
export function keysOfMembers(
  Class: Function,
  written: readonly WrittenMember[],
  guess: (index: number) => unknown,
): (PropertyKey | undefined)[] {
  const keys = written.map(({ key }): PropertyKey | undefined => key)
  for (const isStatic of [false, true]) {
    const holder = (isStatic ? Class : Class.prototype) as object
    const free = new UnmatchedKeys(holder, isStatic)
    const open = written.flatMap((member, i) => (member.isStatic === isStatic ? [i] : []))
    for (const i of open) if (keys[i] !== undefined) free.take(keys[i], written[i]!.kind)
    for (const i of open) keys[i] ??= free.findBySource(written[i]!)
    const left = open.filter((i) => keys[i] === undefined)
    for (const [n, key] of free.takeInOrder(left.map((i) => written[i]!)).entries())
      keys[left[n]!] = key
    for (const i of left) keys[i] ??= free.takeGuess(guess(i), written[i]!)
  }
  return keys
}

/** The keys of a class that are not matched with a member yet. */
class UnmatchedKeys {
  private readonly holder: object
  private readonly keys: PropertyKey[]
  private readonly taken = new Map<PropertyKey, Set<MemberKind>>()

  constructor(holder: object, isStatic: boolean) {
    this.holder = holder
    const own: readonly PropertyKey[] = isStatic ? ['length', 'name', 'prototype'] : ['constructor']
    this.keys = Reflect.ownKeys(holder).filter((key) => !own.includes(key))
  }

  take(key: PropertyKey, kind: MemberKind): PropertyKey {
    const kinds = this.taken.get(key)
    if (kinds === undefined) this.taken.set(key, new Set([kind]))
    else kinds.add(kind)
    return key
  }

  findBySource({ source, kind }: WrittenMember): PropertyKey | undefined {
    const found = this.keys.find((key) => {
      const fn = this.at(key, kind)
      return fn !== undefined && source.endsWith(Function.prototype.toString.call(fn))
    })
    return found === undefined ? undefined : this.take(found, kind)
  }

  /** Returns the keys of replaced members: all of them, or none. */
  takeInOrder(members: readonly WrittenMember[]): PropertyKey[] {
    const found: PropertyKey[] = []
    const kindOf = (key: PropertyKey) => typeof key
    const left = this.keys.filter((key) => this.isUnmatched(key))
    // String keys come before symbols, and integer keys before other strings, whatever the order of the
    // members.
    if (new Set(left.map(kindOf)).size > 1 || left.some((key) => /^\d+$/.test(String(key)))) {
      if (members.length !== 1 || left.length !== 1) return []
    }
    for (const { kind } of members) {
      const key = left.find((name) => this.at(name, kind) !== undefined)
      if (key === undefined) return []
      this.take(key, kind)
      found.push(key)
    }
    return found
  }

  takeGuess(guessed: unknown, { kind }: WrittenMember): PropertyKey | undefined {
    const key = typeof guessed === 'symbol' ? guessed : String(guessed)
    const isThere = guessed !== undefined && this.keys.includes(key) && this.isUnmatched(key)
    return isThere && this.at(key, kind) !== undefined ? this.take(key, kind) : undefined
  }

  /** Returns the function under a key, unless a member is already matched with it. */
  private at(key: PropertyKey, kind: MemberKind): Function | undefined {
    if (this.taken.get(key)?.has(kind) === true) return undefined
    const fn: unknown = Object.getOwnPropertyDescriptor(this.holder, key)![kind]
    return typeof fn === 'function' ? fn : undefined
  }

  /**
   * Whether the property under a key may be a method or accessor of the class; assigned properties are
   * enumerable.
   */
  private isUnmatched(key: PropertyKey): boolean {
    const { enumerable } = Object.getOwnPropertyDescriptor(this.holder, key)!
    if (enumerable === true) return false
    return (['value', 'get', 'set'] as const).some((kind) => this.at(key, kind) !== undefined)
  }
}

/** Returns the original key of a method, by the name that the engine gave it. */
export function keyByName(
  Class: Function,
  fn: Function,
  isStatic: boolean,
): PropertyKey | undefined {
  const name = fn.name.replace(/^[gs]et /, '')
  const keys = Reflect.ownKeys((isStatic ? Class : Class.prototype) as object)
  const found = keys.filter((key) =>
    typeof key === 'symbol' ? name === `[${key.description}]` : name === key,
  )
  return found.length === 1 ? found[0] : undefined
}
