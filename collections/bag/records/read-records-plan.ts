/** Plans `readJson` and `readCsv`: checks the options, finds the files, and looks at the beginning of the first one. */
import { checkOptions } from '../../../core/base/argument-checks.js'
import { describeValue } from '../../../core/base/describe-value.js'
import { decodeRange, markLength, openRange } from '../io/range-reader.js'
import { planFiles, type ReadTextOptions, type ReadTextPlan } from '../io/read-text-plan.js'
import type { TextRange } from '../io/text-format.js'
import { type CsvColumn, type CsvDialect, CsvParser, LEFT_OUT } from './csv-parser.js'
import type { CsvFormat } from './csv-source.js'
import { type ColumnType, checkTypes, inferTypes } from './csv-types.js'
import { checkOnError, type OnError } from './dirty-records.js'
import { hiveValues } from './hive-folders.js'
import type { JsonFormat } from './json-source.js'
import { type RecordSchema, type Validate, validateOf } from './record-schema.js'

/** The options that all readers of records have. */
export interface ReadRecordOptions
  extends Pick<
    ReadTextOptions,
    'blocksize' | 'filesPerPartition' | 'compression' | 'encoding' | 'errors' | 'storageOptions'
  > {
  /**
   * What to do about a record that cannot be read, or that the schema refuses: `'raise'`, the default, fails with the file
   * and the line; `'skip'` leaves it out; `'collect'` returns a second bag of the rejects.
   */
  readonly onError?: OnError | undefined
  /** Whether folders such as `day=2024-01-01` give fields to the records of their files. False by default. */
  readonly hivePartitioning?: boolean | undefined
  /** A schema that checks records, of zod, valibot or another library with Standard Schema. */
  readonly schema?: RecordSchema | undefined
}

/** The options of `readJson`. */
export interface ReadJsonOptions extends ReadRecordOptions {
  /**
   * Whether each line is a value. Otherwise a file is an array, whose items are the values, or has values one after
   * another. By default the first file decides: those of arrays begin with `[`.
   */
  readonly lines?: boolean | undefined
}

/** The options of `readCsv`. */
export interface ReadCsvOptions extends ReadRecordOptions {
  /** The character between fields. The default is a comma; a tab for files with the suffix `.tsv`. */
  readonly delimiter?: string | undefined
  /** The character around fields, `"` by default; `null` if there is none. */
  readonly quote?: string | null | undefined
  /**
   * True, the default, if each file begins with the names of the columns; false for `column0`, `column1`, ...; or the
   * names, for files without them.
   */
  readonly header?: boolean | readonly string[] | undefined
  /**
   * The types of columns: `'string'`, `'number'`, `'boolean'`, `'bigint'` or `'date'`. Those of other columns are inferred from
   * the beginning of the first file: number, boolean or string.
   */
  readonly types?: Readonly<Record<string, ColumnType>> | undefined
  /** The columns that records have. The default is all. */
  readonly columns?: readonly string[] | undefined
  /**
   * Whether quoted fields may have line ends. True by default; false saves looking through large files before they are
   * read in parallel.
   */
  readonly newlinesInFields?: boolean | undefined
}

const FILE_OPTIONS = [
  'blocksize',
  'filesPerPartition',
  'compression',
  'encoding',
  'errors',
  'storageOptions',
  'onError',
  'schema',
  'hivePartitioning',
] as const satisfies readonly (keyof ReadRecordOptions)[]

/** How records are read, before it is said whether the records or the rejects are wanted. */
export interface RecordPlan<Format> extends Pick<ReadTextPlan, 'files' | 'partitions'> {
  readonly format: Omit<Format, 'onError' | 'yields'>
  readonly onError: OnError
  readonly validate: Validate | undefined
}

/** The bytes of the first file from which columns and types are inferred. */
const SAMPLE_SIZE = 1 << 18

type Patterns = string | URL | readonly (string | URL)[]

/** Checks the arguments of `readJson` and returns its plan. */
export function planReadJson(patterns: Patterns, options: ReadJsonOptions): RecordPlan<JsonFormat> {
  checkOptions(options, [...FILE_OPTIONS, 'lines'], 'readJson')
  return planJson(patterns, options, 'readJson')
}

