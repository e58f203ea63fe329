/** `JsonSource`: the values in files of JSON: one on each line, or the items of an array. */

import { eachAhead } from '../../files/open-files.js'
import type { FieldsUsed } from '../engine/fields-used.js'
import type { ItemSource } from '../engine/item-source.js'
import type { TextFormat, TextRange } from '../io/text-format.js'
import { linesBefore, readLines } from '../io/text-source.js'
import { BadRecord, type DirtyRecords, recordError, rejectOf } from './dirty-records.js'
import { jsonElements } from './json-elements.js'
import { JsonFieldSource } from './json-field-source.js'
import { type Validate, validated } from './record-schema.js'

/** How files of JSON are read. */
export interface JsonFormat extends TextFormat, DirtyRecords {
  /** Whether each line is a value; otherwise a file is an array, or values one after another. */
  readonly lines: boolean
}

/** A value's text, and the line at which it starts, from 0, counted from the start of the range. */
interface JsonText {
  readonly text: string
  readonly line: number
}

/** The values of ranges of files. */
export class JsonSource implements ItemSource {
  readonly replayable = true
  private readonly ranges: readonly TextRange[]
  private readonly format: JsonFormat
  private readonly validate: Validate | undefined

  constructor(ranges: readonly TextRange[], format: JsonFormat, validate: Validate | undefined) {
    this.ranges = ranges
    this.format = format
    this.validate = validate
  }

  /** Lines of objects are read from their bytes; a schema needs whole values. */
  withFields(fields: FieldsUsed): ItemSource | undefined {
    const { ranges, format, validate } = this
    const canScan =
      format.lines &&
      format.yields === 'records' &&
      format.delimiter === undefined &&
      validate === undefined
    return canScan ? new JsonFieldSource(ranges, format, fields) : undefined
  }

  *batches(): Iterable<readonly unknown[]> {
    yield* eachAhead(this.ranges, (range) => this.batchesOf(range))
  }

  private *batchesOf(range: TextRange): Iterable<readonly unknown[]> {
    const { format, validate } = this
    const keeps = format.yields === 'records'
    /** The number of lines before the range; read when a record is dirty. */
    let before: number | undefined | null = null
    const onBad = (bad: BadRecord, line: number, batch: unknown[]): void => {
      if (keeps && format.onError === 'skip') return
      if (before === null) before = linesBefore(range, format)
      const reject = rejectOf(range.path, before === undefined ? undefined : before + line + 1, bad)
      if (keeps) throw recordError(reject)
      batch.push(reject)
    }
    const add = (text: string, line: number, batch: unknown[]): void => {
      let value: unknown
      try {
        value = JSON.parse(text)
      } catch (error) {
        onBad(new BadRecord((error as Error).message, text), line, batch)
        return
      }
      if (range.hive !== undefined) {
        if (typeof value !== 'object' || value === null || Array.isArray(value)) {
          onBad(
            new BadRecord('it is no record, which the folders have fields for', text),
            line,
            batch,
          )
          return
        }
        value = { ...value, ...range.hive }
      }
      if (validate !== undefined) {
        const checked = validated(validate, value)
        if ('reason' in checked) {
          onBad(new BadRecord(checked.reason, text), line, batch)
          return
        }
        value = checked.value
      }
      if (keeps) batch.push(value)
    }
    if (!format.lines) {
      for (const texts of jsonElements(range, format)) {
        const batch: unknown[] = []
        for (const item of texts as readonly (JsonText | { bad: BadRecord; line: number })[]) {
          if ('bad' in item) onBad(item.bad, item.line, batch)
          else add(item.text, item.line, batch)
        }
        yield batch
      }
      return
    }
    let line = 0
    for (const lines of readLines(range, format)) {
      const batch: unknown[] = []
      for (const text of lines) {
        if (text !== '' && !isBlank(text)) add(text, line, batch)
        line++
      }
      yield batch
    }
  }
}

function isBlank(text: string): boolean {
  return text.charCodeAt(0) <= 32 && /^[ \t\r]*$/.test(text)
}
