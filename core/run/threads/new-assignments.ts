/**
 * Tasks that one event has assigned to threads and that are not sent yet. Those that are data need no thread: their result is
 * their parameter. They are reported as finished before anything is sent, so that the tasks which read them are sent at once.
 */
import type { StoredValue } from '../../graph/stored-value.js'
import { type ExecutorReport, GIVEN } from './executor-protocol.js'

/** An assigned task: its slot in the state, and the number of the attempt. */
interface AssignedTask {
  readonly slot: number
  readonly attempt: number
}

export class NewAssignments {
  /** The tasks to send to each thread. */
  readonly batches = new Map<number, AssignedTask[]>()
  /** The reports of data; the list grows while they are handled. */
  readonly reports: { readonly thread: number; readonly report: ExecutorReport }[] = []

  /** Adds a task to send. */
  add(thread: number, slot: number, attempt: number): void {
    const batch = this.batches.get(thread)
    if (batch === undefined) this.batches.set(thread, [{ slot, attempt }])
    else batch.push({ slot, attempt })
  }

  /** Adds tasks that are data, with their results. */
  addData(thread: number, tasks: readonly AssignedTask[], values: readonly StoredValue[]): void {
    const { length } = tasks
    const report: ExecutorReport = {
      tasks: Int32Array.from(tasks, ({ slot }) => slot),
      attempts: Int32Array.from(tasks, ({ attempt }) => attempt),
      durations: new Float32Array(length),
      values,
      uses: new Uint8Array(length).fill(GIVEN),
      failures: [],
      bundles: [],
    }
    this.reports.push({ thread, report })
  }
}
