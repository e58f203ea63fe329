/**
 * Facts about the machine and the packages that a function comes from. They go along with what is
 * imported by name, so that an error on the other side can name both sides; they are no part of what
 * a function is, so they belong in no token.
 */
import { readFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { hostname } from 'node:os'
import type { PackageSide as Side } from '../../base/errors.js'
import { packageFolder, packageNameOf } from './package-files.js'

/** This side: Node's version, the host, and the version of a package as the file `from` finds it. */
export function localSide(specifier: string, from: string | undefined): Side {
  return { node: process.version, host: hostname(), version: packageVersion(specifier, from) }
}

const versions = new Map<string, string | undefined>()

/** The version of the package that a specifier is in; undefined if it is not installed. */
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

export type { Side }