/** Checks the arguments of `readJsonl` and returns its plan. */
export function planReadJsonl(
  patterns: Patterns,
  options: ReadRecordOptions,
): RecordPlan<JsonFormat> {
  checkOptions(options, FILE_OPTIONS, 'readJsonl')
  return planJson(patterns, { ...options, lines: true }, 'readJsonl')
}

function planJson(
  patterns: Patterns,
  options: ReadJsonOptions,
  operation: string,
): RecordPlan<JsonFormat> {
  const { lines, ...others } = options
  if (lines !== undefined && typeof lines !== 'boolean') {
    throw new TypeError(`${operation}: lines must be true or false, got ${describeValue(lines)}`)
  }
  const { fileOptions, onError, validate, hivePartitioning } = recordOptions(others, operation)
  const plan = planRanges(patterns, fileOptions, operation, hivePartitioning)
  const range = plan.partitions[0]?.[0]
  const isLines =
    lines ?? (range === undefined || !sampleOf(range, plan, 64).text.trimStart().startsWith('['))
  if (isLines) return { ...plan, format: { ...plan.format, lines: true }, onError, validate }
  // Arrays cannot be cut.
  const whole = planRanges(
    patterns,
    { ...fileOptions, ...(fileOptions.filesPerPartition === undefined && { blocksize: null }) },
    operation,
    hivePartitioning,
  )
  return { ...whole, format: { ...whole.format, lines: false }, onError, validate }
}

function recordOptions(options: ReadRecordOptions, operation: string) {
  const { onError, schema, hivePartitioning, ...fileOptions } = options
  return {
    fileOptions,
    hivePartitioning: Boolean(hivePartitioning),
    onError: checkOnError(onError, operation),
    validate: validateOf(schema, operation),
  }
}

/** Plans files as `planFiles` does, and adds to ranges what the folders say. */
function planRanges(
  patterns: Patterns,
  options: Parameters<typeof planFiles>[1],
  operation: string,
  hivePartitioning: boolean,
): ReadTextPlan {
  const plan = planFiles(patterns, options, operation)
  if (!hivePartitioning) return plan
  const paths = plan.files.map(({ path }) => path)
  const values = hiveValues(paths)
  const byPath = new Map(paths.map((path, i) => [path, values[i]!]))
  const partitions = plan.partitions.map((ranges) =>
    ranges.map((range) => ({ ...range, hive: byPath.get(range.path) })),
  )
  return { ...plan, partitions }
}

interface Sample {
  readonly text: string
  /** Whether it is the whole file. */
  readonly isWhole: boolean
}

/** Returns the beginning of a file. */
function sampleOf(range: TextRange, { format }: ReadTextPlan, size: number): Sample {
  // The standard input can be read once.
  if (range.path === '-') return { text: '', isWhole: false }
  const { reader, encoding } = openRange({ ...range, end: size }, format, 0)
  try {
    const bytes = Buffer.alloc(size)
    let filled = 0
    let count = -1
    for (; count !== 0 && filled < size; filled += count) {
      count = reader.read(bytes, filled, size - filled)
    }
    const isWhole = count === 0
    const view = bytes.subarray(0, filled)
    const lenient = isWhole ? format : { ...format, errors: 'replace' as const }
    const mark = markLength(view, encoding)
    return { text: decodeRange(view, mark, 0, range, encoding, lenient), isWhole }
  } finally {
    reader.close()
  }
}

