/**
 * Results on disk that a worker reads back: a temporary folder with a file for each.
 *
 * The files have nothing but the bytes of the values; what else is needed to read them stays in memory. Reading and writing by
 * ordinary calls takes no memory of the process besides the values, while the pages of a mapped file count as memory of it.
 */
import { closeSync, openSync, readSync, unlinkSync, writeSync } from 'node:fs'
import path from 'node:path'
import { decode, encode } from '../../core/codec/index.js'
import { isEncoded, type StoredValue } from '../../core/graph/stored-value.js'
import { StorageError } from '../base/errors.js'
import { notStorable, TemporaryFolder } from './temporary-folder.js'
import { pieceSize } from './value-pieces.js'

/** Parts of at least this size are read into shared memory, which threads receive without a copy. */
const shareFrom = 4096

/** What is known of a value besides its bytes. */
interface Description {
  /** The lengths of the head and of each buffer. */
  readonly lengths: readonly number[]
  readonly bundles: readonly string[]
  /** Whether the value is a primitive, which is encoded only on disk. */
  readonly isPrimitive: boolean
}

export class SpillFolder {
  private readonly folder: TemporaryFolder
  private readonly descriptions = new Map<string, Description>()

  private constructor(folder: TemporaryFolder) {
    this.folder = folder
  }

  /**
   * Makes a folder in `directory`, by default in the system's temporary directory.
   *
   * @throws StorageError if nothing can be stored there.
   */
  static async open(directory: string | undefined): Promise<SpillFolder> {
    return new SpillFolder(await TemporaryFolder.make(directory, 'the memory of a worker'))
  }

  get path(): string {
    return this.folder.path
  }

  /** Whether there is a value under a key. */
  has(key: string): boolean {
    return this.descriptions.has(key)
  }

  /**
   * Stores a value, in steps of about a megabyte, so that the caller can do other work in between. Call `next` until it is done; if
   * you end the generator sooner, what was written is removed. A key must be a file's name that is not in use.
   *
   * @throws StorageError if the disk is full or cannot be written to.
   */
  *write(key: string, value: StoredValue): Generator<void, void, void> {
    const isPrimitive = !isEncoded(value)
    const { head, buffers, bundles } = isPrimitive ? encode(value) : value
    const parts = [head, ...buffers]
    let descriptor: number | undefined
    let isDone = false
    try {
      descriptor = openSync(this.fileOf(key), 'wx', 0o600)
      let step = 0
      for (const part of parts) {
        for (let from = 0; from < part.byteLength; ) {
          if (step >= pieceSize) {
            yield
            step = 0
          }
          const length = Math.min(pieceSize - step, part.byteLength - from)
          const written = writeSync(descriptor, part, from, length)
          from += written
          step += written
        }
      }
      isDone = true
    } catch (error) {
      throw notStorable(this.path, 'the memory of a worker', error)
    } finally {
      if (descriptor !== undefined) closeSync(descriptor)
      if (!isDone) this.remove(key)
    }
    const lengths = parts.map((part) => part.byteLength)
    this.descriptions.set(key, { lengths, bundles, isPrimitive })
  }

  /**
   * Returns the value under a key, with its large parts in shared memory; undefined if there is none.
   *
   * @throws StorageError if it cannot be read.
   */
  get(key: string): StoredValue {
    return this.read(key, true)
  }

  /** Returns the value under a key as `get` does, in unshared memory, which is garbage-collected sooner. */
  peek(key: string): StoredValue {
    return this.read(key, false)
  }

  /** Removes a value. Returns false if there was none. */
  delete(key: string): boolean {
    if (!this.descriptions.delete(key)) return false
    this.remove(key)
    return true
  }

  /** Removes the folder with all values. */
  close(): Promise<void> {
    this.descriptions.clear()
    return this.folder.remove()
  }

  private read(key: string, shared: boolean): StoredValue {
    const description = this.descriptions.get(key)
    if (description === undefined) return undefined
    const { lengths, bundles, isPrimitive } = description
    const parts = lengths.map((length) =>
      shared && length >= shareFrom
        ? new Uint8Array(new SharedArrayBuffer(length))
        : new Uint8Array(length),
    )
    try {
      const descriptor = openSync(this.fileOf(key), 'r')
      try {
        for (const part of parts) readFully(descriptor, part)
      } finally {
        closeSync(descriptor)
      }
    } catch (error) {
      const message = `A result in ${this.path} cannot be read: ${(error as Error).message}`
      throw new StorageError(this.path, message, { cause: error })
    }
    const [head, ...buffers] = parts
    if (isPrimitive) return decode({ head: head!, buffers }) as StoredValue
    return { head: head!, buffers, bundles }
  }

  private remove(key: string): void {
    try {
      unlinkSync(this.fileOf(key))
    } catch {
      // It was not made, or the folder is gone.
    }
  }

  private fileOf(key: string): string {
    return path.join(this.path, `result-${key}`)
  }
}

function readFully(descriptor: number, into: Uint8Array): void {
  for (let done = 0; done < into.byteLength; ) {
    const count = readSync(descriptor, into, done, into.byteLength - done, null)
    if (count === 0) throw new Error('the file is shorter than it was')
    done += count
  }
}
