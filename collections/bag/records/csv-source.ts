/** `CsvSource`: the records of ranges of files of CSV, read in blocks. */
import { isAscii } from 'node:buffer'
import { eachAhead } from '../../files/open-files.js'
import type { FieldsUsed } from '../engine/fields-used.js'
import type { ItemSource } from '../engine/item-source.js'
import { decodeRange, markLength, openRange } from '../io/range-reader.js'
import type { TextFormat, TextRange } from '../io/text-format.js'
import { linesBefore } from '../io/text-source.js'
import { CsvFieldScanner } from './csv-fields.js'
import { CHECKED, type CsvColumn, type CsvDialect, CsvParser, LEFT_OUT } from './csv-parser.js'
import { BadRecord, type DirtyRecords, recordError, rejectOf } from './dirty-records.js'
import { recordMaker } from './record-maker.js'
import { type Validate, validated } from './record-schema.js'

/** How files of CSV are read. */
export interface CsvFormat extends TextFormat, CsvDialect, DirtyRecords {
  readonly columns: readonly CsvColumn[]
  /** Whether each file begins with a record of names. */
  readonly header: boolean
  /** Whether quoted fields may have line ends, so that not every line is a record. */
  readonly newlinesInFields: boolean
  readonly separatorByte: number
  readonly quoteByte: number
}

const BLOCK_SIZE = 131_072
const NEWLINE = 10
const RETURN = 13

/** The records of ranges of files. */
export class CsvSource implements ItemSource {
  readonly replayable = true
  private readonly ranges: readonly TextRange[]
  private readonly format: CsvFormat
  private readonly validate: Validate | undefined
  private readonly start: number | null | undefined
  private readonly scanner: CsvFieldScanner | undefined

  /**
   * @param start Where the first record of the first range starts; null if none does, undefined to look for the first
   *   line end.
   * @param scanner Reads plain records faster, without counting lines.
   */
  constructor(
    ranges: readonly TextRange[],
    format: CsvFormat,
    validate: Validate | undefined,
    start: number | null | undefined,
    scanner?: CsvFieldScanner,
  ) {
    this.ranges = ranges
    this.format = format
    this.validate = validate
    this.start = start
    this.scanner = scanner
  }

  /** Only some columns are kept. The others are still checked, so that the same records are errors. */
  withFields(fields: FieldsUsed): ItemSource | undefined {
    const { ranges, format, validate, start } = this
    if (validate !== undefined || format.yields !== 'records') return undefined
    const wanted = format.columns.filter(({ target }) => target >= 0).map(({ name }) => name)
    if ([...fields].some(([name, isRequired]) => isRequired && !wanted.includes(name))) {
      return undefined
    }
    let count = 0
    const columns = format.columns.map((column) => {
      if (column.target < 0) return column
      if (fields.has(column.name)) return { ...column, target: count++ }
      return { ...column, target: column.type === 'string' ? LEFT_OUT : CHECKED }
    })
    const scanner = new CsvFieldScanner({ ...format, columns })
    return new CsvSource(ranges, { ...format, columns }, validate, start, scanner)
  }

  *batches(): Iterable<readonly unknown[]> {
    const wanted = this.format.columns.filter(({ target }) => target >= 0)
    const make = recordMaker(wanted.map(({ name }) => name))
    const ranges = this.start === null ? this.ranges.slice(1) : this.ranges
    yield* eachAhead(ranges, (range) => this.batchesOf(range, make))
  }

  /** Where the first record of a range starts; undefined to look for the first line end. */
  private startOf(range: TextRange): number | undefined {
    return range === this.ranges[0] ? (this.start ?? undefined) : undefined
  }

  private *batchesOf(
    range: TextRange,
    make: (values: readonly unknown[]) => unknown,
  ): Iterable<readonly unknown[]> {
    const { format, validate } = this
    const keeps = format.yields === 'records'
    const parser = new CsvParser(format, format.columns)
    let before: number | undefined | null = null
    const onBad = (reason: string, text: string, batch: unknown[]): void => {
      if (keeps && format.onError === 'skip') return
      if (before === null)
        before = linesBefore({ ...range, start: this.startOf(range) ?? range.start }, format)
      const line = before === undefined ? undefined : before + parser.line + 1
      const reject = rejectOf(range.path, line, new BadRecord(reason, text))
      if (keeps) throw recordError(reject)
      batch.push(reject)
    }
    let skipsHeader = format.header && range.start === 0
    for (const { text, ascii, limit, isLast, consume } of this.blocks(range)) {
      const batch: unknown[] = []
      const add = (values: readonly unknown[]): void => {
        batch.push(make(values))
      }
      let at = 0
      let isDone = false
      for (;;) {
        if (ascii !== undefined && !skipsHeader) {
          at = this.scanner!.records(ascii, at, limit, add)
          if (at === ascii.length) break
        }
        if (!parser.next(text(), at, isLast)) break
        if (parser.start >= limit) {
          isDone = true
          break
        }
        at = parser.end
        if (skipsHeader) {
          skipsHeader = false
          this.checkHeader(range, text().slice(parser.start, at))
          continue
        }
        const { reason } = parser
        if (reason !== undefined) {
          onBad(reason, text().slice(parser.start, at), batch)
          continue
        }
        let record = make(parser.values)
        if (range.hive !== undefined) record = { ...(record as object), ...range.hive }
        if (validate !== undefined) {
          const checked = validated(validate, record)
          if ('reason' in checked) {
            onBad(checked.reason, text().slice(parser.start, at), batch)
            continue
          }
          record = checked.value
        }
        if (keeps) batch.push(record)
      }
      if (batch.length > 0) yield batch
      const end = ascii !== undefined && at === ascii.length ? at : parser.start
      if (isDone || end >= limit) return
      consume(end)
    }
  }

