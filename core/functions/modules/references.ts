/**
 * Values that are sent by name instead of by value: intrinsics, and exports of packages and `node:`
 * modules.
 *
 * Exports are recognized by identity. They are registered when a function that imports them is
 * described. CommonJS packages and `node:` modules are also registered as a whole, as their exports can
 * be read at any time.
 */
import { builtinModules, createRequire, isBuiltin } from 'node:module'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { types } from 'node:util'
import { packageRoot } from '../../base/package-root.js'
import { type ScopeVariables, variableIn } from '../engine/function-internals.js'
import { intrinsicPath, isNative, nodeIntrinsicPath } from '../engine/intrinsics.js'
import { hasPlainPrototype } from '../engine/own-prototypes.js'
import type { FileBindings, ImportedName } from '../source/file-bindings.js'
import type { IntrinsicDescription, ModuleDescription, OperationDescription } from '../types.js'
import { recordLocalValue } from './local-references.js'
import {
  isPackageSpecifier,
  packageNameOf,
  publicName,
  specifierOfFile,
  targetOfImportsMap,
} from './package-files.js'
import { type MainModule, mainModules } from './package-modules.js'

const exported = new WeakMap<object, ModuleDescription>()
const require = createRequire(import.meta.url)

/**
 * Returns the reference to a value of a package, of Node or of the language; undefined for all other
 * values.
 */
export function describeReference(
  value: object,
): IntrinsicDescription | ModuleDescription | undefined {
  const path = intrinsicPath(value)
  if (path !== undefined) return { kind: 'intrinsic', path }
  return describeModuleValue(value)
}

/** Returns the reference to an export of a package or a `node:` module. */
export function describeModuleValue(value: object): ModuleDescription | undefined {
  const known = knownExport(value)
  if (known !== undefined) return known
  if (types.isProxy(value)) return undefined
  // Plain data is not worth a search, and the source code of a function shows which file it is in.
  const isCandidate =
    types.isModuleNamespaceObject(value) ||
    (typeof value === 'function' ? isNative(value) : mayBeBuiltin(value))
  if (!isCandidate) return undefined
  registerRequiredPackages()
  registerBuiltins()
  return knownExport(value)
}

/**
 * Whether an object is a whole `node:` module, such as `crypto` of `import crypto from 'node:crypto'`. `firstKey` is
 * one of its keys.
 */
export function isNodeModule(object: object, firstKey: string | undefined): boolean {
  if (firstKey === undefined) return false
  // An accessor of the user is not called.
  const first = Object.getOwnPropertyDescriptor(object, firstKey)?.value
  if (typeof first !== 'function') return false
  return describeModuleValue(object)?.specifier.startsWith('node:') === true
}

/**
 * Whether an object may be a `node:` module, which is a plain object with many functions. Once they are
 * registered, none is unknown.
 */
function mayBeBuiltin(value: object): boolean {
  if (areBuiltinsRegistered || !hasPlainPrototype(value)) return false
  let functions = 0
  for (const key of Object.keys(value))
    if (typeof Object.getOwnPropertyDescriptor(value, key)!.value === 'function') functions++
  return functions >= FEWEST_FUNCTIONS
}

/** The number of functions from which an object is compared with all modules of Node. */
const FEWEST_FUNCTIONS = 4

function knownExport(value: object): ModuleDescription | undefined {
  const known = exported.get(value)
  return known === undefined ? undefined : recordLocalValue(known, value)
}

/**
 * Returns the reference to a function that is exported by its file, if the file belongs to a package,
 * to Node or to this package; undefined for user functions and for functions that a package does not
 * export.
 */
