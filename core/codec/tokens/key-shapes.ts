/**
 * Lists of keys in tokens: sorted, as their order does not count, and each list as a few bytes, which
 * are the same wherever it stands.
 */
import { hashOf } from '../bytes/hash-sink.js'

/** Lists of keys that are kept from one token to the next. */
const MOST_SHAPES = 1000
const KEYS_BYTES = 12

/** A list of keys. */
export interface KeyShape {
  readonly keys: readonly string[]
  readonly sorted: readonly string[]
  /** The bytes that stand for the sorted keys. */
  readonly bytes: Uint8Array
}

export class KeyShapes {
  private readonly shapes = new Map<string, KeyShape>()
  private last: KeyShape | undefined

  /** The shape of an object with these keys. */
  of(keys: readonly string[]): KeyShape {
    const last = this.last
    if (last !== undefined && last.keys.length === keys.length) {
      let i = 0
      while (i < keys.length && keys[i] === last.keys[i]) i++
      if (i === keys.length) return last
    }
    const sorted = [...keys].sort()
    const name = JSON.stringify(sorted)
    const found = this.shapes.get(name)
    if (found !== undefined) return (this.last = { keys, sorted: found.sorted, bytes: found.bytes })
    const bytes = hashOf(Buffer.from(name)).subarray(0, KEYS_BYTES)
    const shape = { keys, sorted, bytes }
    this.shapes.set(name, shape)
    this.last = shape
    return shape
  }

  /** Ends a token: the cache is emptied when it has grown large. */
  endToken(): void {
    this.last = undefined
    if (this.shapes.size > MOST_SHAPES) this.shapes.clear()
  }
}
