/**
 * Which results go to which clients: as they are finished where somebody waits for them by then, and
 * fetched from the workers that hold them where somebody asks later.
 */

import { isEncoded, type StoredValue } from '../../../core/graph/stored-value.js'
import type { SchedulerState } from '../../../core/scheduling/state.js'
import { MEMORY } from '../../../core/scheduling/tables/task-states.js'
import type { Bundle } from '../../protocol/index.js'
import type { Computation } from '../computations/computation.js'
import type { Clients } from './clients.js'
import type { Workers } from './workers.js'

export class ResultDelivery {
  private readonly state: SchedulerState
  private readonly clients: Clients
  private readonly workers: Workers
  private readonly computations: ReadonlyMap<number, Computation>

  constructor(parts: {
    state: SchedulerState
    clients: Clients
    workers: Workers
    computations: ReadonlyMap<number, Computation>
  }) {
    this.state = parts.state
    this.clients = parts.clients
    this.workers = parts.workers
    this.computations = parts.computations
  }

  /** Whether some client waits for a task's own result. */
  isAwaited(slot: number): boolean {
    if (!this.state.isWanted(slot)) return false
    let isAwaited = false
    for (const run of this.state.runsWanting(slot)) {
      const computation = this.computations.get(run)
      if (computation === undefined || computation.unsent === 0) continue
      this.state.eachPositionOf(run, slot, (place) => {
        isAwaited ||= computation.isRequested(place)
      })
    }
    return isAwaited
  }

  /** Gives a result to every computation that waits for it. */
  deliver(slot: number, value: StoredValue, bundles: readonly Bundle[]): void {
    for (const run of this.state.runsWanting(slot)) {
      const computation = this.computations.get(run)
      if (computation === undefined || computation.unsent === 0) continue
      const needed = isEncoded(value) && value.bundles.length > 0 ? bundles : []
      this.state.eachPositionOf(run, slot, (place) => {
        if (computation.settle(place)) this.clients.addValue(computation, place, value, needed)
      })
    }
  }

  /** Asks the workers for results that are there and that a computation waits for. */
  gather(
    computation: Computation,
    places: readonly number[] = computation.requestedTargets(),
  ): void {
    const { state } = this
    const slots: number[] = []
    for (const place of places) {
      const slot = state.heldTarget(computation.run, place)
      if (slot >= 0 && computation.isRequested(place) && state.tasks.state[slot] === MEMORY)
        slots.push(slot)
    }
    this.workers.gather(slots)
  }

  /** Asks again where a worker that was asked is gone but another has the result. */
  gatherAgain(): void {
    for (const computation of this.computations.values()) {
      if (computation.unsent > 0 && (computation.isDone || computation.holdsTargets))
        this.gather(computation)
    }
  }
}
