/**
 * Tasks that were in the hands of workers as they died, and which of them are to blame.
 *
 * A death is held against all that the worker had in hand, but a task is blamed only for a death in
 * which it was alone. So whatever is one death short of blame runs alone on its worker from then on:
 * the guilty one gathers its last death there, and the others come out of it cleared.
 */
import { QUEUED, type TaskTable } from './task-table.js'

/** The `home` of a queued task that is to run alone. */
export const ALONE = -3

export class Suspects {
  private readonly tasks: TaskTable
  private readonly allowedDeaths: number
  /** Tasks that wait to run alone; those that are not queued any more are skipped. */
  private queue: number[] = []

  constructor(tasks: TaskTable, allowedDeaths: number) {
    this.tasks = tasks
    this.allowedDeaths = allowedDeaths
  }

  /** Whether a task must not share its worker with others. */
  mustBeAlone(slot: number): boolean {
    const deaths = this.tasks.deaths[slot]!
    return deaths > 0 && deaths >= this.allowedDeaths - 1
  }

  /**
   * A worker died with these tasks in hand; gives the one to blame, or -1. `waiting` are tasks there
   * that waited for others which they had started: were they never blamed, one whose tasks kill
   * workers would do so for ever.
   */
  died(worker: number, inHand: readonly number[], waiting: readonly number[] = []): number {
    for (const slot of waiting) this.tasks.addDeath(slot, worker)
    const guilty = this.guiltyOf(worker, inHand)
    if (guilty >= 0) return guilty
    return waiting.find((slot) => this.tasks.deaths[slot]! >= this.allowedDeaths) ?? -1
  }

  private guiltyOf(worker: number, inHand: readonly number[]): number {
    const wasAlone = inHand.length === 1
    for (const slot of inHand) {
      if (wasAlone || !this.mustBeAlone(slot)) this.tasks.addDeath(slot, worker)
    }
    const isGuilty = wasAlone && this.tasks.deaths[inHand[0]!]! >= this.allowedDeaths
    return isGuilty ? inHand[0]! : -1
  }

  push(slot: number): void {
    this.queue.push(slot)
  }

  /** Takes the next task that waits to run alone and of which something is true, or gives -1. */
  take(test: (slot: number) => boolean): number {
    const at = this.queue.findIndex((slot) => this.isWaiting(slot) && test(slot))
    return at < 0 ? -1 : this.queue.splice(at, 1)[0]!
  }

  /** Whether something is true of any task that waits to run alone. */
  some(test: (slot: number) => boolean): boolean {
    return this.queue.some((slot) => this.isWaiting(slot) && test(slot))
  }

  /** Whether any task waits to run alone. */
  get areWaiting(): boolean {
    if (this.queue.length === 0) return false
    this.queue = this.queue.filter((slot) => this.isWaiting(slot))
    return this.queue.length > 0
  }

  private isWaiting(slot: number): boolean {
    return this.tasks.state[slot] === QUEUED && this.tasks.home[slot] === ALONE
  }
}
