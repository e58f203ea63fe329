/** Finds the files of paths, URLs and glob patterns, and the targets of writers. */
import { existsSync, statSync } from 'node:fs'
import { resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describeValue } from '../../core/base/describe-value.js'
import { lazyPackage } from '../../core/base/lazy-package.js'
import { type FileReference, type FoundFile, moduleOfScheme, schemeOf } from './file-system.js'
import { standardInput } from './open-files.js'
import { canCreateRemote, findRemote, locateRemote, type StorageOptions } from './remote-files.js'

const tinyglobby = lazyPackage<typeof import('tinyglobby')>('tinyglobby')

/** How files are found. */
export interface FindOptions {
  /** The operation that errors name. */
  readonly operation: string
  /** Options of file systems of other machines. */
  readonly storageOptions?: StorageOptions | undefined
}

/**
 * Returns the files that patterns match, each once. The files of one pattern are in natural order. Finding
 * files of other machines waits for the network.
 *
 * @throws RangeError if a file does not exist or a pattern matches none.
 */
export function findFiles(
  patterns: string | URL | readonly (string | URL)[],
  options: FindOptions = { operation: 'readText' },
): FoundFile[] {
  const list: readonly unknown[] = Array.isArray(patterns) ? patterns : [patterns]
  if (list.length === 0) {
    throw new RangeError(`${options.operation}: give at least one path or pattern`)
  }
  const files = new Map<string, FoundFile>()
  for (const pattern of list) {
    for (const file of expand(addressOf(pattern, options.operation), options)) {
      if (!files.has(file.path)) files.set(file.path, file)
    }
  }
  return [...files.values()]
}

/**
 * Returns how the file of an address is written, with its path if it is a local one.
 *
 * @throws RangeError if files of that kind cannot be written.
 */
export function writeTarget(
  path: string,
  { operation, storageOptions }: FindOptions,
): FileReference {
  const scheme = schemeOf(path)
  if (scheme === undefined) {
    return { path: resolve(/^file:\/\//i.test(path) ? fileURLToPath(path) : path) }
  }
  const module = moduleOfScheme(scheme, path, operation)
  const access = named(operation, () => locateRemote(module, path, storageOptions))
  if (canCreateRemote(access)) return { path, access }
  throw new RangeError(`${operation}: '${path}' cannot be written: ${scheme}:// is read only`)
}

function addressOf(pattern: unknown, operation: string): string {
  const address = pattern instanceof URL ? pattern.href : pattern
  if (typeof address === 'string' && address !== '') return address
  throw new TypeError(
    `${operation}: a path must be a string or a URL, got ${describeValue(pattern)}`,
  )
}

function expand(pattern: string, { operation, storageOptions }: FindOptions): FoundFile[] {
  if (pattern === '-') return [standardInput()]
  const scheme = schemeOf(pattern)
  if (scheme !== undefined) {
    const module = moduleOfScheme(scheme, pattern, operation)
    const found = named(operation, () =>
      findRemote(pattern, locateRemote(module, pattern, storageOptions)),
    )
    if (found.length === 0) throw new RangeError(`${operation}: no file matches '${pattern}'`)
    return found.sort((a, b) => naturalOrder(a.path, b.path))
  }
  const paths = /^file:\/\//i.test(pattern)
    ? [fileURLToPath(pattern)]
    : localPaths(pattern, operation)
  return paths.map((path) => stat(path, operation))
}

/** Calls a function and puts the name of the operation before its errors. */
function named<T>(operation: string, use: () => T): T {
  try {
    return use()
  } catch (error) {
    if (error instanceof Error) error.message = `${operation}: ${error.message}`
    throw error
  }
}

function localPaths(pattern: string, operation: string): string[] {
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
  throw new RangeError(`${operation}: no file matches '${pattern}'`)
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

function stat(path: string, operation: string): FoundFile {
  let found: ReturnType<typeof statSync>
  try {
    found = statSync(path)
  } catch (error) {
    throw new RangeError(`${operation}: cannot read '${path}': no such file`, { cause: error })
  }
  if (found.isDirectory()) {
    throw new RangeError(`${operation}: '${path}' is a folder; to read its files use '${path}/*'`)
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
