/**
 * Lists of keys that objects of one value have in common, so that they are written once.
 *
 * The first object of a shape is written with its keys, as in MessagePack; the second one defines
 * the shape with its keys and a number; further ones refer to the number.
 */
import { DecodeError } from '../../base/errors.js'
import type { Reader } from '../bytes/reader.js'
import { Kind } from '../bytes/tags.js'
import type { Writer } from '../bytes/writer.js'
import { RecordTemplate } from './hidden-class.js'

/** How many shapes are remembered. */
const RECENT = 8

/** A list of keys, and how it was written so far. */
export interface RecordShape {
  readonly keys: readonly string[]
  /** How often it was written. */
  uses: number
  /** The shape's number in the head; -1 until a second object has it. */
  id: number
  /** Recognizes objects that have these keys and nothing else; made from the last such object. */
  template: RecordTemplate | undefined
}

/** The record shapes of a value being encoded. */
export class RecordShapes {
  private recent: RecordShape[] = []
  private defined = 0

  /** Returns the shape of an object if the object is known to have its keys and nothing else. */
  matching(object: object): RecordShape | undefined {
    for (let s = this.recent.length - 1; s >= 0; s--) {
      const shape = this.recent[s]!
      if (shape.template?.matches(object) === true) return shape
    }
    return undefined
  }

  /**
   * Returns the shape of these keys; undefined without keys. `sample` is an object with nothing
   * else.
   */
  of(keys: readonly string[], sample?: object): RecordShape | undefined {
    if (keys.length === 0) return undefined
    const shape = this.find(keys) ?? this.add(keys)
    if (sample !== undefined) shape.template = RecordTemplate.of(sample, keys)
    return shape
  }

  /**
   * Writes the part of a record before its values. Returns whether the values follow without keys.
   */
  write(writer: Writer, shape: RecordShape): boolean {
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

  private find(keys: readonly string[]): RecordShape | undefined {
    search: for (let s = this.recent.length - 1; s >= 0; s--) {
      const shape = this.recent[s]!
      if (shape.keys.length !== keys.length) continue
      for (let i = 0; i < keys.length; i++) if (shape.keys[i] !== keys[i]) continue search
      return shape
    }
    return undefined
  }

  private add(keys: readonly string[]): RecordShape {
    const shape: RecordShape = { keys, uses: 0, id: -1, template: undefined }
    if (this.recent.length === RECENT) this.recent.shift()
    this.recent.push(shape)
    return shape
  }
}

/** The record shapes of a value being decoded. */
export class ReadRecordShapes {
  private readonly shapes: (readonly string[])[] = []

  /** Reads and returns the keys of a shape, which gets the next number. */
  define(reader: Reader): readonly string[] {
    const keys: string[] = []
    for (let n = reader.count(); n > 0; n--) keys.push(reader.string())
    this.shapes.push(keys)
    return keys
  }

  /** Reads the number of a shape and returns its keys. */
  get(reader: Reader): readonly string[] {
    const keys = this.shapes[reader.uint()]
    if (keys === undefined) throw new DecodeError('A record has keys that were not defined')
    return keys
  }
}
