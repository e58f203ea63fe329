/**
 * Which class is which: the tokens of classes that were revived in this thread, and the classes of
 * this thread behind the tokens of what it sent.
 *
 * A class that came by a token keeps it, whatever happens to its static fields, so an object that
 * one task made is an instance of the class that another task captured. In the thread where a
 * class was written, results are instances of that very class.
 */

import { privateLevels } from '../../functions/classes/private-fields.js'
import { isClassLike } from '../../functions/describe/class-identity.js'

interface Original {
  readonly ref: WeakRef<Function>
  /** Whether nothing can change what the class does, so that no copy is needed to run tasks with. */
  readonly immutable: boolean
  /** Private members can be given to objects by a copy of the class only. */
  readonly hasPrivates: boolean
}

export class ClassRegistry {
  private readonly tokens = new WeakMap<object, string>()
  private readonly originals = new Map<string, Original>()
  /** What settled objects inherit from, by the copy of their class. */
  private readonly homes = new WeakMap<Function, object>()

  /** The token that a class was revived by. */
  tokenOf(fn: object): string | undefined {
    return this.tokens.get(fn)
  }

  /** A function of this thread was given this token; it is noted if it is a class. */
  sent(token: string, fn: object, isImmutable: (fn: Function) => boolean): void {
    if (this.originals.get(token)?.ref.deref() !== undefined || !isClassLike(fn)) return
    const hasPrivates = privateLevels(fn).length > 0
    this.originals.set(token, { ref: new WeakRef(fn), immutable: isImmutable(fn), hasPrivates })
  }

  /** The class of this thread behind a token; for running tasks, only one that cannot change. */
  original(token: string, toRun: boolean): Function | undefined {
    const found = this.originals.get(token)
    if (found === undefined || found.hasPrivates || (toRun && !found.immutable)) return undefined
    return found.ref.deref()
  }

  /**
   * Makes an object of a copy of a class an instance of the class that this thread wrote. Its private
   * members are those of the copy, so it keeps the copy's methods, which can read them.
   */
  inheritFromOriginal(object: object, copy: Function): void {
    let home = this.homes.get(copy)
    if (home === undefined) {
      const original = this.originals.get(this.tokens.get(copy) ?? '')?.ref.deref()
      if (original === undefined) return
      home = Object.create(original.prototype as object, methodsOf(copy)) as object
      this.homes.set(copy, home)
      classes.set(home, copy)
    }
    Object.setPrototypeOf(object, home)
  }

  /** A function was made of what came under this token; it is noted if it is a class. */
  revived(token: string, fn: unknown): void {
    if (isClassLike(fn)) this.tokens.set(fn, token)
  }
}

const classes = new WeakMap<object, Function>()

/** The copy of a class whose methods a settled object has, by what the object inherits from. */
export function copiedClassOf(prototype: object): Function | undefined {
  return classes.get(prototype)
}

/** All that the instances of a class inherit from it and from those above it that have privates. */
function methodsOf(Class: Function): PropertyDescriptorMap {
  const top = privateLevels(Class)[0]?.Class
  const members: PropertyDescriptorMap = {}
  const chain: Function[] = []
  for (let at: unknown = Class; typeof at === 'function'; at = Object.getPrototypeOf(at)) {
    chain.unshift(at)
    if (at === top) break
  }
  for (const { prototype } of chain)
    Object.assign(members, Object.getOwnPropertyDescriptors(prototype as object))
  Reflect.deleteProperty(members, 'constructor')
  return members
}
