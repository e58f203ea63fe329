/** Finds the files of paths, `file:` URLs and glob patterns. */
import { existsSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { globSync, isDynamicPattern } from 'tinyglobby'
import { describeValue } from '../../base/describe-value.js'

/** A file with its size in bytes and the time of its last change in milliseconds. */
export interface FoundFile {
  readonly path: string
  readonly size: number
  readonly changed: number
}

/**
 * Returns the files that patterns match, each once. The files of one pattern are in natural order.
 *
 * @throws RangeError if a file does not exist or a pattern matches none.
 */
export function findFiles(patterns: string | URL | readonly (string | URL)[]): FoundFile[] {
  const list = Array.isArray(patterns) ? patterns : [patterns]
  if (list.length === 0) throw new RangeError('readText: give at least one path or pattern')
  const paths = new Set<string>()
  for (const pattern of list as readonly unknown[])
    for (const path of expand(pattern)) paths.add(path)
  return [...paths].map(stat)
}

function expand(pattern: unknown): string[] {
  if (pattern instanceof URL) {
    if (pattern.protocol !== 'file:') {
      throw new RangeError(`readText: only file: URLs can be read, got '${pattern.href}'`)
    }
    return [fileURLToPath(pattern)]
  }
  if (typeof pattern !== 'string' || pattern === '') {
    throw new TypeError(
      `readText: a path must be a string or a file: URL, got ${describeValue(pattern)}`,
    )
  }
  if (pattern.startsWith('file://')) return [fileURLToPath(pattern)]
  // A file may have a name that looks like a pattern.
  if (!isDynamicPattern(pattern) || existsSync(pattern)) return [resolve(pattern)]
  const found = globSync(pattern, { absolute: true, expandDirectories: false })
  if (found.length === 0) throw new RangeError(`readText: no file matches '${pattern}'`)
  return found.map((path) => resolve(path)).sort(naturalOrder)
}

function stat(path: string): FoundFile {
  let found: ReturnType<typeof statSync>
  try {
    found = statSync(path)
  } catch (error) {
    throw new RangeError(`readText: cannot read '${path}': no such file`, { cause: error })
  }
  if (found.isDirectory()) {
    throw new RangeError(`readText: '${path}' is a folder; to read its files use '${path}/*'`)
  }
  return { path, size: found.size, changed: found.mtimeMs }
}

/** Compares names so that numbers in them count as numbers: `part2` comes before `part10`. */
export function naturalOrder(a: string, b: string): number {
  const partsA = a.split(/(\d+)/)
  const partsB = b.split(/(\d+)/)
  for (let i = 0; i < Math.min(partsA.length, partsB.length); i++) {
    const [x, y] = [partsA[i]!, partsB[i]!]
    if (x === y) continue
    if (i % 2 === 1 && Number(x) !== Number(y)) return Number(x) - Number(y)
    return x < y ? -1 : 1
  }
  return partsA.length - partsB.length
}
