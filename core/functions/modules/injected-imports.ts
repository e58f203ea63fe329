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
import { importTypeScript, isTypeScript, possibleFiles } from './typescript-files.js'

/** Returns the `import(...)` of a file. */
function importerOf(
  origin: FileOrigin,
): (specifier: unknown, options?: ImportOptions) => Promise<object> {
  return async (request, options) => {
    const specifier = String(request)
    const url = origin.url.startsWith('/') ? pathToFileURL(origin.url).href : origin.url
    if (isBuiltin(specifier) || /^(data|node):/.test(specifier))
      return importFromAnywhere(specifier, { sender: origin.sender, options })
    if (isRelative(specifier) || /^(\/|file:)/.test(specifier)) {
      const target = new URL(specifier, url).href
      const [here] = possibleFiles(target).flatMap((file) => localUrl(file) ?? [])
      if (here === undefined) throw missingFile(specifier, origin)
      return isTypeScript(here) ? importTypeScript(here, importAt) : importAt(url, here, options)
    }
    if (specifier.startsWith('#')) {
      try {
        return await importAt(url, specifier, options)
      } catch (error) {
        if ((error as { code?: unknown }).code !== 'ERR_PACKAGE_IMPORT_NOT_DEFINED') throw error
        throw missingFile(specifier, origin, error)
      }
    }
    return importFromAnywhere(specifier, { from: url, sender: origin.sender, options })
  }
}

/** Returns the `import.meta` of a file. */
function metaOf(origin: FileOrigin): object {
  const { url } = origin
  const isFile = url.startsWith('file:')
  const path = isFile ? fileURLToPath(url.replace(/[?#].*$/, '')) : undefined
  const paths = path === undefined ? {} : { dirname: dirname(path), filename: path }
  const resolve = (specifier: string): string => {
    if (isRelative(specifier) || /^[a-z]+:/i.test(specifier)) return new URL(specifier, url).href
    if (isBuiltin(specifier)) return `node:${specifier}`
    return pathToFileURL(requireAt(origin).resolve(specifier)).href
  }
  return Object.assign(Object.create(null) as object, { ...paths, main: false, resolve, url })
}

const factories: Readonly<Record<InjectedKind, (value: never) => unknown>> = {
  import: importerOf,
  'import.meta': metaOf,
  require: requireAt,
  files: (files: ReadonlyMap<string, string>) => addShippedFiles(files),
}

/** Creates an injected value from the data that was sent, and records the data. */
export function createInjected(kind: InjectedKind, value: unknown): unknown {
  const injected = factories[kind](value as never)
  recordInjected(injected, kind, value)
  return injected
}
