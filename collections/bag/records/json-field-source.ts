/** `JsonFieldSource`: lines of JSON of which some fields are read. Objects have these fields; other values are whole. */
import { isUtf8 } from 'node:buffer'
import { eachAhead } from '../../files/open-files.js'
import type { FieldsUsed } from '../engine/fields-used.js'
import type { ItemSource } from '../engine/item-source.js'
import type { TextFormat, TextRange } from '../io/text-format.js'
import { type LineBlock, readBlocks } from '../io/text-source.js'
import type { DirtyRecords } from './dirty-records.js'
import { JsonFieldScanner } from './json-fields.js'
import { recordMaker } from './record-maker.js'

const NEWLINE = 10

/** The values in lines of ranges of files. */
export class JsonFieldSource implements ItemSource {
  readonly replayable = true
  private readonly ranges: readonly TextRange[]
  private readonly format: TextFormat & DirtyRecords
  private readonly fields: FieldsUsed

  constructor(ranges: readonly TextRange[], format: TextFormat & DirtyRecords, fields: FieldsUsed) {
    this.ranges = ranges
    this.format = format
    this.fields = fields
  }

  *batches(): Iterable<readonly unknown[]> {
    const names = [...this.fields.keys()]
    const scanner = new JsonFieldScanner(names)
    const make = recordMaker(names)
    const required = names.flatMap((name, i) => (this.fields.get(name) === true ? [i] : []))
    const { format } = this
    const batchOf = ({ bytes, encoding, decode }: LineBlock): unknown[] => {
      const batch: unknown[] = []
      if (encoding !== 'utf8' || !isUtf8(bytes)) {
        for (const line of decode(0, bytes.length).split('\n')) this.parse(line, batch)
        return batch
      }
      scanner.begin(bytes)
      for (let start = 0; start < bytes.length; start++) {
        let end = scanner.line(start)
        if (end >= 0 && !required.some((i) => scanner.values[i] === undefined)) {
          batch.push(make(scanner.values))
        } else {
          end = bytes.indexOf(NEWLINE, start)
          if (end < 0) end = bytes.length
          this.parse(decode(start, end), batch)
        }
        start = end
      }
      return batch
    }
    yield* eachAhead(this.ranges, function* (range) {
      for (const block of readBlocks(range, format)) yield batchOf(block)
    })
  }

  private parse(line: string, batch: unknown[]): void {
    if (/^[ \t\r]*$/.test(line)) return
    try {
      batch.push(JSON.parse(line))
    } catch (error) {
      if (this.format.onError !== 'skip') throw error
    }
  }
}
