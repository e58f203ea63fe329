/**
 * Files that arrays are read from, by parts: those of this machine directly, those of others by their file systems.
 */
import { statSync } from 'node:fs'
import { findFiles } from '../../files/file-patterns.js'
import { type FileReference, schemeOf } from '../../files/file-system.js'
import { readRange } from '../../files/open-files.js'
import type { StorageOptions } from '../../files/remote-files.js'
import { endsEarly, fileToken, localPath, readAt, withFile } from './file-access.js'

/** A file that exists. */
export interface ReadableFile extends FileReference {
  /** The size in bytes. */
  readonly size: number
  /** A string that changes when the file is written. */
  readonly token: string
}

/** Reads parts of an open file. */
export interface PartReader {
  /** Fills `bytes` from a position on, or fewer at the end of the file. Returns their number. */
  read(bytes: Uint8Array, position: number): number
  /** Fills `bytes` from a position on. Throws a RangeError if the file ends before. */
  fill(bytes: Uint8Array, position: number): void
}

/** A larger end than any file's, which is an integer still if it is one more. */
const WHOLE = 2 ** 52

/**
 * Finds a file that a user names.
 *
 * @param path A path, a `file:` URL, or an address with another scheme that has a file system.
 * @throws TypeError for other values; RangeError for an address with no file or several.
 */
export function readableFile(
  path: unknown,
  operation: string,
  storageOptions: StorageOptions | undefined,
): ReadableFile {
  const address = path instanceof URL ? path.href : path
  if (typeof address !== 'string' || schemeOf(address) === undefined) {
    return localFile(localPath(path, operation))
  }
  const found = findFiles(address, { operation, storageOptions })
  if (found.length !== 1) {
    throw new RangeError(
      `${operation}: '${address}' matches ${found.length} files; an array is read from one`,
    )
  }
  const { path: url, access, changed, size } = found[0]!
  const file = { path: url, access }
  // Servers that send no size send the whole file anyway.
  const length = size > 0 || access!.ranges ? size : readRange(file, 0, WHOLE).length
  return { ...file, size: length, token: `${url} ${length} ${changed}` }
}

/** Returns a file of this machine. */
export function localFile(path: string): ReadableFile {
  return { path, size: statSync(path).size, token: fileToken(path) }
}

/** Calls `use` with a reader of a file, and closes it. */
export function withReader<R>(file: FileReference, use: (reader: PartReader) => R): R {
  const { path, access } = file
  if (access === undefined) {
    return withFile(path, 'r', (id) =>
      use(readerOf(path, (bytes, position) => readAt(id, bytes, position))),
    )
  }
  // A server without ranges sends the whole file each time.
  const whole = access.ranges ? undefined : readRange(file, 0, WHOLE)
  const read = (bytes: Uint8Array, position: number): number => {
    if (bytes.length === 0) return 0
    const end = position + bytes.length
    const part =
      whole === undefined ? readRange(file, position, end) : whole.subarray(position, end)
    bytes.set(part)
    return part.length
  }
  return use(readerOf(path, read))
}

function readerOf(path: string, read: PartReader['read']): PartReader {
  return {
    read,
    fill: (bytes, position) => {
      const count = read(bytes, position)
      if (count < bytes.length) throw endsEarly(path, position + count, bytes.length - count)
    },
  }
}
