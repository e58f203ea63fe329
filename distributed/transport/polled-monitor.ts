/**
 * Reads the events of a socket now and then. Waiting for an event keeps the process alive and cannot be cancelled,
 * but events that nobody waits for are queued. When there are no more of them, a new observer takes the place of
 * the old one, which ends the wait of that.
 *
 * An observer must not be closed, and must be read, as long as its socket has events, which it may have for a while after it
 * was closed: libzmq's thread waits for a place in the queue, and no socket of the process would send or receive any more.
 */
import { EventEmitter } from 'node:events'

/** Milliseconds between two looks, unless another time is given. */
const defaultInterval = 1000

/** Reads the queued events of a socket; receiving waits if there are none. A socket has one at a time. */
interface EventObserver {
  receive(): Promise<{ readonly type: string }>
}

/** Emits the events of a socket by their type, up to a second late, without keeping the process alive. */
export class PolledMonitor extends EventEmitter {
  private readonly socket: { readonly closed: boolean }
  private readonly observe: () => EventObserver
  /** Milliseconds between two looks. */
  interval: number
  private observer: EventObserver

  /** `observe` makes an observer of the socket, in place of the last one. `interval` is in milliseconds. */
  constructor(
    socket: { readonly closed: boolean },
    observe: () => EventObserver,
    interval = defaultInterval,
  ) {
    super()
    this.socket = socket
    this.interval = interval
    this.observe = observe
    this.observer = observe()
    this.lookLater()
  }

  private lookLater(): void {
    setTimeout(() => void this.look(), this.interval).unref()
  }

  private async look(): Promise<void> {
    let next = this.receive()
    for (;;) {
      // The last event of a closed socket is its end.
      const event = this.socket.closed ? await next : await Promise.race([next, nextTurn()])
      if (event !== undefined) {
        this.emit(event.type)
        if (event.type === 'end') return
        next = this.receive()
      } else if (!this.socket.closed) {
        this.observer = this.observe()
        this.lookLater()
        return
      }
    }
  }

  private receive(): Promise<{ readonly type: string }> {
    return this.observer.receive().catch(() => ({ type: 'end' }))
  }
}

function nextTurn(): Promise<undefined> {
  return new Promise((resolve) => setImmediate(resolve, undefined))
}
