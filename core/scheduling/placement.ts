/**
 * Where ready tasks run: the workers, their queues and what they have in hand.
 *
 * A ready task waits in the queue of the worker that holds most of its input, or in everybody's. A
 * worker has one task an executor in hand, and more only while their expected durations stay within
 * a budget, so that neither tiny tasks wait for messages nor long ones for one another; results that
 * are expected to be large count too, and inputs to be fetched, so that what is made ahead does not
 * fill the memory. A worker that holds much starts a root only for an executor with nothing to do.
 *
 * A worker that is short of memory gets nothing but what may run nowhere else, unless all are: then
 * each goes on with a task an executor, since the task that frees memory may be the next one.
 */
import { invariant } from '../base/errors.js'
import type { TaskPlace } from './interface/events.js'
import type { Outbox } from './interface/outbox.js'
import type { SchedulerSettings } from './interface/settings.js'
import { PlacedQueues, type WorkerQualities } from './tables/restricted-queues.js'
import * as story from './tables/story.js'
import { ALONE, type Suspects } from './tables/suspect-tasks.js'
import { TaskCosts } from './tables/task-costs.js'
import type { TaskGroups } from './tables/task-groups.js'
import { ANYWHERE, isBefore, PLACED, ROOT, RootQueue, TaskHeap } from './tables/task-heap.js'
import { PROCESSING, QUEUED, type TaskTable, WAITING } from './tables/task-table.js'
import { type WorkerState, WorkerTable, type WorkerView } from './tables/worker-table.js'

export class Placement {
  /** Tasks in all queues. */
  queuedTasks = 0
  private readonly tasks: TaskTable
  private readonly settings: SchedulerSettings
  readonly costs: TaskCosts
  private readonly outbox: Outbox
  private readonly workers: WorkerTable
  private readonly anywhere: TaskHeap
  private readonly roots: RootQueue
  private readonly placed: PlacedQueues
  private readonly suspects: Suspects
  private readonly groups: Pick<TaskGroups, 'eachDependent'>
  private readonly story: story.Story
  /** The worker that gets nothing more until it can run a suspect alone. */
  private court: WorkerState | undefined
  private round = 0
  /** Whether nothing was worth to be taken from another worker's queue in this round. */
  private isNothingToSteal = false
  private nextStamp = 1
  /** Tasks that wait for others which they have started. */
  private readonly seceded = new Set<number>()
  /** How many workers there are that are not short of memory. */
  private running = 0

  constructor(
    tasks: TaskTable,
    settings: SchedulerSettings,
    {
      outbox,
      suspects,
      groups,
      story,
    }: {
      outbox: Outbox
      suspects: Suspects
      groups: Pick<TaskGroups, 'eachDependent'>
      story: story.Story
    },
  ) {
    this.tasks = tasks
    this.settings = settings
    this.costs = new TaskCosts(tasks, settings)
    this.outbox = outbox
    this.suspects = suspects
    this.groups = groups
    this.story = story
    this.anywhere = new TaskHeap(tasks, ANYWHERE)
    this.roots = new RootQueue(tasks)
    this.placed = new PlacedQueues(tasks)
    this.workers = new WorkerTable(tasks)
  }

  addWorker(id: number, nthreads: number, qualities: WorkerQualities = {}): void {
    this.workers.add(id, nthreads, qualities)
    this.running++
  }

  /** Forgets a worker; what it had in hand or in its queue, which it gives, is the caller's to place anew. */
  removeWorker(id: number): readonly number[] {
    this.setPaused(id, true)
    const worker = this.workers.find(id)
    if (worker === undefined) return []
    const queued = worker.queue.all()
    this.queuedTasks -= queued.length
    this.workers.remove(worker)
    return queued
  }

  /** Notes that a worker is short of memory, or no more. */
  setPaused(id: number, isPaused: boolean): void {
    const worker = this.workers.find(id)
    if (worker === undefined || worker.isPaused === isPaused) return
    worker.isPaused = isPaused
    this.running += isPaused ? -1 : 1
    this.lookAtAll()
  }

