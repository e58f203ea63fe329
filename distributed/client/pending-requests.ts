/** What a client has asked its scheduler and was not answered yet. */
import { isEncoded } from '../../core/graph/stored-value.js'
import { SchedulerError, UnknownCollectionError } from '../base/errors.js'
import type { ClientRequest, Reply, ReplyError } from '../protocol/index.js'
import { newBundles } from './submission/plan-submission.js'

interface Waiting {
  readonly request: ClientRequest
  readonly resolve: (reply: Reply) => void
  readonly reject: (error: unknown) => void
  /** Whether it may have been done before, and only the answer was lost. */
  isRepeated: boolean
}

export class Requests {
  private readonly nextNumber: () => number
  private readonly post: (request: ClientRequest) => void
  private readonly waiting = new Map<number, Waiting>()

  constructor(host: { nextNumber: () => number; post: (request: ClientRequest) => void }) {
    this.nextNumber = host.nextNumber
    this.post = host.post
  }

  ask(make: (number: number) => ClientRequest): Promise<Reply> {
    const number = this.nextNumber()
    const request = make(number)
    return new Promise((resolve, reject) => {
      this.waiting.set(number, { request, resolve, reject, isRepeated: false })
      this.post(request)
    })
  }

  /** Asks a scheduler that may never have heard of them; doing any of them twice does no harm. */
  askAgain(sent: Set<string>): void {
    for (const waiting of this.waiting.values()) {
      const { request } = waiting
      waiting.isRepeated = true
      if (request.op !== 'set-collection' || !isEncoded(request.value)) this.post(request)
      else this.post({ ...request, bundles: newBundles(request.value.bundles, sent) })
    }
  }

  onReply(reply: Reply): void {
    this.take(reply.request)?.resolve(reply)
  }

  onError({ request: number, code, known, message }: ReplyError): void {
    const waiting = this.take(number)
    if (waiting === undefined) return
    const { request, isRepeated } = waiting
    // What was to be deleted is not there: that may well be this client's own doing.
    if (code === 'UNKNOWN_COLLECTION' && request.op === 'delete-collection' && isRepeated)
      waiting.resolve({ op: 'reply', request: number, value: undefined, bundles: [], hold: null })
    else if (code === 'UNKNOWN_COLLECTION')
      waiting.reject(new UnknownCollectionError(message, known))
    else waiting.reject(new SchedulerError(message))
  }

  endAll(error: (what: string) => Error): void {
    for (const number of [...this.waiting.keys()]) this.take(number)!.reject(error('a request'))
  }

  private take(number: number): Waiting | undefined {
    const waiting = this.waiting.get(number)
    this.waiting.delete(number)
    return waiting
  }
}
