/** Handles the messages of workers: turns them into events, and sends included values to clients. */
import { MEMORY } from '../../../core/scheduling/tables/task-states.js'
import { isStored } from '../../protocol/field-kinds.js'
import type {
  Erred,
  ExcessReplicas,
  ExitReport,
  Finished,
  GatherReply,
  Goodbye,
  Heartbeat,
  Hello,
  MemoryReport,
  Missing,
  Replicated,
  Seceded,
  WorkerToScheduler,
} from '../../protocol/index.js'
import type { Computation } from '../computations/computation.js'
import type { ReportedFailure } from '../peers/wire-failures.js'
import type { RemoteWorker } from '../peers/workers.js'
import type { EngineParts } from './engine-parts.js'
import type { EventHandler } from './event-handler.js'
import type { Retirements } from './retirements.js'
import { passOnStrayError } from './stray-errors.js'

/** The messages of a worker in a session, apart from those that its endpoint handles. */
export type WorkerSessionMessage = Exclude<
  WorkerToScheduler,
  Hello | Heartbeat | Goodbye | ExitReport
>

export class WorkerMessageHandler {
  private readonly parts: EngineParts
  private readonly events: EventHandler
  private readonly retirements: Retirements

  constructor(parts: EngineParts, events: EventHandler, retirements: Retirements) {
    this.parts = parts
    this.events = events
    this.retirements = retirements
  }

  handle(from: RemoteWorker, message: WorkerSessionMessage): void {
    switch (message.op) {
      case 'finished':
        this.onFinished(from, message)
        return
      case 'erred':
        this.onErred(from, message)
        return
      case 'missing':
        this.onMissing(from, message)
        return
      case 'replicated':
        this.onReplicated(from, message)
        return
      case 'seceded':
        this.onSeceded(from, message)
        return
      case 'excess-replicas':
        this.onExcessReplicas(from, message)
        return
      case 'memory':
        this.onMemory(from, message)
        return
      case 'stray-error':
        passOnStrayError(this.parts, from, message)
        return
      case 'retire':
        this.retirements.begin([from.worker])
        return
      case 'relay':
        this.parts.workers.relay(from, message)
        return
      case 'gather-reply':
        if (message.to >= 0) this.parts.workers.forwardReply(from, message)
        else this.onGatherReply(from, message)
        return
      default:
        message satisfies never
    }
  }

  private onFinished({ worker }: RemoteWorker, message: Finished): void {
    const { state, clients, delivery } = this.parts
    const { tasks, attempts, nbytes, durations, delivered, values } = message
    const count = tasks.length
    if (attempts.length !== count || nbytes.length !== count || durations.length !== count) {
      this.parts.drop('a report of finished tasks with columns of different lengths was dropped')
      return
    }
    if (clients.progressListeners > 0) this.countProgress(worker, tasks, attempts)
    for (let i = 0; i < delivered.length; i++) {
      const slot = tasks[delivered[i]!]
      if (slot === undefined || !isStored(values[i])) continue
      if (!state.tasks.isAssigned(worker, slot, attempts[delivered[i]!]!)) continue
      delivery.deliver(slot, values[i]!, message.bundles)
    }
    this.events.handle({ kind: 'finished', worker, tasks, attempts, nbytes, durations })
  }

  private onErred({ worker }: RemoteWorker, message: Erred): void {
    const { task, attempt, step, error, bundles } = message
    if (!this.parts.state.tasks.isAssigned(worker, task, attempt)) return
    this.events.handle({
      kind: 'erred',
      worker,
      task,
      attempt,
      error: { step, error, bundles } satisfies ReportedFailure,
    })
  }

  private onMissing({ worker }: RemoteWorker, message: Missing): void {
    const { task, attempt, input, holder } = message
    // If the input was computed again since, the holder of the new result is not known to lack it.
    const isCurrent = this.parts.state.tasks.attempt[input] === message.inputAttempt
    this.events.handle({
      kind: 'missing',
      worker,
      task,
      attempt,
      inputs: isCurrent ? [input] : [],
      holders: isCurrent ? [holder] : [],
    })
  }

  private onReplicated({ worker }: RemoteWorker, { tasks, attempts }: Replicated): void {
    const current: number[] = []
    const stale: number[] = []
    for (let i = 0; i < tasks.length; i++) {
      if (this.isInMemory(tasks[i]!, attempts[i]!)) current.push(tasks[i]!)
      else stale.push(i)
    }
    if (stale.length > 0) {
      this.parts.workers.post(worker, {
        op: 'free',
        tasks: Int32Array.from(stale, (i) => tasks[i]!),
        attempts: Int32Array.from(stale, (i) => attempts[i]!),
      })
    }
    if (current.length > 0) this.events.handle({ kind: 'replicated', worker, tasks: current })
  }

  private onSeceded({ worker }: RemoteWorker, { tasks, attempts }: Seceded): void {
    const table = this.parts.state.tasks
    const current = [...tasks].filter((slot, i) => table.isAssigned(worker, slot, attempts[i]!))
    if (current.length > 0) this.events.handle({ kind: 'seceded', worker, tasks: current })
  }

  private onExcessReplicas({ worker }: RemoteWorker, { tasks, attempts }: ExcessReplicas): void {
    const current = tasks.filter((slot, i) => this.isInMemory(slot, attempts[i]!))
    this.events.handle({ kind: 'surplus', worker, tasks: current })
  }

  private onMemory(from: RemoteWorker, message: MemoryReport): void {
    const { stored, isPaused } = message
    from.memory = message
    this.events.handle({ kind: 'worker-memory', worker: from.worker, stored, isPaused })
  }

  private onGatherReply({ worker }: RemoteWorker, message: GatherReply): void {
    const { delivery, state } = this.parts
    const { tasks, attempts, values, absent, bundles } = message
    for (let i = 0; i < tasks.length; i++) {
      if (!this.isInMemory(tasks[i]!, attempts[i]!)) continue
      if (isStored(values[i])) delivery.deliver(tasks[i]!, values[i]!, bundles)
    }
    this.events.reportDelivered(tasks)
    const inputs = [...absent].filter((slot) => state.tasks.state[slot] === MEMORY)
    if (inputs.length === 0) return
    const holders = inputs.map(() => worker)
    this.events.handle({ kind: 'missing', worker, task: -1, attempt: -1, inputs, holders })
    delivery.gatherAgain()
  }

  /** Whether the result of this attempt is in memory. The slot may belong to another task by now. */
  private isInMemory(slot: number, attempt: number): boolean {
    const { tasks } = this.parts.state
    return tasks.state[slot] === MEMORY && tasks.attempt[slot] === attempt
  }

  private countProgress(worker: number, tasks: Int32Array, attempts: Int32Array): void {
    const { state, clients, environment } = this.parts
    const now = environment.now()
    for (let i = 0; i < tasks.length; i++) {
      const slot = tasks[i]!
      if (!state.tasks.isAssigned(worker, slot, attempts[i]!)) continue
      const computation = state.originOf(slot) as Computation
      computation.finished++
      if (computation.reportsProgress) clients.progress(computation, now)
    }
  }
}
