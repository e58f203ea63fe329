/**
 * Intrinsics: values that every thread of every process has, such as the globals of the language and of
 * Node and everything reachable from them. They are sent as their path, `['Array', 'prototype',
 * 'map']`.
 */
import { types } from 'node:util'
import { foreignGlobalOf } from './realms.js'

const languageNames =
  'Object Function Array Number Boolean String Symbol BigInt Math JSON Reflect Atomics Intl ' +
  'Promise Proxy RegExp Date Map Set WeakMap WeakSet WeakRef FinalizationRegistry Iterator ' +
  'Error AggregateError EvalError RangeError ReferenceError SyntaxError TypeError URIError ' +
  'SuppressedError DisposableStack AsyncDisposableStack Temporal WebAssembly ' +
  'ArrayBuffer SharedArrayBuffer DataView Int8Array Uint8Array Uint8ClampedArray Int16Array ' +
  'Uint16Array Int32Array Uint32Array Float16Array Float32Array Float64Array BigInt64Array ' +
  'BigUint64Array parseInt parseFloat isNaN isFinite decodeURI decodeURIComponent encodeURI ' +
  'encodeURIComponent escape unescape eval'

const nodeNames =
  'process Buffer console URL URLSearchParams URLPattern TextEncoder TextDecoder AbortController ' +
  'AbortSignal Event EventTarget CustomEvent EventSource MessageChannel MessagePort MessageEvent ' +
  'BroadcastChannel CloseEvent ErrorEvent StorageEvent DOMException Blob File FormData Headers ' +
  'Request Response WebSocket Storage Navigator navigator localStorage sessionStorage fetch ' +
  'crypto Crypto CryptoKey SubtleCrypto performance Performance PerformanceEntry PerformanceMark ' +
  'PerformanceMeasure PerformanceObserver PerformanceObserverEntryList ' +
  'PerformanceResourceTiming queueMicrotask structuredClone setTimeout clearTimeout ' +
  'setInterval clearInterval setImmediate clearImmediate atob btoa gc ' +
  'ReadableStream ReadableStreamDefaultReader ReadableStreamBYOBReader ' +
  'ReadableStreamBYOBRequest ReadableByteStreamController ReadableStreamDefaultController ' +
  'WritableStream WritableStreamDefaultWriter WritableStreamDefaultController ' +
  'TransformStream TransformStreamDefaultController ByteLengthQueuingStrategy ' +
  'CountQueuingStrategy TextEncoderStream TextDecoderStream CompressionStream ' +
  'DecompressionStream QuotaExceededError LockManager Lock'

/**
 * Values that the language's standard names, but that have no global: those of this module's context, and code
 * for those of other contexts. A process may forbid code in strings.
 */
const unnamedIntrinsics: Readonly<
  Record<string, { readonly own: () => unknown; readonly code: string }>
> = {
  '%AsyncFunction%': {
    own: () => (async () => {}).constructor,
    code: '(async () => {}).constructor',
  },
  '%GeneratorFunction%': {
    own: () => function* () {}.constructor,
    code: '(function* () {}).constructor',
  },
  '%AsyncGeneratorFunction%': {
    own: () => async function* () {}.constructor,
    code: '(async function* () {}).constructor',
  },
  '%TypedArray%': {
    own: () => Object.getPrototypeOf(Float64Array),
    code: 'Object.getPrototypeOf(Float64Array)',
  },
  '%IteratorPrototype%': {
    own: () => Object.getPrototypeOf(Object.getPrototypeOf([][Symbol.iterator]())) as object,
    code: 'Object.getPrototypeOf(Object.getPrototypeOf([][Symbol.iterator]()))',
  },
  '%ArrayIteratorPrototype%': {
    own: () => Object.getPrototypeOf([][Symbol.iterator]()) as object,
    code: 'Object.getPrototypeOf([][Symbol.iterator]())',
  },
  '%MapIteratorPrototype%': {
    own: () => Object.getPrototypeOf(new Map().keys()) as object,
    code: 'Object.getPrototypeOf(new Map().keys())',
  },
  '%SetIteratorPrototype%': {
    own: () => Object.getPrototypeOf(new Set().keys()) as object,
    code: 'Object.getPrototypeOf(new Set().keys())',
  },
}

