/** The lists of keys that records of a value being decoded have in common. */
import { DecodeError } from '../../base/errors.js'
import type { Reader } from '../bytes/reader.js'

export class ReadShapes {
  private readonly shapes: (readonly string[])[] = []

  /** Reads the keys of a shape, which is known by its number from here on. */
  define(reader: Reader): readonly string[] {
    const keys: string[] = []
    for (let n = reader.count(); n > 0; n--) keys.push(reader.text())
    this.shapes.push(keys)
    return keys
  }

  /** Reads the number of a shape; the keys of it. */
  get(reader: Reader): readonly string[] {
    const keys = this.shapes[reader.uint()]
    if (keys === undefined) throw new DecodeError('A record has keys that were not defined')
    return keys
  }
}
