/** Which files are packages' and which are the user's own, and what a package's file is called. */
import { existsSync, realpathSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const folder = '/node_modules/'

/** Whether a path or URL is inside an installed package. */
export function isPackageFile(file: string): boolean {
  return file.replaceAll('\\', '/').includes(folder)
}

/** The way to import a package's file: its path from `node_modules` on; undefined for other files. */
export function specifierOfFile(file: string): string | undefined {
  const path = file.replaceAll('\\', '/')
  const at = path.lastIndexOf(folder)
  if (at < 0) return undefined
  const specifier = path.slice(at + folder.length).replace(/[?#].*$/, '')
  return path.startsWith('file:') ? decodeURIComponent(specifier) : specifier
}

/** `@scope/name` or `name` of a specifier. */
export function packageNameOf(specifier: string): string {
  const parts = specifier.split('/')
  return specifier.startsWith('@') ? parts.slice(0, 2).join('/') : parts[0]!
}

const known = new Map<string, boolean>()

/** Whether what a file imports comes from an installed package or from Node, not from the user. */
export function isPackageSpecifier(specifier: string, fromUrl: string): boolean {
  if (specifier.startsWith('node:') || isBuiltin(specifier)) return true
  if (isPackageFile(specifier)) return true
  if (/^[./#]|^[a-z]+:/i.test(specifier)) return false
  const name = packageNameOf(specifier)
  const key = `${name}\n${dirname(fromUrl)}`
  let found = known.get(key)
  if (found === undefined) {
    found = packageFolder(name, fromUrl) !== undefined
    known.set(key, found)
  }
  return found
}

/** The folder of a package as a file would find it; undefined if it is not installed. */
export function packageFolder(name: string, fromUrl: string): string | undefined {
  let at = fromUrl.startsWith('file:') ? dirname(fileURLToPath(fromUrl)) : dirname(fromUrl)
  for (;;) {
    const candidate = join(at, 'node_modules', name)
    if (existsSync(candidate)) return realpathSync(candidate)
    const up = dirname(at)
    if (up === at) return undefined
    at = up
  }
}
