/**
 * Where a worker keeps results: its own in the mapping that the user gave, under their keys, or else
 * in a list; copies of others' in a list always. Values are at rest.
 */
import type { StoredValue } from '../../core/stored-value.js'

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
  private values: StoredValue[] = []
  /** For results in `data`: their keys there. */
  private readonly keys = new Map<number, string>()

  constructor(data: ResultMapping | undefined) {
    this.data = data
  }

  /** Keeps a result of this worker. */
  put(slot: number, value: StoredValue, key: string): void {
    if (this.data === undefined) {
      this.values[slot] = value
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
    this.values[slot] = value
  }

  /** A result that is here. Throws if the user's mapping has lost it. */
  get(slot: number): StoredValue {
    const key = this.keys.size > 0 ? this.keys.get(slot) : undefined
    if (key === undefined) return this.values[slot]
    const value = this.data!.get(key)
    if (value === undefined && !this.data!.has(key)) {
      throw new Error(`The data mapping given to this worker has lost '${key}'`)
    }
    return value
  }

  delete(slot: number): void {
    this.values[slot] = undefined
    if (this.keys.size === 0) return
    const key = this.keys.get(slot)
    if (key === undefined) return
    this.keys.delete(slot)
    this.data!.delete(key)
  }
}
