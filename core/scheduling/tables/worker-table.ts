/**
 * The workers as placement sees them: who is there, who may have room, and whose queues are long. What
 * is asked for every task costs the same for one worker and for thousands.
 *
 * A worker that may have room is in one of three sets: *fed* if tasks wait for it, *hungry* if none do,
 * *sated* if it holds so much that it starts no roots. One that is in none of them has no room.
 */
import { invariant } from '../../base/errors.js'
import { Capacity, type WorkerQualities } from './restricted-queues.js'
import { TaskHeap } from './task-heap.js'
import type { TaskTable } from './task-table.js'

/** A worker as who asks may see it. */
export interface WorkerView {
  readonly id: number
  readonly nthreads: number
  /** Tasks that wait for it, since it holds most of their inputs. */
  readonly queued: number
  /** Tasks sent and not finished. */
  readonly inHand: number
  readonly capacity: Capacity
  readonly onTrial: boolean
  readonly isPaused: boolean
  /** Whether it gets nothing more until a task can run there alone. */
  readonly isEmptied: boolean
  /** Bytes of results that it holds. */
  readonly held: number
}

export class WorkerState {
  readonly id: number
  readonly nthreads: number
  readonly capacity: Capacity
  /** Tasks that wait for it; some are not valid any more. */
  readonly queue: TaskHeap
  /** How many are. */
  queued = 0
  /** Tasks sent and not finished. */
  inHand = 0
  /** The expected milliseconds of those. */
  cost = 0
  /** Whether it runs a task that is to run alone. */
  onTrial = false
  /** Whether it is short of memory. */
  isPaused = false
  /** Bytes of results that it holds. */
  held = 0
  /** Whether it was given all that it may have in hand, and still has most of it. */
  isFull = false
  /** Stands for what it was given in one round of placing. */
  stamp = 0
  round = 0
  /** The round in which it was last asked to take something. */
  asked = 0

  constructor(id: number, nthreads: number, capacity: Capacity, queue: TaskHeap) {
    this.id = id
    this.nthreads = nthreads
    this.capacity = capacity
    this.queue = queue
  }
}

/** How many workers are looked at for a long queue. */
const looksForLongest = 16

export class WorkerTable {
  readonly fed = new Set<WorkerState>()
  readonly hungry = new Set<WorkerState>()
  readonly sated = new Set<WorkerState>()
  private readonly tasks: TaskTable
  private readonly byId = new Map<number, WorkerState>()
  /** The one that was last found: tasks come in runs of one worker's. */
  private last: WorkerState | undefined
  /** Workers with tasks in their queues, by the number of binary digits of how many. */
  private readonly byLength: Set<WorkerState>[] = []
  /** A bit for each of those sets that is not empty. */
  private lengths = 0

  constructor(tasks: TaskTable) {
    this.tasks = tasks
  }

  add(id: number, nthreads: number, qualities: WorkerQualities): void {
    invariant(!this.byId.has(id), `worker ${id} joins twice`)
    const queue = new TaskHeap(this.tasks, id)
    const worker = new WorkerState(id, nthreads, new Capacity(qualities), queue)
    this.byId.set(id, worker)
    this.mayHaveRoom(worker)
  }

  find(id: number): WorkerState | undefined {
    if (this.last?.id === id) return this.last
    const found = this.byId.get(id)
    if (found !== undefined) this.last = found
    return found
  }

  /** Forgets a worker. */
  remove(worker: WorkerState): void {
    this.setQueued(worker, 0)
    this.hasNoRoom(worker)
    this.byId.delete(worker.id)
    if (this.last === worker) this.last = undefined
  }

  all(): IterableIterator<WorkerState> {
    return this.byId.values()
  }

  mayHaveRoom(worker: WorkerState): void {
    if (worker.queued > 0) this.fed.add(worker)
    else this.hungry.add(worker)
    if (this.sated.size > 0) this.sated.delete(worker)
  }

  hasNoRoom(worker: WorkerState): void {
    this.fed.delete(worker)
    this.hungry.delete(worker)
    this.sated.delete(worker)
  }

  /** It has nothing to do but roots, and holds too much to start one. */
  isSated(worker: WorkerState): void {
    if (this.hungry.delete(worker)) this.sated.add(worker)
  }

  /** Sets how many tasks wait for a worker. */
  setQueued(worker: WorkerState, queued: number): void {
    const before = worker.queued
    worker.queued = queued
    if (before === 0 && queued > 0) {
      if (this.hungry.delete(worker) || this.sated.delete(worker)) this.fed.add(worker)
    } else if (queued === 0 && this.fed.delete(worker)) this.hungry.add(worker)
    const [from, to] = [digits(before), digits(queued)]
    if (from === to) return
    if (from > 0) this.leaveLength(worker, from)
    if (to === 0) return
    this.byLength[to] ??= new Set()
    this.byLength[to].add(worker)
    this.lengths |= 1 << to
  }

  private leaveLength(worker: WorkerState, length: number): void {
    const set = this.byLength[length]!
    set.delete(worker)
    if (set.size === 0) this.lengths &= ~(1 << length)
  }

  /** Whether tasks wait for certain workers. */
  get haveQueues(): boolean {
    return this.lengths !== 0
  }

  /** One with about the longest queue of those of whom something is true, as far as a few looks tell. */
  withLongQueue(test: (worker: WorkerState) => boolean): WorkerState | undefined {
    let looks = 0
    for (let left = this.lengths; left !== 0; ) {
      const length = 31 - Math.clz32(left)
      left &= ~(1 << length)
      for (const worker of this.byLength[length]!) {
        if (test(worker)) return worker
        if (++looks === looksForLongest) return undefined
      }
    }
    return undefined
  }

  /** Checks that nobody is in a set where it does not belong; for `validate`. */
  validate(): void {
    for (const worker of [...this.fed, ...this.hungry, ...this.sated])
      invariant(this.byId.get(worker.id) === worker, `worker ${worker.id} is gone and has room`)
    for (const worker of this.fed)
      invariant(worker.queued > 0, `worker ${worker.id} is fed with nothing`)
    for (const worker of [...this.hungry, ...this.sated])
      invariant(worker.queued === 0, `worker ${worker.id} is hungry in spite of its queue`)
    this.byLength.forEach((set, length) => {
      invariant(set.size > 0 === ((this.lengths & (1 << length)) !== 0), 'lengths are mistaken')
      for (const worker of set)
        invariant(digits(worker.queued) === length, `worker ${worker.id} has another queue`)
    })
  }
}

/** How many binary digits a count has; 0 for none. */
function digits(count: number): number {
  return 32 - Math.clz32(count)
}
