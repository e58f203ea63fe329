/** The connected workers: what each has been sent, and the messages to them. */
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

/** A connected worker. */
export interface RemoteWorker extends WorkerKnowledge {
  readonly hello: WorkerHello
  readonly post: (message: SchedulerToWorker) => void
  /** The process's resident memory in bytes, as of its last heartbeat. */
  rss: number | undefined
  /** Its last memory report. */
  memory: MemoryReport | undefined
}

export class Workers {
  /** The number of results that were relayed between workers that cannot reach each other. */
  relayed = 0
  private readonly sources: ComputeSources
  private readonly state: SchedulerState
  private readonly byNumber = new Map<number, RemoteWorker>()
  private next = 0

  constructor(sources: ComputeSources) {
    this.sources = sources
    this.state = sources.state
  }

  get size(): number {
    return this.byNumber.size
  }

  /** The number of workers that have ever joined. */
  get joined(): number {
    return this.next
  }

  join(hello: WorkerHello, post: (message: SchedulerToWorker) => void): RemoteWorker {
    const remote: RemoteWorker = {
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
    this.byNumber.set(remote.worker, remote)
    return remote
  }

  has(worker: number): boolean {
    return this.byNumber.has(worker)
  }

  /** Returns the worker with this process ID. */
  findByPid(pid: number): RemoteWorker | undefined {
    return [...this.byNumber.values()].find(({ hello }) => hello.pid === pid)
  }

  /** Whether a connected worker has this secret. */
  hasSecret(secret: string): boolean {
    for (const { hello } of this.byNumber.values()) if (hello.secret === secret) return true
    return false
  }

  /** Lets a worker and the others fetch results from each other, if they have keys. Its session has begun. */
  exchangeKeys({ worker, hello: { peerKey } }: RemoteWorker): void {
    if (peerKey === undefined || peerKey === '') return
    const others: string[] = []
    for (const other of this.byNumber.values()) {
      if (other.worker === worker || !other.hello.peerKey) continue
      others.push(other.hello.peerKey)
      other.post({ op: 'peer-keys', admitted: [peerKey], removed: [] })
    }
    this.post(worker, { op: 'peer-keys', admitted: others, removed: [] })
  }

  /** Removes a worker, and notifies the workers that know its address or its key. */
  leave(link: RemoteWorker): void {
    this.byNumber.delete(link.worker)
    const { peerKey } = link.hello
    if (peerKey)
      for (const other of this.byNumber.values())
        if (other.hello.peerKey) other.post({ op: 'peer-keys', admitted: [], removed: [peerKey] })
    for (const other of this.byNumber.values()) {
      if (!other.peers.delete(link.worker)) continue
      const left = Int32Array.of(link.worker)
      other.post({ op: 'peer-update', joined: [], left })
    }
  }

  /** Assigns tasks to a worker. */
  compute(worker: number, slots: readonly number[]): void {
    const link = this.byNumber.get(worker)
    if (link === undefined) return
    const { message, newPeers } = computeMessage(slots, link, this.sources)
    this.introduce(worker, newPeers)
    this.post(worker, message)
  }

  /** Has a worker fetch results from others and keep copies. */
  acquire(worker: number, slots: readonly number[]): void {
    const link = this.byNumber.get(worker)
    if (link === undefined) return
    const holders = Int32Array.from(slots, (slot) => this.state.holderFor(slot, worker))
    const newPeers = [...new Set(holders)].filter((peer) => !link.peers.has(peer))
    for (const peer of newPeers) link.peers.add(peer)
    this.introduce(worker, newPeers)
    const nbytes = Float64Array.from(slots, (slot) => this.state.tasks.nbytes[slot]!)
    this.post(worker, { op: 'acquire', ...this.withAttempts(slots), holders, nbytes })
  }

  /** Tells a worker the addresses of others. */
  private introduce(worker: number, peers: readonly number[]): void {
    if (peers.length === 0) return
    const joined = peers.map((peer) => {
      const hello = this.byNumber.get(peer)?.hello
      return [peer, hello?.address ?? '', hello?.peerKey ?? ''] as const
    })
    this.post(worker, { op: 'peer-update', joined, left: new Int32Array(0) })
  }

  /** Sends a message about tasks, with the current attempt of each. */
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

  /** Requests results from the workers that hold them. */
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

  /** Requests results of one worker for another one that cannot reach it. */
  relay({ worker }: RemoteWorker, { holder, tasks, attempts }: Relay): void {
    if (this.byNumber.has(holder)) this.post(holder, { op: 'gather', to: worker, tasks, attempts })
    else this.post(worker, { op: 'peer-update', joined: [], left: Int32Array.of(holder) })
  }

  /** Forwards results to the worker that has requested them. */
  forwardReply({ worker: holder }: RemoteWorker, { to, ...message }: GatherReply): void {
    this.relayed += message.tasks.length
    this.post(to, { ...message, op: 'relay-reply', holder })
  }

  /** Notes that the scheduler has dropped bundles. Workers that need one again are sent it again. */
  forgetBundles(tokens: readonly string[]): void {
    for (const link of this.byNumber.values()) {
      const known = tokens.filter((token) => link.bundles.delete(token))
      if (known.length > 0) this.post(link.worker, { op: 'forget-bundles', tokens: known })
    }
  }

  /** Tells workers to drop recipes. */
  forgetRecipes(numbers: readonly number[]): void {
    if (numbers.length === 0) return
    for (const link of this.byNumber.values()) {
      const known = numbers.filter((number) => link.recipes.delete(number))
      if (known.length > 0) {
        this.post(link.worker, { op: 'forget-recipes', recipes: Int32Array.from(known) })
      }
    }
  }

  post(worker: number, message: SchedulerToWorker): void {
    this.byNumber.get(worker)?.post(message)
  }

  /** Iterates over the connected workers. */
  all(): Iterable<RemoteWorker> {
    return this.byNumber.values()
  }

  /** Describes each worker. `silenceOf` returns the milliseconds since the last message of a worker. */
  info(silenceOf: (link: RemoteWorker) => number): WorkerInfo[] {
    const views = new Map(this.state.workerViews().map((view) => [view.id, view]))
    return [...this.byNumber.values()].map((link) => {
      const { worker, hello, rss, memory } = link
      const { name, nthreads, pid, hostname, hostAliases = [], address, resources } = hello
      const { assigned: inHand = 0, queued = 0, isRetiring = false } = views.get(worker) ?? {}
      return {
        ...{
          worker,
          name,
          nthreads,
          pid,
          hostname,
          hostAliases,
          peer: address,
          address,
          resources,
        },
        ...{ inHand, queued, lastHeard: silenceOf(link) },
        status: isRetiring ? 'retiring' : memory?.isPaused === true ? 'paused' : 'running',
        memory: {
          limit: hello.memoryLimit === 0 ? undefined : hello.memoryLimit,
          stored: memory?.stored ?? 0,
          functions: memory?.functions ?? 0,
          peak: memory?.peak ?? 0,
          spilled: memory?.spilled ?? 0,
          rss,
        },
      }
    })
  }
}
