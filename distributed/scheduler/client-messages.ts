/** Handles the messages of clients: passes those about runs to the engine, and answers requests. */
import { type StoredValue, store } from '../../core/graph/stored-value.js'
import { StorageError } from '../base/errors.js'
import { logEvent } from '../base/log.js'
import type {
  Bundle,
  ClientRequest,
  ClientToScheduler,
  DeleteCollection,
  GetCollection,
  Goodbye,
  Heartbeat,
  Hello,
  Inspect,
  Reply,
  SetCollection,
} from '../protocol/index.js'
import type { SchedulerInfo } from '../protocol/info.js'
import { takeNewBundles } from './computations/bundle-cache.js'
import { findExternalsFault } from './computations/submit-checks.js'
import type { Engine } from './engine/engine.js'
import type { ClusterInspector } from './introspection/cluster-inspector.js'
import { findInspectFault } from './introspection/inspect-checks.js'
import type { RemoteClient } from './peers/clients.js'
import type { StoredCollections } from './stored-collections.js'

/** The messages of a client in a session, apart from those that its endpoint handles. */
type ClientSessionMessage = Exclude<ClientToScheduler, Hello | Heartbeat | Goodbye>

/** What client messages are about. */
interface ClientMessageTargets {
  readonly engine: Engine
  readonly collections: StoredCollections
  readonly inspector: ClusterInspector
  info(): SchedulerInfo
}

export class ClientMessageHandler {
  private readonly targets: ClientMessageTargets

  constructor(targets: ClientMessageTargets) {
    this.targets = targets
  }

  /** Handles a message. An error is logged and reported to the client. */
  handle(client: RemoteClient, message: ClientSessionMessage): void {
    try {
      this.dispatch(client, message)
    } catch (error) {
      const isExpected = error instanceof StorageError
      const shown = isExpected ? error.message : error
      logEvent('scheduler', `could not handle '${message.op}' of a client`, shown)
      const why = `The scheduler failed: ${error instanceof Error ? error.message : String(error)}`
      if ('request' in message) client.postError(message.request, isExpected ? error.message : why)
      else if ('run' in message) client.postFailure(message.run, { kind: 'internal', message: why })
    }
  }

  private dispatch(client: RemoteClient, message: ClientSessionMessage): void {
    const { engine } = this.targets
    switch (message.op) {
      case 'submit':
        engine.submit(client, message)
        return
      case 'cancel-run':
        engine.cancelRun(client, message.run)
        return
      case 'resume':
        engine.resume(client, message)
        return
      case 'fetch-values':
        engine.fetchValues(client, message)
        return
      case 'release':
        engine.releaseTargets(client, message)
        return
      case 'retry':
        engine.retry(client, message)
        return
      case 'forget-bundles':
        client.dropBundles(message.tokens)
        return
      case 'set-collection':
        this.setCollection(client, message)
        return
      case 'get-collection':
        this.getCollection(client, message)
        return
      case 'delete-collection':
        this.deleteCollection(client, message)
        return
      case 'list-collections':
        reply(client, message, store(this.targets.collections.names))
        return
      case 'get-info':
        reply(client, message, store(this.targets.info()))
        return
      case 'retire-workers':
        engine.retire(message.workers)
        reply(client, message, undefined)
        return
      case 'why-waiting':
        reply(client, message, store(this.targets.inspector.whyWaiting(client.runs.values())))
        return
      case 'inspect':
        this.inspect(client, message)
        return
      default:
        message satisfies never
    }
  }

  private setCollection(client: RemoteClient, message: SetCollection): void {
    client.keepBundles(message.bundles)
    // A request number belongs to one request of one client for ever, as the number of a run does.
    const author = client.runName(message.request)
    const outcome =
      findExternalsFault(message.externals) === undefined
        ? this.targets.collections.set(message, author)
        : 'result is gone'
    if (outcome === 'stored') reply(client, message, undefined)
    else if (outcome === 'exists') client.postCollectionExists(message)
    else
      client.postError(
        message.request,
        `setCollection: '${message.name}' mentions a result that is not on the cluster any more: its future was released or cancelled`,
      )
  }

  private getCollection(client: RemoteClient, message: GetCollection): void {
    const { collections, engine } = this.targets
    const found = collections.get(message.name)
    if (found === undefined) {
      client.postUnknownCollection(message, collections.names)
      return
    }
    const { value, hold } = found
    reply(client, message, value, {
      bundles: takeNewBundles(value.bundles, new Set(), engine.bundleCache),
      hold,
    })
  }

  private deleteCollection(client: RemoteClient, message: DeleteCollection): void {
    const { collections } = this.targets
    if (collections.delete(message.name)) reply(client, message, undefined)
    else client.postUnknownCollection(message, collections.names)
  }

  private inspect(client: RemoteClient, message: Inspect): void {
    const fault = findInspectFault(message)
    if (fault === undefined) reply(client, message, store(this.targets.inspector.answer(message)))
    else client.postError(message.request, `The scheduler could not read a question: ${fault}`)
  }
}

function reply(
  client: RemoteClient,
  { request }: ClientRequest,
  value: StoredValue,
  { bundles = [], hold = null }: { bundles?: readonly Bundle[]; hold?: Reply['hold'] } = {},
): void {
  client.post({ op: 'reply', request, value, bundles, hold })
}
