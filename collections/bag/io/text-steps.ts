/**
 * The steps that read text files and write them.
 */
import { closeSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { Gzip } from 'minizlib'
import { operations } from '../../../core/base/operations.js'
import { describeValue } from '../../base/describe-value.js'
import { type Partition, PartitionStream } from '../engine/stream.js'
import { type TextFormat, type TextRange, TextSource } from './text-source.js'

/** The lines of some ranges of files. */
export function readTextStep(ranges: readonly TextRange[], format: TextFormat): PartitionStream {
  return PartitionStream.from(new TextSource(ranges, format))
}

/** How a partition is written. */
export interface WriteFormat {
  readonly packed: boolean
  readonly encoding: 'utf8' | 'utf16le' | 'latin1' | 'ascii'
  /** Whether the last line is ended too, not only separated from the one before. */
  readonly lastEndline: boolean
}

/**
 * Writes a partition to a file, an item a line, and gives a partition of its path. The file has its name only when
 * it is whole, so that a task that fails or runs twice leaves nothing half done.
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
  const unfinished = `${path}.${process.pid}-${Math.random().toString(36).slice(2)}.part`
  const writer = new TextWriter(unfinished, format)
  try {
    for (const batch of stream.collected()) writer.write(batch)
    writer.end()
  } catch (error) {
    writer.close()
    rmSync(unfinished, { force: true })
    throw error
  }
  writer.close()
  renameSync(unfinished, path)
  return [path]
}

class TextWriter {
  private readonly file: number
  private readonly format: WriteFormat
  private readonly gzip: Gzip | undefined
  private started = false

  constructor(path: string, format: WriteFormat) {
    this.file = openSync(path, 'w')
    this.format = format
    if (!format.packed) return
    this.gzip = new Gzip({})
    this.gzip.on('data', (piece: Buffer) => this.put(piece))
  }

  write(lines: readonly unknown[]): void {
    for (const line of lines) {
      if (typeof line !== 'string') {
        throw new TypeError(
          `toTextfiles: every item must be a string, got ${describeValue(line)}; map the items to text first, for example by JSON.stringify`,
        )
      }
    }
    const text = lines.join('\n')
    this.send(this.started ? `\n${text}` : text)
    this.started = true
  }

  end(): void {
    if (this.started && this.format.lastEndline) this.send('\n')
    this.gzip?.end()
  }

  close(): void {
    closeSync(this.file)
  }

  private send(text: string): void {
    const bytes = Buffer.from(text, this.format.encoding)
    if (this.gzip === undefined) this.put(bytes)
    else this.gzip.write(bytes)
  }

  private put(bytes: Buffer): void {
    for (let done = 0; done < bytes.length; ) done += writeSync(this.file, bytes, done)
  }
}

operations('collections/bag/io/text-steps', { readTextStep, writeTextStep })
