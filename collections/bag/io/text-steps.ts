/** The steps that read and write text files. */
import { describeValue } from '../../../core/base/describe-value.js'
import { operations } from '../../../core/base/operations.js'
import type { ByteWriter } from '../../files/byte-reader.js'
import type { FileReference } from '../../files/file-system.js'
import { type Partition, PartitionStream } from '../engine/partition-stream.js'
import { beginPacked } from './packed-writer.js'
import {
  type ErrorMode,
  encodeString,
  findForeignCharacter,
  replaceForeignCharacters,
  type TextEncoding,
} from './text-encodings.js'
import type { TextFormat, TextRange, WriteCodec } from './text-format.js'
import { TextSource } from './text-source.js'

/** Returns the lines of some ranges of files. */
export function readTextStep(ranges: readonly TextRange[], format: TextFormat): PartitionStream {
  return PartitionStream.from(new TextSource(ranges, format))
}

/** The format of a file that is written. */
export interface WriteFormat {
  /** How the file is compressed; undefined if it is not. */
  readonly codec: WriteCodec | undefined
  readonly encoding: TextEncoding
  /** What to do about characters that the encoding does not have. */
  readonly errors: ErrorMode
  /** Whether the file ends with a newline. */
  readonly lastEndline: boolean
}

/**
 * Writes a partition to a file, one line for each item, and returns a partition of its path. The file is
 * renamed to its path when it is complete, so a task that fails or runs twice leaves no partial file.
 */
export function writeTextStep(
  partition: Partition,
  file: FileReference,
  format: WriteFormat,
): readonly string[] | Promise<readonly string[]> {
  const stream = PartitionStream.of(partition)
  if (stream.asynchronous) {
    return Promise.resolve(stream.finish()).then((items) => writeTextStep(items, file, format))
  }
  const target = beginPacked(file, format.codec, 'toTextfiles')
  try {
    const writer = new TextWriter(target, format)
    for (const batch of stream.collected()) writer.write(batch)
    writer.end()
    target.commit()
  } catch (error) {
    target.abort()
    throw error
  }
  return [file.path]
}

/** Writes lines to a file, compressed if the format says so. */
class TextWriter {
  private readonly target: ByteWriter
  private readonly format: WriteFormat
  private started = false

  constructor(target: ByteWriter, format: WriteFormat) {
    this.target = target
    this.format = format
  }

  write(lines: readonly unknown[]): void {
    for (const line of lines) {
      if (typeof line !== 'string') {
        throw new TypeError(
          `toTextfiles: every item must be a string, got ${describeValue(line)}; map the items to strings first, for example by JSON.stringify`,
        )
      }
    }
    const joined = this.encodable(lines as readonly string[])
    this.send(this.started ? `\n${joined}` : joined)
    this.started = true
  }

  end(): void {
    if (this.started && this.format.lastEndline) this.send('\n')
  }

  /** Joins lines. Characters that the encoding does not have are refused, replaced or left out. */
  private encodable(lines: readonly string[]): string {
    const { encoding, errors } = this.format
    const joined = lines.join('\n')
    const character = findForeignCharacter(joined, encoding)
    if (character === undefined) return joined
    if (errors !== 'strict') return replaceForeignCharacters(joined, encoding, errors)
    const line = lines.find((item) => findForeignCharacter(item, encoding) !== undefined)
    const code = character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')
    throw new TypeError(
      `toTextfiles: ${encoding} does not have the character ${JSON.stringify(character)} (U+${code}) of the item ${describeValue(line)}; write with another encoding, such as utf8, or with errors: 'replace' or 'ignore'`,
    )
  }

  private send(string: string): void {
    this.target.write(encodeString(string, this.format.encoding))
  }
}

operations('collections/bag/io/text-steps', { readTextStep, writeTextStep })
