/** What is remembered of workers that are gone, for those who ask why their task failed. */
import type { WorkerDeath } from '../../base/errors.js'
import type { ProcessExit } from '../../base/process-exit.js'
import type { WorkerHello } from '../../protocol/index.js'
import type { RemoteWorker } from './workers.js'

/** How many are remembered. */
const atMost = 1000

export class LostWorkers {
  /** By the workers' numbers, the oldest first. */
  private readonly deaths = new Map<number, WorkerDeath & { readonly address: string }>()
  /** By process, the oldest first; told by those who started them, before or after they were missed. */
  private readonly exits = new Map<string, ProcessExit>()

  add({ worker, hello, rss }: RemoteWorker, reason: string): void {
    const { name, pid, hostname, address } = hello
    this.deaths.set(worker, {
      name,
      pid,
      hostname,
      address,
      reason,
      exitCode: undefined,
      signal: undefined,
      rss,
    })
    bound(this.deaths)
  }

  /** The numbers of workers that this one was: it had lost the connection, and has not died. */
  findAlive({ pid, hostname, address, afterError }: WorkerHello): number[] {
    if (afterError === true) return []
    const found: number[] = []
    for (const [worker, { pid: p, hostname: h, address: a }] of this.deaths) {
      if (p !== pid || h !== hostname || a !== address) continue
      found.push(worker)
    }
    for (const worker of found) this.deaths.delete(worker)
    return found
  }

  /** Whoever started a process says how it ended. */
  reportExit(pid: number, hostname: string, exit: ProcessExit): void {
    const key = `${pid} ${hostname}`
    this.exits.delete(key)
    this.exits.set(key, exit)
    bound(this.exits)
  }

  /** The name of a worker that is gone; undefined if it is not remembered. */
  nameOf(worker: number): string | undefined {
    return this.deaths.get(worker)?.name
  }

  /** Those that went last. */
  last(count: number): WorkerDeath[] {
    return this.describe([...this.deaths.keys()].slice(-count))
  }

  /** What is known of some workers. */
  describe(workers: readonly number[]): WorkerDeath[] {
    return workers.map((worker) => {
      const { address: _address, ...death } = this.deaths.get(worker) ?? forgotten
      const exit = this.exits.get(`${death.pid} ${death.hostname}`)
      if (exit === undefined) return death
      return { ...death, exitCode: exit.code ?? undefined, signal: exit.signal ?? undefined }
    })
  }
}

function bound<K>(map: Map<K, unknown>): void {
  if (map.size <= atMost) return
  const [oldest] = map.keys()
  map.delete(oldest as K)
}

const forgotten = {
  address: '',
  name: '',
  pid: -1,
  hostname: '',
  reason: 'it is gone for long',
  exitCode: undefined,
  signal: undefined,
  rss: undefined,
}
