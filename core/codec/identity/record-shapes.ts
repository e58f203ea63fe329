/**
 * Lists of keys that objects of one value have in common, so that they are written once.
 *
 * The first object of a shape is written with its keys, as MessagePack does; the second one defines the
 * shape by them, and from then on a number stands for the keys.
 */

import { Kind } from '../bytes/tags.js'
import type { Writer } from '../bytes/writer.js'
import { Likeness } from './hidden-class.js'

const RECENT = 8

export interface Shape {
  readonly keys: readonly string[]
  /** How often it was written. */
  uses: number
  /** The shape's number in the head; -1 until a second object has it. */
  id: number
  /** What objects are like that have these keys and nothing besides: the last one that was looked at. */
  like: Likeness | undefined
}

export class RecordShapes {
  private recent: Shape[] = []
  private defined = 0

  /** The shape of an object that is known to have its keys and nothing besides. */
  like(object: object): Shape | undefined {
    for (let s = this.recent.length - 1; s >= 0; s--) {
      const shape = this.recent[s]!
      if (shape.like?.isOf(object) === true) return shape
    }
    return undefined
  }

  /** The shape of these keys, none without a key; `only` is an object that has nothing besides. */
  of(keys: readonly string[], only?: object): Shape | undefined {
    if (keys.length === 0) return undefined
    const shape = this.find(keys) ?? this.add(keys)
    if (only !== undefined) shape.like = Likeness.of(only, keys)
    return shape
  }

  /** Writes what stands before the values of an object; whether its values follow without keys. */
  write(writer: Writer, shape: Shape): boolean {
    if (shape.uses++ === 0) {
      writer.mapHeader(shape.keys.length)
      return false
    }
    if (shape.id >= 0) {
      writer.kind(Kind.RECORD)
      writer.uint(shape.id)
      return true
    }
    shape.id = this.defined++
    writer.kind(Kind.RECORD_DEFINE)
    writer.uint(shape.keys.length)
    for (const key of shape.keys) writer.string(key)
    return true
  }

  clear(): void {
    if (this.recent.length > 0) this.recent = []
    this.defined = 0
  }

  private find(keys: readonly string[]): Shape | undefined {
    search: for (let s = this.recent.length - 1; s >= 0; s--) {
      const shape = this.recent[s]!
      if (shape.keys.length !== keys.length) continue
      for (let i = 0; i < keys.length; i++) if (shape.keys[i] !== keys[i]) continue search
      return shape
    }
    return undefined
  }

  private add(keys: readonly string[]): Shape {
    const shape: Shape = { keys, uses: 0, id: -1, like: undefined }
    if (this.recent.length === RECENT) this.recent.shift()
    this.recent.push(shape)
    return shape
  }
}