const globalNames: ReadonlySet<string> = new Set([
  'globalThis',
  'global',
  ...languageNames.split(' '),
  ...nodeNames.split(' '),
])

const constantNames: ReadonlySet<string> = new Set(['undefined', 'NaN', 'Infinity'])

/** Whether a name always has the same value, as it cannot be assigned to. */
export function isConstantName(name: string): boolean {
  return constantNames.has(name)
}

let paths: Map<unknown, readonly string[]> | undefined
let allPaths = false

/** Returns the path of an intrinsic from the globals; undefined for everything else. */
export function intrinsicPath(value: unknown): readonly string[] | undefined {
  paths ??= registerAll()
  return paths.get(value) ?? onDemandPath(value, paths) ?? foreignPath(value)
}

/** The paths of the language's values in other contexts. */
const foreignPaths = new WeakMap<object, readonly string[]>()
const knownGlobals = new WeakSet<object>()

/** Returns the path of a value that has its counterpart, with this path, in this module's context. */
function foreignPath(value: unknown): readonly string[] | undefined {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return undefined
  const global = foreignGlobalOf(value)
  if (global === undefined) return undefined
  if (!knownGlobals.has(global)) {
    knownGlobals.add(global)
    registerForeign(global)
  }
  return foreignPaths.get(value)
}

function registerForeign(global: object): void {
  const found = new Map<unknown, readonly string[]>([[global, ['globalThis']]])
  // A context has a console of V8, which shows nothing by itself.
  for (const name of [...languageNames.split(' '), 'console']) {
    const value: unknown = Object.getOwnPropertyDescriptor(global, name)?.value
    if (typeof value === 'function' ? isNative(value) : typeof value === 'object')
      register(value, [name], found)
  }
  const create = (global as typeof globalThis).Function
  for (const [name, { code }] of Object.entries(unnamedIntrinsics)) {
    try {
      register((create(`return ${code}`) as () => unknown)(), [name], found)
    } catch {
      // The user replaced what the code uses.
    }
  }
  for (const [value, path] of found) if (!paths!.has(value)) foreignPaths.set(value as object, path)
}

/** The paths, by class, of single objects that Node creates when they are first read. */
const onDemand: ReadonlyMap<string, readonly string[]> = new Map([
  ['Crypto', ['crypto']],
  ['SubtleCrypto', ['crypto', 'subtle']],
  ['Navigator', ['navigator']],
  ['Performance', ['performance']],
  ['process', ['process']],
])

function onDemandPath(
  value: unknown,
  known: Map<unknown, readonly string[]>,
): readonly string[] | undefined {
  if (typeof value !== 'object' || value === null || types.isProxy(value)) return undefined
  const prototype = Object.getPrototypeOf(value) as object | null
  if (prototype === Object.prototype || prototype === Array.prototype || prototype === null)
    return undefined
  // Every process has its own; a plain object that a user assigned is data.
  if (value === process.env) return ['process', 'env']
  const Class = Object.getOwnPropertyDescriptor(prototype, 'constructor')?.value as unknown
  const path = typeof Class === 'function' ? onDemand.get(Class.name) : undefined
  if (path === undefined || !isStandardGlobal(path[0]!)) return undefined
  if (resolveIntrinsic(path) !== value) return undefined
  known.set(value, path)
  return path
}

/**
 * Returns the path of a value that is known to be Node's own; this also examines globals that Node
 * creates when they are first read.
 */
export function nodeIntrinsicPath(value: unknown): readonly string[] | undefined {
  paths ??= registerAll()
  if (!allPaths) {
    allPaths = true
    for (const name of nodeNames.split(' '))
      if (!unreadGlobals.has(name)) registerGlobal(name, paths)
  }
  return paths.get(value)
}

/** Returns the value at a path in this thread. */
export function resolveIntrinsic(path: readonly string[]): unknown {
  let value: unknown = globalThis
  let start = 0
  const unnamed = unnamedIntrinsics[path[0] ?? '']
  if (unnamed !== undefined) {
    value = unnamed.own()
    start = 1
  }
  for (let i = start; i < path.length; i++) {
    const step = path[i]!
    const object = value as Record<string | symbol, unknown>
    const key = symbolOf(step) ?? step
    const accessor = /^(get|set) (.+)$/.exec(step)
    if (accessor !== null) {
      const name = symbolOf(accessor[2]!) ?? accessor[2]!
      value = Object.getOwnPropertyDescriptor(object, name)?.[accessor[1] as 'get' | 'set']
    } else value = object?.[key]
    if (value === undefined) {
      if (testGlobals.has(path[0]!)) throw new Error(testGlobalReason(path[0]!))
      throw new Error(`This version of Node (${process.version}) has no ${path.join('.')}`)
    }
  }
  return value
}