export function referenceInFile(
  fn: Function,
  file: FileBindings,
  scopes: readonly ScopeVariables[],
): ModuleDescription | OperationDescription | IntrinsicDescription | undefined {
  if (file.url.startsWith('node:')) {
    registerBuiltins()
    const path = nodeIntrinsicPath(fn)
    return knownExport(fn) ?? (path && { kind: 'intrinsic', path })
  }
  const own = ownModule(file.url)
  const specifier = specifierOfFile(file.url)
  if (own === undefined && specifier === undefined) return undefined
  registerRequiredPackages()
  const known = knownExport(fn)
  if (known !== undefined) return known
  for (const [local, name] of file.exports) {
    // A function within may have a variable of the same name.
    const scope =
      scopes.find(({ kind }) => kind === 'module') ??
      scopes.findLast((s) => Object.hasOwn(s.variables, local))
    if (scope === undefined || variableIn(scope, local) !== fn) continue
    return own === undefined
      ? recordLocalValue(moduleOf(file.url, specifier!, name), fn)
      : recordLocalValue({ kind: 'operation', module: own, name }, fn)
  }
  if (specifier === undefined) return undefined
  const successor = successorOf(fn, file.url)
  if (successor !== undefined) return successor
  // A package re-exports what its other files, or another package's factories, create.
  for (const module of mainModules(file.url)) {
    registerFunctions(module)
    const known = knownExport(fn)
    if (known !== undefined) return known
  }
  return undefined
}

/**
 * Returns the reference to the export of a CommonJS file by which one of its functions has replaced itself, as
 * Babel's helpers do at their first call.
 */
function successorOf(fn: Function, url: string): ModuleDescription | undefined {
  const path = url.startsWith('file:') ? fileURLToPath(url) : url
  const exports: unknown = require.cache[path]?.exports
  const isSuccessor = typeof exports === 'function' && fn.name !== '' && exports.name === fn.name
  return isSuccessor ? knownExport(exports) : undefined
}

const enteredMains = new Set<string>()

function registerFunctions({ name, url, namespace }: MainModule): void {
  if (enteredMains.has(url)) return
  enteredMains.add(url)
  for (const key of Object.getOwnPropertyNames(namespace)) {
    const member = readMember(namespace, key)
    if (typeof member === 'function') registerExport(member, name, [key], url)
  }
}

/** Returns the reference to an export of a package's file, by the specifier that users import. */
function moduleOf(url: string, specifier: string, name: string): ModuleDescription {
  const offered = publicName(url, specifier) ?? specifier
  return { kind: 'module', specifier: offered, path: [name], from: url }
}

/** Registers a value as the one at `path` in a module. */
export function registerExport(
  value: unknown,
  specifier: string,
  path: readonly string[],
  from?: string,
): void {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return
  if (exported.has(value) || intrinsicPath(value) !== undefined) return
  exported.set(value, { kind: 'module', specifier, path, from })
}

/**
 * Registers a module's exports: the module as a whole, each export, and each member of the default
 * export.
 */
function registerModule(
  namespace: object,
  specifier: string,
  path: readonly string[],
  from?: string,
): void {
  registerExport(namespace, specifier, path, from)
  for (const name of Object.getOwnPropertyNames(namespace)) {
    const member = readMember(namespace, name)
    if (typeof member !== 'function' && (typeof member !== 'object' || member === null)) continue
    registerExport(member, specifier, [...path, name], from)
    if (name !== 'default' || path.length > 0) continue
    for (const inner of Object.keys(member))
      registerExport(readMember(member, inner), specifier, [...path, name, inner], from)
  }
}

function readMember(object: object, name: string): unknown {
  if (!types.isModuleNamespaceObject(object) && !types.isProxy(object)) {
    const descriptor = Object.getOwnPropertyDescriptor(object, name)
    // A getter of a CommonJS module may do anything; that of a compiled module has no side effects.
    if (descriptor?.get !== undefined && !('__esModule' in object)) return undefined
  }
  try {
    return (object as Record<string, unknown>)[name]
  } catch {
    return undefined
  }
}

/** Registers the value of a name that the file at `url` imported, if it comes from a package. */
export function registerImport(
  imported: ImportedName,
  url: string,
  name: string,
  value: unknown,
): void {
  const written = imported.specifier
  const target = written.startsWith('#') ? (targetOfImportsMap(written, url) ?? written) : written
  if (!isPackageSpecifier(target, url)) return
  const { path, required } = imported
  const specifier = specifierOfFile(target) ?? target
  if (specifier.endsWith('.json')) return
  // Modules that can be read at any time get one name, in whatever way and order they were imported.
  if (isBuiltin(specifier)) registerBuiltin(specifier.replace(/^node:/, ''))
  else registerRequiredPackages()
  if (required && !isViteName(name)) {
    if (!isBuiltin(specifier)) registerRequiredModule(specifier, url)
    return
  }
  if (typeof value !== 'object' && typeof value !== 'function') return
  if (path.length === 0 && value !== null) registerModule(value, specifier, [], url)
  else {
    registerExport(value, specifier, path, url)
    if (typeof value === 'object' && value !== null && path[0] === 'default')
      for (const key of Object.keys(value))
        registerExport(readMember(value, key), specifier, [...path, key], url)
  }
}

