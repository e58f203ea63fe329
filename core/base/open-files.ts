/**
 * The limit of open files of this process (`ulimit -n`). It is checked before threads and sockets start:
 * with too few files, Node cannot load modules, and ZeroMQ aborts the process.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { SkeinError } from './errors.js'

/** The files that a thread opens, most of them only while it loads its modules. */
export const filesOfThread = 30

/**
 * Throws SkeinError with the code `OPEN_FILES` if this process may open fewer than `needed` more files.
 * `instead` is what to do other than to raise the limit. Where the limit is not known, nothing is checked.
 */
export function assertOpenFiles(needed: number, what: string, instead?: string): void {
  const limit = openFileLimit()
  if (limit === undefined) return
  const left = limit - openFiles()
  if (left >= needed) return
  const wanted = 2 ** Math.ceil(Math.log2(2 * (limit - left + needed)))
  const otherwise = instead === undefined ? '' : `, or ${instead}`
  throw new SkeinError(
    'OPEN_FILES',
    `${what} needs to open about ${needed} files, and this process may open ${Math.max(0, left)} more: its limit is ${limit}. Raise it, such as by 'ulimit -n ${wanted}'${otherwise}`,
  )
}

/** Returns the limit, or undefined if it is not known, or there is none. */
function openFileLimit(): number | undefined {
  try {
    const limits = readFileSync('/proc/self/limits', 'latin1')
    const limit = /^Max open files\s+(\d+)/m.exec(limits)?.[1]
    return limit === undefined ? undefined : Number(limit)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EMFILE') return 0
    // Not Linux.
    return undefined
  }
}

function openFiles(): number {
  return readdirSync('/proc/self/fd').length
}
