/**
 * Reads and writes parts of files, and replaces files atomically.
 */
import {
  closeSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { formatArgument } from '../block/format-argument.js'

/** Returns the absolute path of a path or `file:` URL. Throws for other values and addresses. */
export function localPath(path: unknown, operation: string): string {
  const text = path instanceof URL ? path.href : path
  if (typeof text !== 'string' || text === '') {
    throw new TypeError(
      `${operation}: the path must be a string or a file: URL; got ${formatArgument(path)}`,
    )
  }
  const scheme = /^([a-z][a-z0-9+.-]+):\/\//i.exec(text)?.[1]?.toLowerCase()
  if (scheme === 'file') return fileURLToPath(text)
  if (scheme === undefined) return resolve(text)
  throw new RangeError(
    `${operation}: '${text}' is on another machine; only paths and file: URLs are supported here`,
  )
}

/** Calls `use` with an open file and closes it. */
export function withFile<R>(path: string, flags: 'r' | 'r+' | 'w', use: (file: number) => R): R {
  const file = openSync(path, flags)
  try {
    return use(file)
  } finally {
    closeSync(file)
  }
}

/** Fills `bytes` from a position of a file. Throws a RangeError if the file ends before. */
export function readFully(file: number, path: string, bytes: Uint8Array, position: number): void {
  const count = readAt(file, bytes, position)
  if (count < bytes.length) throw endsEarly(path, position + count, bytes.length - count)
}

/** Fills `bytes` from a position of a file, or fewer at its end. Returns their number. */
export function readAt(file: number, bytes: Uint8Array, position: number): number {
  let done = 0
  for (let count = -1; count !== 0 && done < bytes.length; done += count) {
    count = readSync(file, bytes, done, bytes.length - done, position + done)
  }
  return done
}

/** Returns the error of a file that ends before the elements do. */
export function endsEarly(path: string, size: number, missing: number): RangeError {
  return new RangeError(
    `'${path}' ends after ${size} bytes, ${missing} before the last element; it was not written completely`,
  )
}

/** Writes all bytes at a position of a file. */
export function writeFully(file: number, path: string, bytes: Uint8Array, position: number): void {
  try {
    for (let done = 0; done < bytes.length; ) {
      done += writeSync(file, bytes, done, bytes.length - done, position + done)
    }
  } catch (error) {
    throw writeError(path, error as Error)
  }
}

/** Returns an error with the path of the file, which errors of writing, such as that of a full disk, do not name. */
function writeError(path: string, cause: Error): Error {
  const target = path.replace(TEMPORARY_ENDING, '')
  return new Error(`cannot write '${target}': ${cause.message}`, { cause })
}

const TEMPORARY_ENDING = /(\.\d+-[0-9a-z]+\.part(\.npy)?)+$/

/** Returns a path beside another one that nothing else uses. */
export function temporaryPath(path: string): string {
  return `${path}.${process.pid}-${Math.random().toString(36).slice(2)}.part`
}

/** Writes a file, so that at any time there is the old content or the whole new one. */
export function replaceFile(path: string, content: string | Uint8Array): void {
  mkdirSync(dirname(path), { recursive: true })
  const temporary = temporaryPath(path)
  try {
    writeFileSync(temporary, content)
    renameSync(temporary, path)
  } catch (error) {
    rmSync(temporary, { force: true })
    throw writeError(path, error as Error)
  }
}

/** Returns a string that changes when a file is written. */
export function fileToken(path: string): string {
  const { size, mtimeMs, ino } = statSync(path)
  return `${path} ${size} ${mtimeMs} ${ino}`
}
