/** The messages with which a worker sends results, or reports of them, in columns. */
import { bundleItems, type StoredValue, storedSize } from '../../../core/graph/stored-value.js'
import type { FetchReply, Finished, Gather, GatherReply } from '../../protocol/index.js'

/** Bytes and values at which a message is closed and the next one begun. */
const maxMessageBytes = 4 * 1024 * 1024
const maxMessageValues = 8192

/** A result that is found in a worker's store. */
export interface FoundResult {
  readonly value: StoredValue
}

/** Finds the result of an attempt at a task; undefined if it is not here. */
export type FindResult = (task: number, attempt: number) => FoundResult | undefined

/** Collects the finished tasks of a thread for one `finished` message. */
export class FinishedReport {
  private readonly tasks: Int32Array
  private readonly attempts: Int32Array
  private readonly nbytes: Float64Array
  private readonly durations: Float32Array
  private readonly delivered: number[] = []
  private readonly values: StoredValue[] = []
  /** The number of tasks. */
  count = 0

  /** `capacity` is the most tasks that will be added. */
  constructor(capacity: number) {
    this.tasks = new Int32Array(capacity)
    this.attempts = new Int32Array(capacity)
    this.nbytes = new Float64Array(capacity)
    this.durations = new Float32Array(capacity)
  }

  /** Adds a task; with `deliver`, its value is sent too, because a client waits for it. */
  add(
    task: number,
    attempt: number,
    value: StoredValue,
    { duration, deliver }: { duration: number; deliver: boolean },
  ): void {
    const i = this.count++
    this.tasks[i] = task
    this.attempts[i] = attempt
    this.nbytes[i] = storedSize(value)
    this.durations[i] = duration
    if (!deliver) return
    this.delivered.push(i)
    this.values.push(value)
  }

  message(): Finished {
    const { count, values } = this
    return {
      op: 'finished',
      tasks: this.tasks.subarray(0, count),
      attempts: this.attempts.subarray(0, count),
      nbytes: this.nbytes.subarray(0, count),
      durations: this.durations.subarray(0, count),
      delivered: Int32Array.from(this.delivered),
      values,
      bundles: bundleItems(values),
    }
  }
}

/** Answers a `gather` message of the scheduler, in messages of bounded size. */
export function* gatherReplies(
  { tasks, attempts, to }: Gather,
  find: FindResult,
): Generator<GatherReply> {
  let found = new ResultColumns()
  let absent: number[] = []
  const close = (): GatherReply => {
    const message = {
      op: 'gather-reply',
      to,
      ...found.columns(),
      absent: Int32Array.from(absent),
    } as const
    found = new ResultColumns()
    absent = []
    return message
  }
  for (let i = 0; i < tasks.length; i++) {
    const result = find(tasks[i]!, attempts[i]!)
    if (result === undefined) absent.push(tasks[i]!)
    else found.add(tasks[i]!, attempts[i]!, result.value)
    if (found.isFull) yield close()
  }
  if (found.count + absent.length > 0) yield close()
}

/** Answers another worker's request for results, in messages of bounded size; `last` closes them. */
export function* fetchReplies(
  request: number,
  tasks: Int32Array,
  attempts: Int32Array,
  find: FindResult,
): Generator<FetchReply> {
  let found = new ResultColumns()
  const absent: number[] = []
  for (let i = 0; i < tasks.length; i++) {
    const result = find(tasks[i]!, attempts[i]!)
    if (result === undefined) absent.push(tasks[i]!)
    else found.add(tasks[i]!, attempts[i]!, result.value)
    if (!found.isFull) continue
    const none = new Int32Array(0)
    yield { op: 'fetch-reply', request, ...found.columns(), absent: none, last: false }
    found = new ResultColumns()
  }
  const rest = Int32Array.from(absent)
  yield { op: 'fetch-reply', request, ...found.columns(), absent: rest, last: true }
}

/** Results of one message. */
class ResultColumns {
  private readonly tasks: number[] = []
  private readonly attempts: number[] = []
  private readonly values: StoredValue[] = []
  private bytes = 0

  get count(): number {
    return this.values.length
  }

  get isFull(): boolean {
    return this.bytes >= maxMessageBytes || this.count >= maxMessageValues
  }

  add(task: number, attempt: number, value: StoredValue): void {
    this.tasks.push(task)
    this.attempts.push(attempt)
    this.values.push(value)
    this.bytes += storedSize(value)
  }

  columns(): Pick<GatherReply, 'tasks' | 'attempts' | 'values' | 'bundles'> {
    return {
      tasks: Int32Array.from(this.tasks),
      attempts: Int32Array.from(this.attempts),
      values: this.values,
      bundles: bundleItems(this.values),
    }
  }
}
