/**
 * Members of classes that decorators have replaced, and their originals. A replacement calls its original,
 * which is no member of the class any more, and which only the class can create if it uses `super` or `#x`.
 */
import { operations } from '../../base/operations.js'
import type { MemberKind } from '../source/written-members.js'

const functionToString = Function.prototype.toString

const originals = new WeakMap<Function, Map<string, Function>>()

const nameOf = (isStatic: boolean, key: PropertyKey, kind: MemberKind) =>
  `${isStatic} ${kind} ${typeof key} ${String(key)}`

/** Records the function that a class had as a member before it was replaced. */
export function recordOriginalMember(
  Class: Function,
  isStatic: boolean,
  key: PropertyKey,
  kind: MemberKind,
  fn: Function,
): void {
  let known = originals.get(Class)
  if (known === undefined) originals.set(Class, (known = new Map()))
  const name = nameOf(isStatic, key, kind)
  if (!known.has(name)) known.set(name, fn)
}

/** Records the functions of a class, just built from its source code, that `members` will replace. */
export function recordOriginalMembers(Class: Function, isStatic: boolean, members: object): void {
  const holder = isStatic ? Class : (Class.prototype as object)
  for (const key of Reflect.ownKeys(members)) {
    const descriptor = Object.getOwnPropertyDescriptor(holder, key)
    for (const kind of ['value', 'get', 'set'] as const) {
      const fn: unknown = descriptor?.[kind]
      if (typeof fn === 'function') recordOriginalMember(Class, isStatic, key, kind, fn)
    }
  }
}

/** Returns the original of a member that was replaced. */
export function originalMember(
  Class: Function,
  isStatic: boolean,
  key: PropertyKey,
  kind: MemberKind,
): Function | undefined {
  return originals.get(Class)?.get(nameOf(isStatic, key, kind))
}
operations('core/functions/classes/decorated-members', { originalMember })

/** Classes with at least one replaced member. */
const decorated: WeakRef<Function>[] = []
const seen = new WeakSet<Function>()

/** Records that members of a class were replaced. */
export function recordDecoratedClass(Class: Function): void {
  if (seen.has(Class)) return
  seen.add(Class)
  decorated.push(new WeakRef(Class))
}

/** Yields the classes with replaced members that still exist. */
export function* decoratedClasses(): Generator<Function> {
  for (let i = decorated.length - 1; i >= 0; i--) {
    const Class = decorated[i]!.deref()
    if (Class === undefined) decorated.splice(i, 1)
    else yield Class
  }
}

/**
 * Returns the methods and accessors, by key, that differ from those in the source code of the class; of an
 * accessor only the half that was replaced.
 */
export function replacedMembers(Class: Function, holder: object): PropertyDescriptorMap {
  const found: PropertyDescriptorMap = {}
  let source: string | undefined
  const isReplaced = (fn: unknown): fn is () => unknown => {
    if (typeof fn !== 'function') return false
    source ??= functionToString.call(Class)
    return !source.includes(functionToString.call(fn))
  }
  for (const key of Reflect.ownKeys(holder) as string[]) {
    if (key === 'constructor' || key === 'prototype') continue
    const { enumerable, value, get, set } = Object.getOwnPropertyDescriptor(holder, key)!
    if (enumerable === true) continue
    const flags = { enumerable: true, configurable: true }
    if (isReplaced(value)) found[key] = { ...flags, value }
    else if (isReplaced(get)) found[key] = { ...flags, get, ...(isReplaced(set) ? { set } : {}) }
    else if (isReplaced(set)) found[key] = { ...flags, set }
  }
  return found
}