/** Whether a name is one that vite gives to an import. */
export function isViteName(name: string): boolean {
  return /^__vi(te_ssr)?_import_\d+__$/.test(name)
}

function registerRequiredModule(specifier: string, from: string): void {
  try {
    const exports: unknown = createRequire(from.startsWith('file:') ? from : `file://${from}`)(
      specifier,
    )
    if ((typeof exports === 'object' || typeof exports === 'function') && exports !== null)
      registerModule(
        exports,
        specifier,
        types.isModuleNamespaceObject(exports) ? [] : ['default'],
        from,
      )
  } catch {
    // It does not exist or is not CommonJS: the value that the file created from it is sent by value.
  }
}

const registeredFiles = new Set<string>()

/** Registers the CommonJS packages that were loaded since the last call. */
function registerRequiredPackages(): void {
  for (const [file, module] of Object.entries(require.cache)) {
    if (module === undefined || !module.loaded || registeredFiles.has(file)) continue
    registeredFiles.add(file)
    const specifier = specifierOfFile(file)
    const exports: unknown = module.exports
    if (specifier === undefined) continue
    const name = mainName(file, specifier)
    const from = pathToFileURL(file).href
    if (typeof exports === 'object' && exports !== null)
      registerModule(exports, name, ['default'], from)
    else if (typeof exports === 'function') {
      registerExport(exports, name, ['default'], from)
      for (const key of Object.keys(exports))
        registerExport(readMember(exports, key), name, ['default', key], from)
    }
  }
}

/** Returns the package's name for its main file, and the path within the package for other files. */
function mainName(file: string, specifier: string): string {
  const name = packageNameOf(specifier)
  try {
    return createRequire(file).resolve(name) === file ? name : specifier
  } catch {
    return specifier
  }
}

/** Modules that warn when they are loaded, or that exist under another name. */
const skippedBuiltins =
  /^(node:)?(_|sys$|punycode$|wasi$|trace_events$|repl$|inspector|sqlite$|test|ffi$|sea$|quic$|vfs)/

const enteredBuiltins = new Set<string>()

let areBuiltinsRegistered = false

function registerBuiltins(): void {
  if (areBuiltinsRegistered) return
  areBuiltinsRegistered = true
  for (const name of builtinModules)
    if (!skippedBuiltins.test(name) && !(name === 'domain' && !isLoaded(name)))
      registerBuiltin(name)
}

/** Whether a `node:` module was loaded. Loading `node:domain` changes how events and errors are handled. */
function isLoaded(name: string): boolean {
  const { moduleLoadList = [] } = process as { moduleLoadList?: readonly string[] }
  return moduleLoadList.includes(`NativeModule ${name}`)
}

/** Registers a `node:` module: the base module first, its submodules after it. */
function registerBuiltin(name: string): void {
  const [base] = name.split('/') as [string]
  if (enteredBuiltins.has(base)) return
  enteredBuiltins.add(base)
  const parts = builtinModules.filter((other) => other.startsWith(`${base}/`))
  for (const part of [base, ...parts]) {
    const specifier = part.startsWith('node:') ? part : `node:${part}`
    const module: unknown = require(specifier)
    if ((typeof module !== 'object' && typeof module !== 'function') || module === null) continue
    registerExport(module, specifier, ['default'])
    for (const key of Object.keys(module)) {
      // Newer versions of Node create this class when it is first read.
      const isMadeLate = key === 'AsyncLocalStorage'
      const member = isMadeLate ? Reflect.get(module, key) : readMember(module, key)
      registerExport(member, specifier, [key])
    }
  }
}

const ownFolders = /^((?:core|collections|distributed)\/[\w/-]+|index)\.[jt]s$/

/** Returns the path, without extension, of a module of this package; undefined for all other files. */
function ownModule(url: string): string | undefined {
  if (!url.startsWith(packageRoot.href)) return undefined
  return ownFolders.exec(url.slice(packageRoot.href.length))?.[1]
}
