/**
 * Collections and futures under names, as the bytes that clients made of them: the scheduler never
 * looks inside. The results that one mentions are held by a run of the scheduler's own.
 *
 * With a folder they are on disk before anybody is told that they are kept, with all that it takes to
 * compute again what they mention.
 */
import type { Encoded } from '../../core/codec/index.js'
import type { Bundle, Externals, Reply, SetCollection } from '../protocol/index.js'
import type { StateFolder } from '../storage/scheduler-state-folder.js'
import { type BundleCache, takeNewBundles } from './computations/bundle-cache.js'
import type { SourceRecord } from './computations/run-sources.js'
import type { Engine } from './engine/engine.js'
import type { RemoteClient } from './peers/clients.js'

interface NamedCollection {
  readonly value: Encoded
  /** What of the shelf it keeps. */
  readonly bundles: readonly string[]
  readonly hold: Reply['hold']
}

/** What lies on disk of a collection. */
interface CollectionRecord {
  readonly value: Encoded
  readonly hold: Reply['hold']
  /** The results that it mentions. */
  readonly externals: Externals
  /** What it takes to have these again, in order. */
  readonly sources: readonly SourceRecord[]
  /** What the value and the sources need. */
  readonly bundles: readonly Bundle[]
}

/** What collections need besides the engine. */
export interface CollectionsHost {
  /** Where they are kept over the end of the scheduler. */
  readonly folder?: Pick<StateFolder, 'put' | 'delete' | 'records'>
  /** A name that no run ever had. */
  newHold(): string
  log(what: string, error?: unknown): void
}

export class StoredCollections {
  private readonly shelf: BundleCache
  private readonly engine: Engine
  private readonly host: CollectionsHost
  private readonly byName = new Map<string, NamedCollection>()

  constructor(engine: Engine, host: CollectionsHost) {
    this.engine = engine
    this.host = host
    this.shelf = engine.bundleCache
  }

  /**
   * Stores a collection; one of that name is replaced. Its bundles must be on the shelf. False if it
   * mentions a result that is not known. Throws StorageError, changing nothing, if it cannot be stored.
   */
  set({ name, value, externals, externalOf, keys }: SetCollection): boolean {
    let hold: Reply['hold'] = null
    if (externalOf.length > 0) {
      const run = this.host.newHold()
      if (!this.engine.hold(run, externals)) return false
      hold = { run, targets: [...externalOf], keys: keys.map(String) }
    }
    try {
      this.host.folder?.put(name, this.record(value, hold, externals))
    } catch (error) {
      if (hold !== null) this.engine.releaseHold(hold.run)
      throw error
    }
    const bundles = this.shelf.retain(value.bundles)
    this.forget(name)
    this.byName.set(name, { value, bundles, hold })
    return true
  }

  get(name: string): Pick<NamedCollection, 'value' | 'hold'> | undefined {
    return this.byName.get(name)
  }

  /** Whether there was one to delete. Throws StorageError, changing nothing, if that cannot be done. */
  delete(name: string): boolean {
    if (!this.byName.has(name)) return false
    this.host.folder?.delete(name)
    this.forget(name)
    return true
  }

  get names(): readonly string[] {
    return [...this.byName.keys()].sort()
  }

  /**
   * Takes up what a former scheduler kept, and has computed again what is mentioned there. Gives the
   * clients whose runs that are: they may come back, and have them go on.
   */
  recover(): Iterable<RemoteClient> {
    const clients = new Set<RemoteClient>()
    if (this.host.folder === undefined) return clients
    const helpers = new Set<string>()
    const onLost = (error: unknown): void => this.host.log('a collection could not be read', error)
    for (const [name, found] of this.host.folder.records(onLost)) {
      const { value, hold, externals, sources, bundles } = found as CollectionRecord
      this.shelf.add(bundles)
      const kept = this.shelf.retain(value.bundles)
      for (const source of sources) {
        const client = this.engine.recover(source, bundles)
        if (client !== undefined) clients.add(client)
        else if (source.submit === null) helpers.add(source.name)
      }
      if (hold !== null) {
        this.engine.recover({ name: hold.run, submit: null, externals }, [])
        if (!this.engine.runNames.has(hold.run))
          this.host.log(`the results that the collection '${name}' mentions are lost`)
      }
      this.byName.set(name, { value, bundles: kept, hold })
    }
    // What collections hold that are deleted is only there for others that read it.
    for (const { hold } of this.byName.values()) if (hold !== null) helpers.delete(hold.run)
    for (const name of helpers) this.engine.releaseHold(name)
    return clients
  }

  private record(value: Encoded, hold: Reply['hold'], externals: Externals): CollectionRecord {
    const { records, bundles } = this.engine.runNames.sourcesOf(externals)
    const tokens = [...value.bundles, ...bundles]
    return {
      value,
      hold,
      externals,
      sources: records,
      bundles: takeNewBundles(tokens, new Set(), this.shelf),
    }
  }

  private forget(name: string): void {
    const former = this.byName.get(name)
    if (former === undefined) return
    this.byName.delete(name)
    this.shelf.release(former.bundles)
    if (former.hold !== null) this.engine.releaseHold(former.hold.run)
  }
}
