/**
 * Resolves values that are sent by name: intrinsics, operations of this package, and exports of
 * packages. Modules are loaded first, once and asynchronously; resolving is then synchronous.
 */
import { createRequire } from 'node:module'
import { fileURLToPath, pathToFileURL } from 'node:url'
import vm, { Script } from 'node:vm'
import { DecodeError, type PackageSide } from '../../base/errors.js'
import { loadOperations, resolveOperation } from '../../base/operations.js'
import { resolveIntrinsic } from '../engine/intrinsics.js'
import type { IntrinsicDescription, ModuleDescription, OperationDescription } from '../types.js'
import { allowDynamicImport } from './dynamic-import.js'
import { localValue } from './local-references.js'
import { failedPackage, missingExport, missingPackage } from './missing-package.js'
import { packageFolder, packageNameOf } from './package-files.js'
import { packageVersion } from './package-side.js'
import { registerExport } from './references.js'

const modules = new Map<string, Promise<object>>()
const loaded = new Map<string, object>()

/** Loads the module of a reference, so that `resolveReference` finds it. */
export async function loadReference(
  reference: OperationDescription | ModuleDescription,
): Promise<void> {
  if (reference.kind === 'operation') await loadOperations(reference.module)
  else {
    assertPackage(reference.specifier)
    await loadModule(reference.specifier, reference.from, reference.sender)
  }
}

/** References name exports of packages and of Node, never files or addresses: those would run when they are loaded. */
function assertPackage(specifier: unknown): void {
  if (typeof specifier === 'string' && !/^[./\\]|^(file|data|blob|https?|[a-z]):/i.test(specifier))
    return
  throw new DecodeError(
    `A function refers to the module '${String(specifier).slice(0, 200)}', which is no package; it was not loaded`,
  )
}

/**
 * Returns the value of a reference in this thread. Its module should have been loaded, as `prepare` does; where
 * nothing can be awaited, as in `getSync`, it is loaded now.
 */
export function resolveReference(
  reference: OperationDescription | IntrinsicDescription | ModuleDescription,
): unknown {
  if (reference.kind === 'intrinsic') return resolveIntrinsic(reference.path)
  const live = localValue(reference)
  if (live !== undefined) return live
  if (reference.kind === 'operation') return resolveOperation(reference)
  const { specifier, path } = reference
  const module = loaded.get(specifier) ?? requireFromAnywhere(reference)
  if (module === undefined) throw new Error(`Module '${specifier}' was not loaded beforehand`)
  const value = follow(module, path)
  if (value === undefined) throw missingExport(reference)
  // So that it can be sent on, with the same token.
  registerExport(value, specifier, path, reference.from)
  return value
}

/** Follows a path through a module; CommonJS exports are also found below `default`. */
function follow(module: object, path: readonly string[]): unknown {
  const direct = walk(module, path)
  if (direct !== undefined) return direct
  return path[0] === 'default' ? walk(module, path.slice(1)) : walk(module, ['default', ...path])
}

function walk(start: unknown, path: readonly string[]): unknown {
  let value = start
  for (const name of path) {
    if (value === undefined || value === null) return undefined
    value = (value as Record<string, unknown>)[name]
  }
  return value
}

/**
 * Imports a module as the file `from` would, else as a file in the working directory would, and returns
 * its namespace. Each module is imported once. An error names `sender`.
 */
export function loadModule(
  specifier: string,
  from?: string,
  sender?: PackageSide,
): Promise<object> {
  let promise = modules.get(specifier)
  if (promise === undefined) {
    promise = importFromAnywhere(specifier, { from, sender }).then((namespace) => {
      loaded.set(specifier, namespace)
      return namespace
    })
    modules.set(specifier, promise)
    // The package may be installed later, so a failed import can be tried again.
    promise.catch(() => modules.delete(specifier))
  }
  return promise
}

/**
 * Imports a package or a `node:` module from the first base that finds it: the file `from`, the working
 * directory, this package.
 */
