/**
 * The main modules of packages, as far as they are ES modules that are loaded: what a package exports is
 * often made by its other files, or with the factory of another package, and is known there alone.
 *
 * A loaded module is had at once by `require`. Tools that put a handler of their own in place of Node's
 * would compile it a second time, so their handlers are left out. Nothing is loaded that was not.
 */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { types } from 'node:util'
import { loadedModules } from '../engine/scripts.js'
import { mainFile, packageNameOf, specifierOfFile } from './package-files.js'

/** A package's main module. */
export interface MainModule {
  readonly name: string
  readonly url: string
  readonly namespace: object
}

/** The folders of packages that are loaded, and what is known of their main modules. */
const folders = new Map<string, { readonly name: string; readonly url: string | undefined }>()
const namespaces = new Map<string, object>()
/** How many modules were gone through. */
let looked = 0

/** The main modules of loaded packages, that of the package with a file at `url` first. */
export function* mainModules(url: string): Generator<MainModule> {
  const own = folderOf(url)?.folder
  const modules = loadedModules()
  if (modules.size !== looked) {
    looked = modules.size
    for (const module of modules) enterFolder(module)
  }
  const ordered = [...folders.keys()].sort(
    (a, b) => Number(b === own) - Number(a === own) || (a < b ? -1 : 1),
  )
  for (const folder of ordered) {
    const { name, url: main } = folders.get(folder)!
    const namespace = main === undefined ? undefined : namespaceOf(main)
    if (namespace !== undefined) yield { name, url: main!, namespace }
  }
}

function enterFolder(module: string): void {
  const found = folderOf(module)
  if (found === undefined || folders.has(found.folder)) return
  folders.set(found.folder, { name: found.name, url: mainFile(found.folder) })
}

/** The package that a file belongs to, and its folder as a URL. */
function folderOf(url: string): { name: string; folder: string } | undefined {
  const specifier = url.startsWith('file:') ? specifierOfFile(url) : undefined
  if (specifier === undefined) return undefined
  const name = packageNameOf(specifier)
  const [path] = url.split(/[?#]/, 1) as [string]
  const rest = encodeURI(specifier.slice(name.length + 1))
  return path.endsWith(rest)
    ? { name, folder: path.slice(0, path.length - rest.length) }
    : undefined
}

function namespaceOf(url: string): object | undefined {
  if (!namespaces.has(url) && loadedModules().has(url)) {
    const namespace = loadedNamespace(url)
    if (namespace !== undefined) namespaces.set(url, namespace)
  }
  return namespaces.get(url)
}

type Compiling = NodeJS.Module & { _compile(text: string, file: string, format: string): void }

function loadedNamespace(url: string): object | undefined {
  const path = fileURLToPath(url)
  const require = createRequire(url)
  const { extensions, cache } = require
  const wasThere = path in cache
  const before = Object.entries(extensions).filter(([ending]) => path.endsWith(ending))
  try {
    for (const ending of new Set(['.js', ...before.map(([ending]) => ending)]))
      extensions[ending] = (module, file) =>
        (module as Compiling)._compile(readFileSync(file, 'utf8'), file, 'module')
    const namespace: unknown = require(path)
    return types.isModuleNamespaceObject(namespace) ? (namespace as object) : undefined
  } catch {
    // It is still being loaded, or waits for something while it is.
    return undefined
  } finally {
    for (const [ending, handler] of before) extensions[ending] = handler
    if (!wasThere) Reflect.deleteProperty(cache, path)
  }
}
