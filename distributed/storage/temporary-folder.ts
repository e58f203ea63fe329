/**
 * Temporary folders of processes. They are made in a folder that all processes of a user share. A process
 * removes its own, also when it exits without closing what uses them; those of processes that were killed
 * are removed by the next process.
 *
 * A folder's name contains the identity of its process. A folder is removed only if its process has
 * certainly ended, or is of an earlier boot of this machine and has not touched it for a day.
 */
import { randomUUID } from 'node:crypto'
import {
  chmodSync,
  closeSync,
  constants,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  rmdirSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { hostname, tmpdir, userInfo } from 'node:os'
import path from 'node:path'
import { StorageError } from '../base/errors.js'
import { logEvent } from '../base/log.js'
import { FolderClaim, isClaimed } from './folder-claim.js'
import { makePrivateFolder } from './private-files.js'
import {
  isOfThisSystem,
  isProcessRunning,
  ownIdentity,
  type ProcessIdentity,
} from './process-identity.js'

/** Milliseconds without a sign of life after which a process that cannot be looked up counts as ended. */
const abandonedAfter = 24 * 3_600_000

/** Throws StorageError unless a folder can be written to. Creates it if it does not exist. */
export function assertWritable(folder: string, what: string): void {
  try {
    makePrivateFolder(path.resolve(folder))
    writeProbe(folder)
  } catch (error) {
    throw notStorable(folder, what, error)
  }
}

/** Writes to a file and removes it: on Linux one without a name, of which nothing stays if the process is killed. */
function writeProbe(folder: string): void {
  if (process.platform === 'linux') {
    try {
      const handle = openSync(folder, namelessFile | constants.O_WRONLY, 0o600)
      try {
        writeSync(handle, 'x')
      } finally {
        closeSync(handle)
      }
      return
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (isDiskFull(error) || code === 'EACCES' || code === 'EROFS') throw error
      // The file system has no such files.
    }
  }
  const probe = path.join(folder, `.probe-${randomUUID()}`)
  try {
    writeFileSync(probe, 'x', { flag: 'wx', mode: 0o600 })
  } finally {
    rmSync(probe, { force: true })
  }
}

/** The flag O_TMPFILE, which Node does not name. */
const namelessFile = 0o20000000 | constants.O_DIRECTORY

/** Returns the error for a folder in which nothing can be stored. */
export function notStorable(folder: string, what: string, cause: unknown): StorageError {
  const { code, message } = cause as NodeJS.ErrnoException
  const advice = isDiskFull(cause)
    ? 'its disk is full: free some space there, or give another folder'
    : 'give a folder that this process may write to'
  return new StorageError(
    folder,
    `${what}: nothing can be stored in ${folder} (${code ?? message}); ${advice}`,
    { cause },
  )
}

function isDiskFull(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException
  return code === 'ENOSPC' || code === 'EDQUOT'
}

/** Checks the folder to which a worker spills results. A full disk is only a warning: there may be space later. */
export function readLocalDirectory(directory: unknown, what: string): string | undefined {
  if (directory === undefined) return undefined
  if (typeof directory !== 'string' || directory === '') {
    throw new TypeError(`${what}: localDirectory is a folder's path, got ${String(directory)}`)
  }
  try {
    assertWritable(directory, what)
  } catch (error) {
    if (!isDiskFull((error as StorageError).cause)) throw error
    logEvent('worker', `the disk of ${directory} is full: results that exceed the memory are lost`)
  }
  return directory
}

/** Returns the folder in which this user's temporary folders are made, in `directory` or the system's temporary directory. */
function userFolder(directory: string | undefined): string {
  // By number: in a container the user may have no name.
  const user = process.getuid?.() ?? userInfo().username
  return path.join(path.resolve(directory ?? tmpdir()), `skein-${user}`)
}

/** Whether a path is a folder of this user, and not a link to one. Throws if there is nothing. */
function isOwnFolder(folder: string): boolean {
  const stats = lstatSync(folder)
  return stats.isDirectory() && (process.getuid === undefined || stats.uid === process.getuid())
}

/** A temporary folder of this process. */
export class TemporaryFolder {
  readonly path: string
  private readonly claim: FolderClaim

  private constructor(folder: string, claim: FolderClaim) {
    this.path = folder
    this.claim = claim
  }

  /**
   * Creates a temporary folder, and removes those of processes that have ended.
   *
   * @throws StorageError if nothing can be stored there, or the user's folder belongs to another user.
   */
  static async make(directory: string | undefined, what: string): Promise<TemporaryFolder> {
    await removeStaleFolders(directory)
    const folder = makeOwnFolder(userFolder(directory), what)
    try {
      assertWritable(folder, what)
      return new TemporaryFolder(folder, await FolderClaim.take(folder))
    } catch (error) {
      removeOwn(folder)
      throw error
    }
  }

  /** Removes the folder, and the user's folder if that is empty now. */
  async remove(): Promise<void> {
    await this.claim.release()
    removeOwn(this.path)
  }
}

/** Creates a folder for this process in the user's folder, and checks first whose that is. */
function makeOwnFolder(above: string, what: string): string {
  const folder = path.join(above, nameFor(ownIdentity()))
  for (let attempt = 0; ; attempt++) {
    try {
      makePrivateFolder(above)
      if (!isOwnFolder(above)) {
        throw new StorageError(
          above,
          `${what}: ${above} belongs to another user, or is not a folder; give another folder`,
        )
      }
      chmodSync(above, 0o700)
      mkdirSync(folder, { mode: 0o700 })
      removeAtExit(folder)
      return folder
    } catch (error) {
      if (error instanceof StorageError) throw error
      // Another process may have removed the user's folder, because it was empty.
      const isRemoved = (error as NodeJS.ErrnoException).code === 'ENOENT'
      if (!isRemoved || attempt === maxAttempts) throw notStorable(above, what, error)
    }
  }
}

/** How often a folder is created again that was removed by another process. */
const maxAttempts = 5

/** The temporary folders of this process. */
const ownFolders = new Set<string>()
let removesAtExit = false

function removeAtExit(folder: string): void {
  ownFolders.add(folder)
  if (removesAtExit) return
  removesAtExit = true
  process.once('exit', removeOwnFolders)
}

/** Removes the temporary folders of this process, which is about to end. Never throws. */
function removeOwnFolders(): void {
  for (const folder of ownFolders) {
    try {
      removeOwn(folder)
    } catch {
      // The next process will remove it.
    }
  }
}

function removeOwn(folder: string): void {
  ownFolders.delete(folder)
  removeFolder(folder)
}

function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
  try {
    rmdirSync(path.dirname(folder))
  } catch {
    // There are other folders in it.
  }
}

