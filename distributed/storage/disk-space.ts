/**
 * Checks whether a write to an LMDB database fits on its disk. This is checked before the write: a failing
 * write fills the rest of the disk, and LMDB prints lines of its own to stderr.
 */
import { appendFileSync, statfsSync, statSync } from 'node:fs'
import path from 'node:path'
import type { RootDatabase } from 'lmdb'
import { pieceSize } from './value-pieces.js'

/** What `getStats` returns of a tree of pages. */
interface TreeStats {
  readonly treeBranchPageCount: number
  readonly treeLeafPageCount: number
  readonly overflowPages: number
}

interface DatabaseStats {
  readonly pageSize: number
  readonly lastPageNumber: number
  readonly root: TreeStats
  readonly free: TreeStats
}

/** The pages that a change of the database's tree takes at most, besides those of the values. */
const treePages = 8
/** The bytes that storing a value leaves on the disk, so that values can be deleted. */
export const bytesForDeleting = 24 * 4096
/** The pages by which a database is enlarged, so that something can be deleted when the disk is full. */
const reservedPages = 64
const pageSize = 4096

/** Returns the free bytes on a folder's disk, or undefined if they are not known. */
export function freeSpace(folder: string): number | undefined {
  try {
    const { bavail, bsize } = statfsSync(folder)
    return bavail * bsize
  } catch {
    return undefined
  }
}

/** Whether `bytes` can be written to a database, in the free space of its disk or in its own. */
export function hasRoom(
  folder: string,
  database: Pick<RootDatabase, 'getStats'>,
  bytes: number,
): boolean {
  // Each piece of a value begins on a page of its own, after a short header.
  const pages = treePages + Math.ceil(bytes / pageSize) + Math.ceil(bytes / pieceSize)
  const free = freeSpace(folder)
  if (free === undefined || free >= pages * pageSize) return true
  const { inside, behind } = freePages(folder, database)
  return inside >= 2 * pages || behind >= pages
}

/** Enlarges a database beyond what it uses, if the disk has room. */
export function reserveSpace(folder: string, database: Pick<RootDatabase, 'getStats'>): void {
  const { reserved } = freePages(folder, database)
  const free = freeSpace(folder)
  if (reserved >= reservedPages / 2 || free === undefined || free < 2 * reservedPages * pageSize)
    return
  appendFileSync(path.join(folder, 'data.mdb'), Buffer.alloc(reservedPages * pageSize))
}

/**
 * Returns how many pages of a database are free: among the used ones and behind them, and how many of the latter
 * count for the size of the file, although a file system that compresses stores less. A large value needs
 * adjacent pages, so it cannot be stored in all of those inside.
 */
function freePages(
  folder: string,
  database: Pick<RootDatabase, 'getStats'>,
): { readonly inside: number; readonly behind: number; readonly reserved: number } {
  const stats = database.getStats() as unknown as DatabaseStats
  const used = [stats.root, stats.free].reduce(
    (sum, tree) => sum + tree.treeBranchPageCount + tree.treeLeafPageCount + tree.overflowPages,
    2,
  )
  const all = stats.lastPageNumber + 1
  const scale = stats.pageSize / pageSize
  const { blocks, size } = statSync(path.join(folder, 'data.mdb'))
  const behind = (bytes: number): number => (Math.floor(bytes / stats.pageSize) - all) * scale
  return {
    inside: (all - used) * scale,
    behind: behind(Math.min(512 * blocks, size)),
    reserved: behind(size),
  }
}