/**
 * Whether a global has its standard value in this thread, so that it need not be sent. `global` is the global
 * object of the context in which it is used.
 */
export function isStandardGlobal(name: string, global: object = globalThis): boolean {
  if (!globalNames.has(name)) return false
  if (global !== globalThis) return isStandardIn(global, name)
  const descriptor = Object.getOwnPropertyDescriptor(globalThis, name)
  if (descriptor === undefined) return false
  // Reading a global that Node creates on demand would create it; a user's own definition has another
  // getter.
  if (descriptor.get !== undefined) return getters.has(descriptor.get)
  const value: unknown = descriptor.value
  if (originals.get(name) === value) return true
  // Test runners replace these by equivalents.
  if (name === 'console' || name === 'process') return !isPlain(value)
  if (lazyGetters.has(name)) return lazyValue(name, descriptor) === value
  return !originals.has(name) && typeof value === 'function' && isNative(value)
}

/** Globals that test runners add in the process, or the context, of a test. */
const testGlobals: ReadonlySet<string> = new Set(
  'expect describe it test suite bench jest vi vitest beforeAll beforeEach afterAll afterEach'.split(
    ' ',
  ),
)

function testGlobalReason(name: string): string {
  return `'${name}' belongs to the test runner and exists only in the process of the test; use it on the result, outside of the function`
}

/** Sends a global of a test runner by name, as it works in the test's own thread; returns whether it is one. */
export function registerTestGlobal(name: string, global: object): boolean {
  if (!testGlobals.has(name)) return false
  const { JEST_WORKER_ID, VITEST } = process.env
  if (JEST_WORKER_ID === undefined && VITEST === undefined) return false
  const value: unknown = Reflect.get(global, name)
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return false
  paths ??= registerAll()
  if (!paths.has(value)) paths.set(value, [name])
  return true
}

/** Whether a global of a foreign context is what this context has under the same name. */
function isStandardIn(global: object, name: string): boolean {
  const { get, value } = Object.getOwnPropertyDescriptor(global, name) ?? {}
  // Reading it could create it, or fail outside of its own context.
  if (get !== undefined) return getters.has(get)
  if (value === global) return true
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return false
  if (name === 'console' || name === 'process') return !isPlain(value)
  const path = intrinsicPath(value)
  return path?.length === 1 && path[0] === name
}

/**
 * Returns the value that Node creates for a global. Node then assigns it to the global, so a user's
 * value is restored.
 */
function lazyValue(name: string, current: PropertyDescriptor): unknown {
  const value = lazyGetters.get(name)!.call(globalThis)
  originals.set(name, value)
  if (current.configurable === true) Object.defineProperty(globalThis, name, current)
  return value
}

