/**
 * Temporary folders of processes: made below a folder that others of the same user share, removed by
 * whoever made them, or, if that process was killed, by the next one that comes.
 *
 * A folder's name says whose it is: machine, process, and when that process began, since numbers of
 * processes are used again.
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

/** Fails unless a folder is there, made if need be, and can be written to. */
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

/** The bytes that are free on a folder's disk; undefined where nobody tells. */
export function freeSpace(folder: string): number | undefined {
  try {
    const { bavail, bsize } = statfsSync(folder)
    return bavail * bsize
  } catch {
    return undefined
  }
}

/** Checks a folder that was given for results that there is no memory for. */
export function readLocalDirectory(directory: unknown, what: string): string | undefined {
  if (directory === undefined) return undefined
  if (typeof directory !== 'string' || directory === '') {
    throw new TypeError(`${what}: localDirectory is a folder's path, got ${String(directory)}`)
  }
  assertWritable(directory, what)
  return directory
}

/** Step by step: Node's way of making all of a path never ends where the system makes no folders. */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return
  const above = path.dirname(folder)
  if (above !== folder) makeFolder(above)
  try {
    mkdirSync(folder, { mode: 0o700 })
  } catch (error) {
    // Another process may have made it in between.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}

/** The folder that holds the temporary ones of this user, below `directory` or the system's own. */
function userFolder(directory: string | undefined): string {
  // By number: in a container the user may have no name.
  const user = process.getuid?.() ?? userInfo().username
  return path.join(path.resolve(directory ?? tmpdir()), `skein-${user}`)
}

/** Makes a folder for this process alone. */
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

/** Removes a temporary folder, and what sheltered it if that is empty now. */
export function removeTemporaryFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
  try {
    rmdirSync(path.dirname(folder))
  } catch {
    // Others are there still.
  }
}

/** Removes what processes of this machine left that were killed. Fails never: it is a courtesy. */
export function removeStaleFolders(directory: string | undefined): void {
  const above = userFolder(directory)
  let names: string[]
  try {
    names = readdirSync(above)
  } catch {
    return
  }
  for (const name of names) {
    const [machine, pid, began, id] = name.split('~')
    if (machine !== hostname() || id === undefined) continue
    if (isRunning(Number(pid), Number(began))) continue
    try {
      removeTemporaryFolder(path.join(above, name))
    } catch {
      // Another process may be at it too.
    }
  }
}

/** Whether a process is there that began at that time. */
export function isRunning(pid: number, began: number): boolean {
  try {
    process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
  const now = processStartTime(pid)
  return began === 0 || now === undefined || now === began
}

/** When a process began, in ticks since the machine did; undefined where nobody tells. */
export function processStartTime(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19])
  } catch {
    return undefined
  }
}
