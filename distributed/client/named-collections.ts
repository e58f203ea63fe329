/** Collections and futures that the scheduler keeps under names. */
import { describeValue } from '../../core/base/describe-value.js'
import { DecodeError } from '../../core/base/errors.js'
import { bundles, decode, encode, prepare } from '../../core/codec/index.js'
import { describeCollection, isDescribable } from '../../core/graph/collection-interface.js'
import { type CollectionDescriptor, reviveCollection } from '../../core/graph/descriptor.js'
import {
  collectRemoteValues,
  RemoteValue,
  resolveRemoteValues,
} from '../../core/graph/remote-value.js'
import { isEncoded, load } from '../../core/graph/stored-value.js'
import { SchedulerError } from '../base/errors.js'
import { assertBoolean, assertOptions } from '../base/options.js'
import { emptySubmit } from '../protocol/empty-submit.js'
import type { Reply, Submit } from '../protocol/index.js'
import type { ClientSession } from './client-session.js'
import { Future } from './futures/future.js'
import { ExternalColumns } from './submission/external-columns.js'

/** Options of `client.setCollection`. */
export interface SetCollectionOptions {
  /** Whether a collection of the same name is replaced; if not, that is an error. By default true. */
  readonly override?: boolean | undefined
}

/** A collection as data, or one result. */
type NamedValue = CollectionDescriptor | { readonly future: RemoteValue }

export class NamedCollections {
  private readonly session: ClientSession

  constructor(session: ClientSession) {
    this.session = session
  }

  async set(name: string, value: unknown, options: SetCollectionOptions): Promise<void> {
    assertName(name, 'setCollection')
    assertOptions(options, 'setCollection', ['override'])
    const { override = true } = options
    assertBoolean(override, 'setCollection: override')
    const named = describeNamed(name, value)
    this.session.held.flush()
    const { result, remotes } = collectRemoteValues(() => encode(named, { path: [name] }))
    const externals = new ExternalColumns()
    // One number for each result in the value, though two may be the same.
    const numbers = remotes.map((remote) => -1 - externals.add(remote))
    const keys = remotes.map(({ key }) => key)
    const needed = bundles.bundlesOf(result.bundles)
    const newBundles = this.session.channel.sentBundles.takeNew(needed)
    await this.session.ask((request) => ({
      op: 'set-collection',
      request,
      name,
      value: result,
      bundles: newBundles,
      externals: externals.columns(),
      externalOf: Int32Array.from(numbers),
      keys,
      override,
    }))
  }

  async get(name: string): Promise<unknown> {
    assertName(name, 'getCollection')
    const reply = await this.session.ask((request) => ({ op: 'get-collection', request, name }))
    const { value, hold } = reply
    if (!isEncoded(value))
      throw new SchedulerError(`The scheduler sent no value for the collection '${name}'`)
    await prepare(value.bundles)
    const futures = hold === null ? [] : this.holdResults(hold)
    const named: unknown = resolveRemoteValues(futures, () => decode(value))
    try {
      return await revive(named)
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause)
      throw new DecodeError(`getCollection: '${name}' cannot be revived: ${why}`, { cause })
    }
  }

  async list(): Promise<string[]> {
    const { value } = await this.session.ask((request) => ({ op: 'list-collections', request }))
    return load(value) as string[]
  }

  async delete(name: string): Promise<void> {
    assertName(name, 'deleteCollection')
    await this.session.ask((request) => ({ op: 'delete-collection', request, name }))
  }

  /** Makes futures of this client for results that the scheduler holds under a name. */
  private holdResults({ run, targets, keys }: NonNullable<Reply['hold']>): Future<unknown>[] {
    const externals = new ExternalColumns()
    const numbers = targets.map((target, i) => {
      return externals.add(new RemoteValue(run, target, keys[i]!))
    })
    const distinct = [...new Set(numbers)]
    const targetKeys = distinct.map((number) => keys[numbers.indexOf(number)]!)
    const futures = this.session.held.submitTargets(targetKeys, (number) =>
      holdSubmission(number, distinct, externals),
    )
    return numbers.map((number) => futures[distinct.indexOf(number)]!)
  }
}

/** The submission of a run without tasks, whose targets are results of other runs. */
function holdSubmission(
  run: number,
  targets: readonly number[],
  externals: ExternalColumns,
): Submit {
  return {
    ...emptySubmit(run),
    targets: Int32Array.from(targets),
    externals: externals.columns(),
    holdTargets: true,
  }
}

function describeNamed(name: string, value: unknown): NamedValue {
  if (value instanceof Future) return { future: value }
  if (isDescribable(value)) return value[describeCollection]()
  throw new TypeError(
    `setCollection: '${name}' must be a collection, such as a Bag or an Array, or a Future, got ${describeValue(value)}`,
  )
}

/** Returns a stored collection or future. What is stored comes from other programs. */
async function revive(named: unknown): Promise<unknown> {
  if (typeof named !== 'object' || named === null) throw new TypeError('it is no collection')
  if ('future' in named) return named.future
  return reviveCollection(named as CollectionDescriptor)
}

function assertName(name: unknown, what: string): asserts name is string {
  if (typeof name === 'string' && name !== '') return
  const given = name === '' ? 'an empty one' : typeof name
  throw new TypeError(`${what}: the name of a collection is a string, got ${given}`)
}
