/** Finds the files of paths, `file:` URLs and glob patterns. */
import { existsSync, statSync } from 'node:fs'
import { resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describeValue } from '../../../core/base/describe-value.js'
import { lazyPackage } from '../../../core/base/lazy-package.js'

const tinyglobby = lazyPackage<typeof import('tinyglobby')>('tinyglobby')

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

/**
 * Refuses addresses of files that are not on this machine.
 *
 * @param verb What cannot be done with them yet: `read` or `written`.
 */
export function assertOnThisMachine(path: string, operation: string, verb: string): void {
  const scheme = /^([a-z][a-z0-9+.-]+):\/\//i.exec(path)?.[1]?.toLowerCase()
  if (scheme === undefined || scheme === 'file') return
  const advice =
    verb === 'read'
      ? 'download the files first, or read them in functions: db.fromDelayed(addresses.map(delayed(readLines)))'
      : 'write to a folder and upload the files, or upload them in mapPartitions'
  throw new RangeError(
    `${operation}: '${path}' cannot be ${verb} yet: ${scheme}:// is not supported, only file: URLs and paths; ${advice}`,
  )
}

function expand(pattern: unknown): string[] {
  if (pattern instanceof URL) {
    if (pattern.protocol === 'file:') return [fileURLToPath(pattern)]
    assertOnThisMachine(pattern.href, 'readText', 'read')
    throw new RangeError(`readText: only file: URLs can be read, got '${pattern.href}'`)
  }
  if (typeof pattern !== 'string' || pattern === '') {
    throw new TypeError(
      `readText: a path must be a string or a file: URL, got ${describeValue(pattern)}`,
    )
  }
  if (/^file:\/\//i.test(pattern)) return [fileURLToPath(pattern)]
  assertOnThisMachine(pattern, 'readText', 'read')
  // A file may have a name that looks like a pattern.
  if (existsSync(pattern)) return [resolve(pattern)]
  const found = matchingFiles(pattern)
  if (found.length > 0) return found.sort(naturalOrder)
  // A path as Windows writes it, with \\ between folders.
  const slashed = pattern.replaceAll('\\', '/')
  if (slashed !== pattern) {
    if (existsSync(slashed)) return [resolve(slashed)]
    const other = matchingFiles(slashed)
    if (other.length > 0) return other.sort(naturalOrder)
  }
  if (!tinyglobby().isDynamicPattern(pattern)) return [resolve(pattern)]
  throw new RangeError(`readText: no file matches '${pattern}'`)
}

/**
 * Returns the files that a pattern matches. A folder that exists under the name in the pattern is taken
 * literally, even if the name looks like a pattern: `d (copy)`, `{a}`, `+(x)`.
 */
function matchingFiles(pattern: string): string[] {
  if (sep === '\\') return walk('.', pattern.replaceAll('\\', '/'))
  return walk('.', pattern)
}

function walk(folder: string, pattern: string): string[] {
  const parts = pattern.split('/')
  for (let count = parts.length - 1; count > 0; count--) {
    const literal = parts.slice(0, count).join('/')
    const path = literal === '' ? '/' : resolve(folder, literal)
    // The longest part of the pattern that exists is a folder; the rest is matched in it.
    if (isFolder(path)) return matchIn(path, parts.slice(count).join('/'))
  }
  return matchIn(folder, pattern)
}

/** Matches a pattern in a folder; its first part does not exist literally. */
function matchIn(folder: string, pattern: string): string[] {
  if (existsSync(resolve(folder, pattern))) return [resolve(folder, pattern)]
  const end = partEnd(pattern)
  const options = { cwd: folder, absolute: true, expandDirectories: false } as const
  const first = pattern.slice(0, end)
  if (end === pattern.length || first.includes('**')) {
    return tinyglobby()
      .globSync(withoutGroups(pattern), options)
      .map((path) => resolve(path))
  }
  if (!tinyglobby().isDynamicPattern(withoutGroups(first))) return []
  const folders = tinyglobby().globSync(withoutGroups(first), {
    ...options,
    onlyDirectories: true,
    deep: 1,
  })
  const rest = pattern.slice(end + 1)
  return folders.flatMap((path) => walk(resolve(path), rest))
}

/** Returns where the first part of a pattern ends: at a slash that is in no braces or parentheses. */
function partEnd(pattern: string): number {
  let depth = 0
  for (let i = 0; i < pattern.length; i++) {
    const character = pattern[i]!
    if (character === '/' && depth === 0) return i
    if ('{(['.includes(character)) depth++
    else if ('})]'.includes(character) && depth > 0) depth--
  }
  return depth === 0 ? pattern.length : Math.max(pattern.indexOf('/'), 0) || pattern.length
}

/** Escapes parentheses that are part of a name, as in `report (1)*.txt`, and not of `@(a|b)`. */
function withoutGroups(pattern: string): string {
  return pattern.replace(/(?<![@!+?*])\(([^()|/]*)\)/g, '\\($1\\)')
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
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
