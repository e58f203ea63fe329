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

/** What is kept about a class of this thread, as long as the class exists. */
interface Original {
  /**
   * Whether nothing has changed or can change what the class does, so that tasks can run with it
   * instead of a copy.
   */
  readonly isImmutable: () => boolean
  /** Whether the class has private members, which only a copy of the class can add to objects. */
  readonly hasPrivates: boolean
}

/** A bundle, as far as it matters here. */
interface Tokened {
  readonly token: string
}

/** The classes that were sent or decoded with one store of bundles. */
export class ClassRegistry {
  /** The bundles that classes were decoded from, which live as long as the classes. */
  private readonly bundles = new WeakMap<object, Tokened>()
  private readonly originals = new Map<string, WeakRef<Function>>()
  private readonly facts = new WeakMap<Function, Original>()
  /** The tokens of classes of this thread of which copies were made, so that objects may be instances of a copy. */
  private readonly copied = new Set<string>()
  private nextSweep = 1024
  /** Whether a class of this thread was copied. */
  hasCopies = false
  /** The prototypes of instances that inherit from an original class, by the original and the copy of the class. */
  private readonly prototypes = new WeakMap<Function, WeakMap<Function, object>>()

  /** Returns the bundle that a class was decoded from. */
  bundleOf(fn: object): Tokened | undefined {
    return this.bundles.get(fn)
  }

  /**
   * Records the token of a function of this thread, if the function is a class. Of equal classes, as when a
   * cell of a notebook runs again, results are instances of the one that was sent last.
   */
  recordSent(token: string, fn: object, immutability: (fn: Function) => () => boolean): void {
    if (!isClassLike(fn) || this.originals.get(token)?.deref() === fn) return
    const isImmutable = immutability(fn)
    const hasPrivates = privateLevels(fn).length > 0
    this.originals.set(token, new WeakRef(fn))
    this.facts.set(fn, { isImmutable, hasPrivates })
    if (this.originals.size < this.nextSweep) return
    for (const [sent, ref] of this.originals)
      if (ref.deref() === undefined) {
        this.originals.delete(sent)
        this.copied.delete(sent)
      }
    this.nextSweep = Math.max(1024, 2 * this.originals.size)
  }

  /**
   * Returns the class of this thread behind a token. With `toRun`, returns only classes that cannot
   * change.
   */
  original(token: string, toRun: boolean): Function | undefined {
    const found = this.originals.get(token)?.deref()
    if (found === undefined) return undefined
    const { hasPrivates, isImmutable } = this.facts.get(found)!
    return hasPrivates || (toRun && !isImmutable()) ? undefined : found
  }

  /** Whether a value is a class of this thread that was sent. */
  isOriginal(value: unknown): boolean {
    return typeof value === 'function' && this.facts.has(value)
  }

  /**
   * Makes an object of a copied class an instance of the original class of this thread. The
   * object's private members belong to the copy, so it keeps the copy's methods, which can read
   * them.
   */
  inheritFromOriginal(object: object, copy: Function): void {
    const original = this.originals.get(this.bundles.get(copy)?.token ?? '')?.deref()
    if (original === undefined) return
    let ofOriginal = this.prototypes.get(original)
    if (ofOriginal === undefined) this.prototypes.set(original, (ofOriginal = new WeakMap()))
    let prototype = ofOriginal.get(copy)
    if (prototype === undefined) {
      prototype = Object.create(original.prototype as object, methodsOf(copy)) as object
      ofOriginal.set(copy, prototype)
      copiedClasses.set(prototype, copy)
    }
    Object.setPrototypeOf(object, prototype)
  }

  /** Records the bundle of a decoded value, if the value is a class; returns whether it is. */
  recordDecoded(bundle: Tokened, fn: unknown): boolean {
    if (!isClassLike(fn)) return false
    if (this.originals.has(bundle.token)) {
      this.hasCopies = true
      this.copied.add(bundle.token)
    }
    this.bundles.set(fn, bundle)
    return true
  }

  /** Whether a token is that of a class of this thread that was copied. */
  isCopied(token: string): boolean {
    return this.copied.has(token)
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
