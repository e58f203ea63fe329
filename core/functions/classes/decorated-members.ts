/**
 * Members of classes that decorators put others in the place of. These call what was written, which is no
 * member of the class any more, and which only the class's text can make if it says `super` or `#x`.
 */
import { operations } from '../../base/operations.js'
import type { MemberKind } from '../source/written-members.js'

const originals = new WeakMap<Function, Map<string, Function>>()

const nameOf = (isStatic: boolean, key: PropertyKey, kind: MemberKind) =>
  `${isStatic} ${kind} ${typeof key} ${String(key)}`

/** Notes what a class had for a member before it was replaced. */
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

/** Notes all that a class, built of its text, has in the places that `members` are put in. */
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

/** What a class's text says for a member that was replaced. */
export function originalMember(
  Class: Function,
  isStatic: boolean,
  key: PropertyKey,
  kind: MemberKind,
): Function | undefined {
  return originals.get(Class)?.get(nameOf(isStatic, key, kind))
}
operations('core/functions/classes/decorated-members', { originalMember })

/** Classes of which some member was replaced. */
const decorated: WeakRef<Function>[] = []
const seen = new WeakSet<Function>()

/** Notes that members of a class were replaced. */
export function recordDecoratedClass(Class: Function): void {
  if (seen.has(Class)) return
  seen.add(Class)
  decorated.push(new WeakRef(Class))
}

/** The classes of which some member was replaced, as far as they are still there. */
export function* decoratedClasses(): Generator<Function> {
  for (let i = decorated.length - 1; i >= 0; i--) {
    const Class = decorated[i]!.deref()
    if (Class === undefined) decorated.splice(i, 1)
    else yield Class
  }
}
