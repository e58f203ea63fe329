/**
 * Reads the events of a socket now and then. Waiting for an event keeps the process alive and cannot be cancelled,
 * but events that nobody waits for are queued. When there are no more of them, a new observer takes the place of
 * the old one, which ends the wait of that.
 */
import { EventEmitter } from 'node:events'

/** Milliseconds between two looks. */
const interval = 1000

/** Reads the queued events of a socket; receiving waits if there are none. A socket has one at a time. */
interface EventObserver {
  readonly closed: boolean
  receive(): Promise<{ readonly type: string }>
  close(): void
}

/** Emits the events of a socket by their type, up to a second late, without keeping the process alive. */
export class PolledMonitor extends EventEmitter {
  private readonly socket: { readonly closed: boolean }
  private readonly observe: () => EventObserver
  private observer: EventObserver

  /** `observe` makes an observer of the socket, in place of the last one. */
  constructor(socket: { readonly closed: boolean }, observe: () => EventObserver) {
    super()
    this.socket = socket
    this.observe = observe
    this.observer = observe()
    this.lookLater()
  }

  private lookLater(): void {
    setTimeout(() => void this.look(), interval).unref()
  }

  private async look(): Promise<void> {
    while (!this.isOver) {
      const event = await Promise.race([this.observer.receive(), nextTurn()])
      if (this.isOver) break
      if (event === undefined) {
        this.observer = this.observe()
        this.lookLater()
        return
      }
      this.emit(event.type)
    }
    this.observer.close()
    this.emit('end')
  }

  private get isOver(): boolean {
    return this.socket.closed || this.observer.closed
  }
}

function nextTurn(): Promise<undefined> {
  return new Promise((resolve) => setImmediate(resolve, undefined))
}
