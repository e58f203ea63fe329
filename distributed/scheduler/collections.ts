/**
 * Collections under names, as the bytes that clients made of them: the scheduler never looks inside.
 */
import type { Encoded } from '../../core/codec/index.js'
import type { BundleShelf } from './bundle-shelf.js'

interface NamedCollection {
  readonly value: Encoded
  /** What of the shelf it keeps. */
  readonly bundles: readonly string[]
}

export class Collections {
  private readonly shelf: BundleShelf
  private readonly byName = new Map<string, NamedCollection>()

  constructor(shelf: BundleShelf) {
    this.shelf = shelf
  }

  /** Stores a collection; one of that name is replaced. Its bundles must be on the shelf. */
  set(name: string, value: Encoded): void {
    const bundles = this.shelf.retain(value.bundles)
    const former = this.byName.get(name)
    this.byName.set(name, { value, bundles })
    if (former !== undefined) this.shelf.release(former.bundles)
  }

  get(name: string): Encoded | undefined {
    return this.byName.get(name)?.value
  }

  /** Whether there was one to delete. */
  delete(name: string): boolean {
    const former = this.byName.get(name)
    if (former === undefined) return false
    this.byName.delete(name)
    this.shelf.release(former.bundles)
    return true
  }

  get names(): readonly string[] {
    return [...this.byName.keys()].sort()
  }
}
