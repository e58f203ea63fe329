/**
 * Bundles of the built package that are compiled when they are first used (`scripts/deferred-bundles.mjs`). Such a bundle is a
 * script: a function that returns the exports. It is evaluated here, once, whoever needs it, in the realm of this module and by
 * no module loader. The other bundles are ES modules and register themselves when they are evaluated.
 */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { runInThisContext, Script } from 'node:vm'
import { keepCompiledCode, readCompiledCode } from './code-cache.js'
import { operationReference, operations } from './operations.js'
import { packageRoot } from './package-root.js'

type Exports = Readonly<Record<string, unknown>>

/** The exports of bundles by path from the package's root, without extension. */
const bundles = new Map<string, Exports>()
const evaluating = new Set<string>()
const requireNode = createRequire(import.meta.url)

/** Registers a bundle that is an ES module, whose exports deferred bundles import. */
export function provideBundle(bundle: string, exports: Exports): void {
  bundles.set(bundle, exports)
}

/** Returns the exports of a bundle by its path. A deferred bundle is evaluated at the first call. */
export function loadBundle(bundle: string): Exports {
  let exports = bundles.get(bundle)
  if (exports === undefined) {
    if (evaluating.has(bundle)) throw new Error(`${bundle} is needed while it is evaluated`)
    evaluating.add(bundle)
    exports = evaluateBundle(bundle)
    bundles.set(bundle, exports)
    registerFunctions(bundle, exports)
  }
  return exports
}

function evaluateBundle(bundle: string): Exports {
  const url = new URL(`${bundle}.script.js`, packageRoot)
  const source = readFileSync(fileURLToPath(url))
  let evaluate: (...imports: readonly object[]) => Exports
  if (isMainRealm) {
    evaluate = compileBundle(bundle, url, source).runInThisContext() as typeof evaluate
  } else {
    // biome-ignore lint/security/noGlobalEval: the bundle must be evaluated in this realm.
    evaluate = globalThis.eval(`${source}\n//# sourceURL=${url.href}`) as typeof evaluate
  }
  return evaluate(loadBundle, deferredBundle, requireNode, import.meta)
}

/** Whether this module is in the main realm, and not in a context that a test runner has made. */
const isMainRealm = runInThisContext('globalThis') === globalThis

// Compiled code ------------------------------------------------------------------------------------

/** Data of a thread: the compiled code of bundles, by path. */
export interface CompiledBundles {
  readonly compiledBundles: Readonly<Record<string, Uint8Array>>
}

const scripts = new Map<string, Script>()
const compiled: Record<string, Uint8Array> = {}

/** The sources of the bundles that were parsed, and whose compiled code is not kept yet. */
const parsed = new Map<string, Uint8Array>()

/** Milliseconds after which compiled code is kept: by then it has the functions that a first computation uses. */
const keepAfter = 1000

function compileBundle(bundle: string, url: URL, source: Uint8Array): Script {
  const { workerData, isMainThread } = requireNode(
    'node:worker_threads',
  ) as typeof import('node:worker_threads')
  const given = (workerData as Partial<CompiledBundles> | null)?.compiledBundles?.[bundle]
  const cachedData = given ?? readCompiledCode(bundle, source)
  const options = { filename: url.href, ...(cachedData && { cachedData }) }
  const script = new Script(String(source), options)
  scripts.set(bundle, script)
  if (cachedData === undefined || script.cachedDataRejected === true) {
    if (parsed.size === 0) {
      setTimeout(keepParsed, keepAfter).unref()
      if (isMainThread) process.once('exit', keepParsed)
    }
    parsed.set(bundle, source)
  } else compiled[bundle] = cachedData
  return script
}

function keepParsed(): void {
  keepCompiledCode(parsed, (bundle) => scripts.get(bundle)!.createCachedData())
  parsed.clear()
  process.off('exit', keepParsed)
}

/**
 * Returns the compiled code of the deferred bundles that this process has evaluated and that run in tasks, in shared memory. A
 * thread that has it in its `workerData` need not parse them.
 */
export function compiledBundles(): CompiledBundles {
  for (const [bundle, script] of scripts) {
    if (!/\/(core|functions)$|-tasks$/.test(bundle)) continue
    compiled[bundle] ??= inSharedMemory(script.createCachedData())
  }
  return { compiledBundles: compiled }
}

function inSharedMemory(bytes: Uint8Array): Uint8Array {
  const shared = new Uint8Array(new SharedArrayBuffer(bytes.length))
  shared.set(bytes)
  return shared
}

/** Makes functions operations of the bundle, so that those which a user's function has captured are sent by name. */
function registerFunctions(bundle: string, exports: Exports): void {
  const functions: Record<string, Function> = {}
  for (const [name, member] of Object.entries(exports)) {
    if (typeof member === 'function' && operationReference(member) === undefined)
      functions[name] = member
  }
  operations(bundle, functions)
}

/**
 * Returns an object with the exports of a deferred bundle, which is evaluated when one of them is first read:
 * `const deferred0 = deferredBundle('core/bundles/core')`.
 */
export function deferredBundle(bundle: string): Exports {
  const own: Exports = Object.create(
    new Proxy(Object.create(null) as object, {
      get: (_, name) => {
        const exports = loadBundle(bundle)
        // From now on an export is read as fast as any property.
        Object.setPrototypeOf(own, exports)
        return exports[name as string]
      },
    }),
  ) as Exports
  return own
}

/** The members of a namespace: each the index of its bundle, and its name there if that differs, or a namespace. */
interface Members {
  readonly [name: string]: number | readonly [bundle: number, name: string] | Members
}

/**
 * Returns an object with exports of deferred bundles, which are evaluated when one of their exports is first read:
 * `const da = deferredNamespace(['collections/bundles/array'], { ones: 0, concat: [0, 'concatenate'] })`.
 */
export function deferredNamespace(paths: readonly string[], members: Members): Exports {
  // An object without a prototype is a hash table to V8, so that many properties are defined in little time.
  const namespace = Object.create(null) as Record<string, unknown>
  for (const [name, member] of Object.entries(members)) {
    if (typeof member === 'object' && !Array.isArray(member)) {
      const value = deferredNamespace(paths, member as Members)
      Object.defineProperty(namespace, name, { value, enumerable: true })
      continue
    }
    const [index, inBundle] =
      typeof member === 'number' ? [member, name] : (member as [number, string])
    const get = (): unknown => {
      const value = loadBundle(paths[index]!)[inBundle]
      Object.defineProperty(namespace, name, { value, configurable: false })
      return value
    }
    Object.defineProperty(namespace, name, { get, enumerable: true, configurable: true })
  }
  Object.defineProperty(namespace, Symbol.toStringTag, { value: 'Module' })
  return Object.preventExtensions(namespace)
}