/** Removes the temporary folders of processes that have ended. Never throws. */
export async function removeStaleFolders(directory: string | undefined): Promise<void> {
  const above = userFolder(directory)
  let names: string[]
  try {
    if (!isOwnFolder(above)) return
    names = readdirSync(above)
  } catch {
    return
  }
  for (const name of names) {
    const owner = identityOf(name)
    if (owner === undefined) continue
    const folder = path.join(above, name)
    try {
      if (await isStale(folder, owner)) removeFolder(folder)
    } catch {
      // Another process may be removing it too.
    }
  }
}

async function isStale(folder: string, owner: ProcessIdentity): Promise<boolean> {
  const isRunning = isProcessRunning(owner)
  if (isRunning !== undefined) return !isRunning
  if (isOfThisSystem(owner)) {
    const claimed = await isClaimed(folder)
    if (claimed !== undefined) return !claimed
  } else if (owner.hostname !== hostname()) return false
  return Date.now() - lstatSync(folder).mtimeMs > abandonedAfter
}

function nameFor({ hostname, boot, namespace, pid, started }: ProcessIdentity): string {
  return [hostname, boot, namespace, pid, started, randomUUID()].join('~')
}

function identityOf(name: string): ProcessIdentity | undefined {
  const [hostname, boot, namespace, pid, started, id] = name.split('~')
  if (id === undefined) return undefined
  return {
    ...{ hostname: hostname!, boot: boot!, namespace: namespace! },
    ...{ pid: Number(pid), started: Number(started) },
  }
}
