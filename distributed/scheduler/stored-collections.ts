/**
 * Collections and futures that are stored by name, in the encoded form that clients have sent; the scheduler does
 * not decode them. The results that one refers to are held by a run of the scheduler itself.
 *
 * With a state folder, a collection is on disk before the scheduler confirms it to the client, together
 * with everything that is needed to compute the results again.
 */
import type { Encoded } from '../../core/codec/index.js'
import type { Bundle, Externals, Reply, SetCollection } from '../protocol/index.js'
import type { StateFolder } from '../storage/scheduler-state-folder.js'
import { type BundleCache, takeNewBundles } from './computations/bundle-cache.js'
import type { SourceRecord } from './computations/run-sources.js'
import type { Engine } from './engine/engine.js'
import type { RemoteClient } from './peers/clients.js'

interface StoredCollection {
  readonly value: Encoded
  /** The bundles that are retained for it. */
  readonly bundles: readonly string[]
  readonly hold: Reply['hold']
  /** The request that stored it, unique among all clients. */
  readonly author: string
}

/** What is stored on disk for a collection. */
interface CollectionRecord {
  readonly value: Encoded
  readonly hold: Reply['hold']
  /** The results that it refers to. */
  readonly externals: Externals
  /** The runs that compute these results, in order. */
  readonly sources: readonly SourceRecord[]
  /** The bundles that the value and the sources need. */
  readonly bundles: readonly Bundle[]
  readonly author: string
}

/** What stored collections use besides the engine. */
interface CollectionSettings {
  /** Where they are stored on disk; undefined for nowhere. */
  readonly folder?: Pick<StateFolder, 'put' | 'delete' | 'records'> | undefined
  /** Returns a run name that was never used. */
  newRunName(): string
  log(what: string, error?: unknown): void
}

export class StoredCollections {
  private readonly bundleCache: BundleCache
  private readonly engine: Engine
  private readonly settings: CollectionSettings
  private readonly byName = new Map<string, StoredCollection>()

  constructor(engine: Engine, settings: CollectionSettings) {
    this.engine = engine
    this.settings = settings
    this.bundleCache = engine.bundleCache
  }

  /**
   * Stores a collection, and replaces one of the same name unless `override` is false. Its bundles must be in the
   * cache. `author` names the request: one that a client repeats, because it got no answer, does not find its own
   * collection in its way. Returns `exists` if there is another collection of the name, `result is gone` if it refers
   * to an unknown result. Throws StorageError if it cannot be written to disk. Nothing changes in these cases.
   */
  set(
    { name, value, externals, externalOf, keys, override }: SetCollection,
    author: string,
  ): 'stored' | 'exists' | 'result is gone' {
    const former = override ? undefined : this.byName.get(name)
    if (former !== undefined) return former.author === author ? 'stored' : 'exists'
    let hold: Reply['hold'] = null
    if (externalOf.length > 0) {
      const run = this.settings.newRunName()
      if (!this.engine.hold(run, externals)) return 'result is gone'
      hold = { run, targets: [...externalOf], keys: keys.map(String) }
    }
    try {
      this.settings.folder?.put(name, this.record({ value, hold, author }, externals))
    } catch (error) {
      if (hold !== null) this.engine.releaseHold(hold.run)
      throw error
    }
    const bundles = this.bundleCache.retain(value.bundles)
    this.forget(name)
    this.byName.set(name, { value, bundles, hold, author })
    return 'stored'
  }

  get(name: string): Pick<StoredCollection, 'value' | 'hold'> | undefined {
    return this.byName.get(name)
  }

  /** Deletes a collection. Returns false if there was none. Throws StorageError if that fails; nothing changes then. */
  delete(name: string): boolean {
    if (!this.byName.has(name)) return false
    this.settings.folder?.delete(name)
    this.forget(name)
    return true
  }

  get names(): readonly string[] {
    return [...this.byName.keys()].sort()
  }

  /**
   * Loads the collections that a previous scheduler stored, and computes the results that they refer to again. Returns
   * the clients whose runs that are: they may reconnect and continue them.
   */
  recover(): Iterable<RemoteClient> {
    const clients = new Set<RemoteClient>()
    if (this.settings.folder === undefined) return clients
    /** Runs of deleted collections, which others read. */
    const holdsOfDeleted = new Set<string>()
    const onUnreadable = (error: unknown): void =>
      this.settings.log('a collection could not be read', error)
    for (const [name, found] of this.settings.folder.records(onUnreadable)) {
      const { value, hold, externals, sources, bundles, author } = found as CollectionRecord
      this.bundleCache.add(bundles)
      const kept = this.bundleCache.retain(value.bundles)
      for (const source of sources) {
        const client = this.engine.recover(source, bundles)
        if (client !== undefined) clients.add(client)
        else if (source.submit === null) holdsOfDeleted.add(source.name)
      }
      if (hold !== null) {
        this.engine.recover({ name: hold.run, submit: null, externals }, [])
        if (!this.engine.runNames.has(hold.run))
          this.settings.log(`the results that the collection '${name}' refers to are lost`)
      }
      this.byName.set(name, { value, bundles: kept, hold, author })
    }
    // They were only needed until the runs that read their results were submitted.
    for (const { hold } of this.byName.values()) if (hold !== null) holdsOfDeleted.delete(hold.run)
    for (const name of holdsOfDeleted) this.engine.releaseHold(name)
    return clients
  }

  private record(
    { value, hold, author }: Omit<StoredCollection, 'bundles'>,
    externals: Externals,
  ): CollectionRecord {
    const { records, bundles } = this.engine.runNames.sourcesOf(externals)
    const tokens = [...value.bundles, ...bundles]
    return {
      value,
      hold,
      author,
      externals,
      sources: records,
      bundles: takeNewBundles(tokens, new Set(), this.bundleCache),
    }
  }

  private forget(name: string): void {
    const former = this.byName.get(name)
    if (former === undefined) return
    this.byName.delete(name)
    this.bundleCache.release(former.bundles)
    if (former.hold !== null) this.engine.releaseHold(former.hold.run)
  }
}
