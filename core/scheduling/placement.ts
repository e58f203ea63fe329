/**
 * Decides which worker runs which ready task, once for each event.
 *
 * A worker is assigned one task for each of its threads, and more only while their expected costs
 * stay within a budget: so small tasks do not wait for messages, and long ones not for one another.
 * Large results and inputs to be fetched count as costs, so that results made ahead do not fill the
 * memory. A worker that holds many bytes starts root tasks for idle threads only. A worker that is to leave
 * gets none.
 *
 * A worker that is short of memory (paused) gets only tasks that no other worker may run. If all
 * workers are paused, each goes on with one task for each thread, since the next task may be the one
 * that frees memory.
 */
import type { Assignments } from './assignments.js'
import type { SchedulerContext } from './context.js'
import { isBefore } from './tables/task-heap.js'
import type { SchedulerWorker } from './tables/worker-table.js'

export class Placement {
  private readonly context: SchedulerContext
  private readonly assignments: Assignments
  /** The worker that gets no more tasks until it can run a suspect task alone. */
  private reserved: SchedulerWorker | undefined
  private round = 0
  /** Whether no task is worth taking from another worker's queue in this round. */
  private isNothingToSteal = false

  constructor(context: SchedulerContext, assignments: Assignments) {
    this.context = context
    this.assignments = assignments
  }

  /** Assigns queued tasks to workers that have room, in turns, until there are no more of either. */
  dispatch(): void {
    const { workers, queues, suspects } = this.context
    this.round++
    this.isNothingToSteal = false
    this.reserve(suspects.areQueued ? this.placeSuspects() : undefined)
    const takers: SchedulerWorker[] = []
    for (const worker of workers.withQueue) if (this.consider(worker)) takers.push(worker)
    this.assignEach(takers)
    for (const worker of workers.withoutQueue) {
      if (!this.isAnyForAll) break
      if (this.considerOnce(worker) && this.assignNext(worker)) takers.push(worker)
    }
    // These start no root tasks.
    for (const worker of workers.withoutRoots) {
      if (queues.shared.peek() < 0 && queues.restricted.isEmpty) break
      if (this.considerOnce(worker) && this.assignNext(worker)) takers.push(worker)
    }
    while (takers.length > 0 && queues.size > 0) this.assignEach(takers)
    if (!queues.restricted.isEmpty) this.placeElsewhere()
  }

  /** Whether a worker has room in this round; one without is not considered again until it may. */
  private consider(worker: SchedulerWorker): boolean {
    if (!this.hasRoom(worker)) {
      this.context.workers.hasNoRoom(worker)
      return false
    }
    worker.consideredIn = this.round
    return true
  }

  private considerOnce(worker: SchedulerWorker): boolean {
    return worker.consideredIn < this.round && this.consider(worker)
  }

  /** Assigns a task to each of some workers; those with room for another one stay in the list. */
  private assignEach(takers: SchedulerWorker[]): void {
    let left = 0
    for (const worker of takers) if (this.assignNext(worker)) takers[left++] = worker
    takers.length = left
  }

  /** Assigns the next task to a worker; returns whether it got one and has room for another. */
  private assignNext(worker: SchedulerWorker): boolean {
    const slot = this.context.queues.size === 0 ? -1 : this.takeNext(worker)
    if (slot < 0) return false
    this.assignments.assign(slot, worker, this.round)
    return this.hasRoom(worker)
  }

  /** Whether any queued task can be taken by a worker whose own queue is empty. */
  private get isAnyForAll(): boolean {
    const { queues, workers } = this.context
    if (queues.size === 0) return false
    if (queues.shared.peek() >= 0 || queues.roots.peek() >= 0) return true
    if (!queues.restricted.isEmpty) return true
    return workers.queueLengths.areAny && !this.isNothingToSteal
  }

  private hasRoom(worker: SchedulerWorker): boolean {
    if (worker.runsSuspect || worker.isReserved || worker.isRetiring) return false
    const { budget, maxAssigned } = this.context.settings
    const { assigned, nthreads, cost } = worker
    if (worker.isPaused) return assigned < (this.context.workers.unpaused === 0 ? nthreads : 1)
    if (assigned < nthreads) return true
    // A full worker gets tasks again when half of its budget is free, or when it has nothing but what its threads run. Otherwise
    // each small report would be answered with a small message, which causes another small report.
    const share = worker.isFull && assigned > nthreads ? 0.5 : 1
    worker.isFull = cost >= share * budget * nthreads || assigned >= share * maxAssigned * nthreads
    return !worker.isFull
  }

