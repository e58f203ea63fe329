/**
 * The workers' side of the scheduler: who is there, what each was told, and what goes to whom.
 */
import type { SchedulerState } from '../../../core/scheduling/state.js'
import type {
  GatherReply,
  MemoryReport,
  Relay,
  SchedulerToWorker,
  WorkerHello,
} from '../../protocol/index.js'
import type { WorkerInfo } from '../../protocol/info.js'
import { type ComputeSources, computeMessage, type WorkerKnowledge } from './compute-message.js'

/** A worker that was let in. */
export interface RemoteWorker extends WorkerKnowledge {
  readonly hello: WorkerHello
  readonly post: (message: SchedulerToWorker) => void
  /** Bytes of memory that its process held when it was last heard. */
  rss: number | undefined
  /** How it stood with its memory when it last said so. */
  memory: MemoryReport | undefined
}

export class Workers {
  /** How many results went through here, since the worker that has them could not be reached. */
  relayed = 0
  private readonly sources: ComputeSources
  private readonly state: SchedulerState
  private readonly links = new Map<number, RemoteWorker>()
  private next = 0

  constructor(sources: ComputeSources) {
    this.sources = sources
    this.state = sources.state
  }

  get size(): number {
    return this.links.size
  }

  join(hello: WorkerHello, post: (message: SchedulerToWorker) => void): RemoteWorker {
    const link: RemoteWorker = {
      worker: this.next++,
      includeKeys: hello.includeKeys,
      recipes: new Set(),
      bundles: new Set(),
      peers: new Set(),
      hello,
      post,
      rss: hello.rss,
      memory: undefined,
    }
    this.links.set(link.worker, link)
    return link
  }

  has(worker: number): boolean {
    return this.links.has(worker)
  }

  /** The worker whose process has this number, on this machine. */
  findByPid(pid: number): RemoteWorker | undefined {
    return [...this.links.values()].find(({ hello }) => hello.pid === pid)
  }

  /** Takes a worker off the list, and tells those who know its address. */
  leave(link: RemoteWorker): void {
    this.links.delete(link.worker)
    for (const other of this.links.values()) {
      if (!other.peers.delete(link.worker)) continue
      const left = Int32Array.of(link.worker)
      other.post({ op: 'peer-update', joined: [], left })
    }
  }

  compute(worker: number, slots: readonly number[]): void {
    const link = this.links.get(worker)
    if (link === undefined) return
    const { message, newPeers } = computeMessage(slots, link, this.sources)
    if (newPeers.length > 0) {
      const joined = newPeers.map((peer) => {
        return [peer, this.links.get(peer)?.hello.address ?? ''] as const
      })
      this.post(worker, { op: 'peer-update', joined, left: new Int32Array(0) })
    }
    this.post(worker, message)
  }

  /** Says something about tasks, each with the attempt that the state counts for it now. */
  postTasks(op: 'free' | 'cancel', worker: number, slots: readonly number[]): void {
    this.post(worker, { op, ...this.withAttempts(slots) })
  }

  private withAttempts(slots: readonly number[]): { tasks: Int32Array; attempts: Int32Array } {
    const { attempt } = this.state.tasks
    const tasks = Int32Array.from(slots)
    const attempts = new Int32Array(slots.length)
    for (let i = 0; i < slots.length; i++) attempts[i] = attempt[slots[i]!]!
    return { tasks, attempts }
  }

  /** Asks the workers that hold these results to send them. */
  gather(slots: readonly number[]): void {
    const byWorker = new Map<number, number[]>()
    for (const slot of slots) {
      const holder = this.state.holdersOf(slot)[0]
      if (holder === undefined) continue
      const list = byWorker.get(holder)
      if (list === undefined) byWorker.set(holder, [slot])
      else list.push(slot)
    }
    for (const [worker, list] of byWorker) {
      this.post(worker, { op: 'gather', to: -1, ...this.withAttempts(list) })
    }
  }

  /** Has a worker's results sent for another one that cannot reach it. */
  relay({ worker }: RemoteWorker, { holder, tasks, attempts }: Relay): void {
    if (this.links.has(holder)) this.post(holder, { op: 'gather', to: worker, tasks, attempts })
    else this.post(worker, { op: 'peer-update', joined: [], left: Int32Array.of(holder) })
  }

  /** Passes on what was gathered for a worker. */
  forwardReply({ worker: holder }: RemoteWorker, { to, ...message }: GatherReply): void {
    this.relayed += message.tasks.length
    this.post(to, { ...message, op: 'relay-reply', holder })
  }

  /** A bundle is not here any more; who needs it again is sent it again. */
  forgetBundle(token: string): void {
    for (const link of this.links.values()) link.bundles.delete(token)
  }

  forgetRecipes(numbers: readonly number[]): void {
    if (numbers.length === 0) return
    for (const link of this.links.values()) {
      const known = numbers.filter((number) => link.recipes.delete(number))
      if (known.length > 0) {
        this.post(link.worker, { op: 'forget-recipes', recipes: Int32Array.from(known) })
      }
    }
  }

  post(worker: number, message: SchedulerToWorker): void {
    this.links.get(worker)?.post(message)
  }

  /** The workers that are there. */
  all(): Iterable<RemoteWorker> {
    return this.links.values()
  }

  /** What each does; `silenceOf` tells for how many milliseconds one was not heard. */
  info(silenceOf: (link: RemoteWorker) => number): WorkerInfo[] {
    const views = new Map(this.state.workerViews().map((view) => [view.id, view]))
    return [...this.links.values()].map((link) => {
      const { worker, hello, rss, memory } = link
      const { name, nthreads, pid, hostname, address, resources } = hello
      const { assigned: inHand = 0, queued = 0 } = views.get(worker) ?? {}
      return {
        ...{ worker, name, nthreads, pid, hostname, peer: address, address, resources },
        ...{ inHand, queued, lastHeard: silenceOf(link) },
        status: memory?.isPaused === true ? 'paused' : 'running',
        memory: {
          limit: hello.memoryLimit === 0 ? undefined : hello.memoryLimit,
          stored: memory?.stored ?? 0,
          peak: memory?.peak ?? 0,
          spilled: memory?.spilled ?? 0,
          rss,
        },
      }
    })
  }
}