  hasWorker(id: number): boolean {
    return this.workers.find(id) !== undefined
  }

  /** Notes that a task waits for others: its worker has room for more, until it is done or given up. */
  secede(slot: number): void {
    if (this.seceded.has(slot)) return
    this.takeFromHand(slot)
    this.seceded.add(slot)
    this.story.note(slot, story.SECEDED, this.tasks.worker[slot]!)
  }

  /** Whether a task waits for others at its worker. */
  hasSeceded(slot: number): boolean {
    return this.seceded.has(slot)
  }

  /** Whether a task had seceded; it has not any more. */
  returns(slot: number): boolean {
    return this.seceded.size > 0 && this.seceded.delete(slot)
  }

  /** The workers, with what they have to do. */
  look(): WorkerView[] {
    return Array.from(this.workers.all(), (worker) => ({
      ...worker,
      isEmptied: worker === this.court,
    }))
  }

  /** Visits one task of those that wait for certain workers, for each place that they ask for. */
  eachPlaceWaiting(visit: (slot: number, place: TaskPlace) => void): void {
    this.placed.each(visit)
  }

  /** Notes that a task which was sent to a worker is no longer in its hands. */
  takeFromHand(slot: number): void {
    if (this.seceded.size > 0 && this.seceded.delete(slot)) return
    const worker = this.workers.find(this.tasks.worker[slot]!)
    if (worker === undefined) return
    this.workers.mayHaveRoom(worker)
    worker.inHand--
    worker.onTrial = false
    worker.cost = worker.inHand === 0 ? 0 : worker.cost - this.tasks.cost[slot]!
    if (this.tasks.place.size > 0) {
      const place = this.tasks.place.get(slot)
      if (place !== undefined) worker.capacity.giveBack(place)
    }
  }

  /** Notes that a worker holds more results by so many bytes, or less. */
  hold(id: number, nbytes: number): void {
    const worker = this.workers.find(id)
    if (worker !== undefined) this.setHeldOf(worker, worker.held + nbytes)
  }

  /** Notes how many bytes of results a worker has in memory, as it says itself. */
  setHeld(id: number, nbytes: number): void {
    const worker = this.workers.find(id)
    if (worker !== undefined) this.setHeldOf(worker, nbytes)
  }

  private setHeldOf(worker: WorkerState, held: number): void {
    const { workers } = this
    if (held < worker.held && workers.sated.has(worker)) workers.mayHaveRoom(worker)
    worker.held = held
  }

  /** Queues the roots of a submission, which start when nothing else is ready. */
  queueRoots(ready: number[]): void {
    const { tasks } = this
    ready.sort((a, b) => tasks.rank[a]! - tasks.rank[b]!)
    for (const slot of ready) {
      if (this.queuePlaced(slot)) continue
      tasks.state[slot] = QUEUED
      tasks.home[slot] = ROOT
      this.queuedTasks++
      this.roots.add(slot)
      this.story.note(slot, story.QUEUED_ROOT)
    }
  }

  /** Queues a task that may not run anywhere; false for any other. */
  private queuePlaced(slot: number): boolean {
    const { tasks } = this
    const place = tasks.place.size > 0 ? tasks.place.get(slot) : undefined
    if (place === undefined) return false
    tasks.state[slot] = QUEUED
    tasks.worker[slot] = -1
    tasks.home[slot] = PLACED
    this.queuedTasks++
    this.placed.push(slot, place)
    this.story.note(slot, story.QUEUED_PLACED)
    return true
  }

