/**
 * Lists of keys that objects of one value have in common, so that they are written once.
 *
 * The first object of a shape is written with its keys, as MessagePack does; the second one defines the
 * shape by them, and from then on a number stands for the keys.
 */
import { Kind } from './tags.js'
import type { Writer } from './writer.js'

const RECENT = 8

interface Shape {
  readonly keys: readonly string[]
  /** The shape's number in the head; -1 until a second object has it. */
  id: number
}

export class RecordShapes {
  private recent: Shape[] = []
  private defined = 0

  /** Writes the keys of an object, or what stands for them; whether its values follow without keys. */
  write(writer: Writer, keys: readonly string[]): boolean {
    const shape = this.find(keys)
    if (shape === undefined) {
      if (keys.length > 0) this.add(keys)
      return false
    }
    if (shape.id >= 0) {
      writer.kind(Kind.RECORD)
      writer.uint(shape.id)
      return true
    }
    shape.id = this.defined++
    writer.kind(Kind.RECORD_DEFINE)
    writer.uint(keys.length)
    for (const key of keys) writer.string(key)
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

  private add(keys: readonly string[]): void {
    if (this.recent.length === RECENT) this.recent.shift()
    this.recent.push({ keys, id: -1 })
  }
}
