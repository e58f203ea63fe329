/**
 * Delivers results to clients: values that were requested before the task finished are included in the
 * worker's report; others are gathered from the workers that hold them.
 */
import { isEncoded, type StoredValue } from '../../../core/graph/stored-value.js'
import type { SchedulerState } from '../../../core/scheduling/state.js'
import { MEMORY } from '../../../core/scheduling/tables/task-states.js'
import type { Bundle } from '../../protocol/index.js'
import type { Computation } from '../computations/computation.js'
import type { Clients } from './clients.js'
import { giveAway } from './message-copies.js'
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

  /** Whether a client has requested the value of a task and was not sent it yet. */
  isAwaited(slot: number): boolean {
    if (!this.state.isWanted(slot)) return false
    let isAwaited = false
    for (const run of this.state.runsWanting(slot)) {
      const computation = this.computations.get(run)
      if (computation === undefined || computation.unsent === 0) continue
      this.state.eachPositionOf(run, slot, (target) => {
        isAwaited ||= computation.isRequested(target)
      })
    }
    return isAwaited
  }

  /** Sends a value, which nothing else refers to, to every client that has requested it. */
  deliver(slot: number, value: StoredValue, bundles: readonly Bundle[]): void {
    const receivers: [computation: Computation, target: number][] = []
    for (const run of this.state.runsWanting(slot)) {
      const computation = this.computations.get(run)
      if (computation === undefined || computation.unsent === 0) continue
      this.state.eachPositionOf(run, slot, (target) => {
        if (computation.settle(target)) receivers.push([computation, target])
      })
    }
    if (receivers.length === 1) giveAway(value)
    const needed = isEncoded(value) && value.bundles.length > 0 ? bundles : []
    for (const [computation, target] of receivers)
      this.clients.addValue(computation, target, value, needed)
  }

  /** Gathers the requested values of a computation that are in memory. */
  gather(
    computation: Computation,
    targets: readonly number[] = computation.requestedTargets(),
  ): void {
    const { state } = this
    const slots: number[] = []
    for (const target of targets) {
      const slot = state.heldTarget(computation.run, target)
      if (slot >= 0 && computation.isRequested(target) && state.tasks.state[slot] === MEMORY)
        slots.push(slot)
    }
    this.workers.gather(slots)
  }

  /** Gathers all requested values again, after a worker that was asked for some was lost or lacks them. */
  gatherAgain(): void {
    for (const computation of this.computations.values()) {
      if (computation.unsent > 0 && (computation.isDone || computation.holdsTargets))
        this.gather(computation)
    }
  }
}
