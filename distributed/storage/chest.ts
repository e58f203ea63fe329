/**
 * The chest: results on disk, by key, in an LMDB database of its own.
 *
 * A chest keeps no values in memory. Values are copied piece by piece into ordinary memory before they
 * are written, because the database must not be given shared memory. Only synchronous calls of the
 * database are used, so that a failed write throws to its caller. The description of a value is written
 * last: a value is stored completely or not at all. Values survive the process, except in a chest that
 * was opened without a path: its folder is removed when it is closed.
 */
import path from 'node:path'
import type { RootDatabase } from 'lmdb'
import { checkArguments } from '../../core/base/argument-checks.js'
import { lazyPackage } from '../../core/base/lazy-package.js'
import type { StoredValue } from '../../core/graph/stored-value.js'
import { StorageError } from '../base/errors.js'
import { assertOptions } from '../base/options.js'
import { makeProcessBound } from '../base/public-objects.js'
import { bytesForDeleting, hasRoom } from './disk-space.js'
import { makeDatabaseFiles } from './private-files.js'
import { assertWritable, notStorable, TemporaryFolder } from './temporary-folder.js'
import { readDescription, toPieces, ValueAssembler, type ValueDescription } from './value-pieces.js'

const nodeCrypto = lazyPackage<typeof import('node:crypto')>('node:crypto')

/** How to open a chest. */
export interface ChestOptions {
  /** The folder of the chest. An existing chest is opened with its values. */
  readonly path?: string
  /** Without `path`: where to make a temporary folder; by default the system's temporary directory. */
  readonly directory?: string
}

/** The hashed or plain key of a value, and the number of a piece, from 0. */
type PieceKey = [string, number]

