/**
 * The records that a scheduler stores on disk by name, in an LMDB database of its own.
 *
 * A record is written, replaced or deleted in one transaction, which is on disk when the call returns. If a
 * process is killed, a record is stored completely or not at all. A folder belongs to one process at a
 * time; the folder of a process that was killed is taken over by the next one.
 */
import { createHash } from 'node:crypto'
import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  openSync,
  readdirSync,
  readSync,
} from 'node:fs'
import path from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import type { RootDatabase } from 'lmdb'
import { lazyModule } from '../../core/base/lazy-package.js'
import { load, type StoredValue, store, storedSize } from '../../core/graph/stored-value.js'
import { StorageError } from '../base/errors.js'
import { logEvent } from '../base/log.js'
import { bytesForDeleting, hasRoom, reserveSpace } from './disk-space.js'
import { FolderClaim, isClaimed } from './folder-claim.js'
import { makeDatabaseFiles, makePrivateFolder } from './private-files.js'
import { isProcessRunning, ownIdentity, type ProcessIdentity } from './process-identity.js'
import { notStorable } from './temporary-folder.js'
import { readDescription, toPieces, ValueAssembler } from './value-pieces.js'

/** The version of the records. Changes when they, or the messages in them, change. */
const format = 2

/** The database's size in the address space; on disk it takes only what its records need. */
const mapSize = process.platform === 'win32' ? 2 ** 30 : 2 ** 38

type RecordKey = ['record', string, number] | ['owner'] | ['format']

/** Folders that this process has open. */
const opened = new Set<string>()

export class StateFolder {
  readonly path: string
  private readonly database: RootDatabase<Buffer, RecordKey>
  private claim: FolderClaim | undefined
  private closing: Promise<void> | undefined

  private constructor(folder: string, database: RootDatabase<Buffer, RecordKey>) {
    this.path = folder
    this.database = database
  }

  /**
   * Opens a folder, and creates it if it does not exist.
   *
   * @throws StorageError if the folder cannot be written to, is in use, or has other contents.
   * @example const state = await StateFolder.open('/var/lib/skein')
   */
  static async open(directory: string, what = 'Scheduler.start'): Promise<StateFolder> {
    const folder = path.resolve(directory)
    makeFolder(folder, what)
    if (opened.has(folder)) throw inUse(folder, what, process.pid)
    assertDatabase(folder, what)
    opened.add(folder)
    let state: StateFolder | undefined
    try {
      // The database is not opened then: it takes processes of equal IDs in two PID namespaces for one.
      let owner: number | undefined
      const isOwned = await isClaimed(folder, (pid) => {
        owner = pid
      })
      if (isOwned === true) throw inUse(folder, what, owner)
      state = new StateFolder(folder, await openDatabase(folder, what))
      state.takeOver(what)
      state.claim = await FolderClaim.take(folder)
      return state
    } catch (error) {
      await state?.database.close()
      opened.delete(folder)
      if (error instanceof StorageError) throw error
      const why = error instanceof Error ? error.message : String(error)
      throw new StorageError(folder, `${what}: the state in ${folder} cannot be opened: ${why}`, {
        cause: error,
      })
    }
  }

  /** Stores a record under a name and replaces any other. Throws StorageError if that fails; nothing changes then. */
  put(name: string, record: unknown): void {
    const stored = store(record)
    if (this.closing === undefined) reserveSpace(this.path, this.database)
    this.write(storedSize(stored) + bytesForDeleting, () => {
      const id = this.removePieces(name)
      let number = 0
      for (const piece of toPieces(name, stored))
        this.database.putSync(['record', id, number++], piece)
    })
  }

  /** Deletes a record, if there is one. Throws StorageError if that fails; nothing changes then. */
  delete(name: string): void {
    this.write(0, () => this.removePieces(name))
  }

  /** Iterates over all records. For one that cannot be read, `onUnreadable` is called; it stays on disk. */
  *records(onUnreadable: (error: unknown) => void): Generator<[name: string, record: unknown]> {
    const ids: string[] = []
    for (const [kind, id, number] of this.database.getKeys())
      if (kind === 'record' && number === 0) ids.push(id)
    for (const id of ids) {
      let found: [string, unknown]
      try {
        found = this.read(id)
      } catch (error) {
        onUnreadable(error)
        continue
      }
      yield found
    }
  }

  /** Closes the folder, so that another process can open it. */
  close(): Promise<void> {
    this.closing ??= this.shut()
    return this.closing
  }

  private async shut(): Promise<void> {
    try {
      this.database.removeSync(['owner'])
    } catch {
      // The disk may be full. The next process detects that this one has ended.
    }
    await this.claim?.release()
    await this.database.close()
    opened.delete(this.path)
  }

