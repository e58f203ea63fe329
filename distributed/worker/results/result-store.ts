/**
 * Where a worker keeps results: its own in the mapping that the user gave, under their keys, or else
 * in a list; copies of others' in a list always. What is in the list may be on disk instead. Values
 * are at rest.
 */
import type { StoredValue } from '../../../core/graph/stored-value.js'
import { type OnSpilled, Spill } from './spilled-results.js'

/** What can hold a worker's results: a Map, or anything with these methods. */
export interface ResultMapping {
  get(key: string): StoredValue
  set(key: string, value: StoredValue): unknown
  has(key: string): boolean
  delete(key: string): unknown
}

/** Fails unless a value can hold results. */
export function assertMapping(data: unknown, what: string): void {
  const has = (method: string): boolean =>
    typeof (data as Record<string, unknown> | null)?.[method] === 'function'
  if (['get', 'set', 'has', 'delete'].every(has)) return
  throw new TypeError(`${what}: data must be a Map, or have its methods get, set, has and delete`)
}

export class ResultStore {
  private readonly data: ResultMapping | undefined
  private readonly disk: Spill
  private values: StoredValue[] = []
  /** For results in `data`: their keys there. */
  private readonly keys = new Map<number, string>()

  constructor(
    data: ResultMapping | undefined,
    { directory, onSpilled }: { directory: string | undefined; onSpilled: OnSpilled },
  ) {
    this.data = data
    this.disk = new Spill(directory, onSpilled)
  }

  /** Keeps a result of this worker. */
  put(slot: number, value: StoredValue, key: string): void {
    if (this.data === undefined) {
      this.putCopy(slot, value)
      return
    }
    this.delete(slot)
    // Computations may use the same key for different things, and the user may have data there.
    let name = key
    for (let n = 2; this.data.has(name); n++) name = `${key} (${n})`
    this.data.set(name, value)
    this.keys.set(slot, name)
  }

  /** Keeps a copy of another worker's result. */
  putCopy(slot: number, value: StoredValue): void {
    this.disk.delete(slot)
    this.values[slot] = value
  }

  /** A result that is here, in memory from now on. Throws if the user's mapping or the disk has lost it. */
  get(slot: number): StoredValue {
    const key = this.keys.size > 0 ? this.keys.get(slot) : undefined
    if (key === undefined) {
      if (this.isAway(slot)) this.values[slot] = this.disk.get(slot)
      return this.values[slot]
    }
    return this.getByKey(key)
  }

  /** A result that is here, for sending it: one that is on disk is not taken into memory for good. */
  peek(slot: number): StoredValue {
    return this.isAway(slot) ? this.disk.peek(slot) : this.get(slot)
  }

  /** Has results written to disk, each under its number. */
  spill(slots: readonly number[], writes: readonly number[]): void {
    slots.forEach((slot, i) => {
      this.disk.write(slot, writes[i]!, this.values[slot])
    })
  }

  /** Lets go of the memory of results that are on disk. */
  unload(slots: readonly number[]): void {
    for (const slot of slots) if (this.disk.has(slot)) this.values[slot] = undefined
  }

  /** Removes what is on disk. */
  close(): Promise<void> {
    return this.disk.close()
  }

  private isAway(slot: number): boolean {
    return this.values[slot] === undefined && this.disk.has(slot)
  }

  private getByKey(key: string): StoredValue {
    const value = this.data!.get(key)
    if (value === undefined && !this.data!.has(key)) {
      throw new Error(`The data mapping given to this worker has lost '${key}'`)
    }
    return value
  }

  delete(slot: number): void {
    this.values[slot] = undefined
    this.disk.delete(slot)
    if (this.keys.size === 0) return
    const key = this.keys.get(slot)
    if (key === undefined) return
    this.keys.delete(slot)
    this.data!.delete(key)
  }
}
