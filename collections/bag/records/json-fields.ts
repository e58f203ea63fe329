/**
 * `JsonFieldScanner`: reads some fields of objects in lines of JSON from their bytes, and makes nothing of the others.
 *
 * The whole line is checked, so it accepts nothing that `JSON.parse` does not. It gives up on a line that is no object, is
 * invalid, or has something unusual, such as an escape in a name; the caller then parses the line.
 */
import { CachedStrings } from './cached-strings.js'
import { POWERS } from './csv-types.js'

const [TAB, NEWLINE, RETURN, SPACE, QUOTE, BACKSLASH] = [9, 10, 13, 32, 34, 92]
const [PLUS, COMMA, MINUS, POINT, ZERO, NINE, COLON] = [43, 44, 45, 46, 48, 57, 58]
const [OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [91, 93, 123, 125]

/** 1 for bytes that end a run of plain characters in a string: quotes, backslashes and control characters. */
const SPECIAL = Uint8Array.from({ length: 256 }, (_, byte) =>
  Number(byte < SPACE || byte === QUOTE || byte === BACKSLASH),
)
/** 1 for what follows a backslash, apart from `u`. */
const ESCAPED = new Uint8Array(256)
for (const character of '"\\/bfnrt') ESCAPED[character.charCodeAt(0)] = 1

/** Deeper values are left to `JSON.parse`. */
const MOST_DEPTH = 100
/** Digits of numbers that doubles hold exactly. */
const MOST_DIGITS = 15

/** Reads the fields of given names. */
export class JsonFieldScanner {
  /** The values of the last object's fields; undefined for those that it does not have. */
  readonly values: unknown[]
  private readonly names: readonly Uint8Array[]
  private readonly strings = new CachedStrings()
  private bytes: Buffer = Buffer.alloc(0)
  private end = 0
  /** The value that `readValue` read last. */
  private value: unknown

  constructor(names: readonly string[]) {
    this.names = names.map((name) => Buffer.from(name))
    this.values = names.map(() => undefined)
  }

  /** Sets the bytes that are read. They must be valid UTF-8. */
  begin(bytes: Buffer): void {
    this.bytes = bytes
    this.end = bytes.length
  }

  /** Reads the object of the line that starts at an index. Returns where the line ends, or -1 to give up. */
  line(start: number): number {
    const { bytes, end, values } = this
    for (let i = 0; i < values.length; i++) values[i] = undefined
    let at = this.space(start)
    if (at === end || bytes[at] !== OPEN_OBJECT) return -1
    at = this.space(at + 1)
    if (at < end && bytes[at] === CLOSE_OBJECT) return this.lineEnd(at + 1)
    for (;;) {
      if (at >= end || bytes[at] !== QUOTE) return -1
      const name = at + 1
      at = name
      while (at < end && SPECIAL[bytes[at]!] === 0) at++
      if (at >= end || bytes[at] !== QUOTE) return -1
      const field = this.find(name, at)
      at++
      if (bytes[at] !== COLON) {
        at = this.space(at)
        if (at >= end || bytes[at] !== COLON) return -1
      }
      at = this.space(at + 1)
      if (field < 0) at = this.skip(at, 0)
      else {
        at = this.read(at)
        values[field] = this.value
      }
      if (at < 0) return -1
      at = this.space(at)
      if (at >= end) return -1
      const byte = bytes[at]
      at++
      if (byte === CLOSE_OBJECT) return this.lineEnd(at)
      if (byte !== COMMA) return -1
      at = this.space(at)
    }
  }

  /** Returns the number of the field whose name is between two indices, or -1. */
  private find(start: number, end: number): number {
    const { bytes, names } = this
    const length = end - start
    for (let field = 0; field < names.length; field++) {
      const name = names[field]!
      if (name.length !== length) continue
      let i = 0
      while (i < length && bytes[start + i] === name[i]) i++
      if (i === length) return field
    }
    return -1
  }

  private space(from: number): number {
    const { bytes, end } = this
    let at = from
    for (; at < end; at++) {
      const byte = bytes[at]!
      if (byte > SPACE || (byte !== SPACE && byte !== TAB && byte !== RETURN)) break
    }
    return at
  }

  private lineEnd(from: number): number {
    const at = this.space(from)
    return at === this.end || this.bytes[at] === NEWLINE ? at : -1
  }

  /** Reads a value. Returns where it ends, or -1 to give up. */
  private read(start: number): number {
    const { bytes, end } = this
    if (start >= end) return -1
    const byte = bytes[start]!
    if (byte === QUOTE) return this.readString(start)
    if (byte === MINUS || (byte >= ZERO && byte <= NINE)) return this.readNumber(start)
    const close = this.skip(start, 0)
    // Literals, lists and objects.
    if (close >= 0) this.value = JSON.parse(bytes.toString('utf8', start, close))
    return close
  }

  private readString(start: number): number {
    const { bytes, end, strings } = this
    let at = start + 1
    let hash = 0
    let byte = 0
    for (; at < end; at++) {
      byte = bytes[at]!
      if (SPECIAL[byte] === 1 || byte > 127) break
      hash = (Math.imul(hash, 31) + byte) | 0
    }
    if (at < end && byte === QUOTE) {
      this.value = strings.get(bytes, start + 1, at, hash)
      return at + 1
    }
    const close = this.skipString(start)
    if (close >= 0) this.value = JSON.parse(bytes.toString('utf8', start, close))
    return close
  }

  private readNumber(start: number): number {
    const { bytes, end } = this
    const close = this.skipNumber(start)
    if (close < 0) return -1
    const isNegative = bytes[start] === MINUS
    let digits = 0
    let count = 0
    let fraction = -1
    for (let at = isNegative ? start + 1 : start; at < close; at++) {
      const byte = bytes[at]!
      if (byte === POINT) fraction = 0
      else if (byte >= ZERO && byte <= NINE) {
        digits = digits * 10 + (byte - ZERO)
        count++
        if (fraction >= 0) fraction++
      } else count = end
    }
    if (count > MOST_DIGITS) this.value = Number(bytes.toString('latin1', start, close))
    else {
      const value = fraction > 0 ? digits / POWERS[fraction]! : digits
      this.value = isNegative ? -value : value
    }
    return close
  }

  /** Checks a value. Returns where it ends, or -1 if it is invalid. */
  private skip(start: number, depth: number): number {
    const { bytes, end } = this
    if (start >= end) return -1
    switch (bytes[start]) {
      case QUOTE:
        return this.skipString(start)
      case OPEN_OBJECT:
        return depth < MOST_DEPTH ? this.skipObject(start, depth + 1) : -1
      case OPEN_LIST:
        return depth < MOST_DEPTH ? this.skipList(start, depth + 1) : -1
      case 0x74:
        return this.skipWord(start, TRUE)
      case 0x66:
        return this.skipWord(start, FALSE)
      case 0x6e:
        return this.skipWord(start, NULL)
      default:
        return this.skipNumber(start)
    }
  }

  private skipString(start: number): number {
    const { bytes, end } = this
    let at = start + 1
    for (;;) {
      while (at < end && SPECIAL[bytes[at]!] === 0) at++
      if (at >= end) return -1
      if (bytes[at] === QUOTE) return at + 1
      if (bytes[at] !== BACKSLASH || at + 1 >= end) return -1
      const escaped = bytes[at + 1]!
      if (ESCAPED[escaped] === 1) at += 2
      else if (escaped === 0x75 && at + 6 <= end && this.areHexDigits(at + 2)) at += 6
      else return -1
    }
  }

  private areHexDigits(start: number): boolean {
    for (let at = start; at < start + 4; at++) {
      const byte = this.bytes[at]!
      const letter = byte | 0x20
      if (!((byte >= ZERO && byte <= NINE) || (letter >= 0x61 && letter <= 0x66))) return false
    }
    return true
  }

  private skipNumber(start: number): number {
    const { bytes, end } = this
    let at = bytes[start] === MINUS ? start + 1 : start
    if (at < end && bytes[at] === ZERO) at++
    else {
      const first = at
      while (at < end && bytes[at]! >= ZERO && bytes[at]! <= NINE) at++
      if (at === first) return -1
    }
    if (at < end && bytes[at] === POINT) {
      const first = ++at
      while (at < end && bytes[at]! >= ZERO && bytes[at]! <= NINE) at++
      if (at === first) return -1
    }
    if (at < end && (bytes[at]! | 0x20) === 0x65) {
      at++
      if (at < end && (bytes[at] === PLUS || bytes[at] === MINUS)) at++
      const first = at
      while (at < end && bytes[at]! >= ZERO && bytes[at]! <= NINE) at++
      if (at === first) return -1
    }
    return at
  }

  private skipWord(start: number, word: Uint8Array): number {
    if (start + word.length > this.end) return -1
    for (let i = 0; i < word.length; i++) if (this.bytes[start + i] !== word[i]) return -1
    return start + word.length
  }

  private skipList(start: number, depth: number): number {
    const { bytes, end } = this
    let at = this.space(start + 1)
    if (at < end && bytes[at] === CLOSE_LIST) return at + 1
    for (;;) {
      at = this.skip(at, depth)
      if (at < 0) return -1
      at = this.space(at)
      if (at >= end) return -1
      if (bytes[at] === CLOSE_LIST) return at + 1
      if (bytes[at] !== COMMA) return -1
      at = this.space(at + 1)
    }
  }

  private skipObject(start: number, depth: number): number {
    const { bytes, end } = this
    let at = this.space(start + 1)
    if (at < end && bytes[at] === CLOSE_OBJECT) return at + 1
    for (;;) {
      if (at >= end || bytes[at] !== QUOTE) return -1
      at = this.skipString(at)
      if (at < 0) return -1
      at = this.space(at)
      if (at >= end || bytes[at] !== COLON) return -1
      at = this.skip(this.space(at + 1), depth)
      if (at < 0) return -1
      at = this.space(at)
      if (at >= end) return -1
      if (bytes[at] === CLOSE_OBJECT) return at + 1
      if (bytes[at] !== COMMA) return -1
      at = this.space(at + 1)
    }
  }
}

const [TRUE, FALSE, NULL] = ['true', 'false', 'null'].map((word) => Buffer.from(word)) as [
  Buffer,
  Buffer,
  Buffer,
]
