/**
 * Temporary folders of processes. They are made in a folder that all processes of a user share. A process
 * removes its own; those of processes that were killed are removed by the next process.
 *
 * A folder's name contains the machine, the process ID, and the time at which the process started, because
 * process IDs are reused.
 */
import { randomUUID } from 'node:crypto'
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  statfsSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { hostname, tmpdir, userInfo } from 'node:os'
import path from 'node:path'
import { StorageError } from '../base/errors.js'

/** Throws StorageError unless a folder can be written to. Creates it if it does not exist. */
export function assertWritable(folder: string, what: string): void {
  try {
    makeFolder(path.resolve(folder))
    const probe = path.join(folder, `.probe-${randomUUID()}`)
    writeFileSync(probe, 'x')
    unlinkSync(probe)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    throw new StorageError(
      folder,
      `${what}: nothing can be stored in ${folder} (${code ?? message}); give a folder that this process may write to`,
      { cause: error },
    )
  }
}

/** Returns the free bytes on a folder's disk, or undefined if they are not known. */
export function freeSpace(folder: string): number | undefined {
  try {
    const { bavail, bsize } = statfsSync(folder)
    return bavail * bsize
  } catch {
    return undefined
  }
}

/** Checks the folder to which a worker spills results. */
export function readLocalDirectory(directory: unknown, what: string): string | undefined {
  if (directory === undefined) return undefined
  if (typeof directory !== 'string' || directory === '') {
    throw new TypeError(`${what}: localDirectory is a folder's path, got ${String(directory)}`)
  }
  assertWritable(directory, what)
  return directory
}

/** Creates a folder and those above it one by one: Node's recursive `mkdir` can loop forever on some systems. */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return
  const above = path.dirname(folder)
  if (above !== folder) makeFolder(above)
  try {
    mkdirSync(folder, { mode: 0o700 })
  } catch (error) {
    // Another process may have created it in between.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}

/** Returns the folder in which this user's temporary folders are made, in `directory` or the system's temporary directory. */
function userFolder(directory: string | undefined): string {
  // By number: in a container the user may have no name.
  const user = process.getuid?.() ?? userInfo().username
  return path.join(path.resolve(directory ?? tmpdir()), `skein-${user}`)
}

/** Creates a temporary folder for this process. */
export function makeTemporaryFolder(directory: string | undefined, what: string): string {
  const above = userFolder(directory)
  assertWritable(above, what)
  const { uid } = lstatSync(above)
  if (process.getuid !== undefined && uid !== process.getuid()) {
    throw new StorageError(above, `${what}: ${above} belongs to another user; give another folder`)
  }
  const name = `${hostname()}~${process.pid}~${processStartTime(process.pid) ?? 0}~${randomUUID()}`
  const folder = path.join(above, name)
  mkdirSync(folder, { mode: 0o700 })
  return folder
}

/** Removes a temporary folder, and the user's folder if that is empty now. */
export function removeTemporaryFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
  try {
    rmdirSync(path.dirname(folder))
  } catch {
    // There are other folders in it.
  }
}

/** Removes the temporary folders of processes of this machine that were killed. Never throws. */
export function removeStaleFolders(directory: string | undefined): void {
  const above = userFolder(directory)
  let names: string[]
  try {
    names = readdirSync(above)
  } catch {
    return
  }
  for (const name of names) {
    const [machine, pid, started, id] = name.split('~')
    if (machine !== hostname() || id === undefined) continue
    if (isRunning(Number(pid), Number(started))) continue
    try {
      removeTemporaryFolder(path.join(above, name))
    } catch {
      // Another process may be removing it too.
    }
  }
}

/** Whether a process is running that started at a time; 0 for any time. */
export function isRunning(pid: number, started: number): boolean {
  try {
    process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
  const now = processStartTime(pid)
  return started === 0 || now === undefined || now === started
}

/** Returns when a process started, in clock ticks since the machine booted, or undefined if that is not known. */
export function processStartTime(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19])
  } catch {
    return undefined
  }
}
