/**
 * Counts what a client, or a program with a local cluster, waits for. Its sockets keep the process alive only
 * while there is something.
 */

/** Something that can be closed when the process has nothing left to do. */
interface Closable {
  close(): Promise<void>
}

export class AwaitedCount {
  private readonly parent: AwaitedCount | undefined
  private readonly listeners = new Set<() => void>()
  private count = 0

  /** Whatever is awaited here is awaited by `parent` too. */
  constructor(parent?: AwaitedCount) {
    this.parent = parent
  }

  /** Whether anything is awaited. */
  get isAny(): boolean {
    return this.count > 0
  }

  /** Notes that one more thing is awaited. */
  begin(): void {
    if (this.count++ > 0) return
    this.parent?.begin()
    for (const listener of [...this.listeners]) listener()
  }

  /** Notes that one thing fewer is awaited. */
  end(): void {
    if (--this.count === 0) this.parent?.end()
  }

  /** Calls `listener` whenever something is awaited after nothing was; returns what removes the listener. */
  onAny(listener: () => void): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }
}

const open = new Map<Closable, AwaitedCount>()

/**
 * Closes something when the process has nothing left to do and nothing is awaited, here or elsewhere. Returns
 * what revokes that.
 */
export function closeWhenDone(closable: Closable, awaited: AwaitedCount): () => void {
  if (open.size === 0) process.on('beforeExit', closeIdle)
  open.set(closable, awaited)
  return () => {
    if (open.delete(closable) && open.size === 0) process.off('beforeExit', closeIdle)
  }
}

function closeIdle(): void {
  // What other listeners start is waited for; this is called again after that.
  setImmediate(() => {
    for (const awaited of open.values()) if (awaited.isAny) return
    for (const closable of [...open.keys()]) closable.close().catch(() => {})
  })
}
