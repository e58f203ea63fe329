/**
 * The methods and accessors that a class's text writes, and the keys under which the class has them.
 *
 * A computed name is not computed again: what it was made of may have changed or gone. The method is
 * looked for by its text, and where a decorator put another in its place, by its turn: a class gets its
 * members in the order in which they are written, and what replaces one takes its place.
 */
import type { SyntaxNode } from './syntax.js'

/** The kind of a member: a method, or one half of an accessor. */
export type MemberKind = 'value' | 'get' | 'set'

/** One method, or one half of an accessor, that is not private. */
export interface WrittenMember {
  readonly text: string
  readonly kind: MemberKind
  readonly isStatic: boolean
  /** The key, if it is written as it is. */
  readonly key: string | undefined
  /** Where it stands among all members of the class. */
  readonly index: number
}

/** The members of a class. */
export function membersOf(node: SyntaxNode): readonly SyntaxNode[] {
  return (node.body as SyntaxNode).body as SyntaxNode[]
}

/** The members of a class that leave a trace under their keys; `shift` is what `node` is off in `source`. */
export function writtenMembers(source: string, node: SyntaxNode, shift: number): WrittenMember[] {
  const found: WrittenMember[] = []
  for (const [index, member] of membersOf(node).entries()) {
    const { type, name, value } = (member.key ?? {}) as SyntaxNode
    if (member.type !== 'MethodDefinition' || member.kind === 'constructor') continue
    if (type === 'PrivateIdentifier') continue
    const isWritten = member.computed !== true
    found.push({
      text: source.slice(member.start - shift, member.end - shift),
      kind: member.kind === 'get' || member.kind === 'set' ? member.kind : 'value',
      isStatic: member.static === true,
      key: isWritten ? String(name ?? value) : undefined,
      index,
    })
  }
  return found
}

/**
 * The keys of these members, in their order; undefined where that cannot be told. `guess` says what the
 * key of one of them may be, by its place among them, if neither text nor turn tell.
 */
export function keysOfMembers(
  Class: Function,
  written: readonly WrittenMember[],
  guess: (index: number) => unknown,
): (PropertyKey | undefined)[] {
  const keys = written.map(({ key }): PropertyKey | undefined => key)
  for (const isStatic of [false, true]) {
    const holder = (isStatic ? Class : Class.prototype) as object
    const free = new Free(holder, isStatic)
    const open = written.flatMap((member, i) => (member.isStatic === isStatic ? [i] : []))
    for (const i of open) if (keys[i] !== undefined) free.take(keys[i], written[i]!.kind)
    for (const i of open) keys[i] ??= free.byText(written[i]!)
    const left = open.filter((i) => keys[i] === undefined)
    for (const [n, key] of free.byTurn(left.map((i) => written[i]!)).entries()) keys[left[n]!] = key
    for (const i of left) keys[i] ??= free.byGuess(guess(i), written[i]!)
  }
  return keys
}

/** What a class has under keys of which it is not known yet which member they are. */
class Free {
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

  byText({ text, kind }: WrittenMember): PropertyKey | undefined {
    const found = this.keys.find((key) => {
      const fn = this.at(key, kind)
      return fn !== undefined && text.endsWith(Function.prototype.toString.call(fn))
    })
    return found === undefined ? undefined : this.take(found, kind)
  }

  /** The keys of members that were replaced, all of them, or none. */
  byTurn(members: readonly WrittenMember[]): PropertyKey[] {
    const found: PropertyKey[] = []
    const kindOf = (key: PropertyKey) => typeof key
    const left = this.keys.filter((key) => this.isLeft(key))
    // Keys that are names come before symbols, whatever the order of the members; so do numbers before names.
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

  byGuess(guessed: unknown, { kind }: WrittenMember): PropertyKey | undefined {
    const key = typeof guessed === 'symbol' ? guessed : String(guessed)
    const isThere = guessed !== undefined && this.keys.includes(key) && this.isLeft(key)
    return isThere && this.at(key, kind) !== undefined ? this.take(key, kind) : undefined
  }

  /** A function that stands under a key, as far as no member is known to be it. */
  private at(key: PropertyKey, kind: MemberKind): Function | undefined {
    if (this.taken.get(key)?.has(kind) === true) return undefined
    const fn: unknown = Object.getOwnPropertyDescriptor(this.holder, key)![kind]
    return typeof fn === 'function' ? fn : undefined
  }

  /** Whether there is something under a key that a member could have been; what was assigned shows. */
  private isLeft(key: PropertyKey): boolean {
    const { enumerable } = Object.getOwnPropertyDescriptor(this.holder, key)!
    if (enumerable === true) return false
    return (['value', 'get', 'set'] as const).some((kind) => this.at(key, kind) !== undefined)
  }
}

/** The key under which a class had a method first, by the name that the engine gave the method. */
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
