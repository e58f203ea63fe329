/** Readers and writers of local files, and of the standard input. */
import { closeSync, mkdirSync, openSync, readSync, renameSync, rmSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import type { ByteReader, ByteWriter } from './byte-reader.js'

/** Reads a file from a position on. Files without positions, such as pipes, are read from where they are. */
export class FileReader implements ByteReader {
  private readonly file: number
  private position: number | null

  constructor(path: string, position: number) {
    this.file = openSync(path, 'r')
    this.position = position
  }

  read(target: Buffer, offset: number, length: number): number {
    let count: number
    try {
      count = readSync(this.file, target, offset, length, this.position)
    } catch (error) {
      if (this.position !== 0 || (error as { code?: unknown }).code !== 'ESPIPE') throw error
      this.position = null
      count = readSync(this.file, target, offset, length, null)
    }
    if (this.position !== null) this.position += count
    return count
  }

  close(): void {
    closeSync(this.file)
  }
}

/** Milliseconds until a standard input that has no bytes yet is asked again. */
const INPUT_INTERVAL = 10

/** Reads the standard input of this process. */
export class StandardInputReader implements ByteReader {
  private readonly sleep = new Int32Array(new SharedArrayBuffer(4))

  read(target: Buffer, offset: number, length: number): number {
    for (;;) {
      try {
        return readSync(0, target, offset, length, null)
      } catch (error) {
        const { code } = error as { code?: unknown }
        if (code === 'EOF') return 0
        if (code !== 'EAGAIN') throw error
        Atomics.wait(this.sleep, 0, 0, INPUT_INTERVAL)
      }
    }
  }

  close(): void {}
}

/** Writes a file under another name beside it, and renames it when it is complete. */
export class FileWriter implements ByteWriter {
  private readonly path: string
  private readonly operation: string
  private readonly temporary: string
  private readonly file: number
  private isOpen = true

  constructor(path: string, operation: string) {
    this.path = path
    this.operation = operation
    this.temporary = `${path}.${process.pid}-${Math.random().toString(36).slice(2)}.part`
    mkdirSync(dirname(path), { recursive: true })
    this.file = openSync(this.temporary, 'w')
  }

  write(bytes: Uint8Array): void {
    try {
      for (let done = 0; done < bytes.length; ) done += writeSync(this.file, bytes, done)
    } catch (cause) {
      // Errors of writing, such as that of a full disk, do not name the file.
      const { message } = cause as Error
      throw new Error(`${this.operation}: cannot write '${this.path}': ${message}`, { cause })
    }
  }

  commit(): void {
    this.close()
    renameSync(this.temporary, this.path)
  }

  abort(): void {
    this.close()
    rmSync(this.temporary, { force: true })
  }

  private close(): void {
    if (this.isOpen) closeSync(this.file)
    this.isOpen = false
  }
}
