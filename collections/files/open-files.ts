/** Opens files of any file system for synchronous reading and writing. */
import type { ByteReader, ByteWriter } from './byte-reader.js'
import type { StreamCodec } from './decompress.js'
import type { FileAccess, FileReference, FoundFile } from './file-system.js'
import { FileReader, FileWriter, StandardInputReader } from './local-files.js'
import { closeAhead, openAhead, RemoteReader, RemoteWriter, readRemote } from './remote-files.js'

/** What stands for a module in the access to the standard input. Its place is the process that has it. */
const STANDARD_INPUT = 'stdin'

/** How the thread of files reaches local ones. */
const LOCAL: FileAccess = { module: 'file', place: undefined, ranges: true }

/** Returns the standard input of this process, as a file that can be read once. */
export function standardInput(): FoundFile {
  const access = { module: STANDARD_INPUT, place: process.pid, ranges: false }
  return { path: '-', size: 0, changed: `${process.pid} ${performance.now()}`, access }
}

/** Whether a file can be read from any position. */
export function hasRanges({ access }: FileReference): boolean {
  return access === undefined || access.ranges
}

/**
 * Opens a file at a position. Bytes after `end` can be read, but the file is not read far beyond it in advance.
 *
 * @throws Error for the standard input of another process.
 */
export function openFile(
  { path, access }: FileReference,
  position: number,
  end = Number.POSITIVE_INFINITY,
): ByteReader {
  if (access === undefined) return new FileReader(path, position)
  if (access.module !== STANDARD_INPUT) return new RemoteReader(path, access, position, end)
  if (access.place === process.pid) return new StandardInputReader()
  throw new Error(
    "the standard input can be read on threads of its own process alone, not on a cluster's workers; use getThreads",
  )
}

/** Opens a compressed file from its start. It is decompressed in the thread of files. */
export function openPacked(
  { path, access = LOCAL }: FileReference,
  codec: StreamCodec,
): ByteReader {
  if (access.module === STANDARD_INPUT) {
    throw new Error(`the standard input cannot be read as ${codec}; decompress it before`)
  }
  return new RemoteReader(path, access, 0, Number.POSITIVE_INFINITY, codec)
}

/** Begins to write a file with Zstandard, which is compressed in the thread of files. */
export function beginPackedFile(
  { path, access = LOCAL }: FileReference,
  codec: 'zstd',
): ByteWriter {
  return new RemoteWriter(path, access, codec)
}

/** Returns the first bytes of a file that can be read in parts, or fewer if it is shorter. */
export function readStart(file: FileReference, length: number): Uint8Array {
  return readRange(file, 0, length)
}

/** Returns bytes of a file that can be read in parts, or fewer at its end. */
export function readRange(file: FileReference, start: number, end: number): Uint8Array {
  const { path, access } = file
  if (access !== undefined) return readRemote(path, access, start, end)
  const reader = new FileReader(path, start)
  const length = end - start
  try {
    const bytes = Buffer.alloc(length)
    let filled = 0
    for (let count = -1; count !== 0 && filled < length; filled += count) {
      count = reader.read(bytes, filled, length - filled)
    }
    return bytes.subarray(0, filled)
  } finally {
    reader.close()
  }
}

/** Files on other machines that are opened while others are read, as each takes a while to answer. */
const FILES_AHEAD = 16

/** A file that is read from a position on. Those that the thread of files decompresses are not opened ahead. */
interface AheadFile extends FileReference {
  readonly start: number
  readonly codec?: 'gzip' | StreamCodec | undefined
}

/** Calls `read` for each file in turn. The next files of other machines are opened meanwhile. */
export function* eachAhead<F extends AheadFile, T>(
  files: readonly F[],
  read: (file: F) => Iterable<T>,
): Iterable<T> {
  const isRemote = ({ access }: FileReference): boolean =>
    access !== undefined && access.module !== STANDARD_INPUT
  let next = 1
  try {
    for (const [i, file] of files.entries()) {
      for (; next < Math.min(files.length, i + FILES_AHEAD); next++) {
        const { path, access, start, codec } = files[next]!
        const isPlain = start === 0 && (codec === undefined || codec === 'gzip')
        if (isRemote(files[next]!) && isPlain) openAhead(path, access!, 0, 0)
      }
      yield* read(file)
    }
  } finally {
    for (const file of files.slice(0, next)) {
      if (isRemote(file)) closeAhead(file.path, file.start)
    }
  }
}

/** Begins to write a file, which appears when it is committed. Errors name the operation. */
export function beginFile({ path, access }: FileReference, operation: string): ByteWriter {
  return access === undefined ? new FileWriter(path, operation) : new RemoteWriter(path, access)
}