  /** Removes and returns the next task for a worker, or -1. */
  private takeNext(worker: SchedulerWorker): number {
    const { tasks, queues, workers } = this.context
    const { shared, roots, restricted } = queues
    const own = worker.queued > 0 ? worker.queue.peek() : -1
    const any = shared.peek()
    let best = own
    if (any >= 0 && (best < 0 || isBefore(tasks, any, best))) best = any
    const special = restricted.isEmpty ? -1 : restricted.peek(worker.capacity)
    if (worker.isPaused && workers.unpaused > 0) {
      if (special >= 0) restricted.remove(special)
      return special
    }
    if (special >= 0 && (best < 0 || isBefore(tasks, special, best))) best = special
    const root = roots.peek()
    // A root task starts only when no other task is ready, or with a higher priority: results in
    // memory are used before new ones are made.
    if (best >= 0 && (root < 0 || tasks.priority[root]! <= tasks.priority[best]!)) {
      if (best === special) restricted.remove(best)
      else (best === own ? worker.queue : shared).removeFirst()
      return best
    }
    const stolen = this.steal(worker)
    if (stolen >= 0) return stolen
    return root < 0 ? -1 : this.takeRoot(root, worker)
  }

  /** Gives tasks to idle threads that would better run at other workers, while those have no room. */
  private placeElsewhere(): void {
    if (!this.context.queues.restricted.allowOthers) return
    for (const worker of this.context.workers.all()) {
      while (worker.assigned < worker.nthreads && !worker.isPaused && this.hasRoom(worker)) {
        const slot = this.takeOfOthers(worker)
        if (slot < 0) break
        this.assignments.assign(slot, worker, this.round)
      }
    }
  }

  /** Removes and returns a task that would better run at a worker which has no room, or -1. */
  private takeOfOthers(worker: SchedulerWorker): number {
    const { queues, workers } = this.context
    const slot = queues.restricted.peekOfOthers(worker.capacity, (restriction) => {
      for (const other of workers.all()) {
        const { capacity } = other
        if (capacity.isChosen(restriction) && capacity.canRunNow(restriction))
          if (this.hasRoom(other)) return true
      }
      return false
    })
    if (slot >= 0) queues.restricted.remove(slot)
    return slot
  }

  private takeRoot(root: number, worker: SchedulerWorker): number {
    const { queues, workers, settings } = this.context
    const { nthreads, assigned, held } = worker
    if (held > settings.maxHeldBytes * nthreads && assigned >= nthreads) {
      workers.hasNoRoomForRoots(worker)
      return -1
    }
    queues.roots.removeFirst()
    return root
  }

  // Stealing -----------------------------------------------------------------------------------------

  /** Takes a task from another worker's long queue if fetching its inputs is faster than its turn. */
  private steal(thief: SchedulerWorker): number {
    const { queueLengths } = this.context.workers
    if (this.isNothingToSteal || !queueLengths.areAny) return -1
    const victim = queueLengths.findLong(
      (worker) => worker !== thief && (worker.isPaused || !this.hasRoom(worker)),
    )
    const slot = victim === undefined ? -1 : this.stealFrom(victim)
    // The result is the same for any other thief, since it depends on the queues' lengths alone.
    if (slot < 0) this.isNothingToSteal = true
    return slot
  }

  private stealFrom(victim: SchedulerWorker): number {
    const { tasks, settings, costs } = this.context
    const slot = victim.queue.peek()
    if (slot < 0) return -1
    let bytes = 0
    for (const input of tasks.inputsOf(slot)) bytes += tasks.nbytes[input]!
    const fetching = bytes / settings.bandwidth
    const turn =
      victim.runsSuspect || victim.isPaused || victim.isReserved
        ? Number.POSITIVE_INFINITY
        : (victim.cost + victim.queued * costs.expected(slot)) / victim.nthreads
    if (fetching > turn) return -1
    victim.queue.removeFirst()
    return slot
  }

  // Suspect tasks ------------------------------------------------------------------------------------

  /** Reserves a worker for suspect tasks in place of the one before. */
  private reserve(worker: SchedulerWorker | undefined): void {
    if (worker === this.reserved) return
    if (this.reserved !== undefined) this.reserved.isReserved = false
    if (worker !== undefined) worker.isReserved = true
    this.reserved = worker
    this.context.workers.allMayHaveRoom()
  }

  /** Assigns suspect tasks to idle workers, one each; returns the worker to reserve for the others. */
  private placeSuspects(): SchedulerWorker | undefined {
    const { workers, suspects } = this.context
    for (const worker of workers.all()) {
      if (worker.assigned > 0) continue
      const slot = suspects.take((suspect) => this.mayRun(suspect, worker))
      if (slot < 0) continue
      this.assignments.assign(slot, worker, this.round)
      worker.runsSuspect = true
    }
    const canRunAny = (worker: SchedulerWorker): boolean =>
      suspects.some((suspect) => this.mayRun(suspect, worker))
    const { reserved } = this
    if (reserved !== undefined && workers.find(reserved.id) === reserved && canRunAny(reserved))
      return reserved
    let next: SchedulerWorker | undefined
    for (const worker of workers.all()) {
      if (worker.assigned >= (next?.assigned ?? Number.POSITIVE_INFINITY)) continue
      if (canRunAny(worker)) next = worker
    }
    return next
  }

  private mayRun(slot: number, { capacity, isRetiring }: SchedulerWorker): boolean {
    if (isRetiring) return false
    const { restriction } = this.context.tasks
    const own = restriction.size > 0 ? restriction.get(slot) : undefined
    return own === undefined || capacity.canEverRun(own)
  }
}
