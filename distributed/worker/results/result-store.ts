/**
 * The values of a worker's results, in encoded form. Its own results are in the user's mapping under
 * their keys if there is one, else in a list; copies of other workers' results are always in the list.
 * Values of the list may be on disk instead.
 */
import { noteUsed } from '../../../core/base/collect-garbage.js'
import { bundles } from '../../../core/codec/index.js'
import { isEncoded, type StoredValue, storedSize } from '../../../core/graph/stored-value.js'
import { type OnSpilled, SpillQueue } from './spill-queue.js'

/** A store for a worker's results: a Map, or any object with these methods. */
export interface ResultMapping {
  /** Returns the value under a key; undefined if there is none. */
  get(key: string): StoredValue
  /** Stores a value under a key, and replaces any other. */
  set(key: string, value: StoredValue): unknown
  /** Whether there is a value under a key. */
  has(key: string): boolean
  /** Removes the value under a key. */
  delete(key: string): unknown
}

/** Throws TypeError unless `data` is a ResultMapping. */
export function assertMapping(data: unknown, what: string): void {
  const has = (method: string): boolean =>
    typeof (data as Record<string, unknown> | null)?.[method] === 'function'
  if (['get', 'set', 'has', 'delete'].every(has)) return
  throw new TypeError(`${what}: data must be a Map, or have its methods get, set, has and delete`)
}

export class ResultStore {
  private readonly data: ResultMapping | undefined
  private readonly disk: SpillQueue
  private values: StoredValue[] = []
  /** The keys of the results in `data`. */
  private readonly keys = new Map<number, string>()
  /** The functions of results that are elsewhere, on disk or in `data`: lists of tokens, which hold them. */
  private readonly functions = new Map<number, readonly string[]>()

  constructor(
    data: ResultMapping | undefined,
    { directory, onSpilled }: { directory: string | undefined; onSpilled: OnSpilled },
  ) {
    this.data = data
    this.disk = new SpillQueue(directory, onSpilled)
  }

  /** Stores a result of this worker. */
  put(slot: number, value: StoredValue, key: string): void {
    if (this.data === undefined) {
      this.putCopy(slot, value)
      return
    }
    this.delete(slot)
    // Other computations may use the same key, and the user may have data under it.
    let name = key
    for (let n = 2; this.data.has(name); n++) name = `${key} (${n})`
    this.data.set(name, value)
    this.keepFunctions(slot, value)
    this.keys.set(slot, name)
  }

  /** Stores a copy of another worker's result. */
  putCopy(slot: number, value: StoredValue): void {
    this.disk.delete(slot)
    this.functions.delete(slot)
    this.values[slot] = value
  }

  private keepFunctions(slot: number, value: StoredValue): void {
    if (isEncoded(value) && value.bundles.length > 0) this.functions.set(slot, value.bundles)
  }

  /** Makes a result that was elsewhere hold its functions. */
  private withFunctions(slot: number, value: StoredValue): StoredValue {
    const tokens = this.functions.get(slot)
    if (tokens !== undefined && isEncoded(value))
      bundles.within(tokens, () => bundles.hold(value.bundles))
    return value
  }

  /**
   * Returns a result, loading it into memory if it is on disk.
   *
   * @throws Error if the user's mapping has lost it, StorageError if the disk has.
   */
  get(slot: number): StoredValue {
    const key = this.keys.size > 0 ? this.keys.get(slot) : undefined
    if (key !== undefined) return this.withFunctions(slot, this.getByKey(key))
    if (this.isOnDiskOnly(slot)) this.values[slot] = this.withFunctions(slot, this.disk.get(slot))
    return this.values[slot]
  }

  /** Returns a result to be sent; one that is on disk is not kept in memory. */
  peek(slot: number): StoredValue {
    if (!this.isOnDiskOnly(slot)) return this.get(slot)
    const value = this.withFunctions(slot, this.disk.peek(slot))
    if (isEncoded(value)) noteUsed(storedSize(value))
    return value
  }

  /** Queues results to be written to disk, each under the number of its write. */
  spill(slots: readonly number[], writes: readonly number[]): void {
    slots.forEach((slot, i) => {
      this.disk.write(slot, writes[i]!, this.values[slot])
    })
  }

  /** Frees the memory of results that are on disk. */
  unload(slots: readonly number[]): void {
    for (const slot of slots) {
      if (!this.disk.has(slot)) continue
      const value = this.values[slot]
      this.keepFunctions(slot, value)
      if (isEncoded(value)) noteUsed(storedSize(value))
      this.values[slot] = undefined
    }
  }

  delete(slot: number): void {
    const value = this.values[slot]
    if (isEncoded(value)) noteUsed(storedSize(value))
    this.values[slot] = undefined
    this.disk.delete(slot)
    if (this.functions.size > 0) this.functions.delete(slot)
    if (this.keys.size === 0) return
    const key = this.keys.get(slot)
    if (key === undefined) return
    this.keys.delete(slot)
    this.data!.delete(key)
  }

  /** Removes the results on disk. */
  close(): Promise<void> {
    return this.disk.close()
  }

  private isOnDiskOnly(slot: number): boolean {
    return this.values[slot] === undefined && this.disk.has(slot)
  }

  private getByKey(key: string): StoredValue {
    const value = this.data!.get(key)
    if (value === undefined && !this.data!.has(key)) {
      throw new Error(`The data mapping of this worker has lost the result '${key}'`)
    }
    return value
  }
}