/** Other keys are hashed, because the database limits the length and the characters of keys. */
const plainKey = /^[!-"$-~][ -~]{0,499}$/

/** A store for results on disk, for the option `data` of a worker or for programs of your own. */
export class Chest implements AsyncDisposable {
  static {
    makeProcessBound(Chest.prototype, 'a Chest')
  }

  /** The folder of the chest. */
  readonly path: string
  private readonly database: RootDatabase<Buffer, PieceKey>
  private readonly temporary: TemporaryFolder | undefined
  private closing: Promise<void> | undefined

  private constructor(
    folder: string,
    database: RootDatabase<Buffer, PieceKey>,
    temporary: TemporaryFolder | undefined,
  ) {
    this.path = folder
    this.database = database
    this.temporary = temporary
  }

  /**
   * Opens a chest, and creates it if it does not exist.
   *
   * @throws StorageError for a folder that cannot be written to.
   * @example const worker = await Worker.start({ scheduler, data: await Chest.open({ path: '/big/disk' }) })
   */
  static async open(options: ChestOptions = {}): Promise<Chest> {
    checkArguments('Chest.open', arguments, 1, 'Chest.open(options)')
    assertOptions(options, 'Chest.open', ['path', 'directory'])
    for (const name of ['path', 'directory'] as const) {
      const value: unknown = options[name]
      if (value === undefined || (typeof value === 'string' && value !== '')) continue
      throw new TypeError(`Chest.open: ${name} is a folder's path, got ${JSON.stringify(value)}`)
    }
    // Where a folder cannot be made, the database would try without end; so it is made here.
    const temporary =
      options.path === undefined
        ? await TemporaryFolder.make(options.directory, 'Chest.open')
        : undefined
    const folder = temporary?.path ?? path.resolve(options.path!)
    try {
      if (temporary === undefined) assertWritable(folder, 'Chest.open')
      return new Chest(folder, await openDatabase(folder), temporary)
    } catch (error) {
      await temporary?.remove()
      if (error instanceof StorageError) throw error
      const why = error instanceof Error ? error.message : String(error)
      throw new StorageError(folder, `Chest.open: ${folder} cannot be opened as a chest: ${why}`, {
        cause: error,
      })
    }
  }

  /** Returns the folder: `Chest</big/disk>`. */
  toString(): string {
    return `Chest<${this.path}>`
  }

  /** Stores a value under a key and replaces any other. Throws StorageError if that fails; nothing is stored then. */
  set(key: string, value: StoredValue): this {
    for (const _ of this.write(key, value));
    return this
  }

  /**
   * Stores a value as `set` does, in steps of about a megabyte, so that the caller can do other work in
   * between. Call `next` until it is done; if you end the generator sooner, what was written is removed.
   */
  *write(key: string, value: StoredValue): Generator<void, void, void> {
    this.delete(key)
    const name = nameOf(key)
    let first: Buffer | undefined
    let count = 0
    let isDone = false
    try {
      for (const piece of toPieces(key, value)) {
        if (first === undefined) first = piece
        else {
          this.put([name, ++count], piece)
          yield
        }
      }
      this.put([name, 0], first!)
      isDone = true
    } finally {
      if (!isDone) this.removePieces(name, count)
    }
  }

  /** Returns the value under a key, or undefined. Its large parts are in shared memory. */
  get(key: string): StoredValue {
    return this.read(key, true)
  }

  /** Returns the value under a key as `get` does, in unshared memory, which is garbage-collected sooner. */
  peek(key: string): StoredValue {
    return this.read(key, false)
  }

  /** Whether there is a value under a key. */
  has(key: string): boolean {
    return this.opened().doesExist([nameOf(key), 0])
  }

  /** Removes a value. Returns false if there was none. */
  delete(key: string): boolean {
    const name = nameOf(key)
    const description = this.describe(name)
    if (description === undefined) return false
    this.removePieces(name, description.more)
    return true
  }

  /** Iterates over all keys. */
  *keys(): Generator<string, void, undefined> {
    for (const [name, number] of this.opened().getKeys()) {
      if (number === 0) yield this.describe(name)?.key ?? name
    }
  }

  /** The number of values. */
  get size(): number {
    let size = 0
    for (const [, number] of this.opened().getKeys()) if (number === 0) size++
    return size
  }

  /** Removes all values. */
  clear(): void {
    this.opened().clearSync()
  }

  /** Closes the chest. A temporary one is removed from disk. */
  close(): Promise<void> {
    this.closing ??= this.shut()
    return this.closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  private async shut(): Promise<void> {
    await this.database.close()
    await this.temporary?.remove()
  }

  private read(key: string, shared: boolean): StoredValue {
    const name = nameOf(key)
    const first = this.piece([name, 0])
    if (first === undefined) return undefined
    const assembly = new ValueAssembler(first, shared)
    for (let number = 1; number <= assembly.description.more; number++) {
      const piece = this.piece([name, number])
      if (piece === undefined) {
        throw new StorageError(this.path, `The chest in ${this.path} lacks a part of '${key}'`)
      }
      assembly.add(piece)
    }
    return assembly.value()
  }

  private describe(name: string): ValueDescription | undefined {
    const first = this.piece([name, 0])
    return first === undefined ? undefined : readDescription(first)
  }

  /** Returns a piece in the database's own memory, which is valid until the next call. */
  private piece(key: PieceKey): Buffer | undefined {
    const found = this.opened().getBinaryFast(key)
    // The buffer may be a larger one that the database reuses; `length` is that of the piece.
    return found?.subarray(0, found.length)
  }

  private put(key: PieceKey, piece: Buffer): void {
    const database = this.opened()
    if (!hasRoom(this.path, database, piece.byteLength + bytesForDeleting)) throw this.failure()
    try {
      database.putSync(key, piece)
    } catch (error) {
      throw this.failure(error)
    }
  }

  /** Removes the first piece first, so that a rest is never taken for a value. */
  private removePieces(name: string, more: number): void {
    const database = this.opened()
    try {
      for (let number = 0; number <= more; number++) database.removeSync([name, number])
    } catch {
      // Removing needs disk space too. Without the first piece the others are not found, and are overwritten.
    }
  }

  /** Returns the error for a write that failed, or that the disk has no room for. */
  private failure(cause?: unknown): StorageError {
    const message =
      cause === undefined
        ? `The disk of ${this.path} is full: free some space there, or open the chest in another folder`
        : `The chest in ${this.path} cannot be written to: ${cause instanceof Error ? cause.message : String(cause)}`
    return new StorageError(this.path, message, { cause })
  }

  private opened(): RootDatabase<Buffer, PieceKey> {
    if (this.closing === undefined) return this.database
    throw new StorageError(this.path, `The chest in ${this.path} is closed: open it again`)
  }
}

async function openDatabase(folder: string): Promise<RootDatabase<Buffer, PieceKey>> {
  const { open } = await import('lmdb')
  try {
    makeDatabaseFiles(folder)
  } catch (error) {
    throw notStorable(folder, 'Chest.open', error)
  }
  return open<Buffer, PieceKey>({
    path: folder,
    encoding: 'binary',
    // Values need not survive a crash of the machine.
    noSync: true,
    noSubdir: false,
    compression: false,
    cache: false,
  })
}

function nameOf(key: string): string {
  if (plainKey.test(key)) return key
  return `#${nodeCrypto().createHash('sha256').update(key, 'utf16le').digest('hex')}`
}
