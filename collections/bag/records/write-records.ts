/** The steps that write records to files of JSON and CSV. */
import { describeValue } from '../../../core/base/describe-value.js'
import { operations } from '../../../core/base/operations.js'
import type { FileReference } from '../../files/file-system.js'
import type { Partition } from '../engine/partition-stream.js'
import { beginPacked, type PackedWriter } from '../io/packed-writer.js'
import type { WriteCodec } from '../io/text-format.js'
import type { CsvDialect } from './csv-parser.js'
import { type RecordFile, type WrittenFile, writePartition } from './record-files.js'

/** How records are written. */
export interface JsonWriteFormat {
  readonly kind: 'json'
  /** Whether each line is a value; otherwise the file is an array. */
  readonly lines: boolean
  readonly codec: WriteCodec | undefined
}

/** How records are written as CSV. */
export interface CsvWriteFormat extends CsvDialect {
  readonly kind: 'csv'
  /** The names of the columns; undefined for those of the first record of each file. */
  readonly columns: readonly string[] | undefined
  /** Whether files begin with the names. */
  readonly header: boolean
  readonly codec: WriteCodec | undefined
}

export type RecordWriteFormat = JsonWriteFormat | CsvWriteFormat

/** Makes text of records, in order. */
interface RecordFormatter {
  /** The text of the next records. */
  add(records: readonly unknown[]): string
  /** The text at the end of the file. */
  end(): string
}

/** Writes a partition to files, which appear when they are complete. Returns what was written. */
export function writeRecordsStep(
  partition: Partition,
  file: FileReference,
  format: RecordWriteFormat,
  partitionBy?: readonly string[],
): readonly WrittenFile[] | Promise<readonly WrittenFile[]> {
  const operation = format.kind === 'json' ? 'toJson' : 'toCsv'
  const open = (target: FileReference): RecordFile => new TextRecordFile(target, format, operation)
  return writePartition(partition, file, { operation, open, partitionBy })
}

class TextRecordFile implements RecordFile {
  private items = 0
  private readonly path: string
  private readonly formatter: RecordFormatter
  private readonly target: PackedWriter

  constructor(file: FileReference, format: RecordWriteFormat, operation: string) {
    this.path = file.path
    this.formatter = format.kind === 'json' ? jsonFormatter(format) : csvFormatter(format)
    this.target = beginPacked(file, format.codec, operation)
  }

  add(records: readonly unknown[]): void {
    this.items += records.length
    this.target.write(Buffer.from(this.formatter.add(records)))
  }

  end(): void {
    this.target.write(Buffer.from(this.formatter.end()))
  }

  commit(): WrittenFile {
    this.target.commit()
    return { path: this.path, items: this.items, bytes: this.target.size }
  }

  abort(): void {
    this.target.abort()
  }
}

function jsonFormatter({ lines }: JsonWriteFormat): RecordFormatter {
  let hasItems = false
  return {
    add: (records) => {
      const texts = records.map(jsonOf)
      if (lines) return `${texts.join('\n')}\n`
      const start = hasItems ? ',\n' : '[\n'
      hasItems = true
      return start + texts.join(',\n')
    },
    end: () => (lines ? '' : hasItems ? '\n]\n' : '[]\n'),
  }
}

function jsonOf(record: unknown): string {
  const text = JSON.stringify(record) as string | undefined
  if (text !== undefined) return text
  throw new TypeError(`toJson: JSON has no form for ${describeValue(record)}`)
}

function csvFormatter({ separator, quote, columns, header }: CsvWriteFormat): RecordFormatter {
  let names = columns
  const special = new RegExp(`[${escaped(separator)}${escaped(quote ?? '"')}\\r\\n]`)
  const fieldOf = (value: unknown): string => {
    const text = textOf(value)
    if (!special.test(text)) return text
    if (quote !== null) return quote + text.replaceAll(quote, quote + quote) + quote
    throw new TypeError(`toCsv: without quotes a field cannot be ${describeValue(text)}`)
  }
  const rowOf = (fields: readonly unknown[]): string => {
    const row = fields.map(fieldOf).join(separator)
    // An empty line would be no record.
    return row === '' ? `${quote ?? ''}${quote ?? ''}` : row
  }
  let isFirst = true
  const add = (records: readonly unknown[]): string => {
    const rows: string[] = []
    for (const record of records) {
      if (typeof record !== 'object' || record === null) {
        throw new TypeError(`toCsv: every item must be a record, got ${describeValue(record)}`)
      }
      names ??= Object.keys(record)
      if (isFirst && header) rows.push(rowOf(names))
      isFirst = false
      const fields = record as Readonly<Record<string, unknown>>
      if (columns === undefined) assertSameColumns(fields, names)
      rows.push(rowOf(names.map((name) => fields[name])))
    }
    return `${rows.join('\n')}\n`
  }
  const end = (): string => (isFirst && header && names !== undefined ? `${rowOf(names)}\n` : '')
  return { add, end }
}

function assertSameColumns(record: object, names: readonly string[]): void {
  const keys = Object.keys(record)
  if (keys.length === names.length && keys.every((key) => names.includes(key))) return
  throw new TypeError(
    `toCsv: the fields of a record are ${JSON.stringify(keys)} and those of the first one ${JSON.stringify(names)}; give columns, such as { columns: ${JSON.stringify(names)} }`,
  )
}

function textOf(value: unknown): string {
  if (value === null || value === undefined) return ''
  if (typeof value === 'string') return value
  if (value instanceof Date) return value.toISOString()
  return typeof value === 'object' ? jsonOf(value) : String(value)
}

function escaped(character: string): string {
  return character.replace(/[\\\]^-]/, '\\$&')
}

operations('collections/bag/records/write-records', { writeRecordsStep })
