/**
 * What a function says about modules while it runs: `import(...)` and `import.meta`, as they are in
 * the file that it comes from, which may be on another machine.
 */
import { isBuiltin } from 'node:module'
import { dirname } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { FILES_NAME, IMPORT_NAME, META_NAME, REQUIRE_NAME } from './analysis.js'
import { carry, urlHere } from './carried.js'
import { type ImportOptions, importAt, importFromAnywhere } from './load.js'
import type { Place } from './located.js'
import { missingFile } from './missing.js'
import { isRelative } from './own-files.js'
import { requireAt } from './require.js'

/** The `import(...)` of a file. */
export function importerOf(
  place: Place,
): (specifier: unknown, options?: ImportOptions) => Promise<object> {
  return async (given, options) => {
    const specifier = String(given)
    const url = place.url.startsWith('/') ? pathToFileURL(place.url).href : place.url
    if (isBuiltin(specifier) || /^(data|node):/.test(specifier))
      return importFromAnywhere(specifier, { sender: place.sender, options })
    if (isRelative(specifier) || /^(\/|file:)/.test(specifier)) {
      const target = new URL(specifier, url).href
      const here = urlHere(target)
      if (here === undefined) throw missingFile(specifier, place)
      return importAt(url, here, options)
    }
    if (specifier.startsWith('#')) {
      try {
        return await importAt(url, specifier, options)
      } catch (error) {
        if ((error as { code?: unknown }).code !== 'ERR_PACKAGE_IMPORT_NOT_DEFINED') throw error
        throw missingFile(specifier, place, error)
      }
    }
    return importFromAnywhere(specifier, { from: url, sender: place.sender, options })
  }
}

/** The `import.meta` of a file. */
export function metaOf(place: Place): object {
  const { url } = place
  const isFile = url.startsWith('file:')
  const path = isFile ? fileURLToPath(url.replace(/[?#].*$/, '')) : undefined
  const more = path === undefined ? {} : { dirname: dirname(path), filename: path }
  const resolve = (specifier: string): string => {
    if (isRelative(specifier) || /^[a-z]+:/i.test(specifier)) return new URL(specifier, url).href
    if (isBuiltin(specifier)) return `node:${specifier}`
    return pathToFileURL(requireAt(place).resolve(specifier)).href
  }
  return Object.assign(Object.create(null) as object, { ...more, main: false, resolve, url })
}

/** What the names that stand for such things hold where the function runs; other values as they are. */
export const givenByName: ReadonlyMap<string, (value: unknown) => unknown> = new Map([
  [IMPORT_NAME, (place) => importerOf(place as Place)],
  [META_NAME, (place) => metaOf(place as Place)],
  [REQUIRE_NAME, (place) => requireAt(place as Place)],
  [FILES_NAME, (files) => carry(files as ReadonlyMap<string, string>)],
] as [string, (value: unknown) => unknown][])
