/**
 * Values that depend on the folder of the project, such as file URLs. They are sent as they are, but
 * their tokens are made from facts that stay the same in another folder: the file's path within its
 * project.
 */
import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { PackageSide } from '../../base/errors.js'
import { folderAbove } from './package-files.js'

/** A captured value that is sent as `value` and hashed as `identity`. */
export class RelocatableValue {
  readonly value: unknown
  readonly identity: unknown
  constructor(value: unknown, identity: unknown) {
    this.value = value
    this.identity = identity
  }
}

/** The file that a function comes from, and the machine. */
export interface FileOrigin {
  readonly url: string
  readonly sender: PackageSide
  /** What tokens are made from, also where the function is sent on. */
  readonly identity: string
}

/** Returns the origin for a file on this machine. */
export function fileOrigin(url: string, identity = pathInProject(url)): FileOrigin {
  return { url, sender: { node: process.version, host: hostname() }, identity }
}

/** Wraps the origin of a received function's file as a relocatable value; returns other values as they are. */
export function relocatableOrigin(value: unknown): unknown {
  const { identity } = (value ?? {}) as { identity?: unknown }
  return typeof identity === 'string' ? new RelocatableValue(value, identity) : value
}

const paths = new Map<string, string>()

/**
 * Returns the name of a file independent of the project's folder: the name of its package and its path
 * within it; without a package, its path relative to the program's folder.
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

/**
 * Wraps the values of `__dirname` and `__filename` of the file at `url`, CommonJS's or the user's own,
 * as relocatable values.
 */
export function relocatableFileName(name: string, value: unknown, url = ''): unknown {
  if (url === '' || typeof value !== 'string') return value
  if (name !== '__filename' && name !== '__dirname') return value
  const file = url.startsWith('file:') ? fileURLToPath(url) : url
  const expected = name === '__filename' ? file : dirname(file)
  return value === expected ? new RelocatableValue(value, pathInProject(url)) : value
}