  /** Puts a task in the queue of the worker that holds most of its input, or in everybody's. */
  queue(slot: number): void {
    const { tasks } = this
    if (tasks.deaths[slot]! > 0 && this.suspects.mustBeAlone(slot)) {
      tasks.state[slot] = QUEUED
      tasks.worker[slot] = -1
      tasks.home[slot] = ALONE
      this.queuedTasks++
      this.suspects.push(slot)
      this.story.note(slot, story.QUEUED_ALONE, -1, tasks.deaths[slot]!)
      return
    }
    if (this.queuePlaced(slot)) return
    const holder = this.bestHolder(slot)
    const worker = holder < 0 ? undefined : this.workers.find(holder)
    tasks.state[slot] = QUEUED
    tasks.worker[slot] = -1
    tasks.home[slot] = worker?.id ?? ANYWHERE
    this.queuedTasks++
    if (worker === undefined) {
      this.anywhere.push(slot)
      this.story.note(slot, story.QUEUED_ANYWHERE)
    } else {
      worker.queue.push(slot)
      this.workers.setQueued(worker, worker.queued + 1)
      this.story.note(slot, story.QUEUED_AT, worker.id)
    }
  }

  /** Takes a task from the queue it is in; its state is the caller's to change. */
  unqueue(slot: number): void {
    this.queuedTasks--
    const home = this.tasks.home[slot]!
    if (home < 0) return
    const worker = this.workers.find(home)!
    this.workers.setQueued(worker, worker.queued - 1)
  }

  private bestHolder(slot: number): number {
    const { tasks } = this
    const inputs = this.tasks.inputsOf(slot)
    if (inputs.length === 0) return -1
    if (inputs.length === 1) return tasks.worker[inputs[0]!]!
    const bytes = new Map<number, number>()
    let best = -1
    let most = -1
    for (const input of inputs) {
      const holder = tasks.worker[input]!
      const sum = (bytes.get(holder) ?? 0) + tasks.nbytes[input]! + 1
      bytes.set(holder, sum)
      if (sum > most) {
        most = sum
        best = holder
      }
    }
    return best
  }

  /** Gives queued tasks to workers that have room, in turns, until none is left of either. */
  dispatch(): void {
    this.round++
    this.isNothingToSteal = false
    const { court, workers } = this
    this.court = this.suspects.areWaiting ? this.trySuspects() : undefined
    if (court !== this.court) this.lookAtAll()
    const takers: WorkerState[] = []
    for (const worker of workers.fed) if (this.isAsked(worker)) takers.push(worker)
    this.giveEach(takers)
    for (const worker of workers.hungry) {
      if (!this.isAnyForAll) break
      if (worker.asked < this.round && this.isAsked(worker) && this.giveNext(worker))
        takers.push(worker)
    }
    // Nothing is left for these but what is no root.
    for (const worker of workers.sated) {
      if (this.anywhere.peek() < 0 && this.placed.isEmpty) break
      if (worker.asked < this.round && this.isAsked(worker) && this.giveNext(worker))
        takers.push(worker)
    }
    while (takers.length > 0 && this.queuedTasks > 0) this.giveEach(takers)
  }

  /** Whether a worker has room in this round; one that has none is not looked at again until it may. */
  private isAsked(worker: WorkerState): boolean {
    if (!this.hasRoom(worker)) {
      this.workers.hasNoRoom(worker)
      return false
    }
    worker.asked = this.round
    return true
  }

  /** Gives a task to each of some workers; those that have room for another one stay in the list. */
  private giveEach(takers: WorkerState[]): void {
    let left = 0
    for (const worker of takers) if (this.giveNext(worker)) takers[left++] = worker
    takers.length = left
  }

  /** Gives the next task to a worker; whether it got one and has room for another one. */
  private giveNext(worker: WorkerState): boolean {
    const slot = this.queuedTasks === 0 ? -1 : this.takeNext(worker)
    if (slot < 0) return false
    this.assign(slot, worker)
    return this.hasRoom(worker)
  }

  /** Whether tasks are queued that a worker may take for which none wait. */
  private get isAnyForAll(): boolean {
    if (this.queuedTasks === 0) return false
    if (this.anywhere.peek() >= 0 || this.roots.peek() >= 0 || !this.placed.isEmpty) return true
    return this.workers.haveQueues && !this.isNothingToSteal
  }

