/**
 * Lists of keys in tokens: sorted, because their order does not count, and each replaced by a few
 * bytes of its hash.
 */
import { hashOf } from '../bytes/hash-sink.js'

/** How many lists of keys are cached between tokens. */
const MOST_SHAPES = 1000
const KEYS_BYTES = 12

/** A list of keys. */
export interface KeyShape {
  readonly keys: readonly string[]
  readonly sorted: readonly string[]
  /** The bytes that represent the sorted keys. */
  readonly bytes: Uint8Array
}

/** A cache of lists of keys. */
export class KeyShapes {
  private readonly shapes = new Map<string, KeyShape>()
  private last: KeyShape | undefined

  /** Returns the shape of an object with these keys. */
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

  /** Ends a token; empties the cache if it has grown too large. */
  endToken(): void {
    this.last = undefined
    if (this.shapes.size > MOST_SHAPES) this.shapes.clear()
  }
}
