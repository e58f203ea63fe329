/** Workers that have left or were lost, and the exit reports of their processes, for errors and dumps. */
import type { WorkerDeath } from '../../base/errors.js'
import type { ProcessExit } from '../../base/process-exit.js'
import type { WorkerHello } from '../../protocol/index.js'
import type { RemoteWorker } from './workers.js'

/** The number of workers, and of exit reports, that are remembered. */
const mostEntries = 1000

export class LostWorkers {
  /** By the workers' numbers, oldest first. */
  private readonly lost = new Map<
    number,
    WorkerDeath & { readonly address: string; readonly secret: string }
  >()
  /** By secret or process, oldest first. A report may arrive before or after the worker was missed. */
  private readonly exits = new Map<string, ProcessExit>()

  /** Adds a worker; `reason` says how the loss was detected. */
  add({ worker, hello, rss }: RemoteWorker, reason: string): void {
    const { name, pid, hostname, address, secret, memoryLimit } = hello
    this.lost.set(worker, {
      name,
      pid,
      hostname,
      address,
      secret,
      reason,
      exitCode: undefined,
      signal: undefined,
      rss,
      memoryLimit: memoryLimit === 0 ? undefined : memoryLimit,
    })
    dropOldest(this.lost)
  }

  /** Removes and returns the numbers that a worker had before: it had lost its connection, and is still alive. */
  findReconnected({ pid, hostname, secret, address, afterError }: WorkerHello): number[] {
    if (afterError === true) return []
    const found: number[] = []
    for (const [worker, former] of this.lost) {
      if (former.pid !== pid || former.hostname !== hostname) continue
      if (former.address === address && former.secret === secret) found.push(worker)
    }
    for (const worker of found) this.lost.delete(worker)
    return found
  }

  /** Whether a lost worker has this secret. */
  hasSecret(secret: string): boolean {
    for (const worker of this.lost.values()) if (worker.secret === secret) return true
    return false
  }

  /** Adds the exit report of the process with a secret, which its parent process has sent. */
  reportExitBySecret(secret: string, exit: ProcessExit): void {
    this.addExit(keyOfSecret(secret), exit)
  }

  /** Adds the exit report of a process that this process has started. */
  reportExit(pid: number, hostname: string, exit: ProcessExit): void {
    this.addExit(keyOfProcess(pid, hostname), exit)
  }

  private addExit(key: string, exit: ProcessExit): void {
    this.exits.delete(key)
    this.exits.set(key, exit)
    dropOldest(this.exits)
  }

  /** Returns the name of a lost worker, or undefined if it is not remembered. */
  nameOf(worker: number): string | undefined {
    return this.lost.get(worker)?.name
  }

  /** Describes the workers that were lost most recently. */
  last(count: number): WorkerDeath[] {
    return this.describe([...this.lost.keys()].slice(-count))
  }

  /** Describes workers, with the exit reports of their processes. */
  describe(workers: readonly number[]): WorkerDeath[] {
    return workers.map((worker) => {
      const { address: _address, secret, ...death } = this.lost.get(worker) ?? notRemembered
      const exit =
        this.exits.get(keyOfSecret(secret)) ??
        this.exits.get(keyOfProcess(death.pid, death.hostname))
      if (exit === undefined) return death
      return { ...death, exitCode: exit.code ?? undefined, signal: exit.signal ?? undefined }
    })
  }
}

function keyOfSecret(secret: string): string {
  return `secret ${secret}`
}

function keyOfProcess(pid: number, hostname: string): string {
  return `process ${pid} ${hostname}`
}

function dropOldest<K>(map: Map<K, unknown>): void {
  if (map.size <= mostEntries) return
  const [oldest] = map.keys()
  map.delete(oldest as K)
}

const notRemembered = {
  address: '',
  secret: '',
  name: '',
  pid: -1,
  hostname: '',
  reason: 'it was lost long ago',
  exitCode: undefined,
  signal: undefined,
  rss: undefined,
  memoryLimit: undefined,
}
