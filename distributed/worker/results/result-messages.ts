/** What a worker tells its scheduler of results: gathered in columns, and sent as one message. */
import { bundles as knownBundles } from '../../../core/codec/index.js'
import { type StoredValue, storedSize } from '../../../core/graph/stored-value.js'
import type { Bundle, Finished, Gather, GatherReply } from '../../protocol/index.js'
import { tokensOf } from '../../protocol/tokens.js'

/** Tasks that a thread has done. */
export class FinishedReport {
  private readonly tasks: Int32Array
  private readonly attempts: Int32Array
  private readonly nbytes: Float64Array
  private readonly durations: Float32Array
  private readonly delivered: number[] = []
  private readonly values: StoredValue[] = []
  /** How many there are. */
  count = 0

  constructor(atMost: number) {
    this.tasks = new Int32Array(atMost)
    this.attempts = new Int32Array(atMost)
    this.nbytes = new Float64Array(atMost)
    this.durations = new Float32Array(atMost)
  }

  /** Adds a task; its value goes along if a client waits for it. */
  add(
    task: number,
    attempt: number,
    value: StoredValue,
    about: { duration: number; isWanted: boolean },
  ): void {
    const at = this.count++
    this.tasks[at] = task
    this.attempts[at] = attempt
    this.nbytes[at] = storedSize(value)
    this.durations[at] = about.duration
    if (!about.isWanted) return
    this.delivered.push(at)
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
      bundles: bundlesBehind(tokensOf(values)),
    }
  }
}

/** A message is closed when it holds so many bytes. */
const bytesAtOnce = 4 * 1024 * 1024

/** The answers to `gather`, from what can be found here. */
export function gathered(
  { tasks, attempts, to }: Gather,
  find: (task: number, attempt: number) => { value: StoredValue } | undefined,
): GatherReply[] {
  const messages: GatherReply[] = []
  let found: number[] = []
  let values: StoredValue[] = []
  let absent: number[] = []
  let bytes = 0
  const close = (): void => {
    messages.push({
      op: 'gather-reply',
      to,
      tasks: Int32Array.from(found, (i) => tasks[i]!),
      attempts: Int32Array.from(found, (i) => attempts[i]!),
      values,
      bundles: bundlesBehind(tokensOf(values)),
      absent: Int32Array.from(absent),
    })
    found = []
    values = []
    absent = []
    bytes = 0
  }
  for (let i = 0; i < tasks.length; i++) {
    const result = find(tasks[i]!, attempts[i]!)
    if (result === undefined) absent.push(tasks[i]!)
    else {
      found.push(i)
      values.push(result.value)
      bytes += storedSize(result.value)
    }
    if (bytes >= bytesAtOnce) close()
  }
  if (found.length + absent.length > 0) close()
  return messages
}

/** The bundles of this process that some tokens lead to. */
export function bundlesBehind(tokens: readonly string[]): Bundle[] {
  return knownBundles.closure(tokens).map((token) => [token, knownBundles.get(token)!] as const)
}
