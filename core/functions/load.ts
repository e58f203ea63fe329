/**
 * Finding again what travels by name: intrinsics, this package's operations, and what packages
 * export. Modules are loaded first, once and asynchronously; resolving is then synchronous.
 */
import { hostname } from 'node:os'
import { pathToFileURL } from 'node:url'
import { constants, Script } from 'node:vm'
import { SkeinError } from '../errors.js'
import { loadOperations, resolveOperation } from '../operation.js'
import { allowDynamicImport } from './build.js'
import { resolveIntrinsic } from './intrinsics.js'
import { liveValue } from './live.js'
import { packageFolder, packageNameOf } from './package-files.js'
import type { IntrinsicDescription, ModuleDescription, OperationDescription } from './types.js'

const modules = new Map<string, Promise<object>>()
const loaded = new Map<string, object>()

/** Loads the module that a reference is in, so that `resolveReference` finds it. */
export async function loadReference(
  reference: OperationDescription | ModuleDescription,
): Promise<void> {
  if (reference.kind === 'operation') await loadOperations(reference.module)
  else await loadModule(reference.specifier, reference.from)
}

/** What a reference stands for in this thread. Modules must have been loaded. */
export function resolveReference(
  reference: OperationDescription | IntrinsicDescription | ModuleDescription,
): unknown {
  if (reference.kind === 'intrinsic') return resolveIntrinsic(reference.path)
  const live = liveValue(reference)
  if (live !== undefined) return live
  if (reference.kind === 'operation') return resolveOperation(reference)
  const { specifier, path } = reference
  const module = loaded.get(specifier)
  if (module === undefined) throw new Error(`Module '${specifier}' was not loaded beforehand`)
  const value = follow(module, path)
  if (value !== undefined) return value
  throw new SkeinError(
    'MISSING_EXPORT',
    `Package '${specifier}' has no export '${path.join('.')}' here ` +
      `(Node ${process.version} on ${hostname()}): is it another version of the package?`,
  )
}

/** Follows a way through a module; CommonJS exports are found below `default` as well. */
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
 * Imports a module as the file `from` would, else as the folder this process works in would, and
 * gives its namespace. Each is imported once.
 */
export function loadModule(specifier: string, from?: string): Promise<object> {
  let promise = modules.get(specifier)
  if (promise === undefined) {
    promise = importFromAnywhere(specifier, from).then((namespace) => {
      loaded.set(specifier, namespace)
      return namespace
    })
    modules.set(specifier, promise)
    // A package may be installed later; what failed may be tried again.
    promise.catch(() => modules.delete(specifier))
  }
  return promise
}

async function importFromAnywhere(specifier: string, from: string | undefined): Promise<object> {
  const here = pathToFileURL(`${process.cwd()}/index.js`).href
  const bases = from === undefined ? [here] : [from, here]
  let failure: unknown
  for (const base of [...bases, import.meta.url]) {
    try {
      return await importerAt(base)(specifier)
    } catch (error) {
      if (!isNotFound(error)) throw error
      failure ??= error
    }
    const direct = packageFile(specifier, base)
    if (direct !== undefined) {
      try {
        return await importerAt(base)(direct)
      } catch (error) {
        if (!isNotFound(error)) throw error
      }
    }
  }
  const name = packageNameOf(specifier)
  throw new SkeinError(
    'MISSING_PACKAGE',
    `Package '${name}' is not installed here (Node ${process.version} on ${hostname()}), ` +
      `but a function that was sent uses '${specifier}'`,
    { cause: failure },
  )
}

/** A file of a package that its list of exports leaves out. */
function packageFile(specifier: string, base: string): string | undefined {
  const name = packageNameOf(specifier)
  const below = specifier.slice(name.length + 1)
  if (below === '' || specifier.startsWith('node:')) return undefined
  const folder = packageFolder(name, base)
  return folder === undefined ? undefined : pathToFileURL(`${folder}/${below}`).href
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

const importers = new Map<string, (specifier: string) => Promise<object>>()

/** The `import` of a file that need not exist: looks for packages from there upwards. */
function importerAt(base: string): (specifier: string) => Promise<object> {
  let found = importers.get(base)
  if (found === undefined) {
    allowDynamicImport()
    found = new Script('(specifier) => import(specifier)', {
      filename: base,
      importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
    }).runInThisContext() as (specifier: string) => Promise<object>
    importers.set(base, found)
  }
  return found
}
