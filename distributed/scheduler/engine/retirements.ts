/**
 * Workers that are to leave. They get no more tasks, and other workers copy the results that only they hold. A worker is told to
 * leave when its tasks have ended and others have its results. After 30 s without progress it leaves anyway; its results are then
 * computed again if they are needed.
 *
 * There is no timer: `advance` is called with messages and heartbeats of workers.
 */
import { PROCESSING } from '../../../core/scheduling/tables/task-states.js'
import type { WorkerView } from '../../../core/scheduling/tables/worker-table.js'
import type { EngineParts } from './engine-parts.js'
import type { EventHandler } from './event-handler.js'

/** Milliseconds after which a copy that has not come is requested again, maybe of another worker. */
const requestAgainAfter = 5000
/** Milliseconds without any progress after which workers leave although results would be lost. */
const giveUpAfter = 30_000
/** The least milliseconds between two looks at all results. */
const interval = 5

/** A copy that was requested. */
interface Request {
  readonly attempt: number
  readonly target: number
  readonly at: number
}

export class Retirements {
  private readonly parts: EngineParts
  private readonly events: EventHandler
  /** Workers that were not told to leave yet. */
  private readonly waiting = new Set<number>()
  private requests = new Map<number, Request>()
  private lastLook = Number.NEGATIVE_INFINITY
  /** What was left to do, and since when it is unchanged. */
  private left = ''
  private leftSince = 0

  constructor(parts: EngineParts, events: EventHandler) {
    this.parts = parts
    this.events = events
  }

  /** Lets workers leave as soon as nothing is lost by it. */
  begin(workers: Iterable<number>): void {
    for (const worker of workers) {
      if (!this.parts.workers.has(worker) || this.waiting.has(worker)) continue
      this.waiting.add(worker)
      this.events.handle({ kind: 'worker-retiring', worker })
    }
    this.lastLook = Number.NEGATIVE_INFINITY
    this.advance()
  }

  /** Requests copies, and tells workers to leave that can. */
  advance(): void {
    const { workers, state, environment } = this.parts
    for (const worker of this.waiting) if (!workers.has(worker)) this.waiting.delete(worker)
    const now = environment.now()
    if (this.waiting.size === 0 || now - this.lastLook < interval) return
    this.lastLook = now
    const views = state.workerViews()
    const staying = views.filter(({ isRetiring }) => !isRetiring)
    const results = staying.length === 0 ? [] : state.resultsOfRetiring()
    this.requestCopies(results, staying, now)
    const busy = this.busyWorkers()
    for (const slot of results) for (const holder of state.holdersOf(slot)) busy.add(holder)
    for (const worker of [...this.waiting]) if (!busy.has(worker)) this.tellToLeave(worker)
    this.giveUpWithoutProgress(results, now)
  }

  /** Returns the workers that run tasks. */
  private busyWorkers(): Set<number> {
    const { state, worker, high } = this.parts.state.tasks
    const busy = new Set<number>()
    for (let slot = 0; slot < high; slot++) if (state[slot] === PROCESSING) busy.add(worker[slot]!)
    return busy
  }

  private requestCopies(results: readonly number[], staying: WorkerView[], now: number): void {
    const { state, workers } = this.parts
    const { attempt, nbytes } = state.tasks
    const open = staying.filter(({ isPaused }) => !isPaused)
    const targets = (open.length > 0 ? open : staying).map(({ id, held }) => ({ id, held }))
    const requests = new Map<number, Request>()
    const byTarget = new Map<number, number[]>()
    for (const slot of results) {
      const former = this.requests.get(slot)
      const isPending =
        former?.attempt === attempt[slot] &&
        now - former!.at < requestAgainAfter &&
        workers.has(former!.target)
      if (isPending) {
        requests.set(slot, former!)
        continue
      }
      let best = targets[0]!
      for (const target of targets) if (target.held < best.held) best = target
      best.held += nbytes[slot]! + 1
      requests.set(slot, { attempt: attempt[slot]!, target: best.id, at: now })
      const list = byTarget.get(best.id)
      if (list === undefined) byTarget.set(best.id, [slot])
      else list.push(slot)
    }
    this.requests = requests
    for (const [target, slots] of byTarget) workers.acquire(target, slots)
  }

  private giveUpWithoutProgress(results: readonly number[], now: number): void {
    const left = `${this.waiting.size} ${results.length}`
    if (left !== this.left || results.length === 0) {
      this.left = left
      this.leftSince = now
    }
    if (now - this.leftSince < giveUpAfter) return
    this.leftSince = now
    this.parts.environment.log(
      `${results.length} results of workers that are to leave could not be copied to others; they are computed again if they are needed`,
    )
    for (const worker of [...this.waiting]) this.tellToLeave(worker)
  }

  private tellToLeave(worker: number): void {
    this.waiting.delete(worker)
    this.parts.workers.post(worker, { op: 'retired' })
  }
}
