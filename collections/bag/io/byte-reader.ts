/** Synchronous readers of the bytes of files. */
import { closeSync, openSync, readSync } from 'node:fs'

/** Reads bytes one after another. */
export interface ByteReader {
  /** Writes up to `length` bytes into `target` at `offset`. Returns their number; 0 at the end. */
  read(target: Buffer, offset: number, length: number): number
  close(): void
}

/** Reads a file from a position on. */
export class FileReader implements ByteReader {
  private readonly file: number
  private position: number

  constructor(path: string, position: number) {
    this.file = openSync(path, 'r')
    this.position = position
  }

  read(target: Buffer, offset: number, length: number): number {
    const count = readSync(this.file, target, offset, length, this.position)
    this.position += count
    return count
  }

  close(): void {
    closeSync(this.file)
  }
}