  /** Gives suspects, one each, to workers with nothing else in hand; and the worker to be emptied for the rest. */
  private trySuspects(): WorkerState | undefined {
    for (const worker of this.workers.all()) {
      if (worker.inHand > 0) continue
      const slot = this.suspects.take((suspect) => this.mayRun(suspect, worker))
      if (slot < 0) continue
      this.assign(slot, worker)
      worker.onTrial = true
    }
    const isFit = (worker: WorkerState): boolean =>
      this.suspects.some((suspect) => this.mayRun(suspect, worker))
    const { court } = this
    if (court !== undefined && this.workers.find(court.id) === court && isFit(court)) return court
    let next: WorkerState | undefined
    for (const worker of this.workers.all()) {
      if (worker.inHand >= (next?.inHand ?? Number.POSITIVE_INFINITY)) continue
      if (isFit(worker)) next = worker
    }
    return next
  }

  private mayRun(slot: number, { capacity }: WorkerState): boolean {
    const place = this.tasks.place.size > 0 ? this.tasks.place.get(slot) : undefined
    return place === undefined || capacity.mayEver(place)
  }

  /** What any worker may have in hand has changed. */
  private lookAtAll(): void {
    for (const worker of this.workers.all()) this.workers.mayHaveRoom(worker)
  }

  private hasRoom(worker: WorkerState): boolean {
    if (worker.onTrial || worker === this.court) return false
    const { budget, maxInHand } = this.settings
    const { inHand, nthreads, cost } = worker
    if (worker.isPaused) return inHand < (this.running === 0 ? nthreads : 1)
    if (inHand < nthreads) return true
    // Once full it is filled again when half is left: else each small report would be answered by a
    // small message, which leads to a small report, for ever.
    const share = worker.isFull ? 0.5 : 1
    worker.isFull = cost >= share * budget * nthreads || inHand >= share * maxInHand * nthreads
    return !worker.isFull
  }

  private takeNext(worker: WorkerState): number {
    const { tasks, anywhere, roots } = this
    const own = worker.queued > 0 ? worker.queue.peek() : -1
    const any = anywhere.peek()
    let best = own
    if (any >= 0 && (best < 0 || isBefore(tasks, any, best))) best = any
    const placed = this.placed.isEmpty ? -1 : this.placed.peek(worker.capacity)
    if (worker.isPaused && this.running > 0) {
      if (placed >= 0) this.placed.remove(placed)
      return placed
    }
    if (placed >= 0 && (best < 0 || isBefore(tasks, placed, best))) best = placed
    const root = roots.peek()
    // A root starts only when nothing else is ready, unless it is more urgent: results in memory are
    // to be used before new ones are made.
    if (best >= 0 && (root < 0 || tasks.urgency[root]! <= tasks.urgency[best]!)) {
      if (best === placed) this.placed.remove(best)
      else (best === own ? worker.queue : anywhere).removeFirst()
      return best
    }
    const stolen = this.steal(worker)
    if (stolen >= 0) return stolen
    if (root < 0) return -1
    const holdsMuch = worker.held > this.settings.bytesHeld * worker.nthreads
    if (holdsMuch && worker.inHand >= worker.nthreads) {
      this.workers.isSated(worker)
      return -1
    }
    roots.removeFirst()
    return root
  }

  /** A task from a long queue of another worker, if fetching its input is sooner than its turn. */
  private steal(thief: WorkerState): number {
    if (this.isNothingToSteal || !this.workers.haveQueues) return -1
    const victim = this.workers.withLongQueue(
      (worker) => worker !== thief && (worker.isPaused || !this.hasRoom(worker)),
    )
    const slot = victim === undefined ? -1 : this.stealFrom(victim)
    // It would be the same for any other worker: what counts is how long the queues are.
    if (slot < 0) this.isNothingToSteal = true
    return slot
  }

  private stealFrom(victim: WorkerState): number {
    const slot = victim.queue.peek()
    if (slot < 0) return -1
    let bytes = 0
    for (const input of this.tasks.inputsOf(slot)) bytes += this.tasks.nbytes[input]!
    const fetching = bytes / this.settings.bandwidth
    const turn =
      victim.onTrial || victim.isPaused || victim === this.court
        ? Number.POSITIVE_INFINITY
        : (victim.cost + victim.queued * this.costs.expected(slot)) / victim.nthreads
    if (fetching > turn) return -1
    victim.queue.removeFirst()
    return slot
  }

