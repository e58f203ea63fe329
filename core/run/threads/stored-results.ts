/**
 * The stored results of a pool's tasks, by slot, and the number of tasks that may still read the memory of each.
 *
 * Tasks read their inputs in shared memory. A task counts as a reader from when it is sent until it reports
 * that it does not refer to its inputs any more. A task that fails, is cancelled or runs code of the user never
 * reports that, so the garbage collector frees the memory of its inputs. When a result without readers is freed, its
 * memory is used for later results.
 *
 * When the results take more memory than they may, those that are needed last are written to disk, and read back for the tasks
 * that read them. A result that was read back stays on disk too, so it is written once.
 */
import { noteUsed } from '../../base/collect-garbage.js'
import { type Encoded, encodedSize } from '../../codec/index.js'
import { isEncoded, type StoredValue } from '../../graph/stored-value.js'
import { GIVEN, RETAINED, REUSABLE } from './executor-protocol.js'
import { ResultMemory } from './result-memory.js'
import { SpillFile } from './spill-file.js'

/** Smaller results stay in memory. */
const SPILLED_FROM = 2 ** 14
/** The share of the limit that is left when results were written, so that it is not done for each. */
const LEFT = 0.8

/** When a result is needed: the rank of the task that reads it next, infinite if none will; undefined while tasks read it. */
export type NextUse = (slot: number) => number | undefined

/** A result on disk: its small parts, and the positions of the others. */
interface Spilled {
  readonly head: Uint8Array
  readonly bundles: readonly string[]
  readonly positions: readonly number[]
  readonly sizes: readonly number[]
}

export class StoredResults {
  private readonly values: StoredValue[] = []
  /** The number of tasks that may read each result. */
  private readers = new Int32Array(256)
  /** The results whose memory can be used again when nothing reads them. */
  private readonly reusable = new Set<number>()
  /** The results that may be written to disk, with the bytes that this would free. */
  private readonly large = new Map<number, number>()
  /** The bytes of `large`. */
  private largeBytes = 0
  /** The results that are on disk; they may be in memory too. */
  private readonly spilled = new Map<number, Spilled>()
  private readonly file = new SpillFile()
  /** The bytes of results in memory above which some are written to disk. */
  private readonly limit: number
  private readonly nextUse: NextUse
  /** Whether the disk cannot be written to. */
  private hasFailed = false
  /** The results that are parameters: their memory belongs to the graph. */
  private readonly given = new Set<number>()
  /** The free memory. */
  readonly memory: ResultMemory

  /** By default, all results stay in memory. */
  constructor(limit = Number.POSITIVE_INFINITY, nextUse: NextUse = () => undefined) {
    this.limit = limit
    this.nextUse = nextUse
    this.memory = new ResultMemory(limit / 4)
  }

  /** Returns a result, which is read from disk if it is there; undefined if there is none. */
  get(slot: number): StoredValue {
    const value = this.values[slot]
    if (value !== undefined) return value
    const spilled = this.spilled.size === 0 ? undefined : this.spilled.get(slot)
    return spilled === undefined ? undefined : this.readBack(slot, spilled)
  }

  /** Returns a result that will be read outside of tasks, so that its memory is not used again. */
  take(slot: number): StoredValue {
    const value = this.get(slot)
    this.reusable.delete(slot)
    return value
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
    if (use === GIVEN) this.given.add(slot)
    else if (isEncoded(value)) {
      if (use === REUSABLE) {
        this.reusable.add(slot)
        this.memory.learn(recipe, value)
      }
      this.count(slot, value)
    }
    if (use === RETAINED) return
    for (let i = 0; i < inputs.length; i++) this.readers[inputs[i]!]!--
  }

  /** Frees results that no task will read any more. */
  free(slots: readonly number[]): void {
    for (const slot of slots) {
      this.drop(slot)
      const spilled = this.spilled.size === 0 ? undefined : this.spilled.get(slot)
      if (spilled === undefined) continue
      this.spilled.delete(slot)
      spilled.positions.forEach((position, i) => {
        this.file.release(position, spilled.sizes[i]!)
      })
    }
  }

  /** Writes results to disk if there are more than may be in memory, those that are needed last before others. */
  makeRoom(): void {
    if (this.largeBytes <= this.limit || this.hasFailed) return
    const found: { readonly slot: number; readonly use: number }[] = []
    for (const slot of this.large.keys()) {
      const use = this.nextUse(slot)
      if (use !== undefined) found.push({ slot, use })
    }
    found.sort((a, b) => b.use - a.use)
    for (const { slot } of found) {
      if (this.largeBytes <= LEFT * this.limit) return
      if (!this.spilled.has(slot) && !this.spill(slot, this.values[slot] as Encoded)) return
      this.drop(slot)
      // Tasks that may still refer to it have ended.
      this.readers[slot] = 0
    }
  }

  /** Frees the disk; the results must not be needed any more. */
  close(): void {
    this.file.close()
  }

  /** Notes a result in memory that may be written to disk. */
  private count(slot: number, value: Encoded): void {
    if (this.limit === Number.POSITIVE_INFINITY) return
    const size = encodedSize(value)
    if (size - value.head.byteLength < SPILLED_FROM) return
    this.large.set(slot, size)
    this.largeBytes += size
  }

  /** Drops a result from memory. */
  private drop(slot: number): void {
    const value = this.values[slot]
    this.values[slot] = undefined
    const size = this.large.get(slot)
    if (size !== undefined) {
      this.large.delete(slot)
      this.largeBytes -= size
    }
    if (this.given.delete(slot) || !isEncoded(value)) return
    if (this.reusable.delete(slot) && this.readers[slot] === 0) this.memory.add(value)
    else noteUsed(encodedSize(value))
  }

  /** Writes a result to disk; returns whether it is there. */
  private spill(slot: number, { head, bundles, buffers }: Encoded): boolean {
    const positions: number[] = []
    try {
      for (const buffer of buffers) positions.push(this.file.write(buffer))
    } catch (error) {
      positions.forEach((position, i) => {
        this.file.release(position, buffers[i]!.byteLength)
      })
      this.hasFailed = true
      process.stderr.write(
        `skein: results are not written to disk any more: ${(error as Error).message}\n`,
      )
      return false
    }
    const sizes = buffers.map(({ byteLength }) => byteLength)
    this.spilled.set(slot, { head, bundles, positions, sizes })
    return true
  }

  private readBack(slot: number, { head, bundles, positions, sizes }: Spilled): Encoded {
    const buffers = sizes.map((size, i) => {
      const buffer = new Uint8Array(this.memory.take(size))
      this.file.read(positions[i]!, buffer)
      return buffer
    })
    const value = { head, bundles, buffers }
    this.values[slot] = value
    this.reusable.add(slot)
    this.count(slot, value)
    return value
  }
}
