/** Collections and futures that the scheduler keeps under names. */
import { decode, encode, prepare } from '../../core/codec/index.js'
import {
  type CollectionDescriptor,
  describeCollection,
  isDescribable,
  reviveCollection,
} from '../../core/graph/descriptor.js'
import {
  collectRemoteValues,
  RemoteValue,
  resolveRemoteValues,
} from '../../core/graph/remote-value.js'
import { isEncoded, load } from '../../core/graph/stored-value.js'
import { SchedulerError } from '../base/errors.js'
import type { ClientRequest, Reply, Submit } from '../protocol/index.js'
import { packStrings } from '../protocol/packed-strings.js'
import { Future } from './futures/future.js'
import type { HeldRuns } from './futures/held-runs.js'
import { ExternalColumns, newBundles } from './submission/plan-submission.js'

/** What names need of the client. */
export interface NamesHost {
  readonly held: HeldRuns
  ask(request: (number: number) => ClientRequest): Promise<Reply>
  sentBundles(): Set<string>
}

/** What is kept: a collection as data, or one result. */
type Kept = CollectionDescriptor | { readonly future: RemoteValue }

export class Names {
  private readonly host: NamesHost

  constructor(host: NamesHost) {
    this.host = host
  }

  async set(name: string, value: unknown): Promise<void> {
    assertName(name, 'setCollection')
    const kept: Kept = describe(name, value)
    const { result, remotes } = collectRemoteValues(() => encode(kept, { path: [name] }))
    const externals = new ExternalColumns()
    // One number for each, though two may be the same: places are told by their order.
    const numbers = remotes.map((remote) => -1 - externals.add(remote))
    const keys = remotes.map(({ key }) => key)
    const bundles = newBundles(result.bundles, this.host.sentBundles())
    await this.host.ask((request) => ({
      op: 'set-collection',
      request,
      name,
      value: result,
      bundles,
      externals: externals.columns(),
      externalOf: Int32Array.from(numbers),
      keys,
    }))
  }

  async get(name: string): Promise<unknown> {
    assertName(name, 'getCollection')
    const reply = await this.host.ask((request) => ({ op: 'get-collection', request, name }))
    const { value, hold } = reply
    if (!isEncoded(value)) throw new SchedulerError(`The collection '${name}' came as nothing`)
    await prepare(value.bundles)
    const futures = hold === null ? [] : this.take(hold)
    const kept = resolveRemoteValues(futures, () => decode(value)) as Kept
    return 'future' in kept ? kept.future : reviveCollection(kept)
  }

  /** Futures of this client's own for what the scheduler holds under a name. */
  private take({ run, targets, keys }: NonNullable<Reply['hold']>): Future<unknown>[] {
    const externals = new ExternalColumns()
    const numbers = targets.map((place, i) => {
      return externals.add(new RemoteValue(run, place, keys[i]!))
    })
    const distinct = [...new Set(numbers)]
    const named = distinct.map((number) => keys[numbers.indexOf(number)]!)
    const none = new Int32Array(0)
    const futures = this.host.held.keepTargets(
      named,
      (number): Submit => ({
        op: 'submit',
        run: number,
        recipes: [],
        recipeTokens: [],
        bundles: [],
        recipeOf: none,
        inputStart: Int32Array.of(0),
        inputs: none,
        ranks: none,
        targets: Int32Array.from(distinct),
        params: [],
        paramEnd: none,
        keys: packStrings(0, String),
        layers: [],
        contentNamed: new Uint8Array(0),
        reportProgress: false,
        externals: externals.columns(),
        annotations: [],
        holdTargets: true,
        deliver: none,
      }),
    )
    return numbers.map((number) => futures[distinct.indexOf(number)]!)
  }

  async list(): Promise<string[]> {
    const { value } = await this.host.ask((request) => ({ op: 'list-collections', request }))
    return load(value) as string[]
  }

  async delete(name: string): Promise<void> {
    assertName(name, 'deleteCollection')
    await this.host.ask((request) => ({ op: 'delete-collection', request, name }))
  }
}

function describe(name: string, value: unknown): Kept {
  if (value instanceof Future) return { future: value }
  if (isDescribable(value)) return value[describeCollection]()
  const given = value === null ? 'null' : typeof value
  throw new TypeError(
    `setCollection: '${name}' must be a collection, such as a Bag or an Array, or a Future, got ${given}`,
  )
}

function assertName(name: unknown, what: string): asserts name is string {
  if (typeof name === 'string' && name !== '') return
  const given = name === '' ? 'an empty text' : typeof name
  throw new TypeError(`${what}: the name of a collection is a text, got ${given}`)
}
