/**
 * Free memory of earlier results, which threads use for later ones. Pages that are used again cost a thread nothing, while new
 * ones are cleared by the system, and are given back only when the garbage collectors of all threads that have read them have run.
 */
import { collectDropped, noteDropped, noteUsed } from '../../base/collect-garbage.js'
import type { Encoded } from '../../codec/index.js'
import { reusableMemory } from '../task-memory.js'

/** The most bytes of free memory that are kept while tasks run. */
const mostKept = 2 ** 28
/** Milliseconds after which memory that no task uses is dropped. */
const idleAfter = 500

export class ResultMemory {
  /** Free memory by its size, the size that was used last at the end. */
  private readonly free = new Map<number, SharedArrayBuffer[]>()
  private freeBytes = 0
  /** The sizes of the memory of a result, by the number of the recipe. */
  private readonly sizes = new Map<number, readonly number[]>()
  private timer: NodeJS.Timeout | undefined
  /** Whether memory was used since the timer was set. */
  private wasUsed = false

  /** The bytes of free memory that are kept while tasks run. */
  private readonly keptBytes: number

  /** Keeps at most 256 MiB, or less. */
  constructor(keptBytes: number) {
    this.keptBytes = Math.min(mostKept, keptBytes)
  }

  /** Notes how much memory a result of a recipe takes. */
  learn(recipe: number, result: Encoded): void {
    if (!this.sizes.has(recipe)) this.sizes.set(recipe, reusableMemory(result).map(sizeOf))
  }

  forgetRecipes(recipes: readonly number[]): void {
    for (const recipe of recipes) this.sizes.delete(recipe)
  }

  /** Adds the memory of a result that nothing reads any more. */
  add(result: Encoded): void {
    for (const buffer of reusableMemory(result)) {
      const size = buffer.byteLength
      const list = this.free.get(size) ?? []
      this.free.delete(size)
      this.free.set(size, list)
      list.push(buffer)
      this.freeBytes += size
    }
    while (this.freeBytes > this.keptBytes) this.dropOldest()
    this.wasUsed = true
    this.timer ??= setTimeout(() => this.dropIfIdle(), idleAfter).unref()
  }

  /** Takes the memory for the result of a task, if there is some, and adds it to a list. */
  takeFor(recipe: number, into: SharedArrayBuffer[]): void {
    const sizes = this.sizes.get(recipe)
    if (sizes === undefined || this.freeBytes === 0) return
    for (const size of sizes) {
      const buffer = this.free.get(size)?.pop()
      if (buffer === undefined) continue
      this.freeBytes -= size
      // The thread may drop it.
      noteUsed(size)
      into.push(buffer)
    }
  }

  /** Returns memory of a size: what is free, or new memory. */
  take(size: number): SharedArrayBuffer {
    const buffer = this.free.get(size)?.pop()
    if (buffer !== undefined) this.freeBytes -= size
    else noteUsed(size)
    return buffer ?? new SharedArrayBuffer(size)
  }

  private dropOldest(): void {
    for (const [size, list] of this.free) {
      const dropped = list.pop()
      if (dropped === undefined) this.free.delete(size)
      else {
        this.freeBytes -= size
        noteDropped(size)
        return
      }
    }
  }

  private dropIfIdle(): void {
    this.timer = undefined
    if (this.wasUsed) {
      this.wasUsed = false
      this.timer = setTimeout(() => this.dropIfIdle(), idleAfter).unref()
      return
    }
    noteDropped(this.freeBytes)
    this.free.clear()
    this.freeBytes = 0
    collectDropped()
  }
}

function sizeOf({ byteLength }: SharedArrayBuffer): number {
  return byteLength
}
