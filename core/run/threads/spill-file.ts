/**
 * The file on disk that holds results which do not fit in memory. It has no name on systems that allow it, so nothing of it
 * stays when the process ends in whatever way. The space of a part that was released is used for the next part of its size:
 * chunks of an array have few different sizes.
 */
import {
  closeSync,
  ftruncateSync,
  mkdtempSync,
  openSync,
  readSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

/** The most bytes of one call; Linux writes less than 2 GiB at once. */
const CALL_BYTES = 2 ** 30

export class SpillFile {
  private descriptor: number | undefined
  private removeAtExit: (() => void) | undefined
  /** Positions that are free, by size. */
  private readonly free = new Map<number, number[]>()
  private end = 0
  private parts = 0

  /**
   * Writes bytes and returns their position.
   *
   * @throws Error of the system if the disk is full or cannot be written to.
   */
  write(bytes: Uint8Array): number {
    const descriptor = (this.descriptor ??= this.open())
    const { byteLength } = bytes
    const position = this.free.get(byteLength)?.pop() ?? this.end
    try {
      transfer(writeSync, descriptor, bytes, position)
    } catch (error) {
      if (position < this.end) this.release(position, byteLength, 0)
      throw error
    }
    this.end = Math.max(this.end, position + byteLength)
    this.parts++
    return position
  }

  /**
   * Reads the bytes at a position.
   *
   * @throws Error of the system if they cannot be read.
   */
  read(position: number, into: Uint8Array): void {
    transfer(readSync, this.descriptor!, into, position)
  }

  /** Frees the space of a part. */
  release(position: number, byteLength: number, parts = 1): void {
    const list = this.free.get(byteLength)
    if (list === undefined) this.free.set(byteLength, [position])
    else list.push(position)
    this.parts -= parts
    if (this.parts > 0) return
    this.free.clear()
    this.end = 0
    ftruncateSync(this.descriptor!, 0)
  }

  /** Closes and removes the file. */
  close(): void {
    if (this.descriptor !== undefined) closeSync(this.descriptor)
    this.descriptor = undefined
    this.removeAtExit?.()
  }

  private open(): number {
    const folder = mkdtempSync(path.join(tmpdir(), 'skein-spill-'))
    const remove = () => rmSync(folder, { recursive: true, force: true })
    try {
      return openSync(path.join(folder, 'results'), 'wx+', 0o600)
    } finally {
      // Windows does not remove files that are open.
      if (process.platform === 'win32') this.removeWhenDone(remove)
      else remove()
    }
  }

  private removeWhenDone(remove: () => void): void {
    process.once('exit', remove)
    this.removeAtExit = () => {
      process.removeListener('exit', remove)
      remove()
    }
  }
}

type Transfer = typeof readSync | typeof writeSync

/** Reads or writes all bytes, in as many calls as it takes. */
function transfer(call: Transfer, descriptor: number, bytes: Uint8Array, position: number): void {
  let done = 0
  while (done < bytes.byteLength) {
    const length = Math.min(CALL_BYTES, bytes.byteLength - done)
    const count = (call as typeof readSync)(descriptor, bytes, done, length, position + done)
    if (count === 0) throw new Error('A result on disk is shorter than it was')
    done += count
  }
}
