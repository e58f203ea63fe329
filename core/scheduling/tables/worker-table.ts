/**
 * The workers as the scheduler sees them: what is assigned to each, what it holds, and which may have
 * room. The work for each task is the same with one worker and with thousands.
 *
 * A worker that may have room is in one of three sets: `withQueue` if tasks are in its own queue,
 * `withoutQueue` if none are, `withoutRoots` if none are and it holds so many results that it starts
 * no root tasks. A worker in none of them has no room.
 */
import { invariant } from '../../base/errors.js'
import { QueueLengths } from './queue-lengths.js'
import { TaskHeap } from './task-heap.js'
import { PROCESSING, QUEUED } from './task-states.js'
import type { TaskTable } from './task-table.js'
import { WorkerCapacity, type WorkerOffer } from './worker-capacity.js'

/** The part of a worker that callers of the scheduler's state can see. */
export interface WorkerView {
  readonly id: number
  readonly nthreads: number
  /** How many tasks are in its own queue, since it holds most bytes of their inputs. */
  readonly queued: number
  /** How many tasks are assigned to it, without those that have seceded. */
  readonly assigned: number
  readonly capacity: WorkerCapacity
  /** Whether it runs a suspect task, which must be alone. */
  readonly runsSuspect: boolean
  readonly isPaused: boolean
  /** Whether it gets no more tasks until a suspect task can run there alone. */
  readonly isReserved: boolean
  /** Bytes of results that it holds. */
  readonly held: number
  /** Whether it gets no more tasks, since it is to leave. */
  readonly isRetiring: boolean
}

export class SchedulerWorker implements WorkerView {
  readonly id: number
  readonly nthreads: number
  readonly capacity: WorkerCapacity
  /** Its own queue; `queued` counts the entries that are valid. */
  readonly queue: TaskHeap
  queued = 0
  assigned = 0
  /** The expected milliseconds of the tasks that are assigned to it. */
  cost = 0
  runsSuspect = false
  isReserved = false
  isPaused = false
  isRetiring = false
  held = 0
  /** Whether its budget was full and is still more than half used. */
  isFull = false
  /** The stamp of its current chain (see `Assignments`), and the round in which that began. */
  chainStamp = 0
  chainRound = 0
  /** The round in which it was last considered. */
  consideredIn = 0

  constructor(id: number, nthreads: number, capacity: WorkerCapacity, queue: TaskHeap) {
    this.id = id
    this.nthreads = nthreads
    this.capacity = capacity
    this.queue = queue
  }
}

export class WorkerTable {
  readonly withQueue = new Set<SchedulerWorker>()
  readonly withoutQueue = new Set<SchedulerWorker>()
  readonly withoutRoots = new Set<SchedulerWorker>()
  readonly queueLengths = new QueueLengths<SchedulerWorker>()
  /** The workers that are to leave. */
  readonly retiring = new Set<SchedulerWorker>()
  /** How many workers are neither paused nor to leave. */
  unpaused = 0
  private readonly tasks: TaskTable
  private readonly byId = new Map<number, SchedulerWorker>()
  /** The worker that was found last: successive look-ups are often of the same one. */
  private last: SchedulerWorker | undefined
  /** Tasks that wait at their workers for others which they have started. */
  private readonly seceded = new Set<number>()

  constructor(tasks: TaskTable) {
    this.tasks = tasks
  }

  add(id: number, nthreads: number, offer: WorkerOffer): void {
    invariant(!this.byId.has(id), `worker ${id} joins twice`)
    const queue = new TaskHeap(this.tasks, id)
    const worker = new SchedulerWorker(id, nthreads, new WorkerCapacity(offer), queue)
    this.byId.set(id, worker)
    this.mayHaveRoom(worker)
    this.unpaused++
  }

  /** Removes a worker whose own queue is empty. */
  remove(worker: SchedulerWorker): void {
    this.setPaused(worker.id, true)
    this.retiring.delete(worker)
    this.hasNoRoom(worker)
    this.byId.delete(worker.id)
    if (this.last === worker) this.last = undefined
  }

  find(id: number): SchedulerWorker | undefined {
    if (this.last?.id === id) return this.last
    const found = this.byId.get(id)
    if (found !== undefined) this.last = found
    return found
  }

  all(): IterableIterator<SchedulerWorker> {
    return this.byId.values()
  }

  // Room ---------------------------------------------------------------------------------------------

  mayHaveRoom(worker: SchedulerWorker): void {
    if (worker.queued > 0) this.withQueue.add(worker)
    else this.withoutQueue.add(worker)
    if (this.withoutRoots.size > 0) this.withoutRoots.delete(worker)
  }

  hasNoRoom(worker: SchedulerWorker): void {
    this.withQueue.delete(worker)
    this.withoutQueue.delete(worker)
    this.withoutRoots.delete(worker)
  }

  /** Notes that a worker could only start root tasks, and holds too much for that. */
  hasNoRoomForRoots(worker: SchedulerWorker): void {
    if (this.withoutQueue.delete(worker)) this.withoutRoots.add(worker)
  }

  /** Notes that the limits of all workers have changed. */
  allMayHaveRoom(): void {
    for (const worker of this.byId.values()) this.mayHaveRoom(worker)
  }

