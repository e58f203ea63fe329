/**
 * What is not copied but named: intrinsics, and what packages and `node:` modules export.
 *
 * Exports are known by identity. They are entered when a user's import of them is met; CommonJS
 * packages and `node:` modules can also be looked through, as their exports are at hand.
 */
import { builtinModules, createRequire, isBuiltin } from 'node:module'
import { pathToFileURL } from 'node:url'
import { types } from 'node:util'
import { packageRoot } from '../../base/package-root.js'
import { type ScopeVariables, variableIn } from '../engine/function-internals.js'
import { intrinsicPath, isNative, nodeIntrinsicPath } from '../engine/intrinsics.js'
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

/** The reference that a value of a package, of `node:` or of the language travels as, if it is one. */
export function describeReference(
  value: object,
): IntrinsicDescription | ModuleDescription | undefined {
  const path = intrinsicPath(value)
  if (path !== undefined) return { kind: 'intrinsic', path }
  return describeModuleValue(value)
}

/** The reference to an export of a package or a `node:` module, by identity. */
export function describeModuleValue(value: object): ModuleDescription | undefined {
  const known = knownExport(value)
  if (known !== undefined) return known
  if (types.isProxy(value)) return undefined
  // Plain data is not worth a search, and functions with a text say which file they are in.
  if (!types.isModuleNamespaceObject(value) && !(typeof value === 'function' && isNative(value)))
    return undefined
  registerRequiredPackages()
  registerBuiltins()
  return knownExport(value)
}

function knownExport(value: object): ModuleDescription | undefined {
  const known = exported.get(value)
  return known === undefined ? undefined : recordLocalValue(known, value)
}

/**
 * The reference to a function that stands in a file of a package, of Node, or of this package, if
 * it is exported there; undefined for the user's own, and for what packages keep to themselves.
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
  // A package hands on what its other files make, and what it made with another package's factory.
  for (const module of mainModules(file.url)) {
    registerFunctions(module)
    const known = knownExport(fn)
    if (known !== undefined) return known
  }
  return undefined
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

/** An export of a package's file, by the name that those who import it use. */
function moduleOf(url: string, specifier: string, name: string): ModuleDescription {
  const offered = publicName(url, specifier) ?? specifier
  return { kind: 'module', specifier: offered, path: [name], from: url }
}

/** Notes that a value is what `path` leads to in a module. */
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

/** Notes a module's exports: the module as a whole, each export, and each member of the default. */
export function registerModule(
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
    // A getter of a CommonJS module may do anything; that of a compiled module is harmless.
    if (descriptor?.get !== undefined && !('__esModule' in object)) return undefined
  }
  try {
    return (object as Record<string, unknown>)[name]
  } catch {
    return undefined
  }
}

/** Notes the value of a name that the file at `url` imported, if it comes from a package. */
export function registerImport(
  imported: ImportedName,
  url: string,
  name: string,
  value: unknown,
): void {
  const written = imported.specifier
  const meant = written.startsWith('#') ? (targetOfImportsMap(written, url) ?? written) : written
  if (!isPackageSpecifier(meant, url)) return
  const { path, required } = imported
  const specifier = specifierOfFile(meant) ?? meant
  if (specifier.endsWith('.json')) return
  // What is at hand has one name, whichever way and in whatever order it was imported.
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

/** Whether a name is one that vite gives to what a file imports. */
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
    // It is not there, or no CommonJS: what the file made of it goes by value.
  }
}

const looked = new Set<string>()

/** Enters the CommonJS packages that were loaded since the last time. */
function registerRequiredPackages(): void {
  for (const [file, module] of Object.entries(require.cache)) {
    if (module === undefined || !module.loaded || looked.has(file)) continue
    looked.add(file)
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

/** The package's own name for its main file; for its other files their paths in it. */
function mainName(file: string, specifier: string): string {
  const name = packageNameOf(specifier)
  try {
    return createRequire(file).resolve(name) === file ? name : specifier
  } catch {
    return specifier
  }
}

/** Modules that warn when they are loaded, or are there under another name. */
const unloved =
  /^(node:)?(_|sys$|punycode$|wasi$|trace_events$|repl$|inspector|sqlite$|test|ffi$|sea$|quic$|vfs)/

const enteredBuiltins = new Set<string>()

function registerBuiltins(): void {
  for (const name of builtinModules) if (!unloved.test(name)) registerBuiltin(name)
}

/** Enters a `node:` module, the one it is a part of first, and its parts after it. */
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
      // Newer versions of Node make this class when it is first asked for.
      const isMadeLate = key === 'AsyncLocalStorage'
      const member = isMadeLate ? Reflect.get(module, key) : readMember(module, key)
      registerExport(member, specifier, [key])
    }
  }
}

const ownFolders = /^((?:core|collections|distributed)\/[\w/-]+|index)\.[jt]s$/

/** The path, without extension, of a module of this package; undefined for all other files. */
function ownModule(url: string): string | undefined {
  if (!url.startsWith(packageRoot.href)) return undefined
  return ownFolders.exec(url.slice(packageRoot.href.length))?.[1]
}
