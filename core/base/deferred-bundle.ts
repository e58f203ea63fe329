/**
 * Bundles of the built package that are compiled when they are first used (`scripts/deferred-bundles.mjs`). Such a bundle is a
 * script: a function that returns the exports. It is evaluated here, once, whoever needs it, in the realm of this module and by
 * no module loader. The other bundles are ES modules and register themselves when they are evaluated.
 */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { runInThisContext, Script } from 'node:vm'
import { operationReference, operations } from './operations.js'
import { packageRoot } from './package-root.js'

type Exports = Readonly<Record<string, unknown>>

/** The exports of bundles by path from the package's root, without extension. */
const bundles = new Map<string, Exports>()

/** Registers a bundle that is an ES module, whose exports deferred bundles import. */
export function provideBundle(bundle: string, exports: Exports): void {
  bundles.set(bundle, exports)
}

/** Returns the exports of a bundle by its path. A deferred bundle is evaluated at the first call. */
export function loadBundle(bundle: string): Exports {
  let exports = bundles.get(bundle)
  if (exports === undefined) {
    exports = evaluateBundle(bundle)
    bundles.set(bundle, exports)
    registerFunctions(bundle, exports)
  }
  return exports
}

function evaluateBundle(bundle: string): Exports {
  const url = new URL(`${bundle}.script.js`, packageRoot)
  const source = readFileSync(fileURLToPath(url), 'utf8')
  const requireNode = createRequire(url)
  let evaluate: (...imports: readonly object[]) => Exports
  if (isMainRealm) {
    const { workerData } = requireNode(
      'node:worker_threads',
    ) as typeof import('node:worker_threads')
    const cachedData = (workerData as Partial<CompiledBundles> | null)?.compiledBundles?.[bundle]
    const script = new Script(source, { filename: url.href, ...(cachedData && { cachedData }) })
    scripts.set(bundle, script)
    evaluate = script.runInThisContext() as typeof evaluate
  } else {
    // biome-ignore lint/security/noGlobalEval: the bundle must be evaluated in this realm.
    evaluate = globalThis.eval(`${source}\n//# sourceURL=${url.href}`) as typeof evaluate
  }
  return evaluate(loadBundle, deferredBundle, requireNode, import.meta)
}

/** Data of a thread: the compiled code of bundles, by path. */
export interface CompiledBundles {
  readonly compiledBundles: Readonly<Record<string, Uint8Array>>
}

/** Whether this module is in the main realm, and not in a context that a test runner has made. */
const isMainRealm = runInThisContext('globalThis') === globalThis
const scripts = new Map<string, Script>()
const compiled: Record<string, Uint8Array> = {}

/**
 * Returns the compiled code of the deferred bundles that this process has evaluated and that run in tasks, in shared memory. A
 * thread that has it in its `workerData` need not parse them.
 */
export function compiledBundles(): CompiledBundles {
  for (const [bundle, script] of scripts) {
    if (compiled[bundle] !== undefined || !/\/core$|-tasks$/.test(bundle)) continue
    const data = script.createCachedData()
    const shared = new Uint8Array(new SharedArrayBuffer(data.length))
    shared.set(data)
    compiled[bundle] = shared
  }
  return { compiledBundles: compiled }
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

/**
 * Returns an object with members of the export `namespace` of a deferred bundle, which is evaluated when one of them is
 * first read: `const da = deferredNamespace('collections/bundles/array', ['ones', 'zeros'])`.
 */
export function deferredNamespace(bundle: string, names: readonly string[]): Exports {
  // An object without a prototype is a hash table to V8, so that many properties are defined in little time.
  const members = Object.create(null) as Record<string, unknown>
  const define = (descriptorOf: (name: string) => PropertyDescriptor): void => {
    for (const name of names)
      Object.defineProperty(members, name, { enumerable: true, ...descriptorOf(name) })
  }
  const read = (name: string): unknown => {
    const namespace = loadBundle(bundle).namespace as Exports
    define((own) => ({ value: namespace[own], configurable: false }))
    return namespace[name]
  }
  define((name) => ({ get: () => read(name), configurable: true }))
  Object.defineProperty(members, Symbol.toStringTag, { value: 'Module' })
  return Object.preventExtensions(members)
}
