/**
 * A batch of tasks in an executor thread. Tasks of a batch may read the results of earlier tasks in it.
 * Such results are kept until their last reader has started.
 */
import { noteUsed } from '../../base/collect-garbage.js'
import { encodedSize, isNamedToken } from '../../codec/index.js'
import { isEncoded, load, type StoredValue } from '../../graph/stored-value.js'
import { reusableMemory } from '../task-memory.js'
import type { RunMessage } from './executor-protocol.js'

const none: unknown[] = []
const noMemory: readonly ArrayBufferLike[] = []

/** A result that later tasks of the batch read. */
interface SharedResult {
  value: StoredValue
  isComputed: boolean
  /** The number of tasks that have yet to read it. */
  readers: number
}

export class TaskBatch {
  readonly message: RunMessage
  /** The index of the next task to run. */
  next = 0
  /** Resolves when the bundles that the values of the batch need are loaded; set by the first task that needs it. */
  prepared: Promise<void> | undefined
  /** Whether values of the batch contain functions of users or of other packages. */
  hasFunctions: boolean
  private readonly shared = new Map<number, SharedResult>()

  constructor(message: RunMessage) {
    this.message = message
    this.hasFunctions = !message.needs.every(isNamedToken)
    for (const index of message.from) {
      if (index < 0) continue
      const known = this.shared.get(index)
      if (known === undefined)
        this.shared.set(index, { value: undefined, isComputed: false, readers: 1 })
      else known.readers++
    }
  }

  /** Whether a task of the batch has yet to start. */
  isQueued(task: number, attempt: number): boolean {
    const index = this.message.tasks.indexOf(task, this.next)
    return index >= 0 && this.message.attempts[index] === attempt
  }

  /** Stores the result of a task for the tasks of the batch that read it. */
  setResult(index: number, value: StoredValue): void {
    if (this.shared.size === 0) return
    const result = this.shared.get(index)
    if (result === undefined) return
    result.value = value
    result.isComputed = true
    if (isEncoded(value) && !value.bundles.every(isNamedToken)) this.hasFunctions = true
  }

  /** Adds the results of earlier tasks to the inputs of a task; returns false if one was not computed. */
  fillInputs(index: number): boolean {
    const { from, inputEnd } = this.message
    if (from.length === 0) return true
    const inputs = this.message.inputs as StoredValue[]
    let areComputed = true
    for (let i = index === 0 ? 0 : inputEnd[index - 1]!; i < inputEnd[index]!; i++) {
      if (from[i] === -1) continue
      const result = this.shared.get(from[i]!)
      if (result === undefined) {
        areComputed = false
        continue
      }
      inputs[i] = result.value
      areComputed &&= result.isComputed
      if (--result.readers === 0) this.shared.delete(from[i]!)
    }
    return areComputed
  }

  /** Returns the large pieces of memory that the inputs of a task are in; before they are loaded. */
  memoryRead(index: number): readonly ArrayBufferLike[] {
    const { inputs, inputEnd } = this.message
    let memory: ArrayBufferLike[] | undefined
    for (let i = index === 0 ? 0 : inputEnd[index - 1]!; i < inputEnd[index]!; i++) {
      const stored = inputs[i]
      if (isEncoded(stored) && stored.buffers.length > 0)
        (memory ??= []).push(...reusableMemory(stored))
    }
    return memory ?? noMemory
  }

  /** Deserializes the inputs of a task. */
  loadInputs(index: number): unknown[] {
    return loadRange(this.message.inputs as StoredValue[], this.message.inputEnd, index)
  }

  /** Deserializes the parameters of a task. */
  loadParams(index: number): unknown[] {
    return loadRange(this.message.params as StoredValue[], this.message.paramEnd, index)
  }
}

function loadRange(all: StoredValue[], end: Int32Array, index: number): unknown[] {
  const start = index === 0 ? 0 : end[index - 1]!
  const count = end[index]! - start
  if (count === 0) return none
  const values = new Array<unknown>(count)
  for (let i = 0; i < count; i++) {
    const stored = all[start + i]
    values[i] = load(stored)
    if (!isEncoded(stored) || stored.buffers.length === 0) continue
    noteUsed(encodedSize(stored))
    // The batch must not keep the data until its last task ends.
    all[start + i] = undefined
  }
  return values
}
