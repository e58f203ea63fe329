/** Receives the messages of a socket, and decides whether that keeps the process alive. */
import type { AwaitedCount } from '../base/awaited-count.js'

/** Milliseconds between two looks whether anything is awaited, and between two looks for messages if nothing is. */
const [awaitedInterval, idleInterval] = [100, 50]

interface Receivable {
  receiveTimeout: number
  receive(): Promise<Uint8Array[]>
}

/**
 * Receives messages. A pending receive keeps the process alive, and cannot be cancelled. So if that should depend
 * on what is awaited, each receive ends after a while, and while nothing is awaited messages are looked for
 * by a timer that does not keep the process alive.
 */
export class MessageReceiver {
  private readonly socket: Receivable
  private readonly awaited: AwaitedCount | undefined
  private timeout = -1
  /** When something was last found to be awaited, by `performance.now()`. */
  private lastAwaited = Number.NEGATIVE_INFINITY

  constructor(socket: Receivable, awaited: AwaitedCount | undefined) {
    this.socket = socket
    this.awaited = awaited
  }

  /** Returns the next message. */
  receive(): Promise<Uint8Array[]> {
    return this.awaited === undefined ? this.socket.receive() : this.receiveWhile(this.awaited)
  }

  private async receiveWhile(awaited: AwaitedCount): Promise<Uint8Array[]> {
    const { socket } = this
    for (;;) {
      // Calls made one after another leave short gaps, in which changing the timeout would cost more than a message.
      const now = performance.now()
      if (awaited.isAny) this.lastAwaited = now
      const timeout = now - this.lastAwaited < awaitedInterval ? awaitedInterval : 0
      if (timeout !== this.timeout) this.timeout = socket.receiveTimeout = timeout
      try {
        return await socket.receive()
      } catch (error) {
        if ((error as { code?: string }).code !== 'EAGAIN') throw error
      }
      if (!awaited.isAny) await idle(awaited)
    }
  }
}

/** Waits a moment, or until something is awaited, without keeping the process alive. */
function idle(awaited: AwaitedCount): Promise<void> {
  return new Promise((resolve) => {
    const wake = (): void => {
      clearTimeout(timer)
      stopListening()
      resolve()
    }
    const timer = setTimeout(wake, idleInterval).unref()
    const stopListening = awaited.onAny(wake)
  })
}
