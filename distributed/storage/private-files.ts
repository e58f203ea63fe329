/** Files and folders that only the user of this process can read, whatever the umask says. */
import {
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'

const [folderMode, fileMode] = [0o700, 0o600]

/** Creates a folder and those above it one by one: Node's recursive `mkdir` can loop forever on some systems. */
export function makePrivateFolder(folder: string): void {
  if (existsSync(folder)) return
  const above = path.dirname(folder)
  if (above !== folder) makePrivateFolder(above)
  try {
    mkdirSync(folder, { mode: folderMode })
    chmodSync(folder, folderMode)
  } catch (error) {
    // Another process may have created it in between.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}

/**
 * Creates the files of a new LMDB database with mode 0600; LMDB itself would use 0644. Sets that mode on
 * the files of an existing database.
 *
 * The lock file gets its full size at once, because LMDB maps it into memory: if the disk had no space
 * for one of its pages, the process would crash.
 */
export function makeDatabaseFiles(folder: string): void {
  makeFile(path.join(folder, 'data.mdb'), 0)
  makeFile(path.join(folder, 'lock.mdb'), lockFileSize)
}

/** The size of a lock file for 126 readers, the default, in whole pages. */
const lockFileSize = 12_288

function makeFile(file: string, size: number): void {
  let handle: number
  try {
    handle = openSync(file, 'wx', fileMode)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    restrict(file)
    return
  }
  try {
    if (size > 0) writeFileSync(handle, Buffer.alloc(size))
  } catch (error) {
    unlinkSync(file)
    throw error
  } finally {
    closeSync(handle)
  }
  restrict(file)
}

function restrict(file: string): void {
  try {
    chmodSync(file, fileMode)
  } catch {
    // It belongs to another user, who lets this one write to it; or the file system has no modes.
  }
}
