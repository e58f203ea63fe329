/**
 * Which class is which: the tokens of classes that were revived in this thread, and the classes of
 * this thread behind the tokens of what it sent.
 *
 * A class that came by a token keeps it, whatever happens to its static fields, so an object that
 * one task made is an instance of the class that another task captured. In the thread where a
 * class was written, results are instances of that very class.
 */
import { isClassLike } from '../functions/class-like.js'

interface Original {
  readonly ref: WeakRef<Function>
  /** Whether nothing can change what the class does, so that no copy is needed to run tasks with. */
  readonly immutable: boolean
}

export class Classes {
  private readonly tokens = new WeakMap<object, string>()
  private readonly originals = new Map<string, Original>()

  /** The token that a class was revived by. */
  tokenOf(fn: object): string | undefined {
    return this.tokens.get(fn)
  }

  /** A function of this thread was given this token; it is noted if it is a class. */
  sent(token: string, fn: object, isImmutable: (fn: Function) => boolean): void {
    if (this.originals.get(token)?.ref.deref() !== undefined || !isClassLike(fn)) return
    this.originals.set(token, { ref: new WeakRef(fn), immutable: isImmutable(fn) })
  }

  /** The class of this thread behind a token; for running tasks, only one that cannot change. */
  original(token: string, toRun: boolean): Function | undefined {
    const found = this.originals.get(token)
    return found === undefined || (toRun && !found.immutable) ? undefined : found.ref.deref()
  }

  /** A function was made of what came under this token; it is noted if it is a class. */
  revived(token: string, fn: unknown): void {
    if (isClassLike(fn)) this.tokens.set(fn, token)
  }
}
