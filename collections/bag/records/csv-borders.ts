/**
 * Finds where records of CSV start in the middle of a file: a newline may be in quotes, and whether it is
 * depends on all that is before it. So each range is scanned for every state in which it may begin, and the
 * results are joined. The scan goes from quote to quote and takes little of the time of reading.
 */
import { openRange } from '../io/range-reader.js'
import type { TextRange } from '../io/text-format.js'
import type { CsvFormat } from './csv-source.js'

/** Outside of quotes, in quotes, or behind a quote in quotes, which ends them unless another follows. */
type QuoteState = 0 | 1 | 2
const [OUTSIDE, QUOTED, AFTER_QUOTE] = [0, 1, 2] as const
const STATES: readonly QuoteState[] = [OUTSIDE, QUOTED, AFTER_QUOTE]

/** What a range does, for each state in which it may begin. */
export interface BorderScan {
  /** The state in which it ends. */
  readonly ends: readonly QuoteState[]
  /** Where the first record starts; null if none does. */
  readonly starts: readonly (number | null)[]
}

const BLOCK_SIZE = 1 << 20
const [NEWLINE, RETURN] = [10, 13]

/** Returns where the first record of each of the ranges starts, which follow one another from the start of a file. */
export function recordStarts(scans: readonly BorderScan[]): (number | null)[] {
  let state: QuoteState = OUTSIDE
  return scans.map(({ ends, starts }) => {
    const start = starts[state]!
    state = ends[state]!
    return start
  })
}

/** Scans a range. */
export function scanBorders(range: TextRange, format: CsvFormat): BorderScan {
  const { start } = range
  const end = range.end ?? Number.POSITIVE_INFINITY
  const scans = STATES.map((state) => new Scan(state, format.separatorByte, format.quoteByte))
  const before = Math.min(start, 1)
  const { reader } = openRange(range, format, start - before)
  try {
    const buffer = Buffer.allocUnsafe(BLOCK_SIZE)
    // The byte before the range shows whether a record or a field starts with the range.
    if (before === 1) reader.read(buffer, 0, 1)
    const first = before === 1 ? buffer[0]! : NEWLINE
    for (const scan of scans) scan.begin(first, start)
    for (let offset = start; offset < end; ) {
      const count = reader.read(buffer, 0, Math.min(buffer.length, end - offset))
      if (count === 0) break
      const bytes = buffer.subarray(0, count)
      for (const [i, scan] of scans.entries()) {
        const same = scans.slice(0, i).find((other) => other.beganAs(scan))
        if (same === undefined) scan.read(bytes, offset)
      }
      for (const [i, scan] of scans.entries()) {
        const same = scans.slice(0, i).find((other) => other.beganAs(scan))
        if (same !== undefined) scan.copy(same)
      }
      for (const scan of scans) scan.endBlock()
      offset += count
    }
  } finally {
    reader.close()
  }
  return { ends: scans.map(({ state }) => state), starts: scans.map(({ start }) => start) }
}

/** One scan of a range, for one state in which it begins. */
class Scan {
  state: QuoteState
  /** Where the first record starts. */
  start: number | null = null
  private readonly delimiter: number
  private readonly quote: number
  /** The byte before the block. */
  private last = NEWLINE
  /** What identified the scan at the beginning of the block. */
  private name = ''

  constructor(state: QuoteState, delimiter: number, quote: number) {
    this.state = state
    this.delimiter = delimiter
    this.quote = quote
  }

  begin(byteBefore: number, offset: number): void {
    this.last = byteBefore
    if (this.state === OUTSIDE && (byteBefore === NEWLINE || offset === 0)) this.start = offset
    this.endBlock()
  }

  /** Whether another scan began the block as this one, so that it ends it as this one. */
  beganAs(other: Scan): boolean {
    return this.name === other.name
  }

  copy(other: Scan): void {
    this.state = other.state
    this.start = other.start
    this.last = other.last
  }

  endBlock(): void {
    this.name = `${this.state} ${this.start}`
  }

  /** Reads a block, which starts at `offset` in the file. */
  read(bytes: Buffer, offset: number): void {
    const { quote, delimiter } = this
    let at = 0
    if (
      this.state === OUTSIDE &&
      this.last === RETURN &&
      this.start === null &&
      bytes[0] !== NEWLINE
    ) {
      this.start = offset
    }
    if (this.state === AFTER_QUOTE) {
      this.state = bytes[0] === quote ? QUOTED : OUTSIDE
      if (this.state === QUOTED) at = 1
    }
    while (at < bytes.length) {
      let found = bytes.indexOf(quote, at)
      if (this.state === QUOTED) {
        if (found < 0) break
        at = found + 1
        if (at === bytes.length) this.state = AFTER_QUOTE
        else if (bytes[at] === quote) at++
        else this.state = OUTSIDE
        continue
      }
      // A quote within a field is a character like others.
      for (; found >= 0; found = bytes.indexOf(quote, found + 1)) {
        const before = found === 0 ? this.last : bytes[found - 1]!
        const isMark = found === 3 && offset === 0 && bytes[0] === 0xef
        if (before === delimiter || before === NEWLINE || before === RETURN || isMark) break
      }
      const end = found < 0 ? bytes.length : found
      if (this.start === null) this.findStart(bytes, at, end, offset)
      if (found < 0) break
      this.state = QUOTED
      at = found + 1
    }
    this.last = bytes[bytes.length - 1]!
  }

  private findStart(bytes: Buffer, from: number, end: number, offset: number): void {
    for (let i = from; i < end; i++) {
      const byte = bytes[i]
      if (byte !== NEWLINE && byte !== RETURN) continue
      if (byte === RETURN && bytes[i + 1] === NEWLINE) continue
      if (byte === RETURN && i + 1 === bytes.length) return
      this.start = offset + i + 1
      return
    }
  }
}
