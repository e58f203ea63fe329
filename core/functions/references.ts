/**
 * What is not copied but named: intrinsics, and what packages and `node:` modules export.
 *
 * Exports are known by identity. They are entered when a user's import of them is met; CommonJS
 * packages and `node:` modules can also be looked through, as their exports are at hand.
 */
import { builtinModules, createRequire } from 'node:module'
import { types } from 'node:util'
import { packageRoot } from '../package-root.js'
import type { FileNames, ImportedName } from './files.js'
import type { ScopeVariables } from './inspect.js'
import { intrinsicPath, isNative, nodeIntrinsicPath } from './intrinsics.js'
import { noteLive } from './live.js'
import { isPackageFile, isPackageSpecifier, specifierOfFile } from './package-files.js'
import type { IntrinsicDescription, ModuleDescription, OperationDescription } from './types.js'

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
  enterRequired()
  enterBuiltins()
  return knownExport(value)
}

function knownExport(value: object): ModuleDescription | undefined {
  const known = exported.get(value)
  return known === undefined ? undefined : noteLive(known, value)
}

/**
 * The reference to a function that stands in a file of a package, of Node, or of this package, if
 * it is exported there; undefined for the user's own, and for what packages keep to themselves.
 */
export function referenceInFile(
  fn: Function,
  file: FileNames,
  scopes: readonly ScopeVariables[],
): ModuleDescription | OperationDescription | IntrinsicDescription | undefined {
  if (file.url.startsWith('node:')) {
    const path = nodeIntrinsicPath(fn)
    if (path !== undefined) return { kind: 'intrinsic', path }
    enterBuiltins()
    return knownExport(fn)
  }
  const own = ownModule(file.url)
  const specifier = specifierOfFile(file.url)
  if (own === undefined && specifier === undefined) return undefined
  enterRequired()
  const known = knownExport(fn)
  if (known !== undefined) return known
  for (const [local, name] of file.exports) {
    const scope = scopes.find((s) => Object.hasOwn(s.variables, local))
    if (scope?.variables[local] !== fn) continue
    return own === undefined
      ? noteLive({ kind: 'module', specifier: specifier!, path: [name], from: file.url }, fn)
      : noteLive({ kind: 'operation', module: own, name }, fn)
  }
  return undefined
}

/** Notes that a value is what `path` leads to in a module. */
export function enterExport(
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
export function enterModule(
  namespace: object,
  specifier: string,
  path: readonly string[],
  from?: string,
): void {
  enterExport(namespace, specifier, path, from)
  for (const name of Object.getOwnPropertyNames(namespace)) {
    const member = readMember(namespace, name)
    if (typeof member !== 'function' && (typeof member !== 'object' || member === null)) continue
    enterExport(member, specifier, [...path, name], from)
    if (name !== 'default' || path.length > 0) continue
    for (const inner of Object.keys(member))
      enterExport(readMember(member, inner), specifier, [...path, name, inner], from)
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
export function enterImport(
  imported: ImportedName,
  url: string,
  name: string,
  value: unknown,
): void {
  if (!isPackageSpecifier(imported.specifier, url)) return
  const { path, required } = imported
  const specifier = specifierOfFile(imported.specifier) ?? imported.specifier
  if (specifier.endsWith('.json')) return
  if (required && !isViteName(name)) {
    enterRequiredModule(specifier, url)
    return
  }
  if (typeof value !== 'object' && typeof value !== 'function') return
  if (path.length === 0 && value !== null) enterModule(value, specifier, [], url)
  else {
    enterExport(value, specifier, path, url)
    if (typeof value === 'object' && value !== null && path[0] === 'default')
      for (const key of Object.keys(value))
        enterExport(readMember(value, key), specifier, [...path, key], url)
  }
}

/** Whether a name is one that vite gives to what a file imports. */
export function isViteName(name: string): boolean {
  return /^__vi(te_ssr)?_import_\d+__$/.test(name)
}

function enterRequiredModule(specifier: string, from: string): void {
  try {
    const exports: unknown = createRequire(from.startsWith('file:') ? from : `file://${from}`)(
      specifier,
    )
    if ((typeof exports === 'object' || typeof exports === 'function') && exports !== null)
      enterModule(
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
function enterRequired(): void {
  for (const [file, module] of Object.entries(require.cache)) {
    if (module === undefined || !module.loaded || looked.has(file)) continue
    looked.add(file)
    if (!isPackageFile(file)) continue
    const specifier = specifierOfFile(file)
    const exports: unknown = module.exports
    if (specifier !== undefined && typeof exports === 'object' && exports !== null)
      enterModule(exports, specifier, ['default'])
    else if (specifier !== undefined) enterExport(exports, specifier, ['default'])
  }
}

/** Modules that warn when they are loaded, or are there under another name. */
const unloved =
  /^(node:)?(_|sys$|punycode$|wasi$|trace_events$|repl$|inspector|sqlite$|test|ffi$|sea$|quic$|vfs)/

let builtinsEntered = false

function enterBuiltins(): void {
  if (builtinsEntered) return
  builtinsEntered = true
  for (const name of builtinModules) {
    if (unloved.test(name)) continue
    const specifier = name.startsWith('node:') ? name : `node:${name}`
    const module: unknown = require(specifier)
    if ((typeof module === 'object' || typeof module === 'function') && module !== null)
      enterModule(module, specifier, ['default'])
  }
}

const ownFolders = /^((?:core|collections|distributed)\/[\w/-]+|index)\.[jt]s$/

/** The path, without extension, of a module of this package; undefined for all other files. */
function ownModule(url: string): string | undefined {
  if (!url.startsWith(packageRoot.href)) return undefined
  return ownFolders.exec(url.slice(packageRoot.href.length))?.[1]
}
