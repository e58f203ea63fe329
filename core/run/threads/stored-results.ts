/**
 * The stored results of a pool's tasks, by slot, and the number of tasks that may still read the memory of each.
 *
 * Tasks read their inputs in shared memory. A task counts as a reader from when it is sent until it reports
 * that it does not refer to its inputs any more. A task that fails, is cancelled or runs code of the user never
 * reports that, so the garbage collector frees the memory of its inputs. When a result without readers is freed, its
 * memory is used for later results.
 */
import { noteUsed } from '../../base/collect-garbage.js'
import { encodedSize } from '../../codec/index.js'
import { isEncoded, type StoredValue } from '../../graph/stored-value.js'
import { RETAINED, REUSABLE } from './executor-protocol.js'
import { ResultMemory } from './result-memory.js'

export class StoredResults {
  private readonly values: StoredValue[] = []
  /** The number of tasks that may read each result. */
  private readers = new Int32Array(256)
  /** The results whose memory can be used again when nothing reads them. */
  private readonly reusable = new Set<number>()
  /** The free memory. */
  readonly memory = new ResultMemory()

  /** Returns a result; undefined if it is not there. */
  get(slot: number): StoredValue {
    return this.values[slot]
  }

  /** Returns a result that will be read outside of tasks, so that its memory is not used again. */
  take(slot: number): StoredValue {
    this.reusable.delete(slot)
    return this.values[slot]
  }

  /** Notes that a task was sent to a thread with these inputs. */
  onSent(slot: number, inputs: ArrayLike<number>): void {
    if (slot >= this.readers.length) {
      const grown = new Int32Array(Math.max(slot + 1, 2 * this.readers.length))
      grown.set(this.readers)
      this.readers = grown
    }
    this.readers[slot] = 0
    for (let i = 0; i < inputs.length; i++) this.readers[inputs[i]!]!++
  }

  /** Stores the result of a task of some recipe, which has read `inputs`, and what the task has left in memory. */
  put(
    slot: number,
    recipe: number,
    inputs: ArrayLike<number>,
    value: StoredValue,
    use: number,
  ): void {
    this.values[slot] = value
    if (use === REUSABLE && isEncoded(value)) {
      this.reusable.add(slot)
      this.memory.learn(recipe, value)
    }
    if (use === RETAINED) return
    for (let i = 0; i < inputs.length; i++) this.readers[inputs[i]!]!--
  }

  /** Frees results that no task will read any more. */
  free(slots: readonly number[]): void {
    for (const slot of slots) {
      const value = this.values[slot]
      this.values[slot] = undefined
      if (!isEncoded(value)) continue
      if (this.reusable.delete(slot) && this.readers[slot] === 0) this.memory.add(value)
      else noteUsed(encodedSize(value))
    }
  }
}
