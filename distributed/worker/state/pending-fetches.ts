/**
 * What a worker fetches from others: each result once, however many tasks wait for it, from the worker
 * that has it or, if that one cannot be reached from here, through the scheduler. Short of memory,
 * results are asked for only as there is room, or as nothing else is left to do. Pure.
 */

import { append, type Lists, takeLists } from './attempt-lists.js'
import type { MemoryState } from './memory-state.js'
import type { WorkerInstruction } from './worker-events.js'

/** A result that tasks wait for. */
export interface Fetch {
  readonly attempt: number
  readonly peer: number
  /** Tasks that wait for it; one that reads it twice is in twice. */
  readonly waiters: number[]
  readonly nbytes: number
  /** Whether it is still to be asked for, when there is memory. */
  isDelayed: boolean
}

export class Fetches {
  private readonly memory: MemoryState
  private readonly bySlot = new Map<number, Fetch>()
  /** Results to be asked for when there is memory, in the order of the tasks that read them. */
  private delayed: [input: number, fetch: Fetch][] = []
  private nextDelayed = 0
  /** How many results are on their way, and their bytes. */
  private asked = 0
  private onTheirWay = 0
  private readonly toFetch: Lists = new Map()
  private readonly toRelay: Lists = new Map()
  /** Workers whose data comes through the scheduler. */
  private readonly unreachable = new Set<number>()

  constructor(memory: MemoryState) {
    this.memory = memory
  }

  get isEmpty(): boolean {
    return this.bySlot.size === 0
  }

  get(input: number): Fetch | undefined {
    return this.bySlot.get(input)
  }

  /**
   * A task waits for a result that a worker has. If another attempt was on its way, whoever waits for
   * that takes this one, which is as good.
   */
  add(input: number, wanted: Pick<Fetch, 'attempt' | 'peer' | 'nbytes'>, task: number): void {
    const former = this.bySlot.get(input)
    const waiters = former?.waiters ?? []
    if (former !== undefined) this.end(input, former)
    waiters.push(task)
    const { attempt, peer, nbytes } = wanted
    const fetch: Fetch = { attempt, peer, waiters, nbytes, isDelayed: false }
    this.bySlot.set(input, fetch)
    if (this.delayed.length === 0 && this.memory.hasRoomFor(nbytes, this.onTheirWay)) {
      this.ask(input, fetch)
    } else {
      fetch.isDelayed = true
      this.delayed.push([input, fetch])
    }
  }

  private ask(input: number, fetch: Fetch): void {
    const { peer, attempt } = fetch
    fetch.isDelayed = false
    this.asked++
    this.onTheirWay += fetch.nbytes
    append(this.unreachable.has(peer) ? this.toRelay : this.toFetch, peer, input, attempt)
  }

  /** A result has come, or will not. */
  end(input: number, fetch: Fetch): void {
    this.bySlot.delete(input)
    if (fetch.isDelayed) return
    this.asked--
    this.onTheirWay -= fetch.nbytes
  }

  /** Asks for what there is memory for, and for the next result anyway if nothing else would happen. */
  goOn(isIdle: () => boolean): void {
    if (this.delayed.length === 0) return
    while (this.nextDelayed < this.delayed.length) {
      const [input, fetch] = this.delayed[this.nextDelayed]!
      const isWanted = this.bySlot.get(input) === fetch && fetch.waiters.length > 0
      if (isWanted && !this.memory.hasRoomFor(fetch.nbytes, this.onTheirWay)) {
        const isStuck = this.asked === 0 && isIdle()
        if (!isStuck) return
      }
      this.nextDelayed++
      if (isWanted) this.ask(input, fetch)
      else if (this.bySlot.get(input) === fetch) this.bySlot.delete(input)
    }
    this.delayed = []
    this.nextDelayed = 0
  }

  /** A worker is gone; gives what was to come from it. */
  leave(peer: number): [input: number, fetch: Fetch][] {
    this.toFetch.delete(peer)
    this.toRelay.delete(peer)
    this.unreachable.delete(peer)
    return [...this.bySlot].filter(([, fetch]) => fetch.peer === peer)
  }

  /** What was to come from a worker directly comes through the scheduler, as long as that lasts. */
  cutOff(peer: number): void {
    if (this.unreachable.has(peer)) return
    this.unreachable.add(peer)
    this.toFetch.delete(peer)
    for (const [input, { peer: from, attempt, isDelayed }] of this.bySlot) {
      if (from === peer && !isDelayed) append(this.toRelay, peer, input, attempt)
    }
  }

  /** A worker that could not be reached is tried again. */
  tryAgain(peer: number): void {
    this.unreachable.delete(peer)
  }

  clear(): void {
    this.bySlot.clear()
    this.delayed = []
    this.nextDelayed = 0
    this.asked = 0
    this.onTheirWay = 0
    this.toFetch.clear()
    this.toRelay.clear()
    this.unreachable.clear()
  }

  /** Tells what is to be asked for. */
  drainTo(instructions: WorkerInstruction[]): void {
    takeLists(this.toFetch, (peer, list) => instructions.push({ kind: 'fetch', peer, ...list }))
    takeLists(this.toRelay, (peer, list) => instructions.push({ kind: 'relay', peer, ...list }))
  }
}
