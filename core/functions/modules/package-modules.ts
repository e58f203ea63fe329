/**
 * The main modules of packages, as far as they are loaded ES modules. An export of a package is often
 * created by another file of the package, or by the factory of another package, and only the main
 * module shows its name.
 *
 * `require` returns a loaded module synchronously, by compiling a module object; the same is done here,
 * without the handlers of `require`, which tools may have replaced. No module is loaded that was not
 * loaded before.
 */
import { readFileSync } from 'node:fs'
import { Module } from 'node:module'
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

/** The folders of loaded packages, with the name and the main module's URL of each. */
const folders = new Map<string, { readonly name: string; readonly url: string | undefined }>()
const namespaces = new Map<string, object>()
/** The number of loaded modules when they were last examined. */
let knownModules = 0

/** Returns the main modules of loaded packages, that of the package with the file at `url` first. */
export function* mainModules(url: string): Generator<MainModule> {
  const own = folderOf(url)?.folder
  const modules = loadedModules()
  if (modules.size !== knownModules) {
    knownModules = modules.size
    for (const module of modules) addFolder(module)
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

function addFolder(module: string): void {
  const found = folderOf(module)
  if (found === undefined || folders.has(found.folder)) return
  folders.set(found.folder, { name: found.name, url: mainFile(found.folder) })
}

/** Returns the name and the folder URL of the package that a file belongs to. */
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

/**
 * Returns the namespace of a module that is loaded. A module object of our own is compiled as `require`
 * would, so that neither its handlers nor its cache are touched: the user's code may use them meanwhile.
 */
function loadedNamespace(url: string): object | undefined {
  const path = fileURLToPath(url)
  const module = new Module(path) as Compiling
  module.filename = path
  module.paths = []
  try {
    module._compile(readFileSync(path, 'utf8'), path, 'module')
    const namespace: unknown = module.exports
    return types.isModuleNamespaceObject(namespace) ? (namespace as object) : undefined
  } catch {
    // The module is still being loaded.
    return undefined
  }
}
