/**
 * The chest: results on disk, by key, in an LMDB database of their own.
 *
 * Nothing is kept in memory. What is written is copied piece by piece into plain memory, since the
 * database must not be given shared memory. Only synchronous calls of the database are used: a write
 * that fails says so to whoever wrote. The description of a value is written last, so that a value
 * is there as a whole or not at all. What a chest holds survives the process, but for chests that
 * were opened without a path, whose folder is removed when they are closed.
 */
import { createHash } from 'node:crypto'
import path from 'node:path'
import type { RootDatabase } from 'lmdb'
import type { StoredValue } from '../../core/graph/stored-value.js'
import { StorageError } from '../base/errors.js'
import { assertOptions } from '../base/options.js'
import {
  assertWritable,
  freeSpace,
  makeTemporaryFolder,
  removeStaleFolders,
  removeTemporaryFolder,
} from './temporary-folder.js'
import {
  pieceSize,
  readDescription,
  toPieces,
  ValueAssembler,
  type ValueDescription,
} from './value-pieces.js'

/** How to open a chest. */
export interface ChestOptions {
  /** The folder to keep it in; one that a former process left is opened again with all it holds. */
  readonly path?: string
  /** Without `path`: where to make a temporary folder; by default the system's own place for them. */
  readonly directory?: string
}

/** A key, and a number: 0 for the first piece. */
type PieceKey = [string, number]

/** Other keys are kept by their hash: the database bounds their length, and not every text can be one. */
const plainKey = /^[!-"$-~][ -~]{0,499}$/

export class Chest implements AsyncDisposable {
  /** The folder that it is kept in. */
  readonly path: string
  private readonly database: RootDatabase<Buffer, PieceKey>
  private readonly isTemporary: boolean
  private closing: Promise<void> | undefined

  private constructor(
    folder: string,
    database: RootDatabase<Buffer, PieceKey>,
    isTemporary: boolean,
  ) {
    this.path = folder
    this.database = database
    this.isTemporary = isTemporary
  }

  /**
   * Opens a chest, which is made if it is not there.
   *
   * @throws StorageError for a folder that cannot be written to.
   * @example const worker = await Worker.start({ scheduler, data: await Chest.open({ path: '/big/disk' }) })
   */
  static async open(options: ChestOptions = {}): Promise<Chest> {
    assertOptions(options, 'Chest.open', ['path', 'directory'])
    for (const name of ['path', 'directory'] as const) {
      const value: unknown = options[name]
      if (value === undefined || (typeof value === 'string' && value !== '')) continue
      throw new TypeError(`Chest.open: ${name} is a folder's path, got ${JSON.stringify(value)}`)
    }
    // The database's own way of making folders never ends where they cannot be made.
    const isTemporary = options.path === undefined
    if (isTemporary) removeStaleFolders(options.directory)
    const folder = isTemporary
      ? makeTemporaryFolder(options.directory, 'Chest.open')
      : path.resolve(options.path!)
    if (!isTemporary) assertWritable(folder, 'Chest.open')
    const { open } = await import('lmdb')
    try {
      const database = open<Buffer, PieceKey>({
        path: folder,
        encoding: 'binary',
        // What is on disk is of use only as long as the machine runs.
        noSync: true,
        noSubdir: false,
        compression: false,
        cache: false,
      })
      return new Chest(folder, database, isTemporary)
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      throw new StorageError(folder, `Chest.open: ${folder} cannot be opened as a chest: ${why}`, {
        cause: error,
      })
    }
  }

  /** Keeps a value under a key, in place of any other. Fails with StorageError, keeping nothing. */
  set(key: string, value: StoredValue): this {
    for (const _ of this.write(key, value));
    return this
  }

  /**
   * The same in steps of about a megabyte, for those who must not be held up for long: call `next`
   * until it is done. What is left half done by ending sooner is removed.
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

  /** The value under a key, undefined if there is none. What is large lies in shared memory. */
  get(key: string): StoredValue {
    return this.read(key, true)
  }

  /** The same in memory of this thread alone, which the collector frees sooner. */
  peek(key: string): StoredValue {
    return this.read(key, false)
  }

  has(key: string): boolean {
    return this.opened().doesExist([nameOf(key), 0])
  }

  /** Removes a key; whether it was there. */
  delete(key: string): boolean {
    const name = nameOf(key)
    const description = this.describe(name)
    if (description === undefined) return false
    this.removePieces(name, description.more)
    return true
  }

  /** All keys. */
  *keys(): Generator<string> {
    for (const [name, number] of this.opened().getKeys()) {
      if (number === 0) yield this.describe(name)?.key ?? name
    }
  }

  /** How many values it holds. */
  get size(): number {
    let size = 0
    for (const [, number] of this.opened().getKeys()) if (number === 0) size++
    return size
  }

  /** Removes all it holds. */
  clear(): void {
    this.opened().clearSync()
  }

  /** Closes it; a temporary one is removed from the disk. */
  close(): Promise<void> {
    this.closing ??= this.shut()
    return this.closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  private async shut(): Promise<void> {
    await this.database.close()
    if (this.isTemporary) removeTemporaryFolder(this.path)
  }

  private read(key: string, shared: boolean): StoredValue {
    const name = nameOf(key)
    const first = this.piece([name, 0])
    if (first === undefined) return undefined
    const assembly = new ValueAssembler(first, shared)
    for (let number = 1; number <= assembly.description.more; number++) {
      const piece = this.piece([name, number])
      if (piece === undefined) {
        throw new StorageError(this.path, `The chest in ${this.path} has lost a part of '${key}'`)
      }
      assembly.add(piece)
    }
    return assembly.value()
  }

  private describe(name: string): ValueDescription | undefined {
    const first = this.piece([name, 0])
    return first === undefined ? undefined : readDescription(first)
  }

  /** A piece as it lies in the database's memory, until the next call of this. */
  private piece(key: PieceKey): Buffer | undefined {
    const found = this.opened().getBinaryFast(key)
    // The buffer may be a larger one that is used again and again; only its `length` is the piece's.
    return found?.subarray(0, found.length)
  }

  private put(key: PieceKey, piece: Buffer): void {
    try {
      this.opened().putSync(key, piece)
    } catch (error) {
      throw error instanceof StorageError ? error : this.failure(error)
    }
  }

  /** The first piece goes first, so that what is left is never taken for a value. */
  private removePieces(name: string, more: number): void {
    const database = this.opened()
    try {
      for (let number = 0; number <= more; number++) database.removeSync([name, number])
    } catch {
      // Removing takes room too. Nobody finds these pieces any more; they are written over.
    }
  }

  private failure(cause: unknown): StorageError {
    const why = cause instanceof Error ? cause.message : String(cause)
    const room = freeSpace(this.path)
    const isFull = room !== undefined && room < 2 * pieceSize
    const message = isFull
      ? `The disk of ${this.path} is full: free some room there, or keep the chest elsewhere`
      : `The chest in ${this.path} cannot be written to: ${why}`
    return new StorageError(this.path, message, { cause })
  }

  private opened(): RootDatabase<Buffer, PieceKey> {
    if (this.closing === undefined) return this.database
    throw new StorageError(this.path, `The chest in ${this.path} is closed: open it again`)
  }
}

function nameOf(key: string): string {
  if (plainKey.test(key)) return key
  return `#${createHash('sha256').update(key, 'utf16le').digest('hex')}`
}
