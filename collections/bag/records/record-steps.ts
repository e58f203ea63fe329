/** The steps that read records. */
import { operations } from '../../../core/base/operations.js'
import { PartitionStream } from '../engine/partition-stream.js'
import type { TextRange } from '../io/text-format.js'
import { type BorderScan, recordStarts, scanBorders } from './csv-borders.js'
import { type CsvFormat, CsvSource } from './csv-source.js'
import { type JsonFormat, JsonSource } from './json-source.js'
import type { Validate } from './record-schema.js'

/** Returns the values of some ranges of files of JSON. */
export function readJsonStep(
  ranges: readonly TextRange[],
  format: JsonFormat,
  validate?: Validate,
): PartitionStream {
  return PartitionStream.from(new JsonSource(ranges, format, validate))
}

/** Scans a range of a file of CSV for quotes. */
export function scanCsvStep(ranges: readonly TextRange[], format: CsvFormat): BorderScan {
  return scanBorders(ranges[0]!, format)
}

/** Returns where the first record of each range of a file starts. */
export function csvBordersStep(scans: readonly BorderScan[]): (number | null)[] {
  return recordStarts(scans)
}

/**
 * Returns the records of some ranges of files of CSV.
 *
 * @param borders Where the records of the ranges of the file start, in a list; an empty list if each range is one from the
 *   start of a file, or records start after any newline.
 * @param position The position of the range among those of the file.
 */
export function readCsvStep(
  borders: readonly (readonly (number | null)[])[],
  ranges: readonly TextRange[],
  position: number,
  format: CsvFormat,
  validate?: Validate,
): PartitionStream {
  const start = borders.length === 0 ? undefined : borders[0]![position]!
  return PartitionStream.from(new CsvSource(ranges, format, validate, start))
}

operations('collections/bag/records/record-steps', {
  readJsonStep,
  scanCsvStep,
  csvBordersStep,
  readCsvStep,
})
