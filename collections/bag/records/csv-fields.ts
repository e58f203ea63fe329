/**
 * `CsvFieldScanner`: reads records of CSV from bytes of ASCII, as `CsvParser` does, but plain ones only: it stops before a
 * record that has a field in quotes, a wrong number of fields, or a number that is not plain.
 */
import { CachedStrings } from './cached-strings.js'
import { type CsvColumn, LEFT_OUT } from './csv-parser.js'
import { convertField, POWERS, UNFIT } from './csv-types.js'

const [NEWLINE, RETURN, MINUS, POINT, ZERO, NINE] = [10, 13, 45, 46, 48, 57]
/** Digits of numbers that doubles hold exactly. */
const MOST_DIGITS = 15

/** What is done with the fields of a column. */
const [SKIP, NUMBER, STRING, CONVERT] = [0, 1, 2, 3]

/** The characters of a file, and its columns. */
export interface CsvBytes {
  readonly separatorByte: number
  readonly quoteByte: number
  readonly columns: readonly CsvColumn[]
}

/** Reads plain records. */
export class CsvFieldScanner {
  private readonly separator: number
  private readonly quote: number
  private readonly columns: readonly CsvColumn[]
  private readonly actions: Uint8Array
  private readonly targets: Int32Array
  private readonly values: unknown[] = []
  private readonly strings = new CachedStrings()

  constructor({ separatorByte, quoteByte, columns }: CsvBytes) {
    this.separator = separatorByte
    this.quote = quoteByte
    this.columns = columns
    this.targets = Int32Array.from(columns, ({ target }) => target)
    this.actions = Uint8Array.from(columns, ({ type, target }) => {
      if (target === LEFT_OUT) return SKIP
      return type === 'number' ? NUMBER : type === 'string' ? STRING : CONVERT
    })
  }

  /**
   * Reads records from an index on and passes the values of each to `add`. Returns the index of the first record that it
   * does not read, or that starts at `limit` or later.
   */
  records(
    bytes: Buffer,
    from: number,
    limit: number,
    add: (values: readonly unknown[]) => void,
  ): number {
    let at = from
    for (;;) {
      while (at < bytes.length && (bytes[at] === NEWLINE || bytes[at] === RETURN)) at++
      if (at >= limit || at >= bytes.length) return at
      const end = this.record(bytes, at)
      if (end < 0) return at
      add(this.values)
      at = end
    }
  }

  /** Reads a record. Returns the index of its line end, or -1 to give up. */
  private record(bytes: Buffer, start: number): number {
    const { separator, quote, actions, targets, values } = this
    const { length } = bytes
    const last = actions.length - 1
    let at = start
    for (let column = 0; ; column++) {
      if (bytes[at] === quote) return -1
      const action = actions[column]
      if (action === SKIP) {
        for (; at < length; at++) {
          const byte = bytes[at]!
          if (byte === separator || byte === NEWLINE || byte === RETURN) break
        }
      } else if (action === NUMBER) {
        const first = at
        const isNegative = bytes[at] === MINUS
        if (isNegative) at++
        let digits = 0
        let count = 0
        let fraction = -1
        for (; at < length; at++) {
          const byte = bytes[at]!
          if (byte >= ZERO && byte <= NINE) {
            digits = digits * 10 + (byte - ZERO)
            count++
            if (fraction >= 0) fraction++
          } else if (byte === POINT && fraction < 0) fraction = 0
          else break
        }
        if (count > MOST_DIGITS || (count === 0 && at > first)) return -1
        const target = targets[column]!
        if (target >= 0) {
          const value = fraction > 0 ? digits / POWERS[fraction]! : digits
          values[target] = count === 0 ? null : isNegative ? -value : value
        }
      } else {
        const first = at
        let hash = 0
        for (; at < length; at++) {
          const byte = bytes[at]!
          if (byte === separator || byte === NEWLINE || byte === RETURN) break
          hash = (Math.imul(hash, 31) + byte) | 0
        }
        const string = this.strings.get(bytes, first, at, hash)
        const value = action === STRING ? string : convertField(string, this.columns[column]!.type)
        if (value === UNFIT) return -1
        if (targets[column]! >= 0) values[targets[column]!] = value
      }
      // The record may go on in the next block.
      if (at >= length) return -1
      const byte = bytes[at]
      if (byte !== separator)
        return column === last && (byte === NEWLINE || byte === RETURN) ? at : -1
      if (column === last) return -1
      at++
    }
  }
}
