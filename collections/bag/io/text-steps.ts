/** The steps that read and write text files. */
import { closeSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { Gzip } from 'minizlib'
import { operations } from '../../../core/base/operations.js'
import { describeValue } from '../../base/describe-value.js'
import { type Partition, PartitionStream } from '../engine/partition-stream.js'
import type { TextEncoding, TextFormat, TextRange } from './text-format.js'
import { TextSource } from './text-source.js'

/** Returns the lines of some ranges of files. */
export function readTextStep(ranges: readonly TextRange[], format: TextFormat): PartitionStream {
  return PartitionStream.from(new TextSource(ranges, format))
}

/** The format of a file that is written. */
export interface WriteFormat {
  /** Whether the file is gzip. */
  readonly compressed: boolean
  readonly encoding: TextEncoding
  /** Whether the file ends with a newline. */
  readonly lastEndline: boolean
}

/**
 * Writes a partition to a file, one line for each item, and returns a partition of its path. The file is
 * renamed to its path when it is complete, so a task that fails or runs twice leaves no partial file.
 */
export function writeTextStep(
  partition: Partition,
  path: string,
  format: WriteFormat,
): readonly string[] | Promise<readonly string[]> {
  const stream = PartitionStream.of(partition)
  if (stream.asynchronous) {
    return Promise.resolve(stream.finish()).then((items) => writeTextStep(items, path, format))
  }
  mkdirSync(dirname(path), { recursive: true })
  const temporary = `${path}.${process.pid}-${Math.random().toString(36).slice(2)}.part`
  const writer = new TextWriter(temporary, format)
  try {
    for (const batch of stream.collected()) writer.write(batch)
    writer.end()
  } catch (error) {
    writer.close()
    rmSync(temporary, { force: true })
    throw error
  }
  writer.close()
  renameSync(temporary, path)
  return [path]
}

/** Writes lines to a file, compressed if the format says so. */
class TextWriter {
  private readonly file: number
  private readonly format: WriteFormat
  private readonly gzip: Gzip | undefined
  private started = false

  constructor(path: string, format: WriteFormat) {
    this.file = openSync(path, 'w')
    this.format = format
    if (!format.compressed) return
    this.gzip = new Gzip({})
    this.gzip.on('data', (piece: Buffer) => this.put(piece))
  }

  write(lines: readonly unknown[]): void {
    for (const line of lines) {
      if (typeof line !== 'string') {
        throw new TypeError(
          `toTextfiles: every item must be a string, got ${describeValue(line)}; map the items to strings first, for example by JSON.stringify`,
        )
      }
    }
    const joined = lines.join('\n')
    this.send(this.started ? `\n${joined}` : joined)
    this.started = true
  }

  end(): void {
    if (this.started && this.format.lastEndline) this.send('\n')
    this.gzip?.end()
  }

  close(): void {
    closeSync(this.file)
  }

  private send(string: string): void {
    const bytes = Buffer.from(string, this.format.encoding)
    if (this.gzip === undefined) this.put(bytes)
    else this.gzip.write(bytes)
  }

  private put(bytes: Buffer): void {
    for (let done = 0; done < bytes.length; ) done += writeSync(this.file, bytes, done)
  }
}

operations('collections/bag/io/text-steps', { readTextStep, writeTextStep })
