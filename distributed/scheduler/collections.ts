/**
 * Collections and futures under names, as the bytes that clients made of them: the scheduler never
 * looks inside. The results that one mentions are held by a run of the scheduler's own.
 */
import type { Encoded } from '../../core/codec/index.js'
import type { Reply, SetCollection } from '../protocol.js'
import type { BundleShelf } from './bundle-shelf.js'
import type { Engine } from './engine.js'

interface NamedCollection {
  readonly value: Encoded
  /** What of the shelf it keeps. */
  readonly bundles: readonly string[]
  readonly hold: Reply['hold']
}

export class Collections {
  private readonly shelf: BundleShelf
  private readonly engine: Pick<Engine, 'hold' | 'letGo'>
  private readonly byName = new Map<string, NamedCollection>()
  private nextHold = 0

  constructor(engine: Pick<Engine, 'hold' | 'letGo' | 'shelf'>) {
    this.engine = engine
    this.shelf = engine.shelf
  }

  /**
   * Stores a collection; one of that name is replaced. Its bundles must be on the shelf. False if it
   * mentions a result that is not known.
   */
  set({ name, value, externals, places, keys }: SetCollection): boolean {
    let hold: Reply['hold'] = null
    if (places.length > 0) {
      // No client has such a name.
      const run = `collection/${this.nextHold++}`
      if (!this.engine.hold(run, externals)) return false
      hold = { run, places: [...places], keys: keys.map(String) }
    }
    const bundles = this.shelf.retain(value.bundles)
    this.delete(name)
    this.byName.set(name, { value, bundles, hold })
    return true
  }

  get(name: string): Pick<NamedCollection, 'value' | 'hold'> | undefined {
    return this.byName.get(name)
  }

  /** Whether there was one to delete. */
  delete(name: string): boolean {
    const former = this.byName.get(name)
    if (former === undefined) return false
    this.byName.delete(name)
    this.shelf.release(former.bundles)
    if (former.hold !== null) this.engine.letGo(former.hold.run)
    return true
  }

  get names(): readonly string[] {
    return [...this.byName.keys()].sort()
  }
}