  private assign(slot: number, worker: WorkerState): void {
    this.unqueue(slot)
    this.give(slot, worker)
    this.story.note(slot, story.SENT, worker.id)
    if (this.tasks.deaths[slot] === 0) this.follow(slot, worker)
  }

  /**
   * Gives a worker, right behind a task, those that wait for nothing but what it was given in this
   * round: so a chain of small tasks costs no message each. They are to fit the budget, which only
   * tasks of known cost do.
   */
  private follow(first: number, worker: WorkerState): void {
    const { tasks } = this
    if (worker.round !== this.round) {
      worker.round = this.round
      worker.stamp = this.nextStamp++
    }
    const { stamp } = worker
    const stack = [first]
    const visit = (dependent: number, times: number): void => {
      if (tasks.state[dependent] !== WAITING) return
      if (tasks.stamp[dependent] !== stamp) {
        tasks.stamp[dependent] = stamp
        tasks.given[dependent] = 0
      }
      tasks.given[dependent]! += times
      if (tasks.given[dependent] !== tasks.waitingOn[dependent]) return
      if (!this.mayFollow(dependent, worker)) return
      this.give(dependent, worker)
      this.story.note(dependent, story.SENT_BEHIND, worker.id)
      stack.push(dependent)
    }
    for (let slot = stack.pop(); slot !== undefined; slot = stack.pop())
      this.groups.eachDependent(slot, visit)
  }

  private mayFollow(slot: number, worker: WorkerState): boolean {
    const { tasks } = this
    const { budget, maxInHand } = this.settings
    const { nthreads, inHand, cost, onTrial, isPaused } = worker
    const own = this.costs.known(slot)
    if (own === undefined || cost + own > budget * nthreads) return false
    if (inHand >= maxInHand * nthreads || onTrial || isPaused || worker === this.court) return false
    return tasks.deaths[slot] === 0 && !tasks.place.has(slot)
  }

  private give(slot: number, worker: WorkerState): void {
    const { tasks } = this
    const cost = this.costs.expected(slot) + this.costs.fetching(slot, worker.id)
    tasks.state[slot] = PROCESSING
    tasks.worker[slot] = worker.id
    tasks.cost[slot] = cost
    tasks.attempt[slot]!++
    worker.inHand++
    worker.cost += cost
    if (tasks.place.size > 0) {
      const place = tasks.place.get(slot)
      if (place !== undefined) worker.capacity.take(place)
    }
    this.outbox.compute(worker.id, slot)
  }

  /** Checks the counters against a recount; for `validate`. */
  validateCounts(): void {
    const { tasks } = this
    for (const slot of this.seceded)
      invariant(tasks.state[slot] === PROCESSING, `task ${slot} waits and is not run`)
    let queued = 0
    const queuedAt = new Map<number, number>()
    const inHand = new Map<number, number>()
    for (let slot = 0; slot < tasks.high; slot++) {
      if (tasks.state[slot] === QUEUED) {
        queued++
        queuedAt.set(tasks.home[slot]!, (queuedAt.get(tasks.home[slot]!) ?? 0) + 1)
      } else if (tasks.state[slot] === PROCESSING && !this.seceded.has(slot)) {
        inHand.set(tasks.worker[slot]!, (inHand.get(tasks.worker[slot]!) ?? 0) + 1)
      }
    }
    invariant(queued === this.queuedTasks, `${queued} tasks are queued, not ${this.queuedTasks}`)
    this.workers.validate()
    for (const worker of this.workers.all()) {
      const { id } = worker
      invariant(
        worker.queued === (queuedAt.get(id) ?? 0),
        `the queue of worker ${id} is miscounted`,
      )
      invariant(
        worker.inHand === (inHand.get(id) ?? 0),
        `what worker ${id} has in hand is miscounted`,
      )
    }
  }
}