function isPlain(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

const functionToString = Function.prototype.toString

/** Whether a function is native code, without JavaScript source code. */
export function isNative(fn: Function): boolean {
  return functionToString.call(fn).endsWith('{ [native code] }')
}

/** The values of the globals when this module was loaded. */
const originals = new Map<string, unknown>()
/** The getters of globals that Node creates when they are first read, and then replaces by the values. */
const lazyGetters = new Map<string, () => unknown>()
const getters = new Set<unknown>()

/** Records the values of Node's globals, before user code has had much of a chance to change them. */
function recordOriginals(): void {
  for (const name of globalNames) {
    const descriptor = Object.getOwnPropertyDescriptor(globalThis, name)
    if (descriptor === undefined) continue
    if (descriptor.get === undefined) originals.set(name, descriptor.value)
    else {
      getters.add(descriptor.get)
      lazyGetters.set(name, descriptor.get as () => unknown)
    }
  }
}
recordOriginals()

/** Globals that are created on demand, or warn when they are read, are registered by name only. */
const unreadGlobals = new Set(['localStorage', 'sessionStorage', 'navigator', 'crypto', 'global'])

function registerAll(): Map<unknown, readonly string[]> {
  const found = new Map<unknown, readonly string[]>([[globalThis, ['globalThis']]])
  for (const name of [...languageNames.split(' '), ...nodeNames.split(' ')]) {
    if (Object.getOwnPropertyDescriptor(globalThis, name)?.get !== undefined) continue
    registerGlobal(name, found)
  }
  for (const [name, { own }] of Object.entries(unnamedIntrinsics)) register(own(), [name], found)
  return found
}

function registerGlobal(name: string, found: Map<unknown, readonly string[]>): void {
  if (isStandardGlobal(name)) register((globalThis as Record<string, unknown>)[name], [name], found)
}

function register(
  value: unknown,
  path: readonly string[],
  found: Map<unknown, readonly string[]>,
): void {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return
  if (found.has(value)) return
  found.set(value, path)
  // Below `process` is data that differs between threads.
  if (path[0] === 'process' && path.length > 1 && typeof value === 'object') return
  if (path.length > 4) return
  for (const key of Reflect.ownKeys(value)) {
    const step = typeof key === 'string' ? key : symbolName(key)
    if (step === undefined || step === 'constructor' || step === 'caller') continue
    const descriptor = Object.getOwnPropertyDescriptor(value, key)
    if (descriptor === undefined || isAdded(path, step, descriptor)) continue
    if (descriptor.get !== undefined)
      registerFunction(descriptor.get, [...path, `get ${step}`], found)
    if (descriptor.set !== undefined)
      registerFunction(descriptor.set, [...path, `set ${step}`], found)
    const member: unknown = descriptor.value
    if (typeof member === 'function') registerFunction(member, [...path, step], found)
    else if (path[0] !== 'process') register(member, [...path, step], found)
  }
}

/** Members of the language's objects that users or Node set, or that are enumerable. */
const userSettable: ReadonlySet<string> = new Set(['prepareStackTrace', 'stackTraceLimit'])

/**
 * Whether a member of an object of the language was added by a user: the language's own are native and
 * not enumerable.
 */
function isAdded(path: readonly string[], key: string, descriptor: PropertyDescriptor): boolean {
  if (!languageNameSet.has(path[0]!) || path[0] === 'WebAssembly') return false
  if (userSettable.has(key) || path.at(-1) === '@@unscopables') return false
  const { enumerable, value, get } = descriptor as PropertyDescriptor & { get?: Function }
  if (enumerable === true) return true
  return (typeof value === 'function' && !isNative(value)) || (get !== undefined && !isNative(get))
}

/**
 * Returns the part of a path up to the first member that a user added to an object of the language, in the
 * context of a global object.
 */
export function addedByUser(
  path: readonly string[],
  global: object,
): readonly string[] | undefined {
  if (!languageNameSet.has(path[0]!) || !isStandardGlobal(path[0]!, global)) return undefined
  let value: unknown = Reflect.get(global, path[0]!)
  for (let i = 1; i < path.length; i++) {
    if ((typeof value !== 'object' && typeof value !== 'function') || value === null) break
    const descriptor = Object.getOwnPropertyDescriptor(value, path[i]!)
    if (descriptor === undefined) break
    if (isAdded(path.slice(0, i), path[i]!, descriptor)) return path.slice(0, i + 1)
    value = descriptor.value
  }
  return undefined
}

/**
 * Registers a function. Functions that users added to an object of the language are not intrinsics,
 * unless they are native.
 */
function registerFunction(
  fn: Function,
  path: readonly string[],
  found: Map<unknown, readonly string[]>,
): void {
  const ofNode = nodeNameSet.has(path[0]!)
  if (ofNode || isNative(fn)) register(fn, path, found)
}

const languageNameSet: ReadonlySet<string> = new Set(languageNames.split(' '))
const nodeNameSet: ReadonlySet<string> = new Set(nodeNames.split(' '))

function symbolName(symbol: symbol): string | undefined {
  const name = symbol.description ?? ''
  return name.startsWith('Symbol.') && symbolOf(`@@${name.slice(7)}`) === symbol
    ? `@@${name.slice(7)}`
    : undefined
}

function symbolOf(step: string): symbol | undefined {
  if (!step.startsWith('@@')) return undefined
  return (Symbol as unknown as Record<string, symbol | undefined>)[step.slice(2)]
}
