/**
 * Intrinsics: values that every thread of every process has, such as the globals of the language and of
 * Node and everything reachable from them. They are sent as their path, `['Array', 'prototype',
 * 'map']`.
 */
import { types } from 'node:util'

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

/** Values that the language's standard names, but that have no global. */
const unnamedIntrinsics: Readonly<Record<string, () => unknown>> = {
  '%AsyncFunction%': () => (async () => {}).constructor,
  '%GeneratorFunction%': () => function* () {}.constructor,
  '%AsyncGeneratorFunction%': () => async function* () {}.constructor,
  '%TypedArray%': () => Object.getPrototypeOf(Uint8Array),
  '%IteratorPrototype%': () =>
    Object.getPrototypeOf(Object.getPrototypeOf([][Symbol.iterator]())) as object,
  '%ArrayIteratorPrototype%': () => Object.getPrototypeOf([][Symbol.iterator]()) as object,
  '%MapIteratorPrototype%': () => Object.getPrototypeOf(new Map().keys()) as object,
  '%SetIteratorPrototype%': () => Object.getPrototypeOf(new Set().keys()) as object,
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
  return paths.get(value) ?? onDemandPath(value, paths)
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
  const create = unnamedIntrinsics[path[0] ?? '']
  if (create !== undefined) {
    value = create()
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
    if (value === undefined)
      throw new Error(`This version of Node (${process.version}) has no ${path.join('.')}`)
  }
  return value
}

/** Whether a global has its standard value in this thread, so that it need not be sent. */
export function isStandardGlobal(name: string): boolean {
  if (!globalNames.has(name)) return false
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
  for (const [name, create] of Object.entries(unnamedIntrinsics)) register(create(), [name], found)
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

/** Returns the part of a path up to the first member that a user added to an object of the language. */
export function addedByUser(path: readonly string[]): readonly string[] | undefined {
  if (!languageNameSet.has(path[0]!) || !isStandardGlobal(path[0]!)) return undefined
  let value: unknown = (globalThis as Record<string, unknown>)[path[0]!]
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
