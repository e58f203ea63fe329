/**
 * `CsvParser`: the records in text of CSV, as Python's `csv` reads them. A quote begins a quoted field at its start
 * only; two quotes in it are one; what follows its end belongs to the field. Records end at `\n`, `\r\n` or `\r`.
 * Empty lines are left out.
 */
import { type ColumnType, convertField, plainNumber, UNFIT } from './csv-types.js'

/** The characters of a file. */
export interface CsvDialect {
  /** One character between fields. */
  readonly separator: string
  /** One character around fields; null if there is none. */
  readonly quote: string | null
}

/** How the fields of a column are converted. */
export interface CsvColumn {
  readonly name: string
  readonly type: ColumnType
  /** The index of its value in records; `LEFT_OUT`, or `CHECKED` if it is left out but must fit its type. */
  readonly target: number
}

/** The target of a column that is not converted, and of one that is converted and not kept. */
export const LEFT_OUT = -1
export const CHECKED = -2

const [NEWLINE, RETURN] = [10, 13]

/** Parses blocks of text one after another. */
export class CsvParser {
  /** The values of the last record. */
  values: unknown[] = []
  /** What is wrong with the last record; undefined if nothing is. */
  reason: string | undefined
  /** The number of line ends before the last record, counted from the start of the first block. */
  line = 0
  /** Where the last record starts and ends in its block. */
  start = 0
  end = 0
  private readonly separator: number
  private readonly quote: number
  private readonly quoteText: string
  /** Undefined to get all fields as strings. */
  private readonly columns: readonly CsvColumn[] | undefined
  private readonly targets: Int32Array
  private readonly isNumber: Uint8Array
  private lineEnds = 0

  constructor({ separator, quote }: CsvDialect, columns?: readonly CsvColumn[]) {
    this.separator = separator.charCodeAt(0)
    this.quote = quote === null ? -1 : quote.charCodeAt(0)
    this.quoteText = quote ?? ''
    this.columns = columns
    this.targets = Int32Array.from(columns ?? [], ({ target }) => target)
    this.isNumber = Uint8Array.from(columns ?? [], ({ type }) => Number(type === 'number'))
  }

  /**
   * Reads the next record from an index on. Returns false if there is no complete one; the text may then be given again
   * from `start` on, with more text after it.
   *
   * @param isLast Whether no text follows.
   */
  next(text: string, from: number, isLast: boolean): boolean {
    const { separator, quote, targets, isNumber, columns } = this
    const { length } = text
    let at = this.skipLineEnds(text, from)
    this.start = at
    this.line = this.lineEnds
    this.reason = undefined
    if (at >= length) return false
    if (columns === undefined) this.values = []
    let column = 0
    for (; ; column++) {
      const fieldStart = at
      if (at < length && text.charCodeAt(at) === quote) {
        at = this.quotedField(text, at, column, isLast)
        if (at < 0) return this.incomplete()
      } else {
        for (; at < length; at++) {
          const code = text.charCodeAt(at)
          if (code === separator || code === NEWLINE || code === RETURN) break
        }
        if (at === length && !isLast) return this.incomplete()
        const number =
          isNumber[column] === 1 && targets[column]! !== LEFT_OUT
            ? plainNumber(text, fieldStart, at)
            : undefined
        if (number === undefined) {
          if (columns === undefined || targets[column]! !== LEFT_OUT) {
            this.take(text.slice(fieldStart, at), column)
          }
        } else if (targets[column]! >= 0) this.values[targets[column]!] = number
      }
      if (at === length || text.charCodeAt(at) !== separator) break
      at++
      if (at === length && !isLast) return this.incomplete()
    }
    this.end = at
    if (columns !== undefined && column + 1 !== columns.length) {
      const count = column + 1
      this.reason = `there ${count === 1 ? 'is 1 field' : `are ${count} fields`} in place of ${columns.length}`
    }
    return true
  }

  /** Skips the end of the last line, and empty lines. */
  private skipLineEnds(text: string, from: number): number {
    let at = from
    for (; at < text.length; at++) {
      const code = text.charCodeAt(at)
      if (code === NEWLINE) this.lineEnds++
      else if (code !== RETURN) break
      else if (text.charCodeAt(at + 1) !== NEWLINE) this.lineEnds++
    }
    return at
  }

  private incomplete(): false {
    this.lineEnds = this.line
    return false
  }

  /** Reads a field that starts with a quote. Returns where it ends, or -1 if that is not in this text. */
  private quotedField(text: string, start: number, column: number, isLast: boolean): number {
    const { quote, quoteText, separator } = this
    let from = start + 1
    let field = ''
    let close = text.indexOf(quoteText, from)
    for (; close >= 0; close = text.indexOf(quoteText, from)) {
      if (close + 1 === text.length && !isLast) return -1
      if (text.charCodeAt(close + 1) !== quote) break
      field += text.slice(from, close + 1)
      from = close + 2
    }
    if (close < 0 && !isLast) return -1
    let at = close < 0 ? text.length : close
    field += text.slice(from, at)
    this.countLineEnds(text, start, at)
    if (close >= 0) at++
    const rest = at
    for (; at < text.length; at++) {
      const code = text.charCodeAt(at)
      if (code === separator || code === NEWLINE || code === RETURN) break
    }
    if (at === text.length && !isLast) return -1
    if (at > rest) field += text.slice(rest, at)
    if (this.columns === undefined || this.targets[column]! !== LEFT_OUT) this.take(field, column)
    return at
  }

  private countLineEnds(text: string, start: number, end: number): void {
    for (let at = text.indexOf('\n', start); at >= 0 && at < end; at = text.indexOf('\n', at + 1)) {
      this.lineEnds++
    }
  }

  private take(field: string, column: number): void {
    const { columns } = this
    if (columns === undefined) {
      this.values.push(field)
      return
    }
    if (column >= columns.length) return
    const { name, type, target } = columns[column]!
    const value = convertField(field, type)
    if (value === UNFIT) {
      this.reason ??= `${JSON.stringify(field.slice(0, 40))} in the column '${name}' is no ${type}`
    } else if (target >= 0) this.values[target] = value
  }
}
