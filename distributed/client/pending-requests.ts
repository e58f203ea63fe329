/** A client's requests to its scheduler that were not answered yet. */
import { bundles } from '../../core/codec/index.js'
import { isEncoded } from '../../core/graph/stored-value.js'
import type { AwaitedCount } from '../base/awaited-count.js'
import { CollectionExistsError, SchedulerError, UnknownCollectionError } from '../base/errors.js'
import type { ClientRequest, Reply, ReplyError } from '../protocol/index.js'
import type { ClientChannel } from './submission/client-channel.js'

interface PendingRequest {
  readonly request: ClientRequest
  readonly resolve: (reply: Reply) => void
  readonly reject: (error: unknown) => void
  /** Whether it was sent twice: it may have been fulfilled, and only the answer was lost. */
  isRepeated: boolean
  /** Whether it counts among what is awaited. */
  readonly isAwaited: boolean
}

export class PendingRequests {
  private readonly channel: ClientChannel
  private readonly awaited: AwaitedCount
  private readonly pending = new Map<number, PendingRequest>()

  constructor(channel: ClientChannel, awaited: AwaitedCount) {
    this.channel = channel
    this.awaited = awaited
  }

  /**
   * Sends a request, which `make` makes for a number, and returns the reply. Without `isAwaited` the request does
   * not keep the process alive.
   */
  send(make: (number: number) => ClientRequest, isAwaited = true): Promise<Reply> {
    const number = this.channel.nextNumber()
    const request = make(number)
    return new Promise((resolve, reject) => {
      if (isAwaited) this.awaited.begin()
      this.pending.set(number, { request, resolve, reject, isRepeated: false, isAwaited })
      this.channel.post(request)
    })
  }

  /** Sends all requests again, in a new session. Every request may be fulfilled twice without harm. */
  repeat(): void {
    for (const pending of this.pending.values()) {
      const { request } = pending
      pending.isRepeated = true
      if (request.op !== 'set-collection' || !isEncoded(request.value)) this.channel.post(request)
      else {
        const needed = bundles.bundlesOf(request.value.bundles)
        this.channel.post({ ...request, bundles: this.channel.sentBundles.takeNew(needed) })
      }
    }
  }

  onReply(reply: Reply): void {
    this.take(reply.request)?.resolve(reply)
  }

  onError({ request: number, code, known, message }: ReplyError): void {
    const pending = this.take(number)
    if (pending === undefined) return
    const { request, isRepeated } = pending
    switch (code) {
      case 'UNKNOWN_COLLECTION':
        // The first request may have deleted the collection.
        if (request.op === 'delete-collection' && isRepeated) {
          const nothing = { value: undefined, bundles: [], hold: null }
          pending.resolve({ op: 'reply', request: number, ...nothing })
        } else pending.reject(new UnknownCollectionError(message, known))
        return
      case 'COLLECTION_EXISTS':
        pending.reject(new CollectionExistsError(message))
        return
      case 'SCHEDULER':
        pending.reject(new SchedulerError(message))
        return
      default:
        code satisfies never
        // The message came from outside: a code that no version knows is an error of the scheduler.
        pending.reject(new SchedulerError(message))
    }
  }

  /** Rejects all requests; `error` makes the error for one. */
  rejectAll(error: (what: string) => Error): void {
    for (const number of [...this.pending.keys()]) this.take(number)!.reject(error('a request'))
  }

  private take(number: number): PendingRequest | undefined {
    const pending = this.pending.get(number)
    this.pending.delete(number)
    if (pending?.isAwaited === true) this.awaited.end()
    return pending
  }
}