/** Checks the arguments of `readCsv` and returns its plan. */
export function planReadCsv(patterns: Patterns, options: ReadCsvOptions): RecordPlan<CsvFormat> {
  const own = ['delimiter', 'quote', 'header', 'types', 'columns', 'newlinesInFields']
  checkOptions(options, [...FILE_OPTIONS, ...own], 'readCsv')
  const {
    delimiter,
    quote,
    header = true,
    types,
    columns,
    newlinesInFields = true,
    ...others
  } = options
  const { fileOptions, onError, validate, hivePartitioning } = recordOptions(others, 'readCsv')
  const plan = planRanges(patterns, fileOptions, 'readCsv', hivePartitioning)
  const range = plan.partitions[0]?.[0]
  const isTabs = /\.(tsv|tab)(\.\w+)?$/i.test(range?.path ?? '')
  const dialect: CsvDialect = {
    separator: oneCharacter(delimiter ?? (isTabs ? '\t' : ','), 'delimiter', 'readCsv'),
    quote: quote === null ? null : oneCharacter(quote ?? '"', 'quote', 'readCsv'),
  }
  const sample =
    range === undefined ? { text: '', isWhole: true } : sampleOf(range, plan, SAMPLE_SIZE)
  const rows = sampleRows(sample, dialect)
  const names = columnNames(header, rows)
  const rest = header === true ? rows.slice(1) : rows
  const inferred = inferTypes(rest, names.length)
  const format = {
    ...plan.format,
    ...dialect,
    columns: csvColumns(names, inferred, checkTypes(types, 'readCsv'), columns),
    header: header === true,
    newlinesInFields: Boolean(newlinesInFields) && dialect.quote !== null,
    separatorByte: dialect.separator.charCodeAt(0),
    quoteByte: dialect.quote?.charCodeAt(0) ?? -1,
  }
  const isWide = (part: TextRange): boolean =>
    (part.encoding ?? format.encoding).startsWith('utf16')
  if (!plan.partitions.some((ranges) => ranges.some((part) => isWide(part) && part.start > 0))) {
    return { ...plan, format, onError, validate }
  }
  // Records are looked for in bytes, which are no characters of UTF-16.
  const whole = { ...fileOptions, blocksize: null }
  const { partitions } = planRanges(patterns, whole, 'readCsv', hivePartitioning)
  return { ...plan, partitions, format, onError, validate }
}

/** Returns a character of a dialect. Throws a RangeError for anything but one character of ASCII. */
export function oneCharacter(value: unknown, name: string, operation: string): string {
  if (
    typeof value === 'string' &&
    value.length === 1 &&
    value > '\0' &&
    value < '\x80' &&
    !/[\r\n]/.test(value)
  ) {
    return value
  }
  throw new RangeError(
    `${operation}: the ${name} must be one character of ASCII, got ${describeValue(value)}`,
  )
}

function sampleRows({ text, isWhole }: Sample, dialect: CsvDialect): string[][] {
  const parser = new CsvParser(dialect)
  const rows: string[][] = []
  for (let at = 0; parser.next(text, at, isWhole); at = parser.end) {
    rows.push(parser.values as string[])
  }
  return rows
}

function columnNames(header: unknown, rows: readonly (readonly string[])[]): string[] {
  if (Array.isArray(header)) {
    if (
      header.every((name) => typeof name === 'string') &&
      new Set(header).size === header.length
    ) {
      return [...header]
    }
    throw new TypeError('readCsv: header must be a list of different names')
  }
  if (typeof header !== 'boolean') {
    throw new TypeError(
      `readCsv: header must be true, false or a list of names, got ${describeValue(header)}`,
    )
  }
  const first = rows[0] ?? []
  const names = first.map((name, i) => (header && name !== '' ? name : `column${i}`))
  const seen = new Map<string, number>()
  return names.map((name) => {
    const count = seen.get(name) ?? 0
    seen.set(name, count + 1)
    return count === 0 ? name : `${name}.${count}`
  })
}

function csvColumns(
  names: readonly string[],
  inferred: readonly ColumnType[],
  types: Readonly<Record<string, ColumnType>> | undefined,
  wanted: unknown,
): CsvColumn[] {
  if (wanted !== undefined && !Array.isArray(wanted)) {
    throw new TypeError(`readCsv: columns must be a list of names, got ${describeValue(wanted)}`)
  }
  const list = wanted as readonly string[] | undefined
  for (const name of [...(list ?? []), ...Object.keys(types ?? {})]) {
    if (names.includes(name) || names.length === 0) continue
    throw new RangeError(
      `readCsv: there is no column ${describeValue(name)}, only ${names.map((n) => `'${n}'`).join(', ')}`,
    )
  }
  let target = 0
  return names.map((name, i) => ({
    name,
    type: types !== undefined && Object.hasOwn(types, name) ? types[name]! : inferred[i]!,
    target: list === undefined || list.includes(name) ? target++ : LEFT_OUT,
  }))
}
