/** Carries out the instructions of a worker's state machine. */
import { collectUsed } from '../../core/base/collect-garbage.js'
import { serializeError } from '../../core/run/threads/serialize-error.js'
import type { Compute, WorkerToScheduler } from '../protocol/index.js'
import type { PeerExchange } from './peer-exchange.js'
import type { ResultStore } from './results/result-store.js'
import type { WorkerInstruction } from './state/worker-events.js'
import type { WorkerState } from './state/worker-state.js'
import type { TaskExecution } from './task-execution.js'

/** The parts of a worker that instructions are about. */
export interface WorkerParts {
  readonly state: WorkerState<Compute>
  readonly results: ResultStore
  readonly peers: PeerExchange
  readonly execution: TaskExecution
  /** Sends a message to the scheduler. */
  readonly post: (message: WorkerToScheduler) => void
  readonly reportMemory: () => void
}

export function carryOut(
  instruction: WorkerInstruction,
  { state, results, peers, execution, post, reportMemory }: WorkerParts,
): void {
  switch (instruction.kind) {
    case 'run':
      execution.run(instruction.thread, instruction.tasks)
      return
    case 'fetch':
      peers.fetch(instruction.peer, instruction.tasks, instruction.attempts)
      return
    case 'relay':
      post({ op: 'relay', holder: instruction.peer, ...toColumns(instruction) })
      return
    case 'drop':
      for (const task of instruction.tasks) results.delete(task)
      collectUsed()
      return
    case 'spill':
      results.spill(instruction.tasks, instruction.writes)
      return
    case 'unload':
      results.unload(instruction.tasks)
      collectUsed()
      return
    case 'surplus': {
      const tasks = Int32Array.from(instruction.tasks)
      const attempts = tasks.map((task) => state.columns.version[task]!)
      post({ op: 'excess-replicas', tasks, attempts })
      return
    }
    case 'report-memory':
      reportMemory()
      return
    case 'cancel-on-thread':
      execution.threads.cancel(instruction.thread, instruction.tasks, instruction.attempts)
      return
    case 'missing': {
      const { task, attempt, input, inputAttempt, holder } = instruction
      post({ op: 'missing', task, attempt, input, inputAttempt, holder })
      return
    }
    case 'replicated':
      post({ op: 'replicated', ...toColumns(instruction) })
      return
    case 'threads-lost': {
      const { task, attempt, failures, reason } = instruction
      const error = new Error(`${failures} threads ended while they ran it: ${reason}`)
      execution.postError(task, attempt, 0, serializeError(error))
      return
    }
    default:
      instruction satisfies never
  }
}

function toColumns({ tasks, attempts }: { tasks: readonly number[]; attempts: readonly number[] }) {
  return { tasks: Int32Array.from(tasks), attempts: Int32Array.from(attempts) }
}
