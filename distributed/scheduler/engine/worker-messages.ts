/** What workers say, as events of the state, and the values that come along as messages to clients. */
import type { SchedulerEvent } from '../../../core/scheduling/interface/events.js'
import type { SchedulerState } from '../../../core/scheduling/state.js'
import { MEMORY } from '../../../core/scheduling/tables/task-states.js'
import { isStored } from '../../protocol/field-kinds.js'
import type {
  Erred,
  ExcessReplicas,
  Finished,
  GatherReply,
  Goodbye,
  Heartbeat,
  Hello,
  Missing,
  Replicated,
  Seceded,
  WorkerToScheduler,
} from '../../protocol/index.js'
import type { Computation } from '../computations/computation.js'
import type { Clients } from '../peers/clients.js'
import type { ResultDelivery } from '../peers/result-delivery.js'
import type { ReportedFailure } from '../peers/wire-failures.js'
import type { RemoteWorker, Workers } from '../peers/workers.js'

/** What workers say once they were let in. */
export type WorkerSessionMessage = Exclude<WorkerToScheduler, Hello | Heartbeat | Goodbye>

/** What is needed of the engine. */
export interface WorkerMessagesHost {
  readonly state: SchedulerState
  readonly workers: Workers
  readonly clients: Clients
  readonly delivery: ResultDelivery
  now(): number
  handle(event: SchedulerEvent): void
  /** Finishes what waited for nothing but these results to be passed on. */
  finishDone(slots: Int32Array): void
  /** Counts a message that made no sense. */
  drop(what: string): void
}

export class WorkerMessageHandler {
  private readonly host: WorkerMessagesHost

  constructor(host: WorkerMessagesHost) {
    this.host = host
  }

  /** Takes what a worker says. */
  handle(link: RemoteWorker, message: WorkerSessionMessage): void {
    switch (message.op) {
      case 'finished':
        this.onFinished(link, message)
        return
      case 'erred':
        this.onErred(link, message)
        return
      case 'missing':
        this.onMissing(link, message)
        return
      case 'replicated':
        this.onReplicated(link, message)
        return
      case 'seceded':
        this.onSeceded(link, message)
        return
      case 'excess-replicas':
        this.host.handle({ kind: 'surplus', worker: link.worker, tasks: this.inMemory(message) })
        return
      case 'memory':
        link.memory = message
        this.host.handle({
          kind: 'worker-memory',
          worker: link.worker,
          stored: message.stored,
          isPaused: message.isPaused,
        })
        return
      case 'relay':
        this.host.workers.relay(link, message)
        return
      case 'gather-reply':
        if (message.to >= 0) this.host.workers.forwardReply(link, message)
        else this.onGathered(link, message)
        return
    }
  }

  private onFinished({ worker }: RemoteWorker, message: Finished): void {
    const { tasks, attempts, nbytes, durations, delivered, values } = message
    const count = tasks.length
    if (attempts.length !== count || nbytes.length !== count || durations.length !== count) {
      this.host.drop('a report of finished tasks had columns that do not fit together')
      return
    }
    if (this.host.clients.progressListeners > 0) this.countProgress(worker, tasks, attempts)
    for (let i = 0; i < delivered.length; i++) {
      const slot = tasks[delivered[i]!]
      if (slot === undefined || !isStored(values[i])) continue
      if (!this.host.state.tasks.isAssigned(worker, slot, attempts[delivered[i]!]!)) continue
      this.host.delivery.deliver(slot, values[i]!, message.bundles)
    }
    this.host.handle({ kind: 'finished', worker, tasks, attempts, nbytes, durations })
  }

  private onSeceded({ worker }: RemoteWorker, { tasks, attempts }: Seceded): void {
    const current = [...tasks].filter((slot, i) =>
      this.host.state.tasks.isAssigned(worker, slot, attempts[i]!),
    )
    if (current.length > 0) this.host.handle({ kind: 'seceded', worker, tasks: current })
  }

  private onErred({ worker }: RemoteWorker, message: Erred): void {
    const { task, attempt, step, error, bundles } = message
    if (!this.host.state.tasks.isAssigned(worker, task, attempt)) return
    this.host.handle({
      kind: 'erred',
      worker,
      task,
      attempt,
      error: { step, error, bundles } satisfies ReportedFailure,
    })
  }

  private onMissing({ worker }: RemoteWorker, message: Missing): void {
    const { task, attempt, input, holder } = message
    // Of a result that was made again since, nothing is known to be missing.
    const isLost = this.host.state.tasks.attempt[input] === message.inputAttempt
    this.host.handle({
      kind: 'missing',
      worker,
      task,
      attempt,
      inputs: isLost ? [input] : [],
      holders: isLost ? [holder] : [],
    })
  }

  private onReplicated({ worker }: RemoteWorker, { tasks, attempts }: Replicated): void {
    const { state, attempt } = this.host.state.tasks
    const kept: number[] = []
    const stale: number[] = []
    for (let i = 0; i < tasks.length; i++) {
      const slot = tasks[i]!
      // A slot that stands for another task by now, or whose result was made again elsewhere.
      const isThis = state[slot] === MEMORY && attempt[slot] === attempts[i]
      ;(isThis ? kept : stale).push(isThis ? slot : i)
    }
    if (stale.length > 0) {
      this.host.workers.post(worker, {
        op: 'free',
        tasks: Int32Array.from(stale, (i) => tasks[i]!),
        attempts: Int32Array.from(stale, (i) => attempts[i]!),
      })
    }
    if (kept.length > 0) this.host.handle({ kind: 'replicated', worker, tasks: kept })
  }

  /** Those results of a message that are the ones in memory now: a slot may stand for another task. */
  private inMemory({ tasks, attempts }: ExcessReplicas): Int32Array {
    const { state, attempt } = this.host.state.tasks
    return tasks.filter((slot, i) => state[slot] === MEMORY && attempt[slot] === attempts[i])
  }

  private onGathered({ worker }: RemoteWorker, message: GatherReply): void {
    const { tasks, attempts, values, absent, bundles } = message
    const { state, attempt } = this.host.state.tasks
    for (let i = 0; i < tasks.length; i++) {
      const slot = tasks[i]!
      // The slot may stand for another task by now.
      if (state[slot] !== MEMORY || attempt[slot] !== attempts[i]) continue
      if (isStored(values[i])) this.host.delivery.deliver(slot, values[i]!, bundles)
    }
    this.host.finishDone(tasks)
    const inputs = [...absent].filter((slot) => state[slot] === MEMORY)
    if (inputs.length === 0) return
    const holders = inputs.map(() => worker)
    this.host.handle({ kind: 'missing', worker, task: -1, attempt: -1, inputs, holders })
    this.host.delivery.gatherAgain()
  }

  private countProgress(worker: number, tasks: Int32Array, attempts: Int32Array): void {
    const now = this.host.now()
    for (let i = 0; i < tasks.length; i++) {
      const slot = tasks[i]!
      if (!this.host.state.tasks.isAssigned(worker, slot, attempts[i]!)) continue
      const computation = this.host.state.originOf(slot) as Computation
      computation.finished++
      if (computation.reportsProgress) this.host.clients.progress(computation, now)
    }
  }
}