  /** Yields blocks of text: whole lines, after what was not consumed of the block before. */
  private *blocks(range: TextRange): Iterable<TextBlock> {
    const { format } = this
    const start = this.startOf(range)
    const from = start ?? Math.max(0, range.start - 1)
    const end = range.end ?? Number.POSITIVE_INFINITY
    const { reader, encoding } = openRange(range, format, from)
    const isWide = encoding === 'utf16le' || encoding === 'utf16be'
    let buffer: Buffer = Buffer.allocUnsafe(BLOCK_SIZE)
    let filled = 0
    let offset = from
    let skipping = start === undefined && range.start > 0
    let size = BLOCK_SIZE
    try {
      for (;;) {
        if (filled + size > buffer.length) {
          const larger = Buffer.allocUnsafe(Math.max(buffer.length * 2, filled + size))
          buffer.copy(larger, 0, 0, filled)
          buffer = larger
        }
        let count = -1
        for (const goal = filled + size; filled < goal && count !== 0; filled += count) {
          count = reader.read(buffer, filled, goal - filled)
        }
        const isLast = count === 0
        const bytes = buffer.subarray(0, filled)
        const cut = isLast || isWide ? filled : lastLineEnd(bytes)
        let first = offset === 0 ? markLength(bytes, encoding) : 0
        if (skipping) {
          const found = bytes.indexOf(NEWLINE)
          if (found < 0 && !isLast) {
            offset += filled
            filled = 0
            continue
          }
          if (found < 0) return
          first = found + 1
          skipping = false
        }
        if (cut > first) {
          const whole = bytes.subarray(first, cut)
          const ascii =
            this.scanner !== undefined && encoding === 'utf8' && isAscii(whole) ? whole : undefined
          let decoded: string | undefined
          const text = (): string =>
            (decoded ??= decodeRange(
              bytes.subarray(0, cut),
              first,
              offset,
              range,
              encoding,
              format,
            ))
          const isPlain = ascii !== undefined || text().length === cut - first
          // The first record of a file belongs to the first range, even if that ends within the byte order mark.
          const behind = Math.max(end - offset - first, offset === 0 ? 1 : 0)
          const limit =
            behind >= cut - first
              ? Number.POSITIVE_INFINITY
              : isPlain
                ? behind
                : whole.toString('utf8', 0, Math.max(0, behind)).length
          let consumed = -1
          const consume = (index: number): void => {
            consumed = index
          }
          yield { text, ascii, limit, isLast, consume }
          if (consumed < 0) consumed = isPlain ? cut - first : text().length
          const rest = isPlain ? cut - first - consumed : bytesOf(text().slice(consumed), encoding)
          const kept = cut - rest
          buffer.copy(buffer, 0, kept, filled)
          filled -= kept
          offset += kept
          // A record that is longer than a block is not parsed again for every block.
          size = Math.max(rest, BLOCK_SIZE)
        } else size = Math.max(BLOCK_SIZE, filled)
        if (isLast) return
      }
    } finally {
      reader.close()
    }
  }

  private checkHeader(range: TextRange, line: string): void {
    const { format } = this
    const parser = new CsvParser(format)
    parser.next(line, 0, true)
    const names = format.columns.map(({ name }) => name)
    const found = parser.values as string[]
    if (found.length === names.length && found.every((name, i) => name === names[i])) return
    // Names that were made up for empty or repeated ones.
    if (found.length === names.length && new Set(found).size < found.length) return
    if (found.length === names.length && found.includes('')) return
    throw new SyntaxError(
      `${range.path}:1: the columns are ${JSON.stringify(found)} and those of the first file ${JSON.stringify(names)}; read files with other columns by a call of their own`,
    )
  }
}

interface TextBlock {
  /** Decodes it. */
  readonly text: () => string
  /** Its bytes, if they are ASCII and there is a scanner. */
  readonly ascii: Buffer | undefined
  /** The index from which records belong to the next range. */
  readonly limit: number
  /** Whether the file ends with it. */
  readonly isLast: boolean
  /** Says up to which index the text was read. */
  readonly consume: (index: number) => void
}

/** Returns the index behind the last line end of bytes; 0 if there is none. */
function lastLineEnd(bytes: Buffer): number {
  const newline = bytes.lastIndexOf(NEWLINE)
  if (newline >= 0) return newline + 1
  // A return at the end may be followed by a newline.
  const at = bytes.subarray(0, Math.max(0, bytes.length - 1)).lastIndexOf(RETURN)
  return at + 1
}

function bytesOf(text: string, encoding: string): number {
  return Buffer.byteLength(
    text,
    encoding === 'utf8' ? 'utf8' : encoding.startsWith('utf16') ? 'utf16le' : 'latin1',
  )
}
