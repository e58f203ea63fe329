/**
 * The `import(...)` and `import.meta` of received functions. They behave as in the file that the
 * function comes from, which may be on another machine.
 */
import { isBuiltin } from 'node:module'
import { dirname } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { type InjectedKind, recordInjected } from '../rewrite/injected-values.js'
import { missingFile } from './missing-package.js'
import { isRelative } from './own-files.js'
import type { FileOrigin } from './relocatable.js'
import { requireAt } from './require.js'
import { type ImportOptions, importAt, importFromAnywhere } from './resolve-references.js'
import { addShippedFiles, localUrl } from './shipped-files.js'

/** Returns the `import(...)` of a file. */
export function importerOf(
  place: FileOrigin,
): (specifier: unknown, options?: ImportOptions) => Promise<object> {
  return async (given, options) => {
    const specifier = String(given)
    const url = place.url.startsWith('/') ? pathToFileURL(place.url).href : place.url
    if (isBuiltin(specifier) || /^(data|node):/.test(specifier))
      return importFromAnywhere(specifier, { sender: place.sender, options })
    if (isRelative(specifier) || /^(\/|file:)/.test(specifier)) {
      const target = new URL(specifier, url).href
      const here = localUrl(target)
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

/** Returns the `import.meta` of a file. */
export function metaOf(place: FileOrigin): object {
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

const makers: Readonly<Record<InjectedKind, (value: never) => unknown>> = {
  import: importerOf,
  'import.meta': metaOf,
  require: requireAt,
  files: (files: ReadonlyMap<string, string>) => addShippedFiles(files),
}

/** Creates an injected value from the data that was sent, and records the data. */
export function createInjected(kind: InjectedKind, value: unknown): unknown {
  const made = makers[kind](value as never)
  recordInjected(made, kind, value)
  return made
}
