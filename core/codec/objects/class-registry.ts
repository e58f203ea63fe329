/**
 * The classes of a thread and their tokens: classes that were decoded in this thread, and classes
 * of this thread that were sent.
 *
 * A decoded class keeps its token, whatever happens to its static fields. So an object that one
 * task created is an instance of the class that another task captured. In the thread that declares
 * a class, results are instances of that very class.
 */

import { privateLevels } from '../../functions/classes/private-fields.js'
import { isClassLike } from '../../functions/describe/class-identity.js'

interface Original {
  readonly ref: WeakRef<Function>
  /**
   * Whether nothing has changed or can change what the class does, so that tasks can run with it
   * instead of a copy.
   */
  readonly isImmutable: () => boolean
  /** Whether the class has private members, which only a copy of the class can add to objects. */
  readonly hasPrivates: boolean
}

/** The classes that were sent or decoded with one store of bundles. */
export class ClassRegistry {
  private readonly tokens = new WeakMap<object, string>()
  private readonly originals = new Map<string, Original>()
  /** The prototypes of instances that inherit from an original class, by the copy of the class. */
  private readonly prototypes = new WeakMap<Function, object>()

  /** Returns the token that a class was decoded by. */
  tokenOf(fn: object): string | undefined {
    return this.tokens.get(fn)
  }

  /** Records the token of a function of this thread, if the function is a class. */
  recordSent(token: string, fn: object, immutability: (fn: Function) => () => boolean): void {
    if (this.originals.get(token)?.ref.deref() !== undefined || !isClassLike(fn)) return
    const isImmutable = immutability(fn)
    const hasPrivates = privateLevels(fn).length > 0
    this.originals.set(token, { ref: new WeakRef(fn), isImmutable, hasPrivates })
  }

  /**
   * Returns the class of this thread behind a token. With `toRun`, returns only classes that cannot
   * change.
   */
  original(token: string, toRun: boolean): Function | undefined {
    const found = this.originals.get(token)
    if (found === undefined || found.hasPrivates || (toRun && !found.isImmutable()))
      return undefined
    return found.ref.deref()
  }

  /**
   * Makes an object of a copied class an instance of the original class of this thread. The
   * object's private members belong to the copy, so it keeps the copy's methods, which can read
   * them.
   */
  inheritFromOriginal(object: object, copy: Function): void {
    let prototype = this.prototypes.get(copy)
    if (prototype === undefined) {
      const original = this.originals.get(this.tokens.get(copy) ?? '')?.ref.deref()
      if (original === undefined) return
      prototype = Object.create(original.prototype as object, methodsOf(copy)) as object
      this.prototypes.set(copy, prototype)
      copiedClasses.set(prototype, copy)
    }
    Object.setPrototypeOf(object, prototype)
  }

  /** Records the token of a decoded value, if the value is a class. */
  recordDecoded(token: string, fn: unknown): void {
    if (isClassLike(fn)) this.tokens.set(fn, token)
  }
}

const copiedClasses = new WeakMap<object, Function>()

/** Returns the copied class whose methods an object has, by the object's prototype. */
export function copiedClassOf(prototype: object): Function | undefined {
  return copiedClasses.get(prototype)
}

/**
 * Returns all members that instances inherit from a class and from its superclasses, up to the
 * topmost one with private members.
 */
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
