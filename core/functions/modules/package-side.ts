/**
 * The machine, Node version and package version on one side of a transfer. They are sent with
 * references to packages, so that an error on the other side can name both sides. They are not part of
 * a function's identity, so they are not part of tokens.
 */
import { readFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { hostname } from 'node:os'
import type { PackageSide } from '../../base/errors.js'
import { packageFolder, packageNameOf } from './package-files.js'

/**
 * Returns this side: Node's version, the host, and the version of a package as the file `from` resolves
 * it.
 */
export function localSide(specifier: string, from: string | undefined): PackageSide {
  return { node: process.version, host: hostname(), version: packageVersion(specifier, from) }
}

const versions = new Map<string, string | undefined>()

/** Returns the version of the package in a specifier; undefined if it is not installed. */
export function packageVersion(specifier: string, from: string | undefined): string | undefined {
  if (from === undefined || isBuiltin(specifier)) return undefined
  const folder = packageFolder(packageNameOf(specifier), from)
  if (folder === undefined) return undefined
  if (!versions.has(folder)) versions.set(folder, readVersion(folder))
  return versions.get(folder)
}

function readVersion(folder: string): string | undefined {
  try {
    const { version } = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8')) as {
      version?: unknown
    }
    return typeof version === 'string' ? version : undefined
  } catch {
    return undefined
  }
}
