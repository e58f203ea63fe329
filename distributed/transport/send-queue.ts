/** The queue of a socket, which accepts one send at a time. */

/** Milliseconds for which a closed socket continues to send what is queued. */
export const lingerFor = 300

interface Sendable {
  send(frames: Uint8Array[]): Promise<void>
}

/** Sends messages one after another. */
export class SendQueue {
  private readonly socket: Sendable
  private readonly onFailure: (frames: Uint8Array[], error: unknown) => void
  private queue: Uint8Array[][] = []
  private sending: Promise<void> | undefined

  constructor(socket: Sendable, onFailure: SendQueue['onFailure']) {
    this.socket = socket
    this.onFailure = onFailure
  }

  push(frames: Uint8Array[]): void {
    this.queue.push(frames)
    this.sending ??= this.pump()
  }

  /** Waits until everything was passed to the socket, or the linger time has elapsed. */
  async drained(): Promise<void> {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, lingerFor)
    })
    await Promise.race([this.sending, late])
    clearTimeout(timer)
  }

  private async pump(): Promise<void> {
    while (this.queue.length > 0) {
      const batch = this.queue
      this.queue = []
      for (const frames of batch) {
        try {
          await this.socket.send(frames)
        } catch (error) {
          this.onFailure(frames, error)
        }
      }
    }
    this.sending = undefined
  }
}