export async function importFromAnywhere(
  specifier: string,
  { from, sender, options }: { from?: string; sender?: PackageSide; options?: ImportOptions } = {},
): Promise<object> {
  const here = pathToFileURL(`${process.cwd()}/index.js`).href
  const bases = [...new Set(from === undefined ? [here] : [from, here]), import.meta.url]
  let failure: unknown
  for (const base of bases) {
    try {
      return await importAt(base, specifier, options)
    } catch (error) {
      if (!isNotFound(error)) throw failedPackage({ specifier, from: base, sender }, error)
      failure ??= error
    }
    const direct = packageFile(specifier, base)
    if (direct !== undefined) {
      try {
        return await importAt(base, direct, options)
      } catch (error) {
        if (!isNotFound(error)) throw failedPackage({ specifier, from: base, sender }, error)
      }
    }
    // The package exists, so a module that it needs itself was not found.
    if (packageVersion(specifier, base) !== undefined)
      throw failedPackage({ specifier, from: base, sender }, failure)
  }
  throw missingPackage({ specifier, sender }, failure)
}

/** The second argument of `import(...)`. */
export type ImportOptions = Readonly<Record<string, unknown>>

/** Imports as a file would; retries with the JSON attribute where that is missing. */
export async function importAt(
  base: string,
  specifier: string,
  options?: ImportOptions,
): Promise<object> {
  try {
    return await importerAt(base)(specifier, options)
  } catch (error) {
    const code = (error as { code?: unknown } | null)?.code
    const isJson =
      code === 'ERR_IMPORT_ATTRIBUTE_MISSING' || code === 'ERR_IMPORT_ASSERTION_TYPE_MISSING'
    if (!isJson || options !== undefined) throw error
    return importerAt(base)(specifier, { with: { type: 'json' } })
  }
}

/** Returns the URL of a package's file that its exports map leaves out. */
function packageFile(specifier: string, base: string): string | undefined {
  const name = packageNameOf(specifier)
  const below = specifier.slice(name.length + 1)
  if (below === '' || specifier.startsWith('node:')) return undefined
  const folder = packageFolder(name, base)
  return folder === undefined ? undefined : pathToFileURL(`${folder}/${below}`).href
}

/**
 * Loads a module synchronously, as the file that `import` would load, else as `require` does. Returns undefined if
 * no base finds it. Throws if one finds it and it fails to load.
 */
function requireFromAnywhere(reference: ModuleDescription): object | undefined {
  const { specifier, from, sender } = reference
  assertPackage(specifier)
  const here = pathToFileURL(`${process.cwd()}/index.js`).href
  const attempts = [
    () => createRequire(import.meta.url)(fileURLToPath(import.meta.resolve(specifier))),
  ]
  for (const base of [from, here, import.meta.url])
    if (base !== undefined) attempts.push(() => createRequire(base)(specifier))
  let failure: unknown
  for (const attempt of attempts) {
    try {
      const module = attempt() as object
      loaded.set(specifier, module)
      return module
    } catch (error) {
      if (!isNotFound(error)) failure ??= error
    }
  }
  if (failure !== undefined) throw failedPackage({ specifier, from, sender }, failure)
  return undefined
}

function isNotFound(error: unknown): boolean {
  const code = (error as { code?: unknown } | null)?.code
  return (
    code === 'ERR_MODULE_NOT_FOUND' ||
    code === 'ERR_PACKAGE_PATH_NOT_EXPORTED' ||
    code === 'ERR_UNSUPPORTED_DIR_IMPORT' ||
    code === 'MODULE_NOT_FOUND'
  )
}

type Importer = (specifier: string, options?: ImportOptions) => Promise<object>
const importers = new Map<string, Importer>()

/** Returns the `import` of a file that need not exist: packages are looked for from there upwards. */
function importerAt(base: string): Importer {
  let found = importers.get(base)
  if (found === undefined) {
    allowDynamicImport()
    found = new Script('(specifier, options) => import(specifier, options)', {
      filename: base,
      importModuleDynamically: vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
    }).runInThisContext() as Importer
    importers.set(base, found)
  }
  return found
}