  /** Makes this process the owner. With a full disk the folder can be read all the same. */
  private takeOver(what: string): void {
    this.assertFree(what)
    if (!hasRoom(this.path, this.database, 0)) {
      logEvent(
        'scheduler',
        `the disk of ${this.path} is full: named collections can be read, but none can be stored until there is space`,
      )
      return
    }
    reserveSpace(this.path, this.database)
    // In a transaction: the database runs one at a time over all processes.
    this.write(0, () => {
      this.assertFree(what)
      this.database.putSync(['owner'], Buffer.from(JSON.stringify(ownIdentity())))
      this.database.putSync(['format'], Buffer.from(JSON.stringify(format)))
    })
  }

  /** Throws StorageError if another process owns the folder, or another version has written it. */
  private assertFree(what: string): void {
    const owner = this.readJson<ProcessIdentity>(['owner'])
    const isOurs = owner?.pid === process.pid && isDeepStrictEqual(owner, ownIdentity())
    // The database may run a transaction twice; then the owner is this process.
    if (owner !== undefined && !isOurs && isProcessRunning(owner) === true)
      throw inUse(this.path, what, owner.pid)
    const found = this.readJson<number>(['format'])
    if (found !== undefined && found !== format)
      throw new StorageError(
        this.path,
        `${what}: the state in ${this.path} was written by another version of Skein; give another folder, or start that version`,
      )
  }

  private readJson<T>(key: RecordKey): T | undefined {
    const found = this.database.get(key)
    return found === undefined ? undefined : (JSON.parse(found.toString()) as T)
  }

  private read(id: string): [string, unknown] {
    const piece = (number: number): Buffer => {
      const found = this.database.get(['record', id, number])
      if (found !== undefined) return found
      throw new StorageError(this.path, `The state in ${this.path} lacks a part of a record`)
    }
    const assembly = new ValueAssembler(piece(0), false)
    for (let number = 1; number <= assembly.description.more; number++) assembly.add(piece(number))
    return [assembly.description.key, load(assembly.value() as StoredValue)]
  }

  /** Removes a record within a transaction. Returns the hash that stands for its name in keys. */
  private removePieces(name: string): string {
    const id = createHash('sha256').update(name, 'utf16le').digest('hex')
    const first = this.database.get(['record', id, 0])
    const more = first === undefined ? -1 : readDescription(first).more
    for (let number = 0; number <= more; number++) this.database.removeSync(['record', id, number])
    return id
  }

  /** Runs a transaction that writes about so many bytes. */
  private write(bytes: number, body: () => void): void {
    if (this.closing !== undefined)
      throw new StorageError(this.path, `The state in ${this.path} is closed`)
    if (!hasRoom(this.path, this.database, bytes)) {
      throw new StorageError(
        this.path,
        `The disk of ${this.path} is full: free some space there, or delete collections that are stored by name`,
      )
    }
    try {
      this.database.transactionSync(body)
    } catch (error) {
      if (error instanceof StorageError) throw error
      const why = error instanceof Error ? error.message : String(error)
      const message = `The state in ${this.path} cannot be written to: ${why}`
      throw new StorageError(this.path, message, { cause: error })
    }
  }
}

/** Creates the folder; it need not have room for anything more than it has. */
function makeFolder(folder: string, what: string): void {
  try {
    makePrivateFolder(folder)
    // Another process may own the folder, so nothing is written to it yet.
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK)
    readdirSync(folder)
  } catch (error) {
    throw notStorable(folder, what, error)
  }
}

const lmdb = lazyModule<typeof import('lmdb')>('lmdb')

async function openDatabase(
  folder: string,
  what: string,
): Promise<RootDatabase<Buffer, RecordKey>> {
  const { open } = await lmdb()
  try {
    makeDatabaseFiles(folder)
  } catch (error) {
    throw notStorable(folder, what, error)
  }
  return open<Buffer, RecordKey>({
    path: folder,
    encoding: 'binary',
    noSubdir: false,
    compression: false,
    cache: false,
    // A call returns when its data is on disk.
    overlappingSync: false,
    mapSize,
  })
}

/** Where a database file has its magic number, and the number in both byte orders. */
const magicAt = 24
const magicNumbers = [0xbeefc0de, 0xdec0efbe]

/** Throws StorageError for a file of another kind: reading it as a database would crash the process. */
function assertDatabase(folder: string, what: string): void {
  const file = path.join(folder, 'data.mdb')
  if (!existsSync(file)) return
  const start = Buffer.alloc(magicAt + 4)
  const handle = openSync(file, 'r')
  try {
    const length = readSync(handle, start)
    // A database whose process was killed while it created the file is empty.
    if (start.every((byte) => byte === 0)) return
    if (length === start.byteLength && magicNumbers.includes(start.readUInt32LE(magicAt))) return
  } finally {
    closeSync(handle)
  }
  throw new StorageError(folder, `${what}: ${file} is not a database; give another folder`)
}

function inUse(folder: string, what: string, pid: number | undefined): StorageError {
  const owner = pid === undefined ? 'another process' : `process ${pid}`
  return new StorageError(
    folder,
    `${what}: the state in ${folder} is in use by ${owner}; end that one, or give another folder`,
  )
}
