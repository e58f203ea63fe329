/**
 * The results that a worker fetches from others. Each result is fetched once, however many tasks wait
 * for it: from the worker that holds it or, if that one cannot be reached, through the scheduler.
 *
 * While memory is short, results are requested only as there is room for them, or when the worker has
 * nothing else to do. Pure.
 */
import { type AttemptLists, appendAttempt, drainLists } from './attempt-lists.js'
import type { MemoryState } from './memory-state.js'
import type { WorkerInstruction } from './worker-events.js'

/** A result that tasks wait for, or that is to be kept here. */
export interface PendingFetch {
  readonly attempt: number
  readonly peer: number
  /** The tasks that wait for it; one that reads it twice is listed twice. */
  readonly waiters: number[]
  readonly nbytes: number
  /** Whether it is not requested yet, because memory is short. */
  isDelayed: boolean
  /** Whether it is to be kept, whether tasks wait for it or not. */
  isAcquired: boolean
}

type Wanted = Pick<PendingFetch, 'attempt' | 'peer' | 'nbytes'>

export class PendingFetches {
  private readonly memory: MemoryState
  private readonly bySlot = new Map<number, PendingFetch>()
  /** Results to be requested once there is memory, in the order of the tasks that read them. */
  private delayed: [input: number, fetch: PendingFetch][] = []
  private nextDelayed = 0
  /** The number of requested results that have not come, and their bytes. */
  private requested = 0
  private requestedBytes = 0
  private readonly toFetch: AttemptLists = new Map()
  private readonly toRelay: AttemptLists = new Map()
  /** Workers whose results are relayed by the scheduler. */
  private readonly unreachable = new Set<number>()

  constructor(memory: MemoryState) {
    this.memory = memory
  }

  get isEmpty(): boolean {
    return this.bySlot.size === 0
  }

  find(input: number): PendingFetch | undefined {
    return this.bySlot.get(input)
  }

  /**
   * Adds a result that a task waits for. If another attempt of it is being fetched, the waiters of
   * that one get this one instead.
   */
  add(input: number, wanted: Wanted, task: number): void {
    this.replace(input, wanted).waiters.push(task)
    this.enqueue(input)
  }

  /** Adds a result that is to be kept here. */
  acquire(input: number, wanted: Wanted): void {
    const former = this.bySlot.get(input)
    if (former?.attempt === wanted.attempt) {
      former.isAcquired = true
      return
    }
    this.replace(input, wanted).isAcquired = true
    this.enqueue(input)
  }

  /** Puts a fetch in the place of any other of the same task. */
  private replace(input: number, { attempt, peer, nbytes }: Wanted): PendingFetch {
    const former = this.bySlot.get(input)
    const { waiters = [], isAcquired = false } = former ?? {}
    if (former !== undefined) this.remove(input, former)
    const fetch = { attempt, peer, waiters, nbytes, isDelayed: false, isAcquired }
    this.bySlot.set(input, fetch)
    return fetch
  }

  /** Requests a result if there is memory for it, and else later. */
  private enqueue(input: number): void {
    const fetch = this.bySlot.get(input)!
    const { nbytes } = fetch
    if (this.delayed.length === 0 && this.memory.hasRoomFor(nbytes, this.requestedBytes)) {
      this.request(input, fetch)
    } else {
      fetch.isDelayed = true
      this.delayed.push([input, fetch])
    }
  }

  private request(input: number, fetch: PendingFetch): void {
    const { peer, attempt } = fetch
    fetch.isDelayed = false
    this.requested++
    this.requestedBytes += fetch.nbytes
    appendAttempt(this.unreachable.has(peer) ? this.toRelay : this.toFetch, peer, input, attempt)
  }

  /** Removes a fetch whose result has come, or will not come. */
  remove(input: number, fetch: PendingFetch): void {
    this.bySlot.delete(input)
    if (fetch.isDelayed) return
    this.requested--
    this.requestedBytes -= fetch.nbytes
  }

  /**
   * Requests delayed results as far as there is memory for them. If nothing is on its way and the
   * threads are idle, requests the next one even without room.
   */
  requestDelayed(isIdle: () => boolean): void {
    if (this.delayed.length === 0) return
    while (this.nextDelayed < this.delayed.length) {
      const [input, fetch] = this.delayed[this.nextDelayed]!
      const isNeeded = fetch.isAcquired || fetch.waiters.length > 0
      const isWanted = this.bySlot.get(input) === fetch && isNeeded
      if (isWanted && !this.memory.hasRoomFor(fetch.nbytes, this.requestedBytes)) {
        const isStuck = this.requested === 0 && isIdle()
        if (!isStuck) return
      }
      this.nextDelayed++
      if (isWanted) this.request(input, fetch)
      else if (this.bySlot.get(input) === fetch) this.bySlot.delete(input)
    }
    this.delayed = []
    this.nextDelayed = 0
  }

  /** Forgets a worker that has left; returns the fetches from it, which the caller ends. */
  removePeer(peer: number): [input: number, fetch: PendingFetch][] {
    this.toFetch.delete(peer)
    this.toRelay.delete(peer)
    this.unreachable.delete(peer)
    return [...this.bySlot].filter(([, fetch]) => fetch.peer === peer)
  }

  /** Has the results of a worker relayed by the scheduler, those already requested too. */
  markUnreachable(peer: number): void {
    if (this.unreachable.has(peer)) return
    this.unreachable.add(peer)
    this.toFetch.delete(peer)
    for (const [input, { peer: from, attempt, isDelayed }] of this.bySlot) {
      if (from === peer && !isDelayed) appendAttempt(this.toRelay, peer, input, attempt)
    }
  }

  /** Requests results of a worker directly again. */
  markReachable(peer: number): void {
    this.unreachable.delete(peer)
  }

  clear(): void {
    this.bySlot.clear()
    this.delayed = []
    this.nextDelayed = 0
    this.requested = 0
    this.requestedBytes = 0
    this.toFetch.clear()
    this.toRelay.clear()
    this.unreachable.clear()
  }

  /** Moves the requests to be made into instructions. */
  drainTo(instructions: WorkerInstruction[]): void {
    drainLists(this.toFetch, (peer, list) => instructions.push({ kind: 'fetch', peer, ...list }))
    drainLists(this.toRelay, (peer, list) => instructions.push({ kind: 'relay', peer, ...list }))
  }
}