  /** Notes that a worker whose own queue is empty is to leave. */
  retire(worker: SchedulerWorker): void {
    this.setPaused(worker.id, true)
    worker.isRetiring = true
    this.retiring.add(worker)
  }

  /** Sets whether a worker is short of memory. One that is to leave gets no tasks anyway. */
  setPaused(id: number, isPaused: boolean): void {
    const worker = this.find(id)
    if (worker === undefined || worker.isPaused === isPaused || worker.isRetiring) return
    worker.isPaused = isPaused
    this.unpaused += isPaused ? -1 : 1
    this.allMayHaveRoom()
  }

  /** Adds to the number of tasks in a worker's own queue. */
  addQueued(id: number, count: number): void {
    const worker = this.find(id)!
    const before = worker.queued
    const queued = before + count
    worker.queued = queued
    if (before === 0 && queued > 0) {
      if (this.withoutQueue.delete(worker) || this.withoutRoots.delete(worker))
        this.withQueue.add(worker)
    } else if (queued === 0 && this.withQueue.delete(worker)) this.withoutQueue.add(worker)
    this.queueLengths.update(worker, before, queued)
  }

  /** Adds to the bytes of results that a worker holds. */
  addHeld(id: number, nbytes: number): void {
    const worker = this.find(id)
    if (worker !== undefined) this.setHeldOf(worker, worker.held + nbytes)
  }

  /** Sets the bytes of results in a worker's memory, as it reports itself. */
  setHeld(id: number, nbytes: number): void {
    const worker = this.find(id)
    if (worker !== undefined) this.setHeldOf(worker, nbytes)
  }

  private setHeldOf(worker: SchedulerWorker, held: number): void {
    if (held < worker.held && this.withoutRoots.has(worker)) this.mayHaveRoom(worker)
    worker.held = held
  }

  // Assigned tasks -----------------------------------------------------------------------------------

  /** Counts a task for the worker that the table's columns assign it to. */
  addAssigned(slot: number): void {
    const { tasks } = this
    const worker = this.find(tasks.worker[slot]!)!
    worker.assigned++
    worker.cost += tasks.cost[slot]!
    if (tasks.restriction.size > 0) {
      const restriction = tasks.restriction.get(slot)
      if (restriction !== undefined) worker.capacity.acquire(restriction)
    }
  }

  /** Takes a task off the counts of its worker, unless it has seceded or the worker has left. */
  removeAssigned(slot: number): void {
    if (this.seceded.size > 0 && this.seceded.delete(slot)) return
    const { tasks } = this
    const worker = this.find(tasks.worker[slot]!)
    if (worker === undefined) return
    this.mayHaveRoom(worker)
    worker.assigned--
    worker.runsSuspect = false
    worker.cost = worker.assigned === 0 ? 0 : worker.cost - tasks.cost[slot]!
    if (tasks.restriction.size > 0) {
      const restriction = tasks.restriction.get(slot)
      if (restriction !== undefined) worker.capacity.release(restriction)
    }
  }

  /** Notes that a task waits for others: until it ends, its worker has room for one more. */
  secede(slot: number): void {
    this.removeAssigned(slot)
    this.seceded.add(slot)
  }

  hasSeceded(slot: number): boolean {
    return this.seceded.size > 0 && this.seceded.has(slot)
  }

  /** Checks sets and counts against a recount; for `validate`. */
  validate(): void {
    for (const worker of [...this.withQueue, ...this.withoutQueue, ...this.withoutRoots])
      invariant(this.byId.get(worker.id) === worker, `worker ${worker.id} has left and has room`)
    for (const { id, queued } of this.withQueue)
      invariant(queued > 0, `worker ${id} has an empty queue and is among those with a queue`)
    for (const { id, queued } of [...this.withoutQueue, ...this.withoutRoots])
      invariant(queued === 0, `worker ${id} has a queue and is among those without`)
    this.queueLengths.validate()
    this.validateCounts()
  }

  private validateCounts(): void {
    const { tasks, seceded } = this
    for (const slot of seceded)
      invariant(tasks.state[slot] === PROCESSING, `task ${slot} has seceded and does not run`)
    const queued = new Map<number, number>()
    const assigned = new Map<number, number>()
    for (let slot = 0; slot < tasks.high; slot++) {
      const [queue, worker] = [tasks.queue[slot]!, tasks.worker[slot]!]
      if (tasks.state[slot] === QUEUED) queued.set(queue, (queued.get(queue) ?? 0) + 1)
      else if (tasks.state[slot] === PROCESSING && !seceded.has(slot))
        assigned.set(worker, (assigned.get(worker) ?? 0) + 1)
    }
    for (const worker of this.byId.values()) {
      const { id } = worker
      const [inQueue, atWorker] = [queued.get(id) ?? 0, assigned.get(id) ?? 0]
      invariant(
        worker.queued === inQueue,
        `${inQueue} tasks are in the queue of worker ${id}, not ${worker.queued}`,
      )
      invariant(
        worker.assigned === atWorker,
        `${atWorker} tasks are assigned to worker ${id}, not ${worker.assigned}`,
      )
    }
  }
}
