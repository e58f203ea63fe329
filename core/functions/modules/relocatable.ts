/**
 * Facts about the place where a file is. They travel as they are, but a token is made of what stays
 * the same when the project is checked out in another folder: the file's path in its project.
 */
import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { folderAbove } from './package-files.js'
import type { Side } from './package-side.js'

/** Stands for a captured value: travels as `value`, and counts as `identity` in tokens. */
export class RelocatableValue {
  readonly value: unknown
  readonly identity: unknown
  constructor(value: unknown, identity: unknown) {
    this.value = value
    this.identity = identity
  }
}

/** Where a function comes from: its file's URL, and the machine. */
export interface FileOrigin {
  readonly url: string
  readonly sender: Side
}

/** The place of a file, on this machine. */
export function fileOrigin(url: string): FileOrigin {
  return { url, sender: { node: process.version, host: hostname() } }
}

const paths = new Map<string, string>()

/**
 * A file's name that does not depend on where the project is: the name of its package and its path
 * in there; without a package, its path from the folder of the program.
 */
export function pathInProject(url: string): string {
  let found = paths.get(url)
  if (found === undefined) paths.set(url, (found = findPath(url)))
  return found
}

function findPath(url: string): string {
  if (/^[a-z][a-z]+:/i.test(url) && !url.startsWith('file:')) return url
  const file = url.startsWith('file:') ? fileURLToPath(url.replace(/[?#].*$/, '')) : url
  const folder = folderAbove('package.json', url)
  const root = folder ?? dirname(process.argv[1] ?? file)
  const path = relative(root, file).replaceAll('\\', '/')
  return `${folder === undefined ? '' : packageName(folder)}/${path}`
}

function packageName(folder: string): string {
  try {
    const { name } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
      name?: unknown
    }
    return typeof name === 'string' ? name : ''
  } catch {
    return ''
  }
}

/** `__dirname` and `__filename` of the file at `url`, CommonJS's or written by hand, as facts of a place. */
export function relocatableFileName(name: string, value: unknown, url = ''): unknown {
  if (url === '' || typeof value !== 'string') return value
  if (name !== '__filename' && name !== '__dirname') return value
  const file = url.startsWith('file:') ? fileURLToPath(url) : url
  const place = name === '__filename' ? file : dirname(file)
  return value === place ? new RelocatableValue(value, pathInProject(url)) : value
}
